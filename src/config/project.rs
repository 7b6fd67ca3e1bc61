//! Where a project is: the nearest directory upwards that holds `.ntm.yaml` or `.ntm.yml`.

use std::path::{Path, PathBuf};

/// The names of the file; where both are there the first one is read.
pub(super) const FILES: [&str; 2] = [".ntm.yaml", ".ntm.yml"];

/// A project directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The directory.
    pub root: PathBuf,
    /// Its file: `.ntm.yaml`, else `.ntm.yml`.
    pub file: PathBuf,
    /// `--journal PATH`.
    pub journal_override: Option<PathBuf>,
}

impl Project {
    /// Looks for a project from `start` upwards: the nearest directory that holds `.ntm.yaml` or `.ntm.yml`. One that
    /// holds a journal counts too: its file may be gone for the moment in which an editor saves it, and an event must not
    /// end up in a project further up then.
    #[must_use]
    pub fn find(start: &Path) -> Option<Self> {
        let start = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
        start.ancestors().map(Self::at).find(|one| one.file.is_file() || one.journal_path(None).is_file())
    }

    /// A project at `root`, whether or not its file exists yet.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        let [preferred, other] = FILES.map(|name| root.join(name));
        let file = if !preferred.is_file() && other.is_file() { other } else { preferred };
        Self { root: root.to_owned(), file, journal_override: None }
    }

    /// The file to read now. It is looked up anew each time: one of the two names may appear or go while we watch.
    #[must_use]
    pub fn current_file(&self) -> PathBuf {
        Self::at(&self.root).file
    }

    /// The other of the two names, if both files are there: it is not read, and a warning says so.
    #[must_use]
    pub fn ignored_file(&self) -> Option<PathBuf> {
        let [preferred, other] = FILES.map(|name| self.root.join(name));
        (preferred.is_file() && other.is_file()).then_some(other)
    }

    /// The last part of the root's path, for the header.
    #[must_use]
    pub fn name(&self) -> String {
        self.root.file_name().map_or_else(|| "/".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    /// `<project>/.hooktui`, mode 0700.
    #[must_use]
    pub fn state_dir(&self) -> PathBuf {
        self.root.join(".hooktui")
    }

    /// Where the journal lies: `--journal`, else `journal.path` of the file, else in the state directory.
    #[must_use]
    pub fn journal_path(&self, settings: Option<&super::JournalSettings>) -> PathBuf {
        if let Some(path) = &self.journal_override {
            return path.clone();
        }
        settings
            .and_then(|settings| settings.path.as_ref())
            .map_or_else(|| self.state_dir().join("journal.db"), |path| self.root.join(path))
    }
}
