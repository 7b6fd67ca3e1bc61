//! Which deliveries an act by hand means: ids, `--endpoint`, `--filter`, `--all`; and telling what it did.

use std::io;

use serde::Serialize;

use crate::event::query::Name;
use crate::event::{Millis, Query};
use crate::journal::{Act, ActResult, Actor, Counted, IN_FLIGHT, Reader, Selection};
use crate::present::{act as acts, escape, figures};

use super::exit::{Exit, Failure, Outcome};
use super::filter;
use super::out::{self, Out, tell};
use super::place::Context;

/// Lines of the table above a question, and one for the others.
const NAMED: usize = 12;

/// What [`IN_FLIGHT`] comes to where nobody dispatches.
const CUT_OFF: &str =
    "in flight, and nobody dispatches who would see its result: `hooktui` or `hooktui run` takes it up again";

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
        self.ids.is_empty()
    }

    /// The selection: of what is not named one by one, all that stands there now. What comes in while a person is asked is
    /// not meant.
    ///
    /// # Errors
    /// As [`called`], and when the journal cannot be read.
    pub fn selection(&self, reader: Option<&Reader>) -> Result<Selection, Failure> {
        let query = match (&self.filter, &self.endpoint) {
            (Some(query), _) => query.clone(),
            (None, Some(name)) => Query::of_endpoint(called(reader, name)?),
            (None, None) if self.all => Query::default(),
            (None, None) => return Ok(Selection::Ids(self.ids.clone())),
        };
        let at = super::place::now();
        let as_of = reader.map(|reader| reader.overview(at)).transpose()?.map_or(0, |overview| overview.change);
        Ok(Selection::Matching { query, as_of, at })
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

/// An id that an act left out, and why.
#[derive(Debug, Serialize)]
pub struct Skipped<'a> {
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

/// Shows what would be changed, and asks; where it is nothing, there is nothing to ask. Without a terminal `--yes` must have
/// been given.
///
/// # Errors
/// Wrong usage, without a terminal and without `--yes`.
pub fn confirm_act(act: Act, counts: &[Counted], yes: bool) -> Result<bool, Failure> {
    let total = acts::total(counts);
    if !yes && out::can_ask() {
        if total == 0 {
            return Ok(true);
        }
        for line in acts::table(counts, NAMED) {
            tell(line);
        }
    }
    confirm(&format!("{} {}?", act.as_str(), acts::what(act, total)), yes, ", or --dry-run to count")
}

/// The endpoint that a person calls by its name or id: trimmed and in any letter case, as names are compared in the file. The
/// journal must know it: a name misspelt is not "nothing to do". One that several had stands for all of them.
///
/// # Errors
/// Names those there are.
pub fn called(reader: Option<&Reader>, name: &str) -> Result<Name, Failure> {
    let endpoints =
        reader.map(|reader| reader.overview(super::place::now())).transpose()?.unwrap_or_default().endpoints;
    let wanted = Name::exactly(name.trim());
    if endpoints.iter().any(|endpoint| wanted.fits(&endpoint.id) || wanted.fits(&endpoint.name)) {
        return Ok(wanted);
    }
    let known: Vec<_> = endpoints.iter().map(|endpoint| escape::line(&endpoint.name)).collect();
    let known =
        if known.is_empty() { "it knows none yet".to_owned() } else { format!("there are: {}", known.join(", ")) };
    Err(Failure::failed(format!("the journal knows no endpoint {}; {known}", escape::line(name))))
}

/// Asks before something destructive. Without a terminal `--yes` must have been given; `or` is what helps besides.
///
/// # Errors
/// Wrong usage, without a terminal and without `--yes`.
pub fn confirm(question: &str, yes: bool, or: &str) -> Result<bool, Failure> {
    if yes {
        return Ok(true);
    }
    if !out::can_ask() {
        return Err(Failure::usage(format!("there is no terminal to ask at: {question} Give --yes to go ahead{or}")));
    }
    out::ask(question).map_err(|error: io::Error| Failure::failed(format!("no answer: {error}")))
}

/// Tells what an act did. Ids that it left alone make the exit 1.
///
/// # Errors
/// When standard output fails.
pub fn report(result: &ActResult, verb: &str, as_json: bool, out: &mut Out) -> Outcome {
    if as_json {
        out.json_pretty(&Report { act: verb, done: result.done, skipped: skipped(&result.skipped) })?;
    } else {
        let done = match result.done {
            0 => format!("nothing to {verb}"),
            done => figures::counted(done, "delivery", "deliveries"),
        };
        out.line(format_args!("{verb}: {done}"))?;
    }
    out.flush()?;
    tell_skipped(&result.skipped);
    Ok(if result.skipped.is_empty() && !result.cancelled { Exit::Done } else { Exit::Failed })
}

/// What was left out, for JSON.
#[must_use]
pub fn skipped(all: &[(String, String)]) -> Vec<Skipped<'_>> {
    all.iter().map(|(id, why)| Skipped { id, why }).collect()
}

/// Where nobody dispatches, no result of what is in flight will come.
pub fn without_dispatcher(skipped: &mut [(String, String)], context: &Context) {
    if !skipped.is_empty() && !context.dispatcher_lives() {
        for (_, why) in skipped {
            *why = why.replace(IN_FLIGHT, CUT_OFF);
        }
    }
}

/// Tells what was left out, and why.
pub fn tell_skipped(all: &[(String, String)]) {
    for (id, why) in all {
        tell(format_args!("{}: {}", escape::line(id), escape::line(why)));
    }
}

/// Who acts, and when.
#[must_use]
pub fn by_hand() -> (Actor, Millis) {
    (super::actor::current(), super::place::now())
}
