//! `hooktui resend`: a delivery gets one attempt now; an event goes to the endpoints that match now and never had it.

use serde::Serialize;

use crate::journal::{ActResult, Journal, JournalError, Reader};
use crate::present::{escape, figures};

use super::exit::{Exit, Failure, Outcome};
use super::out::{Out, tell};
use super::place::{Context, Place};
use super::select;

/// Options of `resend`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Ids of deliveries or of events
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// Events go to this endpoint only, whether or not it matches
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// `{ordered, deliveries, skipped}`: attempts that were ordered, and deliveries made for events.
#[derive(Debug, Default, Serialize)]
struct Report {
    ordered: u64,
    deliveries: Vec<String>,
    skipped: Vec<Skipped>,
}

#[derive(Debug, Serialize)]
struct Skipped {
    id: String,
    why: String,
}

/// Orders the attempts and routes the events.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let Some(reader) = context.reader()? else {
        return Err(Failure::failed("the journal is empty: there is nothing to send again"));
    };
    let mut events = Vec::new();
    let mut deliveries = Vec::new();
    for id in &args.ids {
        if is_event(&reader, id)? { events.push(id.clone()) } else { deliveries.push(id.clone()) }
    }
    if let (Some(_), Some(id)) = (&args.endpoint, deliveries.first()) {
        let id = escape::line(id);
        return Err(Failure::usage(format!(
            "--endpoint is for events; {id} is no event (a delivery has its endpoint)"
        )));
    }
    let journal = context.journal()?;
    let mut report = Report::default();
    if !deliveries.is_empty() {
        let (actor, now) = select::by_hand();
        let mut result = journal.resend(deliveries, actor, now).wait()?;
        select::without_dispatcher(&mut result.skipped, &context);
        report.add(result);
    }
    for event in events {
        report.route(&journal, &context, event, args.endpoint.clone())?;
    }
    report.tell(args.json, out)?;
    if (report.ordered > 0 || !report.deliveries.is_empty()) && !context.dispatcher_lives() {
        tell("nobody dispatches: it goes out when `hooktui` or `hooktui run` runs");
        return Ok(Exit::Waiting);
    }
    Ok(if report.skipped.is_empty() { Exit::Done } else { Exit::Failed })
}

fn is_event(reader: &Reader, id: &str) -> Result<bool, JournalError> {
    Ok(reader.delivery(id)?.is_none() && reader.event(id)?.is_some())
}

impl Report {
    fn add(&mut self, result: ActResult) {
        self.ordered += result.done;
        self.skipped.extend(result.skipped.into_iter().map(|(id, why)| Skipped { id, why }));
    }

    fn route(
        &mut self,
        journal: &Journal,
        context: &Context,
        event: String,
        only: Option<String>,
    ) -> Result<(), Failure> {
        let (actor, now) = select::by_hand();
        match journal.resend_event(event.clone(), only, context.route_by(), actor, now).wait()? {
            Ok(made) if made.is_empty() => {
                let why = "every endpoint that matches has had it; name one with --endpoint".to_owned();
                self.skipped.push(Skipped { id: event, why });
            }
            Ok(made) => self.deliveries.extend(made),
            Err(why) => self.skipped.push(Skipped { id: event, why }),
        }
        Ok(())
    }

    fn tell(&self, as_json: bool, out: &mut Out) -> std::io::Result<()> {
        if as_json {
            out.json_pretty(self)?;
        } else {
            if self.ordered > 0 {
                out.line(format_args!("ordered: {}", figures::counted(self.ordered, "attempt", "attempts")))?;
            }
            for id in &self.deliveries {
                out.line(format_args!("routed: {}", escape::line(id)))?;
            }
        }
        out.flush()?;
        for Skipped { id, why } in &self.skipped {
            tell(format_args!("{}: {}", escape::line(id), escape::line(why)));
        }
        Ok(())
    }
}
