//! The one line of the file that a problem is about, with a caret. Values that may be secret are masked: a line is quoted
//! whole only where all of it belongs to a key that never holds one.

use crate::config::Problem;
use crate::present::escape;
use crate::wire::mask::MASK;

/// Keys whose values are never secret, wherever they stand.
const OPEN: &[&str] = &[
    "webhooks",
    "hooktui",
    "name",
    "id",
    "enabled",
    "events",
    "filter",
    "session",
    "agent_type",
    "severity",
    "formatter",
    "retry",
    "max_attempts",
    "backoff",
    "base_delay",
    "max_delay",
    "factor",
    "jitter",
    "schedule",
    "on",
    "timeout",
    "dialect",
    "circuit",
    "failure_threshold",
    "cooldown",
    "max_cooldown",
    "success_threshold",
    "concurrency",
    "rate_limit",
    "ordering",
    "max_payload",
    "max_age",
    "allow_http",
    "method",
    "manager",
    "queue_size",
    "overflow",
    "worker_count",
    "default_timeout",
    "dead_letter_limit",
    "journal",
    "path",
    "durability",
    "retention",
    "max_size",
    "network",
    "allow",
    "deny_private",
    "listen",
    "ingest",
    "mode",
    "redaction",
];

/// Longest line that is quoted, in characters.
const LONGEST: usize = 160;

/// The line and the caret below it; nothing where there is no such line.
pub(super) fn of(problem: &Problem, source: &str) -> Vec<String> {
    let line = usize::try_from(problem.line).ok().and_then(|line| source.lines().nth(line.checked_sub(1)?));
    let Some(line) = line else { return Vec::new() };
    let line = line.trim_start_matches('\u{feff}');
    let shown = shown(line, &problem.path);
    let told = shown.trim_end_matches(MASK).chars().count();
    let at = usize::try_from(problem.column).unwrap_or(1).saturating_sub(1).min(told);
    // Tabs and wide characters before the caret would move it; both are as wide as they are escaped.
    let before: String = shown.chars().take(at).collect();
    let gap = " ".repeat(crate::present::fit::width(&escape::line(&before)));
    let number = problem.line.to_string();
    let margin = " ".repeat(number.len());
    vec![format!("  {number} | {}", escape::line(&shown)), format!("  {margin} | {gap}^")]
}

/// The line as it may be shown.
fn shown(line: &str, path: &str) -> String {
    let (head, value) = split(line);
    let key = head.trim_start_matches([' ', '-', '\t']).trim_end_matches([' ', ':']);
    // An item of a list stands behind its `-`; what goes on from the line before may belong to any key.
    let item = key.is_empty() && path.ends_with(']') && head.trim_start().starts_with('-');
    let open = is_open(path) && (item || last_key(path) == Some(key));
    // In a flow map other keys stand on the same line; a comment may hold anything.
    let plain = !value.contains(['{', '#']) && line.chars().count() <= LONGEST;
    if value.is_empty() || (open && plain) { line.to_owned() } else { format!("{head}{MASK}") }
}

/// Splits a line of block style behind its indicators and its key.
fn split(line: &str) -> (&str, &str) {
    let indent = line.find(|c: char| !matches!(c, ' ' | '-' | '\t')).unwrap_or(line.len());
    let rest = line.get(indent..).unwrap_or_default();
    let key = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '-')).unwrap_or(0);
    let after_key = rest.get(key..).unwrap_or_default();
    let gap = after_key.strip_prefix(':').map_or(0, |after| after.len() - after.trim_start().len());
    let is_key = key > 0 && after_key.starts_with(':') && (gap > 0 || after_key.len() == 1);
    let head = if is_key { indent + key + 1 + gap } else { indent };
    line.split_at_checked(head).unwrap_or((line, ""))
}

fn is_open(path: &str) -> bool {
    !path.is_empty() && keys(path).all(|key| OPEN.contains(&key))
}

fn last_key(path: &str) -> Option<&str> {
    keys(path).last()
}

/// The keys of a path without the indices: of `webhooks[2].retry.on[0]`, `webhooks`, `retry` and `on`.
fn keys(path: &str) -> impl Iterator<Item = &str> {
    path.split('.').map(|step| step.split('[').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_quoted_whole_only_where_nothing_in_it_can_be_secret() {
        let m = MASK;
        for (line, path, expected) in [
            ("    timeout: 10", "webhooks[0].timeout", "    timeout: 10".to_owned()),
            ("  - name: x", "webhooks[0].name", "  - name: x".to_owned()),
            ("    events: [a.b*]", "webhooks[0].events[0]", "    events: [a.b*]".to_owned()),
            ("      - a.b*", "webhooks[0].events[0]", "      - a.b*".to_owned()),
            ("webhooks:", "webhooks", "webhooks:".to_owned()),
            ("    url: http://token@x/", "webhooks[0].url", format!("    url: {m}")),
            ("    sceret: abc", "webhooks[0].sceret", format!("    sceret: {m}")),
            ("    secret: abc", "webhooks[0].secret", format!("    secret: {m}")),
            ("      X-Key: abc", "webhooks[0].headers.X-Key", format!("      X-Key: {m}")),
            ("  - {name: x, secret: abc}", "webhooks[0].name", format!("  - {m}")),
            ("    retry: {factor: x, secret: abc}", "webhooks[0].retry.factor", format!("    retry: {m}")),
            ("    timeout: 10 # abc", "webhooks[0].timeout", format!("    timeout: {m}")),
            ("  abc], events: [x*y]", "webhooks[0].events[0]", format!("  {m}")),
            ("    - abc", "webhooks[0].secrets[0]", format!("    - {m}")),
            ("    secret: 'abc", "", format!("    secret: {m}")),
            ("  abc def", "", format!("  {m}")),
            ("  https://x", "webhooks[0].url", format!("  {m}")),
        ] {
            assert_eq!(shown(line, path), expected, "{line}");
        }
    }

    #[test]
    fn the_caret_stands_below_the_place() {
        let problem = Problem {
            severity: crate::config::Severity::Error,
            file: "x".into(),
            line: 2,
            column: 12,
            path: "webhooks[0].timeout".to_owned(),
            text: String::new(),
        };
        assert_eq!(of(&problem, "a\n  timeout: 10\n"), ["  2 |   timeout: 10", "    |            ^"]);
        assert!(of(&Problem { line: 9, ..problem.clone() }, "a\n").is_empty());
        assert!(of(&Problem { line: 0, ..problem }, "a\n").is_empty());
    }
}
