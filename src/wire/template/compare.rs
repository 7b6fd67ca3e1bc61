//! `eq`, `ne`, `lt`, `le`, `gt`, `ge` by Go's rules: values of different types are not compared, only whole numbers with and
//! without a sign are.

use std::cmp::Ordering;

use super::bounds::Budget;
use super::value::{Map, Text, Value};

const INCOMPATIBLE: &str = "incompatible types for comparison";
const INVALID: &str = "invalid type for comparison";

/// Whether the first equals any of the others.
pub(super) fn eq<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    let (first, others) = given.split_first().unwrap_or((&Value::Missing, &[]));
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    for other in others {
        budget.work(size(first).min(size(other)))?;
        if equal(first, other)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

/// Whether they differ.
pub(super) fn ne<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    eq(budget, given).map(|equal| Value::Bool(!equal.is_true()))
}

pub(super) fn lt<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    compared(budget, given, Ordering::is_lt)
}

pub(super) fn le<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    compared(budget, given, Ordering::is_le)
}

/// As in Go, this is "not `le`": true for what is not a number.
pub(super) fn gt<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    compared(budget, given, Ordering::is_le).map(|less| Value::Bool(!less.is_true()))
}

/// As in Go, this is "not `lt`": true for what is not a number.
pub(super) fn ge<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    compared(budget, given, Ordering::is_lt).map(|less| Value::Bool(!less.is_true()))
}

fn compared<'e>(budget: &mut Budget, given: &[Value<'e>], wanted: fn(Ordering) -> bool) -> Result<Value<'e>, String> {
    let [one, other] = given else { return Err("missing argument for comparison".to_owned()) };
    budget.work(size(one).min(size(other)))?;
    Ok(Value::Bool(order(one, other)?.is_some_and(wanted)))
}

/// How many bytes there are to compare.
fn size(value: &Value<'_>) -> usize {
    if let Value::Text(text) = value { text.bytes().len() } else { 0 }
}

/// What can be compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Number,
    Float,
    Text,
    Other,
}

const fn kind(value: &Value<'_>) -> Kind {
    match value {
        Value::Bool(_) => Kind::Bool,
        Value::Int(..) | Value::Uint(..) => Kind::Number,
        Value::Float(_) => Kind::Float,
        Value::Text(_) => Kind::Text,
        _ => Kind::Other,
    }
}

fn equal(one: &Value<'_>, other: &Value<'_>) -> Result<bool, String> {
    if kind(one) != kind(other) {
        // Nothing equals no value, and that is no error.
        return if one.is_nil() || other.is_nil() { Ok(false) } else { Err(INCOMPATIBLE.to_owned()) };
    }
    if kind(one) != Kind::Other {
        return Ok(match (one, other) {
            (Value::Bool(one), Value::Bool(other)) => one == other,
            _ => order(one, other)? == Some(Ordering::Equal),
        });
    }
    if is_null(one) || is_null(other) {
        let comparable = one.is_nil() || other.is_nil() || one.type_name() == other.type_name();
        return if comparable { Ok(is_null(one) == is_null(other)) } else { Err(non_comparable(one)) };
    }
    match (one, other) {
        (Value::Time(one), Value::Time(other)) => Ok(one == other),
        (Value::Time(_), other) => Err(non_comparable(other)),
        (one, _) => Err(non_comparable(one)),
    }
}

/// Nothing, or a map that was not given.
const fn is_null(value: &Value<'_>) -> bool {
    value.is_nil() || matches!(value, Value::Map(Map::Details(None)))
}

fn non_comparable(value: &Value<'_>) -> String {
    format!("non-comparable type {}", value.type_name())
}

/// How they are ordered; none where one is not a number.
fn order(one: &Value<'_>, other: &Value<'_>) -> Result<Option<Ordering>, String> {
    for value in [one, other] {
        if kind(value) == Kind::Other {
            return Err(INVALID.to_owned());
        }
    }
    match (one, other) {
        (Value::Int(one, _), Value::Int(other, _)) => Ok(Some(one.cmp(other))),
        (Value::Uint(one, _), Value::Uint(other, _)) => Ok(Some(one.cmp(other))),
        (Value::Int(one, _), Value::Uint(other, _)) => Ok(Some(i128::from(*one).cmp(&i128::from(*other)))),
        (Value::Uint(one, _), Value::Int(other, _)) => Ok(Some(i128::from(*one).cmp(&i128::from(*other)))),
        (Value::Float(one), Value::Float(other)) => Ok(one.partial_cmp(other)),
        (Value::Text(one), Value::Text(other)) => Ok(Some(Text::bytes(one).cmp(Text::bytes(other)))),
        (Value::Bool(_), Value::Bool(_)) => Err(INVALID.to_owned()),
        _ => Err(INCOMPATIBLE.to_owned()),
    }
}
