//! Filters, and what an act on all dead letters would change.

use std::time::Duration;

use vt100::Screen;

use crate::Result;
use crate::measure::{ESC, page, pause};
use crate::table::Table;
use crate::terminal::Terminal;

/// A filter, and what each row that it leaves must have in it. The bar is for filters by indexed fields.
struct Case {
    pane: &'static str,
    filter: &'static str,
    fits: fn(&str) -> bool,
}

const CASES: &[Case] = &[
    Case { pane: "4", filter: "endpoint:slack", fits: |row| row.contains("slack.built") },
    Case { pane: "4", filter: "age:<1h", fits: |row| !is_hours(row) },
    Case { pane: "4", filter: "age:>5h", fits: |row| row.contains(" 5h ") || row.contains(" 6h ") },
    Case { pane: "3", filter: "endpoint:slack", fits: |row| row.contains("slack.built") },
    Case { pane: "3", filter: "state:dead", fits: |row| row.contains("no such build") },
    Case { pane: "3", filter: "state:held", fits: |row| row.contains("nothing matches") || is_about_filters(row) },
    Case { pane: "3", filter: "id:evt-00000022", fits: |row| row.contains("evt-00000022") },
];

/// From the last key of a filter to its rows. The last row was selected before, so that nothing that
/// is on the screen then can pass for an answer.
pub fn filters(table: &mut Table, terminal: &mut Terminal) -> Result<()> {
    for case in CASES {
        let title = if case.pane == "3" { "┏━ 3 Deliveries" } else { "┏━ 4 Dead letters" };
        terminal.press(case.pane)?;
        terminal.wait("the pane", |screen| screen.contents().contains(title))?;
        terminal.answer("z", |screen| !screen.contents().contains("1 Queue"))?;
        let (head, last) = case.filter.split_at(case.filter.len() - 1);
        let mut there = Vec::new();
        for _ in 0..5 {
            terminal.press("G")?;
            pause(Duration::from_millis(300))?;
            let before = terminal.look(rows);
            terminal.press("/")?;
            terminal.wait("the filter line", |screen| screen.contents().contains("Enter keep"))?;
            terminal.press(head)?;
            terminal.wait("what was typed", |screen| screen.contents().contains(&format!(" /{head}")))?;
            // Words that are not finished filter too.
            pause(Duration::from_millis(400))?;
            let title = format!("{title} /{}", case.filter);
            there.push(terminal.answer(last, |screen| {
                let rows = rows(screen);
                screen.contents().contains(&title)
                    && rows != before
                    && !rows.is_empty()
                    && rows.iter().all(|row| (case.fits)(row))
            })?);
            terminal.answer(ESC, |screen| !screen.contents().contains(&title))?;
        }
        terminal.answer("z", |screen| screen.contents().contains("1 Queue"))?;
        let rows_of = if case.pane == "3" { "deliveries" } else { "dead letters" };
        table.times(&format!("filter {rows_of} {}", case.filter), &there, 100.0);
    }
    Ok(())
}

/// All dead letters are marked, and what retrying them would do is counted and asked about.
pub fn counting(table: &mut Table, terminal: &mut Terminal) -> Result<()> {
    let shows = |text: &'static str| move |screen: &Screen| screen.contents().contains(text);
    let lacks = |text: &'static str| move |screen: &Screen| !screen.contents().contains(text);
    terminal.press("4")?;
    terminal.wait("the pane", shows("┏━ 4 Dead letters"))?;
    terminal.answer("z", lacks("1 Queue"))?;
    let (mut marking, mut asking) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        marking.push(terminal.answer("*", shows("all marked"))?);
        asking.push(terminal.answer("r", shows("┏━ Retry "))?);
        terminal.answer(ESC, lacks("┏━ Retry "))?;
        terminal.answer(ESC, lacks("all marked"))?;
    }
    // Under a filter every row is looked at.
    terminal.press("/")?;
    terminal.wait("the filter line", shows("Enter keep"))?;
    terminal.press("age:>1m")?;
    terminal.wait("the filter", shows("4 Dead letters /age:>1m"))?;
    terminal.answer("\r", lacks("Enter keep"))?;
    let (mut looking, mut meanwhile) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        terminal.answer("*", shows("all marked"))?;
        looking.push(terminal.answer("r", shows("┏━ Retry "))?);
        terminal.answer(ESC, lacks("┏━ Retry "))?;
        // Rows are asked for right after the count.
        meanwhile.push(page(terminal, "rG")?);
        terminal.wait("the question", shows("┏━ Retry "))?;
        terminal.answer(ESC, lacks("┏━ Retry "))?;
        terminal.answer(ESC, lacks("all marked"))?;
        page(terminal, "g")?;
    }
    terminal.answer("z", shows("1 Queue"))?;
    terminal.answer(ESC, lacks("/age:>1m"))?;
    table.times("a key: * marks all dead letters", &marking, 50.0);
    table.line_of("  r counts them by endpoint and cause, and asks", &asking);
    table.line_of("  the same of all that a filter finds", &looking);
    table.times("  the last row (G) while that is counted", &meanwhile, 100.0);
    Ok(())
}

/// The rows inside the border of the zoomed pane, without the heads.
fn rows(screen: &Screen) -> Vec<String> {
    let contents = screen.contents();
    let inside =
        contents.lines().filter_map(|line| line.strip_prefix('┃')).map(|line| line.trim_end_matches(['┃', ' ']));
    inside.filter(|line| !line.trim().is_empty() && !line.contains("ENDPOINT ")).map(str::to_owned).collect()
}

fn is_hours(row: &str) -> bool {
    row.split_whitespace().find(|word| *word != "▌").is_some_and(|age| age.ends_with('h'))
}

fn is_about_filters(row: &str) -> bool {
    row.contains("takes the filter off")
}
