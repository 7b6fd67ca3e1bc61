//! Noticing that the file changed, however it is saved: written in place, renamed into place, deleted and made anew, made
//! for the first time, even when the whole directory comes and goes.
//!
//! The directory is watched, not the file: a watch on a file follows the old one when an editor saves by rename. What
//! happens below the directory (our own journal) wakes nobody. As events can be missed (network file systems, a directory
//! that was replaced), a look each second backs them up.

use std::fmt;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use tokio::sync::watch;
use tokio::time::Instant;

use super::Project;
use super::project::FILES;

/// Saves come in several steps; a change is told once it has been quiet for so long.
const QUIET: Duration = Duration::from_millis(100);
/// How often to look whether an event was missed.
const LOOK: Duration = Duration::from_secs(1);

/// Watches the file of one project. A change may be told twice; compare [`super::Loaded::digest`].
pub struct Watcher {
    root: PathBuf,
    events: Option<Debouncer<RecommendedWatcher, RecommendedCache>>,
    told: watch::Sender<()>,
    changes: watch::Receiver<()>,
    seen: Seen,
    next_look: Instant,
}

/// What a look compares.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// Device and inode of the directory.
    directory: Option<(u64, u64)>,
    files: [Option<Stamp>; 2],
}

/// Changes whenever a file is written or replaced.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Watcher {
    /// Begins to watch. Never fails: where events cannot be had, the look each second remains.
    ///
    /// # Panics
    /// Outside of a Tokio runtime with time.
    #[must_use]
    pub fn new(project: &Project) -> Self {
        let (told, changes) = watch::channel(());
        let mut watcher = Self {
            root: project.root.clone(),
            events: None,
            told,
            changes,
            seen: Seen::now(&project.root),
            next_look: Instant::now() + LOOK,
        };
        watcher.subscribe();
        watcher
    }

    /// Returns when the file may have changed, or come, or gone. Can be dropped and called again without losing a change.
    pub async fn changed(&mut self) {
        loop {
            tokio::select! {
                // The sender lives in `self`, so this cannot fail.
                _ = self.changes.changed() => {
                    self.seen = Seen::now(&self.root);
                    return;
                }
                () = tokio::time::sleep_until(self.next_look) => {
                    self.next_look = Instant::now() + LOOK;
                    if self.look() {
                        return;
                    }
                }
            }
        }
    }

    /// Whether something changed that no event told.
    fn look(&mut self) -> bool {
        let now = Seen::now(&self.root);
        if now.directory != self.seen.directory || self.events.is_none() {
            self.subscribe();
        }
        let changed = now.files != self.seen.files;
        self.seen = now;
        changed
    }

    fn subscribe(&mut self) {
        let told = self.told.clone();
        let root = self.root.clone();
        let debouncer = new_debouncer(QUIET, Some(QUIET), move |result: DebounceEventResult| {
            // An error says that events were lost: better one look too many.
            let relevant = result.map_or(true, |events| events.iter().any(|event| concerns_us(&root, event)));
            if relevant {
                told.send_replace(());
            }
        });
        self.events = debouncer.ok().and_then(|mut debouncer| {
            debouncer.watch(&self.root, RecursiveMode::NonRecursive).ok()?;
            Some(debouncer)
        });
    }
}

/// Whether an event is about one of the two files. Reading them is none: we do that ourselves.
fn concerns_us(root: &Path, event: &notify::Event) -> bool {
    let ours =
        |path: &PathBuf| path == root || FILES.iter().any(|name| path.file_name().is_some_and(|file| file == *name));
    !event.kind.is_access() && event.paths.iter().any(ours)
}

impl Seen {
    fn now(root: &Path) -> Self {
        let directory = root.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()));
        let files = FILES.map(|name| root.join(name).metadata().ok().map(|metadata| Stamp::of(&metadata)));
        Self { directory, files }
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { inode: metadata.ino(), size: metadata.size(), modified: (metadata.mtime(), metadata.mtime_nsec()) }
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").field("root", &self.root).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Generous: it ends a test that would hang, it measures nothing.
    const PATIENCE: Duration = Duration::from_secs(20);

    async fn told_after(watcher: &mut Watcher, what: &str, change: impl FnOnce()) {
        change();
        tokio::time::timeout(PATIENCE, watcher.changed()).await.unwrap_or_else(|_| panic!("{what} was not noticed"));
        // Later steps of the same change are not the next one.
        watcher.changes.mark_unchanged();
        watcher.seen = Seen::now(&watcher.root);
    }

    #[tokio::test]
    async fn every_way_to_save_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(".ntm.yaml");
        let mut watcher = Watcher::new(&Project::at(directory.path()));
        told_after(&mut watcher, "a file that appears later", || fs::write(&file, "a: 1").unwrap()).await;
        told_after(&mut watcher, "writing in place", || fs::write(&file, "a: 22").unwrap()).await;
        told_after(&mut watcher, "renaming into place", || {
            let new = directory.path().join("new");
            fs::write(&new, "a: 333").unwrap();
            fs::rename(&new, &file).unwrap();
        })
        .await;
        told_after(&mut watcher, "deleting", || fs::remove_file(&file).unwrap()).await;
        told_after(&mut watcher, "making anew", || fs::write(&file, "a: 4444").unwrap()).await;
        told_after(&mut watcher, "the other name", || fs::write(directory.path().join(".ntm.yml"), "b").unwrap()).await;
    }

    #[tokio::test]
    async fn a_directory_that_goes_and_comes_back_is_watched_again() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("project");
        fs::create_dir(&root).unwrap();
        fs::write(root.join(".ntm.yaml"), "a: 1").unwrap();
        let mut watcher = Watcher::new(&Project::at(&root));
        told_after(&mut watcher, "the directory's end", || fs::remove_dir_all(&root).unwrap()).await;
        told_after(&mut watcher, "the directory's return", || {
            fs::create_dir(&root).unwrap();
            fs::write(root.join(".ntm.yaml"), "a: 22").unwrap();
        })
        .await;
    }

    #[test]
    fn reading_and_other_files_concern_nobody() {
        use notify::event::{AccessKind, CreateKind, EventKind, ModifyKind};

        let root = Path::new("/p");
        for (kind, path, concerns) in [
            (EventKind::Modify(ModifyKind::Any), "/p/.ntm.yaml", true),
            (EventKind::Create(CreateKind::File), "/p/.ntm.yml", true),
            (EventKind::Access(AccessKind::Any), "/p/.ntm.yaml", false),
            (EventKind::Modify(ModifyKind::Any), "/p/.hooktui", false),
            (EventKind::Modify(ModifyKind::Any), "/p/.ntm.yaml.swp", false),
            (EventKind::Create(CreateKind::File), "/p/notes.txt", false),
        ] {
            assert_eq!(concerns_us(root, &notify::Event::new(kind).add_path(path.into())), concerns, "{kind:?} {path}");
        }
    }
}
