//! Hostile text made harmless: whatever came from outside passes here before it reaches a terminal.
//!
//! Escapes are plain ASCII (`\n`, `\e`, `\x9b`, `\u{202e}`), so that they can be read and searched anywhere. Backslashes of
//! the text itself stay as they are: paths and JSON remain readable, and nothing is executed from these forms.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

/// Combining marks that one character may carry; more of them are an attack on the lines above and below.
const MOST_MARKS: u32 = 3;

/// Spaces that stand for a tab in a body.
const TAB: &str = "    ";

/// One line: control bytes, escape sequences, bidi controls, invisible characters and line breaks become visible.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    push_line(&mut out, text);
    Cow::Owned(out)
}

/// As [`line()`], for bytes that may not be UTF-8: those that are not become `\xff`.
fn line_of_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        push_line(&mut out, chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// A body: its line breaks (LF, CR LF) are kept as such, tabs become spaces, the rest is escaped as by [`line()`].
#[must_use]
pub fn lines(bytes: &[u8]) -> Vec<String> {
    bytes
        .split(|byte| *byte == b'\n')
        .map(|one| one.strip_suffix(b"\r").unwrap_or(one))
        .map(|one| one.split(|byte| *byte == b'\t').map(line_of_bytes).collect::<Vec<_>>().join(TAB))
        .collect()
}

fn push_line(out: &mut String, text: &str) {
    // A mark at the very start would sit on the cell to its left, which is not ours.
    let mut marks = MOST_MARKS;
    for one in text.chars() {
        let is_mark = is_mark(one);
        marks = if is_mark { marks + 1 } else { 0 };
        match one {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x1b' => out.push_str("\\e"),
            // Only choose between a character's text and picture form, and terminals disagree on the width then.
            '\u{fe0e}' | '\u{fe0f}' => {}
            _ if one.is_control() && u32::from(one) < 0x100 => {
                let _ = write!(out, "\\x{:02x}", u32::from(one));
            }
            _ if is_unseen(one) || (is_mark && marks > MOST_MARKS) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(one));
            }
            _ => out.push(one),
        }
    }
}

/// Takes no cell of its own.
fn is_mark(one: char) -> bool {
    !one.is_control() && one.width() == Some(0)
}

/// Changes how other text is shown, or shows nothing: bidi controls, zero-width characters, fillers, tags, separators.
fn is_unseen(one: char) -> bool {
    matches!(one,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_shown_as_it_is() {
        for text in ["", "agent.error", r"C:\new\table", "{\"a\": 1}", "grün €", "日本語", "e\u{301}"] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn hostile_text_becomes_visible() {
        for (text, shown) in [
            ("a\nb\r\n\tc", r"a\nb\r\n\tc"),
            ("\x1b[2Jgone", r"\e[2Jgone"),
            ("\x1b]52;c;aGk=\x07", r"\e]52;c;aGk=\x07"),
            ("\u{9b}31m", r"\x9b31m"),
            ("\0\x08\x7f", r"\x00\x08\x7f"),
            ("evil\u{202e}txt.exe", r"evil\u{202e}txt.exe"),
            ("a\u{200b}b\u{feff}c\u{2060}", r"a\u{200b}b\u{feff}c\u{2060}"),
            ("a\u{2028}b", r"a\u{2028}b"),
            ("heart \u{2764}\u{fe0f}", "heart \u{2764}"),
            ("\u{301}a", "\\u{301}a"),
            ("a\u{301}\u{301}\u{301}\u{301}\u{301}", "a\u{301}\u{301}\u{301}\\u{301}\\u{301}"),
            ("tag\u{e0041}", r"tag\u{e0041}"),
        ] {
            assert_eq!(line(text), shown, "{text:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_shown_as_bytes() {
        assert_eq!(line_of_bytes(b"ok \xff\xfe ok"), r"ok \xff\xfe ok");
        assert_eq!(line_of_bytes(b"\xe2\x82"), r"\xe2\x82");
        assert_eq!(line_of_bytes("grün".as_bytes()), "grün");
    }

    #[test]
    fn a_body_keeps_its_lines_and_nothing_else() {
        assert_eq!(lines(b"one\r\n\ttwo\nthree\x1b[31m"), ["one", "    two", r"three\e[31m"]);
        assert_eq!(lines(b""), [""]);
        assert_eq!(lines(br#"{"a": "b\tc"}"#), [r#"{"a": "b\tc"}"#], "an escape of the text itself is no tab");
        assert_eq!(lines(b"a\rb\n"), [r"a\rb", ""]);
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_in_no_control_goes_out(bytes: Vec<u8>) {
            let shown = line_of_bytes(&bytes);
            proptest::prop_assert!(!shown.chars().any(|one| one.is_control() || is_unseen(one)));
            for one in lines(&bytes) {
                proptest::prop_assert!(!one.chars().any(char::is_control));
            }
        }
    }
}
