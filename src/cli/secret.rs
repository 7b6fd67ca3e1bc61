//! `hooktui secret`: a new secret in the shape of a dialect.

use secrecy::ExposeSecret;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::exit::{Exit, Failure, Outcome};
use super::out::Out;
use super::values;
use crate::wire::{Dialect, key};

/// So many characters tell one secret from another where the secret itself must not be shown.
const PREFIX: usize = 8;

/// Options of `secret`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whose receivers it is for
    #[arg(long, default_value = "ntm", ignore_case = true, value_parser = values::dialect())]
    dialect: &'static Dialect,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Made<'a> {
    dialect: &'static str,
    secret: &'a str,
    sha256: String,
    prefix: &'a str,
}

/// Makes one from the system's randomness and prints it, with what a receiver may keep in its place.
pub fn run(args: &Args, out: &mut Out) -> Outcome {
    let mut random = [0; key::FRESH];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::failed(format!("the system gives no random bytes: {error}")))?;
    let secret = args.dialect.secret.secret(&random);
    let secret = secret.expose_secret();
    let made = Made {
        dialect: args.dialect.name,
        secret,
        sha256: key::hex(&Sha256::digest(secret)),
        prefix: secret.get(..PREFIX).unwrap_or(secret),
    };
    if args.json {
        out.json_pretty(&made)?;
    } else {
        out.line(format_args!("secret  {}", made.secret))?;
        out.line(format_args!("sha256  {}", made.sha256))?;
        out.line(format_args!("prefix  {}", made.prefix))?;
    }
    Ok(Exit::Done)
}
