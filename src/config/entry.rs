//! One entry of `webhooks:` or `hooktui.webhooks` becomes an [`Endpoint`]: its keys read, checked, and resolved with the
//! defaults (the endpoint's key, else the dialect's, else `manager`'s, else the built-in).

mod policy;
mod route;
mod secrets;
mod target;

use sha2::{Digest, Sha256};

use super::fields::Fields;
use super::node::{Node, Place, Value};
use super::report::Report;
use super::settings::Settings;
use super::{Endpoint, vars};
use crate::event::Route;
use crate::wire::dialect;
use crate::wire::{Dialect, Target};

pub(super) use secrets::collect as secrets_of;
pub(super) use target::is_this_machine;

/// Keys of NTM that routing needs, with ours: what they hold stands openly in the journal.
const ROUTING: &[&str] = &["name", "id", "events", "filter", "enabled"];

/// What an entry is.
#[derive(Debug)]
pub(super) enum Read {
    /// An endpoint, and the place that names it.
    Endpoint(Box<Endpoint>, Place),
    /// NTM's way in to us: its URL is our own ingest address. Its name.
    WayIn(String),
}

/// Reads an entry. None where it cannot even be named; why is in the report.
pub(super) fn read(node: &Node, settings: &Settings, report: &mut Report<'_>, notes: &mut Report<'_>) -> Option<Read> {
    let mut fields = Fields::of(node, report)?;
    tell_missing(node, report);
    let dialect = dialect(&mut fields, report);
    let route = route::read(&mut fields, node, report);
    let url = target::url(&mut fields, node, report);
    let rest = target::read(&mut fields, dialect, report, notes);
    let policy = policy::read(&mut fields, dialect, &settings.manager, report);
    fields.finish(report);

    let (name, id, id_place) = route.named?;
    if url.as_ref().is_some_and(|url| settings.ingest.is_our_address(url)) {
        return Some(Read::WayIn(name));
    }
    let missing = vars::first_missing(node).map(vars::not_set);
    let address_hash = url.as_ref().map_or([0; 32], |url| hash(url.as_str()));
    let url = url.map(crate::wire::SecretUrl::new);
    let host = url.as_ref().map(crate::wire::SecretUrl::shown).unwrap_or_default();
    let target = url.filter(|_| missing.is_none()).map(|url| Target {
        url,
        method: rest.method,
        headers: rest.headers,
        format: rest.format,
        template: rest.template,
        dialect,
        keys: rest.keys,
        max_payload: rest.max_payload,
    });
    let route =
        Route { endpoint: id, name, host, patterns: route.patterns, filter: route.filter, enabled: route.enabled };
    let route_missing = entries_of(node, ROUTING).any(|node| vars::first_missing(node).is_some());
    let line = node.place.line;
    Some(Read::Endpoint(
        Box::new(Endpoint { route, line, target, missing, route_missing, address_hash, policy }),
        id_place,
    ))
}

fn dialect(fields: &mut Fields<'_>, report: &mut Report<'_>) -> &'static Dialect {
    let words: Vec<_> = dialect::ALL.iter().map(|&dialect| (dialect.name, dialect)).collect();
    let found = fields.take("dialect", report).and_then(|node| super::fields::word(node, &words, report));
    found.unwrap_or(&dialect::NTM)
}

/// Tells each value of the entry whose variable is not set here.
fn tell_missing(node: &Node, report: &mut Report<'_>) {
    match &node.value {
        Value::Scalar(scalar) => {
            if let Some(name) = &scalar.missing {
                let text =
                    format!("{}; set it where hooktui runs. Until then this endpoint is held", vars::not_set(name));
                report.missing(&node.place, text);
            }
        }
        Value::List(items) => items.iter().for_each(|item| tell_missing(item, report)),
        Value::Map(entries) => entries.iter().for_each(|entry| tell_missing(&entry.node, report)),
    }
}

/// The values of some keys of an entry.
fn entries_of<'a>(node: &'a Node, keys: &'static [&'static str]) -> impl Iterator<Item = &'a Node> {
    keys.iter().filter_map(|key| node.get(key))
}

/// Tells a changed URL from the same one; no way back to the URL.
fn hash(url: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"hooktui endpoint address\0");
    hasher.update(url);
    hasher.finalize().into()
}

/// Checks that no two endpoints have the same id.
pub(super) fn check_ids(endpoints: &[(Box<Endpoint>, Place)], report: &mut Report<'_>) {
    let mut seen = std::collections::BTreeMap::new();
    for (endpoint, place) in endpoints {
        let id = endpoint.route.endpoint.as_str();
        if let Some(line) = seen.insert(id, place.line) {
            // A variable may hold it: it is not repeated.
            let text =
                format!("gives the id that the endpoint on line {line} has too; give this one an `id:` of its own");
            report.error(place, text);
        }
    }
}
