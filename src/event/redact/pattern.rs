//! A regular expression of the file.

use std::fmt;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// Most memory of a compiled pattern, in bytes.
const LARGEST: usize = 1 << 20;

/// A regular expression that is good: it compiles, and it does not match everywhere. Two are equal if they are written
/// alike.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(Regex);

/// Why a text is no [`Pattern`]; reads on after the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// It does not parse.
    #[error("is no regular expression: {0}; mend it, and put a `\\` before a sign that means itself")]
    Syntax(String),
    /// It compiles to more than 1 MiB.
    #[error("is too large a regular expression; make it shorter, or its repetitions smaller")]
    TooLarge,
    /// It matches the empty text, so it matches everywhere.
    #[error("matches the empty text, and so it would match everywhere; ask for at least one character")]
    Empty,
}

impl Pattern {
    /// Compiles it.
    ///
    /// # Errors
    /// [`BadPattern`].
    pub fn new(pattern: &str) -> Result<Self, BadPattern> {
        let regex = RegexBuilder::new(pattern).size_limit(LARGEST).build().map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => BadPattern::TooLarge,
            // The crate draws the pattern and a caret first; its last line says what is wrong.
            error => {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default().trim();
                BadPattern::Syntax(last.strip_prefix("error: ").unwrap_or(last).to_owned())
            }
        })?;
        if regex.is_match("") { Err(BadPattern::Empty) } else { Ok(Self(regex)) }
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(super) const fn regex(&self) -> &Regex {
        &self.0
    }
}

impl TryFrom<String> for Pattern {
    type Error = BadPattern;

    fn try_from(pattern: String) -> Result<Self, BadPattern> {
        Self::new(&pattern)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.as_str().to_owned()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_pattern_says_what_is_wrong_on_one_line() {
        for (pattern, told) in [
            ("(", "unclosed group"),
            ("a{2,1}", "invalid repetition"),
            ("(?=a)", "look-around"),
            (r"(a)\1", "backreferences"),
            (r"\w{9999}", "too large"),
            (".*", "empty text"),
            ("", "empty text"),
        ] {
            let error = Pattern::new(pattern).unwrap_err().to_string();
            assert!(error.contains(told) && !error.contains('\n'), "{pattern}: {error}");
        }
    }

    #[test]
    fn a_pattern_reads_back_as_it_is_written() {
        let pattern = Pattern::new(r#"acme-\d+"x""#).unwrap();
        let json = serde_json::to_string(&pattern).unwrap();
        assert_eq!(json, r#""acme-\\d+\"x\"""#);
        assert_eq!(serde_json::from_str::<Pattern>(&json).unwrap(), pattern);
        assert!(serde_json::from_str::<Pattern>(r#""(""#).is_err());
    }
}
