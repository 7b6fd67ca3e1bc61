//! The endpoints as the file resolves to them. Of the URL only the host is shown.

use std::io;

use serde::Serialize;

use crate::cli::out::{Out, Tone};
use crate::cli::table::{self, Cell, Column};
use crate::config::{CircuitPolicy, Config, Endpoint, Policy, Rate, Retry, in_words};
use crate::event::filter::Filter;
use crate::present::escape;
use crate::wire::{Target, dialect};

/// One endpoint as a record. Times in milliseconds, sizes in bytes.
#[derive(Debug, Serialize)]
pub(super) struct Resolved<'a> {
    id: &'a str,
    name: &'a str,
    host: &'a str,
    line: u64,
    enabled: bool,
    missing: Option<&'a str>,
    events: &'a [String],
    filter: &'a Filter,
    formatter: Option<&'static str>,
    dialect: Option<&'static str>,
    method: Option<&'a str>,
    signed: Option<bool>,
    timeout_ms: u128,
    retry: String,
    max_attempts: u32,
    circuit: String,
    concurrency: u32,
    rate_limit: Option<String>,
    ordering: &'static str,
    max_payload: Option<usize>,
    max_age_ms: Option<u128>,
}

pub(super) fn resolved(endpoint: &Endpoint) -> Resolved<'_> {
    let (route, policy, target) = (&endpoint.route, &endpoint.policy, endpoint.target.as_ref());
    Resolved {
        id: &route.endpoint,
        name: &route.name,
        host: &route.host,
        line: endpoint.line,
        enabled: route.enabled,
        missing: endpoint.missing.as_deref(),
        events: &route.patterns.0,
        filter: &route.filter,
        formatter: target.map(Target::format_name),
        dialect: target.map(|target| target.dialect.name),
        method: target.map(|target| target.method),
        signed: target.map(|target| !target.keys.is_empty()),
        timeout_ms: policy.timeout.as_millis(),
        retry: retry(&policy.retry),
        max_attempts: policy.retry.max_attempts.get(),
        circuit: circuit(&policy.circuit),
        concurrency: policy.concurrency,
        rate_limit: policy.rate_limit.map(rate),
        ordering: if policy.fifo { "fifo" } else { "none" },
        max_payload: target.and_then(|target| target.max_payload),
        max_age_ms: policy.max_age.map(|age| age.as_millis()),
    }
}

/// Prints the table, and NTM's ways in below it.
pub(super) fn print(config: &Config, out: &mut Out) -> io::Result<()> {
    if !config.endpoints.is_empty() {
        let columns = ["NAME", "ID", "HOST", "EVENTS", "SENDS", "RETRY", "CIRCUIT", "PACE", "STATE"].map(Column::Left);
        let rows: Vec<Vec<Cell>> = config.endpoints.iter().map(row).collect();
        table::print(out, &columns, &rows)?;
        out.line("")?;
    }
    for name in &config.ways_in {
        out.line(format!("{}: NTM's way in to hooktui, not delivered to", escape::line(name)))?;
    }
    Ok(())
}

fn row(endpoint: &Endpoint) -> Vec<Cell> {
    let route = &endpoint.route;
    vec![
        escape::line(&route.name).into_owned().into(),
        escape::line(&route.endpoint).into_owned().into(),
        (if route.host.is_empty() { "not known" } else { route.host.as_str() }).into(),
        events(endpoint).into(),
        sends(endpoint).into(),
        retry(&endpoint.policy.retry).into(),
        circuit(&endpoint.policy.circuit).into(),
        pace(&endpoint.policy).into(),
        state(endpoint),
    ]
}

fn events(endpoint: &Endpoint) -> String {
    let patterns = &endpoint.route.patterns.0;
    let filtered = if endpoint.route.filter == Filter::default() { "" } else { ", filtered" };
    let events = match patterns.as_slice() {
        [] => "all".to_owned(),
        [one] => one.clone(),
        [first, second] => format!("{first} {second}"),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    };
    format!("{}{filtered}", escape::line(&events))
}

fn sends(endpoint: &Endpoint) -> String {
    endpoint.target.as_ref().map_or_else(String::new, |target| {
        let signed = if target.keys.is_empty() { "" } else { ", signed" };
        let within = in_words(endpoint.policy.timeout);
        // The default says nothing.
        let dialect = Some(target.dialect.name).filter(|name| *name != dialect::NTM.name);
        let dialect = dialect.map(|name| format!("{name} ")).unwrap_or_default();
        format!("{dialect}{}{signed}, within {within}", target.format_name())
    })
}

/// `5 tries, 1s x2 up to 30s`.
fn retry(retry: &Retry) -> String {
    let tries = match retry.max_attempts.get() {
        1 => return "never".to_owned(),
        tries => format!("{tries} tries"),
    };
    let jitter =
        if retry.jitter > 0.0 { format!(", jitter {}%", (retry.jitter * 100.0).round()) } else { String::new() };
    let delays = match retry.schedule.as_slice() {
        [] => format!("{} x{} up to {}", in_words(retry.base_delay), retry.factor, in_words(retry.max_delay)),
        schedule => {
            let shown: Vec<String> = schedule.iter().take(4).map(|delay| in_words(*delay)).collect();
            format!("{}{}", shown.join(" "), if schedule.len() > 4 { " …" } else { "" })
        }
    };
    format!("{tries}, {delays}{jitter}")
}

/// `opens at 5, 30s up to 10m, closes at 2`.
fn circuit(circuit: &CircuitPolicy) -> String {
    if !circuit.enabled {
        return "off".to_owned();
    }
    let (cooldown, longest) = (in_words(circuit.cooldown), in_words(circuit.max_cooldown));
    format!(
        "opens at {}, {cooldown} up to {longest}, closes at {}",
        circuit.failure_threshold, circuit.success_threshold
    )
}

fn pace(policy: &Policy) -> String {
    let at_once = if policy.fifo { "in order".to_owned() } else { format!("{} at once", policy.concurrency) };
    policy.rate_limit.map_or_else(|| at_once.clone(), |limit| format!("{at_once}, {}", rate(limit)))
}

fn rate(rate: Rate) -> String {
    let per = match rate.per.as_secs() {
        1 => "s",
        60 => "m",
        _ => "h",
    };
    format!("{}/{per}", rate.count)
}

fn state(endpoint: &Endpoint) -> Cell {
    match &endpoint.missing {
        Some(missing) => (Tone::Waiting, format!("held: {missing}")).into(),
        None if endpoint.route.enabled => (Tone::Good, "enabled".to_owned()).into(),
        None => (Tone::Quiet, "disabled".to_owned()).into(),
    }
}
