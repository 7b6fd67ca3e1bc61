//! `hooktui:` beside its `webhooks`: manager, journal, ingest, sources, redaction, network.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::{Host, Url};

use super::fields::{self, Fields, Span};
use super::node::Node;
use super::report::Report;
use super::{Durability, JournalSettings, Manager, Network, redaction, units};
use crate::event::Limits;
use crate::event::redact::Policy;

/// Most workers per endpoint.
const MOST_WORKERS: i64 = 1_000;
/// Where ingest listens unless told otherwise (product.md).
const INGEST: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 7717);

/// What is not an endpoint.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) manager: Manager,
    pub(super) journal: JournalSettings,
    pub(super) network: Network,
    pub(super) redaction: Policy,
    pub(super) ingest: Ingest,
    /// Tokens and the like, for the scrubber.
    pub(super) secrets: Vec<String>,
}

/// Where events may come in by HTTP; none unless the file asks for it.
#[derive(Debug, Default)]
pub(super) struct Ingest(Option<SocketAddr>);

impl Default for Settings {
    fn default() -> Self {
        let journal = JournalSettings {
            path: None,
            durability: Durability::Full,
            retention: Duration::from_hours(7 * 24),
            max_size: 1 << 30,
        };
        Self {
            manager: Manager {
                limits: Limits { max_size: journal.max_size, ..Limits::default() },
                worker_count: 10,
                default_timeout: Duration::from_secs(10),
            },
            journal,
            network: Network::default(),
            redaction: Policy::default(),
            ingest: Ingest::default(),
            secrets: Vec::new(),
        }
    }
}

impl Ingest {
    /// Whether a URL is our own ingest address.
    pub(super) fn is_our_address(&self, url: &Url) -> bool {
        let Some(listen) = self.0 else { return false };
        let same_host = match url.host() {
            Some(Host::Ipv4(address)) => listen.ip() == address,
            Some(Host::Ipv6(address)) => listen.ip() == address,
            Some(Host::Domain(_)) | None => false,
        };
        let local = super::entry::is_this_machine(url) && (listen.ip().is_loopback() || listen.ip().is_unspecified());
        url.port_or_known_default() == Some(listen.port()) && (same_host || local)
    }
}

/// Reads `hooktui:`; `webhooks` below it is read elsewhere.
pub(super) fn read(node: Option<&Node>, report: &mut Report<'_>, notes: &mut Report<'_>) -> Settings {
    let mut settings = Settings::default();
    let Some(mut fields) = node.and_then(|node| Fields::of(node, report)) else { return settings };
    let _ = fields.take("webhooks", report);
    if let Some(node) = fields.take("manager", report) {
        manager(node, &mut settings.manager, report);
    }
    if let Some(node) = fields.take("journal", report) {
        journal(node, &mut settings.journal, report);
        settings.manager.limits.max_size = settings.journal.max_size;
    }
    if let Some(node) = fields.take("network", report) {
        network(node, &mut settings.network, report);
    }
    if let Some(node) = fields.take("ingest", report) {
        ingest(node, &mut settings, report);
        notes.warn(&node.place, NO_EFFECT_YET);
    }
    if let Some(node) = fields.take("sources", report) {
        sources(node, &mut settings.secrets, report);
        notes.warn(&node.place, NO_EFFECT_YET);
    }
    if let Some(node) = fields.take("redaction", report) {
        settings.redaction = redaction::read(node, report);
    }
    fields.finish(report);
    settings
}

const NO_EFFECT_YET: &str = "is checked, and has no effect yet in this version";

fn manager(node: &Node, manager: &mut Manager, report: &mut Report<'_>) {
    let Some(mut fields) = Fields::of(node, report) else { return };
    let limits = &mut manager.limits;
    if let Some(size) = fields.take("queue_size", report).and_then(|node| limit(node, report)) {
        limits.queue_size = size;
    }
    let overflow = [("reject", false), ("drop_oldest", true)];
    if let Some(drop_oldest) = fields.take("overflow", report).and_then(|node| fields::word(node, &overflow, report)) {
        limits.drop_oldest = drop_oldest;
    }
    if let Some(limit) = fields.take("dead_letter_limit", report).and_then(|node| limit(node, report)) {
        limits.dead_letter_limit = limit;
    }
    if let Some(count) =
        fields.take("worker_count", report).and_then(|node| fields::count(node, 1..=MOST_WORKERS, report))
    {
        manager.worker_count = count;
    }
    if let Some(timeout) =
        fields.take("default_timeout", report).and_then(|node| fields::duration(node, Span::Ours, report))
    {
        manager.default_timeout = timeout;
    }
    fields.finish(report);
}

/// A number of rows; 0: no limit.
fn limit(node: &Node, report: &mut Report<'_>) -> Option<u64> {
    fields::integer(node, 0..=1_000_000_000_000, report).and_then(|value| u64::try_from(value).ok())
}

fn journal(node: &Node, journal: &mut JournalSettings, report: &mut Report<'_>) {
    let Some(mut fields) = Fields::of(node, report) else { return };
    journal.path = fields.take("path", report).and_then(|node| path(node, report));
    let durability = [("full", Durability::Full), ("normal", Durability::Normal)];
    if let Some(chosen) = fields.take("durability", report).and_then(|node| fields::word(node, &durability, report)) {
        journal.durability = chosen;
    }
    if let Some(kept) = fields.take("retention", report).and_then(|node| fields::duration(node, Span::Ours, report)) {
        journal.retention = kept;
    }
    if let Some(size) = fields
        .take("max_size", report)
        .and_then(|node| fields::parsed(node, "a size such as 1GiB", report, units::size))
    {
        journal.max_size = size;
    }
    fields.finish(report);
}

fn path(node: &Node, report: &mut Report<'_>) -> Option<PathBuf> {
    fields::parsed(node, "a path", report, |text| {
        let text = text.trim();
        if text.is_empty() || text.contains('\0') || text.ends_with('/') {
            return Err("is no path of a file; write .hooktui/journal.db".to_owned());
        }
        if text.starts_with('~') {
            return Err("begins with `~`, which is not expanded here; write ${HOME}/...".to_owned());
        }
        Ok(PathBuf::from(text))
    })
}

fn network(node: &Node, network: &mut Network, report: &mut Report<'_>) {
    let Some(mut fields) = Fields::of(node, report) else { return };
    if let Some(node) = fields.take("allow", report) {
        network.allow = fields::items(node, "10.0.0.0/8", report)
            .iter()
            .filter_map(|item| fields::parsed(item, "an address block such as 10.0.0.0/8", report, units::cidr))
            .collect();
    }
    if let Some(deny) = fields.take("deny_private", report).and_then(|node| fields::boolean(node, report)) {
        network.deny_private = deny;
    }
    fields.finish(report);
}

fn ingest(node: &Node, settings: &mut Settings, report: &mut Report<'_>) {
    let Some(mut fields) = Fields::of(node, report) else { return };
    let listen = fields.take("listen", report).map(|node| {
        fields::parsed(node, "an address such as 127.0.0.1:7717", report, |text| {
            let text = text.trim().replacen("localhost:", "127.0.0.1:", 1);
            text.parse::<SocketAddr>().map_err(|_| "is no address; write 127.0.0.1:7717".to_owned())
        })
    });
    settings.ingest = Ingest(listen.unwrap_or(Some(INGEST)));
    for key in ["token", "secret"] {
        if let Some(node) = fields.take(key, report) {
            settings.secrets.extend(fields::text(node, report).map(|text| text.trim().to_owned()));
        }
    }
    fields.finish(report);
}

fn sources(node: &Node, secrets: &mut Vec<String>, report: &mut Report<'_>) {
    for item in fields::items(node, "{file: events.ndjson}", report) {
        let Some(mut fields) = Fields::of(item, report) else { continue };
        let file = fields.take("file", report);
        let sse = fields.take("sse", report);
        if let Some(node) = file {
            let _ = path(node, report);
        }
        if let Some(node) = sse
            && let Some(text) = fields::text(node, report)
        {
            match Url::parse(text.trim()) {
                Ok(url) if matches!(url.scheme(), "http" | "https") => {
                    secrets.extend(crate::wire::SecretUrl::new(url).secrets());
                }
                _ => report.error(&node.place, "is no valid URL; write https://host/path"),
            }
        }
        fields.finish(report);
        if file.is_some() == sse.is_some() {
            report.error(&item.place, "a source is either {file: PATH} or {sse: URL}");
        }
    }
}
