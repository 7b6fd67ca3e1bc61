//! Headers that attempts have in common are stored once.
//!
//! What is sent to an endpoint and what it answers differs in little but the delivery's id, which the text leaves out, and
//! a time that changes once a second. Such headers were seven eighths of what an attempt takes. A text goes to `header_sets`
//! when it comes for the second time; one that comes once (a request's number among the headers of its answer) stays with its
//! attempt.
//!
//! Each set counts the attempts that refer to it. When the last of them is gone it goes too, by the hand of the dispatcher: so
//! what its process remembers of sets is right for as long as it has the lease, and nobody else refers to any.

use rusqlite::{Connection, params};

use super::JournalError;

/// Texts remembered: those of so many endpoints, dialects and types of event at once.
const REMEMBERED: usize = 64;

/// What the dispatcher's process remembers of the headers that came last.
#[derive(Debug, Default)]
pub(super) struct HeaderSets {
    /// The one that came last is the first.
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    text: Box<str>,
    /// Its set; none as long as it came once.
    key: Option<i64>,
}

impl HeaderSets {
    /// The set of this text; none if it comes for the first time. `make` stores a new one and answers with its key.
    pub fn key(
        &mut self,
        text: &str,
        make: impl FnOnce() -> Result<i64, JournalError>,
    ) -> Result<Option<i64>, JournalError> {
        let Some(at) = self.known.iter().position(|known| &*known.text == text) else {
            self.known.truncate(REMEMBERED - 1);
            self.known.insert(0, Known { text: text.into(), key: None });
            return Ok(None);
        };
        if let Some(until) = self.known.get_mut(..=at) {
            until.rotate_right(1);
        }
        let Some(newest) = self.known.first_mut() else { return Ok(None) };
        if newest.key.is_none() {
            newest.key = Some(make()?);
        }
        Ok(newest.key)
    }

    /// What was remembered may not be there any more.
    pub fn forget(&mut self) {
        self.known.clear();
    }
}

/// Stores a set that nothing refers to yet.
pub(super) fn make(conn: &Connection, key: i64, text: &str) -> Result<(), JournalError> {
    let mut insert = conn.prepare_cached("INSERT INTO header_sets (key, text, users) VALUES (?1, ?2, 0)")?;
    insert.execute(params![key, text])?;
    Ok(())
}

/// So many more attempts refer to a set.
pub(super) fn count(conn: &Connection, key: i64, more: i64) -> Result<(), JournalError> {
    conn.prepare_cached("UPDATE header_sets SET users = users + ?2 WHERE key = ?1")?.execute([key, more])?;
    Ok(())
}

/// Removes sets that nothing refers to, so many at most; answers how many went.
pub(super) fn remove_unused(conn: &Connection, most: i64) -> Result<usize, JournalError> {
    let mut delete = conn.prepare_cached(
        "DELETE FROM header_sets WHERE key IN (SELECT key FROM header_sets WHERE users = 0 LIMIT ?1)",
    )?;
    Ok(delete.execute([most])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_comes_again_gets_a_set_and_keeps_it_while_it_is_remembered() {
        let mut sets = HeaderSets::default();
        let mut keys = 0..;
        let mut key = |text: &str| sets.key(text, || Ok(keys.next().unwrap())).unwrap();
        assert_eq!(["a", "b", "a", "a", "b", "c"].map(&mut key), [None, None, Some(0), Some(0), Some(1), None]);
        for n in 0..REMEMBERED - 2 {
            assert_eq!(key(&format!("once {n}")), None);
        }
        assert_eq!(["b", "a"].map(key), [Some(1), None], "the one that came longest ago is forgotten");
        sets.forget();
        assert_eq!(sets.key("b", || Ok(9)).unwrap(), None);
    }
}
