//! `hooktui deliveries`: newest change first.

use crate::event::State;
use crate::journal::{DeliveryRow, Overview};
use crate::present::clock::Times;
use crate::present::{escape, figures, glyphs, result};

use super::exit::{Exit, Outcome};
use super::json;
use super::out::{Out, Tone};
use super::page::{PageArgs, cursor_text};
use super::place::{Context, Place, now};
use super::table::{self, Cell, Column};

/// Options of `deliveries`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    page: PageArgs,
}

/// Prints a page of deliveries.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let mut rows = Vec::new();
    let mut overview = Overview::default();
    if let Some(reader) = context.reader()? {
        rows = reader.deliveries(args.page.page())?;
        overview = reader.overview(now())?;
    }
    let more = args.page.cut(&mut rows);
    if args.page.json {
        out.json_pretty(&rows.iter().map(json::Delivery::new).collect::<Vec<_>>())?;
    } else if rows.is_empty() {
        super::out::tell("no deliveries yet; `hooktui emit TYPE` makes some");
    } else {
        print(out, &rows, &overview, &context)?;
    }
    if let (true, Some(last)) = (more, rows.last()) {
        super::page::tell_more(out, &cursor_text(last.change, last.seq))?;
    }
    Ok(Exit::Done)
}

/// Prints deliveries as a table with what happens next to each.
pub fn print(out: &mut Out, rows: &[DeliveryRow], overview: &Overview, context: &Context) -> std::io::Result<()> {
    let columns = [
        Column::Right("AGE"),
        Column::Left("TYPE"),
        Column::Left("ENDPOINT"),
        Column::Right("TRY"),
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
            vec![
                Times::Ago.show(row.changed_at, now, &zone).into(),
                escape::line(&row.event_type).into_owned().into(),
                escape::line(&row.endpoint).into_owned().into(),
                result::tries(row).into(),
                (tone(row), result::of_delivery(row, &glyphs::UNICODE)).into(),
                figures::known(row.last_ms, figures::took_ms).into(),
                escape::line(&row.id).into_owned().into(),
                outlooks.of(row).column().into(),
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
