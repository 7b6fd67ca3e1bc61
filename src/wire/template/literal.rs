//! The constants of a template: numbers, characters, texts, as Go spells them.

use super::ast::Number;

/// A number as Go reads it: decimal, `0x`, `0o` or a leading `0`, `0b`, with underscores; a floating-point number, also in
/// hexadecimal (`0x1p-2`).
pub(super) fn number(text: &str) -> Result<Number, String> {
    if is_float(text) {
        let float = float(text).filter(|float| float.is_finite());
        let float = float.ok_or_else(|| format!("{text} is no number; write 1.5, 1e3 or 0x1p-2"))?;
        return Ok(Number { int: whole(float), float, written_as_float: true });
    }
    let Some(int) = integer(text) else {
        return Err(format!("{text} is no number; write 12, 0x1f, 0o17 or 0b101"));
    };
    match i64::try_from(int) {
        Ok(int) => Ok(Number { int: Some(int), float: nearest(int), written_as_float: false }),
        Err(_) => Err(format!("{text} is too large; whole numbers go up to {}", i64::MAX)),
    }
}

/// A character constant with its quotes; the number of the character.
pub(super) fn character(text: &str) -> Result<Number, String> {
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    let mut rest = inner;
    match unescape(&mut rest, '\'') {
        Some(unit) if rest.is_empty() => {
            let code = i64::from(unit.code());
            Ok(Number { int: Some(code), float: nearest(code), written_as_float: false })
        }
        _ => Err(format!("{text} is no character constant; write one character between the quotes")),
    }
}

/// The value of a text constant with its quotes.
pub(super) fn text(text: &str) -> Result<Vec<u8>, String> {
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    if text.starts_with('`') {
        return Ok(inner.bytes().filter(|&byte| byte != b'\r').collect());
    }
    let mut value = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while !rest.is_empty() {
        let at = rest;
        let Some(unit) = unescape(&mut rest, '"') else {
            let escape: String = at.chars().take(2).collect();
            return Err(format!("`{escape}` is no good escape here; write `\\\\` for a backslash, or use back quotes"));
        };
        match unit {
            Unit::Byte(byte) => value.push(byte),
            Unit::Char(c) => value.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Ok(value)
}

/// What an escape stands for.
enum Unit {
    Byte(u8),
    Char(char),
}

impl Unit {
    fn code(&self) -> u32 {
        match *self {
            Self::Byte(byte) => u32::from(byte),
            Self::Char(c) => u32::from(c),
        }
    }
}

/// Takes one character or escape from the front. None where there is none, or no good one.
fn unescape(rest: &mut &str, quote: char) -> Option<Unit> {
    let mut chars = rest.chars();
    let first = chars.next().filter(|&c| c != quote)?;
    if first != '\\' {
        *rest = chars.as_str();
        return Some(Unit::Char(first));
    }
    let escape = chars.next()?;
    *rest = chars.as_str();
    let digits = |rest: &mut &str, count: usize, radix: u32| {
        let (digits, after) = rest.split_at_checked(count)?;
        *rest = after;
        let plain = digits.chars().all(|c| c.is_digit(radix));
        plain.then(|| u32::from_str_radix(digits, radix).ok()).flatten()
    };
    Some(match escape {
        'a' => Unit::Char('\u{7}'),
        'b' => Unit::Char('\u{8}'),
        'f' => Unit::Char('\u{c}'),
        'n' => Unit::Char('\n'),
        'r' => Unit::Char('\r'),
        't' => Unit::Char('\t'),
        'v' => Unit::Char('\u{b}'),
        '\\' => Unit::Char('\\'),
        c if c == quote => Unit::Char(c),
        'x' => Unit::Byte(digits(rest, 2, 16)?.try_into().ok()?),
        'u' => Unit::Char(char::from_u32(digits(rest, 4, 16)?)?),
        'U' => Unit::Char(char::from_u32(digits(rest, 8, 16)?)?),
        high @ '0'..='7' => {
            let low = digits(rest, 2, 8)?;
            Unit::Byte((high.to_digit(8)? * 64 + low).try_into().ok()?)
        }
        _ => return None,
    })
}

fn is_hex(text: &str) -> bool {
    text.trim_start_matches(['+', '-']).get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"))
}

fn is_float(text: &str) -> bool {
    if is_hex(text) { text.contains(['p', 'P', '.']) } else { text.contains(['.', 'e', 'E']) }
}

/// A whole number; none for what is no whole number in Go (`08`, `1__0`).
fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = signed(text);
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    // An underscore stands between digits; a prefix counts as one.
    let prefixed = radix != 10;
    if digits.ends_with('_') || digits.contains("__") || (digits.starts_with('_') && !prefixed) {
        return None;
    }
    let digits = digits.replace('_', "");
    let plain = digits.starts_with(|c: char| c.is_digit(radix));
    let magnitude = if plain { i128::from_str_radix(&digits, radix).ok()? } else { return None };
    Some(if negative { -magnitude } else { magnitude })
}

fn float(text: &str) -> Option<f64> {
    if is_hex(text) {
        return hex_float(text);
    }
    let good = !text.starts_with('_') && !text.ends_with('_') && !text.contains("__");
    good.then(|| text.replace('_', "").parse().ok()).flatten()
}

/// `0x1.8p3`. The exponent is not optional.
fn hex_float(text: &str) -> Option<f64> {
    /// More digits than an `f64` keeps apart.
    const MOST_DIGITS: usize = 14;
    let (negative, digits) = signed(text);
    let (mantissa, exponent) = digits.get(2..)?.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.len() > MOST_DIGITS {
        return None;
    }
    let mantissa = nearest(i64::from_str_radix(&digits, 16).ok()?);
    let exponent = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(fraction.len() * 4).ok()?)?;
    // In two steps: the power alone may be too small for a number that is not.
    let half = exponent.clamp(-2_000, 2_000) / 2;
    let value = mantissa * f64::from(half).exp2() * f64::from(exponent.clamp(-2_000, 2_000) - half).exp2();
    Some(if negative { -value } else { value })
}

fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The floating-point number nearest to a whole one.
#[expect(clippy::cast_precision_loss, reason = "Go rounds here as well")]
pub(super) const fn nearest(int: i64) -> f64 {
    int as f64
}

/// The number as a whole one, where it is one.
fn whole(float: f64) -> Option<i64> {
    if float.fract() != 0.0 {
        return None;
    }
    format!("{float:.0}").parse().ok()
}
