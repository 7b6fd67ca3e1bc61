//! Panics are written down in `<state directory>/log`: they are bugs of this program, and under the console the thread
//! that has one has no screen to tell it on. What happens in the ordinary way is in the journal's own log.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};

use crate::config::Project;

/// A log that has grown beyond this is emptied when it is next begun with.
const MOST: u64 = 1 << 20;

/// Where panics go: this process has one project at a time.
static LOG: Mutex<Option<PathBuf>> = Mutex::new(None);
static HOOK: Once = Once::new();

/// From here on a panic of any thread is written to the project's log, and then told as before. The file is made by the
/// first panic; one that is too large is emptied now.
pub fn keep(project: &Project) {
    let path = project.state_dir().join("log");
    if path.metadata().is_ok_and(|known| known.len() > MOST) {
        // One that stays too large is no reason not to deliver.
        let _ = File::options().write(true).truncate(true).open(&path);
    }
    if let Ok(mut log) = LOG.lock() {
        *log = Some(path);
    }
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // Where not even this can be written there is nobody left to tell.
            let _ = write(info);
            before(info);
        }));
    });
}

fn write(info: &PanicHookInfo<'_>) -> io::Result<()> {
    let Some(path) = LOG.lock().ok().and_then(|log| log.clone()) else { return Ok(()) };
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("unnamed");
    // One line each, and nothing in it that would steer the terminal of whoever reads it.
    let text = info.to_string().escape_debug().to_string();
    append(&path, &format!("{} thread {name}: {text}\n", jiff::Timestamp::now()))
}

/// One write, so that the lines of two processes do not mix.
fn append(path: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)?.write_all(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_panic_of_a_thread_is_a_line_of_a_private_log_that_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::at(folder.path());
        let log = project.state_dir().join("log");
        std::fs::create_dir(project.state_dir()).unwrap();
        std::fs::write(&log, vec![b'x'; usize::try_from(MOST).unwrap() + 1]).unwrap();
        keep(&project);
        assert_eq!(std::fs::read(&log).unwrap(), b"", "it had grown too large");

        std::fs::remove_file(&log).unwrap();
        let thread = std::thread::Builder::new().name("engine".to_owned()).spawn(|| panic!("all \x1b[2J\nis lost"));
        assert!(thread.unwrap().join().is_err());
        let text = std::fs::read_to_string(&log).unwrap();
        let line = text.lines().find(|line| line.contains("is lost")).expect("the panic");
        assert!(line.contains("thread engine: panicked at ") && line.contains(r"all \u{1b}[2J\nis lost"), "{line}");
        assert_eq!(log.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
