//! The write-ahead log's file, as the writer sees it: what a transaction adds to it goes to the system in one write.
//!
//! SQLite hands over each page of a transaction in two writes, a head and the page. A commit of ours holds some twenty pages,
//! and those forty calls were a fifth of all that a delivery costs the processor. SQLite's own way to change how it
//! writes is a VFS; this one is its usual one, but for the files that are write-ahead logs: there, frames that follow one
//! another are gathered until the one that ends the transaction, whose head says so.
//!
//! Nothing can be read before it is written. SQLite tells others of a transaction (in the index beside the log) only after it
//! has written the last frame, and that write takes all before it to the system. Whatever else it asks of the file takes them
//! there as well. A frame is gathered only where the log goes on; what is written over stays two writes.
//!
//! Nothing is written late. Frames are gathered during a commit only ([`in_one_write`]), and what a commit that failed has left
//! is dropped: by then the room in the log may be that of another process. What a large transaction writes before its commit
//! goes out as it comes.
//!
//! The journal's own file is flushed from here too ([`flush_journal`]): for that as well one has to speak to SQLite's files.
//!
//! Facts of the file format: <https://www.sqlite.org/fileformat2.html#walformat>; of the interface:
//! <https://www.sqlite.org/vfs.html>.
#![expect(unsafe_code, reason = "a VFS is a table of C functions; this is the one place of the crate that has such")]

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

use rusqlite::{Connection, ffi};

/// What SQLite knows it by.
const NAME: &CStr = c"hooktui";

/// Bytes of a frame before its page.
const FRAME_HEAD: usize = 24;

/// Gathered bytes are written, though the transaction goes on, before there are more than this: what the usual VFS is handed at
/// once it takes modulo 128 KiB, as SQLite itself never hands over more than a page.
const MOST: usize = 128 * 1_024 - 1;

thread_local! {
    /// The commit under way on this thread, or the last one, and whether it is under way.
    static COMMIT: Cell<(u64, bool)> = const { Cell::new((0, false)) };
}

/// The VFS that this one is, but for write-ahead logs.
static USUAL: AtomicPtr<ffi::sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());

/// Brings the journal's own file to the disk, by the handle that this connection has of it: to close one of our own would end
/// the locks of all others in this process (<https://www.sqlite.org/howtocorrupt.html>, 2.2). Answers whether it is there.
pub(super) fn flush_journal(conn: &Connection) -> bool {
    let mut file: *mut ffi::sqlite3_file = ptr::null_mut();
    // SAFETY: the connection is open and not in use elsewhere, as it cannot leave its thread while it is borrowed; SQLite stores
    // a pointer where it is given one to store.
    let found = unsafe {
        let to = (&raw mut file).cast();
        ffi::sqlite3_file_control(conn.handle(), c"main".as_ptr(), ffi::SQLITE_FCNTL_FILE_POINTER, to)
    };
    if found != ffi::SQLITE_OK {
        return false;
    }
    // SAFETY: null, or the file of the connection, which is there for as long as that; without methods it is not open.
    let sync = unsafe { file.as_ref().and_then(|file| file.pMethods.as_ref()) }.and_then(|methods| methods.xSync);
    // SAFETY: an open file, and its own method.
    sync.is_some_and(
        |sync| unsafe { sync(file, ffi::SQLITE_SYNC_NORMAL | ffi::SQLITE_SYNC_DATAONLY) } == ffi::SQLITE_OK,
    )
}

/// Runs a commit; what it adds to the log goes to the system in one write.
pub(super) fn in_one_write<T>(commit: impl FnOnce() -> T) -> T {
    let (last, _) = COMMIT.get();
    let number = last.wrapping_add(1);
    COMMIT.set((number, true));
    let done = commit();
    COMMIT.set((number, false));
    done
}

/// The commit under way on this thread.
fn commit_under_way() -> Option<u64> {
    let (number, under_way) = COMMIT.get();
    under_way.then_some(number)
}

/// The name of the VFS for the connection that writes; none where SQLite has no VFS to build on or does not take another.
pub(super) fn vfs() -> Option<&'static CStr> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    REGISTERED.get_or_init(register).then_some(NAME)
}

fn register() -> bool {
    // SAFETY: asks for the default VFS, which lives as long as the process.
    let usual = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
    // SAFETY: null, or what the call before gave.
    let Some(known) = (unsafe { usual.as_ref() }) else { return false };
    let Ok(own) = c_int::try_from(size_of::<File>()) else { return false };
    USUAL.store(usual, Ordering::Release);
    let vfs = ffi::sqlite3_vfs {
        szOsFile: own + known.szOsFile,
        pNext: ptr::null_mut(),
        zName: NAME.as_ptr(),
        xOpen: Some(open),
        ..*known
    };
    // SAFETY: a VFS has to live as long as it is registered: for ever.
    unsafe { ffi::sqlite3_vfs_register(Box::into_raw(Box::new(vfs)), 0) == ffi::SQLITE_OK }
}

/// An open log, in the room that SQLite gives for it; behind it, in the same room, stands the file of the usual VFS.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// Made when it is opened, ended when it is closed.
    gathered: *mut Gathered,
}

/// Frames on their way to the file.
#[derive(Debug, Default)]
struct Gathered {
    bytes: Vec<u8>,
    /// Where the first of them belongs.
    at: i64,
    /// Where the newest write ended: a frame there goes on with the log.
    end: i64,
    /// The frame whose head came last ends a transaction.
    ends: bool,
    /// The commit that they are of.
    commit: Option<u64>,
}

/// What is to be done with a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    /// It is kept; nothing is written.
    Gathered,
    /// It is kept, and all that is kept is to be written.
    Whole,
    /// What is kept is to be written, and then this by itself.
    Apart,
}

impl Gathered {
    /// Drops what a commit has left that is not under way any more.
    fn outlive(&mut self, commit: Option<u64>) {
        if self.commit != commit {
            self.commit = commit;
            self.bytes.clear();
        }
    }

    /// Takes in a write, or leaves it.
    fn take(&mut self, bytes: &[u8], at: i64) -> Course {
        let goes_on = at == self.end;
        self.end = at.saturating_add(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
        let head = <&[u8; FRAME_HEAD]>::try_from(bytes).ok();
        match head {
            // A head that is written anew has its page in the file already: there may come nothing after it.
            Some(head) if goes_on && self.commit.is_some() => {
                if self.bytes.is_empty() {
                    self.at = at;
                }
                // The size of the database after the transaction; 0 in all frames but its last.
                self.ends = head[4..8] != [0; 4];
                self.bytes.extend_from_slice(bytes);
                Course::Gathered
            }
            None if goes_on && !self.bytes.is_empty() => {
                self.bytes.extend_from_slice(bytes);
                let another = self.bytes.len() + FRAME_HEAD + bytes.len();
                if self.ends || another > MOST { Course::Whole } else { Course::Gathered }
            }
            _ => Course::Apart,
        }
    }
}

impl File {
    /// The file of the usual VFS.
    fn usual(file: *mut Self) -> *mut ffi::sqlite3_file {
        file.wrapping_add(1).cast()
    }
}

/// Opens a file: a write-ahead log as one of ours, any other as the usual VFS does.
unsafe extern "C" fn open(
    _vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let usual = USUAL.load(Ordering::Acquire);
    // SAFETY: stored before this VFS was registered, and never ended.
    let Some(usual_open) = (unsafe { usual.as_ref() }).and_then(|vfs| vfs.xOpen) else { return ffi::SQLITE_CANTOPEN };
    if flags & ffi::SQLITE_OPEN_WAL == 0 {
        // SAFETY: what SQLite gave, passed on; there is more room than the usual VFS asks for.
        return unsafe { usual_open(usual, name, file, flags, out_flags) };
    }
    let own: *mut File = file.cast();
    // SAFETY: SQLite gave room for ours and, behind it, for the usual one. Both want to be aligned like a pointer, as is what
    // SQLite gives. A file without methods is one that is not open.
    unsafe {
        (*file).pMethods = ptr::null();
        let opened = usual_open(usual, name, File::usual(own), flags, out_flags);
        if opened == ffi::SQLITE_OK {
            (*own).gathered = Box::into_raw(Box::default());
            (*file).pMethods = &raw const METHODS;
        }
        opened
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    // Without what only the file of the database itself is asked: shared memory and mapped pages.
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// Calls a method of the usual file.
macro_rules! usual {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        let usual = File::usual($file.cast());
        // SAFETY: the file behind ours is open from `open` to `close`, with all methods of the first version.
        match unsafe { (*usual).pMethods.as_ref() }.and_then(|methods| methods.$method) {
            // SAFETY: the arguments are what SQLite gave, or ours and valid for this call.
            Some(method) => unsafe { method(usual $(, $argument)*) },
            None => ffi::SQLITE_IOERR,
        }
    }};
}

/// The frames on their way to this file.
///
/// # Safety
/// The file is one of ours and open, and nothing else of it is in use: SQLite calls from one thread at a time.
unsafe fn gathered<'f>(file: *mut ffi::sqlite3_file) -> &'f mut Gathered {
    // SAFETY: as demanded of the caller.
    unsafe { &mut *(*file.cast::<File>()).gathered }
}

/// Writes what is gathered. What cannot be written is given up: SQLite rolls the transaction back.
unsafe fn write_gathered(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: as demanded of the caller.
    let gathered = unsafe { gathered(file) };
    gathered.outlive(commit_under_way());
    if gathered.bytes.is_empty() {
        return ffi::SQLITE_OK;
    }
    let Ok(length) = c_int::try_from(gathered.bytes.len()) else { return ffi::SQLITE_IOERR_WRITE };
    let written = usual!(file, xWrite, gathered.bytes.as_ptr().cast(), length, gathered.at);
    gathered.bytes.clear();
    written
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, length: c_int, at: i64) -> c_int {
    let Ok(bytes) = usize::try_from(length) else { return ffi::SQLITE_IOERR_WRITE };
    // SAFETY: SQLite has so many bytes there for as long as the call takes.
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), bytes) };
    // SAFETY: SQLite calls this with an open file of ours, here and below.
    let gathered = unsafe { gathered(file) };
    gathered.outlive(commit_under_way());
    match gathered.take(bytes, at) {
        Course::Gathered => ffi::SQLITE_OK,
        // SAFETY: as above.
        Course::Whole => unsafe { write_gathered(file) },
        // SAFETY: as above.
        Course::Apart => match unsafe { write_gathered(file) } {
            ffi::SQLITE_OK => usual!(file, xWrite, from, length, at),
            failed => failed,
        },
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite calls this once, with an open file of ours.
    let (written, gathered) = unsafe { (write_gathered(file), Box::from_raw((*file.cast::<File>()).gathered)) };
    drop(gathered);
    let closed = usual!(file, xClose);
    // SAFETY: the room is there until this returns.
    unsafe { (*file).pMethods = ptr::null() };
    if written == ffi::SQLITE_OK { closed } else { written }
}

/// A method that has what is gathered written, and then is the usual one.
macro_rules! after_writing {
    ($($name:ident as $method:ident ( $($argument:ident: $type:ty),* );)*) => {$(
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $argument: $type)*) -> c_int {
            // SAFETY: SQLite calls this with an open file of ours.
            match unsafe { write_gathered(file) } {
                ffi::SQLITE_OK => usual!(file, $method $(, $argument)*),
                failed => failed,
            }
        }
    )*};
}

after_writing! {
    read as xRead(to: *mut c_void, length: c_int, at: i64);
    truncate as xTruncate(size: i64);
    sync as xSync(flags: c_int);
    file_size as xFileSize(size: *mut i64);
    lock as xLock(level: c_int);
    unlock as xUnlock(level: c_int);
    check_reserved_lock as xCheckReservedLock(is_locked: *mut c_int);
    file_control as xFileControl(what: c_int, argument: *mut c_void);
}

unsafe extern "C" fn sector_size(file: *mut ffi::sqlite3_file) -> c_int {
    usual!(file, xSectorSize)
}

unsafe extern "C" fn device_characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    usual!(file, xDeviceCharacteristics)
}

#[cfg(test)]
mod tests;
