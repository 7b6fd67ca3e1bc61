//! The file `.ntm.yaml`: finding it, reading it, checking it, watching it.
//!
//! Every problem is told at once, with line, column, key path and cure. What comes out is resolved: defaults, dialect
//! and overlays applied, variables replaced. What a person likes for himself is in [`personal`].

mod duration;
mod entry;
mod fields;
mod load;
mod node;
mod ntm;
mod overlay;
pub mod personal;
pub mod policy;
pub mod problem;
pub mod project;
mod redaction;
mod report;
mod settings;
mod theme;
mod units;
mod vars;
pub mod watch;
mod yaml;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::event::{Limits, Revision, Route, redact};
use crate::wire::{Target, mask::Scrubber};

pub use duration::{in_words, parse as parse_duration};
pub use fields::nearest;
pub use load::load;
pub use personal::Personal;
pub use policy::*;
pub use problem::{Problem, Severity};
pub use project::Project;
pub use theme::{Colour, Modifiers, ThemeFile, ThemeStyle, parse_theme, themes_in};
pub use units::rate as parse_rate;
pub use watch::Watcher;

/// A file that is good enough to run: no problem of severity error, save missing variables, which hold their endpoint.
#[derive(Debug)]
pub struct Config {
    /// In file order.
    pub endpoints: Vec<Endpoint>,
    /// `hooktui.manager`.
    pub manager: Manager,
    /// `hooktui.journal`.
    pub journal: JournalSettings,
    /// `hooktui.network`.
    pub network: Network,
    /// Knows every secret of the file and masks it wherever it turns up.
    pub scrubber: Arc<Scrubber>,
    /// `hooktui.redaction`.
    pub redaction: redact::Policy,
    /// Entries whose URL is our own ingest address: NTM's way in to us, shown but never a target (names).
    pub ways_in: Vec<String>,
}

/// One endpoint, resolved.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// What routing needs: id, name, host, patterns, filter, enabled.
    pub route: Route,
    /// Line in the file where its entry begins, from 1: where `e` opens the editor.
    pub line: u64,
    /// What sending needs; none while a variable is missing here.
    pub target: Option<Target>,
    /// `$SLACK_URL is not set here`: it is held, the others run.
    pub missing: Option<String>,
    /// Routing cannot be told: a variable is missing in `name`, `id`, `events`, `filter` or `enabled`. Who routes without
    /// a dispatcher goes by the last revision instead.
    pub route_missing: bool,
    /// SHA-256 of the URL with a fixed prefix: tells a changed one. Zeroes where the URL lacks a variable here: the URL is
    /// not known then, and not changed.
    pub address_hash: [u8; 32],
    /// Its rules.
    pub policy: Policy,
}

/// `hooktui.manager`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manager {
    /// Limits that accepting obeys (with `journal.max_size`).
    pub limits: Limits,
    /// Default of `concurrency`.
    pub worker_count: u32,
    /// Default of `timeout`.
    pub default_timeout: Duration,
}

/// `hooktui.journal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalSettings {
    /// Where the journal lies, if not in the project's state directory.
    pub path: Option<PathBuf>,
    /// Whether a commit survives the loss of power.
    pub durability: Durability,
    /// How long what is delivered, cleared or unmatched is kept after its last change.
    pub retention: Duration,
    /// Size in bytes; 0 = no limit.
    pub max_size: u64,
}

/// `hooktui.journal.durability`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// `synchronous=FULL`: what is acknowledged survives the loss of power.
    #[default]
    Full,
    /// `synchronous=NORMAL`: survives the death of the process, not always that of the machine.
    Normal,
}

/// `hooktui.network`: which addresses may be delivered to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    /// Networks that are allowed whatever else is said.
    pub allow: Vec<Cidr>,
    /// Refuse private addresses.
    pub deny_private: bool,
}

/// An address block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    /// Any address of it.
    pub address: std::net::IpAddr,
    /// Length of the prefix in bits.
    pub prefix: u8,
}

/// One reading of the file.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The file that was read.
    pub path: PathBuf,
    /// What it says, if it can run.
    pub config: Option<Arc<Config>>,
    /// All problems and warnings, in file order.
    pub problems: Vec<Problem>,
    /// What only `check` tells: keys that have no effect yet, and where NTM does something else with a good file.
    pub notes: Vec<Problem>,
    /// SHA-256 of its bytes: equal ones need no second look.
    pub digest: [u8; 32],
    /// It was missing, or held nothing but comments: never replaces a good one. A missing one has no `config`.
    pub blank: bool,
    /// Modified less than 2 s ago (by its mtime) when it was read.
    pub fresh: bool,
}

/// Variables for `${VAR}`: the process environment, or a map in tests.
#[derive(Debug, Clone)]
pub enum Env {
    /// The process's own.
    Process,
    /// These only.
    Fixed(BTreeMap<String, String>),
}

impl Loaded {
    /// Whether these are the bytes that were read.
    #[must_use]
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        self.digest == load::digest(bytes)
    }
}

impl Config {
    /// The part without secrets: what `emit` routes by and the journal keeps.
    #[must_use]
    pub fn revision(&self) -> Revision {
        Revision {
            routes: self.endpoints.iter().map(|endpoint| endpoint.route.clone()).collect(),
            limits: self.manager.limits,
            redaction: self.redaction.clone(),
        }
    }

    /// Whether a variable that routing needs is missing here: `emit` then goes by the last revision.
    #[must_use]
    pub fn route_missing(&self) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.route_missing)
    }

    /// Endpoints that look renamed since `before`: the same URL under a new id while the old id is gone, as `(old name, new
    /// endpoint)`. What waits for the old one stays held, so a warning suggests to give the new entry the old `id:`.
    #[must_use]
    pub fn renamed<'a>(&'a self, before: &'a Self) -> Vec<(&'a Endpoint, &'a Endpoint)> {
        let has = |config: &Self, id: &str| config.endpoints.iter().any(|endpoint| endpoint.route.endpoint == id);
        let known = |endpoint: &&Endpoint| endpoint.address_hash != [0; 32];
        let gone = before.endpoints.iter().filter(known).filter(|old| !has(self, &old.route.endpoint));
        gone.filter_map(|old| {
            let new = self
                .endpoints
                .iter()
                .find(|new| new.address_hash == old.address_hash && !has(before, &new.route.endpoint))?;
            Some((old, new))
        })
        .collect()
    }
}
