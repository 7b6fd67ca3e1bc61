//! `hooktui endpoints pause|resume|reset|trip`: orders for the dispatcher.

use std::time::{Duration, Instant};

use crate::engine::orders;
use crate::event::EndpointState;
use crate::journal::{Journal, OrderKind, Whom};
use crate::present::{escape, figures};

use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::out::{Out, tell};
use crate::cli::place::{Context, now};
use crate::cli::{select, values};

/// How long a dispatcher may take to apply an order before we say that it has not.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(5);

/// The orders.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Hold its deliveries; new ones are accepted and wait
    Pause {
        #[command(flatten)]
        which: Which,
        /// Resume by itself after this long, for example 1h
        #[arg(long = "for", value_name = "DURATION", value_parser = values::duration)]
        length: Option<Duration>,
    },
    /// Let its deliveries flow again; also after a 410
    Resume(Which),
    /// Close its circuit at once
    Reset(Which),
    /// Open its circuit at once
    Trip(Which),
}

/// One endpoint or all.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// Its name or id
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// All endpoints: those that are active are paused, those that are paused resumed
    #[arg(long)]
    all: bool,
}

/// Leaves the order and waits until it is applied; where nobody dispatches we apply it ourselves.
pub fn run(command: &Command, context: &Context, out: &mut Out) -> Outcome {
    let (which, kind, done) = match command {
        Command::Pause { which, length } => {
            let until = length.map(|length| now().saturating_add(values::millis(length)));
            (which, OrderKind::Pause(until), "paused")
        }
        Command::Resume(which) => (which, OrderKind::Resume, "resumed"),
        Command::Reset(which) => (which, OrderKind::Reset, "circuit closed"),
        Command::Trip(which) => (which, OrderKind::Trip, "circuit opened"),
    };
    let journal = context.journal()?;
    let (actor, at) = select::by_hand();
    introduce(context, &journal)?;
    let whom = which.name.clone().map_or(Whom::All, Whom::One);
    let result = journal.order(whom, kind, actor, at).wait()?;
    select::tell_skipped(&result.skipped);
    if result.done == 0 && result.skipped.is_empty() {
        tell(nothing(&journal, kind)?);
    }
    orders::apply_when_free(&journal, context.loaded.config.as_deref(), at)?;
    if result.done > 0 && !applied(&journal)? {
        return Ok(Exit::Waiting);
    }
    let what = which.name.as_deref().map_or_else(
        || figures::counted(result.done, "endpoint", "endpoints"),
        |name| escape::line(name.trim()).into_owned(),
    );
    if result.done > 0 {
        out.line(format_args!("{what}: {done}"))?;
    }
    Ok(if result.skipped.is_empty() { Exit::Done } else { Exit::Failed })
}

/// Why an order for all was for none.
fn nothing(journal: &Journal, kind: OrderKind) -> Result<&'static str, Failure> {
    let none = journal.reader()?.endpoints()?.iter().all(|row| row.state == EndpointState::Removed);
    Ok(match kind {
        OrderKind::Pause(_) if !none => "nothing to pause: no endpoint is active",
        OrderKind::Resume if !none => {
            "nothing to resume: no endpoint is paused; name one that a 410 has disabled to resume it"
        }
        _ => "there are no endpoints; add one to .ntm.yaml, `hooktui check` tells whether it is right",
    })
}

/// An endpoint that is in the file only has no dispatcher to wait for.
fn introduce(context: &Context, journal: &Journal) -> Result<(), Failure> {
    let Some(config) = &context.loaded.config else { return Ok(()) };
    let known = journal.reader()?.endpoints()?;
    let is_known = |id: &str| known.iter().any(|row| row.id == id && row.state != EndpointState::Removed);
    if !config.endpoints.iter().all(|endpoint| is_known(&endpoint.route.endpoint)) {
        orders::introduce_when_free(journal, config, now())?;
    }
    Ok(())
}

/// Waits until no order to an endpoint is left, and says so where the dispatcher is not that quick.
///
/// # Errors
/// When the journal cannot be read.
pub fn applied(journal: &Journal) -> Result<bool, Failure> {
    let reader = journal.reader()?;
    let deadline = Instant::now() + PATIENCE;
    while reader.orders()?.iter().any(|order| !matches!(order.kind, OrderKind::Resend(_))) {
        if Instant::now() >= deadline {
            tell("the dispatcher has not applied it yet; see `hooktui status`");
            return Ok(false);
        }
        std::thread::sleep(LOOK);
    }
    Ok(true)
}
