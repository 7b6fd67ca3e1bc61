//! `print`, `println`, `printf` and what a bare action prints, as Go's fmt does it.

mod number;
mod printf;
mod text;

use super::bounds::{Budget, Buffer};
use super::time::named;
use super::value::{FIELDS, Map, Value};

pub(super) use number::json_float;
pub(super) use text::is_printable;

/// How nothing prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nothing {
    /// `<no value>`: in an action, and where a text is escaped.
    NoValue,
    /// `<nil>`
    Nil,
}

/// `print`: a space between two values of which none is a text.
pub(super) fn print<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    budget.make(|out| values(out, given, Nothing::Nil)).map(Value::text)
}

/// `println`: a space between all values, and a line break.
pub(super) fn println<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    let write = |out: &mut Buffer| {
        for (at, value) in given.iter().enumerate() {
            out.push(if at > 0 { " " } else { "" });
            Printer::new(out).value(value, 'v');
        }
        out.push("\n");
    };
    budget.make(write).map(Value::text)
}

/// `printf`.
pub(super) fn printf<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    let Some((Value::Text(format), values)) = given.split_first() else {
        return Err("printf wants a text as its format".to_owned());
    };
    budget.work(format.bytes().len())?;
    budget.make(|out| printf::write(out, format.bytes(), values)).map(Value::text)
}

/// Prints values as `print` does.
pub(super) fn values(out: &mut Buffer, values: &[Value<'_>], nothing: Nothing) {
    let no_value = |value: &Value<'_>| nothing == Nothing::NoValue && value.is_nil();
    // Nothing stands apart from the front, and `<no value>` is a text.
    let mut after_text = true;
    for value in values {
        let text = matches!(value, Value::Text(_)) || no_value(value);
        out.push(if after_text || text { "" } else { " " });
        after_text = text;
        if no_value(value) {
            out.push("<no value>");
        } else {
            Printer::new(out).value(value, 'v');
        }
    }
}

/// Prints one value after the rules of a verb and its flags.
struct Printer<'b> {
    out: &'b mut Buffer,
    flags: Flags,
    width: Option<usize>,
    precision: Option<usize>,
    /// A bad verb is being told: the value prints without its own way of printing.
    erroring: bool,
}

/// The flags of a verb, as a set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Flags(u8);

impl Flags {
    const MINUS: Self = Self(1);
    const PLUS: Self = Self(2);
    const SHARP: Self = Self(4);
    const SPACE: Self = Self(8);
    const ZERO: Self = Self(16);
    /// `%+v`: structs with the names of their fields.
    const NAMES: Self = Self(32);
    /// `%#v`: values as they stand in Go's source.
    const SYNTAX: Self = Self(64);

    const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    const fn with(self, flag: Self) -> Self {
        Self(self.0 | flag.0)
    }

    const fn without(self, flag: Self) -> Self {
        Self(self.0 & !flag.0)
    }
}

impl<'b> Printer<'b> {
    const fn new(out: &'b mut Buffer) -> Self {
        Self { out, flags: Flags(0), width: None, precision: None, erroring: false }
    }

    const fn has(&self, flag: Flags) -> bool {
        self.flags.has(flag)
    }

    /// Prints a value that stands alone.
    fn value(&mut self, value: &Value<'_>, verb: char) {
        // What is lost anyway need not be made.
        if self.out.is_full() {
            return;
        }
        match (value, verb) {
            (Value::Missing | Value::Nil, 'T' | 'v') => self.padded(b"<nil>"),
            (_, 'T') => self.text(value.type_name().as_bytes(), 's'),
            // The addresses of Go have no meaning here.
            (_, 'p') => self.bad_verb(value, verb),
            _ => self.inner(value, verb),
        }
    }

    /// Prints a value, alone or within another.
    fn inner(&mut self, value: &Value<'_>, verb: char) {
        if self.by_its_own_way(value, verb) {
            return;
        }
        match value {
            Value::Bool(truth) if matches!(verb, 't' | 'v') => self.padded(truth.to_string().as_bytes()),
            Value::Int(number, _) => self.integer(value, (number.unsigned_abs(), *number < 0), verb),
            Value::Uint(number, _) => self.integer(value, (*number, false), verb),
            Value::Float(number) => self.float(value, *number, verb),
            Value::Text(text) => match verb {
                'v' if self.has(Flags::SYNTAX) => self.text(text.bytes(), 'q'),
                'v' | 's' | 'x' | 'X' | 'q' => self.text(text.bytes(), verb),
                _ => self.bad_verb(value, verb),
            },
            Value::Map(map) => self.map(*map, value.type_name(), verb),
            Value::List(items) => {
                let items = items.iter().map(|item| (None, Value::of_json(item)));
                self.items(items, (value.type_name(), "[", "]"), verb);
            }
            Value::Event(source) => {
                let present = |(name, value): &(&str, Value<'_>)| *name != "Data" || !value.is_nil();
                let fields = FIELDS.iter().map(|name| {
                    let value = source.field(name).and_then(Result::ok).unwrap_or(Value::Nil);
                    (*name, value)
                });
                let named = self.has(Flags::NAMES) || self.has(Flags::SYNTAX);
                let fields = fields.filter(present).map(|(name, value)| {
                    let name = named.then_some(Key::Name(name));
                    (name, value)
                });
                self.items(fields, ("webhook.Event", "{", "}"), verb);
            }
            Value::Missing | Value::Nil | Value::Bool(_) | Value::Time(_) => self.bad_verb(value, verb),
        }
    }

    /// Times, months, weekdays and durations say themselves how they print as a text.
    fn by_its_own_way(&mut self, value: &Value<'_>, verb: char) -> bool {
        if self.erroring && !matches!(value, Value::Time(_)) {
            return false;
        }
        if self.has(Flags::SYNTAX) {
            if let Value::Time(time) = value {
                self.text(time.go_syntax().as_bytes(), 's');
                return true;
            }
            return false;
        }
        let named = matches!(verb, 'v' | 's' | 'x' | 'X' | 'q').then(|| named(value)).flatten();
        if let Some(text) = &named {
            self.text(text.as_bytes(), if verb == 'v' { 's' } else { verb });
        }
        named.is_some()
    }

    fn map(&mut self, map: Map<'_>, kind: &str, verb: char) {
        if self.has(Flags::SYNTAX) && matches!(map, Map::Details(None)) {
            self.out.push(kind);
            self.out.push("(nil)");
            return;
        }
        let items = map.iter().map(|(key, value)| (Some(Key::Text(key)), value));
        self.items(items, (kind, if self.has(Flags::SYNTAX) { "{" } else { "map[" }, "]"), verb);
    }

    /// What a map, a list or a struct holds.
    fn items<'v>(
        &mut self,
        items: impl Iterator<Item = (Option<Key<'v>>, Value<'v>)>,
        (kind, open, close): (&str, &str, &str),
        verb: char,
    ) {
        let syntax = self.has(Flags::SYNTAX);
        if syntax {
            self.out.push(kind);
        }
        self.out.push(if syntax { "{" } else { open });
        for (at, (key, value)) in items.enumerate() {
            if at > 0 {
                self.out.push(if syntax { ", " } else { " " });
            }
            match key {
                Some(Key::Name(name)) => self.out.push(name),
                Some(Key::Text(key)) => self.inner(&Value::key(key), verb),
                None => {}
            }
            if key.is_some() {
                self.out.push(":");
            }
            match (&value, syntax) {
                (Value::Nil, true) => self.out.push("interface {}(nil)"),
                (Value::Nil, false) => self.out.push("<nil>"),
                _ => self.inner(&value, verb),
            }
        }
        self.out.push(if syntax { "}" } else { close });
    }

    /// `%!verb(type=value)`
    fn bad_verb(&mut self, value: &Value<'_>, verb: char) {
        self.out.push("%!");
        self.out.push_char(verb);
        self.out.push("(");
        if value.is_nil() {
            self.out.push("<nil>");
        } else {
            self.out.push(value.type_name());
            self.out.push("=");
            let before = std::mem::replace(&mut self.erroring, true);
            self.inner(value, 'v');
            self.erroring = before;
        }
        self.out.push(")");
    }

    /// Writes a text, filled up to the width with spaces or, where asked for, with zeros on the left.
    fn padded(&mut self, text: &[u8]) {
        let Some(width) = self.width else { return self.out.push(text) };
        let missing = width.saturating_sub(characters(text));
        if self.has(Flags::MINUS) {
            self.out.push(text);
            self.out.fill(b' ', missing);
        } else {
            self.out.fill(if self.has(Flags::ZERO) { b'0' } else { b' ' }, missing);
            self.out.push(text);
        }
    }
}

/// What stands in front of the colon.
#[derive(Debug, Clone, Copy)]
enum Key<'v> {
    Name(&'static str),
    Text(&'v str),
}

/// Characters of a text; a byte that is no UTF-8 counts as one.
fn characters(text: &[u8]) -> usize {
    text.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

#[cfg(test)]
mod tests;
