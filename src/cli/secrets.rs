//! The options by which commands take secrets.

use secrecy::SecretString;

use super::exit::Failure;
use crate::present::escape;
use crate::wire::{Dialect, Key};

/// Secrets of the command line. No error repeats one.
#[derive(Debug, Clone, clap::Args)]
pub struct Secrets {
    /// A secret; again for an older one. Other users of this machine can see it: --secret-env is safer
    #[arg(long, value_name = "SECRET")]
    secret: Vec<SecretString>,
    /// The variable that holds a secret; again for an older one
    #[arg(long, value_name = "VAR")]
    secret_env: Vec<String>,
}

impl Secrets {
    /// The keys of a dialect, newest first: those given openly, then those of variables. None where none is given.
    ///
    /// # Errors
    /// Wrong usage, when a variable is not set or a secret is none of this dialect.
    pub fn keys(&self, dialect: &Dialect) -> Result<Vec<Key>, Failure> {
        let bad =
            |place: &str, what: &dyn std::fmt::Display| Failure::usage(format!("{}: {what}", escape::line(place)));
        let open = self.secret.iter().map(|secret| ("--secret", secret.clone()));
        let mut secrets: Vec<(&str, SecretString)> = open.collect();
        for name in &self.secret_env {
            let value = std::env::var(name).map_err(|_| bad(name, &"is not set, or is no text; export it first"))?;
            secrets.push((name, value.into()));
        }
        secrets.iter().map(|(place, secret)| dialect.key(secret).map_err(|why| bad(place, &why))).collect()
    }

    /// The same, where there must be at least one.
    ///
    /// # Errors
    /// As [`Secrets::keys`], and when none is given.
    pub fn needed(&self, dialect: &Dialect) -> Result<Vec<Key>, Failure> {
        let keys = self.keys(dialect)?;
        if keys.is_empty() { Err(Failure::usage("no secret is given; use --secret-env or --secret")) } else { Ok(keys) }
    }
}
