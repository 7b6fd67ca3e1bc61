//! What secrets look like: the built-in rules, which are those of NTM.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

/// The rank of the extra patterns of the file: below every built-in rule.
pub(super) const EXTRA_RANK: u8 = 25;

/// One way that a secret can look. A category may have several.
///
/// None of them looks on behind the end of a match for a longer one that may not come, so that finding all matches takes
/// time in proportion to the text.
pub(super) struct Rule {
    pub category: &'static str,
    /// Where matches overlap the higher one wins.
    pub rank: u8,
    /// Every match holds one of these, in any letter case: without them the rule need not be compiled.
    hints: &'static [&'static str],
    pub regex: LazyLock<Regex>,
}

/// The names of the built-in categories, each once.
pub fn categories() -> impl Iterator<Item = &'static str> {
    let first = |at: usize| RULES.iter().take(at).all(|before| before.category != RULES[at].category);
    (0..RULES.len()).filter(move |&at| first(at)).map(|at| RULES[at].category)
}

/// The rules that may match in this text, and whether it may hold a placeholder.
pub(super) fn hinted(text: &str) -> (impl Iterator<Item = &'static Rule>, bool) {
    let mut seen = [false; RULES.len() + 1];
    let mut unseen = seen.len();
    for hint in HINTS.matcher.find_overlapping_iter(text) {
        if !std::mem::replace(&mut seen[HINTS.owners[hint.pattern()]], true) {
            unseen -= 1;
            if unseen == 0 {
                break;
            }
        }
    }
    let placeholder = seen[RULES.len()];
    (RULES.iter().zip(seen).filter(|(_, seen)| *seen).map(|(rule, _)| rule), placeholder)
}

/// What a placeholder begins with, and what it looks like.
pub(super) const PLACEHOLDER: &str = "[REDACTED:";
pub(super) static PLACEHOLDERS: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"\[REDACTED:[A-Z0-9_]{1,64}:[0-9a-f]{8}\]"));

/// Finds the hints of all rules at once.
struct Hints {
    matcher: AhoCorasick,
    /// The rule of each hint; `RULES.len()` stands for the placeholder.
    owners: Vec<usize>,
}

#[expect(clippy::expect_used, reason = "the hints are constants, and every test of redaction builds this")]
static HINTS: LazyLock<Hints> = LazyLock::new(|| {
    let of_rules = RULES.iter().enumerate().flat_map(|(at, rule)| rule.hints.iter().map(move |hint| (at, *hint)));
    let (owners, hints): (Vec<_>, Vec<_>) = of_rules.chain([(RULES.len(), PLACEHOLDER)]).unzip();
    let matcher =
        AhoCorasick::builder().ascii_case_insensitive(true).build(hints).expect("some short texts can be looked for");
    Hints { matcher, owners }
});

const fn rule(category: &'static str, rank: u8, hints: &'static [&'static str], regex: fn() -> Regex) -> Rule {
    Rule { category, rank, hints, regex: LazyLock::new(regex) }
}

#[expect(clippy::expect_used, reason = "the patterns are constants, and a test compiles every one")]
fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a built-in rule compiles")
}

/// In the order of their ranks. White space is what Go's `\s` means: ASCII only.
static RULES: [Rule; 16] = [
    rule("OPENAI_KEY", 100, &["T3BlbkFJ"], || compiled("sk-[A-Za-z0-9]{10,}T3BlbkFJ[A-Za-z0-9]{10,}")),
    rule("OPENAI_KEY", 100, &["sk-proj-"], || compiled("sk-proj-[A-Za-z0-9_-]{40,}")),
    rule("ANTHROPIC_KEY", 100, &["sk-ant-"], || compiled("sk-ant-[A-Za-z0-9_-]{40,}")),
    rule("GITHUB_TOKEN", 100, &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], || compiled("gh[pousr]_[A-Za-z0-9]{30,}")),
    rule("GITHUB_TOKEN", 100, &["github_pat_"], || compiled("github_pat_[A-Za-z0-9]{20,}_[A-Za-z0-9]{40,}")),
    rule("GOOGLE_API_KEY", 100, &["AIza"], || compiled("AIza[A-Za-z0-9_-]{35}")),
    rule("OPENAI_KEY", 95, &["sk-"], || compiled("sk-[A-Za-z0-9]{48}")),
    rule("PRIVATE_KEY", 95, &["PRIVATE KEY-----"], || {
        compiled(r"-----BEGIN[\t\n\f\r ]+(?:(?:RSA|DSA|EC|OPENSSH)[\t\n\f\r ]+)?PRIVATE KEY-----")
    }),
    rule("AWS_ACCESS_KEY", 90, &["AKIA", "ASIA"], || compiled("A[KS]IA[A-Z0-9]{16}")),
    rule("AWS_SECRET_KEY", 90, &["aws_secret", "secret_access_key", "secret_key"], || {
        assigned("(?:aws_secret|secret_access_key|secret_key)", "[A-Za-z0-9/+=]{40}")
    }),
    rule("JWT", 85, &["eyJ"], || compiled(r"eyJ[A-Za-z0-9_-]*\.eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+")),
    rule("DATABASE_URL", 85, &["postgres://", "mysql://", "mongodb://", "redis://"], || {
        compiled(r"(?i:postgres|mysql|mongodb|redis)://[^:\t\n\f\r ]+:[^@\t\n\f\r ]+@[^\t\n\f\r ]+")
    }),
    rule("BEARER_TOKEN", 80, &["bearer"], || compiled(r"(?i:bearer)[\t\n\f\r ]+[A-Za-z0-9._-]{20,}")),
    rule("PASSWORD", 50, &["password", "passwd", "pwd"], || {
        assigned("(?:password|passwd|pwd)", r#"[^\t\n\f\r "']{8,}"#)
    }),
    rule("GENERIC_API_KEY", 40, &["api_key", "apikey"], || assigned("[a-z_]*api_?key", "[A-Za-z0-9_-]{16,}")),
    rule("GENERIC_SECRET", 30, &["secret", "private_key", "privatekey", "token"], || {
        assigned("(?:secret|private_?key|token)", "[A-Za-z0-9/+=_-]{16,}")
    }),
];

/// `name = "value"`: the name in any letter case, `=` or `:`, and quotes that may be missing.
fn assigned(name: &str, value: &str) -> Regex {
    let space = r"[\t\n\f\r ]*";
    compiled(&format!(r#"(?i:{name}){space}[=:]{space}["']?{value}["']?"#))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_pattern_compiles() {
        for rule in &RULES {
            assert!(!rule.regex.is_match(""), "{}", rule.category);
        }
        assert!(PLACEHOLDERS.is_match("[REDACTED:JWT:a0fe21c9]"));
    }

    #[test]
    fn a_rule_is_hinted_at_in_any_letter_case_and_not_without_its_words() {
        let named = |text: &str| hinted(text).0.map(|rule| rule.category).collect::<Vec<_>>();
        assert_eq!(named("nothing here"), Vec::<&str>::new());
        assert_eq!(named("PassWord"), ["PASSWORD"]);
        assert_eq!(named("aws_secret_key"), ["AWS_SECRET_KEY", "GENERIC_SECRET"]);
        assert!(hinted("x [REDACTED:JWT:a0fe21c9]").1);
    }

    #[test]
    fn categories_are_named_once() {
        let names: Vec<_> = categories().collect();
        assert_eq!(names.len(), 13, "{names:?}");
    }
}
