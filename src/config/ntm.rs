//! Where NTM would read the file differently, or refuse it. Looks at the file as written, before variables are replaced.
//!
//! What makes NTM refuse the file is a warning on every reading; what merely differs is a note for `check`.

use std::collections::BTreeSet;

use super::Env;
use super::fields::nearest;
use super::node::{Entry, Node, Value, shown_key};
use super::problem::Severity;
use super::report::Report;
use super::vars;
use crate::event::pattern;
use crate::event::types::{NTM_TYPES, is_known_agent, is_ntm};
use crate::wire::Format;

/// The keys that NTM knows in an entry of `webhooks:` and below it; it refuses others.
const KEYS: &[(&str, &[&str])] = &[
    ("", &["name", "url", "events", "formatter", "filter", "retry", "timeout", "secret"]),
    ("filter", &["session", "agent_type", "severity"]),
    ("retry", &["max_attempts", "backoff"]),
];

/// Looks at the tree of the whole file.
pub(super) fn differences(root: &Node, env: &Env, report: &mut Report<'_>, notes: &mut Report<'_>) {
    let Some(Node { value: Value::List(entries), .. }) = root.get("webhooks") else { return };
    for entry in entries {
        our_keys(entry, "", report);
        event_types(entry, report);
        formatter(entry, report);
        agent_types(entry, report);
        filter(entry, notes);
        escapes(entry, env, report, notes);
    }
    if let Value::Map(keys) = &root.value
        && let Some(entry) = keys.iter().find(|entry| entry.key == "webhooks" && !entries.is_empty())
    {
        let text = "NTM delivers to these itself as well: what also reaches hooktui arrives twice; \
                    endpoints that only hooktui should deliver to belong under `hooktui.webhooks`";
        notes.warn(&entry.key_place, text);
    }
}

fn our_keys(node: &Node, below: &str, report: &mut Report<'_>) {
    let Value::Map(entries) = &node.value else { return };
    let known = KEYS.iter().find(|(parent, _)| *parent == below).map_or(&[][..], |(_, keys)| *keys);
    for entry in entries {
        if known.contains(&entry.key.as_str()) {
            if matches!(entry.key.as_str(), "filter" | "retry") && below.is_empty() {
                our_keys(&entry.node, &entry.key, report);
            }
        } else if is_ours(below, entry) {
            let path = if below.is_empty() { entry.key.clone() } else { format!("{below}.{}", entry.key) };
            report.warn(
                &entry.key_place,
                format!("NTM refuses a key here that it does not know; move `{path}` to an entry of the same name under `hooktui.webhooks`"),
            );
        }
    }
}

/// Keys that we do not know either are errors already.
fn is_ours(below: &str, entry: &Entry) -> bool {
    let ours: &[&str] = match below {
        "" => &[
            "id",
            "enabled",
            "method",
            "headers",
            "template",
            "dialect",
            "secrets",
            "circuit",
            "concurrency",
            "rate_limit",
            "ordering",
            "max_payload",
            "max_age",
            "allow_http",
        ],
        "retry" => &["base_delay", "max_delay", "factor", "jitter", "schedule", "on"],
        _ => &[],
    };
    ours.contains(&entry.key.as_str())
}

/// A format of ours is none of NTM's.
fn formatter(entry: &Node, report: &mut Report<'_>) {
    let Some((node, word)) = entry.get("formatter").and_then(|node| Some((node, node.scalar()?.text.trim()))) else {
        return;
    };
    if matches!(Format::from_word(word), Some(Format::CloudEvents | Format::CloudEventsBinary)) {
        let text = "move `formatter` to an entry of the same name under `hooktui.webhooks`";
        report.warn(&node.place, format!("NTM does not know the formatter `{}`; {text}", shown_key(word)));
    }
}

fn event_types(entry: &Node, report: &mut Report<'_>) {
    let Some(Node { value: Value::List(events), .. }) = entry.get("events") else { return };
    for event in events {
        let Some(scalar) = event.scalar() else { continue };
        let kind = scalar.text.trim().to_lowercase();
        // A pattern that can match nothing is an error already.
        if pattern::problem(&kind).is_some() || kind.is_empty() || is_ntm(&kind) || scalar.text.contains("${") {
            continue;
        }
        let shown = shown_key(&kind);
        let is_category = NTM_TYPES.iter().any(|known| known.split('.').next() == Some(kind.as_str()));
        if is_category || kind.ends_with('*') {
            let text = "write the types out, or move `events` to an entry of the same name under `hooktui.webhooks`";
            report.warn(&event.place, format!("NTM knows no patterns and refuses `{shown}`; {text}"));
            continue;
        }
        let cure = if let Some(near) = nearest(&kind, NTM_TYPES.iter().copied()) {
            format!("did you mean `{near}`? If not, put it under `hooktui.webhooks`")
        } else {
            "put it under `hooktui.webhooks`".to_owned()
        };
        report.warn(&event.place, format!("NTM does not know the event type `{shown}` and refuses it; {cure}"));
    }
}

fn agent_types(entry: &Node, report: &mut Report<'_>) {
    let listed = entry.get("filter").and_then(|filter| filter.get("agent_type"));
    let Some(Node { value: Value::List(agents), .. }) = listed else { return };
    for agent in agents {
        let Some(name) = agent.scalar().map(|scalar| scalar.text.trim()) else { continue };
        if !name.is_empty() && !is_known_agent(name) && !name.contains("${") {
            let text = "move `filter` to an entry of the same name under `hooktui.webhooks`";
            let shown = shown_key(name);
            report.warn(&agent.place, format!("NTM does not know the agent type `{shown}` and refuses it; {text}"));
        }
    }
}

/// `$${VAR}` is a literal to us.
fn escapes(node: &Node, env: &Env, report: &mut Report<'_>, notes: &mut Report<'_>) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| escapes(item, env, report, notes)),
        Value::Map(entries) => entries.iter().for_each(|entry| escapes(&entry.node, env, report, notes)),
        Value::Scalar(scalar) => {
            for (at, _) in scalar.text.match_indices("$${") {
                let variable = scalar.text.get(at + 1..).unwrap_or_default();
                let Some(name) = vars::names(variable).first().copied() else { continue };
                let text = format!("NTM knows no `$${{` and takes this for the variable ${name}");
                let cure = "put it under `hooktui.webhooks`";
                if env.get(name).is_some() {
                    notes.warn(&node.place, format!("{text}; {cure}"));
                } else {
                    report.warn(&node.place, format!("{text}, and refuses the file while it is not set; {cure}"));
                }
            }
        }
    }
}

fn filter(entry: &Node, notes: &mut Report<'_>) {
    let Value::Map(entries) = &entry.value else { return };
    if let Some(filter) = entries.iter().find(|entry| entry.key == "filter" && !entry.node.is_null()) {
        notes.warn(&filter.key_place, "NTM reads `filter` and then ignores it: it delivers what is filtered out here");
    }
}

/// Variables that are not set and stand in a comment or under `hooktui:`: NTM replaces them in the whole text of the file,
/// and refuses it.
pub(super) fn unset_variables(text: &str, root: &Node, env: &Env, report: &mut Report<'_>) {
    let mut told = BTreeSet::new();
    let ours = root.get("hooktui").map_or(0..0, |node| node.place.line..last_line(node).saturating_add(1));
    for (number, line) in (1_u64..).zip(text.lines()) {
        let comment = comment_start(line);
        for (at, _) in line.match_indices("${") {
            let in_comment = comment.is_some_and(|comment| at > comment);
            if !in_comment && !ours.contains(&number) {
                continue;
            }
            // An escaped `$${` is none of NTM's: it knows no escape, but what follows may be no name.
            let Some(name) = line.get(at..).and_then(|rest| vars::names(rest).first().copied().map(str::to_owned))
            else {
                continue;
            };
            if env.get(&name).is_some() || !told.insert(name.clone()) {
                continue;
            }
            let place = if in_comment { "a comment" } else { "`hooktui:`" };
            let column = line.get(..at).map_or(1, |before| before.chars().count() as u64 + 1);
            report.add_at(
                Severity::Warning,
                (number, column),
                format!("NTM replaces variables in {place} too, and refuses the file while ${name} is not set; set it"),
            );
        }
    }
}

/// Where the comment of a line begins, as far as a single line tells: `#` at the start or after a space, outside quotes.
fn comment_start(line: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before.is_whitespace() => return Some(at),
            (None, '"' | '\'') if before.is_whitespace() || matches!(before, '[' | '{' | ',' | ':') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
        before = c;
    }
    None
}

fn last_line(node: &Node) -> u64 {
    let below = match &node.value {
        Value::Scalar(_) => None,
        Value::List(items) => items.iter().map(last_line).max(),
        Value::Map(entries) => entries.iter().map(|entry| last_line(&entry.node)).max(),
    };
    below.unwrap_or(0).max(node.place.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_found_outside_quotes() {
        for (line, at) in [
            ("# all", Some(0)),
            ("a: b # c", Some(5)),
            ("a: b#c", None),
            ("a: 'x # y'", None),
            ("a: \"x # y\" # z", Some(11)),
            ("a: it's # c", Some(8)),
            ("a: ['x # y', # z", Some(13)),
        ] {
            assert_eq!(comment_start(line), at, "{line}");
        }
    }
}
