//! The circuit of an endpoint: its breaker. Pure: the row as journaled goes in, the row to journal comes out.

use crate::config::CircuitPolicy;
use crate::event::{Circuit, Millis};
use crate::journal::CircuitRow;

use super::clock::{after, millis};

/// What the result of an attempt says of the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// It works.
    Success,
    /// It does not.
    Failure,
    /// Nothing: it answers, but not to this (a 4xx other than 408 and 425), or nothing was sent.
    Neutral,
}

/// How an attempt stands to the circuit when its result comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Begun while the circuit was closed, and it still is.
    Ordinary,
    /// Sent to see whether the endpoint is back.
    Probe,
    /// Sent past the circuit or a pause by hand: its success counts, its failure changes nothing.
    ByHand,
    /// Begun before the circuit opened, or before a change of address: moves nothing.
    Stale,
}

/// What became of the circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It opened.
    Opened,
    /// It closed.
    Closed,
}

/// The circuit after a result.
#[must_use]
pub fn after_result(
    row: CircuitRow,
    policy: &CircuitPolicy,
    concurrency: u32,
    standing: Standing,
    report: Report,
    now: Millis,
) -> (CircuitRow, Option<Change>) {
    match (standing, report, row.circuit) {
        (Standing::Stale, ..) | (Standing::ByHand, Report::Failure | Report::Neutral, _) => (row, None),
        (_, Report::Neutral, Circuit::Open) if standing == Standing::Probe => {
            (CircuitRow { circuit: Circuit::HalfOpen, probe_at: None, ..row }, None)
        }
        (_, Report::Neutral, _) => (row, None),
        (_, Report::Success, Circuit::Closed) => {
            (CircuitRow { consecutive_failures: 0, ramp: ramped(row.ramp, concurrency), ..row }, None)
        }
        (_, Report::Success, Circuit::Open | Circuit::HalfOpen) => good_probe(row, policy),
        (_, Report::Failure, Circuit::Closed) => {
            let failed = CircuitRow { consecutive_failures: row.consecutive_failures.saturating_add(1), ..row };
            if policy.enabled && failed.consecutive_failures >= policy.failure_threshold.max(1) {
                (open(failed, policy, now), Some(Change::Opened))
            } else {
                (failed, None)
            }
        }
        (_, Report::Failure, Circuit::Open | Circuit::HalfOpen) => (failed_probe(row, policy, now), None),
    }
}

/// Whether a failed attempt that would be retried counts as a try: a probe, the failure that opens the circuit, and
/// what fails while it is open do not.
#[must_use]
pub fn charges(before: CircuitRow, after: CircuitRow, standing: Standing) -> bool {
    standing != Standing::Probe && before.circuit == Circuit::Closed && after.circuit == Circuit::Closed
}

/// Opened, by a failure or by hand.
#[must_use]
pub fn open(row: CircuitRow, policy: &CircuitPolicy, now: Millis) -> CircuitRow {
    CircuitRow {
        circuit: Circuit::Open,
        consecutive_failures: row.consecutive_failures,
        opened_at: Some(now),
        probe_at: Some(after(now, policy.cooldown)),
        cooldown_ms: u64::try_from(millis(policy.cooldown)).unwrap_or(0),
        good_probes: 0,
        openings: row.openings.saturating_add(1),
        ramp: 0,
    }
}

/// Closed, by good probes or by hand; concurrency begins at one again.
#[must_use]
pub fn close(row: CircuitRow) -> CircuitRow {
    CircuitRow { openings: row.openings, ramp: 1, ..CircuitRow::default() }
}

/// As read from the journal: no probe is farther away than the longest cooldown, and a breaker that the file has
/// switched off is closed.
#[must_use]
pub fn restored(row: CircuitRow, policy: &CircuitPolicy, now: Millis) -> CircuitRow {
    if !policy.enabled {
        return CircuitRow { openings: row.openings, ..CircuitRow::default() };
    }
    let latest = after(now, policy.max_cooldown.max(policy.cooldown));
    CircuitRow { probe_at: row.probe_at.map(|at| at.min(latest)), ..row }
}

/// How many attempts may be under way: all, fewer while it ramps up after closing, one while it proves itself, none
/// before the probe's time.
#[must_use]
pub fn slots(row: CircuitRow, concurrency: u32, now: Millis) -> u32 {
    match row.circuit {
        Circuit::Closed if row.ramp == 0 => concurrency,
        Circuit::Closed => row.ramp.min(concurrency),
        Circuit::HalfOpen => 1,
        Circuit::Open => u32::from(row.probe_at.is_none_or(|at| at <= now)),
    }
}

fn ramped(ramp: u32, concurrency: u32) -> u32 {
    let doubled = ramp.saturating_mul(2);
    if doubled >= concurrency { 0 } else { doubled }
}

fn good_probe(row: CircuitRow, policy: &CircuitPolicy) -> (CircuitRow, Option<Change>) {
    let good_probes = row.good_probes.saturating_add(1);
    if good_probes >= policy.success_threshold.max(1) {
        return (close(row), Some(Change::Closed));
    }
    let proving =
        CircuitRow { circuit: Circuit::HalfOpen, consecutive_failures: 0, good_probes, probe_at: None, ..row };
    (proving, None)
}

fn failed_probe(row: CircuitRow, policy: &CircuitPolicy, now: Millis) -> CircuitRow {
    let most = u64::try_from(millis(policy.max_cooldown.max(policy.cooldown))).unwrap_or(u64::MAX);
    let least = u64::try_from(millis(policy.cooldown)).unwrap_or(0);
    let cooldown_ms = row.cooldown_ms.max(least).saturating_mul(2).min(most);
    CircuitRow {
        circuit: Circuit::Open,
        consecutive_failures: row.consecutive_failures.saturating_add(1),
        probe_at: Some(now.saturating_add(Millis::try_from(cooldown_ms).unwrap_or(Millis::MAX))),
        cooldown_ms,
        good_probes: 0,
        ..row
    }
}

#[cfg(test)]
mod tests;
