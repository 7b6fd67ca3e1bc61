//! How much room there is: on the disk, and in the journal itself.

use super::Reader;
use crate::journal::{JournalError, Room};

impl Reader {
    /// How much room there is; none where the system does not tell.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn room(&self) -> Result<Option<Room>, JournalError> {
        let Ok(disk) = rustix::fs::statvfs(&self.conn.file.path) else { return Ok(None) };
        let mut select = self.conn.prepare_cached(
            "SELECT (page_count - freelist_count) * page_size
             FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
        )?;
        Ok(Some(Room {
            used: select.query_row([], |row| row.get(0))?,
            disk_free: disk.f_bavail.saturating_mul(disk.f_frsize),
            disk_size: disk.f_blocks.saturating_mul(disk.f_frsize),
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::journal::{Durability, Journal, Role};

    #[test]
    fn the_disk_and_the_journal_tell_how_much_room_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal.db"), Durability::Normal, Role::Resident).unwrap();
        let room = journal.reader().unwrap().room().unwrap().unwrap();
        assert!(room.used > 4096 && room.used < 1 << 20, "{room:?}");
        assert!(room.disk_free <= room.disk_size && room.disk_size > 0, "{room:?}");
    }
}
