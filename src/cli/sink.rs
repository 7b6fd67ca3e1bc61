//! `hooktui sink`: a local receiver for trying things out.

pub mod server;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::present::clock::rfc3339;
use crate::present::{escape, figures};
use crate::wire::Dialect;

use super::exit::{Exit, Failure, Outcome};
use super::out::{Out, Tone};
use super::run::Stops;
use super::secrets::Secrets;
use super::values;
use server::{Answer, Script, Signature, Sink, Visit};

/// Requests that may wait to be printed before further ones wait for their answers.
const BACKLOG: usize = 1_024;

/// Options of `sink`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 7718)]
    port: u16,
    /// Answer with this status
    #[arg(long, default_value = "200", value_parser = status)]
    status: StatusCode,
    /// Say Retry-After: seconds or a date
    #[arg(long, value_name = "WHEN", value_parser = header_value)]
    retry_after: Option<HeaderValue>,
    /// Answer this share of the requests with 500 instead, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    fail_rate: f64,
    /// Wait so long before each answer, for example 50ms
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    delay: Option<Duration>,
    #[command(flatten)]
    secrets: Secrets,
    /// What is received: which headers, how it is signed; with a secret, what does not verify is answered 401
    #[arg(long, default_value = "ntm", ignore_case = true, value_parser = values::dialect())]
    dialect: &'static Dialect,
    /// Print the bodies too
    #[arg(long)]
    body: bool,
    /// One JSON object per request, with headers and body
    #[arg(long)]
    json: bool,
}

/// Receives until it is told to stop.
pub fn run(args: Args, out: &mut Out) -> Outcome {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start: {error}")))?
        .block_on(receive(args, out))
}

async fn receive(args: Args, out: &mut Out) -> Outcome {
    let keys = args.secrets.keys(args.dialect)?;
    let mut stops = Stops::listen().map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))?;
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, args.port))).await;
    let cannot = |error: io::Error| {
        Failure::failed(format!("cannot listen on 127.0.0.1:{}: {error}; choose another --port", args.port))
    };
    let listener = listener.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let printer = Printer { dialect: args.dialect, body: args.body, json: args.json };
    printer.listening(address, out)?;
    let (told, mut visits) = mpsc::channel(BACKLOG);
    let (dialect, script) = (args.dialect, script(args));
    let mut served = Box::pin(Sink { dialect, keys, script, visits: Some(told) }.serve(listener));
    loop {
        tokio::select! {
            () = stops.next() => return Ok(Exit::Done),
            ended = &mut served => {
                ended?;
                return Ok(Exit::Done);
            }
            Some(visit) = visits.recv() => printer.visit(&visit, out)?,
        }
        if out.is_reader_gone() {
            return Ok(Exit::Done);
        }
    }
}

fn script(args: Args) -> Script {
    let delay = args.delay.unwrap_or_default();
    let usual = Answer { status: args.status, retry_after: args.retry_after, body: "", delay };
    let failed = Answer { status: StatusCode::INTERNAL_SERVER_ERROR, ..usual.clone() };
    Box::new(move |_| if fastrand::f64() < args.fail_rate { failed.clone() } else { usual.clone() })
}

/// Prints what the sink got.
struct Printer {
    dialect: &'static Dialect,
    body: bool,
    json: bool,
}

/// One request, as `--json` prints it.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    method: &'a str,
    path: &'a str,
    event_type: Option<String>,
    delivery_id: Option<String>,
    attempt: Option<u32>,
    size: usize,
    signature: &'static str,
    signature_error: Option<&'a str>,
    status: u16,
    headers: Vec<(&'a str, String)>,
    body: String,
}

impl Printer {
    fn listening(&self, address: SocketAddr, out: &mut Out) -> io::Result<()> {
        if self.json {
            out.json(&serde_json::json!({ "listening": format!("http://{address}") }))?;
        } else {
            out.line(format_args!("listening on http://{address}; Ctrl-c ends"))?;
        }
        out.flush()
    }

    fn visit(&self, visit: &Visit, out: &mut Out) -> io::Result<()> {
        if self.json {
            out.json(&self.record(visit))?;
        } else {
            out.line(self.text(visit, out))?;
            if self.body {
                for line in escape::lines(&visit.body) {
                    out.line(format_args!("    {line}"))?;
                }
            }
        }
        out.flush()
    }

    fn text(&self, visit: &Visit, out: &Out) -> String {
        let tone = if visit.status.is_success() { Tone::Good } else { Tone::Bad };
        let mut parts = vec![
            rfc3339(visit.at),
            out.tone(tone, visit.status.as_str()),
            escape::line(&format!("{} {}", visit.method, visit.path)).into_owned(),
        ];
        let named = [self.dialect.type_header, self.dialect.id_header].into_iter().flatten();
        parts.extend(named.filter_map(|name| header(visit, name)).map(|value| escape::line(&value).into_owned()));
        parts.extend(self.attempt(visit).map(|attempt| format!("attempt {attempt}")));
        parts.push(figures::size(visit.body.len() as u64));
        let signature = format!("signature {}", visit.signature);
        let bad = matches!(visit.signature, Signature::Bad(_));
        parts.push(if bad { out.tone(Tone::Bad, &signature) } else { signature });
        parts.join("  ")
    }

    fn record<'a>(&self, visit: &'a Visit) -> Line<'a> {
        let (signature, signature_error) = match &visit.signature {
            Signature::None => ("none", None),
            Signature::Unchecked => ("unchecked", None),
            Signature::Good => ("ok", None),
            Signature::Bad(why) => ("bad", Some(why.as_str())),
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Line {
            timestamp: rfc3339(visit.at),
            method: &visit.method,
            path: &visit.path,
            event_type: self.dialect.type_header.and_then(|name| header(visit, name)),
            delivery_id: self.dialect.id_header.and_then(|name| header(visit, name)),
            attempt: self.attempt(visit),
            size: visit.body.len(),
            signature,
            signature_error,
            status: visit.status.as_u16(),
            headers: visit.headers.iter().map(|(name, value)| (name.as_str(), text(value.as_bytes()))).collect(),
            body: text(&visit.body),
        }
    }

    fn attempt(&self, visit: &Visit) -> Option<u32> {
        self.dialect.attempt_header.and_then(|name| header(visit, name))?.parse().ok()
    }
}

fn header(visit: &Visit, name: &str) -> Option<String> {
    visit.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn status(text: &str) -> Result<StatusCode, String> {
    let code = text.parse().ok().filter(|code| (200..600).contains(code));
    code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or_else(|| "give a status from 200 to 599".to_owned())
}

fn header_value(text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(text).map_err(|_| "give seconds or an HTTP date".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "give a share from 0 to 1, 0.2 for one in five".to_owned())
}

#[cfg(test)]
mod tests;
