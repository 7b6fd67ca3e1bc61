//! Pane 2, Endpoints: every endpoint's circuit, queue, rates and newest result.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::event::{Circuit, EndpointState, Millis};
use crate::journal::{DISABLED_BY_FILE, EndpointRow, Held};
use crate::present::next::{self, Rules};
use crate::present::{figures, fit, result};

use super::super::app::App;
use super::super::keys::{Binding, Key, PLAIN};
use super::super::rows::Row;
use super::super::table::{Cell, Column, Fit, cell};
use super::super::theme::Tone;
use super::super::update::{acts, jump, lists};
use super::{Pane, PaneId};

/// See [`Pane`].
pub static PANE: Pane = Pane {
    id: PaneId::Endpoints,
    title: "Endpoints",
    is_list: true,
    is_home: true,
    follows: false,
    query: |_| None,
    keys: KEYS,
    columns: |app, area| super::fitted_with(app, COLUMNS, BROAD, area),
    corner: |app| app.figures.as_ref().map_or_else(String::new, |known| known.endpoints.len().to_string()),
    draw,
};

const KEYS: &[Binding] = &[
    Binding {
        keys: &[Key::char('p')],
        name: "pause",
        label: "pause/resume",
        help: "Pause the endpoint: events are accepted, deliveries held; or resume it, also after a 410",
        priority: 10,
        available: lists::has_row,
        run: acts::toggle_pause,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('P')],
        name: "pause all",
        label: "all",
        help: "Pause all endpoints (asks), or resume them",
        priority: 20,
        danger: true,
        run: acts::toggle_pause_all,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('o')],
        name: "reset",
        label: "reset circuit",
        help: "Reset the circuit: close it now",
        priority: 22,
        available: lists::has_row,
        run: acts::reset,
        ..PLAIN
    },
    Binding {
        label: "trip",
        help: "Trip the circuit (asks): open it now; deliveries wait until a probe gets through or it is reset",
        danger: true,
        available: acts::can_trip,
        run: acts::trip,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('i')],
        label: "test",
        help: "Send a test event to the endpoint (asks)",
        priority: 24,
        danger: true,
        available: acts::can_test,
        run: acts::test,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('e')],
        name: "edit",
        label: "edit file",
        help: "Edit `.ntm.yaml` in `$EDITOR`, at the endpoint's line",
        priority: 26,
        run: acts::edit,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('D')],
        label: "deliveries",
        help: "To the endpoint's deliveries; `Esc` there shows all again",
        priority: 35,
        available: lists::has_row,
        run: jump::deliveries_of,
        ..PLAIN
    },
];

const COLUMNS: &[Column] = &[
    Column { title: "NAME", least: 13, most: 24, fit: Fit::Name, yields: 0, cell: name },
    // The narrow phrases fit, and their mark.
    Column { title: "CIRCUIT", least: 20, most: 46, fit: Fit::Words, yields: 0, cell: circuit },
    Column { title: "QUEUE", least: 6, most: 7, fit: Fit::Figure, yields: 1, cell: queue },
    Column { title: "FLT", least: 3, most: 3, fit: Fit::Figure, yields: 5, cell: in_flight },
    Column { title: "OK", least: 6, most: 6, fit: Fit::Figure, yields: 4, cell: ok },
    Column { title: "p50", least: 5, most: 5, fit: Fit::Figure, yields: 3, cell: p50 },
    Column { title: "p95", least: 5, most: 5, fit: Fit::Figure, yields: 6, cell: p95 },
    Column { title: "OK BY MINUTE", least: 12, most: 16, fit: Fit::Words, yields: 7, cell: by_minute },
    Column { title: "LAST", least: 11, most: 60, fit: Fit::Words, yields: 2, cell: last },
];

/// Where there is much room.
const BROAD: &[Column] = &[
    Column { title: "DEAD", least: 5, most: 7, fit: Fit::Figure, yields: 8, cell: dead },
    Column { title: "LAST GOOD", least: 9, most: 9, fit: Fit::Figure, yields: 8, cell: good },
    Column { title: "HOST", least: 12, most: 32, fit: Fit::Name, yields: 9, cell: host },
];

fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let first = format!("No endpoint yet: add one under webhooks: in the file ({} opens it).", app.named.edit_file);
    let empty = [first.as_str(), "hooktui check tells what is wrong with it, with line and cure."];
    super::list(app, PaneId::Endpoints, &empty, area, buf);
}

fn of(row: &Row, show: impl Fn(&EndpointRow) -> Cell) -> Cell {
    match row {
        Row::Endpoint(one) => show(one),
        _ => Cell::default(),
    }
}

/// What colour says of an endpoint.
#[must_use]
pub fn tone(one: &EndpointRow) -> Tone {
    match (one.state, one.circuit.circuit) {
        (EndpointState::Active, _) if one.missing.is_some() => Tone::Waiting,
        (EndpointState::Active, Circuit::Closed) => Tone::Good,
        (EndpointState::Active, Circuit::HalfOpen) | (EndpointState::Paused, _) => Tone::Waiting,
        (EndpointState::Active, Circuit::Open) => Tone::Bad,
        (EndpointState::Disabled | EndpointState::Removed, _) => Tone::Faint,
    }
}

/// Where an endpoint stands in the list: what does not get through first, then what is held for another reason, last what
/// has left. Whether the newest attempt failed has no say: rows would change places all the time.
#[must_use]
pub fn trouble(one: &EndpointRow, now: Millis) -> u8 {
    let is_empty = one.counts.queued + one.counts.scheduled + one.counts.in_flight == 0;
    match one.held(now) {
        Some(Held::Circuit) => 0,
        Some(Held::Removed) if is_empty => 3,
        Some(Held::Disabled) if is_empty && one.disabled_by.as_deref() == Some(DISABLED_BY_FILE) => 3,
        Some(_) => 1,
        None => 2,
    }
}

/// The file's rules for an endpoint.
#[must_use]
pub fn rules(app: &App, id: &str) -> Rules {
    app.configured(id).map(|one| Rules::from(&one.policy)).unwrap_or_default()
}

fn name(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(one.name.as_str(), Tone::Strong))
}

fn circuit(app: &App, row: &Row, width: usize) -> Cell {
    of(row, |one| {
        let mark = app.look.glyphs.endpoint(one.state, one.circuit.circuit);
        let rules = rules(app, &one.id);
        let whole = format!("{mark} {}", next::circuit_column(one, rules, app.now));
        let fits = fit::width(&whole) <= width;
        let text = if fits { whole } else { format!("{mark} {}", next::circuit_narrow(one, rules, app.now)) };
        cell(text, tone(one))
    })
}

fn queue(app: &App, row: &Row, width: usize) -> Cell {
    of(row, |one| {
        let is_held = one.held(app.now).is_some();
        figure(one.counts.queued + one.counts.scheduled, width, if is_held { Tone::Waiting } else { Tone::Plain })
    })
}

fn in_flight(_: &App, row: &Row, width: usize) -> Cell {
    of(row, |one| figure(one.counts.in_flight, width, Tone::Plain))
}

fn dead(_: &App, row: &Row, width: usize) -> Cell {
    of(row, |one| figure(one.counts.dead, width, Tone::Bad))
}

/// How long ago the last good attempt was.
fn good(app: &App, row: &Row, _: usize) -> Cell {
    let ago = |at| figures::age(figures::elapsed(at, app.now));
    of(row, |one| cell(figures::known(one.last_success_at, ago), Tone::Faint))
}

fn host(_: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| cell(one.host.as_str(), Tone::Faint))
}

fn figure(number: u64, width: usize, tone: Tone) -> Cell {
    cell(figures::count_within(number, width), if number == 0 { Tone::Faint } else { tone })
}

fn ok(app: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| {
        let health = app.health(one.key);
        let tone = match (health.good, health.all) {
            (_, 0) => Tone::Faint,
            (0, _) => Tone::Bad,
            (good, all) if good == all => Tone::Plain,
            _ => Tone::Waiting,
        };
        cell(health.percent(), tone)
    })
}

fn p50(app: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| percentile(app.health(one.key).p50_ms))
}

fn p95(app: &App, row: &Row, _: usize) -> Cell {
    of(row, |one| percentile(app.health(one.key).p95_ms))
}

/// The share of good attempts in each of the last minutes, the running one at the right.
fn by_minute(app: &App, row: &Row, width: usize) -> Cell {
    of(row, |one| {
        let minutes = app.minutes(one.key);
        let from = minutes.len().saturating_sub(width);
        let shown = if app.look.lines.sparklines { minutes.get(from..).unwrap_or_default() } else { &[] };
        cell(figures::shareline(shown), Tone::Faint)
    })
}

fn percentile(ms: Option<u64>) -> Cell {
    cell(figures::known(ms, figures::took_ms), if ms.is_some() { Tone::Plain } else { Tone::Faint })
}

fn last(app: &App, row: &Row, width: usize) -> Cell {
    of(row, |one| match (one.last_attempt_at, one.last_status, one.last_error.as_deref()) {
        (None, _, _) => cell(figures::UNKNOWN, Tone::Faint),
        (_, Some(status), None) if status < 400 => cell(status.to_string(), Tone::Good),
        (_, status, error) => cell(failing(one, status, error, app.now, width), Tone::Bad),
    })
}

/// `503 Service Unavailable for 2m`: since when it has been failing matters more than what the receiver said.
fn failing(one: &EndpointRow, status: Option<u16>, error: Option<&str>, now: Millis, width: usize) -> String {
    let since =
        one.failing_since.map_or_else(String::new, |at| format!(" for {}", figures::age(figures::elapsed(at, now))));
    let room = width.saturating_sub(fit::width(&since));
    let short = result::failure_within(status, error, room);
    if fit::width(&short) <= room { short + &since } else { result::failure_within(status, error, width) }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::made_up::busy;
    use super::super::super::tests::screens::{prepare, screen};
    use super::*;

    #[test]
    fn names_and_circuits_stay_whole_and_the_figures_of_the_moment_give_way() {
        let mut world = busy();
        let rows = &mut world.overview.endpoints;
        for (row, name) in rows.iter_mut().zip(["a-very-long1", "ci-hook", "metrics-of-eu"]) {
            name.clone_into(&mut row.name);
        }
        for size in [(120, 36), (80, 24)] {
            let shown = screen(&prepare("rows", &world, PaneId::Endpoints, size));
            for whole in ["a-very-long1", "metrics-of-eu", "○ open, probe ", "× disabled by 410 "] {
                assert!(shown.contains(whole), "{whole}:\n{shown}");
            }
            assert!(!shown.contains("p95"), "it yields first:\n{shown}");
            assert_eq!(shown.contains("FLT"), size.0 == 120, "and then this:\n{shown}");
        }
        let short = screen(&prepare("rows", &busy(), PaneId::Endpoints, (120, 36)));
        assert!(short.contains("p95") && short.contains("FLT"), "short names take no more than they need:\n{short}");
    }
}
