//! `--filter`: the filter language of the console on the command line.

use std::time::Duration;

use crate::event::Query;
use crate::event::query::{QueryError, Subject};
use crate::journal::Search;
use crate::present::{escape, fit};

use super::place::now;

/// A command may look further than a screen: nobody waits for its next frame.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is asked of a list; everything without a filter.
pub fn search(filter: Option<&Query>) -> Search {
    Search { patience: PATIENCE, ..Search::new(filter.cloned().unwrap_or_default(), now()) }
}

/// A filter of deliveries.
pub fn of_deliveries(text: &str) -> Result<Query, String> {
    parse(text, Subject::Deliveries)
}

/// A filter of dead letters.
pub fn of_dead(text: &str) -> Result<Query, String> {
    parse(text, Subject::Dead)
}

/// A filter of attempts.
pub fn of_attempts(text: &str) -> Result<Query, String> {
    parse(text, Subject::Attempts)
}

/// A filter of events.
pub fn of_events(text: &str) -> Result<Query, String> {
    parse(text, Subject::Events)
}

/// A filter of log lines.
pub fn of_log(text: &str) -> Result<Query, String> {
    parse(text, Subject::Log)
}

fn parse(text: &str, subject: Subject) -> Result<Query, String> {
    Query::parse_for(text, subject).map_err(|error| pointed(text, &error))
}

/// The error, the filter, and marks under the offending word.
fn pointed(text: &str, error: &QueryError) -> String {
    let wide = |part: Option<&str>| fit::width(&escape::line(part.unwrap_or_default()));
    let before = " ".repeat(wide(text.get(..error.span.start)));
    let marks = "^".repeat(wide(text.get(error.span.clone())).max(1));
    format!("{}\n    {}\n    {before}{marks}", escape::line(&error.text), escape::line(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_stands_under_the_offending_word() {
        let told = of_deliveries("type:a\u{1b}* ü stat:dead x").unwrap_err();
        let lines: Vec<&str> = told.lines().collect();
        let before = lines[1].split("stat").next().unwrap().chars().count();
        assert_eq!(lines[2], format!("{}{}", " ".repeat(before), "^".repeat("stat:dead".len())));
        assert!(lines[0].contains("did you mean state:?"), "{}", lines[0]);
    }
}
