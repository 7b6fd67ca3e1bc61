//! Values that options take.

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::config::{Rate, parse_duration, parse_rate};
use crate::wire::{Dialect, dialect};

/// A duration as the file writes them: `30s`, `1h30m`, `7d`.
pub fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text, true)
}

/// A rate as the file writes them: `50/s`, `300/m`.
pub fn rate(text: &str) -> Result<Rate, String> {
    parse_rate(text)
}

/// A duration in milliseconds, as the journal counts.
#[must_use]
pub fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A dialect by its name; help and completions tell which there are.
pub fn dialect() -> impl TypedValueParser<Value = &'static Dialect> {
    PossibleValuesParser::new(dialect::ALL.iter().map(|dialect| dialect.name))
        .try_map(|name| Dialect::from_word(&name).ok_or("is no dialect"))
}
