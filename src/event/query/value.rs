//! Values that are figures: `>=3`, `5xx`, `<30m`.

use std::fmt::{self, Write as _};

use super::super::Millis;

/// How a figure is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after what they say")]
pub enum Op {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

/// A comparison with a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// How.
    pub op: Op,
    /// With what.
    pub figure: i64,
}

/// A value of `status:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// `5xx`: the hundreds.
    Class(i64),
    /// `429`, `>=500`.
    Code(Bound),
    /// `none`: no answer came.
    None,
}

/// Units of ages, the largest first, in milliseconds.
const UNITS: [(&str, Millis); 4] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];

/// More than any age: a thousand years.
const LONGEST: Millis = 365_000 * 86_400_000;

impl Op {
    /// As in SQL and in filters; nothing says "equal" in a filter.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Equal => "=",
            Self::AtLeast => ">=",
            Self::More => ">",
        }
    }

    /// The comparison in front of a figure, and the figure.
    fn split(text: &str) -> (Self, &str) {
        [("<=", Self::AtMost), (">=", Self::AtLeast), ("<", Self::Less), (">", Self::More), ("=", Self::Equal)]
            .into_iter()
            .find_map(|(sign, op)| Some((op, text.strip_prefix(sign)?)))
            .unwrap_or((Self::Equal, text))
    }
}

impl Bound {
    /// A count.
    pub(super) fn count(text: &str) -> Option<Self> {
        let (op, figure) = Op::split(text);
        let plain = !figure.is_empty() && figure.len() <= 9 && figure.bytes().all(|one| one.is_ascii_digit());
        Some(Self { op, figure: figure.parse().ok().filter(|_| plain)? })
    }

    /// An age: `>1h`, `<1h30m`. Nothing is of an age to the millisecond, so it must say which side.
    pub(super) fn age(text: &str) -> Option<Self> {
        let (op, mut rest) = Op::split(text);
        if op == Op::Equal || rest.is_empty() {
            return None;
        }
        let mut figure: Millis = 0;
        while !rest.is_empty() {
            let digits = rest.find(|one: char| !one.is_ascii_digit())?;
            let (number, after) = rest.split_at_checked(digits)?;
            let (name, length) = UNITS.iter().find(|(name, _)| after.starts_with(name))?;
            figure = figure.saturating_add(number.parse::<Millis>().ok()?.saturating_mul(*length));
            rest = after.strip_prefix(name)?;
        }
        Some(Self { op, figure }).filter(|bound| bound.figure <= LONGEST)
    }

    /// The other way round of [`Bound::age`].
    pub(super) fn as_age(&self) -> String {
        let mut left = self.figure;
        let mut out = self.op.as_str().to_owned();
        for (name, length) in UNITS {
            if left >= length {
                let _ = write!(out, "{}{name}", left / length);
                left %= length;
            }
        }
        if out == self.op.as_str() { format!("{out}0s") } else { out }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.op == Op::Equal { "" } else { self.op.as_str() };
        write!(f, "{sign}{}", self.figure)
    }
}

impl Status {
    pub(super) fn read(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self::None);
        }
        if let Some(class) = text.strip_suffix("xx") {
            return class.parse().ok().filter(|class| (1..=5).contains(class) && text.len() == 3).map(Self::Class);
        }
        Bound::count(text).filter(|bound| bound.figure <= 999).map(Self::Code)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class(class) => write!(f, "{class}xx"),
            Self::Code(bound) => bound.fmt(f),
            Self::None => f.write_str("none"),
        }
    }
}
