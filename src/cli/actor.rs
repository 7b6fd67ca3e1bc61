//! Who acts by hand: `user@host`, as the log names it and as undo knows one's own acts.

use crate::journal::Actor;

/// This user on this machine.
#[must_use]
pub fn current() -> Actor {
    let user = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
    let user = user.unwrap_or_else(|| format!("uid{}", rustix::process::getuid().as_raw()));
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    Actor(format!("{user}@{host}"))
}
