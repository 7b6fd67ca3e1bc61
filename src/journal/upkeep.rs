//! Retention: what is delivered, cleared or unmatched goes when it is old, or when the journal grows too large.

use super::JournalError;
use super::tx::Tx;

/// The bytes that hold something, if they are more than `max_size` and nothing can be removed.
pub(super) fn full(tx: &mut Tx<'_>, max_size: u64) -> Result<Option<u64>, JournalError> {
    let size = size(tx)?;
    Ok((size > max_size).then_some(size))
}

/// Bytes of the journal that hold something.
fn size(tx: &Tx<'_>) -> Result<u64, JournalError> {
    let mut select = tx.conn.prepare_cached(
        "SELECT (page_count - freelist_count) * page_size
         FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
    )?;
    Ok(select.query_row([], |row| row.get(0))?)
}
