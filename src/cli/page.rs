//! Lists, a page at a time: `--limit` and `--after`.

use std::io;

use serde::Serialize;

use crate::event::Query;
use crate::journal::{Cursor, Direction, Finding, Page};
use crate::present::{escape, figures};

use super::exit::{Exit, Outcome};
use super::out::{Out, tell};

/// Options of every list.
#[derive(Debug, Clone, clap::Args)]
pub struct PageArgs {
    /// Most rows
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
    /// Go on after this row (its `cursor` of --json, or what the page before named)
    #[arg(long, value_name = "CURSOR", value_parser = parse_cursor)]
    after: Option<Cursor>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl PageArgs {
    /// The page asked for, and one row more: it tells whether there is a next page.
    #[must_use]
    pub fn page(&self) -> Page {
        Page { from: self.after, direction: Direction::Down, limit: self.limit as usize + 1 }
    }

    /// Most rows.
    #[must_use]
    pub const fn limit(&self) -> usize {
        self.limit as usize
    }

    /// `--json`.
    #[must_use]
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// Shows the page that was read: as JSON or as a table, words where there is nothing, how to go on where there is more.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn show<'r, R, J: Serialize>(
        &self,
        out: &mut Out,
        found: &'r mut Finding<R>,
        list: &List<'_, 'r, R, J>,
        print: impl FnOnce(&mut Out, &'r [R]) -> io::Result<()>,
    ) -> Outcome {
        let more = found.rows.len() > self.limit as usize;
        found.rows.truncate(self.limit as usize);
        let found: &'r Finding<R> = found;
        let rows = &found.rows;
        if self.json {
            out.json_pretty(&rows.iter().map(list.entry).collect::<Vec<_>>())?;
        } else if rows.is_empty() && self.after.is_some() && found.stopped.is_none() {
            tell("there are no more");
        } else if let ([], Some(filter)) = (rows.as_slice(), list.filter) {
            tell(format_args!("nothing matches {}", escape::line(&filter.to_string())));
        } else if rows.is_empty() {
            tell(list.empty);
        } else {
            print(out, rows)?;
        }
        // On standard error, as it is no result; the rows come first.
        out.flush()?;
        if out.is_reader_gone() {
            return Ok(Exit::Done);
        }
        match (more, rows.last(), found.stopped) {
            (true, Some(row), _) => tell(format_args!("there are more: --after {}", cursor_text((list.cursor)(row)))),
            (_, _, Some(stopped)) => tell(format_args!(
                "looked through {} rows; to look further: --after {}",
                figures::count(found.looked),
                cursor_text(stopped)
            )),
            _ => {}
        }
        Ok(Exit::Done)
    }
}

/// What is particular to a list.
pub struct List<'a, 'r, R, J> {
    /// What to say where there is nothing: what would be here, and the command that fills it.
    pub empty: &'a str,
    /// The row in JSON.
    pub entry: fn(&'r R) -> J,
    /// The row's place.
    pub cursor: fn(&R) -> Cursor,
    /// What was asked for.
    pub filter: Option<&'a Query>,
}

/// How to ask for the page after a row at this place.
#[must_use]
pub fn cursor_text(Cursor { sort, seq }: Cursor) -> String {
    if sort == seq { seq.to_string() } else { format!("{sort}.{seq}") }
}

fn parse_cursor(text: &str) -> Result<Cursor, String> {
    let (sort, seq) = text.split_once('.').unwrap_or((text, text));
    match (sort.parse(), seq.parse()) {
        (Ok(sort), Ok(seq)) => Ok(Cursor { sort, seq }),
        _ => Err("take it from `cursor` of --json, or from the end of the page before".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_it_was_printed() {
        for (sort, seq) in [(1, 1), (1_204_331, 88), (1_795_348_981_042, 7)] {
            assert_eq!(parse_cursor(&cursor_text(Cursor { sort, seq })), Ok(Cursor { sort, seq }));
        }
        assert!(parse_cursor("yesterday").is_err());
    }
}
