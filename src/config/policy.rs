//! The rules of one endpoint, resolved: the endpoint's key beats the dialect's default, that beats `manager`, that the
//! built-in.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::wire::dialect::RetryOn;

/// How an endpoint is delivered to.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// `retry`.
    pub retry: Retry,
    /// `circuit`.
    pub circuit: CircuitPolicy,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Attempts at the same time.
    pub concurrency: u32,
    /// Attempts per period, spread evenly.
    pub rate_limit: Option<Rate>,
    /// One at a time in journal order.
    pub fifo: bool,
    /// How long a delivery may wait or be tried.
    pub max_age: Option<Duration>,
    /// Statuses from 200 up to but not including this are success.
    pub success_below: u16,
    /// Those 4xx that speak of the endpoint, and so count against its circuit.
    pub faults_4xx: &'static [u16],
}

/// `retry`.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// Tries in all, at least 1.
    pub max_attempts: NonZeroU32,
    /// First delay.
    pub base_delay: Duration,
    /// Each further delay is this much longer.
    pub factor: f64,
    /// No delay is longer.
    pub max_delay: Duration,
    /// Fixed delays instead of the three above; the last repeats.
    pub schedule: Vec<Duration>,
    /// Share of the delay that chance may take or add, 0 to 1.
    pub jitter: f64,
    /// What is tried again.
    pub on: Vec<RetryOn>,
}

/// `circuit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitPolicy {
    /// `enabled: false`: it never opens.
    pub enabled: bool,
    /// Consecutive failures that open it.
    pub failure_threshold: u32,
    /// Wait before the first probe.
    pub cooldown: Duration,
    /// The cooldown doubles with each failed probe up to this.
    pub max_cooldown: Duration,
    /// Good probes that close it.
    pub success_threshold: u32,
}

/// `rate_limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Attempts ...
    pub count: NonZeroU32,
    /// ... per this long.
    pub per: Duration,
}

/// As the file writes it: `50/s`.
impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.per.as_secs() {
            1 => write!(f, "{}/s", self.count),
            60 => write!(f, "{}/m", self.count),
            _ => write!(f, "{}/h", self.count),
        }
    }
}
