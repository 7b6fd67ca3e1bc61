//! `hooktui deliveries`: newest change first.

use crate::event::{Query, State};
use crate::journal::{DeliveryRow, Finding, Overview};
use crate::present::clock::Times;
use crate::present::{escape, figures, glyphs, result};

use super::exit::Outcome;
use super::filter;
use super::json;
use super::out::{Out, Tone};
use super::page::{List, PageArgs};
use super::place::{Context, Place, now};
use super::table::{self, Cell, Column};

/// Options of `deliveries`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    page: PageArgs,
    /// Only what matches, as in the console: 'state:dead endpoint:slack* age:>1h'
    #[arg(long, value_name = "EXPR", value_parser = filter::of_deliveries)]
    filter: Option<Query>,
}

/// Prints a page of deliveries.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let mut found = Finding::default();
    let mut overview = Overview::default();
    if let Some(reader) = context.reader()? {
        found = reader.find_deliveries(args.page.page(), &filter::search(args.filter.as_ref()))?;
        overview = reader.overview(now())?;
    }
    let list = List {
        empty: "no deliveries yet; `hooktui emit TYPE` makes some",
        entry: json::Delivery::new,
        cursor: |row| row.place,
        filter: args.filter.as_ref(),
    };
    args.page.show(out, &mut found, &list, |out, rows| print(out, rows, &overview, &context))
}

/// Prints deliveries as a table with what happens next to each.
pub fn print(out: &mut Out, rows: &[DeliveryRow], overview: &Overview, context: &Context) -> std::io::Result<()> {
    let columns = [
        Column::Right("AGE"),
        Column::Left("TYPE"),
        Column::Left("ENDPOINT"),
        Column::Right("ATTEMPTS"),
        Column::Left("RESULT"),
        Column::Right("TIME"),
        Column::Left("ID"),
        Column::Left("NEXT"),
    ];
    let now = now();
    let outlooks = super::outlook::Outlooks::new(context, overview, now);
    let zone = jiff::tz::TimeZone::system();
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            let outlook = outlooks.of(row);
            vec![
                Times::Ago.show(row.changed_at, now, &zone).into(),
                escape::line(&row.event_type).into_owned().into(),
                escape::line(&row.endpoint).into_owned().into(),
                result::attempts(row, usize::MAX).into(),
                (tone(row), result::of_delivery(row, outlook.held().is_some(), &glyphs::UNICODE, usize::MAX)).into(),
                figures::known(row.last_ms, figures::took_ms).into(),
                escape::line(&row.id).into_owned().into(),
                outlook.column().into(),
            ]
        })
        .collect();
    table::print(out, &columns, &cells)
}

/// The colour of a delivery's state.
#[must_use]
pub const fn tone(row: &DeliveryRow) -> Tone {
    match row.state {
        State::Delivered => Tone::Good,
        State::Queued | State::Scheduled | State::InFlight => Tone::Waiting,
        State::Dead => Tone::Bad,
        State::Cleared => Tone::Quiet,
    }
}
