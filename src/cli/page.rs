//! Lists, a page at a time: `--limit` and `--after`.

use crate::journal::{Cursor, Direction, Page};

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
    pub json: bool,
}

impl PageArgs {
    /// The page asked for, and one row more: it tells whether there is a next page.
    #[must_use]
    pub fn page(&self) -> Page {
        Page { from: self.after, direction: Direction::Down, limit: self.limit as usize + 1 }
    }

    /// Cuts the row too many off and answers whether it was there.
    pub fn cut<T>(&self, rows: &mut Vec<T>) -> bool {
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        more
    }
}

/// How to ask for the page after a row with this sort value and sequence.
#[must_use]
pub fn cursor_text(sort: i64, seq: i64) -> String {
    if sort == seq { seq.to_string() } else { format!("{sort}.{seq}") }
}

/// Tells how to see the rows that follow; on standard error, as it is no result.
///
/// # Errors
/// When the rows so far cannot be written: they come first.
pub fn tell_more(out: &mut Out, cursor: &str) -> std::io::Result<()> {
    out.flush()?;
    tell(format_args!("there are more: --after {cursor}"));
    Ok(())
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
            assert_eq!(parse_cursor(&cursor_text(sort, seq)), Ok(Cursor { sort, seq }));
        }
        assert!(parse_cursor("yesterday").is_err());
    }
}
