//! Where a project is: the nearest directory upwards that holds `.ntm.yaml` or `.ntm.yml`.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::{fs, io};

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

    /// Where the journal lies: `--journal`, else `journal.path` of the file, else in the state directory. While the file
    /// cannot be read (`None`), its `journal.path` is the one that the state directory remembers: an event must not end up
    /// in another journal because somebody is half way through a save.
    #[must_use]
    pub fn journal_path(&self, settings: Option<&super::JournalSettings>) -> PathBuf {
        if let Some(path) = &self.journal_override {
            return path.clone();
        }
        let elsewhere = match settings {
            Some(settings) => settings.path.clone(),
            None => fs::read(self.journal_note()).ok().map(|path| OsString::from_vec(path).into()),
        };
        elsewhere.map_or_else(|| self.state_dir().join("journal.db"), |path| self.root.join(path))
    }

    /// Where the state directory remembers a `journal.path`.
    fn journal_note(&self) -> PathBuf {
        self.state_dir().join("journal-path")
    }

    /// Remembers what the file says of the journal's place, for when it cannot be read. The state directory must be there
    /// if it says anything. `--journal` is the word of one command and is not remembered.
    ///
    /// # Errors
    /// When the note cannot be written or removed.
    pub fn remember_journal(&self, settings: &super::JournalSettings) -> io::Result<()> {
        let note = self.journal_note();
        let Some(path) = settings.path.as_ref().filter(|_| self.journal_override.is_none()) else {
            let forgets = self.journal_override.is_none() && note.exists();
            return if forgets { fs::remove_file(note) } else { Ok(()) };
        };
        let path = path.as_os_str().as_bytes();
        if fs::read(&note).is_ok_and(|known| known == path) {
            return Ok(());
        }
        let draft = note.with_extension(std::process::id().to_string());
        fs::write(&draft, path)?;
        fs::rename(draft, note)
    }
}

#[cfg(test)]
mod tests {
    use super::super::JournalSettings;
    use super::*;

    #[test]
    fn the_place_of_the_journal_is_remembered_while_the_file_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::at(folder.path());
        fs::create_dir(project.state_dir()).unwrap();
        let default = project.state_dir().join("journal.db");
        let says = |path: Option<&str>| JournalSettings {
            path: path.map(PathBuf::from),
            durability: super::super::Durability::Full,
            retention: std::time::Duration::ZERO,
            max_size: 0,
        };
        let elsewhere = says(Some("data/j.db"));
        project.remember_journal(&elsewhere).unwrap();
        assert_eq!(project.journal_path(None), folder.path().join("data/j.db"));
        // One command's `--journal` leaves the note alone.
        let by_hand = Project { journal_override: Some("/x/j.db".into()), ..project.clone() };
        by_hand.remember_journal(&says(None)).unwrap();
        assert_eq!(
            (by_hand.journal_path(None), project.journal_path(None)),
            ("/x/j.db".into(), folder.path().join("data/j.db"))
        );
        project.remember_journal(&says(None)).unwrap();
        assert_eq!(project.journal_path(None), default);
    }
}
