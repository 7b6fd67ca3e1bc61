//! `timeout`, `retry`, `circuit`, `concurrency`, `rate_limit`, `ordering`, `max_age`: the rules of an endpoint.

use std::num::NonZeroU32;
use std::time::Duration;

use super::super::fields::{self, Fields, Span};
use super::super::node::Node;
use super::super::report::Report;
use super::super::{CircuitPolicy, Manager, Policy, Retry, units};
use crate::wire::Dialect;
use crate::wire::dialect::RetryOn;

/// Built-in limit of the doubling cooldown (product.md).
const MAX_COOLDOWN: Duration = Duration::from_mins(10);
/// Most attempts that may be asked for.
const MOST_ATTEMPTS: i64 = 1_000_000;
/// Most attempts at the same time, and most failures that a threshold may count.
const MOST_AT_ONCE: i64 = 1_000;
/// Most delays in a schedule.
const LONGEST_SCHEDULE: usize = 100;

pub(super) fn read(fields: &mut Fields<'_>, dialect: &Dialect, manager: &Manager, report: &mut Report<'_>) -> Policy {
    let retry = retry(fields.take("retry", report), dialect, report);
    let circuit = circuit(fields.take("circuit", report), dialect, report);
    let timeout = fields
        .take("timeout", report)
        .and_then(|node| fields::duration(node, Span::Ntm, report))
        .filter(|timeout| !timeout.is_zero());
    let concurrency = fields.take("concurrency", report).and_then(|node| fields::count(node, 1..=MOST_AT_ONCE, report));
    let rate_limit = fields
        .take("rate_limit", report)
        .and_then(|node| fields::parsed(node, "a rate such as 50/s", report, units::rate));
    let fifo = fields
        .take("ordering", report)
        .and_then(|node| fields::word(node, &[("fifo", true), ("none", false)], report))
        .unwrap_or(false);
    let max_age = fields.take("max_age", report).and_then(|node| fields::duration(node, Span::Ours, report));
    Policy {
        retry,
        circuit,
        timeout: timeout.or(dialect.timeout).unwrap_or(manager.default_timeout),
        concurrency: concurrency.unwrap_or(manager.worker_count),
        rate_limit,
        fifo,
        max_age,
        success_below: dialect.success_below,
        faults_4xx: dialect.faults_4xx,
    }
}

fn retry(node: Option<&Node>, dialect: &Dialect, report: &mut Report<'_>) -> Retry {
    let mut retry = Retry {
        max_attempts: NonZeroU32::new(dialect.max_attempts).unwrap_or(NonZeroU32::MIN),
        base_delay: dialect.base_delay,
        factor: dialect.factor,
        max_delay: dialect.max_delay,
        schedule: dialect.schedule.to_vec(),
        jitter: dialect.jitter,
        on: dialect.retry_on.to_vec(),
    };
    let Some(mut fields) = node.and_then(|node| Fields::of(node, report)) else { return retry };
    if let Some(tries) =
        fields.take("max_attempts", report).and_then(|node| fields::count(node, 0..=MOST_ATTEMPTS, report))
    {
        // 0 is NTM's way to say: one attempt, no retry.
        retry.max_attempts = NonZeroU32::new(tries).unwrap_or(NonZeroU32::MIN);
    }
    if let Some(node) = fields.take("backoff", report) {
        backoff(node, report);
    }
    let base_delay = fields.take("base_delay", report);
    let factor = fields.take("factor", report);
    if (base_delay.is_some() || factor.is_some()) && !retry.schedule.is_empty() {
        // The endpoint's own keys beat the dialect's schedule.
        retry.schedule.clear();
    }
    if let Some(delay) = base_delay.and_then(|node| fields::duration(node, Span::Ours, report)) {
        retry.base_delay = delay;
        retry.max_delay = retry.max_delay.max(delay);
    }
    if let Some(factor) = factor.and_then(|node| fields::number(node, 1.0..=100.0, report)) {
        retry.factor = factor;
    }
    if let Some(node) = fields.take("max_delay", report)
        && let Some(delay) = fields::duration(node, Span::Ours, report)
    {
        if retry.schedule.is_empty() && delay < retry.base_delay {
            report.error(&node.place, "is shorter than `base_delay`; no retry could keep both");
        }
        // It caps the dialect's schedule too; one of the endpoint's own, below, stands as it is written.
        retry.schedule.iter_mut().for_each(|scheduled| *scheduled = delay.min(*scheduled));
        retry.max_delay = delay;
    }
    if let Some(jitter) = fields.take("jitter", report).and_then(|node| fields::number(node, 0.0..=1.0, report)) {
        retry.jitter = jitter;
    }
    if let Some(node) = fields.take("schedule", report) {
        retry.schedule = schedule(node, report);
    }
    if let Some(node) = fields.take("on", report) {
        retry.on = fields::items(node, "network, timeout, 5xx", report)
            .iter()
            .filter_map(|item| fields::parsed(item, "a text", report, retry_on))
            .collect();
    }
    fields.finish(report);
    retry
}

/// NTM knows one word here, and so do we.
fn backoff(node: &Node, report: &mut Report<'_>) {
    if let Some(word) = fields::scalar(node, "a text", report)
        && !matches!(word.text.trim().to_lowercase().as_str(), "exponential" | "")
    {
        let word = fields::shown(word);
        report.warn(
            &node.place,
            format!("{word} is not known and read as `exponential`; use `factor: 1` for equal delays"),
        );
    }
}

fn schedule(node: &Node, report: &mut Report<'_>) -> Vec<Duration> {
    let items = fields::items(node, "5s, 1m, 10m", report);
    if items.len() > LONGEST_SCHEDULE {
        report.error(&node.place, format!("is too long; at most {LONGEST_SCHEDULE} delays are possible"));
        return Vec::new();
    }
    items.iter().filter_map(|item| fields::duration(item, Span::Ours, report)).collect()
}

fn retry_on(text: &str) -> Result<RetryOn, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "network" => Ok(RetryOn::Network),
        "timeout" => Ok(RetryOn::Timeout),
        "4xx" => Ok(RetryOn::Any4xx),
        "5xx" => Ok(RetryOn::Any5xx),
        "any" => Ok(RetryOn::Any),
        code => code.parse().ok().filter(|code| (400..=599).contains(code)).map(RetryOn::Status).ok_or_else(|| {
            "is nothing to retry on; use network, timeout, 4xx, 5xx, any, or a status from 400 to 599".to_owned()
        }),
    }
}

fn circuit(node: Option<&Node>, dialect: &Dialect, report: &mut Report<'_>) -> CircuitPolicy {
    let mut circuit = CircuitPolicy {
        enabled: true,
        failure_threshold: dialect.failure_threshold,
        cooldown: dialect.cooldown,
        max_cooldown: MAX_COOLDOWN.max(dialect.cooldown),
        success_threshold: dialect.success_threshold,
    };
    let Some(mut fields) = node.and_then(|node| Fields::of(node, report)) else { return circuit };
    if let Some(enabled) = fields.take("enabled", report).and_then(|node| fields::boolean(node, report)) {
        circuit.enabled = enabled;
    }
    if let Some(count) =
        fields.take("failure_threshold", report).and_then(|node| fields::count(node, 1..=MOST_AT_ONCE, report))
    {
        circuit.failure_threshold = count;
    }
    if let Some(count) =
        fields.take("success_threshold", report).and_then(|node| fields::count(node, 1..=MOST_AT_ONCE, report))
    {
        circuit.success_threshold = count;
    }
    if let Some(cooldown) = fields.take("cooldown", report).and_then(|node| fields::duration(node, Span::Ours, report))
    {
        circuit.cooldown = cooldown;
        circuit.max_cooldown = circuit.max_cooldown.max(cooldown);
    }
    if let Some(node) = fields.take("max_cooldown", report)
        && let Some(longest) = fields::duration(node, Span::Ours, report)
    {
        if longest < circuit.cooldown {
            report.error(&node.place, "is shorter than `cooldown`; no probe could keep both");
        }
        circuit.max_cooldown = longest;
    }
    fields.finish(report);
    circuit
}
