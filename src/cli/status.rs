//! `hooktui status`: the figures of the whole.

use std::time::Duration;

use serde::Serialize;

use crate::config::Manager;
use crate::journal::{EndpointRow, wake};
use crate::present::alarm::{self, Alarm, Signs};
use crate::present::clock::rfc3339;
use crate::present::figures as text;
use crate::present::next::By;
use crate::present::summary::Health;

use super::endpoints;
use super::exit::{Exit, Failure, Outcome};
use super::figures::Figures;
use super::json::time;
use super::out::{Out, tell};
use super::place::{Context, Place, now};

/// How long a dispatcher may take to answer "are you there".
const PATIENCE: Duration = Duration::from_millis(500);

/// Options of `status`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Exit 1 when work is due and nothing moves
    #[arg(long)]
    check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// `status --json`.
#[derive(Debug, Serialize)]
struct Status<'a> {
    queue_length: u64,
    queue_capacity: u64,
    retry_queue_length: u64,
    in_flight: u64,
    dead_letter_count: u64,
    total_deliveries: u64,
    total_failures: u64,
    dropped_events: u64,
    webhook_count: usize,
    oldest_undelivered_ms: Option<u64>,
    held: u64,
    oldest_due_ms: Option<u64>,
    dispatcher: Option<Dispatcher>,
    alarm: Option<Warning>,
    endpoints: Vec<EndpointStatus<'a>>,
}

/// What the console's banner would say.
#[derive(Debug, Serialize)]
struct Warning {
    kind: &'static str,
    text: String,
    /// Work is due and nothing moves.
    stuck: bool,
}

#[derive(Debug, Serialize)]
struct Dispatcher {
    pid: u32,
    since: String,
    responding: bool,
}

/// One endpoint of `status --json` and `endpoints --json`.
#[derive(Debug, Serialize)]
pub struct EndpointStatus<'a> {
    id: &'a str,
    name: &'a str,
    url: &'a str,
    state: &'static str,
    circuit: &'static str,
    consecutive_failures: u32,
    circuit_skips: u64,
    health: u8,
    queued: u64,
    scheduled: u64,
    in_flight: u64,
    dead: u64,
    delivered: u64,
    failed: u64,
    p50_ms: Option<u64>,
    p95_ms: Option<u64>,
    last_status: Option<u16>,
    last_error: Option<&'a str>,
    last_success_at: Option<String>,
    failing_since: Option<String>,
    paused_by: Option<&'a str>,
    paused_until: Option<String>,
    disabled_by: Option<&'a str>,
    missing: Option<&'a str>,
}

impl<'a> EndpointStatus<'a> {
    /// An endpoint and how its attempts went lately.
    #[must_use]
    pub fn new(row: &'a EndpointRow, recent: &Health) -> Self {
        Self {
            id: &row.id,
            name: &row.name,
            url: &row.host,
            state: row.state.as_str(),
            circuit: row.circuit.circuit.as_str(),
            consecutive_failures: row.circuit.consecutive_failures,
            circuit_skips: row.circuit_skips,
            health: row.health(),
            queued: row.counts.queued,
            scheduled: row.counts.scheduled,
            in_flight: row.counts.in_flight,
            dead: row.counts.dead,
            delivered: row.total_delivered,
            failed: row.total_dead,
            p50_ms: recent.p50_ms,
            p95_ms: recent.p95_ms,
            last_status: row.last_status,
            last_error: row.last_error.as_deref(),
            last_success_at: time(row.last_success_at),
            failing_since: time(row.failing_since),
            paused_by: row.paused_by.as_deref(),
            paused_until: time(row.paused_until),
            disabled_by: row.disabled_by.as_deref(),
            missing: row.missing.as_deref(),
        }
    }
}

/// Prints the figures.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let reader = context.reader()?;
    let figures = Figures::read(&context, reader.as_ref(), now())?;
    let applied = reader.as_ref().map(crate::journal::Reader::revision).transpose()?.flatten();
    let capacity = applied.map_or_else(|| file_capacity(&context), |(_, revision)| revision.limits.queue_size);
    let dispatcher = dispatcher(&context, &figures);
    let alarm = alarm(&context, &figures, dispatcher.as_ref());
    let status = Status::new(&figures, capacity, dispatcher, alarm.as_ref());
    if args.json {
        out.json_pretty(&status)?;
    } else {
        status.print(&figures, &context, out)?;
    }
    let Some(alarm) = alarm else { return Ok(Exit::Done) };
    out.flush()?;
    if args.check && alarm.stuck {
        return Err(Failure::failed(alarm.to_string()));
    }
    tell(alarm);
    Ok(Exit::Done)
}

/// What is wrong, if anything is; as the console's banner judges it.
fn alarm(context: &Context, figures: &Figures, dispatcher: Option<&Dispatcher>) -> Option<Alarm> {
    let loaded = &context.loaded;
    Alarm::gravest(&Signs {
        trouble: None,
        problems: &loaded.problems,
        not_taken: None,
        config: loaded.config.as_deref(),
        dispatcher: match dispatcher {
            None => alarm::Dispatcher::Nobody,
            Some(Dispatcher { pid, responding: false, .. }) => alarm::Dispatcher::Deaf(*pid),
            Some(_) => alarm::Dispatcher::Works,
        },
        overview: Some(&figures.overview),
        before: None,
        by: By::Commands,
        now: figures.now,
    })
}

fn file_capacity(context: &Context) -> u64 {
    let manager: Option<Manager> = context.loaded.config.as_ref().map(|config| config.manager);
    manager.map_or(0, |manager| manager.limits.queue_size)
}

/// Who dispatches: the journal says who, the lock whether that one lives, the socket whether it answers.
fn dispatcher(context: &Context, figures: &Figures) -> Option<Dispatcher> {
    if !context.dispatcher_lives() {
        return None;
    }
    let row = figures.overview.dispatcher?;
    let responding = wake::responds(&context.journal_path(), PATIENCE);
    Some(Dispatcher { pid: row.pid, since: rfc3339(row.since), responding })
}

impl<'a> Status<'a> {
    fn new(figures: &'a Figures, queue_capacity: u64, dispatcher: Option<Dispatcher>, alarm: Option<&Alarm>) -> Self {
        let Figures { overview, summary, now } = figures;
        let rows = &overview.endpoints;
        let due = overview.oldest_due_at.filter(|due| due <= now);
        Self {
            queue_length: summary.queued,
            queue_capacity,
            retry_queue_length: summary.scheduled,
            in_flight: summary.in_flight,
            dead_letter_count: summary.dead,
            total_deliveries: rows.iter().map(|row| row.total_delivered).sum(),
            total_failures: rows.iter().map(|row| row.total_dead).sum(),
            dropped_events: overview.dropped,
            webhook_count: rows.iter().filter(|row| row.state != crate::event::EndpointState::Removed).count(),
            oldest_undelivered_ms: summary.oldest_ms,
            held: summary.held,
            oldest_due_ms: due.map(|due| text::elapsed(due, *now)),
            dispatcher,
            alarm: alarm.map(|one| Warning { kind: one.kind.as_str(), text: one.to_string(), stuck: one.stuck }),
            endpoints: rows
                .iter()
                .zip(&summary.endpoints)
                .map(|(row, recent)| EndpointStatus::new(row, recent))
                .collect(),
        }
    }

    fn print(&self, figures: &Figures, context: &Context, out: &mut Out) -> std::io::Result<()> {
        let summary = &figures.summary;
        let dispatcher = match &self.dispatcher {
            Some(Dispatcher { pid, since, responding }) => {
                let answers = if *responding { "" } else { ", does not answer" };
                format!("pid {pid} since {since}{answers}")
            }
            None => "nobody".to_owned(),
        };
        let held = summary.held_why.as_ref().map_or_else(String::new, |why| format!("  {why}"));
        let capacity =
            if self.queue_capacity == 0 { String::new() } else { format!(" of {}", text::count(self.queue_capacity)) };
        let age = |ms: Option<u64>| text::known(ms, text::long_age);
        for (what, figure) in [
            ("dispatcher", dispatcher),
            ("queued", format!("{}{capacity}", text::count(self.queue_length))),
            ("in flight", text::count(self.in_flight)),
            ("retrying", text::count(self.retry_queue_length)),
            ("held", format!("{}{held}", text::count(self.held))),
            (
                "dead letters",
                format!("{}  oldest {}", text::count(self.dead_letter_count), age(summary.oldest_dead_ms)),
            ),
            ("in, out", format!("{}, {}", text::rate(summary.in_rate), text::rate(summary.out_rate))),
            ("oldest", format!("{}  {}", age(self.oldest_undelivered_ms), summary.drain.words())),
            (
                "delivered",
                format!("{} ever, {} died", text::count(self.total_deliveries), text::count(self.total_failures)),
            ),
            ("dropped", text::count(self.dropped_events)),
        ] {
            out.line(format_args!("{what:<13} {figure}"))?;
        }
        out.line("")?;
        endpoints::print(figures, context, out)
    }
}
