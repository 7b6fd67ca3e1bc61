//! The functions that a template may call: Go's own, and NTM's `json` and `jsonEscape`.

use super::bounds::Budget;
use super::compare;
use super::escape;
use super::print;
use super::value::{Text, Unsigned, Value};

/// What a parameter takes. It decides which type a constant gets, and what nothing becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Param {
    /// Anything, nothing at all too.
    Any,
    /// Anything; nothing becomes `nil`.
    Interface,
    Text,
    Int,
    Duration,
    Time,
}

/// A function.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [Param],
    /// What it takes after those, as many as there are.
    pub(super) rest: Option<Param>,
    pub(super) run: Run,
}

/// How a function works. `Lazy` ones look at one argument after the other, and stop at the first that decides.
#[derive(Debug, Clone, Copy)]
pub(super) enum Run {
    Eager(Eager),
    /// `and` (true) and `or` (false): the first argument that is not so, else the last one.
    Lazy(bool),
}

/// Gets its arguments, gives a value, or says in words why not.
pub(super) type Eager = for<'e> fn(&mut Budget, &[Value<'e>]) -> Result<Value<'e>, String>;

const ANY: &[Param] = &[Param::Any];

const FUNCTIONS: &[Function] = &[
    Function { name: "and", parameters: ANY, rest: Some(Param::Any), run: Run::Lazy(true) },
    function("call", ANY, Some(Param::Any), call),
    function("eq", ANY, Some(Param::Any), compare::eq),
    function("ge", &[Param::Any, Param::Any], None, compare::ge),
    function("gt", &[Param::Any, Param::Any], None, compare::gt),
    function("html", &[], Some(Param::Interface), escape::html),
    function("index", ANY, Some(Param::Any), index),
    function("js", &[], Some(Param::Interface), escape::js),
    function("json", &[Param::Interface], None, escape::json),
    function("jsonEscape", &[Param::Text], None, escape::json_escape),
    function("le", &[Param::Any, Param::Any], None, compare::le),
    function("len", ANY, None, len),
    function("lt", &[Param::Any, Param::Any], None, compare::lt),
    function("ne", &[Param::Any, Param::Any], None, compare::ne),
    function("not", ANY, None, |_, given| Ok(Value::Bool(!first(given).is_true()))),
    Function { name: "or", parameters: ANY, rest: Some(Param::Any), run: Run::Lazy(false) },
    function("print", &[], Some(Param::Interface), print::print),
    function("printf", &[Param::Text], Some(Param::Interface), print::printf),
    function("println", &[], Some(Param::Interface), print::println),
    function("slice", ANY, Some(Param::Any), slice),
    function("urlquery", &[], Some(Param::Interface), escape::urlquery),
];

const fn function(name: &'static str, parameters: &'static [Param], rest: Option<Param>, run: Eager) -> Function {
    Function { name, parameters, rest, run: Run::Eager(run) }
}

/// The function of this name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// The names of all functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}

fn first<'v, 'e>(given: &'v [Value<'e>]) -> &'v Value<'e> {
    given.first().unwrap_or(&Value::Missing)
}

/// Nothing in the data of an event is a function.
fn call<'e>(_: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    match first(given) {
        value if value.is_nil() => Err("call of nil".to_owned()),
        value => Err(format!("call of a value of type {}, which is no function", value.type_name())),
    }
}

fn len<'e>(_: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    Ok(Value::count(match first(given) {
        Value::Text(text) => text.bytes().len(),
        Value::Map(map) => map.len(),
        Value::List(items) => items.len(),
        value if value.is_nil() => return Err("len of nil pointer".to_owned()),
        value => return Err(format!("len of type {}", value.type_name())),
    }))
}

/// `index x 1 2` is `x[1][2]`.
fn index<'e>(_: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    let (item, indexes) = given.split_first().unwrap_or((&Value::Missing, &[]));
    if item.is_nil() {
        return Err("index of untyped nil".to_owned());
    }
    indexes.iter().try_fold(item.clone(), |item, index| match item {
        Value::Text(text) => {
            let at = position(index, text.bytes().len())?;
            let byte = text.bytes().get(at).copied().ok_or_else(|| out_of_range(&at))?;
            Ok(Value::Uint(byte.into(), Unsigned::Uint8))
        }
        Value::List(items) => {
            let at = position(index, items.len())?;
            items.get(at).map(Value::of_json).ok_or_else(|| out_of_range(&at))
        }
        Value::Map(map) => match index {
            Value::Text(key) => Ok(map.get(key.bytes()).unwrap_or_else(|| map.zero())),
            index if index.is_nil() => Err("value is nil; should be of type string".to_owned()),
            index => Err(format!("value has type {}; should be string", index.type_name())),
        },
        item if item.is_nil() => Err("index of nil pointer".to_owned()),
        item => Err(format!("can't index item of type {}", item.type_name())),
    })
}

/// `slice x 1 2` is `x[1:2]`.
fn slice<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    let (item, indexes) = given.split_first().unwrap_or((&Value::Missing, &[]));
    let length = match item {
        item if item.is_nil() => return Err("slice of untyped nil".to_owned()),
        _ if indexes.len() > 3 => return Err(format!("too many slice indexes: {}", indexes.len())),
        Value::Text(_) if indexes.len() == 3 => return Err("cannot 3-index slice a string".to_owned()),
        Value::Text(text) => text.bytes().len(),
        Value::List(items) => items.len(),
        item => return Err(format!("can't slice item of type {}", item.type_name())),
    };
    let bounds: Vec<usize> = indexes.iter().map(|index| position(index, length)).collect::<Result<_, _>>()?;
    let from = bounds.first().copied().unwrap_or(0);
    let to = bounds.get(1).copied().unwrap_or(length);
    for (low, high) in [(from, to), (to, bounds.get(2).copied().unwrap_or(length))] {
        if low > high {
            return Err(format!("invalid slice index: {low} > {high}"));
        }
    }
    Ok(match item {
        Value::List(items) => Value::List(items.get(from..to).unwrap_or_default()),
        Value::Text(Text::Borrowed(bytes)) => Value::Text(Text::Borrowed(bytes.get(from..to).unwrap_or_default())),
        Value::Text(text) => {
            let part = text.bytes().get(from..to).unwrap_or_default();
            Value::text(budget.make(|out| out.push(part))?)
        }
        _ => Value::Missing,
    })
}

/// An index as a number from 0 to `most`.
fn position(index: &Value<'_>, most: usize) -> Result<usize, String> {
    let at = match index {
        Value::Int(at, _) => usize::try_from(*at).map_err(|_| out_of_range(at))?,
        Value::Uint(at, _) => usize::try_from(*at).map_err(|_| out_of_range(at))?,
        index if index.is_nil() => return Err("cannot index slice/array with nil".to_owned()),
        index => return Err(format!("cannot index slice/array with type {}", index.type_name())),
    };
    if at > most { Err(out_of_range(&at)) } else { Ok(at) }
}

fn out_of_range(at: &impl std::fmt::Display) -> String {
    format!("index out of range: {at}")
}
