//! The time an event carries: an instant with the offset it was written with.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::{Timestamp, tz::Offset};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant and the offset it was written with; printed as Go's `RFC3339Nano` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventTime {
    instant: Timestamp,
    offset_seconds: i32,
}

/// A text that is no RFC 3339 time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a time such as 2026-02-02T03:04:05Z or 2026-02-02T03:04:05.5+02:00 (RFC 3339)")]
pub struct InvalidTime {
    text: String,
}

impl EventTime {
    /// This instant, in UTC.
    #[must_use]
    pub fn now() -> Self {
        Self::from(Timestamp::now())
    }

    /// The instant.
    #[must_use]
    pub const fn instant(self) -> Timestamp {
        self.instant
    }

    /// The offset from UTC that it was written with.
    #[must_use]
    pub fn offset(self) -> Offset {
        Offset::from_seconds(self.offset_seconds).unwrap_or(Offset::UTC)
    }

    /// Go's zero time, `0001-01-01T00:00:00Z`: NTM's formatters take it as "no time".
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.instant.as_second() == -62_135_596_800 && self.instant.subsec_nanosecond() == 0
    }

    /// In UTC, to the second and without the rest of it: how the chat formats show it.
    #[must_use]
    pub fn to_utc_seconds(self) -> String {
        format!("{:.0}", self.instant)
    }

    fn parse(text: &str) -> Option<Self> {
        let (date_time, rest) = (text.get(..19)?, text.get(19..)?);
        let local = parse_seconds(date_time)?;
        let (nanos, rest) = parse_fraction(rest)?;
        let offset_seconds = parse_offset(rest)?;
        let local = local.with().subsec_nanosecond(nanos).build().ok()?;
        let instant = Offset::from_seconds(offset_seconds).ok()?.to_timestamp(local).ok()?;
        Some(Self { instant, offset_seconds })
    }
}

/// `2026-02-02T03:04:05`; the `T` may be small or a space, as RFC 3339 allows.
fn parse_seconds(text: &str) -> Option<DateTime> {
    let shape = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        10 => matches!(byte, b'T' | b't' | b' '),
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    if !shape {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
    let small = |from: usize| part(from, from + 2).and_then(|number| i8::try_from(number).ok());
    DateTime::new(part(0, 4)?, small(5)?, small(8)?, small(11)?, small(14)?, small(17)?, 0).ok()
}

/// The digits after the second as nanoseconds, and what follows them. Digits beyond the ninth are cut, as in Go.
fn parse_fraction(text: &str) -> Option<(i32, &str)> {
    let Some(fraction) = text.strip_prefix(['.', ',']) else { return Some((0, text)) };
    let end = fraction.find(|c: char| !c.is_ascii_digit())?;
    let (digits, rest) = fraction.split_at(end);
    let kept = digits.get(..9).unwrap_or(digits);
    if kept.is_empty() {
        return None;
    }
    format!("{kept:0<9}").parse().ok().map(|nanos| (nanos, rest))
}

/// `Z` or `+02:00`, in seconds east of Greenwich.
fn parse_offset(text: &str) -> Option<i32> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, clock) =
        if let Some(clock) = text.strip_prefix('+') { (1, clock) } else { (-1, text.strip_prefix('-')?) };
    let (hours, minutes) = clock.split_once(':')?;
    let number = |digits: &str, below: i32| {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<i32>().ok().filter(|&number| plain && number < below)
    };
    Some(sign * (number(hours, 24)? * 3600 + number(minutes, 60)? * 60))
}

impl fmt::Display for EventTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset_seconds {
            0 => write!(f, "{}", self.instant),
            _ => write!(f, "{}", self.instant.display_with_offset(self.offset())),
        }
    }
}

impl From<Timestamp> for EventTime {
    fn from(instant: Timestamp) -> Self {
        Self { instant, offset_seconds: 0 }
    }
}

impl FromStr for EventTime {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        Self::parse(text.trim()).ok_or_else(|| InvalidTime { text: text.to_owned() })
    }
}

impl Serialize for EventTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prints_as_go_rfc3339nano_and_keeps_the_offset() {
        for text in [
            "2026-02-02T03:04:05Z",
            "2026-02-02T03:04:05.123456789Z",
            "2026-02-02T03:04:05.5+02:00",
            "2026-12-31T23:59:59-11:30",
            "0001-01-01T00:00:00Z",
            "0000-01-01T00:00:00+14:00",
        ] {
            assert_eq!(text.parse::<EventTime>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_spellings_of_rfc3339_are_read() {
        for (text, printed) in [
            ("2026-02-02t03:04:05z", "2026-02-02T03:04:05Z"),
            ("2026-02-02 03:04:05+00:00", "2026-02-02T03:04:05Z"),
            ("2026-02-02T03:04:05.500Z", "2026-02-02T03:04:05.5Z"),
            ("2026-02-02T03:04:05.1234567899Z", "2026-02-02T03:04:05.123456789Z"),
            (" 2026-02-02T03:04:05.000Z ", "2026-02-02T03:04:05Z"),
        ] {
            assert_eq!(text.parse::<EventTime>().unwrap().to_string(), printed);
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "2026-02-02",
            "2026-02-02T03:04:05",
            "2026-02-30T03:04:05Z",
            "2026-02-02T24:04:05Z",
            "2026-02-02T03:04:60Z",
            "2026-02-02T03:04:05.Z",
            "2026-02-02T03:04:05+24:00",
            "2026-02-02T03:04:05+2:00",
            "2026-02-02T03:04:05++2:00",
            "2026-02-02T03:04:05Zulu",
            "9999-12-31T23:59:59Z",
            "é026-02-02T03:04:05Z",
        ] {
            assert!(text.parse::<EventTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn utc_seconds_shift_the_offset_and_drop_the_fraction() {
        let time: EventTime = "2026-02-02T03:04:05.9+02:00".parse().unwrap();
        assert_eq!(time.to_utc_seconds(), "2026-02-02T01:04:05Z");
    }

    #[test]
    fn only_the_zero_time_of_go_is_zero() {
        assert!("0001-01-01T00:00:00Z".parse::<EventTime>().unwrap().is_zero());
        assert!(!"1970-01-01T00:00:00Z".parse::<EventTime>().unwrap().is_zero());
    }

    proptest! {
        #[test]
        fn every_time_survives_a_round_trip(
            millis in -62_135_596_800_000_i64..253_000_000_000_000,
            nanos in 0_i32..1_000_000,
            minutes in -1_439_i32..1_440,
        ) {
            let instant = Timestamp::from_nanosecond(i128::from(millis) * 1_000_000 + i128::from(nanos)).unwrap();
            let time = EventTime { instant, offset_seconds: minutes * 60 };
            let local = Offset::from_seconds(minutes * 60).unwrap().to_datetime(instant);
            prop_assume!((0..=9999).contains(&local.year()));
            prop_assert_eq!(time.to_string().parse::<EventTime>().unwrap(), time);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<EventTime>();
        }
    }
}
