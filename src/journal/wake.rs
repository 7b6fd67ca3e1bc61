//! The wake-up: a datagram to the dispatcher's socket beside the journal (or in `$XDG_RUNTIME_DIR` where the path would
//! be too long for a socket; a link beside the journal then says where).

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::net::UnixDatagram;

use super::place::real;

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
        let _ = socket.send_to(NUDGE, where_it_listens(journal));
    }
}

/// Whether the dispatcher of this journal answers within `patience`. Blocks for that long at most.
#[must_use]
pub fn responds(journal: &Path, patience: Duration) -> bool {
    let target = where_it_listens(journal);
    let mut name = OsString::from(&target);
    name.push(format!(".{}-{:x}", std::process::id(), fastrand::u16(..)));
    let reply = Unlinked(PathBuf::from(name));
    let Ok(socket) = net::UnixDatagram::bind(&reply.0) else { return false };
    // Whoever dispatches may be another user than the one who asks (sudo), and is to answer.
    let asked = std::fs::set_permissions(&reply.0, PermissionsExt::from_mode(0o666))
        .and_then(|()| socket.set_read_timeout(Some(patience.max(Duration::from_millis(1)))))
        .and_then(|()| socket.set_write_timeout(Some(patience.max(Duration::from_millis(1)))))
        .and_then(|()| socket.send_to(PING, &target));
    asked.is_ok() && socket.recv(&mut [0; 1]).is_ok()
}

/// The dispatcher's end of the socket; its files go with it.
#[derive(Debug)]
pub struct WakeSocket {
    socket: UnixDatagram,
    _file: Unlinked,
    _link: Option<Unlinked>,
}

impl WakeSocket {
    /// Binds it, replacing a stale one. Only the holder of the dispatcher lock may call this, inside a runtime.
    ///
    /// # Errors
    /// When the socket cannot be bound.
    pub fn bind(journal: &Path) -> std::io::Result<Self> {
        let beside = beside(journal);
        remove(&beside)?;
        if fits(&beside) {
            let socket = UnixDatagram::bind(&beside)?;
            return Ok(Self { socket, _file: Unlinked(beside), _link: None });
        }
        let elsewhere = elsewhere(&beside);
        remove(&elsewhere)?;
        let socket = UnixDatagram::bind(&elsewhere)?;
        let file = Unlinked(elsewhere);
        std::os::unix::fs::symlink(&file.0, &beside)?;
        Ok(Self { socket, _file: file, _link: Some(Unlinked(beside)) })
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

fn remove(stale: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(stale) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The socket's place beside the journal, measured as the journal really lies: one file may be reached by several paths,
/// and all must lead to one socket.
fn beside(journal: &Path) -> PathBuf {
    let mut path = real(journal).into_os_string();
    path.push(".wake");
    path.into()
}

fn fits(socket: &Path) -> bool {
    socket.as_os_str().len() <= LONGEST_PATH
}

/// A shorter path in its place.
fn elsewhere(beside: &Path) -> PathBuf {
    let digest = Sha256::digest(beside.as_os_str().as_bytes());
    let name = digest.first_chunk().copied().map_or(0, u64::from_be_bytes);
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    folder.join(format!("hooktui-{name:016x}.wake"))
}

/// Where to reach the dispatcher. Its environment may be another (cron, sudo): the link that it left is asked, not ours.
fn where_it_listens(journal: &Path) -> PathBuf {
    let beside = beside(journal);
    if fits(&beside) { beside } else { std::fs::read_link(&beside).unwrap_or(beside) }
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
        drop(net::UnixDatagram::bind(beside(&journal)).unwrap());
        runtime().block_on(async {
            let socket = WakeSocket::bind(&journal).unwrap();
            nudge(&journal);
            socket.nudged().await;
        });
    }

    #[test]
    fn a_path_too_long_for_a_socket_moves_it_elsewhere_and_a_link_says_where() {
        let folder = tempfile::tempdir().unwrap();
        let long = folder.path().join("x".repeat(120));
        std::fs::create_dir(&long).unwrap();
        let (journal, other) = (long.join("journal.db"), long.join("other.db"));
        for _stale in [false, true] {
            runtime().block_on(async {
                let socket = WakeSocket::bind(&journal).unwrap();
                let link = std::fs::read_link(long.join("journal.db.wake")).unwrap();
                assert!(link.as_os_str().len() <= 107, "{link:?}");
                assert_ne!(link, elsewhere(&beside(&other)));
                nudge(&journal);
                socket.nudged().await;
            });
            assert_eq!(std::fs::read_dir(&long).unwrap().count(), 0, "the link is gone with it");
            std::os::unix::fs::symlink("nowhere", long.join("journal.db.wake")).unwrap();
        }
    }

    #[test]
    fn a_long_way_round_and_a_link_lead_to_the_same_socket() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let long = root.join("x".repeat(120));
        std::fs::create_dir(&long).unwrap();
        std::os::unix::fs::symlink(&long, root.join("short")).unwrap();
        let round = root.join("short/../".repeat(20)).join("journal.db");
        for (bound, asked) in [("journal.db", round), ("short/journal.db", long.join("journal.db"))] {
            std::fs::write(root.join(bound), "").unwrap();
            runtime().block_on(async {
                let socket = WakeSocket::bind(&root.join(bound)).unwrap();
                nudge(&asked);
                socket.nudged().await;
            });
        }
    }
}
