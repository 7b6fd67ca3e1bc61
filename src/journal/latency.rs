//! A small fixed histogram of attempt durations, stored per endpoint and minute.

/// Buckets per doubling: a quantile is off by less than 19 %.
const PER_OCTAVE: u32 = 4;
/// Doublings above the first bucket (1 ms): the last bucket begins at about 2 minutes.
const OCTAVES: u32 = 17;
const BUCKETS: usize = (PER_OCTAVE * OCTAVES) as usize + 1;

/// Counts of durations in buckets that grow by a quarter of a power of two, from 1 ms to about 2 minutes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Latencies {
    /// Trailing zeros are left out.
    counts: Vec<u32>,
}

impl Latencies {
    /// Counts one duration, in microseconds.
    pub fn add(&mut self, micros: u64) {
        let bucket = bucket_of(micros);
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(bucket) {
            *count = count.saturating_add(1);
        }
    }

    /// Counts all that `other` counted.
    pub fn merge(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine = mine.saturating_add(*theirs);
        }
    }

    /// How many durations were counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// The duration in milliseconds that `percent` of the durations do not exceed (the upper edge of its bucket); none
    /// if nothing was counted.
    #[must_use]
    pub fn percentile(&self, percent: u32) -> Option<u64> {
        let total = self.total();
        if total == 0 {
            return None;
        }
        let rank = (total * u64::from(percent.min(100))).div_ceil(100).max(1);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= rank {
                return Some(upper_edge(bucket).div_ceil(1_000));
            }
        }
        None
    }

    /// As stored: one variable-length number (seven bits a byte, lowest first) per bucket.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.counts.len());
        for count in &self.counts {
            let mut rest = *count;
            while rest >= 0x80 {
                bytes.push(u8::try_from(rest & 0x7f).unwrap_or_default() | 0x80);
                rest >>= 7;
            }
            bytes.push(u8::try_from(rest).unwrap_or_default());
        }
        bytes
    }

    /// Reads what [`Latencies::to_bytes`] wrote; what makes no sense is left out.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let mut counts = Vec::new();
        let (mut count, mut shift) = (0_u32, 0_u32);
        for byte in bytes {
            count |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or_default();
            shift += 7;
            if byte & 0x80 == 0 {
                counts.push(count);
                (count, shift) = (0, 0);
            }
        }
        counts.truncate(BUCKETS);
        Self { counts }
    }
}

/// The lower edge of a bucket in microseconds; the first bucket begins at 0.
fn lower_edge(bucket: usize) -> u64 {
    // 2^(n/4) in 1/1024: integers, so that every process agrees on the edges.
    const QUARTERS: [u64; PER_OCTAVE as usize] = [1_024, 1_218, 1_448, 1_722];
    if bucket == 0 {
        return 0;
    }
    let step = bucket - 1;
    let quarter = QUARTERS.get(step % PER_OCTAVE as usize).copied().unwrap_or(1_024);
    (1_000 << (step / PER_OCTAVE as usize)) * quarter / 1_024
}

fn upper_edge(bucket: usize) -> u64 {
    lower_edge(bucket + 1)
}

fn bucket_of(micros: u64) -> usize {
    (1..BUCKETS).take_while(|bucket| lower_edge(*bucket) <= micros).last().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_at_most_a_quarter_octave_above_the_truth() {
        for micros in [900, 1_000, 1_500, 7_300, 250_000, 9_999_999] {
            let mut one = Latencies::default();
            one.add(micros);
            let told = one.percentile(50).unwrap() * 1_000;
            assert!(told >= micros && told <= micros * 12 / 10 + 1_000, "{micros} told as {told}");
        }
    }

    #[test]
    fn percentiles_follow_the_ranks() {
        let mut all = Latencies::default();
        for _ in 0..95 {
            all.add(2_100);
        }
        for _ in 0..5 {
            all.add(900_000);
        }
        assert!(all.percentile(50).unwrap() < 4);
        assert!(all.percentile(95).unwrap() < 4);
        assert!(all.percentile(96).unwrap() >= 900);
        assert_eq!(Latencies::default().percentile(50), None);
    }

    #[test]
    fn stored_and_merged_histograms_count_the_same() {
        let mut one = Latencies::default();
        let mut other = Latencies::default();
        for n in 0..300 {
            one.add(n * 1_000);
            other.add(5_000);
        }
        let mut both = Latencies::from_bytes(&one.to_bytes());
        assert_eq!(both, one);
        both.merge(&other);
        assert_eq!(both.total(), 600);
        assert_eq!(Latencies::from_bytes(&[0xff; 40]).total(), 0);
    }

    #[test]
    fn the_longest_durations_have_a_bucket() {
        let mut one = Latencies::default();
        one.add(u64::MAX);
        assert_eq!(one.total(), 1);
        assert!(one.percentile(50).unwrap() >= 100_000);
    }
}
