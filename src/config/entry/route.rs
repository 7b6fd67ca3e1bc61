//! `name`, `id`, `events`, `filter`, `enabled`: who an endpoint is and what it listens to.

use super::super::fields::{self, Fields};
use super::super::node::{Node, Place, Scalar, shown_key};
use super::super::report::Report;
use crate::event::filter::Filter;
use crate::event::glob::Glob;
use crate::event::id;
use crate::event::pattern::{self, Patterns};
use crate::event::types::{Severity, fold_agent};

/// Longest name, in characters. It stands in every list.
const LONGEST_NAME: usize = 200;

/// What routing needs of the file.
#[derive(Debug)]
pub(super) struct RouteKeys {
    /// Name, id, and the place that gives the id. None where there is no name.
    pub(super) named: Option<(String, String, Place)>,
    pub(super) patterns: Patterns,
    pub(super) filter: Filter,
    pub(super) enabled: bool,
}

pub(super) fn read(fields: &mut Fields<'_>, entry: &Node, report: &mut Report<'_>) -> RouteKeys {
    let name_node = fields.take("name", report);
    let name = name(name_node, entry, report);
    let id_node = fields.take("id", report);
    let id = id_node.and_then(|node| own_id(node, report));
    let place = id_node.or(name_node).unwrap_or(entry).place.clone();
    let named = name.map(|name| {
        let id = id.unwrap_or_else(|| id::stable_endpoint_id(&name));
        (name, id, place)
    });
    let patterns = fields.take("events", report).map(|node| patterns(node, report)).unwrap_or_default();
    let filter = fields.take("filter", report).map(|node| filter(node, report)).unwrap_or_default();
    let enabled = fields.take("enabled", report).and_then(|node| fields::boolean(node, report)).unwrap_or(true);
    RouteKeys { named, patterns, filter, enabled }
}

/// The name, trimmed. Where its variable is missing the text as written stands for it, so that the endpoint can be shown.
fn name(node: Option<&Node>, entry: &Node, report: &mut Report<'_>) -> Option<String> {
    let Some(node) = node else {
        report.error(&entry.place, "has no `name`; every webhook needs one");
        return None;
    };
    if node.missing() {
        return node.scalar().map(|scalar| shown_key(&scalar.text));
    }
    let name = fields::text(node, report)?.trim().to_owned();
    if name.is_empty() {
        report.error(&node.place, "is empty; every webhook needs a name");
        return None;
    }
    if name.chars().count() > LONGEST_NAME {
        report.error(&node.place, format!("is too long; at most {LONGEST_NAME} characters are possible"));
        return None;
    }
    Some(name)
}

fn own_id(node: &Node, report: &mut Report<'_>) -> Option<String> {
    fields::parsed(node, "a text", report, |text| {
        let text = text.trim();
        if id::is_valid(text) {
            Ok(text.to_owned())
        } else {
            Err(format!("is no id; use 1 to {} of A-Z a-z 0-9 . _ : / -", id::MAX_LENGTH))
        }
    })
}

fn patterns(node: &Node, report: &mut Report<'_>) -> Patterns {
    let texts = texts(node, "agent.error", report);
    for (place, scalar) in &texts {
        let Some(wrong) = pattern::problem(&scalar.text) else { continue };
        // It repeats the pattern, and so its cure does.
        let wrong = if scalar.variables.is_empty() {
            wrong
        } else {
            let held = fields::shown(scalar);
            format!(
                "{held} can match nothing; use letters, digits, `.`, `_`, `-`, and a `*` alone or as the last part after a dot"
            )
        };
        report.error(place, wrong);
    }
    Patterns::new(texts.iter().map(|(_, scalar)| scalar.text.as_str()))
}

fn filter(node: &Node, report: &mut Report<'_>) -> Filter {
    let Some(mut fields) = Fields::of(node, report) else { return Filter::default() };
    let session = fields.take("session", report).and_then(|node| {
        fields::parsed(node, "a text", report, |glob| {
            Glob::parse(glob).map(|_| glob.to_owned()).map_err(|error| {
                format!("is a {error}; `*` is any text, `?` any character, `[a-z]` one of them, `\\[` a bracket")
            })
        })
    });
    let agent_type = fields.take("agent_type", report).map(|node| texts(node, "claude", report)).unwrap_or_default();
    let severity = fields.take("severity", report).map(|node| severities(node, report)).unwrap_or_default();
    fields.finish(report);
    Filter {
        session: session.filter(|session| !session.is_empty()),
        agent_type: agent_type.iter().map(|(_, name)| fold_agent(&name.text).into_owned()).collect(),
        severity,
    }
}

fn severities(node: &Node, report: &mut Report<'_>) -> Vec<Severity> {
    let mut severities = Vec::new();
    for (place, word) in texts(node, "error", report) {
        if let Some(severity) = Severity::from_word(&word.text) {
            severities.push(severity);
        } else {
            let known = fields::one_of(Severity::ALL.iter().map(|severity| severity.as_str()));
            report.error(place, format!("{} is no event's severity; use {known}", fields::shown(word)));
        }
    }
    severities
}

/// The texts of a list with their places. Blank ones are skipped, as in NTM.
fn texts<'a>(node: &'a Node, example: &str, report: &mut Report<'_>) -> Vec<(&'a Place, &'a Scalar)> {
    fields::items(node, example, report)
        .iter()
        .filter_map(|item| Some((&item.place, fields::scalar(item, "a text", report)?)))
        .filter(|(_, scalar)| !scalar.text.trim().is_empty())
        .collect()
}
