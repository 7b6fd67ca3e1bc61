//! The methods of a time, and of what those give: months, weekdays, durations.

use std::cmp::Ordering;

use super::super::funcs::Param;
use super::super::literal::nearest;
use super::super::value::{Signed, Text, Value};
use super::{HOUR, MINUTE, MONTHS, SECOND, Time, WEEKDAYS, duration};

/// A method.
#[derive(Debug)]
pub(in super::super) struct Method {
    name: &'static str,
    pub(in super::super) parameters: &'static [Param],
    body: Body,
}

/// What a method does.
#[derive(Debug)]
enum Body {
    /// Of a time alone.
    Time(fn(&Time) -> Value<'static>),
    /// Of a time and one other.
    Two(fn(&Time, &Time) -> Value<'static>),
    /// Of a time and the numbers that it is given.
    Numbers(fn(&Time, [i64; 3]) -> Result<Time, String>),
    /// Of a time and a text.
    Text(fn(&Time, &str) -> String),
    /// Of a duration, in nanoseconds.
    Duration(fn(i64) -> Value<'static>),
    /// How a month, a weekday or a duration prints.
    String,
    /// Go has it, and a template cannot call it, for this reason.
    Refused(&'static str),
}

/// The method of this name that the value has.
pub(in super::super) fn find(value: &Value<'_>, name: &str) -> Option<&'static Method> {
    let methods: &[&[Method]] = match value {
        Value::Time(_) => &[PARTS, ARITHMETIC, REFUSED],
        Value::Int(_, Signed::Month | Signed::Weekday) => &[STRING],
        Value::Int(_, Signed::Duration) => &[STRING, DURATION],
        _ => return None,
    };
    methods.iter().copied().flatten().find(|method| method.name == name)
}

impl Method {
    /// Calls it on a value that has it, with arguments that fit its parameters.
    pub(in super::super) fn call(&self, value: &Value<'_>, given: &[Value<'_>]) -> Result<Value<'static>, String> {
        match (&self.body, value, given) {
            (Body::Time(run), Value::Time(time), _) => Ok(run(time)),
            (Body::Two(run), Value::Time(time), [Value::Time(other)]) => Ok(run(time, other)),
            (Body::Numbers(run), Value::Time(time), _) => {
                let number = |at| if let Some(Value::Int(number, _)) = given.get(at) { *number } else { 0 };
                run(time, [number(0), number(1), number(2)]).map(Value::Time)
            }
            (Body::Text(run), Value::Time(time), [Value::Text(text)]) => {
                Ok(said(run(time, &String::from_utf8_lossy(Text::bytes(text)))))
            }
            (Body::Duration(run), Value::Int(nanoseconds, _), _) => Ok(run(*nanoseconds)),
            (Body::String, ..) => Ok(said(named(value).unwrap_or_default())),
            (Body::Refused(why), ..) => Err((*why).to_owned()),
            _ => Err(format!("{} has no such method", value.type_name())),
        }
    }
}

const fn method(name: &'static str, parameters: &'static [Param], body: Body) -> Method {
    Method { name, parameters, body }
}

const fn part(name: &'static str, of: fn(&Time) -> Value<'static>) -> Method {
    method(name, &[], Body::Time(of))
}

/// What a time is made of and how it is written.
const PARTS: &[Method] = &[
    method("Format", &[Param::Text], Body::Text(Time::format)),
    part("String", |time| said(time.text())),
    part("GoString", |time| said(time.go_syntax())),
    part("Unix", |time| int64(time.instant.as_second())),
    part("UnixMilli", |time| int64(time.instant.as_millisecond())),
    part("UnixMicro", |time| int64(time.instant.as_microsecond())),
    part("UnixNano", |time| int64(time.unix_nano())),
    part("UTC", |time| Value::Time(time.utc())),
    part("Local", |time| Value::Time(time.local())),
    part("Year", |time| int(time.civil().year())),
    part("Month", |time| Value::Int(time.civil().month().into(), Signed::Month)),
    part("Day", |time| int(time.civil().day())),
    part("Hour", |time| int(time.civil().hour())),
    part("Minute", |time| int(time.civil().minute())),
    part("Second", |time| int(time.civil().second())),
    part("Nanosecond", |time| int(time.civil().subsec_nanosecond())),
    part("Weekday", |time| Value::Int(time.civil().weekday().to_sunday_zero_offset().into(), Signed::Weekday)),
    part("YearDay", |time| int(time.civil().day_of_year())),
    part("IsZero", |time| Value::Bool(time.since_year_one() == 0)),
];

/// Comparing and reckoning. `Truncate` and `Round` count their units from the start of the year 1.
const ARITHMETIC: &[Method] = &[
    method("Equal", &[Param::Time], Body::Two(|one, other| Value::Bool(one.instant == other.instant))),
    method("Before", &[Param::Time], Body::Two(|one, other| Value::Bool(one.instant < other.instant))),
    method("After", &[Param::Time], Body::Two(|one, other| Value::Bool(one.instant > other.instant))),
    method("Compare", &[Param::Time], Body::Two(|one, other| int(sign(one.instant.cmp(&other.instant))))),
    method("Sub", &[Param::Time], Body::Two(|one, other| Value::Int(one.since(other), Signed::Duration))),
    method("Add", &[Param::Duration], Body::Numbers(|time, [by, ..]| time.add(by))),
    method(
        "AddDate",
        &[Param::Int, Param::Int, Param::Int],
        Body::Numbers(|time, [years, months, days]| time.add_date(years, months, days)),
    ),
    method("Truncate", &[Param::Duration], Body::Numbers(|time, [unit, ..]| time.add(-time.rest(unit)))),
    method(
        "Round",
        &[Param::Duration],
        Body::Numbers(|time, [unit, ..]| {
            let rest = time.rest(unit);
            time.add(if rest < unit - rest || rest == 0 { -rest } else { unit - rest })
        }),
    ),
];

/// Methods that give more than one value.
const REFUSED: &[Method] = &[
    method("Date", &[], Body::Refused("it gives 3 results; use .Year, .Month and .Day")),
    method("Clock", &[], Body::Refused("it gives 3 results; use .Hour, .Minute and .Second")),
    method("ISOWeek", &[], Body::Refused("it gives 2 results, and a template takes one")),
    method("Zone", &[], Body::Refused("it gives 2 results; use .Format \"MST\" or .Format \"-0700\"")),
];

const STRING: &[Method] = &[method("String", &[], Body::String)];

const DURATION: &[Method] = &[
    method("Nanoseconds", &[], Body::Duration(int64)),
    method("Microseconds", &[], Body::Duration(|nanoseconds| int64(nanoseconds / 1_000))),
    method("Milliseconds", &[], Body::Duration(|nanoseconds| int64(nanoseconds / 1_000_000))),
    method("Seconds", &[], Body::Duration(|nanoseconds| in_units(nanoseconds, SECOND))),
    method("Minutes", &[], Body::Duration(|nanoseconds| in_units(nanoseconds, MINUTE))),
    method("Hours", &[], Body::Duration(|nanoseconds| in_units(nanoseconds, HOUR))),
];

/// How a time, a month, a weekday or a duration prints; none for other values.
pub(in super::super) fn named(value: &Value<'_>) -> Option<String> {
    let name = |names: &[&str], kind: &str, number: i64, first: i64| {
        let index = number.checked_sub(first).and_then(|index| usize::try_from(index).ok());
        let name = index.and_then(|index| names.get(index).copied());
        name.map_or_else(|| format!("%!{kind}({number})"), str::to_owned)
    };
    match value {
        Value::Int(number, Signed::Month) => Some(name(&MONTHS, "Month", *number, 1)),
        Value::Int(number, Signed::Weekday) => Some(name(&WEEKDAYS, "Weekday", *number, 0)),
        Value::Int(number, Signed::Duration) => Some(duration(*number)),
        Value::Time(time) => Some(time.text()),
        _ => None,
    }
}

fn said(text: String) -> Value<'static> {
    Value::text(text.into_bytes())
}

fn int(number: impl Into<i64>) -> Value<'static> {
    Value::Int(number.into(), Signed::Int)
}

const fn int64(number: i64) -> Value<'static> {
    Value::Int(number, Signed::Int64)
}

const fn sign(order: Ordering) -> i64 {
    match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

/// A duration in units of so many nanoseconds: whole ones and the rest apart, so that little is lost.
fn in_units(nanoseconds: i64, unit: i64) -> Value<'static> {
    Value::Float(nearest(nanoseconds / unit) + nearest(nanoseconds % unit) / nearest(unit))
}
