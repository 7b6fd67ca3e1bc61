//! The Summary tab: one sentence on what happens next and why, and the attempts as a waterfall.

use crate::event::{EndpointState, Outcome, State};
use crate::journal::{AttemptDetail, DeliveryDetail, EndpointRow, EventDetail};
use crate::present::clock::Times;
use crate::present::next::{self, By};
use crate::present::{escape, figures, fit, result};

use super::super::app::App;
use super::super::panes::{deliveries, endpoints};
use super::super::theme::Tone;
use super::Line;

/// Cells before the bars: try, when, how long, and blanks.
const BEFORE: usize = 4 + 2 + 8 + 2 + 7 + 2;
/// Cells kept for the result.
const RESULT: usize = 30;

/// A delivery.
pub fn delivery(app: &App, detail: &DeliveryDetail, width: usize) -> Vec<Line> {
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
        vec![(sentence(&outlook.sentence()), tone)],
    ];
    lines.extend(outlook.cure(By::Keys).map(|cure| vec![(sentence(&cure), Tone::Plain)]));
    lines.push(Vec::new());
    if detail.attempts.is_empty() {
        lines.push(vec![("No attempt has been made yet.".to_owned(), Tone::Faint)]);
        return lines;
    }
    lines.extend(waterfall(app, &detail.attempts, width));
    lines
}

/// Ends with a point, as a sentence does.
fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

fn waterfall(app: &App, attempts: &[AttemptDetail], width: usize) -> Vec<Line> {
    let longest = attempts.iter().filter_map(|one| one.row.duration_us).max().unwrap_or(0).max(1);
    let bars = width.saturating_sub(BEFORE + RESULT + 2).min(60);
    let scale = format!("0{}", fit::right(&figures::took(longest), bars.saturating_sub(1)));
    let mut head = format!("{}  {}  {}  ", fit::right("TRY", 4), fit::left("WHEN", 8), fit::right("TOOK", 7));
    if bars >= 12 {
        head.push_str(&scale);
        head.push_str("  ");
    }
    head.push_str("RESULT");
    let mut lines = vec![vec![(head, Tone::Faint)]];
    let room = width.saturating_sub(BEFORE + if bars >= 12 { bars + 2 } else { 0 });
    let mut before: Option<&AttemptDetail> = None;
    for one in attempts {
        lines.push(attempt(app, one, before, longest, [bars, room]));
        before = Some(one);
    }
    lines
}

fn attempt(
    app: &App,
    one: &AttemptDetail,
    before: Option<&AttemptDetail>,
    longest: u64,
    [bars, room]: [usize; 2],
) -> Line {
    let row = &one.row;
    let good = row.outcome == Outcome::Delivered;
    let times = if app.times == Times::Ago { Times::Local } else { app.times };
    let when = times.show(row.started_at, app.now, &app.look.zone);
    let took = figures::known(row.duration_us, figures::took);
    let mut line = vec![
        (format!("{}  ", fit::right(&row.number.to_string(), 4)), Tone::Plain),
        (format!("{}  {}  ", fit::left(&when, 8), fit::right(&took, 7)), Tone::Plain),
    ];
    if bars >= 12 {
        let until =
            |us: u64| usize::try_from(u128::from(us) * bars as u128 / u128::from(longest)).unwrap_or(bars).min(bars);
        let whole = row.duration_us.map_or(0, |us| until(us).max(1));
        let first = one.first_byte_us.map_or(whole, until).min(whole);
        let [waiting, reading] = app.look.lines.bar;
        line.push((waiting.repeat(first), Tone::Faint));
        line.push((reading.repeat(whole - first), Tone::Focus));
        line.push((" ".repeat(bars - whole + 2), Tone::Plain));
    }
    line.push((result::of_attempt(row, app.look.glyphs, room), if good { Tone::Good } else { Tone::Bad }));
    let same = before.is_some_and(|before| {
        !good
            && before
                .response_body
                .as_ref()
                .is_some_and(|body| !body.is_empty() && Some(body) == one.response_body.as_ref())
    });
    if same {
        line.push(("  (same body)".to_owned(), Tone::Faint));
    }
    line
}

/// An event: what became of it at each endpoint.
pub fn event(app: &App, detail: &EventDetail) -> Vec<Line> {
    let row = &detail.row;
    let ago = figures::long_age(figures::elapsed(row.accepted_at, app.now));
    let became = match (row.unrouted, detail.deliveries.len()) {
        (true, _) => "It is not routed yet: no good file has been applied.".to_owned(),
        (false, 0) => "No endpoint matched it. r sends it to those that match now.".to_owned(),
        (false, _) => "r sends it to the endpoints that match now and never had it.".to_owned(),
    };
    let mut lines = vec![
        vec![(escape::line(&row.kind).into_owned(), Tone::Strong), (format!("    accepted {ago} ago"), Tone::Faint)],
        vec![(escape::line(&row.message).into_owned(), Tone::Plain)],
        Vec::new(),
        vec![(became, Tone::Plain)],
        Vec::new(),
    ];
    for one in &detail.deliveries {
        let outlook = deliveries::outlook(app, one);
        lines.push(vec![
            (format!("{}  ", fit::name(&escape::line(&one.endpoint), 22)), Tone::Strong),
            (fit::left(&result::of_delivery(one, outlook.held().is_some(), app.look.glyphs, 34), 34), Tone::Plain),
            (format!("  {}", outlook.column()), Tone::Faint),
        ]);
    }
    lines
}

/// An endpoint: since when it fails, when it was last good, who paused it.
pub fn endpoint(app: &App, id: &str) -> Vec<Line> {
    let one = app.figures.as_ref().and_then(|known| known.endpoints.iter().find(|one| one.id == id));
    let Some(one) = one else {
        return vec![vec![("The journal no longer knows this endpoint.".to_owned(), Tone::Faint)]];
    };
    let rules = endpoints::rules(app, id);
    let mark = app.look.glyphs.endpoint(one.state, one.circuit.circuit);
    let mut lines = vec![
        vec![
            (escape::line(&one.name).into_owned(), Tone::Strong),
            (format!("    {}", escape::line(&one.host)), Tone::Faint),
        ],
        Vec::new(),
        vec![(format!("{mark} {}", next::circuit_column(one, rules, app.now)), endpoints::tone(one))],
    ];
    lines.extend(
        one.held(app.now).map(|held| vec![(sentence(&next::held_words(held, one, rules, app.now)), Tone::Waiting)]),
    );
    lines.push(Vec::new());
    lines.extend(facts(app, one).into_iter().map(|(label, text)| {
        vec![(fit::left(label, 22), Tone::Faint), (escape::line(&text).into_owned(), Tone::Plain)]
    }));
    lines
}

fn facts(app: &App, one: &EndpointRow) -> Vec<(&'static str, String)> {
    let ago =
        |at: Option<i64>| figures::known(at, |at| format!("{} ago", figures::long_age(figures::elapsed(at, app.now))));
    let counts = one.counts;
    let mut facts = vec![
        ("last good attempt", ago(one.last_success_at)),
        ("failing since", ago(one.failing_since)),
        ("last attempt", ago(one.last_attempt_at)),
        (
            "last result",
            match (one.last_attempt_at, one.last_status, one.last_error.as_deref()) {
                (None, _, _) => figures::UNKNOWN.to_owned(),
                (_, status, error) => result::failure(status, error),
            },
        ),
        ("failures in a row", figures::count(one.circuit.consecutive_failures)),
        ("circuit opened", format!("{} times, {} held by it", one.circuit.openings, figures::count(one.circuit_skips))),
        ("health", format!("{} of 100", one.health())),
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
        facts.push((
            "paused until",
            one.paused_until.map_or_else(|| "somebody resumes it".to_owned(), |at| figures::countdown(at, app.now)),
        ));
    }
    facts.extend(one.disabled_by.clone().map(|why| ("disabled by", why)));
    facts.extend(one.missing.clone().map(|what| ("missing", what)));
    facts
}
