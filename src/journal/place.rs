//! Where a project's journal is, and where it really lies.

use std::path::{Path, PathBuf};

use crate::config::{JournalSettings, Project};

use super::Reader;
use super::lock::DispatcherLock;

/// The journal that a project uses now: the one that its file says, except while a dispatcher still works in the one that
/// was used before. What comes in, and who looks, goes where something is delivered.
#[must_use]
pub fn in_use(project: &Project, settings: Option<&JournalSettings>) -> PathBuf {
    match before(project, settings) {
        Some(before) if DispatcherLock::is_held(&before) => before,
        _ => project.journal_path(settings),
    }
}

/// The journal that was used before, where the file names another one now: it is the one that the project remembers.
pub(super) fn before(project: &Project, settings: Option<&JournalSettings>) -> Option<PathBuf> {
    let (said, remembered) = (project.journal_path(settings), project.journal_path(None));
    (real(&said) != real(&remembered)).then_some(remembered)
}

/// What waits in the journal that was used before and that nobody works in any more; in words, as nothing else tells of it.
#[must_use]
pub fn left_behind(project: &Project, settings: Option<&JournalSettings>) -> Option<String> {
    let before = before(project, settings).filter(|before| !DispatcherLock::is_held(before))?;
    let endpoints = Reader::if_there(&before).ok()??.endpoints().ok()?;
    let waiting: u64 =
        endpoints.iter().map(|row| row.counts.queued + row.counts.scheduled + row.counts.in_flight).sum();
    (waiting > 0).then(|| {
        let before = before.display();
        let wait = if waiting == 1 { "1 delivery waits".to_owned() } else { format!("{waiting} deliveries wait") };
        format!(
            "the journal has moved: {wait} in {before}, which is no longer used; \
             `hooktui run --until-idle --journal {before}` delivers what can be"
        )
    })
}

/// The path without links and detours. One journal may be reached by several paths: its log, its lock and its socket lie
/// beside the file itself, whichever of them a process was given.
pub(super) fn real(journal: &Path) -> PathBuf {
    if let Ok(real) = journal.canonicalize() {
        return real;
    }
    // It is not there yet; its folder may be.
    let folder = journal.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (folder.canonicalize(), journal.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => journal.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_to_a_journal_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("a")).unwrap();
        std::os::unix::fs::symlink("a", root.join("b")).unwrap();
        std::os::unix::fs::symlink("a/journal.db", root.join("link.db")).unwrap();
        let journal = root.join("a/journal.db");
        for there in [false, true] {
            assert_eq!(real(&root.join("b/journal.db")), journal);
            assert_eq!(real(&root.join("a/../b/journal.db")), journal);
            if there {
                assert_eq!(real(&root.join("link.db")), journal);
            } else {
                std::fs::write(&journal, "").unwrap();
            }
        }
        let nowhere = root.join("c/journal.db");
        assert_eq!(real(&nowhere), nowhere);
    }
}
