//! Which deliveries an act by hand means: ids, `--endpoint`, `--filter`, `--all`; and telling what it did.

use std::io;

use serde::Serialize;

use crate::event::{Millis, Query};
use crate::journal::{Act, ActResult, Actor, Counted, Reader, Selection};
use crate::present::{act as acts, escape, figures};

use super::exit::{Exit, Failure, Outcome};
use super::filter;
use super::out::{self, Out, tell};

/// Lines of the table above a question, and one for the others.
const NAMED: usize = 12;

/// Options that select deliveries. Exactly one kind must be given.
#[derive(Debug, Clone, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// Ids of deliveries; the id of an event stands for all its deliveries
    #[arg(value_name = "DELIVERY")]
    ids: Vec<String>,
    /// All of this endpoint
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
    /// All
    #[arg(long)]
    all: bool,
    /// All that matches, as in the console: 'endpoint:slack* status:5xx age:>1h'
    #[arg(long, value_name = "EXPR", value_parser = filter::of_deliveries)]
    filter: Option<Query>,
}

impl Which {
    /// Several are meant that are not named one by one.
    #[must_use]
    pub const fn is_many(&self) -> bool {
        self.all || self.endpoint.is_some()
    }

    /// The selection.
    #[must_use]
    pub fn selection(&self) -> Selection {
        if let Some(query) = &self.filter {
            // All that matches when the act begins.
            return Selection::Matching { query: query.clone(), as_of: i64::MAX, at: super::place::now() };
        }
        match &self.endpoint {
            Some(name) => Selection::Endpoint(name.clone()),
            None if self.all => Selection::All,
            None => Selection::Ids(self.ids.clone()),
        }
    }
}

/// `[{endpoint, count, causes: [{cause, count}]}]`: what an act would change. No causes: too many to look at each.
#[derive(Debug, Serialize)]
struct OfEndpoint<'a> {
    endpoint: &'a str,
    count: u64,
    causes: Vec<OfCause>,
}

#[derive(Debug, Serialize)]
struct OfCause {
    cause: String,
    count: u64,
}

/// `{act, done, skipped: [{id, why}]}`: what an act changed.
#[derive(Debug, Serialize)]
struct Report<'a> {
    act: &'a str,
    done: u64,
    skipped: Vec<Skipped<'a>>,
}

#[derive(Debug, Serialize)]
struct Skipped<'a> {
    id: &'a str,
    why: &'a str,
}

/// Says how many an act would change, by endpoint and by what the last attempt failed with; `--dry-run`.
///
/// # Errors
/// When the journal cannot be read or standard output fails.
pub fn dry_run(counts: &[Counted], act: Act, as_json: bool, out: &mut Out) -> Outcome {
    if as_json {
        out.json_pretty(&by_endpoint(counts))?;
        return Ok(Exit::Done);
    }
    for line in acts::table(counts, counts.len()) {
        out.line(line)?;
    }
    out.line(format_args!("{} to {} in all", acts::what(act, acts::total(counts)), act.as_str()))?;
    Ok(Exit::Done)
}

fn by_endpoint(counts: &[Counted]) -> Vec<OfEndpoint<'_>> {
    let mut endpoints: Vec<OfEndpoint<'_>> = Vec::new();
    for one in counts {
        let cause = one.cause.map(|cause| OfCause { cause: cause.to_string(), count: one.count });
        match endpoints.last_mut().filter(|last| last.endpoint == one.endpoint) {
            Some(last) => {
                last.count += one.count;
                last.causes.extend(cause);
            }
            None => {
                endpoints.push(OfEndpoint {
                    endpoint: &one.endpoint,
                    count: one.count,
                    causes: cause.into_iter().collect(),
                });
            }
        }
    }
    endpoints
}

/// How many an act would change; nothing where there is no journal yet.
///
/// # Errors
/// When the journal cannot be read.
pub fn count(reader: Option<&Reader>, act: Act, selection: &Selection) -> Result<Vec<Counted>, Failure> {
    Ok(reader.map(|reader| reader.count(act, selection)).transpose()?.unwrap_or_default())
}

/// Shows what would be changed, and asks. Without a terminal `--yes` must have been given.
///
/// # Errors
/// Wrong usage, without a terminal and without `--yes`.
pub fn confirm_act(act: Act, counts: &[Counted], yes: bool) -> Result<bool, Failure> {
    if !yes && out::can_ask() {
        for line in acts::table(counts, NAMED) {
            tell(line);
        }
    }
    confirm(&format!("{} {}?", act.as_str(), acts::what(act, acts::total(counts))), yes)
}

/// An endpoint that is selected must be one that the journal knows: a name misspelt is not "nothing to do".
///
/// # Errors
/// Names those there are.
pub fn check(reader: Option<&Reader>, selection: &Selection) -> Result<(), Failure> {
    let Selection::Endpoint(name) = selection else { return Ok(()) };
    let endpoints =
        reader.map(|reader| reader.overview(super::place::now())).transpose()?.unwrap_or_default().endpoints;
    if endpoints.iter().any(|endpoint| endpoint.id == *name || endpoint.name == *name) {
        return Ok(());
    }
    let known: Vec<_> = endpoints.iter().map(|endpoint| escape::line(&endpoint.name)).collect();
    let known =
        if known.is_empty() { "it knows none yet".to_owned() } else { format!("there are: {}", known.join(", ")) };
    Err(Failure::failed(format!("the journal knows no endpoint {}; {known}", escape::line(name))))
}

/// Asks before something destructive. Without a terminal `--yes` must have been given.
///
/// # Errors
/// Wrong usage, without a terminal and without `--yes`.
pub fn confirm(question: &str, yes: bool) -> Result<bool, Failure> {
    if yes {
        return Ok(true);
    }
    if !out::can_ask() {
        return Err(Failure::usage("there is no terminal to ask at; give --yes to go ahead, or --dry-run to count"));
    }
    out::ask(question).map_err(|error: io::Error| Failure::failed(format!("no answer: {error}")))
}

/// Tells what an act did. Ids that it left alone make the exit 1.
///
/// # Errors
/// When standard output fails.
pub fn report(result: &ActResult, verb: &str, as_json: bool, out: &mut Out) -> Outcome {
    if as_json {
        let skipped = result.skipped.iter().map(|(id, why)| Skipped { id, why }).collect();
        out.json_pretty(&Report { act: verb, done: result.done, skipped })?;
    } else {
        out.line(format_args!("{verb}: {}", figures::counted(result.done, "delivery", "deliveries")))?;
    }
    out.flush()?;
    for (id, why) in &result.skipped {
        tell(format_args!("{}: {}", escape::line(id), escape::line(why)));
    }
    Ok(if result.skipped.is_empty() && !result.cancelled { Exit::Done } else { Exit::Failed })
}

/// Who acts, and when.
#[must_use]
pub fn by_hand() -> (Actor, Millis) {
    (super::actor::current(), super::place::now())
}
