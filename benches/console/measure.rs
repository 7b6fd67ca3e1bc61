//! What is measured, one after the other, in one run of the console.

use std::time::{Duration, Instant};

use vt100::Screen;

use crate::journal::{Ground, Size};
use crate::process::Process;
use crate::table::Table;
use crate::terminal::{SIZE, Terminal};
use crate::{Result, finding, go_on, sink};

pub const ESC: &str = "\x1b";
const PAGE_DOWN: &str = "\x1b[6~";
const PAGE_UP: &str = "\x1b[5~";

/// Deliveries a second while keys are pressed.
const TRAFFIC: usize = 200;
/// Deliveries a second while the console's share of the processor is measured.
const LOADS: [usize; 2] = [1_000, 4_000];
/// Rates and sparklines of the last minute have something to move until then.
const FADED: Duration = Duration::from_secs(70);

/// Measures everything.
pub fn all(table: &mut Table, size: Size, quick: bool) -> Result<()> {
    let ground = Ground::lay(sink::start()?)?;
    let begun = Instant::now();
    ground.fill(size)?;
    eprintln!(
        "a journal of {} deliveries and {} dead letters, {} MB, made in {:.0} s; terminal of {}x{}",
        size.delivered,
        size.dead,
        ground.bytes() / 1_000_000,
        begun.elapsed().as_secs_f64(),
        SIZE.0,
        SIZE.1
    );
    first_paint(table, &ground)?;
    let mut terminal = Terminal::start(ground.root())?;
    terminal.wait("the dead letters", |screen| has_rows(screen, "4 Dead letters"))?;
    let process = Process(terminal.pid().ok_or("the console has no process id")?);
    {
        let _stream = ground.stream(TRAFFIC)?;
        terminal.wait("a running delivery", |screen| screen.contents().contains("live.event"))?;
        keys(table, &mut terminal)?;
        pages(table, &mut terminal, if quick { 40 } else { 200 })?;
        finding::filters(table, &mut terminal)?;
        finding::counting(table, &mut terminal)?;
    }
    let over = Duration::from_secs(if quick { 3 } else { 10 });
    for load in LOADS {
        let _stream = ground.stream(load)?;
        pause(Duration::from_secs(2))?;
        let [console, whole] = pair(process.share(over)?);
        table.line(&format!("processor, console at {load}/s"), console, "% of a core", Some(50.0));
        table.line("  the whole process", whole, "% of a core", None);
    }
    let [memory, most] = pair(process.memory());
    table.line("memory after all of this", memory, "MB", Some(100.0));
    table.line("  at its most", most, "MB", None);
    pause(FADED)?;
    let [_, idle] = pair(process.share(over * 2)?);
    table.line("processor, nothing changing", idle, "% of a core", Some(1.0));
    Ok(())
}

/// From the start of the program to its panes, and to the rows in them.
fn first_paint(table: &mut Table, ground: &Ground) -> Result<()> {
    let (mut panes, mut rows) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let terminal = Terminal::start(ground.root())?;
        let seen = terminal.wait("the panes", |screen| screen.contents().contains("4 Dead letters"))?;
        panes.push(seen.saturating_duration_since(terminal.started));
        let seen = terminal.wait("the rows", |screen| {
            ["2 Endpoints", "3 Deliveries", "4 Dead letters"].iter().all(|title| has_rows(screen, title))
        })?;
        rows.push(seen.saturating_duration_since(terminal.started));
    }
    table.times("start to first paint", &panes, 200.0);
    table.times("start to rows in every pane", &rows, 200.0);
    Ok(())
}

/// Keys that change what the screen shows, each several times.
fn keys(table: &mut Table, terminal: &mut Terminal) -> Result<()> {
    let shows = |text: &'static str| move |screen: &Screen| screen.contents().contains(text);
    let lacks = |text: &'static str| move |screen: &Screen| !screen.contents().contains(text);
    let mut focus = Vec::new();
    let mut others = Vec::new();
    let (mut inspected, mut palette) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        for (key, title) in
            [("2", "2 Endpoints"), ("3", "3 Deliveries"), ("5", "5 Events"), ("6", "6 Log"), ("4", "4 Dead")]
        {
            focus.push(terminal.answer(key, move |screen| has_focus(screen, title))?);
        }
        others.push(terminal.answer("?", shows("┏━ Help"))?);
        others.push(terminal.answer(ESC, lacks("┏━ Help"))?);
        others.push(terminal.answer("z", lacks("1 Queue"))?);
        others.push(terminal.answer("z", shows("1 Queue"))?);
        others.push(terminal.answer("t", lacks("AGE↓"))?);
        others.push(terminal.answer("t", shows("UTC↓"))?);
        others.push(terminal.answer("t", shows("AGE↓"))?);
        for key in ["j", "j", "k", "j"] {
            others.push(step(terminal, key)?);
        }
        palette.push(terminal.answer(":", shows("┏━ Actions"))?);
        palette.push(terminal.answer(ESC, lacks("┏━ Actions"))?);
        inspected.push(terminal.answer("\r", shows("fresh tries"))?);
        inspected.push(terminal.answer(ESC, lacks("fresh tries"))?);
    }
    table.times("a key: another pane", &focus, 50.0);
    table.times("a key: row, help, zoom, times", &others, 50.0);
    table.times("a key: palette and back", &palette, 50.0);
    table.times("a key: inspect and back", &inspected, 50.0);
    Ok(())
}

/// Pages of the dead letters, and both ends of the list.
fn pages(table: &mut Table, terminal: &mut Terminal, pages: usize) -> Result<()> {
    terminal.answer("z", |screen| !screen.contents().contains("1 Queue"))?;
    let mut ends = Vec::new();
    let mut turns = Vec::new();
    for _ in 0..pages {
        turns.push(page(terminal, PAGE_DOWN)?);
    }
    for _ in 0..pages / 2 {
        turns.push(page(terminal, PAGE_UP)?);
    }
    for _ in 0..5 {
        ends.push(page(terminal, "G")?);
        for _ in 0..5 {
            turns.push(page(terminal, PAGE_UP)?);
        }
        ends.push(page(terminal, "g")?);
        turns.push(page(terminal, PAGE_DOWN)?);
    }
    terminal.answer("z", |screen| screen.contents().contains("1 Queue"))?;
    table.times("page down and up", &turns, 100.0);
    table.times("first and last row (g, G)", &ends, 100.0);
    Ok(())
}

/// Another row is selected.
fn step(terminal: &mut Terminal, key: &str) -> Result<Duration> {
    let before = terminal.look(marked);
    terminal.answer(key, move |screen| marked(screen).is_some_and(|row| Some(row) != before))
}

/// A whole other page is there: the row that was selected has left the screen, another one is selected.
pub fn page(terminal: &mut Terminal, key: &str) -> Result<Duration> {
    let before = terminal.look(marked).ok_or("no row is selected")?;
    terminal.answer(key, move |screen| {
        let rows = screen.contents();
        marked(screen).is_some() && !rows.contains(&before)
    })
}

/// What tells the selected row from all others: the number of its build.
pub fn marked(screen: &Screen) -> Option<String> {
    let contents = screen.contents();
    let line = contents.lines().filter(|line| line.contains('▌')).find(|line| line.contains("no such build"))?;
    line.split("no such build ").nth(1).map(|rest| rest.chars().take(8).collect())
}

/// The pane with this title has the heavy border.
fn has_focus(screen: &Screen, title: &str) -> bool {
    screen.contents().lines().any(|line| line.contains(&format!("┏━ {title}")))
}

/// The pane with this title has something in its second line (the first holds the heads).
fn has_rows(screen: &Screen, title: &str) -> bool {
    let contents = screen.contents();
    let below = contents.lines().skip_while(|line| !line.contains(title)).nth(2);
    let inside = below.and_then(|line| line.trim_end().trim_end_matches(['│', '┃']).rsplit(['│', '┃']).next());
    inside.is_some_and(|row| row.contains(char::is_alphanumeric))
}

pub fn pause(time: Duration) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < time {
        go_on()?;
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn pair<T>(both: Option<[T; 2]>) -> [Option<T>; 2] {
    both.map_or([None, None], |[one, other]| [Some(one), Some(other)])
}
