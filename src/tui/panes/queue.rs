//! Pane 1, Queue: what waits and why, what comes in and goes out, and how long the queue would take to drain.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::journal::{EndpointRow, Overview};
use crate::present::{escape, figures, fit, next};

use super::super::app::App;
use super::super::meter::Gauge;
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
    corner: |_| String::new(),
    draw,
};

/// Cells of a label.
const LABEL: usize = 10;
/// Cells of a figure.
const FIGURE: usize = 9;

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
        return draw_line(app, known, area, buf);
    }
    let theme = app.look.theme;
    let left = usize::from(area.x) + 1;
    let room = usize::from(area.width).saturating_sub(LABEL + FIGURE + 4);
    let readings = readings(app, known, room);
    // The rates stand apart where there is room for a blank line.
    let gap = usize::from(area.height) > readings.len();
    let mut y = area.y;
    for (at, one) in readings.iter().enumerate() {
        if at == 4 && gap {
            y += 1;
        }
        if y >= area.bottom() {
            break;
        }
        put(buf, left, y, one.label, theme.faint);
        put(buf, left + LABEL, y, &fit::right(&one.figure, FIGURE), theme.style(one.tone));
        put(buf, left + LABEL + FIGURE + 2, y, &fit::cut_end(&one.more, room), theme.faint);
        y += 1;
    }
}

fn readings(app: &App, known: &Overview, room: usize) -> Vec<Reading> {
    let sum = |of: fn(&EndpointRow) -> u64| known.endpoints.iter().map(of).sum::<u64>();
    let retrying = sum(|one| one.counts.scheduled);
    let in_flight = sum(|one| one.counts.in_flight);
    let (held, why) = held(app, known);
    let rate = |gauge| figures::known(app.meter.rate(gauge, app.now), figures::rate);
    let line = |gauge| sparkline(app, gauge, room.min(20));
    let oldest = known.oldest_undelivered_at.map(|at| figures::elapsed(at, app.now));
    let some = |number: u64, tone| if number == 0 { Tone::Faint } else { tone };
    vec![
        Reading {
            label: "waiting",
            figure: figures::count(app.waiting()),
            tone: some(app.waiting(), Tone::Strong),
            more: line(Gauge::Waiting),
        },
        Reading {
            label: "in flight",
            figure: figures::count(in_flight),
            tone: some(in_flight, Tone::Focus),
            more: String::new(),
        },
        Reading {
            label: "retrying",
            figure: figures::count(retrying),
            tone: some(retrying, Tone::Waiting),
            more: next_retry(app, known),
        },
        Reading { label: "held", figure: figures::count(held), tone: some(held, Tone::Waiting), more: why },
        Reading { label: "in", figure: rate(Gauge::Accepted), tone: Tone::Plain, more: line(Gauge::Accepted) },
        Reading { label: "out", figure: rate(Gauge::Delivered), tone: Tone::Plain, more: line(Gauge::Delivered) },
        Reading {
            label: "oldest",
            figure: figures::known(oldest, figures::long_age),
            tone: Tone::Plain,
            more: drain(app, held),
        },
    ]
}

fn draw_line(app: &App, known: &Overview, area: Rect, buf: &mut Buffer) {
    let sum = |of: fn(&EndpointRow) -> u64| figures::count(known.endpoints.iter().map(of).sum::<u64>());
    let rate = |gauge| figures::known(app.meter.rate(gauge, app.now), figures::rate);
    let (held, _) = held(app, known);
    let parts = [
        ("wait ", figures::count(app.waiting())),
        ("flight ", sum(|one| one.counts.in_flight)),
        ("retry ", sum(|one| one.counts.scheduled)),
        ("held ", figures::count(held)),
        ("in ", rate(Gauge::Accepted)),
        ("out ", rate(Gauge::Delivered)),
        ("", drain(app, held)),
    ];
    let theme = app.look.theme;
    let mut x = usize::from(area.x) + 1;
    for (label, figure) in parts {
        let wide = fit::width(label) + fit::width(&figure);
        if x + wide > usize::from(area.right()) {
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

/// How many are held, and why the most of them are.
fn held(app: &App, known: &Overview) -> (u64, String) {
    let waiting = |one: &EndpointRow| one.counts.queued + one.counts.scheduled;
    let held: Vec<_> = known
        .endpoints
        .iter()
        .filter_map(|one| one.held(app.now).filter(|_| waiting(one) > 0).map(|why| (one, why)))
        .collect();
    let total = held.iter().map(|(one, _)| waiting(one)).sum();
    let why = held.iter().max_by_key(|(one, _)| waiting(one)).map_or_else(String::new, |(one, why)| {
        format!(
            "{}: {}",
            escape::line(&one.name),
            next::held_column(*why, one, endpoints::rules(app, &one.id), app.now)
        )
    });
    (total, why)
}

/// `drains in 18 s`: what is not held, at the speed at which more goes out than comes in; else `growing`.
fn drain(app: &App, held: u64) -> String {
    let left = app.waiting().saturating_sub(held);
    let rates = (app.meter.rate(Gauge::Accepted, app.now), app.meter.rate(Gauge::Delivered, app.now));
    let (Some(input), Some(output)) = rates else { return String::new() };
    if left == 0 {
        return String::new();
    }
    let speed = output - input;
    if speed <= 0.05 {
        return if input > output + 0.05 { "growing".to_owned() } else { "steady".to_owned() };
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let ms = (left as f64 / speed * 1000.0).min(1e15);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above and positive")]
    let ms = ms as u64;
    format!("drains in {}", figures::span(ms))
}

fn sparkline(app: &App, gauge: Gauge, steps: usize) -> String {
    if !app.look.lines.sparklines || steps < 5 {
        return String::new();
    }
    figures::sparkline(&app.meter.series(gauge, app.now, steps))
}
