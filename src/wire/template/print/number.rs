//! Numbers: whole ones to any base, floating-point ones in every notation of Go.

use super::super::value::Value;
use super::text::{is_printable, quoted};
use super::{Flags, Printer};

/// Digits behind the point beyond which an `f64` has zeros only.
const MOST_DIGITS: usize = 1_100;

impl Printer<'_> {
    /// A whole number: its size and whether it is negative.
    pub(super) fn integer(&mut self, value: &Value<'_>, (size, negative): (u64, bool), verb: char) {
        let hexadecimal = self.has(Flags::SYNTAX) && matches!(value, Value::Uint(..));
        match verb {
            'v' if hexadecimal => {
                let flags = self.flags;
                self.flags = flags.with(Flags::SHARP);
                self.digits((size, negative), 'x');
                self.flags = flags;
            }
            'v' => self.digits((size, negative), 'd'),
            'd' | 'b' | 'o' | 'O' | 'x' | 'X' => self.digits((size, negative), verb),
            'c' => self.padded(character(size, negative).encode_utf8(&mut [0; 4]).as_bytes()),
            'q' => {
                let c = character(size, negative);
                let quoted = quoted(c.encode_utf8(&mut [0; 4]).as_bytes(), '\'', self.has(Flags::PLUS));
                self.padded(quoted.as_bytes());
            }
            'U' => self.unicode(size, negative),
            _ => self.bad_verb(value, verb),
        }
    }

    fn digits(&mut self, (size, negative): (u64, bool), verb: char) {
        if self.precision == Some(0) && size == 0 {
            // Nothing but spaces.
            return self.padded_with_spaces(b"");
        }
        let digits = match verb {
            'b' => format!("{size:b}"),
            'o' | 'O' => format!("{size:o}"),
            'x' => format!("{size:x}"),
            'X' => format!("{size:X}"),
            _ => size.to_string(),
        };
        let sign = self.sign(negative);
        let fills = self.has(Flags::ZERO) && !self.has(Flags::MINUS);
        let least = match (self.precision, self.width) {
            (Some(precision), _) => precision,
            (None, Some(width)) if fills => width.saturating_sub(sign.len()),
            _ => 0,
        };
        let zeros = least.saturating_sub(digits.len());
        let prefix = match verb {
            'O' => "0o",
            'b' if self.has(Flags::SHARP) => "0b",
            'o' if self.has(Flags::SHARP) && zeros == 0 && !digits.starts_with('0') => "0",
            'x' if self.has(Flags::SHARP) => "0x",
            'X' if self.has(Flags::SHARP) => "0X",
            _ => "",
        };
        let text = [sign, prefix, &"0".repeat(zeros), &digits].concat();
        self.padded_with_spaces(text.as_bytes());
    }

    fn sign(&self, negative: bool) -> &'static str {
        match negative {
            true => "-",
            false if self.has(Flags::PLUS) => "+",
            false if self.has(Flags::SPACE) => " ",
            false => "",
        }
    }

    fn padded_with_spaces(&mut self, text: &[u8]) {
        let flags = self.flags;
        self.flags = flags.without(Flags::ZERO);
        self.padded(text);
        self.flags = flags;
    }

    /// `U+0041`, and with `#` the character too.
    fn unicode(&mut self, size: u64, negative: bool) {
        let size = if negative { size.wrapping_neg() } else { size };
        let least = self.precision.map_or(4, |precision| precision.max(4));
        let digits = format!("{size:X}");
        let mut text = format!("U+{}{digits}", "0".repeat(least.saturating_sub(digits.len())));
        let shown = u32::try_from(size).ok().and_then(char::from_u32).filter(|&c| is_printable(c));
        if let Some(c) = shown.filter(|_| self.has(Flags::SHARP)) {
            text.extend([' ', '\'', c, '\'']);
        }
        self.padded_with_spaces(text.as_bytes());
    }

    /// A floating-point number: finite, since neither JSON nor a template has others.
    pub(super) fn float(&mut self, value: &Value<'_>, number: f64, verb: char) {
        let precision = |otherwise: Option<usize>| self.precision.or(otherwise);
        let size = number.abs();
        let text = match verb {
            'e' | 'E' => exponential(size, precision(Some(6))),
            'f' | 'F' => fixed(size, precision(Some(6)).unwrap_or(6)),
            'g' | 'G' | 'v' => general(size, precision(None), self.has(Flags::SHARP)),
            'b' => binary(size),
            'x' | 'X' => hexadecimal(size, precision(None)),
            _ => return self.bad_verb(value, verb),
        };
        let mut text = text;
        if self.has(Flags::SHARP) && matches!(verb, 'e' | 'E' | 'f' | 'F') && !text.contains('.') {
            let at = text.find('e').unwrap_or(text.len());
            text.insert(at, '.');
        }
        if verb.is_ascii_uppercase() {
            text.make_ascii_uppercase();
        }
        let sign = self.sign(number.is_sign_negative());
        let missing = self.width.unwrap_or(0).saturating_sub(sign.len() + text.len());
        if self.has(Flags::ZERO) && !self.has(Flags::MINUS) && !sign.is_empty() && missing > 0 {
            // The sign stands in front of the zeros.
            self.out.push(sign);
            self.out.fill(b'0', missing);
            return self.out.push(text);
        }
        self.padded([sign, &text].concat().as_bytes());
    }
}

/// The character of this number; U+FFFD where there is none.
fn character(size: u64, negative: bool) -> char {
    let code = u32::try_from(size).ok().filter(|_| !negative || size == 0);
    code.and_then(char::from_u32).unwrap_or('\u{fffd}')
}

/// `1.5e+06`; without a precision with as many digits as it takes to tell the number from every other.
fn exponential(size: f64, precision: Option<usize>) -> String {
    let text = match precision {
        Some(precision) => format!("{size:.*e}", precision.min(MOST_DIGITS)),
        None => format!("{size:e}"),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let zeros = "0".repeat(precision.unwrap_or(0).saturating_sub(MOST_DIGITS));
    format!("{mantissa}{zeros}e{exponent:+03}")
}

/// `1.500000`
fn fixed(size: f64, precision: usize) -> String {
    let mut text = format!("{size:.*}", precision.min(MOST_DIGITS));
    text.push_str(&"0".repeat(precision.saturating_sub(MOST_DIGITS)));
    text
}

/// Fixed or exponential, by size. `keep_zeros`: the digits asked for are all shown.
fn general(size: f64, precision: Option<usize>, keep_zeros: bool) -> String {
    let asked = precision.map(|precision| precision.max(1));
    let text = exponential(size, asked.map(|asked| asked - 1));
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let mut digits = mantissa.replace('.', "");
    let significant = digits.trim_end_matches('0').len().max(1);
    digits.truncate(significant);
    let integral = usize::try_from(exponent + 1).unwrap_or(0);
    // Without a precision Go takes 6 here, though it may show more digits than that.
    let limit = match asked {
        None => 6,
        Some(asked) if asked > significant && significant >= integral => significant,
        Some(asked) => asked,
    };
    let shown = if keep_zeros { asked.unwrap_or(6).max(significant) } else { significant };
    digits.push_str(&"0".repeat(shown - significant));
    let limit = i32::try_from(limit).unwrap_or(i32::MAX);
    if exponent < -4 || exponent >= limit {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
        let point = if rest.is_empty() && !keep_zeros { "" } else { "." };
        return format!("{first}{point}{rest}e{exponent:+03}");
    }
    if exponent < 0 {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0));
        return format!("0.{zeros}{digits}");
    }
    digits.push_str(&"0".repeat(integral.saturating_sub(digits.len())));
    let (whole, fraction) = digits.split_at_checked(integral).unwrap_or((&digits, ""));
    let point = if fraction.is_empty() && !keep_zeros { "" } else { "." };
    format!("{whole}{point}{fraction}")
}

/// Mantissa and exponent to the base 2, both as whole numbers.
fn parts(size: f64) -> (u64, i64) {
    const MANTISSA_BITS: u32 = 52;
    let bits = size.to_bits();
    let mantissa = bits & ((1 << MANTISSA_BITS) - 1);
    let exponent = i64::try_from(bits >> MANTISSA_BITS & 0x7ff).unwrap_or_default();
    match exponent {
        0 => (mantissa, -1_074),
        _ => (mantissa | 1 << MANTISSA_BITS, exponent - 1_075),
    }
}

/// `4503599627370496p-52`
fn binary(size: f64) -> String {
    let (mantissa, exponent) = parts(size);
    format!("{mantissa}p{exponent:+}")
}

/// `0x1.8p+01`
fn hexadecimal(size: f64, precision: Option<usize>) -> String {
    /// Hexadecimal digits behind the point.
    const DIGITS: usize = 13;
    if size == 0.0 {
        let fraction =
            precision.filter(|&precision| precision > 0).map(|precision| format!(".{}", "0".repeat(precision)));
        return format!("0x0{}p+00", fraction.unwrap_or_default());
    }
    let (mut mantissa, mut exponent) = parts(size);
    while mantissa < 1 << 52 {
        mantissa <<= 1;
        exponent -= 1;
    }
    exponent += 52;
    if let Some(cut) = precision.and_then(|precision| DIGITS.checked_sub(precision)).filter(|&cut| cut > 0) {
        // To the nearest, and of two equally near to the even one.
        let unit = 1_u64 << (4 * cut);
        let rest = mantissa % unit;
        let even = (mantissa / unit).is_multiple_of(2);
        let up = rest > unit / 2 || (rest == unit / 2 && !even);
        mantissa = mantissa - rest + if up { unit } else { 0 };
        if mantissa >= 1 << 53 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let digits = format!("{:013x}", mantissa & ((1 << 52) - 1));
    let fraction = match precision {
        None => digits.trim_end_matches('0').to_owned(),
        Some(precision) if precision > DIGITS => format!("{digits}{}", "0".repeat(precision - DIGITS)),
        Some(precision) => digits.get(..precision).unwrap_or(&digits).to_owned(),
    };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("0x1{point}{fraction}p{exponent:+03}")
}

/// A number as Go's JSON writes it.
pub(in super::super) fn json_float(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or_default();
        return format!("{mantissa}e{exponent:+}");
    }
    number.to_string()
}
