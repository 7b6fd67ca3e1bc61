//! Dialects: what a receiver written for a given system expects. One static each; adding one is a file and a line in
//! [`ALL`].

use std::time::Duration;

/// A receiver's expectations and that system's own defaults (dialects.md). Keys of the endpoint override the defaults.
#[derive(Debug)]
pub struct Dialect {
    /// Its name in the file.
    pub name: &'static str,
    /// Statuses from 200 up to but not including this are success (an unfollowed redirect never is).
    pub success_below: u16,
    /// Which failures are tried again.
    pub retry_on: &'static [RetryOn],
    /// First delay, factor, cap.
    pub base_delay: Duration,
    /// See `base_delay`.
    pub factor: f64,
    /// See `base_delay`.
    pub max_delay: Duration,
    /// Fixed delays instead.
    pub schedule: &'static [Duration],
    /// Share of the delay that chance may take or add, 0 to 1.
    pub jitter: f64,
    /// Attempts in all.
    pub max_attempts: u32,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Consecutive failures that open the circuit.
    pub failure_threshold: u32,
    /// Wait before the first probe.
    pub cooldown: Duration,
    /// Good probes that close it.
    pub success_threshold: u32,
}

/// One entry of `retry.on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryOn {
    /// No connection, or it broke.
    Network,
    /// No whole answer in time.
    Timeout,
    /// This status.
    Status(u16),
    /// 400 to 499.
    Any4xx,
    /// 500 to 599.
    Any5xx,
    /// Every failure.
    Any,
}

/// NTM's own receivers; the default.
pub static NTM: Dialect = Dialect {
    name: "ntm",
    success_below: 300,
    retry_on: &[
        RetryOn::Network,
        RetryOn::Timeout,
        RetryOn::Status(408),
        RetryOn::Status(425),
        RetryOn::Status(429),
        RetryOn::Any5xx,
    ],
    base_delay: Duration::from_secs(1),
    factor: 2.0,
    max_delay: Duration::from_secs(30),
    schedule: &[],
    jitter: 0.0,
    max_attempts: 5,
    timeout: Duration::from_secs(10),
    failure_threshold: 5,
    cooldown: Duration::from_secs(30),
    success_threshold: 2,
};

/// Every dialect this version speaks.
pub static ALL: &[&Dialect] = &[&NTM];
