//! `hooktui log`: engine, file changes and every act by hand, newest first.

use crate::event::Query;
use crate::journal::{Cursor, Finding, Level, LogRow, LogSource};
use crate::present::clock::rfc3339;
use crate::present::escape;

use super::exit::Outcome;
use super::filter;
use super::json;
use super::out::{Out, Tone};
use super::page::{List, PageArgs};
use super::place::Place;
use super::table::{self, Cell, Column};

/// Options of `log`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    page: PageArgs,
    /// Only what matches, as in the console: 'endpoint:slack* age:<1h opened'
    #[arg(long, value_name = "EXPR", value_parser = filter::of_log)]
    filter: Option<Query>,
}

/// Prints a page of the log.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let mut found = match place.open()?.reader()? {
        Some(reader) => reader.find_log(args.page.page(), &filter::search(args.filter.as_ref()))?,
        None => Finding::default(),
    };
    let list = List {
        empty: "the log is empty; it begins with the first `hooktui` or `hooktui run`",
        entry: json::LogEntry::new,
        cursor: |row| Cursor { sort: row.seq, seq: row.seq },
        filter: args.filter.as_ref(),
    };
    args.page.show(out, &mut found, &list, print)
}

fn print(out: &mut Out, rows: &[LogRow]) -> std::io::Result<()> {
    let columns = [
        Column::Left("TIME"),
        Column::Left("LEVEL"),
        Column::Left("ABOUT"),
        Column::Left("WHO"),
        Column::Left("ENDPOINT"),
        Column::Left("WHAT"),
    ];
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            vec![
                rfc3339(row.at).into(),
                (tone(row.level), level_word(row.level).to_owned()).into(),
                source_word(row.source).into(),
                escape::line(row.who.as_deref().unwrap_or_default()).into_owned().into(),
                escape::line(row.endpoint.as_deref().unwrap_or_default()).into_owned().into(),
                escape::line(&row.text).into_owned().into(),
            ]
        })
        .collect();
    table::print(out, &columns, &cells)
}

const fn tone(level: Level) -> Tone {
    match level {
        Level::Info => Tone::Quiet,
        Level::Warning => Tone::Waiting,
        Level::Error => Tone::Bad,
    }
}

/// A level as JSON and lists have it.
#[must_use]
pub const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

/// What a line is about, as JSON and lists have it.
#[must_use]
pub const fn source_word(source: LogSource) -> &'static str {
    match source {
        LogSource::Engine => "engine",
        LogSource::File => "file",
        LogSource::Circuit => "circuit",
        LogSource::Act => "act",
    }
}
