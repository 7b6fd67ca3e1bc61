//! `hooktui test ENDPOINT`: one test event to one endpoint, now, whatever its circuit says. Never moves the circuit.

use crate::engine::send::send_once;
use crate::event::Outcome as Ended;
use crate::journal::{AttemptRecord, TestRecord};
use crate::present::{escape, figures, result};

use super::exit::{Exit, Failure, Outcome};
use super::json::{TestAttempt, TestReport};
use super::out::{Out, Tone, tell};
use super::place::{Place, now};
use super::{render, sample, show};

/// Options of `test`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The endpoint's name or id
    endpoint: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Sends, records, shows.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let endpoint = render::find(&context, &args.endpoint)?;
    let config = context.config()?;
    let event = sample::event(sample::TEST_TYPE);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start: {error}")))?;
    let attempt = runtime
        .block_on(send_once(endpoint, config, &event, now()))
        .map_err(|text| Failure::failed(format!("{}: {text}", escape::line(&endpoint.route.name))))?;
    // The attempt had its timeout; a look-up of a name that goes on beyond it holds up nobody.
    runtime.shutdown_background();
    let record = TestRecord { event: event.clone(), endpoint: endpoint.route.clone(), attempt: attempt.clone() };
    // The test itself was done: a journal that cannot take it is worth a word, not a failure.
    let recorded = context.journal().and_then(|journal| Ok(journal.record_test(record, now()).wait()?));
    if let Err(failure) = recorded {
        tell(format_args!("the test is not in the journal: {failure}"));
    }
    if args.json {
        out.json_pretty(&TestReport {
            event: &event,
            endpoint: &endpoint.route.name,
            attempt: TestAttempt::new(&attempt),
        })?;
    } else {
        print(&endpoint.route.name, &attempt, out)?;
    }
    Ok(if attempt.outcome == Ended::Delivered { Exit::Done } else { Exit::Failed })
}

fn print(endpoint: &str, attempt: &AttemptRecord, out: &mut Out) -> std::io::Result<()> {
    show::exchange("> ", &attempt.request_headers.pairs(), Some(&attempt.request_body), out)?;
    if attempt.status.is_some() {
        out.line("")?;
        show::exchange("< ", &attempt.response_headers.pairs(), Some(&attempt.response_body), out)?;
    }
    out.line("")?;
    let (tone, ended) = if attempt.outcome == Ended::Delivered {
        (Tone::Good, figures::known(attempt.status, |code| format!("✓ {code}")))
    } else {
        (Tone::Bad, format!("✗ {}", result::failure(attempt.status, attempt.error.as_deref())))
    };
    let whole = figures::known(attempt.duration_us, figures::took);
    let name = figures::known(attempt.resolve_us, figures::took);
    let first = figures::known(attempt.first_byte_us, figures::took);
    let ended = out.tone(tone, &ended);
    out.line(format_args!("{}  {ended}  {whole} (name {name}, first byte {first})", escape::line(endpoint)))
}
