//! Finding: all that matches, and what of it stands where matches overlap.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::rules::{self, EXTRA_RANK};
use super::{Extra, Policy};

/// How long one extra pattern may search one text. A pattern that looks far ahead for each match that it makes can take
/// time in proportion to the square of the text; the built-in rules are written so that they cannot.
const PATIENCE: Duration = Duration::from_millis(250);

/// Something that looks like a secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found<'p> {
    pub category: &'p str,
    rank: u8,
    range: Range<usize>,
}

impl Policy {
    /// What looks like a secret in this text, in its order; nothing overlaps.
    ///
    /// Placeholders that are there already are left alone: an event that is emitted again must not change again.
    pub(super) fn find(&self, text: &str) -> Vec<Found<'_>> {
        let (rules, placeholders) = rules::hinted(text);
        let mut rules = rules.filter(|rule| !self.is_disabled(rule.category)).peekable();
        if rules.peek().is_none() && self.extra_patterns.is_empty() {
            return Vec::new();
        }
        let parts = parts(text, placeholders);
        let mut found = Vec::new();
        for rule in rules {
            for part in &parts {
                let slice = text.get(part.clone()).unwrap_or_default();
                let matches = rule.regex.find_iter(slice).map(|found| shifted(found.range(), part.start));
                found.extend(matches.map(|range| Found { category: rule.category, rank: rule.rank, range }));
            }
        }
        for extra in &self.extra_patterns {
            for part in &parts {
                let slice = text.get(part.clone()).unwrap_or_default();
                let matches = matches_of(extra, slice, PATIENCE).into_iter().map(|range| shifted(range, part.start));
                found.extend(matches.map(|range| Found { category: &extra.category, rank: EXTRA_RANK, range }));
            }
        }
        let mut found = without_overlaps(found);
        if !self.allowlist.is_empty() {
            found.retain(|found| !self.is_allowed(text.get(found.range.clone()).unwrap_or_default()));
        }
        found
    }

    fn is_disabled(&self, category: &str) -> bool {
        self.disabled_categories.iter().any(|disabled| disabled == category)
    }

    fn is_allowed(&self, matched: &str) -> bool {
        self.allowlist.iter().any(|allowed| allowed.regex().is_match(matched))
    }
}

/// All matches of an extra pattern, the empty ones left out. When its time is over, all that is left of the text counts
/// as matched: what could not be looked at must not be kept.
fn matches_of(extra: &Extra, text: &str, patience: Duration) -> Vec<Range<usize>> {
    let began = Instant::now();
    let mut matches = Vec::new();
    for found in extra.pattern.regex().find_iter(text).filter(|found| !found.is_empty()) {
        if began.elapsed() >= patience {
            matches.push(found.start()..text.len());
            break;
        }
        matches.push(found.range());
    }
    matches
}

/// The parts of the text that are no placeholders, if it may hold any.
fn parts(text: &str, placeholders: bool) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut from = 0;
    if placeholders {
        for placeholder in rules::PLACEHOLDERS.find_iter(text) {
            parts.push(from..placeholder.start());
            from = placeholder.end();
        }
    }
    parts.push(from..text.len());
    parts.retain(|part| !part.is_empty());
    parts
}

const fn shifted(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Where matches overlap the higher rank stands, then the earlier start, then the rule that comes first.
fn without_overlaps(mut found: Vec<Found<'_>>) -> Vec<Found<'_>> {
    found.sort_by_key(|found| (Reverse(found.rank), found.range.start));
    let mut standing: BTreeMap<usize, Found<'_>> = BTreeMap::new();
    for next in found {
        // Those that stand do not overlap, so only the last one that begins before the end can be in the way.
        let last = standing.range(..next.range.end).next_back();
        if last.is_none_or(|(_, last)| last.range.end <= next.range.start) {
            standing.insert(next.range.start, next);
        }
    }
    standing.into_values().collect()
}

/// The text with placeholders in place of what was found in it.
pub(super) fn replace(text: &str, found: &[Found<'_>]) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut from = 0;
    for found in found {
        clean.push_str(text.get(from..found.range.start).unwrap_or_default());
        clean.push_str(&placeholder(found.category, text.get(found.range.clone()).unwrap_or_default()));
        from = found.range.end;
    }
    clean.push_str(text.get(from..).unwrap_or_default());
    clean
}

/// `[REDACTED:CATEGORY:h]`: `h` tells equal secrets from different ones, and nothing more.
fn placeholder(category: &str, matched: &str) -> String {
    let hash = Sha256::new().chain_update(category).chain_update(":").chain_update(matched).finalize();
    let hash = hash.iter().take(4).fold(0_u32, |hash, byte| hash << 8 | u32::from(*byte));
    format!("{}{category}:{hash:08x}]", rules::PLACEHOLDER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::redact::{CUSTOM, Pattern};

    fn extra(pattern: &str) -> Extra {
        Extra { category: CUSTOM.to_owned(), pattern: Pattern::new(pattern).unwrap() }
    }

    #[test]
    fn what_an_extra_pattern_has_no_time_for_counts_as_matched() {
        for (pattern, text, patience, expected) in [
            ("b+", "abbcb", PATIENCE, vec![(1, 3), (4, 5)]),
            ("b+", "abbcb", Duration::ZERO, vec![(1, 5)]),
            ("c", "abba", Duration::ZERO, vec![]),
            (r"\bq*", "a q", PATIENCE, vec![(2, 3)]),
        ] {
            let found = matches_of(&extra(pattern), text, patience);
            let found: Vec<_> = found.into_iter().map(|range| (range.start, range.end)).collect();
            assert_eq!(found, expected, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn of_overlapping_matches_those_stand_that_a_plain_search_would_keep(
            ranges in prop::collection::vec((0_usize..40, 1_usize..10, 0_u8..4), 0..30),
        ) {
            let found = || -> Vec<_> {
                ranges.iter().map(|&(at, len, rank)| Found { category: CUSTOM, rank, range: at..at + len }).collect()
            };
            let mut sorted = found();
            sorted.sort_by_key(|found| (Reverse(found.rank), found.range.start));
            let mut expected: Vec<Found<'_>> = Vec::new();
            for next in sorted {
                let apart = |kept: &Found<'_>| kept.range.end <= next.range.start || next.range.end <= kept.range.start;
                if expected.iter().all(apart) {
                    expected.push(next);
                }
            }
            expected.sort_by_key(|found| found.range.start);
            prop_assert_eq!(without_overlaps(found()), expected);
        }
    }
}
