//! `hooktui show ID`: one delivery with every attempt, or one event with its deliveries.

use std::io::IsTerminal as _;

use crate::journal::{AttemptDetail, DeliveryDetail, EventDetail, Overview, Reader};
use crate::present::clock::rfc3339;
use crate::present::next::By;
use crate::present::{escape, figures, glyphs, outgoing, result};

use super::deliveries;
use super::exit::{Exit, Failure, Outcome};
use super::json;
use super::out::{Out, Tone};
use super::outlook::Outlooks;
use super::place::{Context, Place, now};

/// Options of `show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The id of a delivery or of an event
    id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print the request that would go out now as a line of curl: with the URL and a fresh signature
    #[arg(long, conflicts_with = "json")]
    curl: bool,
}

/// Looks the id up among deliveries, then among events.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    if let Some(reader) = context.reader()? {
        if let Some(detail) = reader.delivery(&args.id)? {
            if args.curl {
                return curl(&detail, &context, out);
            }
            delivery(&detail, &context, &reader, args.json, out)?;
            return Ok(Exit::Done);
        }
        if let Some(detail) = reader.event(&args.id)? {
            if args.curl {
                return Err(Failure::usage("--curl takes the id of a delivery: an event is not sent by itself"));
            }
            event(&detail, &context, &reader, args.json, out)?;
            return Ok(Exit::Done);
        }
    }
    let id = escape::line(&args.id);
    Err(Failure::failed(format!("no delivery or event has the id {id}; see `hooktui deliveries` or `hooktui events`")))
}

/// Prints the request that would go out now. It was asked for, and holds what is masked elsewhere.
fn curl(detail: &DeliveryDetail, context: &Context, out: &mut Out) -> Outcome {
    let line = outgoing::request(context.config()?, detail, now()).and_then(|request| outgoing::curl(&request));
    let line = line.map_err(Failure::failed)?;
    let steers = |one: char| one.is_control() && !matches!(one, '\n' | '\t');
    if std::io::stdout().is_terminal() && line.contains(steers) {
        let cure = "write it to a file: hooktui show ID --curl > request.sh";
        return Err(Failure::failed(format!("the body holds bytes that would steer this terminal; {cure}")));
    }
    out.line(line)?;
    Ok(Exit::Done)
}

/// Prints one delivery with everything.
pub fn delivery(
    detail: &DeliveryDetail,
    context: &Context,
    reader: &Reader,
    as_json: bool,
    out: &mut Out,
) -> Result<(), Failure> {
    let overview = reader.overview(now())?;
    let outlook = Outlooks::new(context, &overview, now());
    let next = outlook.of(&detail.row);
    if as_json {
        out.json_pretty(&json::WholeDelivery::new(detail, next.sentence()))?;
        return Ok(());
    }
    let row = &detail.row;
    out.line(format_args!(
        "{}\n  {} → {}{}",
        escape::line(&row.id),
        escape::line(&row.event_type),
        escape::line(&row.endpoint),
        host(&overview, row.endpoint_key),
    ))?;
    out.line(format_args!("  {}", out.tone(deliveries::tone(row), &next.sentence())))?;
    if let Some(cure) = next.cure(By::Commands) {
        out.line(format_args!("  {cure}"))?;
    }
    if let Some(origin) = &detail.origin {
        out.line(format_args!("  made from {}", escape::line(origin)))?;
    }
    for attempt in &detail.attempts {
        out.line("")?;
        print_attempt(attempt, out)?;
    }
    out.line("\nevent")?;
    print_json(&detail.event, out)?;
    Ok(())
}

fn event(
    detail: &EventDetail,
    context: &Context,
    reader: &Reader,
    as_json: bool,
    out: &mut Out,
) -> Result<(), Failure> {
    if as_json {
        out.json_pretty(&json::WholeEvent::new(detail))?;
        return Ok(());
    }
    out.line(format_args!("{}  accepted {}", escape::line(&detail.row.id), rfc3339(detail.row.accepted_at)))?;
    if let Some(origin) = &detail.row.origin {
        out.line(format_args!("  made from {}", escape::line(origin)))?;
    }
    print_json(&detail.event, out)?;
    out.line("")?;
    if detail.row.unrouted {
        out.line("unrouted: it will be routed when the first good file is applied")?;
    } else if detail.deliveries.is_empty() {
        let id = escape::line(&detail.row.id);
        out.line(format_args!("no endpoint matched it; `hooktui resend {id}` routes it again"))?;
    } else {
        let overview: Overview = reader.overview(now())?;
        deliveries::print(out, &detail.deliveries, &overview, context)?;
    }
    Ok(())
}

fn host(overview: &Overview, key: i64) -> String {
    overview
        .endpoints
        .iter()
        .find(|endpoint| endpoint.key == key)
        .map_or_else(String::new, |endpoint| format!("  ({})", escape::line(&endpoint.host)))
}

fn print_attempt(attempt: &AttemptDetail, out: &mut Out) -> std::io::Result<()> {
    let row = &attempt.row;
    let tone = if row.outcome == crate::event::Outcome::Delivered { Tone::Good } else { Tone::Bad };
    out.line(format_args!(
        "attempt {}  {}  {}  {}  {}",
        row.number,
        rfc3339(row.started_at),
        row.trigger,
        out.tone(tone, &result::of_attempt(row, &glyphs::UNICODE, usize::MAX)),
        timing(attempt),
    ))?;
    exchange("  > ", &attempt.request_headers, attempt.request_body.as_deref(), out)?;
    if row.status.is_some() {
        exchange("  < ", &attempt.response_headers, attempt.response_body.as_deref(), out)?;
    }
    Ok(())
}

/// How long it took, and where the time went.
fn timing(attempt: &AttemptDetail) -> String {
    let whole = figures::known(attempt.row.duration_us, figures::took);
    let parts: Vec<String> = [("name", attempt.resolve_us), ("first byte", attempt.first_byte_us)]
        .into_iter()
        .filter_map(|(what, micros)| micros.map(|micros| format!("{what} {}", figures::took(micros))))
        .collect();
    let parts = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
    let remote = attempt.remote.as_ref().map_or_else(String::new, |remote| format!("  {}", escape::line(remote)));
    format!("{whole}{parts}{remote}")
}

/// Headers and body of one side, each line behind its mark.
pub fn exchange(mark: &str, headers: &[(String, String)], body: Option<&[u8]>, out: &mut Out) -> std::io::Result<()> {
    for (name, value) in headers {
        out.line(format_args!("{mark}{}: {}", escape::line(name), escape::line(value)))?;
    }
    let Some(body) = body.filter(|body| !body.is_empty()) else { return Ok(()) };
    if !headers.is_empty() {
        out.line(mark.trim_end())?;
    }
    for line in escape::lines(body) {
        out.line(format_args!("{mark}{line}").to_string().trim_end())?;
    }
    Ok(())
}

fn print_json(value: &impl serde::Serialize, out: &mut Out) -> std::io::Result<()> {
    for line in escape::lines(&serde_json::to_vec_pretty(value)?) {
        out.line(format_args!("  {line}"))?;
    }
    Ok(())
}
