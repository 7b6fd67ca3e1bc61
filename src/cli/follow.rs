//! Attempts as lines, live: what `tail` and `run` print.

use std::io;

use crate::event::{Outcome as Ended, Query};
use crate::journal::{AttemptRow, Cursor, Direction, JournalError, Page, Reader};
use crate::present::clock::rfc3339;
use crate::present::{escape, figures, glyphs, result};

use super::filter;
use super::json;
use super::out::{Out, Tone};

/// Attempts read at once: enough to keep up, few enough to stay small.
const BATCH: usize = 512;

/// Reads attempts in journal order from a place on, each once.
#[derive(Debug)]
pub struct Follower {
    reader: Reader,
    seen: i64,
    only: Option<Query>,
}

impl Follower {
    /// From now on.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn from_now(reader: Reader) -> Result<Self, JournalError> {
        let seen = reader.attempts(Page::first(1))?.first().map_or(0, |row| row.seq);
        Ok(Self { reader, seen, only: None })
    }

    /// Leaves out what does not match.
    pub fn only(&mut self, filter: Option<Query>) {
        self.only = filter;
    }

    /// From the first attempt at or after a time on (Unix milliseconds).
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn since(reader: Reader, since: i64) -> Result<Self, JournalError> {
        let seen = reader.attempt_seq_at(since)?;
        Ok(Self { reader, seen, only: None })
    }

    /// The journal it reads.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Prints what is new and answers how many attempts that were.
    ///
    /// # Errors
    /// When the journal cannot be read or standard output fails.
    pub fn print_new(&mut self, out: &mut Out, form: Form) -> Result<usize, super::exit::Failure> {
        let mut printed = 0;
        loop {
            let (rows, more) = self.next()?;
            for row in &rows {
                form.print(out, row)?;
            }
            printed += rows.len();
            if !more || out.is_reader_gone() {
                out.flush()?;
                return Ok(printed);
            }
        }
    }
}

impl Follower {
    /// The next attempts that match, oldest first, and whether there may be more by now.
    fn next(&mut self) -> Result<(Vec<AttemptRow>, bool), JournalError> {
        let Some(query) = &self.only else {
            let rows = self.reader.attempts_after(self.seen, BATCH)?;
            self.seen = rows.last().map_or(self.seen, |row| row.seq);
            let more = rows.len() == BATCH;
            return Ok((rows, more));
        };
        let newest = self.reader.attempts(Page::first(1))?.first().map_or(0, |row| row.seq);
        let from = Some(Cursor { sort: self.seen, seq: self.seen });
        let page = Page { from, direction: Direction::Up, limit: BATCH };
        let mut found = self.reader.find_attempts(page, &filter::search(Some(query)))?;
        found.rows.reverse();
        let full = found.rows.last().map(|row| row.seq);
        let more = found.rows.len() == BATCH || found.stopped.is_some();
        let reached = found.stopped.map(|place| place.seq).or_else(|| full.filter(|_| more));
        // What came in after `newest` was asked for and matches is among the rows; what does not is looked at again.
        self.seen = reached.unwrap_or_else(|| newest.max(full.unwrap_or_default()).max(self.seen));
        Ok((found.rows, more))
    }
}

/// How an attempt is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people and logs.
    Text,
    /// NDJSON.
    Json,
}

impl Form {
    fn print(self, out: &mut Out, row: &AttemptRow) -> io::Result<()> {
        match self {
            Self::Json => out.json(&json::Attempt::new(row)),
            Self::Text => {
                let tone = if row.outcome == Ended::Delivered { Tone::Good } else { Tone::Bad };
                let ended = out.tone(tone, &result::of_attempt(row, &glyphs::UNICODE, usize::MAX));
                out.line(format_args!(
                    "{}  {} → {}  attempt {}  {ended}  {}  {}",
                    rfc3339(row.started_at),
                    escape::line(&row.event_type),
                    escape::line(&row.endpoint),
                    row.number,
                    figures::known(row.duration_us, figures::took),
                    escape::line(&row.delivery_id),
                ))
            }
        }
    }
}
