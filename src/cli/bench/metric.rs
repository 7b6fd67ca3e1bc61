//! What is measured, once a round, and how several rounds become one figure.

use std::collections::BTreeMap;

/// A figure that is taken once a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    RawRate,
    RawCpu,
    BatchesRate,
    BatchesCpu,
    EmittersRate,
    DrainRate,
    DrainCpu,
    BacklogRate,
    FanOutRate,
    AcceptBatches,
    AcceptSingle,
    NormalRate,
    SlowRawRate,
    SlowRate,
    SyncP50,
    SyncP99,
    LatencyP50,
    LatencyP99,
    LatencyP999,
    FanOutLatencyP50,
    FanOutLatencyP99,
    MemoryLarge,
    MemorySmall,
    StartLarge,
    Counts,
    BurstDelivered,
    BurstDropped,
    IdleCpu,
    IdleWritten,
    AloneRate,
    HealthyRate,
    AloneP99,
    HealthyP99,
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    PerSecond,
    Micros,
    Millis,
    Megabytes,
    Bytes,
    Percent,
    Count,
}

impl Metric {
    /// Its unit.
    pub const fn unit(self) -> Unit {
        match self {
            Self::RawRate
            | Self::BatchesRate
            | Self::EmittersRate
            | Self::DrainRate
            | Self::BacklogRate
            | Self::FanOutRate
            | Self::AcceptBatches
            | Self::AcceptSingle
            | Self::NormalRate
            | Self::SlowRawRate
            | Self::SlowRate
            | Self::AloneRate
            | Self::HealthyRate => Unit::PerSecond,
            Self::RawCpu | Self::BatchesCpu | Self::DrainCpu => Unit::Micros,
            Self::SyncP50
            | Self::SyncP99
            | Self::LatencyP50
            | Self::LatencyP99
            | Self::LatencyP999
            | Self::FanOutLatencyP50
            | Self::FanOutLatencyP99
            | Self::StartLarge
            | Self::Counts
            | Self::AloneP99
            | Self::HealthyP99 => Unit::Millis,
            Self::MemoryLarge | Self::MemorySmall => Unit::Megabytes,
            Self::IdleWritten => Unit::Bytes,
            Self::IdleCpu => Unit::Percent,
            Self::BurstDelivered | Self::BurstDropped => Unit::Count,
        }
    }
}

impl Unit {
    /// Its name in `--json` and behind a value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PerSecond => "/s",
            Self::Micros => "us",
            Self::Millis => "ms",
            Self::Megabytes => "MB",
            Self::Bytes => "B",
            Self::Percent => "%",
            Self::Count => "",
        }
    }
}

/// The figures of every round.
#[derive(Debug, Default)]
pub struct Samples(BTreeMap<Metric, Vec<f64>>);

impl Samples {
    /// One more round's figure.
    pub fn add(&mut self, metric: Metric, value: f64) {
        self.0.entry(metric).or_default().push(value);
    }

    /// The figures in the order of the rounds.
    pub fn of(&self, metric: Metric) -> &[f64] {
        self.0.get(&metric).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The middle of some rounds, and how far apart they were.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Half of the rounds were below, half above; of an even number the mean of the middle two.
    pub median: f64,
    /// The lowest.
    pub min: f64,
    /// The highest.
    pub max: f64,
}

impl Spread {
    /// Of some figures; none of none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let sorted = sorted(values);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let upper = *sorted.get(middle)?;
        let lower = if sorted.len().is_multiple_of(2) { *sorted.get(middle - 1)? } else { upper };
        Some(Self { median: f64::midpoint(lower, upper), min, max })
    }
}

/// The value that `per_mille` of a thousand do not exceed (nearest rank); none of none.
pub fn percentile(values: &[f64], per_mille: usize) -> Option<f64> {
    let sorted = sorted(values);
    let rank = (sorted.len() * per_mille).div_ceil(1_000).max(1);
    sorted.get(rank - 1).copied()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}
