//! Where a command works: the project, its file, its journal.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{self, Config, Env, JournalSettings, Loaded, Project};
use crate::event::Millis;
use crate::journal::lock::DispatcherLock;
use crate::journal::{self, Journal, Reader, Role, RouteBy};

use super::exit::Failure;

/// The options that may stand anywhere on the command line.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Place {
    /// The project directory; otherwise the nearest one upwards that holds .ntm.yaml or .ntm.yml
    #[arg(short = 'C', long = "project", global = true, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// The journal; its lock lies beside it
    #[arg(long, global = true, value_name = "PATH")]
    pub journal: Option<PathBuf>,
}

/// A project that was found, with its file as it stands now.
#[derive(Debug, Clone)]
pub struct Context {
    /// The project.
    pub project: Project,
    /// Its file. It may be invalid: most commands work all the same.
    pub loaded: Loaded,
}

impl Place {
    /// The project, or none where there is none.
    ///
    /// # Errors
    /// Wrong usage, when the directory given or the one we stand in cannot be used.
    pub fn find(&self) -> Result<Option<Project>, Failure> {
        let found = match &self.directory {
            Some(directory) => {
                if !directory.is_dir() {
                    let shown = directory.display();
                    return Err(Failure::usage(format!("{shown} is not a directory; give one that holds .ntm.yaml")));
                }
                Project::find(&absolute(directory)?).filter(|project| same_directory(&project.root, directory))
            }
            None => Project::find(&absolute(Path::new("."))?),
        };
        let journal_override = self.journal.as_deref().map(absolute).transpose()?;
        Ok(found.map(|project| Project { journal_override, ..project }))
    }

    /// The project.
    ///
    /// # Errors
    /// Wrong usage, with the cure, when there is none.
    pub fn project(&self) -> Result<Project, Failure> {
        self.find()?.ok_or_else(|| {
            let place = self.directory.as_ref().map_or_else(
                || "here or in a directory above".to_owned(),
                |directory| format!("in {}", directory.display()),
            );
            Failure::usage(format!("no .ntm.yaml {place}; make one with `hooktui init`"))
        })
    }

    /// The project and its file.
    ///
    /// # Errors
    /// As [`Place::project`].
    pub fn open(&self) -> Result<Context, Failure> {
        let project = self.project()?;
        let loaded = config::load(&project, &Env::Process);
        Ok(Context { project, loaded })
    }
}

impl Context {
    /// Where the journal lies.
    #[must_use]
    pub fn journal_path(&self) -> PathBuf {
        journal::in_use(&self.project, self.settings())
    }

    /// What waits in a journal that is no longer used, in words.
    #[must_use]
    pub fn left_behind(&self) -> Option<String> {
        journal::left_behind(&self.project, self.settings())
    }

    /// What the file says of the journal, if it can be read.
    fn settings(&self) -> Option<&JournalSettings> {
        self.loaded.config.as_deref().filter(|_| !self.loaded.blank).map(|config| &config.journal)
    }

    /// The journal for looking; none where nothing was ever accepted (looking creates nothing).
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn reader(&self) -> Result<Option<Reader>, Failure> {
        Ok(Reader::if_there(&self.journal_path())?)
    }

    /// The journal for a short command that writes; made where there is none.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn journal(&self) -> Result<Journal, Failure> {
        self.journal_as(Role::Command)
    }

    /// The journal in a given role.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn journal_as(&self, role: Role) -> Result<Journal, Failure> {
        Ok(Journal::of(&self.project, self.settings(), role)?)
    }

    /// Whether some process delivers: it holds the dispatcher lock.
    #[must_use]
    pub fn dispatcher_lives(&self) -> bool {
        DispatcherLock::is_held(&self.journal_path())
    }

    /// What events are routed by: the dispatcher's applied revision while one lives (the file until it has applied one);
    /// otherwise the file, unless it is
    /// invalid, has just lost endpoints (an editor may be half way through saving) or lacks a variable that
    /// routing needs, when the last revision is the better witness.
    #[must_use]
    pub fn route_by(&self) -> RouteBy {
        let Some(config) = self.loaded.config.as_ref().filter(|config| self.may_route(config)) else {
            return RouteBy::Applied;
        };
        let file = Arc::new(config.revision());
        if self.dispatcher_lives() { RouteBy::AppliedOr(file) } else { RouteBy::Given(file) }
    }

    fn may_route(&self, config: &Config) -> bool {
        let half_saved = self.loaded.fresh && self.has_lost_endpoints(config);
        !self.loaded.blank && !config.route_missing() && !half_saved
    }

    /// Endpoints of the last revision are not in the file. Without a revision nothing can be lost.
    fn has_lost_endpoints(&self, config: &Config) -> bool {
        let last = self.reader().ok().flatten().and_then(|reader| reader.revision().ok().flatten());
        last.is_some_and(|(_, revision)| {
            let stays = |id: &str| config.endpoints.iter().any(|endpoint| endpoint.route.endpoint == id);
            revision.routes.iter().any(|route| !stays(&route.endpoint))
        })
    }

    /// The file, for commands that need its endpoints.
    ///
    /// # Errors
    /// When it is invalid; the first problem is told and where to see the others.
    pub fn config(&self) -> Result<&Arc<Config>, Failure> {
        self.loaded.config.as_ref().ok_or_else(|| {
            let first = self.loaded.problems.iter().find(|problem| problem.severity == config::Severity::Error);
            Failure::failed(first.map_or_else(
                || format!("{} is empty or missing; see `hooktui init`", self.loaded.path.display()),
                |problem| format!("{problem}; `hooktui check` tells all problems"),
            ))
        })
    }
}

/// Now, in Unix milliseconds.
#[must_use]
pub fn now() -> Millis {
    jiff::Timestamp::now().as_millisecond()
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::usage(format!("cannot use {}: {error}", path.display())))
}

fn same_directory(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
