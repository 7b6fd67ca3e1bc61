//! Backoff: how long until the next try, and whether there is one. Pure.

use std::time::Duration;

use crate::config::Retry;

/// The delay after the failure of try number `tries` (from 1): `base_delay * factor^(tries-1)`, at most `max_delay`, or
/// the schedule's entry, whose last one repeats. `chance` (0 to 1) picks within the jitter; 0.5 is the plain delay.
#[must_use]
pub fn delay(retry: &Retry, tries: u32, chance: f64) -> Duration {
    let step = tries.max(1) - 1;
    let scheduled = usize::try_from(step).ok().and_then(|step| retry.schedule.get(step)).or(retry.schedule.last());
    let (plain, cap) = if let Some(delay) = scheduled {
        (delay.as_secs_f64(), f64::INFINITY)
    } else {
        let cap = retry.max_delay.as_secs_f64();
        let grown = retry.base_delay.as_secs_f64() * retry.factor.powf(f64::from(step));
        (grown.min(cap), cap)
    };
    let spread = 1.0 + retry.jitter.clamp(0.0, 1.0) * (2.0 * chance.clamp(0.0, 1.0) - 1.0);
    seconds((plain * spread).min(cap))
}

/// The longest delay that [`delay`] can return: what bounds a due time read from the journal.
#[must_use]
pub fn longest(retry: &Retry) -> Duration {
    let jittered = |delay: Duration| seconds(delay.as_secs_f64() * (1.0 + retry.jitter.clamp(0.0, 1.0)));
    retry.schedule.iter().copied().max().map_or(retry.max_delay, jittered)
}

/// Whether a delivery has used up its tries.
#[must_use]
pub fn is_exhausted(retry: &Retry, tries: u32) -> bool {
    tries >= retry.max_attempts.get()
}

fn seconds(value: f64) -> Duration {
    // A factor below 1 with a zero base is not a number at times; the file's checks keep the rest in range.
    Duration::try_from_secs_f64(value).unwrap_or(if value > 0.0 { Duration::MAX } else { Duration::ZERO })
}

#[cfg(test)]
pub(crate) mod tests {
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::*;
    use crate::wire::dialect::NTM;

    pub(crate) fn ntm() -> Retry {
        Retry {
            max_attempts: NonZeroU32::new(NTM.max_attempts).unwrap(),
            base_delay: NTM.base_delay,
            factor: NTM.factor,
            max_delay: NTM.max_delay,
            schedule: Vec::new(),
            jitter: 0.0,
            on: NTM.retry_on.to_vec(),
        }
    }

    #[test]
    fn delays_are_those_of_ntm() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/vectors/backoff.json")).unwrap();
        let millis = |value: &serde_json::Value| Duration::from_millis(value.as_u64().unwrap());
        for case in vectors["cases"].as_array().unwrap() {
            let mut retry = ntm();
            if case["base_ms"] != 0 {
                retry.base_delay = millis(&case["base_ms"]);
            }
            if case["max_ms"] != 0 {
                retry.max_delay = millis(&case["max_ms"]);
            }
            let tries = u32::try_from(case["attempt"].as_u64().unwrap()).unwrap();
            assert_eq!(delay(&retry, tries, 0.5), millis(&case["delay_ms"]), "{case}");
        }
    }

    #[test]
    fn a_schedule_beats_base_and_factor_and_its_last_delay_repeats() {
        let retry = Retry { schedule: [5, 300, 1_800].map(Duration::from_secs).to_vec(), ..ntm() };
        for (tries, seconds) in [(1, 5), (2, 300), (3, 1_800), (4, 1_800), (400, 1_800)] {
            assert_eq!(delay(&retry, tries, 0.5), Duration::from_secs(seconds), "try {tries}");
        }
        assert_eq!(longest(&retry), Duration::from_mins(30));
    }

    #[test]
    fn jitter_takes_or_adds_its_share() {
        let retry = Retry { jitter: 0.2, max_delay: Duration::from_mins(10), ..ntm() };
        for (chance, millis) in [(0.0, 800), (0.5, 1_000), (1.0, 1_200)] {
            assert_eq!(delay(&retry, 1, chance), Duration::from_millis(millis), "chance {chance}");
        }
    }

    #[test]
    fn tries_are_exhausted_at_max_attempts() {
        assert!(!is_exhausted(&ntm(), 4));
        assert!(is_exhausted(&ntm(), 5));
    }

    proptest! {
        #[test]
        fn no_delay_is_longer_than_the_longest(
            tries in 0_u32..10_000, chance in 0.0..1.0, jitter in 0.0..1.0, factor in 0.0..100.0,
            base in 0_u64..1_000_000, max in 0_u64..100_000_000, schedule in prop::collection::vec(0_u64..100_000_000, 0..4),
        ) {
            let retry = Retry {
                base_delay: Duration::from_millis(base), max_delay: Duration::from_millis(max), factor, jitter,
                schedule: schedule.into_iter().map(Duration::from_millis).collect(), ..ntm()
            };
            prop_assert!(delay(&retry, tries, chance) <= longest(&retry) + Duration::from_micros(1));
        }

        #[test]
        fn without_jitter_delays_never_shrink(tries in 1_u32..1_000, base in 0_u64..1_000_000, factor in 1.0..10.0) {
            let retry = Retry { base_delay: Duration::from_millis(base), factor, ..ntm() };
            prop_assert!(delay(&retry, tries, 0.5) <= delay(&retry, tries + 1, 0.5));
        }
    }
}
