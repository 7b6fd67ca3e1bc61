//! Where a journal really lies.

use std::path::{Path, PathBuf};

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
