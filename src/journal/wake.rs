//! The wake-up: a datagram to the dispatcher's socket beside the journal (or in `$XDG_RUNTIME_DIR` where the path would
//! be too long for a socket).

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::net::UnixDatagram;

/// "The journal changed."
const NUDGE: &[u8] = b"!";
/// "Are you there?" Answered with the same byte.
const PING: &[u8] = b"?";
/// The kernel takes 107 bytes (103 on macOS), and a reply socket's name is a little longer than the wake socket's.
const LONGEST_PATH: usize = 90;

/// Tells the dispatcher of this journal, if there is one, that the journal changed. Never waits; a lost nudge is made
/// good by the dispatcher's look each second.
pub fn nudge(journal: &Path) {
    let Ok(socket) = net::UnixDatagram::unbound() else { return };
    if socket.set_nonblocking(true).is_ok() {
        // Nobody there is the ordinary case: most commands run without a dispatcher.
        let _ = socket.send_to(NUDGE, socket_path(journal));
    }
}

/// Whether the dispatcher of this journal answers within `patience`. Blocks for that long at most.
#[must_use]
pub fn responds(journal: &Path, patience: Duration) -> bool {
    let target = socket_path(journal);
    let mut name = OsString::from(&target);
    name.push(format!(".{}-{:x}", std::process::id(), fastrand::u16(..)));
    let reply = Unlinked(PathBuf::from(name));
    let Ok(socket) = net::UnixDatagram::bind(&reply.0) else { return false };
    let asked = socket
        .set_read_timeout(Some(patience.max(Duration::from_millis(1))))
        .and_then(|()| socket.set_write_timeout(Some(patience.max(Duration::from_millis(1)))))
        .and_then(|()| socket.send_to(PING, &target));
    asked.is_ok() && socket.recv(&mut [0; 1]).is_ok()
}

/// The dispatcher's end of the socket; its file goes with it.
#[derive(Debug)]
pub struct WakeSocket {
    socket: UnixDatagram,
    _file: Unlinked,
}

impl WakeSocket {
    /// Binds it, replacing a stale one. Only the holder of the dispatcher lock may call this, inside a runtime.
    ///
    /// # Errors
    /// When the socket cannot be bound.
    pub fn bind(journal: &Path) -> std::io::Result<Self> {
        let path = socket_path(journal);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = UnixDatagram::bind(&path)?;
        Ok(Self { socket, _file: Unlinked(path) })
    }

    /// Waits for a nudge, answering "are you there" by itself. Nudges that came meanwhile count as one.
    pub async fn nudged(&self) {
        let mut byte = [0; 1];
        loop {
            match self.socket.recv_from(&mut byte).await {
                Ok((_, from)) if byte == PING => {
                    if let Some(path) = from.as_pathname() {
                        let _ = self.socket.try_send_to(PING, path);
                    }
                }
                Ok(_) => return self.forget_more_nudges(),
                // A socket that fails leaves the look each second; spinning on it would help nobody.
                Err(_) => return std::future::pending().await,
            }
        }
    }

    fn forget_more_nudges(&self) {
        let mut byte = [0; 1];
        while let Ok((_, from)) = self.socket.try_recv_from(&mut byte) {
            if byte == PING
                && let Some(path) = from.as_pathname()
            {
                let _ = self.socket.try_send_to(PING, path);
            }
        }
    }
}

/// A socket's file, removed when its owner is done.
#[derive(Debug)]
struct Unlinked(PathBuf);

impl Drop for Unlinked {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn socket_path(journal: &Path) -> PathBuf {
    let mut beside = journal.as_os_str().to_owned();
    beside.push(".wake");
    if beside.len() <= LONGEST_PATH {
        return beside.into();
    }
    // One file may be reached by several paths: all must lead to one socket.
    let real = journal.canonicalize().unwrap_or_else(|_| journal.to_owned());
    let digest = Sha256::digest(real.as_os_str().as_bytes());
    let name = digest.first_chunk().copied().map_or(0, u64::from_be_bytes);
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    folder.join(format!("hooktui-{name:016x}.wake"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
    }

    #[test]
    fn a_nudge_reaches_the_dispatcher_and_none_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal.db");
        nudge(&journal);
        runtime().block_on(async {
            let socket = WakeSocket::bind(&journal).unwrap();
            nudge(&journal);
            nudge(&journal);
            socket.nudged().await;
        });
    }

    #[test]
    fn a_ping_is_answered_only_while_a_dispatcher_listens() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal.db");
        assert!(!responds(&journal, Duration::from_secs(5)));
        runtime().block_on(async {
            let socket = WakeSocket::bind(&journal).unwrap();
            let asked = journal.clone();
            let answer = tokio::task::spawn_blocking(move || responds(&asked, Duration::from_secs(5)));
            tokio::select! {
                () = socket.nudged() => panic!("a ping is not a nudge"),
                answer = answer => assert!(answer.unwrap()),
            }
        });
        assert!(!responds(&journal, Duration::from_secs(5)), "its file is gone with it");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_stale_socket_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal.db");
        drop(net::UnixDatagram::bind(socket_path(&journal)).unwrap());
        runtime().block_on(async {
            let socket = WakeSocket::bind(&journal).unwrap();
            nudge(&journal);
            socket.nudged().await;
        });
    }

    #[test]
    fn a_path_too_long_for_a_socket_moves_it_elsewhere() {
        let long = Path::new("/tmp").join("x".repeat(120)).join("journal.db");
        let path = socket_path(&long);
        assert!(path.as_os_str().len() <= 107, "{path:?}");
        assert_ne!(path, socket_path(&long.with_file_name("other.db")));
    }
}
