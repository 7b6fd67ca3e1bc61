//! The timestamp of an event as Go's `time.Time`: what it prints, and its arithmetic. `layout` formats, `methods` are what a
//! template may call.

mod layout;
mod methods;

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp};

use crate::event::EventTime;

pub(super) use methods::{Method, find, named};

/// An instant and where it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Time {
    instant: Timestamp,
    offset: Offset,
    /// The zone's abbreviation; none where only the offset is known.
    zone: Option<String>,
}

/// Nanoseconds of a second, of a minute, of an hour.
const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Unix seconds of Go's zero time, the start of the year 1.
const YEAR_ONE: i64 = -62_135_596_800;

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

impl Time {
    pub(super) fn of(time: EventTime) -> Self {
        let offset = time.offset();
        let zone = (offset == Offset::UTC).then(|| "UTC".to_owned());
        Self { instant: time.instant(), offset, zone }
    }

    fn utc(&self) -> Self {
        Self { instant: self.instant, offset: Offset::UTC, zone: Some("UTC".to_owned()) }
    }

    /// In the time zone of this machine.
    fn local(&self) -> Self {
        let zone = TimeZone::system();
        let info = zone.to_offset_info(self.instant);
        Self { instant: self.instant, offset: info.offset(), zone: Some(info.abbreviation().to_owned()) }
    }

    fn at(&self, instant: Timestamp) -> Self {
        Self { instant, ..self.clone() }
    }

    /// Date and time as the clock of its zone shows them.
    fn civil(&self) -> DateTime {
        self.offset.to_datetime(self.instant)
    }

    /// What a layout of Go's makes of it.
    pub(super) fn format(&self, layout: &str) -> String {
        layout::format(self, layout)
    }

    /// How it prints.
    pub(super) fn text(&self) -> String {
        self.format("2006-01-02 15:04:05.999999999 -0700 MST")
    }

    /// As it stands in JSON, without the quotes.
    pub(super) fn rfc3339(&self) -> String {
        self.format("2006-01-02T15:04:05.999999999Z07:00")
    }

    /// How `%#v` prints it.
    pub(super) fn go_syntax(&self) -> String {
        let local = self.civil();
        let zone = match &self.zone {
            Some(zone) if zone == "UTC" => "time.UTC",
            Some(_) => "time.Local",
            None => "time.Location(\"\")",
        };
        let month = MONTHS.get(index(local.month()) - 1).copied().unwrap_or_default();
        format!(
            "time.Date({}, time.{month}, {}, {}, {}, {}, {}, {zone})",
            local.year(),
            local.day(),
            local.hour(),
            local.minute(),
            local.second(),
            local.subsec_nanosecond()
        )
    }

    /// Nanoseconds since the start of the year 1: what Go's `Truncate` and `Round` go by.
    fn since_year_one(&self) -> i128 {
        self.instant.as_nanosecond() - i128::from(YEAR_ONE) * i128::from(SECOND)
    }

    /// What is left over in units of so many nanoseconds.
    fn rest(&self, unit: i64) -> i64 {
        let rest = if unit > 0 { self.since_year_one().rem_euclid(i128::from(unit)) } else { 0 };
        i64::try_from(rest).unwrap_or_default()
    }

    /// Nanoseconds since 1970, as many as fit.
    fn unix_nano(&self) -> i64 {
        limited(self.instant.as_nanosecond())
    }

    fn add(&self, nanoseconds: i64) -> Result<Self, String> {
        let sum = self.instant.checked_add(SignedDuration::from_nanos(nanoseconds));
        sum.map(|instant| self.at(instant)).map_err(|_| out_of_range())
    }

    /// Adds to year, month and day, and lets each flow over into the next: January 31 and a month are March 3.
    fn add_date(&self, years: i64, months: i64, days: i64) -> Result<Self, String> {
        let local = self.civil();
        let month = i64::from(local.year())
            .checked_add(years)
            .and_then(|year| year.checked_mul(12))
            .and_then(|month| month.checked_add(i64::from(local.month()) - 1)?.checked_add(months));
        let day = days.checked_add(i64::from(local.day()) - 1);
        let moved = month.zip(day).and_then(|(month, day)| {
            let year = i16::try_from(month.div_euclid(12)).ok()?;
            let first = Date::new(year, i8::try_from(month.rem_euclid(12) + 1).ok()?, 1).ok()?;
            let date = first.checked_add(Span::new().try_days(day).ok()?).ok()?;
            self.offset.to_timestamp(date.to_datetime(local.time())).ok()
        });
        moved.map(|instant| self.at(instant)).ok_or_else(out_of_range)
    }

    /// The nanoseconds between two times, as many as fit.
    fn since(&self, earlier: &Self) -> i64 {
        limited(self.instant.as_nanosecond() - earlier.instant.as_nanosecond())
    }
}

/// The number, or the nearest one that fits.
fn limited(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}

fn out_of_range() -> String {
    "the time is outside of the years -9999 to 9999".to_owned()
}

/// A small number as an index.
fn index(number: i8) -> usize {
    usize::try_from(number).unwrap_or_default()
}

/// A duration as Go prints it: `1h2m3.5s`, `1.5ms`, `0s`.
pub(super) fn duration(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let all = nanoseconds.unsigned_abs();
    let second = SECOND.unsigned_abs();
    if all == 0 {
        return "0s".to_owned();
    }
    if all < second {
        let (unit, digits) = match all {
            0..1_000 => ("ns", 0),
            1_000..1_000_000 => ("µs", 3),
            _ => ("ms", 6),
        };
        return format!("{sign}{}{unit}", decimal(all, digits));
    }
    let (minutes, rest) = (all / (60 * second), all % (60 * second));
    let seconds = decimal(rest, 9);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
        (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

/// A number with so many digits behind the point, without zeros at its end.
fn decimal(number: u64, digits: u32) -> String {
    let unit = 10_u64.pow(digits);
    let width = usize::try_from(digits).unwrap_or_default();
    let fraction = format!("{:0width$}", number % unit);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { (number / unit).to_string() } else { format!("{}.{fraction}", number / unit) }
}

#[cfg(test)]
mod tests;
