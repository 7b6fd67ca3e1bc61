//! The format of `printf`: flags, width, precision, argument numbers, verbs, and what stands there when something is wrong.

use super::super::bounds::Buffer;
use super::super::value::Value;
use super::{Flags, Printer};

/// Larger widths and precisions count as wrong, as in Go.
const WIDEST: usize = 1_000_000;

/// Writes the values as the format asks for.
pub(super) fn write(out: &mut Buffer, format: &[u8], values: &[Value<'_>]) {
    let mut state = Format { rest: format, values, next: 0, reordered: false, good_number: true, after_number: false };
    while let Some(at) = state.rest.iter().position(|&byte| byte == b'%') {
        let (text, verb) = state.rest.split_at_checked(at).unwrap_or((state.rest, b""));
        out.push(text);
        state.rest = verb.get(1..).unwrap_or_default();
        state.verb(out);
    }
    out.push(state.rest);
    if !state.reordered {
        state.extra(out);
    }
}

struct Format<'f, 'v, 'e> {
    /// What is not read yet.
    rest: &'f [u8],
    values: &'v [Value<'e>],
    /// Index of the next value.
    next: usize,
    /// Some verb said which value it wants.
    reordered: bool,
    /// The argument numbers of this verb are good.
    good_number: bool,
    /// An argument number has just been read.
    after_number: bool,
}

impl Format<'_, '_, '_> {
    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// What follows a `%`.
    fn verb(&mut self, out: &mut Buffer) {
        (self.good_number, self.after_number) = (true, false);
        let mut flags = Flags::default();
        while let Some(flag) = self.peek().and_then(flag) {
            flags = flags.with(flag);
            self.skip(1);
        }
        self.argument_number();
        let (width, minus) = self.width(out);
        if minus {
            flags = flags.with(Flags::MINUS).without(Flags::ZERO);
        }
        let precision = self.precision(out);
        if !self.after_number {
            self.argument_number();
        }
        let Some(verb) = self.take_char() else { return out.push("%!(NOVERB)") };
        let wrong = match verb {
            '%' => return out.push("%"),
            _ if !self.good_number => "(BADINDEX)",
            _ if self.next >= self.values.len() => "(MISSING)",
            _ => "",
        };
        if !wrong.is_empty() {
            out.push("%!");
            out.push_char(verb);
            return out.push(wrong);
        }
        if matches!(verb, 'v' | 'w') {
            flags = go_flags(flags);
        }
        if let Some(value) = self.values.get(self.next) {
            Printer { flags, width, precision, ..Printer::new(out) }.value(value, verb);
        }
        self.next += 1;
    }

    /// The verb; a byte that is no UTF-8 reads as U+FFFD.
    fn take_char(&mut self) -> Option<char> {
        let chunk = self.rest.utf8_chunks().next()?;
        let c = chunk.valid().chars().next();
        self.skip(c.map_or(1, char::len_utf8));
        Some(c.unwrap_or('\u{fffd}'))
    }

    /// A width, as a number or `*`, and whether it was negative: then the text stands on the left.
    fn width(&mut self, out: &mut Buffer) -> (Option<usize>, bool) {
        if self.peek() != Some(b'*') {
            let width = self.number();
            // `%[3]2d`
            self.good_number &= !(self.after_number && width.is_some());
            return (width, false);
        }
        self.skip(1);
        self.after_number = false;
        let width = self.argument_size();
        if width.is_none() {
            out.push("%!(BADWIDTH)");
        }
        (width.map(|(width, _)| width), width.is_some_and(|(_, negative)| negative))
    }

    /// A precision; a point alone is 0.
    fn precision(&mut self, out: &mut Buffer) -> Option<usize> {
        if self.peek() != Some(b'.') || self.rest.len() < 2 {
            return None;
        }
        self.skip(1);
        // `%[3].2d`
        self.good_number &= !self.after_number;
        self.argument_number();
        if self.peek() != Some(b'*') {
            return Some(self.number().unwrap_or(0));
        }
        self.skip(1);
        self.after_number = false;
        let precision = self.argument_size().filter(|&(_, negative)| !negative);
        if precision.is_none() {
            out.push("%!(BADPREC)");
        }
        precision.map(|(precision, _)| precision)
    }

    /// A width or precision that is the next value: its size, and whether it is negative.
    fn argument_size(&mut self) -> Option<(usize, bool)> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        let (size, negative) = match value {
            Value::Int(number, _) => (number.unsigned_abs(), *number < 0),
            Value::Uint(number, _) => (*number, false),
            _ => return None,
        };
        usize::try_from(size).ok().filter(|&size| size <= WIDEST).map(|size| (size, negative))
    }

    /// Digits. None where there are none, or the number is too large.
    fn number(&mut self) -> Option<usize> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = self.rest.get(..digits).and_then(|digits| std::str::from_utf8(digits).ok());
        self.skip(digits);
        text.and_then(|text| text.parse().ok()).filter(|&number| number <= WIDEST)
    }

    /// `[3]`: the number of the value that comes next, from 1.
    fn argument_number(&mut self) {
        self.after_number = false;
        if self.peek() != Some(b'[') {
            return;
        }
        self.reordered = true;
        let Some(length) = self.rest.iter().position(|&byte| byte == b']') else {
            self.good_number = false;
            return self.skip(1);
        };
        let text = self.rest.get(1..length).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default();
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let number: Option<usize> = text.parse().ok().filter(|&number| plain && number <= WIDEST);
        self.skip(length + 1);
        self.after_number = number.is_some();
        match number.and_then(|number| number.checked_sub(1)).filter(|&at| at < self.values.len()) {
            Some(at) => self.next = at,
            None => self.good_number = false,
        }
    }

    /// Values that no verb asked for.
    fn extra(&self, out: &mut Buffer) {
        let Some(extra @ [_, ..]) = self.values.get(self.next..) else { return };
        out.push("%!(EXTRA ");
        for (at, value) in extra.iter().enumerate() {
            out.push(if at > 0 { ", " } else { "" });
            out.push(value.type_name());
            if !value.is_nil() {
                out.push("=");
                Printer::new(out).value(value, 'v');
            }
        }
        out.push(")");
    }
}

const fn flag(byte: u8) -> Option<Flags> {
    Some(match byte {
        b'-' => Flags::MINUS,
        b'+' => Flags::PLUS,
        b'#' => Flags::SHARP,
        b' ' => Flags::SPACE,
        b'0' => Flags::ZERO,
        _ => return None,
    })
}

/// With `v`, `+` and `#` ask for names and for Go's syntax instead.
const fn go_flags(flags: Flags) -> Flags {
    let mut of_v = flags.without(Flags::SHARP).without(Flags::PLUS);
    if flags.has(Flags::SHARP) {
        of_v = of_v.with(Flags::SYNTAX);
    }
    if flags.has(Flags::PLUS) {
        of_v = of_v.with(Flags::NAMES);
    }
    of_v
}
