//! `url`, `allow_http`, `method`, `headers`, `formatter`, `template`, `secret`, `secrets`, `max_payload`: what is sent, and
//! where to. No message here repeats a value: they are secrets.

use std::collections::BTreeSet;
use std::sync::Arc;

use secrecy::SecretString;
use url::{Host, Url};

use super::super::fields::{self, Fields};
use super::super::node::{Entry, Node, Value, shown_key};
use super::super::report::Report;
use super::super::units;
use crate::wire::key::BadSecret;
use crate::wire::{Dialect, Format, Key, OwnHeader, Template, mask};

/// What sending needs besides the URL.
#[derive(Debug)]
pub(super) struct TargetKeys {
    pub(super) method: &'static str,
    pub(super) headers: Vec<OwnHeader>,
    pub(super) format: Format,
    pub(super) template: Option<Arc<Template>>,
    pub(super) keys: Vec<Key>,
    pub(super) max_payload: Option<usize>,
}

const METHODS: &[(&str, &str)] = &[("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH"), ("DELETE", "DELETE")];

pub(super) fn read(
    fields: &mut Fields<'_>,
    dialect: &'static Dialect,
    report: &mut Report<'_>,
    notes: &mut Report<'_>,
) -> TargetKeys {
    let method = fields.take("method", report).and_then(|node| fields::word(node, METHODS, report));
    let formatter_node = fields.take("formatter", report);
    let format = formatter_node.and_then(|node| formatter(node, report));
    let template_node = fields.take("template", report);
    let template = template_node.and_then(|node| template(node, report));
    // A formatter in the entry that ours overlays is NTM's.
    let both = formatter_node.zip(template_node).filter(|_| template.is_some());
    if let Some((node, _)) = both.filter(|(one, other)| one.place.trail.is_beside(&other.place.trail)) {
        report.warn(&node.place, "has no effect: `template` makes the body; remove one of them");
    }
    let headers = fields.take("headers", report).map(|node| headers(node, dialect, report)).unwrap_or_default();
    let max_payload = fields
        .take("max_payload", report)
        .and_then(|node| fields::parsed(node, "a size such as 1MiB", report, units::size))
        .map(|bytes| usize::try_from(bytes).ok().filter(|&bytes| bytes > 0));
    let keys = keys(fields, dialect, report, notes);
    TargetKeys {
        method: method.unwrap_or("POST"),
        headers,
        format: format.unwrap_or_default(),
        template,
        keys,
        // 0 lifts the dialect's limit.
        max_payload: max_payload.unwrap_or(dialect.max_payload),
    }
}

/// The URL, if it is a good one.
pub(super) fn url(fields: &mut Fields<'_>, entry: &Node, report: &mut Report<'_>) -> Option<Url> {
    let allow_http = fields.take("allow_http", report).and_then(|node| fields::boolean(node, report)).unwrap_or(false);
    let Some(node) = fields.take("url", report) else {
        report.error(&entry.place, "has no `url`; write url: https://...");
        return None;
    };
    let text = fields::text(node, report)?;
    match parse_url(text.trim(), allow_http) {
        Ok(url) => Some(url),
        Err(wrong) => {
            report.error(&node.place, wrong);
            None
        }
    }
}

fn parse_url(text: &str, allow_http: bool) -> Result<Url, &'static str> {
    if text.is_empty() {
        return Err("is empty; write https://...");
    }
    if !text.contains("://") {
        return Err("is no URL: it has no https:// in front");
    }
    let url = Url::parse(text).map_err(|_| "is no valid URL; write https://host/path")?;
    if url.host().is_none() {
        return Err("is no valid URL: it has no host; write https://host/path");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if allow_http || is_this_machine(&url) => Ok(url),
        "http" => {
            Err("http is unencrypted and only for localhost, 127.0.0.1 and ::1; use https, or set `allow_http: true`")
        }
        _ => Err("must begin https:// (or http:// for localhost, 127.0.0.1 and ::1)"),
    }
}

/// Whether a URL stays on this machine by its spelling.
pub(in super::super) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn formatter(node: &Node, report: &mut Report<'_>) -> Option<Format> {
    let words = Format::WORDS.iter().flat_map(|&(format, words)| words.iter().map(move |&word| (word, format)));
    fields::word(node, &words.collect::<Vec<_>>(), report)
}

/// The template; an empty one is none, as in NTM. A file may hold secrets in it: what a variable made is not repeated.
fn template(node: &Node, report: &mut Report<'_>) -> Option<Arc<Template>> {
    let scalar = fields::scalar(node, "a text", report).filter(|scalar| !scalar.text.is_empty())?;
    match Template::parse(&scalar.text) {
        Ok(template) => Some(Arc::new(template)),
        Err(error) if scalar.variables.is_empty() => {
            report.error(&node.place, format!("does not parse: {error}"));
            None
        }
        Err(error) => {
            let text = format!(
                "does not parse at line {}, column {} of the template with its variables filled in; check what they hold",
                error.line, error.column
            );
            report.error(&node.place, text);
            None
        }
    }
}

fn headers(node: &Node, dialect: &'static Dialect, report: &mut Report<'_>) -> Vec<OwnHeader> {
    let Value::Map(entries) = &node.value else {
        // Tells what is wrong, if anything is.
        let _ = Fields::of(node, report);
        return Vec::new();
    };
    let mut seen = BTreeSet::new();
    let mut headers = Vec::new();
    for entry in entries {
        let name = entry.key.trim();
        if let Some(wrong) = header_name_problem(entry, dialect) {
            report.error(&entry.key_place, wrong);
        } else if !seen.insert(name.to_ascii_lowercase()) {
            report.error(&entry.key_place, "stands here a second time (letter case does not matter); keep one");
        }
        let Some(scalar) = fields::scalar(&entry.node, "a text", report) else { continue };
        if scalar.text.chars().any(|c| c.is_control() && c != '\t') {
            report.error(&entry.node.place, "a header's value must be one line without control characters");
            continue;
        }
        headers.push(OwnHeader {
            name: name.to_owned(),
            value: SecretString::from(scalar.text.trim()),
            secret: !scalar.variables.is_empty() || mask::is_secret_header(name),
        });
    }
    headers
}

fn header_name_problem(entry: &Entry, dialect: &'static Dialect) -> Option<String> {
    let name = entry.key.trim();
    let shown = || match &entry.key_place.variable {
        Some(variable) => format!("a key in ${variable}"),
        None => format!("`{}`", shown_key(name)),
    };
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Some(format!("{} is no header name; use letters, digits and `-`", shown()));
    }
    dialect.reserves(name).then(|| format!("{} is reserved: hooktui sets it itself; remove it", shown()))
}

/// What signs, newest first: `secrets`, then `secret`. A secret that is given twice signs once.
fn keys(fields: &mut Fields<'_>, dialect: &Dialect, report: &mut Report<'_>, notes: &mut Report<'_>) -> Vec<Key> {
    let several = fields.take("secrets", report);
    let several = several.map(|node| fields::items(node, "${NEW_SECRET}, ${OLD_SECRET}", report)).unwrap_or_default();
    let one = fields.take("secret", report);
    let mut seen = BTreeSet::new();
    let mut keys = Vec::new();
    for node in several.iter().chain(one) {
        if node.scalar().is_some_and(|scalar| scalar.text.trim().is_empty()) {
            // NTM takes an empty `secret` for none.
            match one {
                Some(one) if std::ptr::eq(one, node) => report.warn(&node.place, "is empty: nothing will be signed"),
                _ => report.error(&node.place, BadSecret::Empty.to_string()),
            }
            continue;
        }
        let Some(text) = fields::text(node, report).filter(|text| seen.insert(text.trim().to_owned())) else {
            continue;
        };
        match dialect.key(&SecretString::from(text)) {
            Ok(key) => keys.push(key),
            Err(bad) => report.error(&node.place, bad.to_string()),
        }
    }
    if keys.len() > 1
        && !dialect.signature.shape.holds_several()
        && let Some(node) = several.first().or(one)
    {
        let header = dialect.signature.header;
        notes.warn(&node.place, format!("signs alone: {header} has room for one signature, the newest secret's"));
    }
    keys
}
