//! `hooktui events`: newest first.

use crate::journal::EventRow;
use crate::present::clock::Times;
use crate::present::{escape, figures};

use super::exit::Outcome;
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
}

/// Prints a page of events.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let mut rows = match place.open()?.reader()? {
        Some(reader) => reader.events(args.page.page())?,
        None => Vec::new(),
    };
    let list = List {
        empty: "no events yet; `hooktui emit TYPE` makes one",
        entry: json::EventEntry::new,
        cursor: |row| (row.seq, row.seq),
    };
    args.page.show(out, &mut rows, &list, print)
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
