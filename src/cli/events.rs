//! `hooktui events`: newest first.

use crate::event::Query;
use crate::journal::{Cursor, EventRow, Finding};
use crate::present::clock::Times;
use crate::present::{escape, figures};

use super::exit::Outcome;
use super::filter;
use super::json;
use super::out::Out;
use super::page::{List, PageArgs};
use super::place::{Place, now};
use super::table::{self, Cell, Column};

/// Options of `events`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    page: PageArgs,
    /// Only what matches, as in the console: 'type:agent.* session:acme age:<1h'
    #[arg(long, value_name = "EXPR", value_parser = filter::of_events)]
    filter: Option<Query>,
}

/// Prints a page of events.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let mut found = match place.open()?.reader()? {
        Some(reader) => reader.find_events(args.page.page(), &filter::search(args.filter.as_ref()))?,
        None => Finding::default(),
    };
    let list = List {
        empty: "no events yet; `hooktui emit TYPE` makes one",
        entry: json::EventEntry::new,
        cursor: |row| Cursor { sort: row.seq, seq: row.seq },
        filter: args.filter.as_ref(),
    };
    args.page.show(out, &mut found, &list, print)
}

fn print(out: &mut Out, rows: &[EventRow]) -> std::io::Result<()> {
    let columns = [
        Column::Right("AGE"),
        Column::Left("TYPE"),
        Column::Left("ID"),
        Column::Left("DELIVERIES"),
        Column::Left("MESSAGE"),
    ];
    let now = now();
    let zone = jiff::tz::TimeZone::system();
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            vec![
                Times::Ago.show(row.accepted_at, now, &zone).into(),
                escape::line(&row.kind).into_owned().into(),
                escape::line(&row.id).into_owned().into(),
                went(row).into(),
                escape::line(&row.message).into_owned().into(),
            ]
        })
        .collect();
    table::print(out, &columns, &cells)
}

/// What became of an event, in words.
fn went(row: &EventRow) -> String {
    if row.unrouted {
        return "unrouted".to_owned();
    }
    if row.deliveries == 0 {
        return "no endpoint".to_owned();
    }
    let dead = if row.dead > 0 { format!(", {} dead", figures::count(row.dead)) } else { String::new() };
    format!("{} of {} delivered{dead}", figures::count(row.delivered), figures::count(row.deliveries))
}
