use std::path::Path;

use proptest::prelude::*;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::*;

const FLAGS: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_CREATE);
const PAGE: usize = 4_096;

/// The head of a frame, of one that ends a transaction or not.
fn head(ends: bool) -> [u8; FRAME_HEAD] {
    let mut head = [7; FRAME_HEAD];
    head[4..8].copy_from_slice(&u32::from(ends).to_be_bytes());
    head
}

/// Where frame `n` of a log stands.
fn frame(n: usize) -> i64 {
    i64::try_from(32 + n * (FRAME_HEAD + PAGE)).unwrap()
}

/// Where its page stands.
fn page(n: usize) -> i64 {
    frame(n) + i64::try_from(FRAME_HEAD).unwrap()
}

/// One that has written as far as frame `n`, in the middle of a commit.
fn in_commit(n: usize) -> Gathered {
    Gathered { end: frame(n), commit: Some(1), ..Gathered::default() }
}

#[test]
fn frames_are_gathered_until_the_transaction_ends() {
    let mut gathered = in_commit(3);
    for n in 3..5 {
        assert_eq!(gathered.take(&head(false), frame(n)), Course::Gathered);
        assert_eq!(gathered.take(&[1; PAGE], page(n)), Course::Gathered);
    }
    assert_eq!(gathered.take(&head(true), frame(5)), Course::Gathered);
    assert_eq!(gathered.take(&[2; PAGE], page(5)), Course::Whole);
    assert_eq!((gathered.at, gathered.bytes.len()), (frame(3), 3 * (FRAME_HEAD + PAGE)));
}

#[test]
fn a_long_transaction_is_written_in_several_pieces() {
    let mut gathered = in_commit(0);
    let mut written = Vec::new();
    for n in 0..70 {
        assert_eq!(gathered.take(&head(false), frame(n)), Course::Gathered);
        if gathered.take(&[1; PAGE], page(n)) == Course::Whole {
            written.push((gathered.at, gathered.bytes.len()));
            gathered.bytes.clear();
        }
    }
    // 31 frames are the most that the usual VFS takes at once.
    let piece = 31 * (FRAME_HEAD + PAGE);
    assert!(piece <= MOST);
    assert_eq!(written, [(frame(0), piece), (frame(31), piece)]);
    assert_eq!(gathered.at, frame(62), "the next piece begins where the last one ended");
}

#[test]
fn what_does_not_go_on_with_the_log_is_written_by_itself() {
    let mut gathered = in_commit(3);
    gathered.take(&head(false), frame(3));
    gathered.take(&[1; PAGE], page(3));
    assert_eq!(gathered.take(&[2; PAGE], page(1)), Course::Apart, "a page written over");
    assert_eq!(gathered.take(&head(false), frame(2)), Course::Gathered, "and the frame after that goes on");
    let mut gathered = in_commit(3);
    assert_eq!(gathered.take(&head(true), frame(1)), Course::Apart, "a head written anew: no page follows");
    assert_eq!(gathered.take(&head(true), frame(2)), Course::Apart);
    assert_eq!(gathered.take(&[1; 32], 0), Course::Apart, "the head of the log");
    assert_eq!(gathered.take(&head(false), frame(0)), Course::Gathered);
}

#[test]
fn nothing_is_gathered_outside_of_a_commit_and_nothing_outlives_its_own() {
    let mut gathered = Gathered { commit: None, ..in_commit(3) };
    assert_eq!(gathered.take(&head(false), frame(3)), Course::Apart);
    assert_eq!(gathered.take(&[1; PAGE], page(3)), Course::Apart);
    for later in [None, Some(2)] {
        let mut gathered = in_commit(3);
        gathered.take(&head(false), frame(3));
        gathered.take(&[1; PAGE], page(3));
        gathered.outlive(Some(1));
        assert!(!gathered.bytes.is_empty());
        gathered.outlive(later);
        assert!(gathered.bytes.is_empty(), "left by a commit that failed");
    }
    assert_eq!(commit_under_way(), None);
    let first = in_one_write(commit_under_way);
    let second = in_one_write(commit_under_way);
    assert!(first.is_some() && second.is_some() && first != second);
    assert_eq!(commit_under_way(), None);
}

/// With a small cache, a larger transaction writes before its commit.
fn ours(path: &Path, cache: i64) -> Connection {
    let conn = settled(Connection::open_with_flags_and_vfs(path, FLAGS, vfs().unwrap()).unwrap());
    conn.pragma_update(None, "cache_size", cache).unwrap();
    conn
}

fn usual(path: &Path) -> Connection {
    settled(Connection::open_with_flags(path, FLAGS).unwrap())
}

fn settled(conn: Connection) -> Connection {
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;
         CREATE TABLE IF NOT EXISTS rows (key INTEGER PRIMARY KEY, value BLOB NOT NULL)",
    )
    .unwrap();
    conn
}

/// Everything in it, and that it is whole.
fn content(path: &Path) -> Vec<(i64, Vec<u8>)> {
    let conn = Connection::open_with_flags(path, FLAGS).unwrap();
    let whole: String = conn.pragma_query_value(None, "integrity_check", |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    let mut select = conn.prepare("SELECT key, value FROM rows ORDER BY key").unwrap();
    select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Everything in what a machine that stops now would leave of it: database and log, without the index beside it.
fn content_after_a_crash(path: &Path) -> Vec<(i64, Vec<u8>)> {
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(path, &copy).unwrap();
    std::fs::copy(path.with_file_name("test.db-wal"), folder.path().join("copy.db-wal")).unwrap();
    content(&copy)
}

#[derive(Debug, Clone)]
enum Deed {
    /// Rows from the first key on are written, so many, each with so many bytes, and the transaction ends so.
    Write { ours: bool, first: i64, rows: i64, bytes: usize, end: End },
    /// The log is taken into the database.
    Checkpoint { ours: bool },
    /// Our connection is closed and opened again, with a cache of so many pages.
    Reopen { cache: i64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    InOneWrite,
    Plain,
    Rollback,
}

fn deed() -> impl Strategy<Value = Deed> {
    let end = prop_oneof![4 => Just(End::InOneWrite), 1 => Just(End::Plain), 2 => Just(End::Rollback)];
    // The largest need several times the pages that the small cache holds, and more than is gathered at once.
    let size = prop_oneof![4 => (1..20_i64, 1..3_000_usize), 1 => (50..200_i64, 2_000..5_000_usize)];
    prop_oneof![
        8 => (prop::bool::weighted(0.7), 0..100_i64, size, end)
            .prop_map(|(ours, first, (rows, bytes), end)| Deed::Write { ours, first, rows, bytes, end }),
        1 => any::<bool>().prop_map(|ours| Deed::Checkpoint { ours }),
        1 => prop_oneof![Just(10), Just(1_000)].prop_map(|cache| Deed::Reopen { cache }),
    ]
}

fn write_rows(conn: &Connection, first: i64, rows: i64, bytes: usize, end: End) {
    conn.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut store = conn.prepare_cached("INSERT OR REPLACE INTO rows VALUES (?1, ?2)").unwrap();
    for key in first..first + rows {
        let fill = u8::try_from((key + i64::try_from(bytes).unwrap()) % 251).unwrap();
        store.execute(rusqlite::params![key, vec![fill; bytes]]).unwrap();
    }
    match end {
        End::InOneWrite => in_one_write(|| conn.execute_batch("COMMIT")).unwrap(),
        End::Plain => conn.execute_batch("COMMIT").unwrap(),
        End::Rollback => conn.execute_batch("ROLLBACK").unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    /// Beside a connection of the usual VFS, which does the same to a twin of the database.
    #[test]
    fn whatever_is_done_it_holds_what_it_would_hold_without(deeds in prop::collection::vec(deed(), 1..25)) {
        let folder = TempDir::new().unwrap();
        let (path, twin_path) = (folder.path().join("test.db"), folder.path().join("twin.db"));
        let (mut conn, other, twin) = (ours(&path, 1_000), usual(&path), usual(&twin_path));
        for deed in deeds {
            match deed {
                Deed::Write { ours, first, rows, bytes, end } => {
                    write_rows(if ours { &conn } else { &other }, first, rows, bytes, end);
                    write_rows(&twin, first, rows, bytes, end);
                }
                Deed::Checkpoint { ours } => {
                    let conn = if ours { &conn } else { &other };
                    conn.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
                }
                Deed::Reopen { cache } => {
                    drop(conn);
                    conn = ours(&path, cache);
                }
            }
            let expected = content(&twin_path);
            prop_assert_eq!(&content(&path), &expected);
            prop_assert_eq!(&content_after_a_crash(&path), &expected);
        }
    }
}

#[test]
fn the_journal_itself_is_flushed_through_its_connection() {
    let folder = TempDir::new().unwrap();
    let conn = Connection::open_with_flags(folder.path().join("journal.db"), FLAGS).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (n); PRAGMA wal_checkpoint(PASSIVE)").unwrap();
    assert!(flush_journal(&conn));
    assert!(!flush_journal(&Connection::open_in_memory().unwrap()), "which has no file");
}
