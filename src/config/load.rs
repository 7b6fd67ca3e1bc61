//! From the bytes of the file to a [`Config`], or to all that is wrong with it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::entry::{self, Read};
use super::fields::Fields;
use super::node::{Node, Place, Value};
use super::overlay::{self, Merged, Standing};
use super::problem::Severity;
use super::report::Report;
use super::settings::{self, Settings};
use super::vars::Expander;
use super::{Config, Endpoint, Env, Loaded, Project, ntm, yaml};
use crate::wire::mask::Scrubber;

/// Largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;
/// Most entries of one list.
const MOST_ENDPOINTS: usize = 1_000;
/// A file changed so recently may be half saved.
const FRESH: Duration = Duration::from_secs(2);

/// Reads and checks the project's file. Never fails: what is wrong is in [`Loaded::problems`].
#[must_use]
pub fn load(project: &Project, env: &Env) -> Loaded {
    let path = project.current_file();
    let mut report = Report::new(&path);
    let mut notes = Report::new(&path);
    if let Some(ignored) = project.ignored_file() {
        let text = format!("{} is there too and is not read; remove one of them", ignored.display());
        report.add_at(Severity::Warning, (0, 0), text);
    }
    let bytes = read(&path);
    let digest = digest(bytes.as_deref().unwrap_or_default());
    let fresh = is_fresh(&path);
    let there = !matches!(&bytes, Err(error) if error.kind() == io::ErrorKind::NotFound);
    let (config, blank) = match text(bytes, &mut report) {
        None => (None, !there),
        Some(text) => match yaml::parse(&text) {
            Ok(Some(root)) => (interpret(&text, &root, env, &mut report, &mut notes), false),
            Ok(None) => (Some(config(Vec::new(), Vec::new(), Settings::default(), Vec::new())), true),
            Err(error) => {
                report.add_at(Severity::Error, (error.line, error.column), error.text);
                (None, false)
            }
        },
    };
    let config = config.filter(|_| !report.invalid()).map(Arc::new);
    Loaded { config, problems: report.into_problems(), notes: notes.into_problems(), digest, blank, fresh, path }
}

/// What [`Loaded::digest`] holds for these bytes.
pub(super) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    // A named pipe would make us wait for ever.
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text, if it can be read as one. None, and silent, where there is no file.
pub(super) fn text(bytes: io::Result<Vec<u8>>, report: &mut Report<'_>) -> Option<String> {
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            report.add_at(Severity::Error, (0, 0), format!("cannot be read: {error}; check its permissions"));
            return None;
        }
    };
    if bytes.len() as u64 > LARGEST {
        report.add_at(Severity::Error, (0, 0), "is larger than 1 MiB; that is no configuration".to_owned());
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let good = String::from_utf8_lossy(good);
            let line = good.matches('\n').count() as u64 + 1;
            let column = good.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
            report.add_at(Severity::Error, (line, column), "is not UTF-8 from here on; save it as UTF-8".to_owned());
            None
        }
    }
}

fn interpret(text: &str, root: &Node, env: &Env, report: &mut Report<'_>, notes: &mut Report<'_>) -> Option<Config> {
    if !matches!(root.value, Value::Map(_)) {
        report.error(&root.place, format!("must be a map such as `webhooks: [...]`, found {}", root.kind()));
        return None;
    }
    // Only our two keys are looked at: the rest of the file is NTM's.
    let mut fields = Fields::of(root, report)?;
    let mut webhooks = fields.take("webhooks", report).cloned();
    let mut ours = fields.take("hooktui", report).cloned();
    ntm::differences(root, env, report, notes);
    ntm::unset_variables(text, root, env, report);

    let mut expander = Expander::new(env);
    for node in webhooks.iter_mut().chain(ours.as_mut()) {
        expander.expand(node, report);
    }
    let mut settings = settings::read(ours.as_ref(), report, notes);
    missing_settings(ours.as_ref(), report);
    let own_entries = ours.as_ref().and_then(|ours| ours.get("webhooks")).cloned();
    let merged = overlay::merge(entries(webhooks, report), entries(own_entries, report), report);
    let (endpoints, ways_in, secrets) = endpoints(&merged, &settings, report, notes);
    settings.secrets.extend(secrets);
    let secrets = std::mem::take(&mut settings.secrets);
    Some(config(endpoints, ways_in, settings, secrets))
}

/// The items of a list of entries.
fn entries(node: Option<Node>, report: &mut Report<'_>) -> Vec<Node> {
    match node {
        Some(Node { value: Value::List(items), place }) if items.len() > MOST_ENDPOINTS => {
            report.error(&place, format!("has more than {MOST_ENDPOINTS} entries; that is no configuration"));
            Vec::new()
        }
        Some(Node { value: Value::List(items), .. }) => items,
        Some(node) if !node.is_null() => {
            report.error(&node.place, format!("must be a list of webhooks, found {}", node.found()));
            Vec::new()
        }
        _ => Vec::new(),
    }
}

type Endpoints = (Vec<Endpoint>, Vec<String>, Vec<String>);

fn endpoints(merged: &[Merged], settings: &Settings, report: &mut Report<'_>, notes: &mut Report<'_>) -> Endpoints {
    let mut endpoints: Vec<(Box<Endpoint>, Place)> = Vec::new();
    let mut ways_in = Vec::new();
    let mut secrets = Vec::new();
    for entry in merged {
        secrets.extend(entry::secrets_of(&entry.node));
        if entry.standing == Standing::Unread {
            continue;
        }
        if entry.node.is_null() {
            report.error(&entry.node.place, "is empty; remove the `-`, or give a name and a url");
        }
        let read = entry::read(&entry.node, settings, report, notes);
        match read.filter(|_| entry.standing == Standing::InForce) {
            Some(Read::Endpoint(endpoint, place)) => endpoints.push((endpoint, place)),
            Some(Read::WayIn(name)) => ways_in.push(name),
            None => {}
        }
    }
    entry::check_ids(&endpoints, report);
    (endpoints.into_iter().map(|(endpoint, _)| *endpoint).collect(), ways_in, secrets)
}

/// Values under `hooktui:` beside its webhooks whose variable is not set: the file cannot be used without the settings.
/// Those of ingest and sources have no effect yet, so they hold nothing up.
fn missing_settings(ours: Option<&Node>, report: &mut Report<'_>) {
    for key in ["manager", "journal", "network", "redaction", "ingest", "sources"] {
        let node = ours.and_then(|ours| ours.get(key));
        let Some((name, place)) = node.and_then(first_missing) else { continue };
        let text = format!("{}; set it where hooktui runs", super::vars::not_set(name));
        if matches!(key, "ingest" | "sources") {
            report.warn(place, text);
        } else {
            report.error(place, text);
        }
    }
}

fn first_missing(node: &Node) -> Option<(&str, &Place)> {
    match &node.value {
        Value::Scalar(scalar) => scalar.missing.as_deref().map(|name| (name, &node.place)),
        Value::List(items) => items.iter().find_map(first_missing),
        Value::Map(entries) => entries.iter().find_map(|entry| first_missing(&entry.node)),
    }
}

fn config(endpoints: Vec<Endpoint>, ways_in: Vec<String>, settings: Settings, secrets: Vec<String>) -> Config {
    Config {
        endpoints,
        manager: settings.manager,
        journal: settings.journal,
        network: settings.network,
        scrubber: Arc::new(Scrubber::new(secrets)),
        redaction: settings.redaction,
        ways_in,
    }
}

/// Changed less than 2 s ago. A time in the future is as doubtful as one that is just past, unless it is far off: then
/// somebody's clock is wrong, and the file is not new for ever.
fn is_fresh(path: &Path) -> bool {
    let modified = path.metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| {
        let now = SystemTime::now();
        let apart = now.duration_since(modified).or_else(|_| modified.duration_since(now));
        apart.is_ok_and(|apart| apart < FRESH)
    })
}
