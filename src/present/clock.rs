//! When something happened: as an age, in local time or in UTC (key `t`).

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::event::Millis;

use super::figures;

/// How times are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Times {
    /// `41s`: how long ago.
    #[default]
    Ago,
    /// `12:03:01`, with the date where it is not today.
    Local,
    /// `12:03:01Z`.
    Utc,
}

impl Times {
    /// The next one, round and round.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Ago => Self::Local,
            Self::Local => Self::Utc,
            Self::Utc => Self::Ago,
        }
    }

    /// The head of a column of these.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ago => "AGE",
            Self::Local => "TIME",
            Self::Utc => "UTC",
        }
    }

    /// Cells that a column of these needs.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Self::Ago => 5,
            Self::Local | Self::Utc => 11,
        }
    }

    /// The time as this form shows it. `zone` is the reader's.
    #[must_use]
    pub fn show(self, at: Millis, now: Millis, zone: &TimeZone) -> String {
        match self {
            Self::Ago => figures::age(figures::elapsed(at, now)),
            Self::Local => in_zone(at, now, zone),
            Self::Utc => in_zone(at, now, &TimeZone::UTC) + "Z",
        }
    }
}

/// `12:03:01` on the day of `now`, else `11-22 12:03`.
fn in_zone(at: Millis, now: Millis, zone: &TimeZone) -> String {
    let (Ok(at), Ok(now)) = (Timestamp::from_millisecond(at), Timestamp::from_millisecond(now)) else {
        return figures::UNKNOWN.to_owned();
    };
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let form = if at.date() == now.date() { "%H:%M:%S" } else { "%m-%d %H:%M" };
    at.strftime(form).to_string()
}

/// RFC 3339 in UTC with milliseconds, as every `--json` has it: `2026-11-22T12:03:01.042Z`.
#[must_use]
pub fn rfc3339(at: Millis) -> String {
    Timestamp::from_millisecond(at)
        .map_or_else(|_| figures::UNKNOWN.to_owned(), |at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22T12:03:01.042Z.
    const AT: Millis = 1_795_348_981_042;

    #[test]
    fn a_time_is_shown_as_age_local_or_utc() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        for (times, now, shown) in [
            (Times::Ago, AT + 41_000, "41s"),
            (Times::Ago, AT - 5, "0.0s"),
            (Times::Local, AT + 41_000, "14:03:01"),
            (Times::Local, AT + 86_400_000, "11-22 14:03"),
            (Times::Utc, AT, "12:03:01Z"),
            (Times::Utc, AT - 86_400_000, "11-22 12:03Z"),
        ] {
            let text = times.show(AT, now, &zone);
            assert_eq!(text, shown);
        }
        assert_eq!(Times::Local.show(Millis::MAX, AT, &zone), figures::UNKNOWN);
    }

    #[test]
    fn json_has_utc_with_milliseconds() {
        assert_eq!(rfc3339(AT), "2026-11-22T12:03:01.042Z");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn t_goes_round() {
        assert_eq!(Times::Ago.next().next().next(), Times::Ago);
    }
}
