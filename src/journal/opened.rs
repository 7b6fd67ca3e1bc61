//! Files that are open: whether they still lie where they were opened. Who removes or replaces one does not close it, and what
//! is written to it then nobody finds.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::ops::{Deref, DerefMut};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

/// A file that was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub path: PathBuf,
    /// Device and inode.
    id: (u64, u64),
}

impl Opened {
    /// The file opened at this path, by what the system says of the open file.
    pub fn of(path: &Path, file: &Metadata) -> Self {
        Self { path: path.to_owned(), id: id(file) }
    }

    /// Whether it lies there still. Where nobody can look it is taken to.
    pub fn is_in_place(&self) -> bool {
        match self.path.metadata() {
            Ok(there) => id(&there) == self.id,
            Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
        }
    }
}

/// A connection to a journal.
#[derive(Debug)]
pub(super) struct Link {
    conn: Connection,
    pub file: Arc<Opened>,
}

impl Link {
    /// Over a connection to this file.
    pub fn new(conn: Connection, file: Opened) -> Self {
        Self { conn, file: Arc::new(file) }
    }
}

impl Deref for Link {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.conn
    }
}

impl DerefMut for Link {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.conn
    }
}

/// SQLite deletes the log by its name when the last connection is closed. By then that may be the name of another journal's.
impl Drop for Link {
    fn drop(&mut self) {
        if !self.file.is_in_place() {
            let _ = self.conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        }
    }
}

fn id(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_removed_moved_or_replaced_is_not_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&path, "").unwrap();
        let opened = Opened::of(&path, &path.metadata().unwrap());
        assert!(opened.is_in_place());
        std::fs::rename(&path, &elsewhere).unwrap();
        assert!(!opened.is_in_place(), "moved");
        std::fs::write(&path, "").unwrap();
        assert!(!opened.is_in_place(), "replaced");
        std::fs::rename(&elsewhere, &path).unwrap();
        assert!(opened.is_in_place(), "back");
    }
}
