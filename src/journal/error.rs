//! What can go wrong with a journal, in words with the cure.

use std::path::{Path, PathBuf};

/// What can go wrong with the journal, and what to do about it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// The folder or file cannot be made or opened.
    #[error("cannot open the journal {path}: {cause}")]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why, with the cure where one is known.
        cause: String,
    },
    /// The file is of a version this program cannot work with.
    #[error("the journal {path} is of version {found}, this program knows {known}; {cure}")]
    Version {
        /// Which file.
        path: PathBuf,
        /// `user_version` found.
        found: i64,
        /// Newest version known here.
        known: i64,
        /// "restart pid 123" or "use a newer hooktui".
        cure: String,
    },
    /// The file is not where it was opened any more, or another one is.
    #[error("the journal {0} was removed or replaced while in use; start hooktui again")]
    Gone(PathBuf),
    /// As [`JournalError::Gone`], of the dispatcher lock.
    #[error("the dispatcher lock {0} was removed or replaced while in use; it is taken anew")]
    LockGone(PathBuf),
    /// The disk is full.
    #[error("the disk is full: nothing was stored; free some space where the journal lies{}", place(.0.as_deref()))]
    DiskFull(Option<PathBuf>),
    /// Another process kept the journal busy beyond the busy time-out.
    #[error("the journal stayed busy for 5 s: another process holds it; try again")]
    Busy,
    /// The lease is not this process's any more: another dispatcher has taken over.
    #[error("another dispatcher has taken over")]
    Superseded,
    /// Any other failure of SQLite.
    #[error("the journal failed: {0}")]
    Sqlite(String),
    /// A filter asks for what a list does not have.
    #[error("{0}")]
    Filter(String),
    /// The writer has ended.
    #[error("the journal is closed")]
    Closed,
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull(None),
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Self::Busy,
            code => match code.and_then(cure) {
                Some(cure) => Self::Sqlite(format!("{error}; {cure}")),
                None => Self::Sqlite(error.to_string()),
            },
        }
    }
}

/// What a person can do about a failure of SQLite.
const fn cure(code: rusqlite::ErrorCode) -> Option<&'static str> {
    use rusqlite::ErrorCode;
    match code {
        ErrorCode::NotADatabase => Some("move that file away, or give another with --journal"),
        ErrorCode::DatabaseCorrupt => Some("bring a copy back, or move the file away and begin anew"),
        ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => {
            Some("see that it, its -wal, its -shm and their folder can be written by this user")
        }
        ErrorCode::SystemIoFailure => Some("see what the system says of the disk that holds it, then try again"),
        _ => None,
    }
}

impl JournalError {
    /// What SQLite says of a file at opening it, with its name.
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::Sqlite(cause) => Self::Open { path: path.to_owned(), cause },
            Self::DiskFull(None) => Self::DiskFull(Some(path.to_owned())),
            other => other,
        }
    }

    /// What SQLite says of a file that is open, with its name.
    pub(super) fn of(self, path: &Path) -> Self {
        match self {
            Self::Sqlite(cause) => Self::Sqlite(format!("{}: {cause}", path.display())),
            Self::DiskFull(None) => Self::DiskFull(Some(path.to_owned())),
            other => other,
        }
    }
}

fn place(path: Option<&Path>) -> String {
    path.map(|path| format!(": {}", path.display())).unwrap_or_default()
}
