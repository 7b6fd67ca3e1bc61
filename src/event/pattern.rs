//! `events:` of an endpoint: which types it listens to (`tests/vectors/match.json`).

use serde::{Deserialize, Serialize};

use super::types;

/// Patterns as in the file, trimmed and in lower case; none: every type but `hooktui.*`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Patterns(pub Vec<String>);

impl Patterns {
    /// Trims them and turns them into lower case. A blank one stays and matches nothing, as in NTM's manager; who reads
    /// a file leaves blank ones out before.
    #[must_use]
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        Self(patterns.into_iter().map(|pattern| pattern.trim().to_lowercase()).collect())
    }

    /// Whether the type matches one of them. Letter case does not matter. Types that begin `hooktui.` are matched only by
    /// patterns that begin so too.
    #[must_use]
    pub fn matches(&self, kind: &str) -> bool {
        if types::is_own(kind) {
            return self.0.iter().any(|pattern| types::is_own(pattern) && matches_one(pattern, kind));
        }
        self.0.is_empty() || self.0.iter().any(|pattern| matches_one(pattern, kind))
    }
}

fn matches_one(pattern: &str, kind: &str) -> bool {
    if pattern.is_empty() || kind.is_empty() {
        return false;
    }
    if pattern == "*" {
        return true;
    }
    // A bare category, a name without a dot, is Marionette's: it means the type itself and all below it.
    let (name, itself, below) = match pattern.strip_suffix(".*") {
        Some(category) => (category, false, true),
        None => (pattern, true, !pattern.contains('.')),
    };
    let Some(start) = kind.get(..name.len()) else { return false };
    let rest = kind.get(name.len()..).unwrap_or_default();
    start.eq_ignore_ascii_case(name) && if rest.is_empty() { itself } else { below && rest.starts_with('.') }
}

/// What is wrong with a pattern that can match nothing, and the cure; none if it is good.
#[must_use]
pub fn problem(pattern: &str) -> Option<String> {
    let pattern = pattern.trim().to_lowercase();
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '*');
    if let Some(wrong) = pattern.chars().find(|c| !allowed(c)) {
        return Some(format!(
            "{pattern:?} can match nothing: {wrong:?} cannot stand in a pattern; use letters, digits, `.`, `_`, `-` and a `*` at the end"
        ));
    }
    let name = pattern.strip_suffix(".*").unwrap_or(&pattern);
    if name == "hooktui" && name.len() == pattern.len() {
        return Some("\"hooktui\" can match nothing; write \"hooktui.*\" for hooktui's own alerts".to_owned());
    }
    if pattern == "*" || (!name.is_empty() && !name.contains('*')) {
        return None;
    }
    let category = name.split(['.', '*']).next().filter(|category| !category.is_empty());
    let cure = category.map_or_else(|| "\"*\"".to_owned(), |category| format!("\"{category}.*\""));
    Some(format!("{pattern:?} can match nothing: `*` stands alone or as the last part after a dot; write {cure}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_types_are_matched_only_by_patterns_that_begin_so() {
        for (patterns, kind, matched) in [
            (vec![], "hooktui.delivery.dead", false),
            (vec!["*"], "hooktui.delivery.dead", false),
            (vec!["hooktui"], "hooktui.delivery.dead", false),
            (vec!["*", "hooktui.*"], "hooktui.delivery.dead", true),
            (vec!["hooktui.delivery.dead"], "HOOKTUI.delivery.dead", true),
            (vec!["hooktui.circuit.*"], "hooktui.delivery.dead", false),
            (vec!["hooktui.*"], "agent.error", false),
        ] {
            assert_eq!(Patterns::new(patterns.iter().copied()).matches(kind), matched, "{patterns:?} {kind}");
        }
    }

    #[test]
    fn encoded_types_are_matched_whole_or_by_category() {
        let patterns = Patterns::new(["agent.*"]);
        assert!(patterns.matches("agent.%C3%A9"));
        assert!(!patterns.matches("agen\u{e9}.x"));
    }

    #[test]
    fn a_pattern_that_can_match_nothing_is_told_with_its_cure() {
        for (pattern, cure) in [
            ("agent.e*", "\"agent.*\""),
            ("*.error", "\"*\""),
            ("a*", "\"a.*\""),
            ("**", "\"*\""),
            (".*", "\"*\""),
            ("agent.*.x", "\"agent.*\""),
            ("agent error", "' '"),
            ("agent:error", "':'"),
            ("hooktui", "hooktui.*"),
        ] {
            let told = problem(pattern).unwrap_or_else(|| panic!("{pattern} passed"));
            assert!(told.contains(cure), "{told}");
            assert!(!Patterns::new([pattern]).matches("agent.error"));
        }
    }

    #[test]
    fn good_patterns_pass() {
        for pattern in ["*", "agent", "agent.*", " Agent.ERROR ", "a.b.c.*", "x_y-z.1", "hooktui.*"] {
            assert_eq!(problem(pattern), None, "{pattern}");
        }
    }
}
