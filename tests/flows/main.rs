//! Flows through the console: the real loop on a journal, an engine and a receiver, driven by keys and read off the screen.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails there and then")]

#[path = "../support/mod.rs"]
mod support;

mod many;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use hooktui::config::{Env, Personal};
use hooktui::journal::Actor;
use hooktui::tui::app::{App, Look};
use hooktui::tui::desk::{Desk, Setting};
use hooktui::tui::effects::Alert;
use hooktui::tui::run_loop::{self, Screen};
use ratatui::Terminal;
use ratatui::backend::{Backend, ClearType, TestBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use support::project::Project;
use support::receiver::{Answer, Receiver};
use support::{PATIENCE, wait_until};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_stream::Stream;

/// A project with one endpoint, `ci`, that delivers to a receiver.
struct Stage {
    receiver: Receiver,
    project: Project,
}

impl Stage {
    fn with(receiver: Receiver) -> Self {
        let project = Project::new(&file(&receiver, "retry: {max_attempts: 1}, circuit: {enabled: false}"));
        Self { receiver, project }
    }

    fn refusing() -> Self {
        Self::with(Receiver::scripted(|_| Answer::status(422)))
    }

    fn emit(&self, message: &str) {
        self.project.ok(&["emit", "agent.error", "-m", message]);
    }

    fn console(&self) -> Console {
        Console::open(&self.project)
    }
}

fn file(receiver: &Receiver, rules: &str) -> String {
    let url = receiver.url("/hook");
    format!("webhooks:\n  - {{name: ci, url: \"{url}\"}}\nhooktui:\n  webhooks:\n    - {{name: ci, {rules}}}\n")
}

/// A console on a screen of 120x36 and the keys to it.
struct Console {
    keys: Option<UnboundedSender<io::Result<Event>>>,
    shown: Arc<Mutex<String>>,
    frames: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Console {
    fn open(project: &Project) -> Self {
        Self::to_taste(project, Personal::default())
    }

    /// A console of somebody with a file of their own.
    fn to_taste(project: &Project, taste: Personal) -> Self {
        Self::open_after(project, taste, Vec::new())
    }

    /// A console that finds all this when it begins to listen.
    fn open_after(project: &Project, taste: Personal, events: Vec<Event>) -> Self {
        let (keys, input) = unbounded_channel();
        for event in events {
            keys.send(Ok(event)).unwrap();
        }
        let (shown, frames) = (Arc::default(), Arc::default());
        let backend = TestBackend::new(120, 36);
        let glass = Glass { backend, shown: Arc::clone(&shown), frames: Arc::clone(&frames) };
        let screen = Stand { terminal: Terminal::new(glass).unwrap(), input: Some(input) };
        let project = hooktui::config::Project::at(&project.root());
        let thread = std::thread::spawn(move || run(screen, project, taste));
        Self { keys: Some(keys), shown, frames, thread: Some(thread) }
    }

    /// Presses keys one after the other: `"4"`, `"Enter"`, `"Ctrl-c"`.
    fn press(&self, keys: &str) -> &Self {
        for name in keys.split(' ') {
            let (modifiers, name) = match name.strip_prefix("Ctrl-") {
                Some(name) => (KeyModifiers::CONTROL, name),
                None => (KeyModifiers::NONE, name),
            };
            let code = match name {
                "Enter" => KeyCode::Enter,
                "Esc" => KeyCode::Esc,
                "Tab" => KeyCode::Tab,
                "Space" => KeyCode::Char(' '),
                one => KeyCode::Char(one.chars().next().unwrap()),
            };
            let event = Event::Key(KeyEvent::new(code, modifiers));
            self.keys.as_ref().unwrap().send(Ok(event)).unwrap();
        }
        self
    }

    /// Waits until the selected row says this.
    #[track_caller]
    fn selects(&self, text: &str) -> &Self {
        let is_selected = |screen: &str| screen.lines().any(|line| line.contains('▌') && line.contains(text));
        wait_until(&format!("{text} is selected"), || is_selected(&self.screen()));
        self
    }

    /// Types text, blanks too.
    fn types(&self, text: &str) -> &Self {
        for one in text.chars() {
            let event = Event::Key(KeyEvent::new(KeyCode::Char(one), KeyModifiers::NONE));
            self.keys.as_ref().unwrap().send(Ok(event)).unwrap();
        }
        self
    }

    /// Waits until the screen shows this.
    #[track_caller]
    fn sees(&self, text: &str) -> &Self {
        self.waits(text, true)
    }

    /// Waits until the screen no longer shows this.
    #[track_caller]
    fn sees_no(&self, text: &str) -> &Self {
        self.waits(text, false)
    }

    #[track_caller]
    fn waits(&self, text: &str, there: bool) -> &Self {
        let deadline = std::time::Instant::now() + PATIENCE;
        while self.screen().contains(text) != there {
            let not = if there { "" } else { "no " };
            assert!(std::time::Instant::now() < deadline, "waited in vain for {not}{text:?}:\n{}", self.screen());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        self
    }

    fn screen(&self) -> String {
        self.shown.lock().unwrap().clone()
    }

    /// Waits until the console has ended.
    #[track_caller]
    fn ends(mut self) {
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Console {
    /// The terminal goes away: the console ends by itself.
    fn drop(&mut self) {
        self.keys = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(screen: Stand, project: hooktui::config::Project, taste: Personal) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let zone = jiff::tz::TimeZone::UTC;
        let look = Look::full(zone);
        let actor = Actor("amy@test".to_owned());
        let size = Size { width: 120, height: 36 };
        let app = App::new(look, Some(Desk::ground(&project)), project.root.clone(), actor.clone(), size, 0);
        let app = app.with_taste(taste);
        let setting = Setting { project, env: Env::Fixed(BTreeMap::new()), actor };
        let mut console = run_loop::Console::open(app, screen, setting, "").unwrap();
        console.run().await.unwrap();
    });
}

/// A screen that can be read from another thread.
struct Glass {
    backend: TestBackend,
    shown: Arc<Mutex<String>>,
    frames: Arc<AtomicUsize>,
}

impl Backend for Glass {
    type Error = Infallible;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> Result<(), Infallible> {
        self.backend.draw(content)
    }
    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.backend.hide_cursor()
    }
    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.backend.show_cursor()
    }
    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        self.backend.get_cursor_position()
    }
    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.backend.set_cursor_position(position)
    }
    fn clear(&mut self) -> Result<(), Infallible> {
        self.backend.clear()
    }
    fn clear_region(&mut self, region: ClearType) -> Result<(), Infallible> {
        self.backend.clear_region(region)
    }
    fn size(&self) -> Result<Size, Infallible> {
        self.backend.size()
    }
    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        self.backend.window_size()
    }
    fn flush(&mut self) -> Result<(), Infallible> {
        self.frames.fetch_add(1, Ordering::SeqCst);
        let buffer = self.backend.buffer();
        let line = |y: u16| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>() + "\n";
        *self.shown.lock().unwrap() = (0..buffer.area.height).map(line).collect();
        self.backend.flush()
    }
}

/// The terminal of a test.
struct Stand {
    terminal: Terminal<Glass>,
    input: Option<UnboundedReceiver<io::Result<Event>>>,
}

impl Screen for Stand {
    type Backend = Glass;
    type Input = Keys;

    fn terminal(&mut self) -> &mut Terminal<Glass> {
        &mut self.terminal
    }
    fn input(&mut self) -> Keys {
        Keys(self.input.take().expect("nobody else has had the terminal"))
    }
    fn enter(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn leave(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn copy(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn alert(&mut self, _: &Alert) -> io::Result<()> {
        Ok(())
    }
    fn mouse(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }
}

struct Keys(UnboundedReceiver<io::Result<Event>>);

impl Stream for Keys {
    type Item = io::Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}

#[test]
fn a_thousand_sizes_at_once_are_not_a_thousand_frames() {
    let stage = Stage::with(Receiver::good());
    let sizes = (0..1_000).map(|at| Event::Resize(40 + at % 160, 10 + at % 50));
    let sizes = sizes.chain([Event::Resize(120, 36)]).collect();
    let console = Console::open_after(&stage.project, Personal::default(), sizes);
    console.sees("● dispatching").sees("4 Dead letters");
    let frames = console.frames.load(Ordering::SeqCst);
    assert!(frames < 100, "{frames} frames");
}

#[test]
fn a_dead_letter_is_retried_with_a_key() {
    let stage = Stage::refusing();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("boom");
    // The Deliveries pane says the same words, and may say them first: the cursor is in the row of pane 4.
    console.press("4").sees("┃▌").sees("permanent: 422");
    stage.receiver.script(|_| Answer::status(200));
    console.press("r").sees("retried").sees("Nothing has died").sees("✓ 200");
    assert_eq!(stage.receiver.count(), 2);
}

#[test]
fn a_dead_letter_is_retried_with_a_key_of_ones_own_and_a_conflict_is_told() {
    let stage = Stage::refusing();
    let file = stage.project.root().join("mine.yaml");
    std::fs::write(&file, "keys: {dead letters: {retry: Ctrl-r}, lists: {follow: q, freeze: c}}\n").unwrap();
    let console = Console::to_taste(&stage.project, Personal::read(&file));
    console.sees("● dispatching").sees("mine.yaml:1:66: keys.lists.freeze: `c` is clear in dead letters");
    stage.emit("boom");
    console.press("Esc").sees_no("mine.yaml").press("4").sees("┃▌").sees("permanent: 422").sees("Ctrl-r retry");
    stage.receiver.script(|_| Answer::status(200));
    console.press("r Ctrl-r").sees("retried").sees("Nothing has died");
    assert_eq!(stage.receiver.count(), 2);
}

#[test]
fn the_palette_finds_an_action_and_does_it() {
    let stage = Stage::with(Receiver::good());
    let console = stage.console();
    console.sees("● dispatching").press("2").sees("● closed");
    console.press(":").sees("type what you want to do").press("o p e n Space i t").sees("Trip the circuit (asks)");
    console.press("Enter").sees("Trip the circuit of ci?").press("Enter y").sees("○ open").sees("tripped");
    console.press(": r e s e t Enter").sees("● closed").sees("reset: the circuit is closed");
    console.press(": Enter").sees("reset: the circuit is closed").sees_no("┏━ Actions");
    console.press(": Esc").sees_no("┏━ Actions");
}

#[test]
fn what_is_cleared_comes_back_with_undo() {
    let stage = Stage::refusing();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("boom");
    // The Deliveries pane says the same words, and may say them first: the cursor is in the row of pane 4.
    console.press("4").sees("┃▌").sees("permanent: 422");
    console.press("c").sees("Clear 1 dead letter?").press("y").sees("1 dead letter cleared").sees("Nothing has died");
    console.press("u").sees("undone: clear 1 dead letter").sees("permanent: 422");
    assert_eq!(stage.receiver.count(), 1, "nothing was sent again");
}

#[test]
fn clearing_many_takes_the_number_and_only_what_was_counted() {
    let stage = Stage::refusing();
    let lines: Vec<String> = (0..51).map(|at| format!("{{\"id\": \"e{at}\", \"type\": \"agent.error\"}}")).collect();
    let console = stage.console();
    console.sees("● dispatching");
    assert!(stage.project.feed(&["emit", "--stdin"], &lines.join("\n")).status.success());
    console.press("4").sees("dead 51");
    console.press("C").sees("Clear 51 dead letters?").sees("51  ci");
    console.press("y").sees("type the number first");
    stage.emit("one more");
    console.sees("dead 52").press("5 1 y").sees("51 dead letters cleared").sees("dead 1 ");
    console.press("u").sees("Undo: clear 51 dead letters").press("y").sees("dead 52");
}

#[test]
fn a_paused_endpoint_holds_until_it_is_resumed() {
    let stage = Stage::with(Receiver::good());
    let console = stage.console();
    console.sees("● dispatching").press("2").sees("closed").press("p").sees("× paused");
    console.sees("every endpoint is paused");
    stage.emit("held");
    console.sees("queue 1");
    assert_eq!(stage.receiver.count(), 0);
    console.press("p").sees("✓ 200").sees_no("every endpoint is paused");
    assert_eq!(stage.receiver.count(), 1);
}

#[test]
fn what_waits_is_cancelled_after_a_question() {
    let stage = Stage::with(Receiver::good());
    let console = stage.console();
    console.sees("● dispatching").press("2").sees("closed").press("p").sees("× paused");
    stage.emit("held");
    console
        .press("3")
        .sees("FOLLOW   1 ")
        .sees_no("Deliveries as they happen")
        .press("j x")
        .sees("Cancel 1 waiting delivery?");
    console.press("Enter").sees("Cancel 1 waiting delivery?").press("y").sees("cancelled: by hand");
    assert_eq!(stage.receiver.count(), 0);
}

#[test]
fn a_reset_circuit_lets_deliveries_flow() {
    let receiver = Receiver::scripted(|_| Answer::status(503));
    let project = Project::new(&file(
        &receiver,
        "retry: {base_delay: 1h, max_delay: 1h}, circuit: {failure_threshold: 1, cooldown: 1h, max_cooldown: 1h}",
    ));
    let stage = Stage { receiver, project };
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("boom");
    console.press("2").sees("○ open");
    stage.receiver.script(|_| Answer::status(200));
    console.press("o").sees("● closed");
}

#[test]
fn a_test_event_goes_out_after_a_question_and_moves_no_circuit() {
    let stage = Stage::with(Receiver::scripted(|_| Answer::status(500)));
    let console = stage.console();
    console.sees("● dispatching").press("2").sees("closed").press("i").sees("Send a test event to ci?");
    console.press("y").sees("ci: 500").sees("● closed");
    assert_eq!(stage.receiver.received()[0].json()["type"], "hooktui.test");
}

#[test]
fn a_delivery_is_sent_once_more() {
    let stage = Stage::with(Receiver::good());
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("hello");
    console.sees("✓ 200").press("3 j r").sees("one attempt goes now");
    stage.receiver.wait_for(2);
    console.press("j Enter").sees("attempt 2").press("Tab").sees("X-NTM").press("Esc").sees("3 Deliveries");
}

#[test]
fn who_dispatches_is_asked_before_leaving() {
    let stage = Stage::with(Receiver::good());
    let console = stage.console();
    console.sees("● dispatching").press("q").sees("nothing is delivered until hooktui runs again");
    console.press("n").sees_no("nothing is delivered until");
    console.press("q").sees("Quit?").press("y");
    console.ends();
}

#[test]
fn the_second_console_attaches_acts_and_takes_over() {
    let stage = Stage::refusing();
    let first = stage.console();
    first.sees("● dispatching");
    let second = stage.console();
    second.sees(&format!("attached to pid {}", std::process::id()));
    stage.emit("boom");
    second
        .press("4")
        .sees("permanent: 422")
        .press("c")
        .sees("Clear 1 dead letter?")
        .press("y")
        .sees("Nothing has died");
    first.sees("Nothing has died");
    first.press("Ctrl-c").sees("Quit?").press("Ctrl-c");
    first.ends();
    second.sees("● dispatching").press("u").sees("permanent: 422");
}

#[test]
fn a_broken_file_is_shown_with_its_line_until_it_is_mended() {
    let stage = Stage::with(Receiver::good());
    let console = stage.console();
    console.sees("● dispatching");
    let good = file(&stage.receiver, "retry: {max_attempts: 2}");
    stage.project.save(&format!("{good}      - nonsense: [\n"));
    console.sees("✗ line").sees(".ntm.yaml:").sees("not valid YAML").sees("● dispatching");
    stage.project.save(&good);
    console.sees(".ntm.yaml ✓").sees_no("not valid YAML");
}

#[test]
fn the_end_of_the_terminal_ends_the_console() {
    let stage = Stage::with(Receiver::good());
    let mut console = stage.console();
    console.sees("● dispatching");
    console.keys = None;
    console.ends();
    wait_until("the lock is free", || stage.project.dispatcher().is_none());
}

#[test]
fn a_filter_narrows_the_list_while_it_is_typed_and_esc_takes_it_off() {
    let stage = Stage::refusing();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("the disk is full");
    stage.emit("no route to host");
    console.press("4").sees("dead 2").types("/\"disk is").sees("the quote is not closed").types("\"");
    console
        .sees("4 Dead letters /\"disk is\"")
        .press("Enter j Enter Tab Tab Tab Tab")
        .sees("the disk is full")
        .press("Esc");
    console.types("/").press("Ctrl-u").types("state:delivered").sees("nothing matches state:delivered");
    console.press("Esc").sees_no("nothing matches").press("Esc").sees_no("/\"disk").sees("permanent: 422");
    console.types("/endpoint:").press("Tab").sees("endpoint:ci").sees("2 match").press("Enter");
}

#[test]
fn n_finds_the_next_match_in_the_whole_list_and_the_order_turns_round() {
    let stage = Stage::with(Receiver::good());
    let console = stage.console();
    console.sees("● dispatching");
    for kind in ["first.one", "second.one", "third.one"] {
        stage.project.ok(&["emit", kind]);
    }
    console.sees("FOLLOW   3 ").press("3").types("/type:first*").press("Enter").sees_no("FOLLOW   3 ");
    console.press("Esc").sees("FOLLOW   3 ").press("g").selects("third.one").press("n").selects("first.one");
    console.press("n").sees("there is no further match below").press("S").sees("oldest first").sees("AGE↑");
    console.press("g").selects("first.one").press("G").selects("third.one").press("f");
    console.sees("following means newest first");
}
