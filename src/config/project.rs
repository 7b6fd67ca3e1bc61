//! Where a project is: the nearest directory upwards that holds `.ntm.yaml` or `.ntm.yml`.

use std::path::{Path, PathBuf};

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
    /// Looks for a project from `start` upwards.
    #[must_use]
    pub fn find(start: &Path) -> Option<Self> {
        let _ = start;
        None
    }

    /// A project at `root`, whether or not its file exists yet.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned(), file: root.join(".ntm.yaml"), journal_override: None }
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
