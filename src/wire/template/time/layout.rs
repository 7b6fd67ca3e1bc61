//! Go's layouts: the reference time `Mon Jan 2 15:04:05 MST 2006` shows how a time is to be written.

use std::fmt::Write as _;

use jiff::civil::DateTime;

use super::{MONTHS, Time, WEEKDAYS, index};

/// What a part of a layout stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    LongMonth,
    Month,
    NumberMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    SpaceDay,
    ZeroDay,
    SpaceYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    Zone,
    /// An offset from UTC: `Z` for UTC itself or not, with colons or not, down to hours (1), minutes (2), seconds (3).
    Offset {
        z: bool,
        colons: bool,
        fields: u8,
    },
    /// Digits behind the second, with their point or comma; zeros at the end are left out or not.
    Fraction {
        mark: char,
        digits: usize,
        trim: bool,
    },
}

/// The spellings; where one begins another, the longer stands first.
const PARTS: &[(&str, Part)] = &[
    ("January", Part::LongMonth),
    ("Jan", Part::Month),
    ("Monday", Part::LongWeekday),
    ("Mon", Part::Weekday),
    ("MST", Part::Zone),
    ("002", Part::ZeroYearDay),
    ("01", Part::ZeroMonth),
    ("02", Part::ZeroDay),
    ("03", Part::ZeroHour12),
    ("04", Part::ZeroMinute),
    ("05", Part::ZeroSecond),
    ("06", Part::Year),
    ("15", Part::Hour),
    ("1", Part::NumberMonth),
    ("2006", Part::LongYear),
    ("2", Part::Day),
    ("__2", Part::SpaceYearDay),
    ("_2", Part::SpaceDay),
    ("3", Part::Hour12),
    ("4", Part::Minute),
    ("5", Part::Second),
    ("PM", Part::UpperHalf),
    ("pm", Part::LowerHalf),
    ("-07:00:00", offset(false, true, 3)),
    ("-070000", offset(false, false, 3)),
    ("-07:00", offset(false, true, 2)),
    ("-0700", offset(false, false, 2)),
    ("-07", offset(false, false, 1)),
    ("Z07:00:00", offset(true, true, 3)),
    ("Z070000", offset(true, false, 3)),
    ("Z07:00", offset(true, true, 2)),
    ("Z0700", offset(true, false, 2)),
    ("Z07", offset(true, false, 1)),
];

const fn offset(z: bool, colons: bool, fields: u8) -> Part {
    Part::Offset { z, colons, fields }
}

/// The time as the layout asks for it.
pub(super) fn format(time: &Time, layout: &str) -> String {
    let mut text = String::with_capacity(layout.len() + 16);
    let local = time.civil();
    let mut rest = layout;
    while !rest.is_empty() {
        if let Some((length, part)) = part(rest) {
            write_part(&mut text, (time, local), part);
            rest = rest.get(length..).unwrap_or_default();
        } else {
            let mut chars = rest.chars();
            text.extend(chars.next());
            rest = chars.as_str();
        }
    }
    text
}

/// The part at the front of the layout and its length; none for a character that stands for itself.
fn part(layout: &str) -> Option<(usize, Part)> {
    if let Some(fraction) = fraction(layout) {
        return Some(fraction);
    }
    // `_2006` is an underscore and a year.
    if layout.starts_with("_2006") {
        return None;
    }
    let &(word, part) = PARTS.iter().find(|(word, _)| layout.starts_with(word))?;
    // `Jan` and `Mon` at the front of another word are no month and no day.
    let next = layout.get(word.len()..).and_then(|rest| rest.chars().next());
    let in_word = matches!(part, Part::Month | Part::Weekday) && next.is_some_and(|c| c.is_ascii_lowercase());
    (!in_word).then_some((word.len(), part))
}

/// `.000`, `,999` and their like. No digit may follow.
fn fraction(layout: &str) -> Option<(usize, Part)> {
    let mark = layout.chars().next().filter(|c| matches!(c, '.' | ','))?;
    let after = layout.get(1..)?;
    let kind = after.chars().next().filter(|c| matches!(c, '0' | '9'))?;
    let rest = after.trim_start_matches(kind);
    let digits = after.len() - rest.len();
    let ends = !rest.starts_with(|c: char| c.is_ascii_digit());
    ends.then_some((1 + digits, Part::Fraction { mark, digits, trim: kind == '9' }))
}

fn write_part(text: &mut String, (time, local): (&Time, DateTime), part: Part) {
    let name = |names: &[&'static str], number: usize| names.get(number).copied().unwrap_or_default();
    let month = || name(&MONTHS, index(local.month()).wrapping_sub(1));
    let weekday = || name(&WEEKDAYS, index(local.weekday().to_sunday_zero_offset()));
    let short = |name: &'static str| name.get(..3).unwrap_or(name);
    let hour12 = || if local.hour() % 12 == 0 { 12 } else { local.hour() % 12 };
    let morning = local.hour() < 12;
    // Writing to a text cannot fail.
    let _ = match part {
        Part::LongMonth => write!(text, "{}", month()),
        Part::Month => write!(text, "{}", short(month())),
        Part::NumberMonth => write!(text, "{}", local.month()),
        Part::ZeroMonth => write!(text, "{:02}", local.month()),
        Part::LongWeekday => write!(text, "{}", weekday()),
        Part::Weekday => write!(text, "{}", short(weekday())),
        Part::Day => write!(text, "{}", local.day()),
        Part::SpaceDay => write!(text, "{:2}", local.day()),
        Part::ZeroDay => write!(text, "{:02}", local.day()),
        Part::SpaceYearDay => write!(text, "{:3}", local.day_of_year()),
        Part::ZeroYearDay => write!(text, "{:03}", local.day_of_year()),
        Part::Hour => write!(text, "{:02}", local.hour()),
        Part::Hour12 => write!(text, "{}", hour12()),
        Part::ZeroHour12 => write!(text, "{:02}", hour12()),
        Part::Minute => write!(text, "{}", local.minute()),
        Part::ZeroMinute => write!(text, "{:02}", local.minute()),
        Part::Second => write!(text, "{}", local.second()),
        Part::ZeroSecond => write!(text, "{:02}", local.second()),
        // Go writes the sign and then at least four digits.
        Part::LongYear if local.year() < 0 => write!(text, "-{:04}", local.year().unsigned_abs()),
        Part::LongYear => write!(text, "{:04}", local.year()),
        Part::Year => write!(text, "{:02}", local.year().unsigned_abs() % 100),
        Part::UpperHalf => write!(text, "{}", if morning { "AM" } else { "PM" }),
        Part::LowerHalf => write!(text, "{}", if morning { "am" } else { "pm" }),
        Part::Zone => write_zone(text, time),
        Part::Offset { z: true, .. } if time.offset.seconds() == 0 => write!(text, "Z"),
        Part::Offset { colons, fields, .. } => write_offset(text, time.offset.seconds(), colons, fields),
        Part::Fraction { mark, digits, trim } => {
            write_fraction(text, local.subsec_nanosecond(), (mark, digits, trim));
            Ok(())
        }
    };
}

fn write_zone(text: &mut String, time: &Time) -> std::fmt::Result {
    match &time.zone {
        Some(zone) => write!(text, "{zone}"),
        None => write_offset(text, time.offset.seconds(), false, 2),
    }
}

fn write_offset(text: &mut String, seconds: i32, colons: bool, fields: u8) -> std::fmt::Result {
    let all = seconds.unsigned_abs();
    let colon = if colons { ":" } else { "" };
    write!(text, "{}{:02}", if seconds < 0 { '-' } else { '+' }, all / 3600)?;
    if fields > 1 {
        write!(text, "{colon}{:02}", all / 60 % 60)?;
    }
    if fields > 2 {
        write!(text, "{colon}{:02}", all % 60)?;
    }
    Ok(())
}

fn write_fraction(text: &mut String, nanoseconds: i32, (mark, digits, trim): (char, usize, bool)) {
    let all = format!("{nanoseconds:09}");
    let shown = all.get(..digits).unwrap_or(&all);
    let shown = if trim { shown.trim_end_matches('0') } else { shown };
    if !shown.is_empty() {
        text.push(mark);
        text.push_str(shown);
    }
}
