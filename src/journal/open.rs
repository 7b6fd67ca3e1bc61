//! Opening a journal: folder and file modes, migrations, versions, settings of a connection.

use std::cell::Cell;
use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::lock::DispatcherLock;
use super::opened::{Link, Opened};
use super::place::real;
use super::{JournalError, Role, wal_file};

/// Every migration with the version that it leads to, the first one making an empty file a journal. Additive: a program one
/// version older or newer must be able to read and write the file. One that is not leaves a number out, so that what comes
/// before it and what comes after it are two apart and refuse each other.
pub(super) const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../../assets/migrations/0001_journal.sql")),
    (2, include_str!("../../assets/migrations/0002_speed.sql")),
    (3, include_str!("../../assets/migrations/0003_why.sql")),
    (5, include_str!("../../assets/migrations/0005_numbers.sql")),
    (6, include_str!("../../assets/migrations/0006_order.sql")),
    (8, include_str!("../../assets/migrations/0008_headers.sql")),
];

/// Pages that the writer of a process that stays keeps at hand, in KiB (negative, as SQLite wants it): the ends of all
/// tables and indexes with room to spare. Not more: most commits have split a page, and after that SQLite goes through all
/// of the cache (8 MiB: 12 us), while what is read again with this one is a page for each forty deliveries (1 us).
const WRITER_CACHE: i32 = -2_048;

/// How long a process waits for another one that has the journal.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// How long a reader waits for another process that is just making the journal.
const MAKING: Duration = Duration::from_secs(1);

/// Statements a connection keeps prepared: more than there are.
const STATEMENTS: usize = 256;

/// Opens the one write connection of this process, creating and migrating the journal where that is due.
pub(super) fn for_writing(path: &Path, role: Role) -> Result<Link, JournalError> {
    let failed = |cause: String| JournalError::Open { path: path.to_owned(), cause };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_folder(folder).map_err(|error| failed(format!("its folder cannot be used: {}", whose(&error, path))))?;
    }
    // Made by us, so that it is born private; SQLite gives -wal and -shm the mode of the journal.
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .and_then(|file| file.metadata())
        .map_err(|error| failed(whose(&error, path)))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = match wal_file::vfs() {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
        // Without it the log is written page by page, and that is all.
        None => Connection::open_with_flags(path, flags),
    };
    let mut conn = conn.map_err(|error| failed(error.to_string()))?;
    conn.busy_handler(Some(wait_a_little)).map_err(|error| failed(error.to_string()))?;
    migrate_if_due(&mut conn, path).map_err(|error| error.at(path))?;
    settle_in(&conn, role).map_err(|error| JournalError::from(error).at(path))?;
    Ok(Link::new(conn, Opened::of(&real(path), &file)))
}

/// Whether there is a journal.
pub(super) fn is_there(path: &Path) -> Result<bool, JournalError> {
    path.try_exists().map_err(|error| JournalError::Open { path: path.to_owned(), cause: whose(&error, path) })
}

/// The error in words, and whose the file or folder is where that is why.
fn whose(error: &std::io::Error, path: &Path) -> String {
    let owner = || path.ancestors().find_map(|place| Some((place, place.metadata().ok()?.uid())));
    let others = (error.kind() == ErrorKind::PermissionDenied).then(owner).flatten();
    match others.filter(|(_, uid)| *uid != rustix::process::geteuid().as_raw()) {
        Some((place, uid)) => {
            format!("{error}; {} belongs to another user (uid {uid}): run hooktui as that one", place.display())
        }
        None => error.to_string(),
    }
}

/// Opens a connection that can only read; never creates a journal.
pub(super) fn for_reading(path: &Path) -> Result<Link, JournalError> {
    let failed = |cause: String| JournalError::Open { path: path.to_owned(), cause };
    if !is_there(path)? {
        return Err(failed("there is none yet; `hooktui`, `hooktui run` and `hooktui emit` make it".to_owned()));
    }
    let file = path.metadata().map_err(|error| failed(whose(&error, path)))?;
    // Opened for writing as far as SQLite is concerned: a read-only open cannot use a WAL whose index must be rebuilt.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = || -> Result<(Connection, i64), JournalError> {
        let mut conn = Connection::open_with_flags(path, flags)?;
        conn.busy_handler(Some(wait_a_little))?;
        conn.pragma_update(None, "query_only", true)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        let found = version_once_made(&conn)?;
        Ok((conn, found))
    };
    match opened().map_err(|error| error.at(path))? {
        (_, 0) => Err(unmade(path)),
        (conn, found) => check_version(found, path).map(|()| Link::new(conn, Opened::of(path, &file))),
    }
}

/// Opens the connection that checkpoints beside the writer. It never waits for another.
pub(super) fn for_checkpoints(path: &Path) -> Result<Link, JournalError> {
    let failed = |error: rusqlite::Error| JournalError::Open { path: path.to_owned(), cause: error.to_string() };
    let file =
        path.metadata().map_err(|error| JournalError::Open { path: path.to_owned(), cause: error.to_string() })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(failed)?;
    conn.pragma_update(None, "synchronous", "NORMAL").map_err(failed)?;
    Ok(Link::new(conn, Opened::of(path, &file)))
}

/// Makes a folder of ours, mode 0700; a project's state folder also keeps itself out of version control.
pub(super) fn make_folder(folder: &Path) -> std::io::Result<()> {
    if !folder.try_exists()? {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    if folder.file_name().is_some_and(|name| name == ".hooktui") {
        if folder.metadata()?.permissions().mode() & 0o7777 != 0o700 {
            std::fs::set_permissions(folder, PermissionsExt::from_mode(0o700))?;
        }
        let ignore = folder.join(".gitignore");
        if !ignore.try_exists()? {
            std::fs::write(ignore, "*\n")?;
        }
    }
    Ok(())
}

thread_local! {
    /// This thread waits for no other process.
    static HURRIED: Cell<bool> = const { Cell::new(false) };
}

/// Runs something on a connection that fails as busy at once, where it else would wait.
pub(super) fn without_waiting<T>(run: impl FnOnce() -> T) -> T {
    let before = HURRIED.replace(true);
    let done = run();
    HURRIED.set(before);
    done
}

/// SQLite's own handler sleeps up to 100 ms between looks and so never gets a turn beside a busy writer.
fn wait_a_little(looks: i32) -> bool {
    if HURRIED.get() {
        return false;
    }
    std::thread::sleep(Duration::from_micros(fastrand::u64(500..1_500)));
    u128::from(looks.unsigned_abs()) < BUSY.as_millis()
}

/// The version that this program makes.
fn known() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, _)| *version)
}

fn version(conn: &Connection) -> Result<i64, JournalError> {
    Ok(conn.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// The version; that of a file which is just being made as soon as it is.
fn version_once_made(conn: &Connection) -> Result<i64, JournalError> {
    let patience = Instant::now() + MAKING;
    loop {
        let found = version(conn)?;
        if found != 0 || Instant::now() > patience {
            return Ok(found);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A journal one version older or newer is worked with as it is.
fn can_be_worked_with(found: i64) -> bool {
    (found - known()).abs() <= 1
}

fn check_version(found: i64, path: &Path) -> Result<(), JournalError> {
    if can_be_worked_with(found) {
        return Ok(());
    }
    let cure = match (found > known(), DispatcherLock::holder(path)) {
        (true, _) => "use the newer hooktui that made it".to_owned(),
        (false, Some(pid)) => format!("restart pid {pid}, which dispatches with an older hooktui"),
        (false, None) => "start `hooktui run` once to bring it up to date".to_owned(),
    };
    Err(JournalError::Version { path: path.to_owned(), found, known: known(), cure })
}

/// Nobody has made the file a journal while it was waited for.
fn unmade(path: &Path) -> JournalError {
    let cause = match DispatcherLock::holder(path) {
        Some(pid) => {
            format!("it is empty, and pid {pid}, which holds its lock, does not make it; end pid {pid}, then try again")
        }
        None => "it is empty; `hooktui`, `hooktui run` and `hooktui emit` make a journal of it".to_owned(),
    };
    JournalError::Open { path: path.to_owned(), cause }
}

/// Only the holder of the dispatcher lock creates and migrates. A free lock is taken for that moment; if another has it,
/// it may be just at that: what cannot be worked with as it is is waited for.
fn migrate_if_due(conn: &mut Connection, path: &Path) -> Result<(), JournalError> {
    let patience = Instant::now() + BUSY;
    loop {
        let found = version(conn)?;
        if found >= known() {
            return check_version(found, path);
        }
        let lock = DispatcherLock::try_take(path)
            .map_err(|error| JournalError::Open { path: path.to_owned(), cause: format!("its lock: {error}") })?;
        if let Some(_held) = lock {
            forget_removed(path)
                .map_err(|error| JournalError::Open { path: path.to_owned(), cause: error.to_string() })?;
            migrate(conn)?;
        } else if can_be_worked_with(found) {
            return Ok(());
        } else if Instant::now() > patience {
            return if found > 0 { check_version(found, path) } else { Err(unmade(path)) };
        } else {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Beside an empty file lies what belongs to a journal that was removed, and is maybe in use still: SQLite would take the index of
/// its log for that of the new one.
fn forget_removed(path: &Path) -> std::io::Result<()> {
    if path.metadata()?.len() > 0 {
        return Ok(());
    }
    let mut index = path.as_os_str().to_owned();
    index.push("-shm");
    match std::fs::remove_file(index) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub(super) fn migrate(conn: &mut Connection) -> Result<(), JournalError> {
    if version(conn)? == 0 {
        // Both are decided by the first page that is written.
        conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
    }
    // A table that is made anew is dropped, and what refers to it does not go with it.
    conn.pragma_update(None, "foreign_keys", false)?;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    let found = version(&tx)?;
    for (version, migration) in MIGRATIONS {
        if *version > found {
            tx.execute_batch(migration)?;
            tx.pragma_update(None, "user_version", version)?;
        }
    }
    Ok(tx.commit()?)
}

fn settle_in(conn: &Connection, role: Role) -> rusqlite::Result<()> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.pragma_update(None, "journal_mode", "WAL")?;
    // The writer flushes by itself what has to be on the disk (`durability: full`), see keeper.rs.
    conn.pragma_update(None, "synchronous", "NORMAL")?;
    // Every reference is made by the writer itself from a row it has just read; checking each again costs a lookup a row.
    conn.pragma_update(None, "foreign_keys", false)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    if role == Role::Resident {
        conn.pragma_update(None, "cache_size", WRITER_CACHE)?;
    }
    // Without this SQLite plans a statement anew whenever a value is bound that a partial index is about.
    conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    if role == Role::Command {
        conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    }
    Ok(())
}
