//! `hooktui endpoints`: circuit, queue, rates; pause, resume, reset, trip.

pub mod order;

use crate::event::{Circuit, EndpointState};
use crate::journal::EndpointRow;
use crate::present::clock::Times;
use crate::present::next::circuit_column;
use crate::present::{escape, figures as text, glyphs, result};

use super::exit::{Exit, Outcome};
use super::figures::Figures;
use super::out::{Out, Tone, tell};
use super::outlook::Outlooks;
use super::place::{Context, Place, now};
use super::status::EndpointStatus;
use super::table::{self, Cell, Column};

/// Options of `endpoints`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    order: Option<order::Command>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Lists the endpoints, or gives them an order.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    if let Some(order) = &args.order {
        return order::run(order, &context, out);
    }
    let figures = Figures::read(&context, context.reader()?.as_ref(), now())?;
    if args.json {
        let rows = figures.overview.endpoints.iter().zip(&figures.summary.endpoints);
        out.json_pretty(&rows.map(|(row, recent)| EndpointStatus::new(row, recent)).collect::<Vec<_>>())?;
    } else if figures.overview.endpoints.is_empty() {
        tell("no endpoints; add one to .ntm.yaml, `hooktui check` tells whether it is right");
    } else {
        print(&figures, &context, out)?;
    }
    Ok(Exit::Done)
}

/// Prints the endpoints as a table.
pub fn print(figures: &Figures, context: &Context, out: &mut Out) -> std::io::Result<()> {
    let columns = [
        Column::Left("NAME"),
        Column::Left("HOST"),
        Column::Left("CIRCUIT"),
        Column::Right("QUEUE"),
        Column::Right("FLT"),
        Column::Right("DEAD"),
        Column::Right("OK%"),
        Column::Right("P50"),
        Column::Right("P95"),
        Column::Right("FAILING"),
        Column::Right("LAST GOOD"),
        Column::Left("LAST"),
    ];
    let outlooks = Outlooks::new(context, &figures.overview, figures.now);
    let zone = jiff::tz::TimeZone::system();
    let age = |at: Option<i64>| text::known(at, |at| Times::Ago.show(at, figures.now, &zone));
    let rows: Vec<Vec<Cell>> = figures
        .overview
        .endpoints
        .iter()
        .zip(&figures.summary.endpoints)
        .map(|(row, recent)| {
            let circuit = circuit_column(row, outlooks.rules(&row.id), figures.now);
            let mark = glyphs::UNICODE.endpoint(row.state, row.circuit.circuit);
            vec![
                escape::line(&row.name).into_owned().into(),
                escape::line(&row.host).into_owned().into(),
                (tone(row), format!("{mark} {circuit}")).into(),
                text::count(row.counts.queued + row.counts.scheduled).into(),
                text::count(row.counts.in_flight).into(),
                text::count(row.counts.dead).into(),
                recent.percent().into(),
                text::known(recent.p50_ms, text::took_ms).into(),
                text::known(recent.p95_ms, text::took_ms).into(),
                age(row.failing_since).into(),
                age(row.last_success_at).into(),
                last(row).into(),
            ]
        })
        .collect();
    table::print(out, &columns, &rows)
}

/// How its newest attempt ended.
fn last(row: &EndpointRow) -> String {
    if row.last_attempt_at.is_none() {
        text::UNKNOWN.to_owned()
    } else {
        result::failure(row.last_status, row.last_error.as_deref())
    }
}

const fn tone(row: &EndpointRow) -> Tone {
    match (row.state, row.circuit.circuit) {
        (EndpointState::Paused | EndpointState::Disabled | EndpointState::Removed, _) => Tone::Quiet,
        (EndpointState::Active, Circuit::Closed) => Tone::Good,
        (EndpointState::Active, Circuit::HalfOpen) => Tone::Waiting,
        (EndpointState::Active, Circuit::Open) => Tone::Bad,
    }
}
