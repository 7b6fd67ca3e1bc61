//! The file itself: modes, versions, several writers, a full disk, a kill at every step.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use super::support::{Bench, T0, all, check, event, revision, spec};
use crate::event::{Outcome, State};
use crate::journal::lock::DispatcherLock;
use crate::journal::*;

fn open(path: &Path) -> Journal {
    Journal::open(path, Durability::Normal, Role::Command).unwrap()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn folder_and_files_are_private_and_keep_out_of_version_control() {
    let bench = Bench::new(&["a"]);
    let folder = bench.path().parent().unwrap().to_owned();
    assert_eq!(mode(&folder), 0o700);
    for name in ["journal.db", "journal.db-wal", "journal.db-shm", "lock"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    assert_eq!(std::fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
}

#[test]
fn a_journal_elsewhere_leaves_its_folder_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    open(&folder.path().join("my.db"));
    assert!(!folder.path().join(".gitignore").exists());
    assert!(folder.path().join("my.db.lock").exists());
}

#[test]
fn reading_never_creates_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    assert!(matches!(Reader::open(&path), Err(JournalError::Open { .. })));
    assert!(!path.exists());
}

#[test]
fn a_journal_in_a_folder_whose_name_is_no_utf8_is_read_from_another_thread_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(OsStr::from_bytes(b"caf\xe9")).join("journal.db");
    let journal = open(&path);
    let reader = journal.reader().unwrap().another().unwrap();
    assert!(reader.room().unwrap().is_some());
    assert_eq!(reader.overview(T0).unwrap().endpoints.len(), 0);
}

#[test]
fn reading_waits_for_whoever_is_just_making_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    std::fs::File::create(&path).unwrap();
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| Reader::open(&path).unwrap().overview(T0).unwrap().endpoints.len());
        let journal = open(&path);
        assert_eq!(reader.join().unwrap(), 0);
        drop(journal);
    });
}

#[test]
fn a_journal_is_created_once_however_many_begin_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".hooktui/journal.db");
    let given = RouteBy::Given(Arc::new(revision(&["a"])));
    std::thread::scope(|scope| {
        for n in 0..4 {
            let (path, given) = (&path, given.clone());
            scope.spawn(move || {
                let submission = Submission::new(event(&format!("e{n}")));
                open(path).accept(vec![submission], given, T0).wait().unwrap().remove(0).unwrap();
            });
        }
    });
    assert_eq!(Reader::open(&path).unwrap().overview(T0).unwrap().endpoints[0].counts.queued, 4);
    check(&path);
}

#[test]
fn an_existing_journal_opens_while_a_dispatcher_holds_the_lock() {
    let bench = Bench::new(&["a"]);
    let _held = DispatcherLock::try_take(&bench.path()).unwrap().unwrap();
    let other = open(&bench.path());
    other.accept(vec![Submission::new(event("e1"))], RouteBy::Applied, T0).wait().unwrap()[0].as_ref().unwrap();
}

#[test]
fn an_empty_file_that_is_not_made_a_journal_is_told_with_who_holds_its_lock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    std::fs::File::create(&path).unwrap();
    let told = |path| Reader::open(path).unwrap_err().to_string();
    assert!(told(&path).ends_with("it is empty; `hooktui`, `hooktui run` and `hooktui emit` make a journal of it"));
    let _held = DispatcherLock::try_take(&path).unwrap().unwrap();
    let pid = std::process::id();
    assert!(
        told(&path)
            .ends_with(&format!("pid {pid}, which holds its lock, does not make it; end pid {pid}, then try again"))
    );
}

#[test]
fn nothing_is_promised_by_a_journal_that_was_removed_or_replaced() {
    let bench = Bench::new(&["a"]);
    let path = bench.path();
    let emit = |journal: &Journal| journal.accept(vec![Submission::new(event("e1"))], RouteBy::Applied, T0).wait();
    std::fs::rename(&path, path.with_extension("old")).unwrap();
    let words = emit(&bench.journal).unwrap_err().to_string();
    let told = format!("the journal {} was removed or replaced while in use; start hooktui again", path.display());
    assert_eq!(words, told);
    std::fs::write(&path, "").unwrap();
    assert!(matches!(emit(&bench.journal), Err(JournalError::Gone(_))), "another lies there");
    std::fs::rename(path.with_extension("old"), &path).unwrap();
    emit(&bench.journal).unwrap().remove(0).unwrap();
    bench.check();
}

#[test]
fn two_journals_write_at_once_and_neither_starves() {
    let bench = Bench::new(&["a"]);
    let busy = bench.journal.clone();
    let other = open(&bench.path());
    std::thread::scope(|scope| {
        for (journal, name) in [(&busy, "x"), (&other, "y")] {
            scope.spawn(move || {
                for n in 0..100 {
                    let submission = Submission::new(event(&format!("{name}{n}")));
                    journal.accept(vec![submission], RouteBy::Applied, T0).wait().unwrap().remove(0).unwrap();
                }
            });
        }
    });
    assert_eq!(bench.endpoint("a").counts.queued, 200);
    let changes: Vec<i64> = bench.reader().deliveries(Page::first(999)).unwrap().iter().map(|row| row.change).collect();
    assert!(changes.is_sorted_by(|newer, older| newer > older), "change numbers grow across processes");
    bench.check();
}

#[test]
fn what_one_process_commits_another_notices() {
    let bench = Bench::new(&["a"]);
    let reader = bench.reader();
    let before = reader.data_version().unwrap();
    let mut changes = bench.journal.changes();
    changes.mark_unchanged();
    open(&bench.path()).accept(vec![Submission::new(event("e1"))], RouteBy::Applied, T0).wait().unwrap()[0]
        .as_ref()
        .unwrap();
    assert_ne!(reader.data_version().unwrap(), before);
    assert!(!changes.has_changed().unwrap());
    bench.emit("e2");
    assert!(changes.has_changed().unwrap());
    assert_eq!(*changes.borrow_and_update(), reader.overview(T0).unwrap().change);
}

#[test]
fn a_full_disk_refuses_the_batch_and_the_writer_lives_on() {
    let bench = Bench::new(&["a"]);
    bench.emit("before");
    drop(bench.journal.writer.call(|tx| {
        let pages: i64 = tx.conn.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        let limit: i64 = tx.conn.query_row(&format!("PRAGMA max_page_count = {}", pages + 2), [], |row| row.get(0))?;
        assert!(limit > 0);
        Ok(())
    }));
    let mut large = event("large");
    large.message = "x".repeat(100_000);
    let answer =
        bench.journal.accept(vec![Submission::new(event("small")), Submission::new(large)], RouteBy::Applied, T0);
    let words = answer.wait().unwrap_err().to_string();
    assert!(words.starts_with("the disk is full: ") && words.ends_with(&*bench.path().to_string_lossy()), "{words}");
    assert!(bench.reader().event("small").unwrap().is_none(), "nothing of a failed commit is there");
    bench.run(Verdict::Delivered);
    assert_eq!(bench.delivery("before_a").row.state, State::Delivered);
    bench.check();
}

#[test]
fn an_operation_that_fails_takes_no_other_with_it() {
    let bench = Bench::new(&["a"]);
    let (go, wait) = std::sync::mpsc::channel::<()>();
    // The first operation waits until the others stand behind it, so that they share a transaction.
    let first = bench.journal.writer.call(move |_| Ok(wait.recv().is_err()));
    let good = bench.journal.accept(vec![Submission::new(event("e1"))], RouteBy::Applied, T0);
    let bad = bench.journal.writer.call(|tx| {
        tx.next_change();
        Ok(tx.conn.execute("INSERT INTO nowhere VALUES (1)", [])?)
    });
    let also = bench.journal.accept(vec![Submission::new(event("e2"))], RouteBy::Applied, T0);
    drop(go);
    assert!(first.wait().unwrap());
    assert!(good.wait().unwrap()[0].is_ok());
    let bad = bad.wait().unwrap_err();
    assert!(matches!(bad, JournalError::Sqlite(_)));
    assert!(bad.to_string().starts_with(&format!("the journal failed: {}: ", bench.path().display())), "{bad}");
    assert!(also.wait().unwrap()[0].is_ok());
    assert_eq!(bench.endpoint("a").counts.queued, 2);
    bench.check();
}

const JOURNAL: &str = "HOOKTUI_TEST_CRASH_JOURNAL";
const STEP: &str = "HOOKTUI_TEST_CRASH_STEP";
/// Steps of [`victim`].
const STEPS: usize = 8;

/// Not a test of its own: the process that [`a_kill_at_any_step_loses_nothing_acknowledged`] starts and that kills itself.
#[test]
fn victim() {
    let (Ok(path), Ok(step)) = (std::env::var(JOURNAL), std::env::var(STEP)) else { return };
    let last: usize = step.parse().unwrap();
    let journal = Journal::open(Path::new(&path), Durability::Full, Role::Resident).unwrap();
    let mut done = 0;
    // Acknowledged steps are told through a file, as a caller would have been told.
    let mut acknowledge = || {
        done += 1;
        std::fs::write(format!("{path}.told"), done.to_string()).unwrap();
        if done == last {
            // An operation is under way while the process dies.
            drop(journal.accept(vec![Submission::new(event("unanswered"))], RouteBy::Applied, T0));
            std::process::abort();
        }
    };
    let epoch = journal.take_over(1, 1_000, T0).wait().unwrap().epoch;
    acknowledge();
    let applied = journal.apply_revision(epoch, Arc::new(revision(&["a"])), vec![spec("a")], T0).wait().unwrap();
    acknowledge();
    let submissions = ["e1", "e2"].map(|id| Submission::new(event(id))).to_vec();
    journal.accept(submissions, RouteBy::Applied, T0).wait().unwrap();
    acknowledge();
    let bench = super::support::adopt(journal.clone(), epoch, applied.keys[0].1);
    let claimed = bench.claim(Pick::Due).claimed;
    acknowledge();
    bench.settle(&claimed[0], Verdict::Dead(crate::event::Reason::Exhausted));
    acknowledge();
    bench.settle(&claimed[1], Verdict::Delivered);
    acknowledge();
    journal.act(Act::Retry, all(), Actor("me".to_owned()), T0).wait().unwrap();
    acknowledge();
    bench.claim(Pick::Due);
    acknowledge();
}

#[test]
fn a_kill_at_any_step_loses_nothing_acknowledged() {
    use State::{Dead, Delivered, InFlight, Queued};
    // What stands in the journal after each step, and is found again by the next dispatcher.
    let expected: [&[State]; STEPS + 1] = [
        &[],
        &[],
        &[],
        &[Queued, Queued],
        &[InFlight, InFlight],
        &[Dead, InFlight],
        &[Dead, Delivered],
        &[Queued, Delivered],
        &[InFlight, Delivered],
    ];
    for (step, states) in expected.iter().enumerate().skip(1) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.db");
        let ended = Command::new(std::env::current_exe().unwrap())
            .args(["journal::tests::processes::victim", "--exact"])
            .env(JOURNAL, &path)
            .env(STEP, step.to_string())
            .output()
            .unwrap();
        assert!(!ended.status.success(), "it was to die at step {step}");
        assert_eq!(std::fs::read_to_string(folder.path().join("journal.db.told")).unwrap(), step.to_string());
        let journal = open(&path);
        let reader = journal.reader().unwrap();
        let row = |id: &str| reader.delivery(id).unwrap().map(|detail| detail.row.state);
        for (id, state) in ["e1_a", "e2_a"].iter().zip(*states) {
            assert_eq!(row(id), Some(*state), "{id} after step {step}");
        }
        let taken = journal.take_over(2, 1_000, T0).wait().unwrap();
        let in_flight = states.iter().filter(|state| **state == InFlight).count();
        assert_eq!(usize::try_from(taken.interrupted).unwrap(), in_flight, "step {step}");
        for (id, state) in ["e1_a", "e2_a"].iter().zip(*states) {
            let detail = reader.delivery(id).unwrap().unwrap();
            let interrupted = detail.attempts.last().is_some_and(|one| one.row.outcome == Outcome::Interrupted);
            assert_eq!(interrupted, *state == InFlight, "{id} after step {step}");
            assert_eq!(detail.row.state, if *state == InFlight { Queued } else { *state });
        }
        check(&path);
    }
}
