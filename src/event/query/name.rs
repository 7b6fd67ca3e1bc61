//! Names with `*` and `?`.

use std::fmt;

use super::lex::{Mark, Means};

/// A name to compare with. Letter case matters only where ids are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(Vec<Part>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// `*`: any text.
    Star,
    /// `?`: any one character.
    Any,
    Char(char),
}

impl Name {
    /// The name that only this text fits.
    #[must_use]
    pub fn exactly(text: &str) -> Self {
        Self(text.chars().map(Part::Char).collect())
    }

    pub(super) fn of(marks: &[Mark]) -> Self {
        let part = |mark: &Mark| match (mark.means, mark.one) {
            (Means::Quote, _) => None,
            (Means::Anything | Means::Wild, '*') => Some(Part::Star),
            (Means::Anything | Means::Wild, '?') => Some(Part::Any),
            (_, one) => Some(Part::Char(one)),
        };
        Self(marks.iter().filter_map(part).collect())
    }

    /// It is the empty text.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text, if only one fits.
    #[must_use]
    pub fn exact(&self) -> Option<String> {
        self.0.iter().map(|part| if let Part::Char(one) = part { Some(*one) } else { None }).collect()
    }

    /// What every text that fits begins with.
    #[must_use]
    pub fn prefix(&self) -> String {
        self.0.iter().map_while(|part| if let Part::Char(one) = part { Some(*one) } else { None }).collect()
    }

    /// As a pattern of SQL's `LIKE .. ESCAPE '\'`, for the whole text or a part of it.
    #[must_use]
    pub fn like(&self, part: bool) -> String {
        let mut out = String::new();
        let around = if part { "%" } else { "" };
        out.push_str(around);
        for part in &self.0 {
            match part {
                Part::Star => out.push('%'),
                Part::Any => out.push('_'),
                Part::Char(one) => {
                    if matches!(one, '%' | '_' | '\\') {
                        out.push('\\');
                    }
                    out.push(*one);
                }
            }
        }
        out.push_str(around);
        out
    }

    /// As a pattern of SQL's `GLOB`, which tells letter cases apart.
    #[must_use]
    pub fn glob(&self) -> String {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Star => out.push('*'),
                Part::Any => out.push('?'),
                Part::Char(one @ ('*' | '?' | '[')) => {
                    out.push('[');
                    out.push(*one);
                    out.push(']');
                }
                Part::Char(one) => out.push(*one),
            }
        }
        out
    }

    /// Whether the whole text fits, whatever its letter case.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        fits(&self.0, text)
    }

    /// Whether a part of the text fits.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        let around: Vec<Part> = [&[Part::Star], self.0.as_slice(), &[Part::Star]].concat();
        fits(&around, text)
    }

    /// As a word without a key.
    pub(super) fn as_word(&self) -> String {
        let speaks = |(at, part): (usize, &Part)| matches!((at, part), (_, Part::Char(':')) | (0, Part::Char('!')));
        self.written(self.0.iter().enumerate().any(speaks))
    }

    fn written(&self, quoted: bool) -> String {
        let odd = |part: &Part| match part {
            Part::Char(one) => one.is_whitespace() || matches!(one, ',' | '"' | '\\' | '*' | '?'),
            _ => false,
        };
        let quoted = quoted || self.0.is_empty() || self.0.iter().any(odd);
        let mut out = String::new();
        let quote = if quoted { "\"" } else { "" };
        out.push_str(quote);
        for part in &self.0 {
            match part {
                Part::Star => out.push('*'),
                Part::Any => out.push('?'),
                Part::Char(one) => {
                    if matches!(one, '"' | '\\' | '*' | '?') {
                        out.push('\\');
                    }
                    out.push(*one);
                }
            }
        }
        out.push_str(quote);
        out
    }
}

/// As a value: reads back as the same name.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(false))
    }
}

fn fits(parts: &[Part], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut part, mut at) = (0, 0);
    // Where to go on when what follows the newest star does not fit: the star takes one character more.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let fits = match (parts.get(part), text.get(at)) {
            (None, None) => return true,
            (Some(Part::Star), _) => {
                retry = Some((part + 1, at));
                part += 1;
                continue;
            }
            (Some(Part::Any), Some(_)) => true,
            (Some(Part::Char(own)), Some(one)) => own == one || own.to_lowercase().eq(one.to_lowercase()),
            _ => false,
        };
        if fits {
            part += 1;
            at += 1;
            continue;
        }
        match retry {
            Some((after, from)) if from < text.len() => {
                retry = Some((after, from + 1));
                (part, at) = (after, from + 1);
            }
            _ => return false,
        }
    }
}
