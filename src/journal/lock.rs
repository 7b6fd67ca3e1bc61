//! The dispatcher lock: an OS lock on a file beside the journal, released by the kernel when its process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::JournalError;
use super::open::make_folder;
use super::opened::Opened;
use super::place::real;

/// Whoever asks [`DispatcherLock::is_held`] holds the lock for some microseconds: taking it looks again this often.
const LOOKS: u32 = 4;

/// Held by the one dispatcher of a journal.
#[derive(Debug)]
pub struct DispatcherLock {
    #[expect(dead_code, reason = "held, not read")]
    file: File,
    opened: Opened,
}

impl DispatcherLock {
    /// Takes the lock if it is free, and writes this process's id into its file.
    ///
    /// # Errors
    /// When the lock file cannot be made.
    pub fn try_take(journal: &Path) -> std::io::Result<Option<Self>> {
        let path = lock_path(journal);
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path)?;
        for look in 1..=LOOKS {
            match file.try_lock() {
                Ok(()) => {
                    file.set_len(0)?;
                    file.rewind()?;
                    write!(file, "{}", std::process::id())?;
                    let opened = Opened::of(&path, &file.metadata()?);
                    return Ok(Some(Self { file, opened }));
                }
                Err(TryLockError::WouldBlock) if look < LOOKS => std::thread::sleep(Duration::from_millis(1)),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Whether its file lies where it was opened: otherwise another process can take the lock as well.
    ///
    /// # Errors
    /// [`JournalError::LockGone`].
    pub fn in_place(&self) -> Result<(), JournalError> {
        if self.opened.is_in_place() { Ok(()) } else { Err(JournalError::LockGone(self.opened.path.clone())) }
    }

    /// Whether some process holds it (this one included).
    #[must_use]
    pub fn is_held(journal: &Path) -> bool {
        File::open(lock_path(journal)).is_ok_and(|file| is_locked(&file))
    }

    /// The id of the process that holds it, if one does.
    #[must_use]
    pub fn holder(journal: &Path) -> Option<u32> {
        let mut file = File::open(lock_path(journal)).ok()?;
        if !is_locked(&file) {
            return None;
        }
        let mut text = String::new();
        file.read_to_string(&mut text).ok()?;
        text.trim().parse().ok()
    }
}

/// A shared lock is enough to find out, and lets others ask at the same time.
fn is_locked(file: &File) -> bool {
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// `.hooktui/lock` for a project's own journal, else the journal's path with `.lock` behind it.
fn lock_path(journal: &Path) -> PathBuf {
    let journal = real(journal);
    let own = journal.file_name().is_some_and(|name| name == "journal.db")
        && journal.parent().and_then(Path::file_name).is_some_and(|name| name == ".hooktui");
    if own {
        return journal.with_file_name("lock");
    }
    let mut name = journal.into_os_string();
    name.push(".lock");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_one_holds_it_and_its_pid_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join(".hooktui/journal.db");
        assert!(!DispatcherLock::is_held(&journal));
        assert_eq!(DispatcherLock::holder(&journal), None);
        let held = DispatcherLock::try_take(&journal).unwrap().unwrap();
        assert!(folder.path().join(".hooktui/lock").exists());
        assert!(DispatcherLock::try_take(&journal).unwrap().is_none());
        assert!(DispatcherLock::is_held(&journal));
        assert_eq!(DispatcherLock::holder(&journal), Some(std::process::id()));
        held.in_place().unwrap();
        std::fs::remove_file(folder.path().join(".hooktui/lock")).unwrap();
        assert!(matches!(held.in_place(), Err(JournalError::LockGone(_))));
        drop(held);
        assert!(!DispatcherLock::is_held(&journal));
        assert_eq!(DispatcherLock::holder(&journal), None);
        assert!(DispatcherLock::try_take(&journal).unwrap().is_some());
    }

    #[test]
    fn a_moved_journal_has_its_lock_beside_it() {
        assert_eq!(lock_path(Path::new("/x/my.db")), Path::new("/x/my.db.lock"));
        assert_eq!(lock_path(Path::new("/x/journal.db")), Path::new("/x/journal.db.lock"));
    }
}
