//! A small fixed histogram of attempt durations, stored per endpoint and minute.

/// Counts of durations in buckets that grow by a quarter of a power of two, from 1 ms to about 2 minutes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Latencies {
    counts: Vec<u32>,
}
