//! `hooktui dlq list`: newest death first.

use crate::event::Query;
use crate::journal::{DeliveryRow, Finding, GroupRow};
use crate::present::clock::Times;
use crate::present::{act, escape, figures, fit, result};

use crate::cli::exit::{Exit, Outcome};
use crate::cli::filter;
use crate::cli::json;
use crate::cli::out::{Out, Tone, tell};
use crate::cli::page::{List, PageArgs};
use crate::cli::place::{Place, now};
use crate::cli::select;
use crate::cli::table::{self, Cell, Column};

/// So much of a group's newest error is shown.
const WIDEST: usize = 80;

/// Options of `dlq list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    page: PageArgs,
    /// Only what matches, as in the console: 'type:agent.* status:5xx age:<1d'
    #[arg(long, value_name = "EXPR", value_parser = filter::of_dead)]
    filter: Option<Query>,
    /// Only those of this endpoint
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
    /// Group them by what they died of (reason, status or error, endpoint), the largest groups first
    #[arg(long, conflicts_with_all = ["after", "filter"])]
    group: bool,
}

/// Prints a page of dead letters.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    if args.group {
        return groups(args, place, out);
    }
    let mut search = filter::search(args.filter.as_ref());
    let mut found = match place.open()?.reader()? {
        Some(reader) => {
            if let Some(name) = &args.endpoint {
                search.query = search.query.and(&Query::of_endpoint(select::called(Some(&reader), name)?));
            }
            reader.find_dead_letters(args.page.page(), &search)?
        }
        None => Finding::default(),
    };
    let list = List {
        empty: "no dead letters",
        entry: json::DeadLetter::new,
        cursor: |row| row.place,
        filter: args.filter.as_ref(),
    };
    args.page.show(out, &mut found, &list, print)
}

fn groups(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let groups = match place.open()?.reader()? {
        Some(reader) => {
            let endpoint = args.endpoint.as_ref().map(|name| select::called(Some(&reader), name)).transpose()?;
            reader.groups(endpoint.as_ref(), args.page.limit())?
        }
        None => Vec::new(),
    };
    if args.page.is_json() {
        out.json_pretty(&groups.iter().map(json::Group::new).collect::<Vec<_>>())?;
    } else if groups.is_empty() {
        tell("no dead letters");
    } else {
        print_groups(out, &groups)?;
    }
    Ok(Exit::Done)
}

fn print_groups(out: &mut Out, groups: &[GroupRow]) -> std::io::Result<()> {
    let columns = [
        Column::Right("COUNT"),
        Column::Left("ENDPOINT"),
        Column::Left("WHY"),
        Column::Right("OLDEST"),
        Column::Right("NEWEST"),
        Column::Left("THE NEWEST SAYS"),
    ];
    let now = now();
    let age = |at| figures::age(figures::elapsed(at, now));
    let cells: Vec<Vec<Cell>> = groups
        .iter()
        .map(|group| {
            vec![
                figures::count(group.count).into(),
                escape::line(&group.endpoint).into_owned().into(),
                (Tone::Bad, act::signature(group)).into(),
                age(group.oldest_at).into(),
                age(group.newest_at).into(),
                fit::cut_end(&escape::line(group.sample.as_deref().unwrap_or_default()), WIDEST).into_owned().into(),
            ]
        })
        .collect();
    table::print(out, &columns, &cells)
}

fn print(out: &mut Out, rows: &[DeliveryRow]) -> std::io::Result<()> {
    let columns = [
        Column::Right("DEAD"),
        Column::Left("TYPE"),
        Column::Left("ENDPOINT"),
        Column::Right("ATTEMPTS"),
        Column::Left("ID"),
        Column::Left("REASON"),
    ];
    let now = now();
    let zone = jiff::tz::TimeZone::system();
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            vec![
                Times::Ago.show(row.changed_at, now, &zone).into(),
                escape::line(&row.event_type).into_owned().into(),
                escape::line(&row.endpoint).into_owned().into(),
                result::attempts(row, usize::MAX).into(),
                escape::line(&row.id).into_owned().into(),
                (Tone::Bad, result::reason(row)).into(),
            ]
        })
        .collect();
    table::print(out, &columns, &cells)
}
