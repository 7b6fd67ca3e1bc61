//! `hooktui render ENDPOINT`: what that endpoint would be sent; sends nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::config::Endpoint;
use crate::event::redact::{Passed, Policy};
use crate::event::{Event, StoredEvent};
use crate::journal::Refusal;
use crate::present::escape;
use crate::wire::mask::Scrubber;
use crate::wire::{self, Message, Request};

use super::exit::{Exit, Failure, Outcome};
use super::out::{Out, tell};
use super::place::{Context, Place, now};
use super::sample;

/// Options of `render`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The endpoint's name or id
    endpoint: String,
    /// The event as JSON, from a file or - for standard input; otherwise a made-up one
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// Show the URL, the signature and other secrets
    #[arg(long)]
    reveal: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Shown {
    method: &'static str,
    url: String,
    headers: BTreeMap<String, String>,
    body: String,
}

/// Prints method, URL, headers and body.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let endpoint = find(&context, &args.endpoint)?;
    let event = match &args.event {
        Some(path) => redacted(sample::read(path)?, &context.config()?.redaction)?,
        None => sample::event("agent.error"),
    };
    let scrubber = &context.config()?.scrubber;
    let request = render(endpoint, &event, scrubber)?;
    let url = if args.reveal { request.url.expose().to_string() } else { format!("{} (masked)", request.url.shown()) };
    let value = |header: &wire::Header| {
        if args.reveal { header.value.to_string() } else { scrubber.header(&header.name, header.shown()).into_owned() }
    };
    let body = if args.reveal { request.body.to_vec() } else { scrubber.bytes(&request.body).into_owned() };
    if args.json {
        let headers: Vec<(String, String)> =
            request.headers.iter().map(|header| (header.name.to_string(), value(header))).collect();
        let url = if args.reveal { url } else { request.url.shown() };
        let body = String::from_utf8_lossy(&body).into_owned();
        out.json_pretty(&Shown { method: request.method, url, headers: super::json::joined(&headers), body })?;
        return Ok(Exit::Done);
    }
    out.line(format_args!("{} {}", request.method, escape::line(&url)))?;
    for header in &request.headers {
        out.line(format_args!("{}: {}", header.name, escape::line(&value(header))))?;
    }
    out.line("")?;
    for line in escape::lines(&body) {
        out.line(line)?;
    }
    Ok(Exit::Done)
}

/// The event as it would be accepted.
fn redacted(event: Event, redaction: &Policy) -> Result<Event, Failure> {
    match redaction.pass(&event) {
        Passed::Clean => Ok(event),
        Passed::Redacted(event) => Ok(*event),
        Passed::Warned(findings) => {
            tell(format_args!("the event seems to hold secrets: {}", escape::line(&findings.to_string())));
            Ok(event)
        }
        Passed::Blocked(findings) => Err(Failure::failed(escape::line(&Refusal::Blocked { findings }.to_string()))),
    }
}

/// The endpoint of the file with this name or id.
///
/// # Errors
/// When the file is invalid or has none of that name.
pub fn find<'a>(context: &'a Context, name: &str) -> Result<&'a Endpoint, Failure> {
    let endpoints = &context.config()?.endpoints;
    let wanted = name.trim().to_lowercase();
    let found = endpoints
        .iter()
        .find(|endpoint| endpoint.route.endpoint == name || endpoint.route.name.trim().to_lowercase() == wanted);
    found.ok_or_else(|| {
        let known: Vec<_> = endpoints.iter().map(|endpoint| escape::line(&endpoint.route.name)).collect();
        let known =
            if known.is_empty() { "the file has none".to_owned() } else { format!("there are: {}", known.join(", ")) };
        Failure::failed(format!("no endpoint is called {}; {known}", escape::line(name)))
    })
}

fn render(endpoint: &Endpoint, event: &Event, scrubber: &Scrubber) -> Result<Request, Failure> {
    let target = endpoint.target.as_ref().ok_or_else(|| {
        let missing = endpoint.missing.as_deref().unwrap_or("a variable is not set here");
        Failure::failed(format!("{}: {missing}; set it and try again", endpoint.route.name))
    })?;
    let delivery_id = sample::delivery_id(event, endpoint);
    let event = &StoredEvent::try_from(event.clone())
        .map_err(|error| Failure::failed(format!("the event cannot be written as JSON: {error}")))?;
    let message = Message { event, event_seq: 1, delivery_id: &delivery_id, attempt: 1, unix_seconds: now() / 1000 };
    // A template's error may repeat a piece of it, and that what a variable holds.
    wire::render(target, message)
        .map_err(|error| Failure::failed(format!("{}: {}", error.reason, escape::line(&scrubber.text(&error.text)))))
}
