//! Attempts as a waterfall to one scale, and what was different from one to the next.

use crate::event::{Outcome, Trigger};
use crate::journal::{AttemptDetail, DeliveryDetail};
use crate::present::clock::Times;
use crate::present::diff::{self, Change};
use crate::present::{escape, figures, fit, result};

use super::super::app::App;
use super::super::theme::Tone;
use super::{Inspector, Line, page};

/// Cells before the bars but for the time: try, how long, and blanks.
const BEFORE: usize = 4 + 2 + 2 + 7 + 2;
/// Cells of a time of today, as the person's clock shows it.
const TIME: usize = 8;
/// Cells kept for the result.
const RESULT: usize = 30;
/// Narrower bars than this say nothing.
const LEAST: usize = 12;
/// Before the lines of a difference.
const INDENT: &str = "      ";
/// Changes with every answer and says nothing.
const CLOCK: &str = "date";

/// All attempts, oldest first, each with its bar and what was different.
pub fn all(app: &App, inspector: &Inspector, detail: &DeliveryDetail, width: usize) -> Vec<Line> {
    if detail.attempts.is_empty() {
        return vec![vec![("No attempt has been made yet.".to_owned(), Tone::Faint)]];
    }
    let mut lines = waterfall(app, inspector, &detail.attempts, width).into_iter();
    let mut all: Vec<Line> = lines.next().into_iter().collect();
    let mut before: Option<&AttemptDetail> = None;
    for (line, one) in lines.zip(&detail.attempts) {
        all.push(line);
        if let Some(before) = before {
            all.extend(differences(before, one, width));
        }
        before = Some(one);
    }
    let [name, waiting, reading] = app.look.lines.bar;
    let legend =
        format!("{name} name resolution   {waiting} connecting and waiting for the first byte   {reading} reading");
    all.push(Vec::new());
    all.push(vec![(legend, Tone::Faint)]);
    if detail.attempts.len() > 1 {
        all.push(vec![("[ ] choose the attempt that Request and Response show".to_owned(), Tone::Faint)]);
    }
    all
}

/// The head with the scale, and a line for each attempt.
pub fn waterfall(app: &App, inspector: &Inspector, attempts: &[AttemptDetail], width: usize) -> Vec<Line> {
    let longest = attempts.iter().filter_map(|one| one.row.duration_us).max().unwrap_or(0).max(1);
    // With a date, or in UTC, a time is longer; one that is cut tells nothing.
    let time = attempts.iter().map(|one| fit::width(&when(app, one))).max().unwrap_or(0).max(TIME);
    let before = BEFORE + time;
    let bars = Some(width.saturating_sub(before + RESULT + 2).min(60)).filter(|bars| *bars >= LEAST);
    let mut head = format!("{}  {}  {}  ", fit::right("ATT", 4), fit::left("WHEN", time), fit::right("TOOK", 7));
    if let Some(bars) = bars {
        head.push_str(&scale(longest, bars));
        head.push_str("  ");
    }
    head.push_str("RESULT");
    let mut lines = vec![vec![(head, Tone::Faint)]];
    let room = width.saturating_sub(before + bars.map_or(0, |bars| bars + 2));
    let columns = Columns { time, bars, room };
    let chosen = inspector.attempt().map(|one| one.row.number);
    for one in attempts {
        let marker = if chosen == Some(one.row.number) && attempts.len() > 1 { app.look.lines.marker } else { " " };
        lines.push(attempt(app, one, marker, longest, &columns));
    }
    lines
}

/// Of a millisecond, in microseconds.
const TENTH: u64 = 100;

/// `0       50ms     100ms`, each figure where its time is in a bar.
fn scale(longest: u64, cells: usize) -> String {
    let powers = std::iter::successors(Some(1_u64), |power| power.checked_mul(10));
    // Figures tell tenths of a millisecond: finer steps would have equal ones.
    let steps =
        powers.flat_map(|power| [1, 2, 5].map(|digit| power.saturating_mul(digit))).filter(|step| *step >= TENTH);
    let most = u64::try_from(cells / 10).unwrap_or(1).max(1);
    let step = steps.into_iter().find(|step| longest / step <= most).unwrap_or(longest);
    let mut text = "0".to_owned();
    for tick in (1..=longest / step.max(1)).map(|tick| tick * step) {
        let (at, label) = (cell_of(tick, longest, cells), figures::took(tick));
        if at > text.len() && at + label.len() <= cells {
            text = fit::left(&text, at) + &label;
        }
    }
    if text.len() == 1 && longest >= TENTH {
        return text + &fit::right(&figures::took(longest), cells.saturating_sub(1));
    }
    fit::left(&text, cells)
}

fn cell_of(us: u64, longest: u64, cells: usize) -> usize {
    let cell = u128::from(us) * u128::try_from(cells).unwrap_or(0) / u128::from(longest.max(1));
    usize::try_from(cell).unwrap_or(cells).min(cells)
}

/// Cells of the columns.
struct Columns {
    time: usize,
    /// None: there is no room for bars.
    bars: Option<usize>,
    /// From the result on.
    room: usize,
}

/// When it began: by the clock, for ages would have to be told anew all the time.
fn when(app: &App, one: &AttemptDetail) -> String {
    let times = if app.times == Times::Ago { Times::Local } else { app.times };
    times.show(one.row.started_at, app.now, &app.look.zone)
}

fn attempt(app: &App, one: &AttemptDetail, marker: &str, longest: u64, columns: &Columns) -> Line {
    let row = &one.row;
    let Columns { time, bars, room } = *columns;
    let took = figures::known(row.duration_us, figures::took);
    let mut line = vec![
        (marker.to_owned(), Tone::Focus),
        (format!("{}  ", fit::right(&row.number.to_string(), 3)), Tone::Plain),
        (format!("{}  {}  ", fit::left(&when(app, one), time), fit::right(&took, 7)), Tone::Plain),
    ];
    if let Some(cells) = bars {
        line.extend(bar(app, one, longest, cells));
    }
    let by = match row.trigger {
        Trigger::Manual => "  by hand",
        Trigger::Test => "  test",
        Trigger::Auto | Trigger::Probe => "",
    };
    let good = row.outcome == Outcome::Delivered;
    let text = result::of_attempt(row, app.look.glyphs, room.saturating_sub(by.len()));
    line.push((
        fit::cut_end(&text, room.saturating_sub(by.len())).into_owned(),
        if good { Tone::Good } else { Tone::Bad },
    ));
    line.push((by.to_owned(), Tone::Faint));
    line
}

/// Name resolution, then until the first byte, then reading; and blanks to the end.
fn bar(app: &App, one: &AttemptDetail, longest: u64, cells: usize) -> Vec<(String, Tone)> {
    let until = |us: u64| cell_of(us, longest, cells);
    let whole = one.row.duration_us.map_or(0, |us| until(us).max(1));
    let first = one.first_byte_us.map_or(whole, until).min(whole);
    // What took time at all is seen.
    let name = one.resolve_us.map_or(0, |us| until(us).max(1)).min(first);
    let [resolving, waiting, reading] = app.look.lines.bar;
    vec![
        (resolving.repeat(name), Tone::Waiting),
        (waiting.repeat(first - name), Tone::Faint),
        (reading.repeat(whole - first), Tone::Focus),
        (" ".repeat(cells - whole + 2), Tone::Plain),
    ]
}

/// What the answer has other than the one before.
fn differences(before: &AttemptDetail, one: &AttemptDetail, width: usize) -> Vec<Line> {
    let ended = |one: &AttemptDetail| result::failure(one.row.status, one.row.error.as_deref());
    let mut lines = Vec::new();
    if ended(before) != ended(one) {
        lines.push(vec![(format!("{INDENT}was: {}", ended(before)), Tone::Faint)]);
    }
    lines.extend(changes(&diff::lines(&headers(before), &headers(one)), width));
    match (body(before), body(one)) {
        ([], []) => {}
        (old, new) if old == new => lines.push(vec![(format!("{INDENT}same body"), Tone::Faint)]),
        (old, new) => lines.extend(changes(&diff::lines(&readable(old), &readable(new)), width)),
    }
    if lines.is_empty() {
        lines.push(vec![(format!("{INDENT}the same again"), Tone::Faint)]);
    }
    lines
}

fn changes(changes: &[Change], width: usize) -> Vec<Line> {
    let tone = |change: &Change| if matches!(change, Change::New(_)) { Tone::Plain } else { Tone::Faint };
    let shown = |change: &Change| fit::cut_end(&format!("{INDENT}{change}"), width).into_owned();
    changes.iter().map(|change| vec![(shown(change), tone(change))]).collect()
}

/// In one order, and without the clock.
fn headers(one: &AttemptDetail) -> Vec<String> {
    let shown = one.response_headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(CLOCK));
    let mut shown: Vec<String> =
        shown.map(|(name, value)| format!("{}: {}", escape::line(&name.to_lowercase()), escape::line(value))).collect();
    shown.sort();
    shown
}

fn body(one: &AttemptDetail) -> &[u8] {
    one.response_body.as_deref().unwrap_or_default()
}

fn readable(body: &[u8]) -> Vec<String> {
    if body.is_empty() {
        return Vec::new();
    }
    page::laid_out(body).map_or_else(|| escape::lines(body), |json| escape::lines(&json))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_round_figures_where_their_times_are() {
        assert_eq!(scale(142_000, 60), fit::left("0                    50ms                 100ms", 60));
        assert_eq!(scale(10_000_000, 24), fit::left("0           5.0s", 24));
        assert_eq!(scale(10_000_000, 18), "0            10.0s");
        assert_eq!(scale(230, 60), fit::left("0                         0.1ms                     0.2ms", 60));
        assert_eq!(scale(90, 60), fit::left("0", 60));
        for longest in [1, 7, 999, 1_000, 123_456, u64::MAX] {
            assert_eq!(scale(longest, 30).len(), 30, "{longest}");
        }
    }
}
