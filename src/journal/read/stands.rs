//! How deliveries stand that somebody watches.

use rusqlite::OptionalExtension;

use super::Reader;
use crate::event::{Outcome, Reason, State};
use crate::journal::flights::state;
use crate::journal::{JournalError, Stand};

impl Reader {
    /// How these deliveries stand, by their sequences; those that are gone are left out.
    ///
    /// # Errors
    /// [`JournalError`] when the journal cannot be read.
    pub fn stands(&self, deliveries: impl IntoIterator<Item = i64>) -> Result<Vec<Stand>, JournalError> {
        let mut select = self.conn.prepare_cached(concat!(
            "SELECT d.seq, d.change, ",
            state!(),
            ", d.reason, d.last_status, d.last_error, d.last_outcome FROM deliveries d WHERE d.seq = ?1"
        ))?;
        let mut stands = Vec::new();
        for delivery in deliveries {
            let stand = select.query_row([delivery], |row| {
                Ok(Stand {
                    seq: row.get(0)?,
                    change: row.get(1)?,
                    state: State::from_code(row.get(2)?).unwrap_or(State::InFlight),
                    reason: row.get::<_, Option<i64>>(3)?.and_then(Reason::from_code),
                    status: row.get(4)?,
                    error: row.get(5)?,
                    outcome: row.get::<_, Option<i64>>(6)?.and_then(Outcome::from_code),
                })
            });
            stands.extend(stand.optional()?);
        }
        Ok(stands)
    }
}
