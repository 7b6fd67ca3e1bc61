//! A project with a receiver, and a console on it: the real loop on a journal and an engine, driven by keys and mouse.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use hooktui::config::{Env, Personal};
use hooktui::journal::Actor;
use hooktui::tui::app::{App, Look};
use hooktui::tui::desk::{Desk, Setting};
use hooktui::tui::run_loop;
use ratatui::layout::Size;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::glass::{Seen, Stand};
use crate::sight::{Sight, sees, sees_no, selects};
use crate::support::PATIENCE;
use crate::support::project::Project;
use crate::support::receiver::{Answer, Receiver};

/// A project with one endpoint, `ci`, that delivers to a receiver.
pub struct Stage {
    pub receiver: Receiver,
    pub project: Project,
}

impl Stage {
    /// One attempt each, no circuit.
    pub fn with(receiver: Receiver) -> Self {
        Self::by(receiver, "retry: {max_attempts: 1}, circuit: {failure_threshold: 1000}")
    }

    /// By these rules of the endpoint.
    pub fn by(receiver: Receiver, rules: &str) -> Self {
        let project = Project::new(&file(&receiver, rules));
        Self { receiver, project }
    }

    /// The receiver answers 200.
    pub fn good() -> Self {
        Self::with(Receiver::good())
    }

    /// The receiver refuses for good: what is emitted dies at once.
    pub fn refusing() -> Self {
        Self::with(Receiver::scripted(|_| Answer::status(422)))
    }

    /// Two endpoints that answer 200, `zeta` above `alpha` in the file.
    pub fn two() -> Self {
        let receiver = Receiver::good();
        let [zeta, alpha] = ["/zeta", "/alpha"].map(|path| receiver.url(path));
        let entries = format!("  - name: zeta\n    url: {zeta}\n  - name: alpha\n    url: {alpha}\n");
        Self { receiver, project: Project::new(&format!("webhooks:\n{entries}")) }
    }

    pub fn emit(&self, message: &str) {
        self.project.ok(&["emit", "agent.error", "-m", message]);
    }

    /// An event of this type; its id is the type.
    pub fn emit_kind(&self, kind: &str) {
        self.project.ok(&["emit", kind, "--id", kind]);
    }

    /// Lines of NDJSON.
    #[track_caller]
    pub fn feed(&self, lines: &[String]) {
        assert!(self.project.feed(&["emit", "--stdin"], &lines.join("\n")).status.success());
    }

    pub fn console(&self) -> Console {
        Opening::default().on(&self.project)
    }

    /// Writes a program into the project, for `$EDITOR` and `$PAGER`; its path.
    pub fn program(&self, name: &str, script: &str) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.project.root().join(name);
        // Not written by this process: a child of another test could hold the file open, and then nobody may run it.
        let written = std::process::Command::new("sh")
            .args(["-c", "printf '#!/bin/sh\\ncd \"${0%%/*}\"\\n%s\\n' \"$2\" > \"$1\"", "sh"])
            .arg(&path)
            .arg(script)
            .status();
        assert!(written.unwrap().success());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// The project's file: the endpoint `ci` with these rules.
pub fn file(receiver: &Receiver, rules: &str) -> String {
    let url = receiver.url("/hook");
    format!("webhooks:\n  - {{name: ci, url: \"{url}\"}}\nhooktui:\n  webhooks:\n    - {{name: ci, {rules}}}\n")
}

/// How a console is opened.
pub struct Opening {
    size: Size,
    taste: Personal,
    variables: BTreeMap<String, String>,
    first: Vec<Event>,
}

impl Default for Opening {
    /// On a screen of 120x36.
    fn default() -> Self {
        let size = Size { width: 120, height: 36 };
        Self { size, taste: Personal::default(), variables: BTreeMap::new(), first: Vec::new() }
    }
}

impl Opening {
    /// On a screen of 80x24.
    pub fn small() -> Self {
        Self::sized(80, 24)
    }

    pub fn sized(width: u16, height: u16) -> Self {
        Self { size: Size { width, height }, ..Self::default() }
    }

    /// Of somebody with a file of their own.
    pub fn taste(self, taste: Personal) -> Self {
        Self { taste, ..self }
    }

    /// With this variable in its environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// It finds all this when it begins to listen.
    pub fn after(self, first: Vec<Event>) -> Self {
        Self { first, ..self }
    }

    /// The console, opened.
    pub fn on(self, project: &Project) -> Console {
        let (keys, input) = unbounded_channel();
        for event in &self.first {
            keys.send(Ok(event.clone())).unwrap();
        }
        let seen = Arc::new(Mutex::new(Seen::default()));
        let screen = Stand::new(self.size, input, Arc::clone(&seen));
        let project = hooktui::config::Project::at(&project.root());
        let thread = std::thread::spawn(move || run(screen, project, self));
        Console { keys: Some(keys), seen, thread: Some(thread) }
    }
}

fn run(screen: Stand, project: hooktui::config::Project, opening: Opening) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let zone = jiff::tz::TimeZone::UTC;
        let look = Look::full(zone);
        let actor = Actor("amy@test".to_owned());
        let ground = project.file.exists().then(|| Desk::ground(&project));
        let app = App::new(look, ground, project.root.clone(), actor.clone(), opening.size, 0);
        let app = app.with_taste(opening.taste);
        let setting = Setting { project, env: Env::Fixed(opening.variables), actor };
        let mut console = run_loop::Console::open(app, screen, setting, crate::STARTER).unwrap();
        console.run().await.unwrap();
    });
}

/// A console, its screen, and the keys to it.
pub struct Console {
    keys: Option<UnboundedSender<io::Result<Event>>>,
    seen: Arc<Mutex<Seen>>,
    thread: Option<JoinHandle<()>>,
}

impl Console {
    /// Presses keys one after the other, spelled as the key table spells them: `"4"`, `"Enter"`, `"Ctrl-c"`.
    pub fn press(&self, keys: &str) -> &Self {
        for name in keys.split(' ') {
            let (modifiers, name) = match name.strip_prefix("Ctrl-") {
                Some(name) => (KeyModifiers::CONTROL, name),
                None => (KeyModifiers::NONE, name),
            };
            self.send(Event::Key(KeyEvent::new(code(name), modifiers)));
        }
        self
    }

    /// Types text, blanks too.
    pub fn types(&self, text: &str) -> &Self {
        for one in text.chars() {
            self.send(Event::Key(KeyEvent::new(KeyCode::Char(one), KeyModifiers::NONE)));
        }
        self
    }

    /// Pastes text.
    pub fn pastes(&self, text: &str) -> &Self {
        self.send(Event::Paste(text.to_owned()));
        self
    }

    /// Clicks at the first place that shows these words.
    #[track_caller]
    pub fn clicks(&self, words: &str) -> &Self {
        self.mouse(MouseEventKind::Down(MouseButton::Left), words)
    }

    /// Turns the wheel over the first place that shows these words, a notch.
    #[track_caller]
    pub fn wheels(&self, down: bool, words: &str) -> &Self {
        self.mouse(if down { MouseEventKind::ScrollDown } else { MouseEventKind::ScrollUp }, words)
    }

    #[track_caller]
    fn mouse(&self, kind: MouseEventKind, words: &str) -> &Self {
        self.sees(words);
        let screen = self.screen();
        let found = screen.lines().enumerate().find_map(|(y, line)| {
            let at = line.find(words)?;
            Some((u16::try_from(line[..at].chars().count()).unwrap(), u16::try_from(y).unwrap()))
        });
        let (column, row) = found.unwrap_or_else(|| panic!("{words:?} has gone:\n{screen}"));
        self.send(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
        self
    }

    fn send(&self, event: Event) {
        self.keys.as_ref().unwrap().send(Ok(event)).unwrap();
    }

    /// Waits until the screen shows this.
    #[track_caller]
    pub fn sees(&self, text: &str) -> &Self {
        self.awaits(sees(text))
    }

    /// Waits until the screen no longer shows this.
    #[track_caller]
    pub fn sees_no(&self, text: &str) -> &Self {
        self.awaits(sees_no(text))
    }

    /// Waits until the selected row says this.
    #[track_caller]
    pub fn selects(&self, text: &str) -> &Self {
        self.awaits(selects(text))
    }

    /// Waits until this can be seen.
    #[track_caller]
    pub fn awaits(&self, sight: Sight<'_>) -> &Self {
        let Sight { what, holds } = sight;
        let deadline = std::time::Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(std::time::Instant::now() < deadline, "waited in vain: {what}\n{}", self.screen());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        self
    }

    /// The text on the screen.
    pub fn screen(&self) -> String {
        self.seen().text()
    }

    /// What the terminal shows and has been told.
    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    /// It has ended by itself.
    pub fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// The terminal goes away.
    pub fn hang_up(&mut self) -> &Self {
        self.keys = None;
        self
    }

    /// Waits until the console has ended.
    #[track_caller]
    pub fn ends(mut self) {
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

fn code(name: &str) -> KeyCode {
    match name {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "S-Tab" => KeyCode::BackTab,
        "Space" => KeyCode::Char(' '),
        "PgDn" => KeyCode::PageDown,
        "PgUp" => KeyCode::PageUp,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "↓" => KeyCode::Down,
        "↑" => KeyCode::Up,
        one => {
            let mut all = one.chars();
            let first = all.next().unwrap();
            assert_eq!(all.next(), None, "{one} is no key that flows know");
            KeyCode::Char(first)
        }
    }
}
