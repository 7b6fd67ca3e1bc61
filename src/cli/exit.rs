//! How a command ends: the exit codes of the contract, and the one clear line of a failure.

use std::io;
use std::process::ExitCode;

use crate::journal::JournalError;

/// Exit codes; their numbers are part of the contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done = 0,
    /// 1: failed.
    Failed = 1,
    /// 2: wrong usage; nothing was done.
    Usage = 2,
    /// 3: deliveries that were waited for ended dead.
    Dead = 3,
    /// 4: the wait elapsed, or nobody dispatches.
    Waiting = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended before its time: one line that says what happened and the cure.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Failure {
    /// What the process exits with.
    pub exit: Exit,
    /// `what; cure`, free of secrets.
    pub text: String,
}

/// What every command returns.
pub type Outcome = Result<Exit, Failure>;

impl Failure {
    /// Exit 1.
    pub fn failed(text: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, text: text.into() }
    }

    /// Exit 2.
    pub fn usage(text: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, text: text.into() }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::failed(format!("cannot write: {error}"))
    }
}
