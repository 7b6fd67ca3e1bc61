//! The file `.ntm.yaml`: finding it, reading it, checking it, watching it.
//!
//! Every problem is told at once, with line, column, key path and cure. What comes out is resolved: defaults, dialect
//! and overlays applied, variables replaced.

pub mod policy;
pub mod problem;
pub mod project;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::event::{Limits, Revision, Route};
use crate::wire::{Target, mask::Scrubber};

pub use policy::*;
pub use problem::{Problem, Severity};
pub use project::Project;

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
    /// `hooktui.redaction` as it stands (its behaviour comes with a later release).
    pub redaction: Option<serde_json::Value>,
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
    /// "$SLACK_URL is not set here": it is held, the others run.
    pub missing: Option<String>,
    /// SHA-256 of the URL with a fixed prefix: tells a changed one.
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
    /// SHA-256 of its bytes: equal ones need no second look.
    pub digest: [u8; 32],
    /// It was missing, empty or blank: never replaces a good one.
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

/// Reads and checks the project's file. Never fails: what is wrong is in [`Loaded::problems`].
#[must_use]
pub fn load(project: &Project, env: &Env) -> Loaded {
    let _ = env;
    Loaded {
        path: project.file.clone(),
        config: None,
        problems: Vec::new(),
        digest: [0; 32],
        blank: true,
        fresh: false,
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
}
