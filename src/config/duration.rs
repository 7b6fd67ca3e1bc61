//! Durations as Go's `time.ParseDuration` reads them (`300ms`, `1.5h`, `2h45m`), without negative ones; and with `d` for
//! days where NTM does not read the key.

use std::fmt::Write as _;
use std::time::Duration;

/// Units and their length in nanoseconds, longer names before the ones they begin with.
const UNITS: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// The longest duration of Go, 292 years.
const LONGEST: u128 = i64::MAX as u128;

/// Reads a duration. `0` needs no unit; `d` for days is known where `with_days` says so.
///
/// # Errors
/// In words that follow after the value, with what would be right.
pub fn parse(text: &str, with_days: bool) -> Result<Duration, String> {
    let text = text.trim();
    if text.starts_with('-') {
        return Err("is negative, and no duration can be; leave the `-` out".to_owned());
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(format!("is no duration; write {}", examples(with_days)));
    }
    let mut nanos: u128 = 0;
    while !rest.is_empty() {
        let number_len = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(number_len).unwrap_or((rest, ""));
        let unit_len = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at_checked(unit_len).unwrap_or((after, ""));
        if unit.is_empty() && !number.is_empty() {
            return Err(format!("has no unit; write {}", examples(with_days)));
        }
        let scale = UNITS.iter().find(|(name, _)| *name == unit && (with_days || *name != "d"));
        let (Some((_, scale)), Some(amount)) = (scale, scaled(number)) else {
            if unit == "d" {
                return Err("counts days: NTM reads this key too and knows none; write hours, such as 24h".to_owned());
            }
            return Err(format!("is no duration; write {}", examples(with_days)));
        };
        nanos = nanos.saturating_add(amount.saturating_mul(u128::from(*scale)) / FRACTION);
        if nanos > LONGEST {
            return Err("is too long; at most 2540400h (290 years)".to_owned());
        }
        rest = next;
    }
    u64::try_from(nanos).map(Duration::from_nanos).map_err(|_| "is too long".to_owned())
}

/// Fractions are kept to 12 decimal places: finer than a nanosecond in every unit up to the minute.
const FRACTION: u128 = 1_000_000_000_000;

/// A decimal number times [`FRACTION`].
fn scaled(number: &str) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') || whole.len() > 20 {
        return None;
    }
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let kept = fraction.get(..12).unwrap_or(fraction);
    let fraction: u128 = format!("{kept:0<12}").parse().ok()?;
    Some(whole.saturating_mul(FRACTION).saturating_add(fraction))
}

const fn examples(with_days: bool) -> &'static str {
    if with_days { "500ms, 10s, 1h30m or 7d" } else { "500ms, 10s or 1h30m" }
}

/// A duration as the file would write it: `1m30s`, `7d`, `1.5s`.
#[must_use]
pub fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        return if duration.subsec_millis() == 0 {
            format!("{seconds}s")
        } else if seconds == 0 {
            format!("{}ms", duration.subsec_millis())
        } else {
            format!("{}s", duration.as_secs_f64())
        };
    }
    let mut text = String::new();
    let mut left = seconds;
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
        let count = left / length;
        left %= length;
        if count > 0 {
            let _ = write!(text, "{count}{unit}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, millis) in [
            ("0", 0),
            ("0s", 0),
            ("+5s", 5_000),
            ("1h30m", 5_400_000),
            ("1.5s", 1_500),
            (".5s", 500),
            ("5.s", 5_000),
            ("100ms", 100),
            ("1500000us", 1_500),
            ("3000µs", 3),
            ("2000000ns", 2),
            ("3.25h", 11_700_000),
            ("1s1s", 2_000),
            (" 10s ", 10_000),
        ] {
            assert_eq!(parse(text, false), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused_and_negative_ones_too() {
        for (text, told) in [
            ("", "is no duration"),
            ("10", "no unit"),
            ("-5s", "negative"),
            ("s", "is no duration"),
            (".s", "is no duration"),
            ("1.2.3s", "is no duration"),
            ("10 s", "is no duration"),
            ("1S", "is no duration"),
            ("1e3s", "is no duration"),
            ("1h5", "no unit"),
            ("5d", "24h"),
            ("9999999999h", "too long"),
            ("99999999999999999999999999999999h", "is no duration"),
        ] {
            let error = parse(text, false).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn days_are_read_where_the_key_is_ours() {
        assert_eq!(parse("1.5d", true), Ok(Duration::from_hours(36)));
        assert_eq!(parse("7d12h", true), Ok(Duration::from_hours(180)));
    }

    #[test]
    fn durations_are_told_as_the_file_writes_them() {
        for text in ["0s", "500ms", "1.5s", "10s", "1m30s", "7d", "1d12h", "2h45m"] {
            assert_eq!(in_words(parse(text, true).unwrap()), text);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,24}") {
            let _ = parse(&text, true);
        }

        #[test]
        fn what_is_told_is_read_again(seconds in 0_u64..40_000_000) {
            let duration = Duration::from_secs(seconds);
            prop_assert_eq!(parse(&in_words(duration), true), Ok(duration));
        }
    }
}
