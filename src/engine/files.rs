//! The file while the engine runs: what each reading of it means, and what is in force.

use std::sync::Arc;

use crate::config::{self, Config, Env, Loaded, Problem, Project, Severity, Watcher};
use crate::event::Millis;

use super::FileStatus;
use super::clock::Clock;

/// A file that could not be applied is tried again so much later.
const RETRY: Millis = 1_000;

/// A good file that drops to no endpoints is taken only if it still says so this much later.
const SECOND_LOOK: Millis = 2_000;

/// What a reading means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// It is what is in force already.
    Same,
    /// It is applied.
    Apply,
    /// It does not count: there is something wrong with it.
    Bad,
    /// It is missing or empty, which never replaces a good one.
    Blank,
    /// It has no endpoints any more: looked at again at this time.
    LookAgain(Millis),
}

/// Decides. `emptied` is when this same content, without endpoints, was first seen.
fn decide(
    in_force: Option<&Config>,
    applied: Option<[u8; 32]>,
    loaded: &Loaded,
    emptied: Millis,
    now: Millis,
) -> Decision {
    let Some(config) = &loaded.config else {
        return if loaded.blank { Decision::Blank } else { Decision::Bad };
    };
    let drops = config.endpoints.is_empty() && in_force.is_some_and(|before| !before.endpoints.is_empty());
    match () {
        () if loaded.blank => Decision::Blank,
        () if applied == Some(loaded.digest) => Decision::Same,
        () if drops && now < emptied.saturating_add(SECOND_LOOK) => Decision::LookAgain(emptied + SECOND_LOOK),
        () => Decision::Apply,
    }
}

/// Watches a project's file.
pub(super) struct Files {
    project: Project,
    env: Env,
    clock: Clock,
    watcher: Watcher,
    status: FileStatus,
    applied: Option<[u8; 32]>,
    /// The digest of what [`Files::good`] answers with.
    good: Option<[u8; 32]>,
    emptied: Option<([u8; 32], Millis)>,
    look_at: Option<Millis>,
    told: Vec<Problem>,
}

impl Files {
    /// Begins to watch.
    pub fn new(project: Project, env: Env, clock: Clock) -> Self {
        Self {
            watcher: Watcher::new(&project),
            project,
            env,
            clock,
            status: FileStatus::default(),
            applied: None,
            good: None,
            emptied: None,
            look_at: None,
            told: Vec::new(),
        }
    }

    /// What is known of the file.
    pub const fn status(&self) -> &FileStatus {
        &self.status
    }

    /// The configuration that is good, whether or not it was applied yet.
    pub fn good(&self) -> Option<Arc<Config>> {
        self.status.config.clone()
    }

    /// Notes that a configuration is in force.
    pub fn applied(&mut self, config: Arc<Config>, now: Millis) {
        self.applied = self.good;
        self.status.config = Some(config);
        self.status.applied_at = Some(now);
    }

    /// The journal did not take what is good: it is offered again soon.
    pub fn not_applied(&mut self, now: Millis) {
        self.look_at = Some(now.saturating_add(RETRY));
    }

    /// Nothing is in force any more: the engine has let go of the lock.
    pub fn let_go(&mut self) {
        self.status.applied_at = None;
    }

    /// Errors of the newest reading that were not told yet, for the log.
    pub fn take_problems(&mut self) -> Vec<String> {
        let errors: Vec<Problem> =
            self.status.problems.iter().filter(|problem| problem.severity == Severity::Error).cloned().collect();
        let new = errors.iter().filter(|problem| !self.told.contains(problem));
        let new = new.map(|problem| format!("not applied: {}", problem.in_project())).collect();
        self.told = errors;
        new
    }

    /// Waits until the file was read anew; answers with what is to be applied, if anything is. May be dropped and called
    /// again at any time.
    pub async fn next(&mut self) -> Option<Arc<Config>> {
        tokio::select! {
            () = self.watcher.changed() => {}
            () = self.clock.sleep_until(self.look_at.unwrap_or(Millis::MAX)) => {}
        }
        self.read()
    }

    /// Reads the file now; answers with what is to be applied, if anything is.
    pub fn read(&mut self) -> Option<Arc<Config>> {
        let now = self.clock.now();
        let loaded = config::load(&self.project, &self.env);
        let emptied = match self.emptied {
            Some((digest, at)) if digest == loaded.digest => at,
            _ => now,
        };
        self.emptied = Some((loaded.digest, emptied));
        let name = loaded.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let decision = decide(self.status.config.as_deref(), self.applied, &loaded, emptied, now);
        self.look_at = None;
        self.status.banner = None;
        let in_force = self.status.config.is_some();
        self.status.problems = loaded.problems;
        match decision {
            Decision::Same | Decision::Bad => {}
            Decision::Apply => {
                self.good = Some(loaded.digest);
                self.status.config.clone_from(&loaded.config);
                return loaded.config;
            }
            Decision::Blank if in_force => {
                self.status.banner = Some(format!("{name} is empty or gone: the last good one stays in force"));
            }
            Decision::Blank => {
                self.status.banner =
                    Some(format!("{name} is empty or missing: nothing is delivered until it is there"));
            }
            Decision::LookAgain(at) => {
                self.look_at = Some(at);
                self.status.banner =
                    Some(format!("{name} has no endpoints any more: taken if it still says so in 2 s"));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::ManualClock;
    use super::*;

    const NOW: Millis = 1_000_000;

    fn loaded(text: Option<&str>) -> Loaded {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::at(folder.path());
        if let Some(text) = text {
            std::fs::write(&project.file, text).unwrap();
        }
        config::load(&project, &Env::Fixed(std::collections::BTreeMap::new()))
    }

    const ONE: &str = "webhooks: [{name: ops, url: 'https://ops.example.com/'}]";
    const NONE: &str = "webhooks: []";

    #[test]
    fn what_each_reading_means() {
        let before = loaded(Some(ONE)).config.unwrap();
        let same = Some(loaded(Some(ONE)).digest);
        let table = [
            ("a first good one", None, None, Some(ONE), Decision::Apply),
            ("a good one without endpoints at the start", None, None, Some(NONE), Decision::Apply),
            ("an empty one at the start", None, None, Some(""), Decision::Blank),
            ("none at the start", None, None, None, Decision::Blank),
            ("a broken one at the start", None, None, Some("webhooks: {"), Decision::Bad),
            ("the same again", Some(&before), same, Some(ONE), Decision::Same),
            ("another good one", Some(&before), Some([0; 32]), Some(ONE), Decision::Apply),
            ("a broken one", Some(&before), same, Some("webhooks: {"), Decision::Bad),
            ("an empty one never replaces a good one", Some(&before), same, Some(" \n# nothing\n"), Decision::Blank),
            ("nor does a deleted one", Some(&before), same, None, Decision::Blank),
            ("one that drops to no endpoints", Some(&before), same, Some(NONE), Decision::LookAgain(NOW + 2_000)),
        ];
        for (what, in_force, applied, text, expected) in table {
            let decision = decide(in_force.map(|config| &**config), applied, &loaded(text), NOW, NOW);
            assert_eq!(decision, expected, "{what}");
        }
    }

    #[test]
    fn a_good_one_without_endpoints_is_taken_after_a_second_look() {
        let before = loaded(Some(ONE)).config.unwrap();
        let empty = loaded(Some(NONE));
        for (later, expected) in [(1_999, Decision::LookAgain(NOW + 2_000)), (2_000, Decision::Apply)] {
            assert_eq!(decide(Some(&before), Some([0; 32]), &empty, NOW, NOW + later), expected, "{later} ms later");
        }
    }

    /// A project with this file, watched on a clock that stands still.
    struct Watched {
        _folder: tempfile::TempDir,
        path: std::path::PathBuf,
        clock: ManualClock,
        files: Files,
    }

    impl Watched {
        fn new(text: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let project = Project::at(folder.path());
            std::fs::write(&project.file, text).unwrap();
            let clock = ManualClock::at(NOW);
            let env = Env::Fixed(std::collections::BTreeMap::new());
            let path = project.file.clone();
            let files = Files::new(project, env, Clock::Manual(clock.clone()));
            Self { _folder: folder, path, clock, files }
        }

        /// In force: its first reading.
        fn applied(text: &str) -> Self {
            let mut watched = Self::new(text);
            let config = watched.files.read().unwrap();
            watched.files.applied(config, NOW);
            watched
        }

        fn save(&mut self, text: &str) -> Option<Arc<Config>> {
            std::fs::write(&self.path, text).unwrap();
            self.files.read()
        }
    }

    #[tokio::test]
    async fn a_bad_save_keeps_the_good_one_and_is_told_once() {
        let mut watched = Watched::applied(ONE);
        assert!(watched.save("webhooks:\n  - name: ops\n    url: nonsense\n").is_none());
        assert!(watched.files.good().is_some());
        let told = watched.files.take_problems();
        assert!(told.iter().any(|line| line.contains(".ntm.yaml:3")), "{told:?}");
        watched.files.read();
        assert!(watched.files.take_problems().is_empty());
        assert!(watched.save(ONE).is_none(), "it is in force already");
        assert!(watched.files.status().problems.is_empty());
    }

    #[tokio::test]
    async fn what_was_wrong_with_a_file_is_not_said_of_the_empty_one_after_it() {
        for empty in ["", NONE] {
            let mut watched = Watched::applied(ONE);
            watched.save("webhooks: [{name: ops}]");
            assert!(!watched.files.status().problems.is_empty());
            assert!(watched.save(empty).is_none());
            assert!(watched.files.status().problems.is_empty() && watched.files.status().banner.is_some(), "{empty:?}");
        }
    }

    #[tokio::test]
    async fn what_the_journal_did_not_take_is_offered_again() {
        let mut watched = Watched::applied(ONE);
        let other = ONE.replace("/'", "/other'");
        assert!(watched.save(&other).is_some());
        watched.files.not_applied(NOW);
        watched.clock.advance_to(NOW + RETRY);
        let config = watched.files.next().await.expect("the same again");
        watched.files.applied(config, NOW);
        assert!(watched.files.read().is_none());
    }

    /// A standby had seen the file without endpoints, and takes over before it has looked twice.
    #[tokio::test]
    async fn a_second_look_that_is_due_is_made_whoever_takes_over_meanwhile() {
        let mut watched = Watched::new(ONE);
        let config = watched.files.read().unwrap();
        assert!(watched.save(NONE).is_none());
        watched.files.applied(config, NOW);
        watched.clock.advance_to(NOW + SECOND_LOOK);
        assert!(watched.files.read().is_some_and(|config| config.endpoints.is_empty()));
    }
}
