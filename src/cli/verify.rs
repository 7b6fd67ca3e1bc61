//! `hooktui verify`: whether a receiver would believe a signature, and if not, why.

use std::path::PathBuf;

use serde::Serialize;

use super::exit::{Exit, Failure, Outcome};
use super::input;
use super::out::{Out, Tone};
use super::place::now;
use super::secrets::Secrets;
use super::values;
use crate::wire::Dialect;
use crate::wire::sign::Invalid;

/// Options of `verify`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How it is signed
    #[arg(long, default_value = "ntm", ignore_case = true, value_parser = values::dialect())]
    dialect: &'static Dialect,
    #[command(flatten)]
    secrets: Secrets,
    /// A header of the request, as `Name: value`, or several on lines of their own; again for the next
    #[arg(long, value_name = "LINE")]
    header: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The body, byte for byte; - for standard input
    file: PathBuf,
}

#[derive(Serialize)]
struct Verified {
    valid: bool,
    dialect: &'static str,
    /// What is wrong, in one word: missing, malformed, age or signature.
    wrong: Option<&'static str>,
    text: Option<String>,
}

/// Says `valid`, or what is wrong; then 1.
pub fn run(args: &Args, out: &mut Out) -> Outcome {
    let keys = args.secrets.needed(args.dialect)?;
    let headers = headers(&args.header)?;
    let header = |name: &str| {
        let found = headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name));
        found.map(|(_, value)| (*value).to_owned())
    };
    let body = input::read(&args.file)?;
    let invalid = args.dialect.verify(&keys, &header, &body, now().div_euclid(1_000)).err();
    let (valid, text) = (invalid.is_none(), invalid.as_ref().map(ToString::to_string));
    if args.json {
        let wrong = invalid.as_ref().map(in_a_word);
        out.json_pretty(&Verified { valid, dialect: args.dialect.name, wrong, text })?;
    } else {
        match text {
            None => out.line(out.tone(Tone::Good, "valid"))?,
            Some(text) => out.line(out.tone(Tone::Bad, &format!("not valid: {text}")))?,
        }
    }
    Ok(if valid { Exit::Done } else { Exit::Failed })
}

fn headers(lines: &[String]) -> Result<Vec<(&str, &str)>, Failure> {
    let lines = lines.iter().flat_map(|text| text.lines()).filter(|line| !line.trim().is_empty());
    lines
        .map(|line| line.split_once(':').map(|(name, value)| (name.trim(), value.trim())))
        .collect::<Option<_>>()
        .ok_or_else(|| Failure::usage("a --header is not of the form `Name: value`"))
}

const fn in_a_word(invalid: &Invalid) -> &'static str {
    match invalid {
        Invalid::Missing(_) => "missing",
        Invalid::Malformed { .. } => "malformed",
        Invalid::Age { .. } => "age",
        Invalid::NoMatch(_) => "signature",
    }
}
