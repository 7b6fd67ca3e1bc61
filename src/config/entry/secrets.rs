//! Which texts of an entry are secrets: what the scrubber looks for wherever text is kept or shown.

use super::super::node::{Node, Scalar, Value};
use super::ROUTING;
use crate::wire::{SecretUrl, mask};

/// The secrets of an entry: its `secret`s, what of its URL is secret, headers that are secrets by their name, and whatever
/// a variable made. What routing needs is left out: it stands openly in the journal.
pub(in super::super) fn collect(entry: &Node) -> Vec<String> {
    let Value::Map(entries) = &entry.value else { return Vec::new() };
    let mut secrets = Vec::new();
    for entry in entries.iter().filter(|entry| !ROUTING.contains(&entry.key.as_str())) {
        match entry.key.as_str() {
            "secret" | "secrets" => whole(&entry.node, &mut secrets),
            "url" => url(&entry.node, &mut secrets),
            "headers" => headers(&entry.node, &mut secrets),
            _ => from_variables(&entry.node, &mut secrets),
        }
    }
    secrets
}

/// Every text below the node, and what follows the prefix of a secret of Standard Webhooks: the part that matters.
fn whole(node: &Node, secrets: &mut Vec<String>) {
    scalars(node, &mut |scalar| {
        let text = scalar.text.trim();
        let bare = ["whsec_", "whsk_"].into_iter().filter_map(|prefix| text.strip_prefix(prefix));
        secrets.extend(bare.chain([text]).map(str::to_owned));
        secrets.extend(scalar.variables.iter().cloned());
    });
}

/// Every text below the node that a variable made.
fn from_variables(node: &Node, secrets: &mut Vec<String>) {
    scalars(node, &mut |scalar| {
        if !scalar.variables.is_empty() {
            secrets.push(scalar.text.trim().to_owned());
            secrets.extend(scalar.variables.iter().cloned());
        }
    });
}

/// The parts of the URL that must not be shown. The host may be, even where a variable holds it.
fn url(node: &Node, secrets: &mut Vec<String>) {
    let Some(scalar) = node.scalar() else { return };
    match url::Url::parse(scalar.text.trim()) {
        Ok(url) => {
            let host = url.host_str().unwrap_or_default().to_owned();
            secrets.extend(scalar.variables.iter().filter(|value| !host.contains(value.trim())).cloned());
            secrets.extend(SecretUrl::new(url).secrets());
        }
        Err(_) => secrets.extend(scalar.variables.iter().cloned()),
    }
}

fn headers(node: &Node, secrets: &mut Vec<String>) {
    let Value::Map(entries) = &node.value else { return };
    for entry in entries {
        if mask::is_secret_header(entry.key.trim()) {
            whole(&entry.node, secrets);
            scalars(&entry.node, &mut |scalar| secrets.extend(parts(scalar.text.trim()).map(str::to_owned)));
        } else {
            from_variables(&entry.node, secrets);
        }
    }
}

/// What of a secret header's value is a secret without the rest of it: what follows the scheme (`Bearer`), and the value of
/// each cookie. It is read both ways: a part too many is no harm.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    let credentials = value.split_once(char::is_whitespace).map(|(_, credentials)| credentials.trim());
    let cookies = value.split(';').filter_map(|cookie| cookie.split_once('='));
    credentials.into_iter().chain(cookies.map(|(_, value)| value.trim().trim_matches('"')))
}

fn scalars(node: &Node, visit: &mut impl FnMut(&Scalar)) {
    match &node.value {
        Value::Scalar(scalar) => visit(scalar),
        Value::List(items) => items.iter().for_each(|item| scalars(item, visit)),
        Value::Map(entries) => entries.iter().for_each(|entry| scalars(&entry.node, visit)),
    }
}
