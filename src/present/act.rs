//! Acts by hand on many, in words: what would be changed, how far it has come, how it ended.

use crate::engine::replay::{End, Report};
use crate::event::{Cause, Circuit, Millis, Reason};
use crate::journal::{Act, ActResult, Counted, EndpointRow, GroupRow, Held, Progress};
use crate::wire::status;

use super::{escape, figures, fit, result};

/// What an act is for: `1 dead letter`, `41,200 dead letters`.
#[must_use]
pub fn what(act: Act, count: u64) -> String {
    let (one, many) = match act {
        Act::Retry | Act::Clear => ("dead letter", "dead letters"),
        Act::Restore => ("cleared dead letter", "cleared dead letters"),
        Act::Cancel => ("waiting delivery", "waiting deliveries"),
    };
    figures::counted(count, one, many)
}

/// How many in all.
#[must_use]
pub fn total(counts: &[Counted]) -> u64 {
    counts.iter().map(|one| one.count).sum()
}

/// What the last attempt failed with: `502 Bad Gateway`, `connection refused`.
#[must_use]
pub fn cause(cause: Cause) -> String {
    let words = match cause {
        Cause::Status(code) => return status::with_phrase(code),
        Cause::Timeout => "timeout",
        Cause::Refused => "connection refused",
        Cause::Reset => "connection reset",
        Cause::Closed => "connection closed",
        Cause::Unreachable => "unreachable",
        Cause::Name => "name does not resolve",
        Cause::Tls => "TLS failed",
        Cause::Network => "network error",
        Cause::Unsent => "could not be sent",
        Cause::Interrupted => "interrupted",
        Cause::Untried => "never tried",
    };
    words.to_owned()
}

/// The signature of a group in one text: `exhausted: 502 Bad Gateway`, `cancelled`.
#[must_use]
pub fn signature(group: &GroupRow) -> String {
    match group.reason {
        Some(reason @ (Reason::Cancelled | Reason::Expired | Reason::Overflow)) if group.cause == Cause::Untried => {
            result::word(reason).to_owned()
        }
        Some(reason) => format!("{}: {}", result::word(reason), cause(group.cause)),
        None => cause(group.cause),
    }
}

/// A table of what would be changed, the largest first: count, endpoint, what it failed with; at most `most` lines and one
/// for the others.
#[must_use]
pub fn table(counts: &[Counted], most: usize) -> Vec<String> {
    let mut sorted: Vec<&Counted> = counts.iter().collect();
    sorted.sort_by_key(|one| std::cmp::Reverse(one.count));
    // One line for the others tells no more than the one line it would stand for.
    let named = if sorted.len() <= most + 1 { sorted.len() } else { most };
    let (named, others) = sorted.split_at_checked(named).unwrap_or((&[], &[]));
    let mut lines: Vec<[String; 3]> = named
        .iter()
        .map(|one| {
            let endpoint = escape::line(&one.endpoint).into_owned();
            [figures::count(one.count), endpoint, one.cause.map(cause).unwrap_or_default()]
        })
        .collect();
    if !others.is_empty() {
        let rest: u64 = others.iter().map(|one| one.count).sum();
        lines.push([figures::count(rest), "others".to_owned(), String::new()]);
    }
    let widest =
        |at: usize| lines.iter().filter_map(|line| line.get(at)).map(|cell| fit::width(cell)).max().unwrap_or(0);
    let (figures_wide, names_wide) = (widest(0), widest(1).min(24));
    let line = |[count, endpoint, cause]: &[String; 3]| {
        format!("{}  {}  {cause}", fit::right(count, figures_wide), fit::name(endpoint, names_wide))
            .trim_end()
            .to_owned()
    };
    let mut table: Vec<String> = lines.iter().map(line).collect();
    if counts_only(named.iter().copied()) {
        table.push("too many to look at each: counted by endpoint only".to_owned());
    }
    table
}

fn counts_only<'a>(counts: impl IntoIterator<Item = &'a Counted>) -> bool {
    let mut counts = counts.into_iter();
    counts.any(|one| one.cause.is_none() && one.count > 1)
}

/// What keeps the deliveries of this endpoint waiting: `The circuit of ops is open: they wait for its probe in 12 s.`
#[must_use]
pub fn hold(endpoint: &EndpointRow, now: Millis) -> Option<String> {
    let name = escape::line(&endpoint.name);
    Some(match endpoint.held(now)? {
        Held::Circuit => match (endpoint.circuit.circuit, endpoint.circuit.probe_at) {
            (Circuit::HalfOpen, _) => {
                format!("The circuit of {name} is half-open: they go one at a time until it closes.")
            }
            (_, Some(at)) => {
                format!("The circuit of {name} is open: they wait for its probe {}.", figures::countdown(at, now))
            }
            (_, None) => format!("The circuit of {name} is open: they wait for its probe."),
        },
        Held::Paused => format!("{name} is paused: they wait until it is resumed."),
        Held::Disabled => format!("{name} is disabled: they wait until it is resumed."),
        Held::Removed => format!("{name} is no longer in the file."),
        Held::Missing => {
            format!(
                "{name} waits: {}.",
                escape::line(endpoint.missing.as_deref().unwrap_or("its file lacks a variable"))
            )
        }
        Held::RetryAfter(at) => format!("{name} asked for patience: they go {}.", figures::countdown(at, now)),
    })
}

/// How far an act has come: `clear 41,200 of 100,000`, and what it waits for.
#[must_use]
pub fn course(what: &str, progress: &Progress) -> String {
    let Progress { done, of, waits } = progress;
    let of = if *of == 0 { String::new() } else { format!(" of {}", figures::count(*of)) };
    let waits = if waits.is_empty() { String::new() } else { format!(": {}", escape::line(waits)) };
    format!("{what} {}{of}{waits}", figures::count(*done))
}

/// That an act was stopped: `cancelled after 4,000 of 100,000: those are done`.
#[must_use]
pub fn cancelled(result: &ActResult, of: u64) -> String {
    let done = figures::count(result.done);
    if of == 0 {
        return format!("cancelled after {done}: those are done");
    }
    format!("cancelled after {done} of {}: those are done", figures::count(of))
}

/// How a gentle retry ended, and whether as it should.
#[must_use]
pub fn replayed(report: &Report) -> (bool, String) {
    let done = figures::count(report.done);
    let so_far = if report.of == 0 { done.clone() } else { format!("{done} of {}", figures::count(report.of)) };
    match &report.end {
        End::Over if report.done == 0 => (true, "nothing to retry".to_owned()),
        End::Over => (true, format!("all {done} queued again, the first of each endpoint delivered")),
        End::Failed(what) => (false, format!("stopped after {so_far}: {}; the rest stays dead", escape::line(what))),
        End::Cancelled => (false, format!("cancelled after {so_far}; the rest stays dead")),
        End::TakenBack => (false, format!("taken back after {so_far}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(endpoint: &str, cause: Option<Cause>, count: u64) -> Counted {
        Counted { endpoint_key: 1, endpoint: endpoint.to_owned(), cause, count }
    }

    #[test]
    fn a_table_names_the_largest_and_sums_up_the_others() {
        let counts: Vec<_> =
            (1..=9).map(|at| counted("ops", Some(Cause::Status(500 + at)), u64::from(at) * 1_000)).collect();
        let lines = table(&counts, 6);
        assert_eq!(lines[0], "9,000  ops     509");
        assert_eq!(lines[6], "6,000  others");
        assert_eq!(lines.len(), 7);
        let two = [counted("ops", Some(Cause::Refused), 2), counted("sl\u{1b}ack", Some(Cause::Status(503)), 40)];
        assert_eq!(table(&two, 6), ["40  sl\\eack  503 Service Unavailable", " 2  ops      connection refused"]);
        assert_eq!(table(&counts[..7], 6).len(), 7, "no line for one other");
    }

    #[test]
    fn a_table_says_where_only_counters_were_looked_at() {
        let lines = table(&[counted("ops", None, 412_000)], 6);
        assert_eq!(lines, ["412,000  ops", "too many to look at each: counted by endpoint only"]);
    }

    #[test]
    fn a_course_tells_how_far_and_what_it_waits_for() {
        let progress = Progress { done: 41_200, of: 100_000, waits: String::new() };
        assert_eq!(course("clear", &progress), "clear 41,200 of 100,000");
        let progress = Progress { done: 1, of: 0, waits: "waiting for 1 of ops".to_owned() };
        assert_eq!(course("retry", &progress), "retry 1: waiting for 1 of ops");
    }

    #[test]
    fn the_end_of_a_gentle_retry_says_what_failed() {
        let report = |end| Report { done: 11, of: 41_200, skipped: Vec::new(), end };
        let end = End::Failed("ops answered 503 Service Unavailable".to_owned());
        assert_eq!(
            replayed(&report(end)),
            (false, "stopped after 11 of 41,200: ops answered 503 Service Unavailable; the rest stays dead".to_owned())
        );
        assert!(replayed(&report(End::Over)).0);
        let none = Report { done: 0, ..report(End::Over) };
        assert_eq!(replayed(&none), (true, "nothing to retry".to_owned()));
    }
}
