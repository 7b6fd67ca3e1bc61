//! Keeping secrets out of journal, log, screen and errors.

use std::borrow::Cow;
use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError, packed};

/// What stands where a secret was.
pub const MASK: &str = "••••••••";

/// Shorter secrets are not looked for in texts: they would be found in words that are none.
const SHORTEST: usize = 8;

/// Headers whose values are secrets whoever sends them. Signature headers are the dialect's to name.
const SECRET_HEADERS: &[&str] = &["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"];

/// Whether the header's value is a secret by its name.
#[must_use]
pub fn is_secret_header(name: &str) -> bool {
    SECRET_HEADERS.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

/// Knows secrets of 8 or more characters and masks them wherever they turn up, in one pass over the text.
#[derive(Clone, Default)]
pub struct Scrubber {
    matcher: Matcher,
}

#[derive(Clone, Default)]
enum Matcher {
    /// There are no secrets.
    #[default]
    Nothing,
    /// There are some.
    Some(Needles),
    /// The secrets cannot be looked for (there are absurdly many): everything is masked.
    Everything,
}

#[derive(Clone)]
struct Needles {
    /// Tells whether there is any, which is seldom: it looks at many bytes at once, as a search for all that overlap cannot.
    /// None where the needles are too many for it or the processor cannot.
    any: Option<packed::Searcher>,
    /// Finds them all.
    all: AhoCorasick,
}

impl Needles {
    fn new(needles: &[String]) -> Result<Self, BuildError> {
        Ok(Self { any: packed::Searcher::new(needles), all: AhoCorasick::new(needles)? })
    }
}

impl Scrubber {
    /// A scrubber of these secrets, also as they look inside a JSON string. Shorter ones than 8 characters are left out.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut needles: Vec<String> = Vec::new();
        for secret in secrets.into_iter().filter(|secret| secret.chars().count() >= SHORTEST) {
            let quoted = serde_json::Value::from(secret.as_str()).to_string();
            let in_json = quoted.trim_matches('"').to_owned();
            needles.extend([secret, in_json]);
        }
        needles.sort();
        needles.dedup();
        if needles.is_empty() {
            return Self::default();
        }
        Self { matcher: Needles::new(&needles).map_or(Matcher::Everything, Matcher::Some) }
    }

    /// The text with [`MASK`] in place of each secret.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// The bytes with [`MASK`] in place of each secret.
    #[must_use]
    pub fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let found = self.find(bytes);
        if found.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let mut clean = Vec::with_capacity(bytes.len());
        let mut from = 0;
        for range in found {
            clean.extend_from_slice(bytes.get(from..range.start).unwrap_or_default());
            clean.extend_from_slice(MASK.as_bytes());
            from = range.end;
        }
        clean.extend_from_slice(bytes.get(from..).unwrap_or_default());
        Cow::Owned(clean)
    }

    /// The value of a header as it may be shown and kept.
    #[must_use]
    pub fn header<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        if is_secret_header(name) { Cow::Borrowed(MASK) } else { self.text(value) }
    }

    /// Where secrets are, in order; ones that touch or overlap as one, so that nothing of either is left.
    fn find(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let needles = match &self.matcher {
            Matcher::Nothing => return Vec::new(),
            Matcher::Everything => return std::iter::once(0..bytes.len()).filter(|all| !all.is_empty()).collect(),
            Matcher::Some(needles) => needles,
        };
        if needles.any.as_ref().is_some_and(|any| any.find(bytes).is_none()) {
            return Vec::new();
        }
        let mut found: Vec<Range<usize>> = Vec::new();
        // Matches come in the order of their ends; a later one may begin before earlier ones did.
        for next in needles.all.find_overlapping_iter(bytes) {
            let mut range = next.range();
            while let Some(last) = found.pop_if(|last| last.end >= range.start) {
                range.start = range.start.min(last.start);
            }
            found.push(range);
        }
        found
    }
}

impl std::fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scrubber")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scrubber(secrets: &[&str]) -> Scrubber {
        Scrubber::new(secrets.iter().map(|&secret| secret.to_owned()))
    }

    #[test]
    fn secrets_are_masked_wherever_they_turn_up() {
        let scrubber = scrubber(&["hunter2hunter2", "tok\"en-12", "short"]);
        for (text, clean) in [
            ("nothing here", "nothing here".to_owned()),
            ("a hunter2hunter2b", format!("a {MASK}b")),
            ("hunter2hunter2 hunter2hunter2", format!("{MASK} {MASK}")),
            ("{\"t\":\"tok\\\"en-12\"}", format!("{{\"t\":\"{MASK}\"}}")),
            ("ünïcode hunter2hunter2 ☺", format!("ünïcode {MASK} ☺")),
            ("a short word", "a short word".to_owned()),
        ] {
            assert_eq!(scrubber.text(text), clean);
        }
        assert_eq!(&*scrubber.bytes(b"\xff hunter2hunter2 \xff"), [b"\xff ", MASK.as_bytes(), b" \xff"].concat());
    }

    #[test]
    fn of_secrets_that_overlap_nothing_is_left() {
        let scrubber = scrubber(&["abcdefgh", "efghijkl", "0abcdefghijklmnop"]);
        assert_eq!(scrubber.text("-abcdefghijkl-"), format!("-{MASK}-"));
        assert_eq!(scrubber.text("-0abcdefghijklmnop-"), format!("-{MASK}-"));
    }

    #[test]
    fn headers_that_carry_secrets_are_masked_whole() {
        let scrubber = scrubber(&["hunter2hunter2"]);
        for (name, value, shown) in [
            ("authorization", "Bearer x", MASK),
            ("Set-Cookie", "a=b", MASK),
            ("X-Note", "fine", "fine"),
            ("X-Echo", "hunter2hunter2", MASK),
        ] {
            assert_eq!(scrubber.header(name, value), shown, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_secret_survives(
            secrets in prop::collection::vec("[ab\"]{8,10}", 1..4),
            before in "[ab\" ]{0,20}",
            after in "[ab\" ]{0,20}",
            pick in any::<prop::sample::Index>(),
        ) {
            let text = format!("{before}{}{after}", pick.get(&secrets));
            let clean = Scrubber::new(secrets.clone()).text(&text).into_owned();
            prop_assert!(secrets.iter().all(|secret| !clean.contains(secret)));
        }
    }
}
