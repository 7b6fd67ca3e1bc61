//! The log: what the engine did, what the file brought, every act by hand.

use rusqlite::params;

use super::tx::Tx;
use super::{JournalError, Level, LogLine};
use crate::event::Millis;

/// Writes a line.
pub(super) fn write(tx: &mut Tx<'_>, line: &LogLine, now: Millis) -> Result<(), JournalError> {
    let level = match line.level {
        Level::Info => 0,
        Level::Warning => 1,
        Level::Error => 2,
    };
    tx.conn
        .prepare_cached("INSERT INTO log (at, level, source, who, endpoint, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![now, level, line.source.as_str(), line.who, line.endpoint, line.text])?;
    Ok(())
}
