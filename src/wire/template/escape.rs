//! Functions that make a text fit for JSON, HTML, JavaScript or a URL, each escaping what Go's own escapes.

use super::bounds::{Budget, Buffer};
use super::print::{self, is_printable};
use super::value::{Map, Value};

/// `json`: the value as JSON, safe within HTML.
pub(super) fn json<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    let mut wrong = None;
    let value = given.first().unwrap_or(&Value::Missing);
    let made = budget.make(|out| wrong = write_json(out, value).err())?;
    wrong.map_or_else(|| Ok(Value::text(made)), Err)
}

/// `jsonEscape`: a text as it stands between the quotes of a JSON text.
pub(super) fn json_escape<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    let text = bytes_of(given.first());
    budget.make(|out| write_escaped(out, text)).map(Value::text)
}

/// `html`: `'"&<>` as character references.
pub(super) fn html<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    escaped(budget, given, |out, text| {
        for &byte in text {
            match byte {
                b'"' => out.push("&#34;"),
                b'\'' => out.push("&#39;"),
                b'&' => out.push("&amp;"),
                b'<' => out.push("&lt;"),
                b'>' => out.push("&gt;"),
                0 => out.push("\u{fffd}"),
                byte => out.push([byte]),
            }
        }
    })
}

/// `js`: as it stands between the quotes of a JavaScript text.
pub(super) fn js<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    escaped(budget, given, |out, text| {
        for chunk in text.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\\' => out.push("\\\\"),
                    '\'' => out.push("\\'"),
                    '"' => out.push("\\\""),
                    '<' | '>' | '&' | '=' | '\0'..' ' => out.push(format!("\\u{:04X}", u32::from(c))),
                    c if c.is_ascii() || is_printable(c) => out.push_char(c),
                    c => out.push(format!("\\u{:04X}", u32::from(c))),
                }
            }
            for _ in chunk.invalid() {
                out.push("\u{fffd}");
            }
        }
    })
}

/// `urlquery`: as it stands in the query of a URL.
pub(super) fn urlquery<'e>(budget: &mut Budget, given: &[Value<'e>]) -> Result<Value<'e>, String> {
    escaped(budget, given, |out, text| {
        for &byte in text {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push([byte]),
                b' ' => out.push("+"),
                byte => out.push(format!("%{byte:02X}")),
            }
        }
    })
}

/// Escapes a text, or what `print` makes of anything else.
fn escaped<'e>(
    budget: &mut Budget,
    given: &[Value<'e>],
    escape: impl FnOnce(&mut Buffer, &[u8]),
) -> Result<Value<'e>, String> {
    if let [Value::Text(text)] = given {
        budget.work(text.bytes().len())?;
        return budget.make(|out| escape(out, text.bytes())).map(Value::text);
    }
    let printed = budget.make(|out| print::values(out, given, print::Nothing::NoValue))?;
    budget.make(|out| escape(out, &printed)).map(Value::text)
}

fn bytes_of<'v>(value: Option<&'v Value<'_>>) -> &'v [u8] {
    if let Some(Value::Text(text)) = value { text.bytes() } else { b"" }
}

fn write_json(out: &mut Buffer, value: &Value<'_>) -> Result<(), String> {
    match value {
        Value::Missing | Value::Nil | Value::Map(Map::Details(None)) => out.push("null"),
        Value::Bool(value) => out.push(value.to_string()),
        Value::Int(number, _) => out.push(number.to_string()),
        Value::Uint(number, _) => out.push(number.to_string()),
        Value::Float(number) => out.push(print::json_float(*number)),
        Value::Text(text) => write_quoted(out, text.bytes()),
        Value::Time(time) => write_quoted(out, time.rfc3339().as_bytes()),
        Value::List(items) => {
            out.push("[");
            for (at, item) in items.iter().enumerate() {
                out.push(if at > 0 { "," } else { "" });
                write_json(out, &Value::of_json(item))?;
            }
            out.push("]");
        }
        Value::Map(map) => {
            out.push("{");
            for (at, (key, value)) in map.iter().enumerate() {
                out.push(if at > 0 { "," } else { "" });
                write_quoted(out, key.as_bytes());
                out.push(":");
                write_json(out, &value)?;
            }
            out.push("}");
        }
        // The event as every receiver of the `json` format reads it.
        Value::Event(source) => {
            let json = serde_json::to_vec(source.event).map_err(|error| error.to_string())?;
            // Outside of texts these characters do not occur, and within them the escapes mean the same.
            write_html_safe(out, &json);
        }
    }
    Ok(())
}

fn write_quoted(out: &mut Buffer, text: &[u8]) {
    out.push("\"");
    write_escaped(out, text);
    out.push("\"");
}

fn write_escaped(out: &mut Buffer, text: &[u8]) {
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => out.push("\\\""),
                '\\' => out.push("\\\\"),
                '\u{8}' => out.push("\\b"),
                '\u{c}' => out.push("\\f"),
                '\n' => out.push("\\n"),
                '\r' => out.push("\\r"),
                '\t' => out.push("\\t"),
                c if c < ' ' || is_unsafe(c) => out.push(format!("\\u{:04x}", u32::from(c))),
                c => out.push_char(c),
            }
        }
        // As Go: each byte of what is no UTF-8 on its own.
        for _ in chunk.invalid() {
            out.push("\\ufffd");
        }
    }
}

fn write_html_safe(out: &mut Buffer, json: &[u8]) {
    for c in String::from_utf8_lossy(json).chars() {
        if is_unsafe(c) { out.push(format!("\\u{:04x}", u32::from(c))) } else { out.push_char(c) }
    }
}

/// What Go's JSON escapes so that it can stand in HTML and JavaScript.
const fn is_unsafe(c: char) -> bool {
    matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}')
}
