//! The program in a terminal of its own, with the time at which each thing was seen on its screen.

use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::Screen;

use crate::{Result, go_on};

/// Columns and lines: the most that there is to draw.
pub const SIZE: (u16, u16) = (200, 50);

/// What is not seen by then is not seen.
const PATIENCE: Duration = Duration::from_secs(30);

struct Seen {
    parser: vt100::Parser,
    at: Instant,
    ended: bool,
}

type Shared = Arc<(Mutex<Seen>, Condvar)>;

/// A terminal with the program in it, which is killed when this is dropped.
pub struct Terminal {
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    shared: Shared,
    /// When the program was started.
    pub started: Instant,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts the console in this directory.
    pub fn start(root: &Path) -> Result<Self> {
        let (columns, rows) = SIZE;
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).map_err(text)?;
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hooktui"));
        command.cwd(root);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env_remove("NO_COLOR");
        let parser = vt100::Parser::new(rows, columns, 0);
        let started = Instant::now();
        let shared = Arc::new((Mutex::new(Seen { parser, at: started, ended: false }), Condvar::new()));
        let mut output = pair.master.try_clone_reader().map_err(text)?;
        let told = Arc::clone(&shared);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                let length = output.read(&mut buffer).unwrap_or(0);
                let mut seen = lock(&told);
                seen.at = Instant::now();
                seen.ended = length == 0;
                if let Some(bytes) = buffer.get(..length) {
                    seen.parser.process(bytes);
                }
                told.1.notify_all();
                if length == 0 {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().map_err(text)?;
        let child = pair.slave.spawn_command(command).map_err(text)?;
        Ok(Self { keys, child, shared, started, _master: pair.master })
    }

    /// Its process.
    pub fn pid(&self) -> Option<u32> {
        self.child.process_id()
    }

    /// Waits until the screen is as asked. When that was seen.
    pub fn wait(&self, what: &str, is_there: impl Fn(&Screen) -> bool) -> Result<Instant> {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = lock(&self.shared);
        loop {
            if is_there(seen.parser.screen()) {
                return Ok(seen.at);
            }
            go_on()?;
            if seen.ended || Instant::now() > deadline {
                return Err(format!("waited in vain for {what}; the screen:\n{}", seen.parser.screen().contents()));
            }
            let waited = self.shared.1.wait_timeout(seen, Duration::from_millis(50));
            seen = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Looks at the screen.
    pub fn look<T>(&self, look: impl Fn(&Screen) -> T) -> T {
        look(lock(&self.shared).parser.screen())
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) -> Result<()> {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).map_err(text)
    }

    /// Presses keys; how long it took until the screen was as asked.
    pub fn answer(&mut self, keys: &str, is_there: impl Fn(&Screen) -> bool) -> Result<Duration> {
        // A frame comes in parts: what the keys before these changed may only half be there.
        self.wait(&format!("a screen that {keys:?} changes"), |screen| !is_there(screen))?;
        let pressed = Instant::now();
        self.press(keys)?;
        let seen = self.wait(&format!("the effect of {keys:?}"), is_there)?;
        Ok(seen.saturating_duration_since(pressed))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, Seen> {
    shared.0.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
