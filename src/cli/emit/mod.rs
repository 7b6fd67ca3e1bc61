//! `hooktui emit`: events in. Runtime-free and short: agents call it often.

mod stdin;
mod wait;

use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::event::{Event, Incoming};
use crate::journal::{Accepted, Refusal, Submission};
use crate::present::{escape, figures};

use super::exit::{Exit, Failure, Outcome};
use super::out::{Out, tell};
use super::place::{Context, Place, now};
use super::values;
use wait::Waited;

/// Options of `emit`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["kind", "stdin"]))]
pub struct Args {
    /// The type, for example agent.error
    #[arg(value_name = "TYPE")]
    kind: Option<String>,
    /// Text for people
    #[arg(short, long, conflicts_with = "stdin")]
    message: Option<String>,
    /// The session
    #[arg(long, value_name = "S", conflicts_with = "stdin")]
    session: Option<String>,
    /// The pane
    #[arg(long, value_name = "P", conflicts_with = "stdin")]
    pane: Option<String>,
    /// The agent
    #[arg(long, value_name = "A", conflicts_with = "stdin")]
    agent: Option<String>,
    /// A detail; may be given several times
    #[arg(short, long = "detail", value_name = "KEY=VALUE", value_parser = key_value, conflicts_with = "stdin")]
    details: Vec<(String, String)>,
    /// Any JSON
    #[arg(long, value_name = "JSON", value_parser = raw_json, conflicts_with = "stdin")]
    data: Option<Box<RawValue>>,
    /// The id; an id that the journal knows is a duplicate
    #[arg(long, conflicts_with = "stdin")]
    id: Option<String>,
    /// When it happened (RFC 3339); otherwise now
    #[arg(long, value_name = "T", conflicts_with = "stdin")]
    timestamp: Option<String>,
    /// To this endpoint only, whether or not it matches
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
    /// The event that this one was made from
    #[arg(long, value_name = "ID")]
    origin: Option<String>,
    /// Read events from standard input, one JSON object per line
    #[arg(long)]
    stdin: bool,
    /// One JSON object per event
    #[arg(long)]
    json: bool,
    /// Wait for the outcome of its deliveries: exit 3 if one ends dead, 4 if the time elapses
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "30s",
        value_parser = values::duration)]
    wait: Option<Duration>,
}

/// Accepts one event, or those of standard input.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    if args.stdin {
        return stdin::run(args, &context, out);
    }
    let event = args.event().map_err(|error| Failure::usage(error.to_string()))?;
    let journal = context.journal()?;
    let submission = Submission { only: args.endpoint.clone(), origin: args.origin.clone(), ..Submission::new(event) };
    let mut answers = journal.accept(vec![submission], context.route_by(), now()).wait()?;
    let accepted = match answers.pop() {
        Some(Ok(accepted)) => accepted,
        Some(Err(refusal)) => return Err(refused(&refusal)),
        None => return Err(Failure::failed("the journal gave no answer; see `hooktui log`")),
    };
    answer(&accepted, args.json, out)?;
    out.flush()?;
    remark(&accepted);
    let mut waited = Waited::default();
    waited.add(accepted);
    wait_or_warn(args.wait, waited, &context)
}

impl Args {
    fn event(&self) -> Result<Event, crate::event::InvalidEvent> {
        let text = |option: &Option<String>| option.clone().unwrap_or_default();
        Incoming {
            id: text(&self.id),
            kind: text(&self.kind),
            timestamp: text(&self.timestamp),
            session: text(&self.session),
            pane: text(&self.pane),
            agent: text(&self.agent),
            message: text(&self.message),
            details: self.details.iter().cloned().collect(),
            data: self.data.clone(),
        }
        .into_event()
    }
}

/// An endpoint that is not there is wrong usage; a full queue is a failure.
fn refused(refusal: &Refusal) -> Failure {
    let told = refusal.to_string();
    let text = escape::line(&told);
    match refusal {
        Refusal::UnknownEndpoint { .. } => Failure::usage(text),
        _ => Failure::failed(text),
    }
}

/// The answer to one event.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    id: &'a str,
    duplicate: bool,
    differs: bool,
    deliveries: &'a [String],
    unrouted: bool,
}

fn answer(accepted: &Accepted, as_json: bool, out: &mut Out) -> std::io::Result<()> {
    if as_json {
        return out.json(&Answer {
            id: &accepted.id,
            duplicate: accepted.duplicate,
            differs: accepted.differs,
            deliveries: &accepted.deliveries,
            unrouted: accepted.unrouted,
        });
    }
    let went = if accepted.duplicate {
        "duplicate".to_owned()
    } else if accepted.unrouted {
        "unrouted".to_owned()
    } else {
        match accepted.deliveries.len() {
            0 => "no endpoint".to_owned(),
            many => figures::counted(many as u64, "delivery", "deliveries"),
        }
    };
    out.line(format_args!("{}  {went}", escape::line(&accepted.id)))
}

/// What is worth a warning about an event that was accepted.
fn remark(accepted: &Accepted) {
    let id = escape::line(&accepted.id);
    if accepted.differs {
        tell(format_args!("{id} is known with other content; what came now was dropped: give a new event a new id"));
    } else if accepted.duplicate {
        tell(format_args!("{id} is known already; it is not delivered again"));
    } else if accepted.unrouted {
        tell(format_args!("{id} is kept and will be routed when the first good file is applied; see `hooktui check`"));
    } else if accepted.deliveries.is_empty() {
        tell(format_args!("{id} matches no endpoint; it is kept, and `hooktui resend {id}` routes it again"));
    }
}

/// Waits for the outcome where that was asked for; otherwise warns when nobody is there to deliver.
fn wait_or_warn(patience: Option<Duration>, waited: Waited, context: &Context) -> Outcome {
    if let Some(patience) = patience {
        return wait::outcome(waited, patience, context);
    }
    if !context.dispatcher_lives() {
        tell("nobody dispatches: it waits until `hooktui` or `hooktui run` runs");
    }
    Ok(Exit::Done)
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("give KEY=VALUE".to_owned()),
    }
}

fn raw_json(text: &str) -> Result<Box<RawValue>, String> {
    serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"))
}
