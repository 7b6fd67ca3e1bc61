//! Pane 1, Queue: what waits and why, what comes in and goes out, and how long the queue would take to drain.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::journal::{EndpointRow, Held, Overview};
use crate::present::summary::{self, Drain};
use crate::present::{escape, figures, fit, next};

use super::super::app::App;
use super::super::table::put;
use super::super::theme::Tone;
use super::{Pane, PaneId, endpoints};

/// See [`Pane`].
pub static PANE: Pane = Pane {
    id: PaneId::Queue,
    title: "Queue",
    is_list: false,
    is_home: true,
    follows: false,
    query: |_| None,
    keys: &[],
    columns: |_, _| Vec::new(),
    corner: |_| String::new(),
    draw,
};

/// Lines of the pane, and which of them tells what is held.
const LINES: usize = 7;
const HELD: usize = 3;
/// Cells of a label.
const LABEL: usize = 9;
/// Cells of the figures, as long as none needs more.
const FIGURE: usize = 6;
/// Most cells of a sparkline, and what one of them stands for.
const CELLS: usize = 20;
const SECONDS: u32 = 3;

/// A line of the pane.
struct Reading {
    label: &'static str,
    figure: String,
    tone: Tone,
    /// Words or a sparkline after the figure.
    more: String,
}

fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let Some(known) = &app.figures else { return };
    if area.height < 4 {
        return draw_line(app, area, buf);
    }
    let theme = app.look.theme;
    let left = usize::from(area.x) + 1;
    let widest = app.waiting().max(app.summary.in_flight);
    let figure = fit::width(&figures::count(widest)).max(FIGURE);
    let room = usize::from(area.width).saturating_sub(LABEL + figure + 4);
    let spare = usize::from(area.height).saturating_sub(LINES);
    let held = held(app, known, spare + 1, room);
    let mut readings = readings(app, known, room);
    if let Some(line) = readings.get_mut(HELD) {
        line.more = held.first().cloned().unwrap_or_default();
    }
    let rest = readings.split_off(HELD + 1);
    readings.extend(held.iter().skip(1).map(|more| Reading::blank(more.clone())));
    // The rates stand apart where there is room for a blank line.
    if readings.len() + rest.len() < usize::from(area.height) {
        readings.push(Reading::blank(String::new()));
    }
    for (y, one) in (area.y..area.bottom()).zip(readings.into_iter().chain(rest)) {
        put(buf, left, y, one.label, theme.style(Tone::Faint));
        put(buf, left + LABEL, y, &fit::right(&one.figure, figure), theme.style(one.tone));
        put(buf, left + LABEL + figure + 2, y, &fit::cut_end(&one.more, room), theme.style(Tone::Faint));
    }
}

impl Reading {
    /// A line that belongs to the one above it.
    const fn blank(more: String) -> Self {
        Self { label: "", figure: String::new(), tone: Tone::Plain, more }
    }
}

fn readings(app: &App, known: &Overview, room: usize) -> Vec<Reading> {
    let sums = &app.summary;
    let (came, went) = app.rates();
    let cells = if app.look.lines.sparklines && room >= 5 { room.min(CELLS) } else { 0 };
    let (arrivals, departures) = app.pulse.series(cells, SECONDS, app.now);
    let depth = app.depth.series(cells, SECONDS, app.now);
    let oldest = known.oldest_undelivered_at.map(|at| figures::elapsed(at, app.now));
    let line = |label, figure, tone, more| Reading { label, figure, tone, more };
    let count = |label, number: u64, tone, more| {
        line(label, figures::count(number), if number == 0 { Tone::Faint } else { tone }, more)
    };
    vec![
        count("waiting", app.waiting(), Tone::Strong, figures::sparkline(&depth)),
        count("in flight", sums.in_flight, Tone::Focus, String::new()),
        count("retrying", sums.scheduled, Tone::Waiting, next_retry(app, known)),
        count("held", sums.held, Tone::Waiting, String::new()),
        line("in", came, Tone::Plain, figures::sparkline(&arrivals)),
        line("out", went, Tone::Plain, figures::sparkline(&departures)),
        line("oldest", figures::known(oldest, figures::long_age), Tone::Plain, drain(app, room)),
    ]
}

fn draw_line(app: &App, area: Rect, buf: &mut Buffer) {
    let sums = &app.summary;
    let (came, went) = app.rates();
    let counts = [
        ("wait ", figures::count(app.waiting())),
        ("flight ", figures::count(sums.in_flight)),
        ("retry ", figures::count(sums.scheduled)),
        ("held ", figures::count(sums.held)),
        ("in ", came),
        ("out ", went),
    ];
    let theme = app.look.theme;
    // A blank stays free at each end.
    let (mut x, end) = (usize::from(area.x) + 1, usize::from(area.right()).saturating_sub(1));
    let taken: usize = counts.iter().map(|(label, figure)| fit::width(label) + fit::width(figure) + 2).sum();
    let drain = drain(app, end.saturating_sub(x + taken));
    for (label, figure) in counts.into_iter().chain([("", drain)]) {
        let wide = fit::width(label) + fit::width(&figure);
        if x + wide > end {
            break;
        }
        put(buf, x, area.y, label, theme.faint);
        put(buf, x + fit::width(label), area.y, &figure, theme.plain);
        x += wide + 2;
    }
}

fn next_retry(app: &App, known: &Overview) -> String {
    known.next_retry_at.map_or_else(String::new, |at| format!("next {}", figures::countdown(at, app.now)))
}

/// Where deliveries are held, and why, a line each, those that hold most first; the last line counts what has none.
fn held(app: &App, known: &Overview, lines: usize, room: usize) -> Vec<String> {
    let holders = summary::holders(known, app.now);
    let alone = holders.len() == 1;
    let mut held: Vec<String> =
        holders.iter().take(lines).map(|(one, why)| held_at(app, one, *why, alone, room)).collect();
    let left = holders.len() - held.len();
    if left > 0 && lines > 1 {
        held.pop();
        held.push(format!("and {} endpoints more", left + 1));
    }
    held
}

/// So many columns of a name are told before the end of the reason is: that is in the row of the endpoint too.
const NAME: usize = 8;

/// `ops: circuit open, probe in 12 s`, with its number where others hold something too. Where there is little room the
/// reason is a word or two, then the number is left out: Endpoints has it.
fn held_at(app: &App, one: &EndpointRow, why: Held, alone: bool, room: usize) -> String {
    let name = escape::line(&one.name);
    let waiting = one.counts.queued + one.counts.scheduled;
    let numbered = if alone { name.to_string() } else { format!("{name} {}", figures::count(waiting)) };
    let whole = next::held_column(why, one, endpoints::rules(app, &one.id), app.now);
    let word = next::held_word(why, one);
    let circuit = (why == Held::Circuit).then(|| format!("{numbered}: circuit {word}"));
    let forms = [
        Some(format!("{numbered}: {whole}")),
        circuit,
        Some(format!("{numbered}: {word}")),
        Some(format!("{name}: {word}")),
    ];
    if let Some(form) = forms.into_iter().flatten().find(|form| fit::width(form) <= room) {
        return form;
    }
    let left = room.saturating_sub(fit::width(&word) + 2).max(NAME);
    format!("{}: {word}", fit::cut_middle(&name, left))
}

/// `drains in 18 s`, `growing`; nothing where nothing waits.
fn drain(app: &App, room: usize) -> String {
    let sums = &app.summary;
    let not_held = (app.waiting() + sums.in_flight).saturating_sub(sums.held);
    match app.pulse.rates(app.now).map(|(came, went)| Drain::estimate(not_held, came, went)) {
        None | Some(Drain::Empty) => String::new(),
        Some(drain) if fit::width(&drain.words()) <= room => drain.words(),
        Some(drain) => drain.narrow(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::made_up::{app, busy};
    use super::*;

    #[test]
    fn where_there_is_little_room_shorter_words_come_before_the_number_goes_and_the_name_is_cut() {
        let app = app(120, 36);
        let mut one = busy().overview.endpoints.remove(0);
        one.counts.queued = 357;
        one.counts.scheduled = 0;
        one.circuit.circuit = crate::event::Circuit::Open;
        one.circuit.probe_at = Some(app.now + 12_000);
        one.missing = Some("$OPS_URL is not set here".to_owned());
        let asked = Held::RetryAfter(app.now + 500);
        for (name, why, room, line) in [
            ("slack", asked, 40, "slack 357: asked to wait 0.5 s"),
            ("slack", asked, 17, "slack 357: waits"),
            ("failing", Held::Circuit, 37, "failing 357: circuit open"),
            ("failing", Held::Circuit, 25, "failing 357: circuit open"),
            ("failing", Held::Circuit, 17, "failing 357: open"),
            ("ops", Held::Missing, 17, "ops: no $OPS_URL"),
            ("old-bot", Held::Disabled, 17, "old-bot: disabled"),
            ("metrics-one", Held::Paused, 17, "metr…-one: paused"),
            ("metrics-of-amy", Held::Missing, 17, "metr…amy: no $OPS_URL"),
        ] {
            name.clone_into(&mut one.name);
            assert_eq!(held_at(&app, &one, why, false, room), line);
        }
    }
}
