//! The rows of the table: what is shown, against what, and the bar that it is meant to reach.

use clap::ValueEnum;

use super::metric::{Metric, Samples, Spread};

/// What can be asked for with `--only`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Row {
    Raw,
    Batches,
    Emitters,
    Drain,
    Backlog,
    Fanout,
    Accept,
    Durability,
    Slow,
    Latency,
    Cpu,
    Memory,
    Start,
    Burst,
    Idle,
    Neighbours,
}

/// What a line's value is set against, within each round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// Nothing: the bar is on the value itself.
    Nothing,
    /// So many times the other.
    Over(Metric, &'static str),
    /// So much more than the other.
    Beyond(Metric, &'static str),
}

/// What the median of the comparison (of the value, where there is none) is meant to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bar {
    /// There is none.
    None,
    /// At least this.
    Least(f64),
    /// At most this.
    Most(f64),
    /// Less than this.
    Under(f64),
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// The row it belongs to.
    pub row: Row,
    /// In words.
    pub what: &'static str,
    /// What is shown.
    pub value: Metric,
    /// What it is compared with.
    pub against: Against,
    /// What it is meant to reach.
    pub bar: Bar,
}

const fn line(row: Row, what: &'static str, value: Metric, against: Against, bar: Bar) -> Line {
    Line { row, what, value, against, bar }
}

const RAW: Against = Against::Over(Metric::RawRate, "raw");

/// Every line, in the order of the table.
pub const LINES: &[Line] = &[
    line(Row::Raw, "raw client, 50 in flight", Metric::RawRate, Against::Nothing, Bar::None),
    line(Row::Batches, "deliveries, events in batches of 64", Metric::BatchesRate, RAW, Bar::Least(0.75)),
    line(Row::Emitters, "deliveries, 64 emitters, a commit each", Metric::EmittersRate, RAW, Bar::Least(0.5)),
    line(Row::Drain, "draining what waits", Metric::DrainRate, RAW, Bar::Least(0.85)),
    line(
        Row::Backlog,
        "draining with a large backlog",
        Metric::BacklogRate,
        Against::Over(Metric::DrainRate, "small backlog"),
        Bar::Least(0.95),
    ),
    line(Row::Fanout, "deliveries, fan-out to 10 endpoints", Metric::FanOutRate, RAW, Bar::Least(0.85)),
    line(
        Row::Accept,
        "events accepted in batches of 64",
        Metric::AcceptBatches,
        Against::Nothing,
        Bar::Least(50_000.0),
    ),
    line(Row::Accept, "the same, over raw", Metric::AcceptBatches, RAW, Bar::Least(1.5)),
    line(Row::Accept, "events accepted one at a time", Metric::AcceptSingle, RAW, Bar::None),
    line(
        Row::Durability,
        "deliveries in batches of 64, full",
        Metric::BatchesRate,
        Against::Over(Metric::NormalRate, "normal"),
        Bar::Least(0.9),
    ),
    line(
        Row::Slow,
        "50 ms receiver, 200 in flight",
        Metric::SlowRate,
        Against::Over(Metric::SlowRawRate, "raw at 200"),
        Bar::Least(0.97),
    ),
    line(Row::Latency, "fdatasync of 4 KiB, p50", Metric::SyncP50, Against::Nothing, Bar::None),
    line(Row::Latency, "fdatasync of 4 KiB, p99", Metric::SyncP99, Against::Nothing, Bar::None),
    line(
        Row::Latency,
        "accepted to sink at 50/s, p50",
        Metric::LatencyP50,
        Against::Beyond(Metric::SyncP50, "beyond fdatasync"),
        Bar::Most(0.8),
    ),
    line(Row::Latency, "accepted to sink at 50/s, p99", Metric::LatencyP99, Against::Nothing, Bar::Under(15.0)),
    line(Row::Latency, "accepted to sink at 50/s, p99.9", Metric::LatencyP999, Against::Nothing, Bar::None),
    line(Row::Latency, "the same, fan-out to 10, p50", Metric::FanOutLatencyP50, Against::Nothing, Bar::None),
    line(Row::Latency, "the same, fan-out to 10, p99", Metric::FanOutLatencyP99, Against::Nothing, Bar::None),
    line(
        Row::Cpu,
        "CPU per delivery, batches of 64",
        Metric::BatchesCpu,
        Against::Over(Metric::RawCpu, "raw"),
        Bar::Most(1.6),
    ),
    line(
        Row::Cpu,
        "CPU per delivery, draining",
        Metric::DrainCpu,
        Against::Over(Metric::RawCpu, "raw"),
        Bar::Most(1.6),
    ),
    line(Row::Memory, "memory of run, large backlog", Metric::MemoryLarge, Against::Nothing, Bar::Under(40.0)),
    line(
        Row::Memory,
        "the same, over a small backlog",
        Metric::MemoryLarge,
        Against::Over(Metric::MemorySmall, "small backlog"),
        Bar::Most(1.5),
    ),
    line(Row::Start, "start to first delivery, large backlog", Metric::StartLarge, Against::Nothing, Bar::Under(100.0)),
    line(Row::Start, "state counts, large backlog", Metric::Counts, Against::Nothing, Bar::Under(1.0)),
    line(Row::Burst, "all at once at defaults: delivered", Metric::BurstDelivered, Against::Nothing, Bar::None),
    line(Row::Burst, "all at once at defaults: dropped", Metric::BurstDropped, Against::Nothing, Bar::Most(0.0)),
    line(Row::Idle, "idle run: of a core", Metric::IdleCpu, Against::Nothing, Bar::Under(0.2)),
    line(Row::Idle, "idle run: written to disk", Metric::IdleWritten, Against::Nothing, Bar::Most(0.0)),
    line(
        Row::Neighbours,
        "beside a hanging and a refusing endpoint",
        Metric::HealthyRate,
        Against::Over(Metric::AloneRate, "alone"),
        Bar::Least(0.9),
    ),
    line(
        Row::Neighbours,
        "the same, p99 at 200/s",
        Metric::HealthyP99,
        Against::Over(Metric::AloneP99, "alone"),
        Bar::Most(2.0),
    ),
];

impl Row {
    /// Its word for `--only` and `--json`.
    pub fn word(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

impl Against {
    /// What it is compared with, in words.
    pub const fn with(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Over(_, with) | Self::Beyond(_, with) => with,
        }
    }

    /// The comparison of each round; none where there is nothing to compare with.
    pub fn values(self, value: Metric, samples: &Samples) -> Option<Vec<f64>> {
        let pairs = |other| samples.of(value).iter().zip(samples.of(other));
        match self {
            Self::Nothing => None,
            Self::Over(other, _) => Some(pairs(other).map(|(one, other)| one / other.max(f64::MIN_POSITIVE)).collect()),
            Self::Beyond(other, _) => Some(pairs(other).map(|(one, other)| one - other).collect()),
        }
    }
}

impl Bar {
    /// Whether the median reaches it; none where there is no bar or nothing was measured.
    pub fn is_met(self, spread: Option<Spread>) -> Option<bool> {
        let median = spread?.median;
        match self {
            Self::None => None,
            Self::Least(bar) => Some(median >= bar),
            Self::Most(bar) => Some(median <= bar),
            Self::Under(bar) => Some(median < bar),
        }
    }
}
