//! The wake-up: a datagram to the dispatcher's socket beside the journal (or in `$XDG_RUNTIME_DIR` where the path would
//! be too long for a socket).

use std::path::Path;
use std::time::Duration;

/// Tells the dispatcher of this journal, if there is one, that the journal changed.
pub fn nudge(journal: &Path) {
    let _ = journal;
}

/// Whether the dispatcher of this journal answers within `patience`.
#[must_use]
pub fn responds(journal: &Path, patience: Duration) -> bool {
    let _ = (journal, patience);
    false
}

/// The dispatcher's end of the socket.
#[derive(Debug)]
pub struct WakeSocket {}

impl WakeSocket {
    /// Binds it, replacing a stale one. Only the holder of the dispatcher lock may call this.
    ///
    /// # Errors
    /// When the socket cannot be bound.
    pub fn bind(journal: &Path) -> std::io::Result<Self> {
        let _ = journal;
        Err(std::io::ErrorKind::Unsupported.into())
    }

    /// Waits for a nudge, answering "are you there" by itself.
    pub async fn nudged(&self) {
        std::future::pending::<()>().await;
    }
}
