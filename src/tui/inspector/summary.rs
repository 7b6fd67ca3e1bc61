//! The Summary tab: one sentence on what happens next and why, and the attempts as a waterfall.

use crate::event::{Circuit, EndpointState, State};
use crate::journal::{DeliveryDetail, DeliveryRow, EndpointRow, EventDetail, Held, LogRow};
use crate::present::next::{self, By};
use crate::present::{clock, escape, figures, fit, result};

use super::super::app::App;
use super::super::keys::Context;
use super::super::panes::{deliveries, endpoints, log};
use super::super::theme::Tone;
use super::{Inspector, Line, attempts};

/// Cells of the names of an endpoint's facts.
const LABEL: usize = 20;

/// A delivery.
pub fn delivery(app: &App, inspector: &Inspector, detail: &DeliveryDetail, width: usize) -> Vec<Line> {
    let row = &detail.row;
    let host = app.endpoint(row.endpoint_key).map_or_else(String::new, |one| escape::line(&one.host).into_owned());
    let outlook = deliveries::outlook(app, row);
    let tone = match row.state {
        State::Delivered => Tone::Good,
        State::Dead => Tone::Bad,
        State::Cleared => Tone::Faint,
        State::Queued | State::Scheduled | State::InFlight => Tone::Waiting,
    };
    let mut lines = vec![
        vec![
            (escape::line(&row.event_type).into_owned(), Tone::Strong),
            (" → ".to_owned(), Tone::Faint),
            (escape::line(&row.endpoint).into_owned(), Tone::Strong),
            (format!("    {host}"), Tone::Faint),
        ],
        Vec::new(),
    ];
    lines.extend(wrapped(&sentence(&outlook.sentence()), tone, width));
    lines.extend(
        outlook.cure(By::Keys(&app.named)).iter().flat_map(|cure| wrapped(&sentence(cure), Tone::Plain, width)),
    );
    lines.push(Vec::new());
    lines.push(came(app, detail));
    lines.push(Vec::new());
    if detail.attempts.is_empty() {
        lines.push(vec![("No attempt has been made yet.".to_owned(), Tone::Faint)]);
        return lines;
    }
    lines.extend(attempts::waterfall(app, inspector, &detail.attempts, width));
    lines
}

/// Of which event it is, and since when.
fn came(app: &App, detail: &DeliveryDetail) -> Line {
    let ago = figures::long_age(figures::elapsed(detail.row.created_at, app.now));
    let mut line = vec![
        ("event ".to_owned(), Tone::Faint),
        (escape::line(&detail.row.event_id).into_owned(), Tone::Plain),
        (format!("  accepted {ago} ago"), Tone::Faint),
    ];
    if let Some(origin) = &detail.origin {
        line.push((format!(", made from {}", escape::line(origin)), Tone::Faint));
    }
    line
}

/// What happens next to a delivery, as the Summary says it.
pub fn sentence_of(app: &App, row: &DeliveryRow) -> String {
    deliveries::outlook(app, row).sentence()
}

fn wrapped(text: &str, tone: Tone, width: usize) -> Vec<Line> {
    fit::wrap(text, width).into_iter().map(|line| vec![(line, tone)]).collect()
}

/// Ends with a point, as a sentence does.
fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// An event: what became of it at each endpoint; one of its deliveries is chosen.
pub fn event(app: &App, detail: &EventDetail, pick: usize, width: usize) -> Vec<Line> {
    let row = &detail.row;
    let ago = figures::long_age(figures::elapsed(row.accepted_at, app.now));
    let send = &app.named.send;
    let became = match (row.unrouted, detail.deliveries.len()) {
        (true, _) => "It is not routed yet: no good file has been applied.".to_owned(),
        (false, 0) => format!("No endpoint matched it. {send} sends it to those that match now."),
        (false, _) => format!("{send} sends it to the endpoints that match now and never had it."),
    };
    let mut lines = vec![vec![
        (escape::line(&row.kind).into_owned(), Tone::Strong),
        (format!("    accepted {ago} ago"), Tone::Faint),
    ]];
    lines.push(vec![(escape::line(&row.message).into_owned(), Tone::Plain)]);
    if let Some(origin) = &row.origin {
        lines.push(vec![
            ("made from ".to_owned(), Tone::Faint),
            (escape::line(origin).into_owned(), Tone::Plain),
            (format!("  {} goes there", app.key(Context::Inspector, "event")), Tone::Faint),
        ]);
    }
    lines.push(Vec::new());
    lines.extend(wrapped(&became, Tone::Plain, width));
    lines.push(Vec::new());
    let result_width = if width >= 90 { 34 } else { 22 };
    for (at, one) in detail.deliveries.iter().enumerate() {
        let outlook = deliveries::outlook(app, one);
        let marker = if at == pick { app.look.lines.marker } else { " " };
        let shown = result::of_delivery(one, outlook.held().is_some(), app.look.glyphs, result_width);
        let room = width.saturating_sub(2 + 22 + 2 + result_width + 2);
        lines.push(vec![
            (format!("{marker} "), Tone::Focus),
            (format!("{}  ", fit::name(&escape::line(&one.endpoint), 22)), Tone::Strong),
            (fit::left(&shown, result_width), deliveries::tone(app, one)),
            (format!("  {}", fit::cut_end(&outlook.column(), room)), Tone::Faint),
        ]);
    }
    lines
}

/// An endpoint: since when it fails, when it was last good, who paused it, what happens next.
pub fn endpoint(app: &App, id: &str, width: usize) -> Vec<Line> {
    let one = app.figures.as_ref().and_then(|known| known.endpoints.iter().find(|one| one.id == id));
    let Some(one) = one else {
        return vec![vec![("The journal no longer knows this endpoint.".to_owned(), Tone::Faint)]];
    };
    let rules = endpoints::rules(app, id);
    let mark = app.look.glyphs.endpoint(one.state, one.circuit.circuit);
    let mut lines = vec![
        vec![(escape::line(&one.name).into_owned(), Tone::Strong), (format!("    {}", address(app, one)), Tone::Faint)],
        Vec::new(),
        vec![(format!("{mark} {}", next::circuit_column(one, rules, app.now)), endpoints::tone(one))],
    ];
    lines.extend(wrapped(&coming(app, one), Tone::Plain, width));
    lines.push(Vec::new());
    for (label, text) in facts(app, one) {
        let mut label = label;
        for part in fit::wrap(&escape::line(&text), width.saturating_sub(LABEL)) {
            lines.push(vec![(fit::left(label, LABEL), Tone::Faint), (part, Tone::Plain)]);
            label = "";
        }
    }
    lines
}

/// A log line, whole.
pub fn log(app: &App, row: &LogRow, width: usize) -> Vec<Line> {
    let ago = figures::long_age(figures::elapsed(row.at, app.now));
    let text = escape::line(&row.text);
    let mut lines = wrapped(&text, log::tone(row.level), width);
    lines.push(Vec::new());
    let mut fact = |label, text: String| lines.push(vec![(fit::left(label, LABEL), Tone::Faint), (text, Tone::Plain)]);
    fact("when", format!("{}, {ago} ago", clock::rfc3339(row.at)));
    fact("about", log::word(row.source).to_owned());
    for (label, text) in [("endpoint", &row.endpoint), ("who", &row.who)] {
        if let Some(text) = text {
            fact(label, escape::line(text).into_owned());
        }
    }
    lines
}

/// The URL without what is secret of it; of one that is not in the file, the host.
fn address(app: &App, one: &EndpointRow) -> String {
    let target = app.configured(&one.id).and_then(|configured| configured.target.as_ref());
    let masked = target.map(|target| format!("{} {}", target.method, target.url.masked()));
    escape::line(&masked.unwrap_or_else(|| one.host.clone())).into_owned()
}

/// What happens next to what waits there.
fn coming(app: &App, one: &EndpointRow) -> String {
    let waiting = one.counts.queued + one.counts.scheduled;
    let count = figures::counted(waiting, "delivery waits", "deliveries wait");
    let held = one.held(app.now);
    let [pause, reset] = ["pause", "reset"].map(|action| app.key(Context::Inspector, action));
    if waiting > 0 && held == Some(Held::Circuit) {
        return sentence(&format!("{count} for a good probe; {reset} closes the circuit at once"));
    }
    if let Some(held) = held {
        let why = next::held_words(held, one, endpoints::rules(app, &one.id), app.now);
        let after = match (one.state, one.circuit.circuit) {
            (EndpointState::Paused, _) => format!("; {pause} resumes it"),
            (EndpointState::Disabled, _) => format!("; {pause} lets it take part again"),
            (EndpointState::Active, Circuit::Open | Circuit::HalfOpen) => {
                format!("; {reset} closes the circuit at once")
            }
            _ => String::new(),
        };
        return sentence(&format!("{count}: {why}{after}"));
    }
    let turn = endpoints::rules(app, &one.id).turn();
    match (waiting, one.counts.in_flight) {
        (0, 0) => "Nothing waits: the next event goes out as it comes.".to_owned(),
        (0, in_flight) => format!("{in_flight} in flight, nothing waits behind."),
        (_, 0) if one.counts.queued > 0 => format!("{count}; the next goes {turn}."),
        (_, in_flight) if one.counts.queued > 0 => format!("{count}, {in_flight} in flight; the next goes {turn}."),
        (_, 0) => format!("{count}; the next goes when it is due."),
        (_, in_flight) => format!("{count}, {in_flight} in flight; the next goes when a slot is free and it is due."),
    }
}

fn facts(app: &App, one: &EndpointRow) -> Vec<(&'static str, String)> {
    let ago =
        |at: Option<i64>| figures::known(at, |at| format!("{} ago", figures::long_age(figures::elapsed(at, app.now))));
    let (counts, health) = (one.counts, app.health(one.key));
    let last = match (one.last_attempt_at, one.last_status, one.last_error.as_deref()) {
        (None, _, _) => figures::UNKNOWN.to_owned(),
        (_, status, error) => format!("{}, {}", result::failure(status, error), ago(one.last_attempt_at)),
    };
    let took = |ms: Option<u64>| figures::known(ms, figures::took_ms);
    let mut facts = vec![
        ("last attempt", last),
        ("last good one", ago(one.last_success_at)),
        ("failing since", ago(one.failing_since)),
        ("failures in a row", figures::count(one.circuit.consecutive_failures)),
        (
            "last 15 minutes",
            format!("{} good, p50 {}, p95 {}", health.percent(), took(health.p50_ms), took(health.p95_ms)),
        ),
        ("health", format!("{} of 100", one.health())),
        (
            "circuit opened",
            format!(
                "{}, {} held by it",
                figures::counted(u64::from(one.circuit.openings), "time", "times"),
                figures::count(one.circuit_skips)
            ),
        ),
        (
            "waiting",
            format!(
                "{} queued, {} retrying, {} in flight",
                figures::count(counts.queued),
                figures::count(counts.scheduled),
                figures::count(counts.in_flight)
            ),
        ),
        ("ever delivered", figures::count(one.total_delivered)),
        ("ever dead", format!("{}, {} of them here now", figures::count(one.total_dead), figures::count(counts.dead))),
    ];
    if one.state == EndpointState::Paused {
        facts.push(("paused by", figures::known(one.paused_by.clone(), |who| who)));
        let until = one
            .paused_until
            .map_or_else(|| "until somebody resumes it".to_owned(), |at| figures::countdown(at, app.now));
        facts.push(("pause ends", until));
    }
    facts.extend(one.disabled_by.clone().map(|why| ("disabled by", why)));
    facts.extend(one.missing.clone().map(|what| ("missing", what)));
    facts.push(("id", one.id.clone()));
    facts
}
