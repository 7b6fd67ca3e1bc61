//! `hooktui sign`: the headers by which a receiver verifies a body.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::exit::{Exit, Outcome};
use super::input;
use super::out::Out;
use super::place::now;
use super::secrets::Secrets;
use super::values;
use crate::event::{StoredEvent, id};
use crate::wire::sign::Signed;
use crate::wire::{self, Dialect, Message};

/// Options of `sign`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How it is signed
    #[arg(long, default_value = "ntm", ignore_case = true, value_parser = values::dialect())]
    dialect: &'static Dialect,
    #[command(flatten)]
    secrets: Secrets,
    /// The id that is signed or sent along; otherwise a new one where the dialect signs it
    #[arg(long, value_parser = header_id)]
    id: Option<String>,
    /// The time that is signed, in Unix seconds; otherwise now
    #[arg(long, value_name = "SECONDS")]
    timestamp: Option<i64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The body, byte for byte; - for standard input
    file: PathBuf,
}

/// Prints the header lines.
pub fn run(args: &Args, out: &mut Out) -> Outcome {
    let keys = args.secrets.needed(args.dialect)?;
    let body = input::read(&args.file)?;
    let id = args.id.clone().unwrap_or_else(id::new_event_id);
    let event = StoredEvent::new(id.clone(), String::new(), String::new());
    let unix_seconds = args.timestamp.unwrap_or_else(|| now().div_euclid(1_000));
    let message = Message { event: &event, event_seq: 0, delivery_id: &id, attempt: 1, unix_seconds };
    let mut headers: Vec<_> = wire::signed_headers(args.dialect, &keys, &message, &body).collect();
    // An id that nobody asked for, and that is not signed, would say nothing.
    let said = args.id.is_some() || args.dialect.signature.signed == Signed::IdTimestampBody;
    headers.retain(|header| said || args.dialect.id_header != Some(&*header.name));
    if args.json {
        let headers: BTreeMap<&str, &str> = headers.iter().map(|header| (&*header.name, &*header.value)).collect();
        out.json_pretty(&headers)?;
    } else {
        for header in &headers {
            out.line(format_args!("{}: {}", header.name, header.value))?;
        }
    }
    Ok(Exit::Done)
}

fn header_id(text: &str) -> Result<String, &'static str> {
    let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(text.to_owned()) } else { Err("an id is of letters, digits and signs, without spaces") }
}
