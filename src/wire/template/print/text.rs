//! `%s`, `%q`, `%x`: texts, and characters in quotes.

use std::fmt::Write as _;

use super::{Flags, Printer};

impl Printer<'_> {
    /// Prints a text after one of the verbs `s`, `q`, `x`, `X`, `v`.
    pub(super) fn text(&mut self, text: &[u8], verb: char) {
        match verb {
            'q' => {
                let text = self.truncated(text);
                // The quoted text is longer than this one: it need not be made where not even this one fits.
                if !self.out.room(text.len()) {
                    return;
                }
                if self.has(Flags::SHARP) && fits_back_quotes(text) {
                    return self.padded(&[b"`", text, b"`"].concat());
                }
                let quoted = quoted(text, '"', self.has(Flags::PLUS));
                self.padded(quoted.as_bytes());
            }
            'x' | 'X' => self.hexadecimal(text, verb == 'X'),
            _ => {
                let text = self.truncated(text);
                self.padded(text);
            }
        }
    }

    /// As many characters as the precision allows.
    fn truncated<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let Some(most) = self.precision else { return text };
        let mut left = most;
        let mut length = 0;
        for chunk in text.utf8_chunks() {
            for size in chunk.valid().chars().map(char::len_utf8).chain(chunk.invalid().iter().map(|_| 1)) {
                if left == 0 {
                    return text.get(..length).unwrap_or(text);
                }
                left -= 1;
                length += size;
            }
        }
        text
    }

    /// Each byte as two digits. The precision counts bytes.
    fn hexadecimal(&mut self, text: &[u8], upper: bool) {
        let text = self.precision.and_then(|most| text.get(..most)).unwrap_or(text);
        if !self.out.room(text.len().saturating_mul(2)) {
            return;
        }
        let prefix = match (self.has(Flags::SHARP), upper) {
            (true, false) => "0x",
            (true, true) => "0X",
            (false, _) => "",
        };
        let mut digits = String::with_capacity(text.len() * 2);
        for (at, byte) in text.iter().enumerate() {
            let separate = at > 0 && self.has(Flags::SPACE);
            if separate {
                digits.push(' ');
            }
            if at == 0 || separate {
                digits.push_str(prefix);
            }
            for digit in [byte >> 4, byte & 15] {
                let digit = char::from_digit(digit.into(), 16).unwrap_or_default();
                digits.push(if upper { digit.to_ascii_uppercase() } else { digit });
            }
        }
        self.padded(digits.as_bytes());
    }
}

/// A text as Go's source would have it. `ascii`: every other character is escaped.
pub(super) fn quoted(text: &[u8], quote: char, ascii: bool) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push(quote);
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_escaped(&mut quoted, c, quote, ascii);
        }
        for byte in chunk.invalid() {
            // Writing to a text cannot fail.
            let _ = write!(quoted, "\\x{byte:02x}");
        }
    }
    quoted.push(quote);
    quoted
}

fn push_escaped(quoted: &mut String, c: char, quote: char, ascii: bool) {
    let letter = match c {
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{b}' => 'v',
        '\\' => '\\',
        c if c == quote => c,
        c => {
            let code = u32::from(c);
            let shown = (c.is_ascii() || !ascii) && is_printable(c);
            let _ = match code {
                _ if shown => write!(quoted, "{c}"),
                0..0x80 => write!(quoted, "\\x{code:02x}"),
                0x80..0x1_0000 => write!(quoted, "\\u{code:04x}"),
                _ => write!(quoted, "\\U{code:08x}"),
            };
            return;
        }
    };
    quoted.extend(['\\', letter]);
}

/// Whether a character shows: letters, marks, numbers, punctuation, symbols and the plain space.
pub(in super::super) fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    // At the front of a text a combining mark would be escaped as well.
    let mut text = String::from("a");
    text.push(c);
    text.escape_debug().nth(1) == Some(c)
}

/// Whether a text can stand in back quotes as it is.
fn fits_back_quotes(text: &[u8]) -> bool {
    let fits = |c: char| !matches!(c, '`' | '\u{feff}' | '\u{7f}') && (c >= ' ' || c == '\t');
    std::str::from_utf8(text).is_ok_and(|text| text.chars().all(fits))
}
