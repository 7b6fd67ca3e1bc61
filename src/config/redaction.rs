//! `hooktui.redaction`: mode, allowlist, extra patterns, disabled categories.

use super::fields::{self, Fields};
use super::node::{Node, Value};
use super::report::Report;
use crate::event::redact::{CUSTOM, Extra, Mode, Pattern, Policy, categories};

/// Most patterns of one list: each is searched for in every text.
const MOST_PATTERNS: usize = 100;
/// Longest name of a category, in characters.
const LONGEST_NAME: usize = 40;

pub(super) fn read(node: &Node, report: &mut Report<'_>) -> Policy {
    let mut policy = Policy::default();
    let Some(mut fields) = Fields::of(node, report) else { return policy };
    let modes = [Mode::Off, Mode::Warn, Mode::Redact, Mode::Block].map(|mode| (mode.as_str(), mode));
    if let Some(mode) = fields.take("mode", report).and_then(|node| fields::word(node, &modes, report)) {
        policy.mode = mode;
    }
    if let Some(node) = fields.take("allowlist", report) {
        policy.allowlist = patterns(node, report);
    }
    if let Some(node) = fields.take("extra_patterns", report) {
        policy.extra_patterns = extra_patterns(node, report);
    }
    if let Some(node) = fields.take("disabled_categories", report) {
        let known: Vec<_> = categories().map(|category| (category, category)).collect();
        let named = fields::items(node, "PASSWORD, JWT", report);
        let named = named.iter().filter_map(|item| fields::word(item, &known, report));
        policy.disabled_categories = named.map(str::to_owned).collect();
    }
    fields.finish(report);
    policy
}

/// A list of patterns, or as in NTM a map: the name of a category and its list.
fn extra_patterns(node: &Node, report: &mut Report<'_>) -> Vec<Extra> {
    let Value::Map(entries) = &node.value else { return extras(CUSTOM, node, report) };
    let mut all = Vec::new();
    for entry in entries {
        let name = entry.key.as_str();
        let is_sign = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(is_sign) {
            let text =
                format!("is no name of a category; use up to {LONGEST_NAME} of A-Z, 0-9 and _, such as ACME_TOKEN");
            report.error(&entry.key_place, text);
        }
        all.extend(extras(name, &entry.node, report));
    }
    all
}

fn extras(category: &str, node: &Node, report: &mut Report<'_>) -> Vec<Extra> {
    let extra = |pattern| Extra { category: category.to_owned(), pattern };
    patterns(node, report).into_iter().map(extra).collect()
}

fn patterns(node: &Node, report: &mut Report<'_>) -> Vec<Pattern> {
    let items = fields::items(node, "acme-[0-9]{8}", report);
    if items.len() > MOST_PATTERNS {
        report.error(&node.place, format!("has more than {MOST_PATTERNS} patterns; join some with `|`"));
        return Vec::new();
    }
    items.iter().filter_map(|item| pattern(item, report)).collect()
}

/// One pattern. It goes to the journal, where nothing that a variable holds may go.
fn pattern(node: &Node, report: &mut Report<'_>) -> Option<Pattern> {
    if node.scalar().is_some_and(|scalar| !scalar.variables.is_empty()) {
        report.error(&node.place, "is made from a variable, and patterns are kept in the journal; write it out");
        return None;
    }
    fields::parsed(node, "a regular expression", report, |text| Pattern::new(text).map_err(|error| error.to_string()))
}
