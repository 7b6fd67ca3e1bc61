//! `hooktui bench`: what this machine makes of hooktui, against a raw client on the same sink in the same run.
//!
//! ## How it is taken
//!
//! The sink is a process of its own that reads a request and answers 200. Everything else happens in this process, through
//! the engine and the journal that `hooktui run` has, on projects with a `.ntm.yaml` in a temporary directory below
//! `--dir`; only memory, start and idleness are those of a fresh `hooktui run`. Every event has a body of about 400 bytes;
//! every request is signed with HMAC-SHA256.
//!
//! A round measures each row and the raw client once. A comparison is made within a round, because a machine changes from
//! one minute to the next; the table shows the median of the rounds with the lowest and the highest. Before each
//! measurement of speed, some deliveries or requests go by uncounted, the same number for engine and raw client. Memory,
//! start and idleness are compared with nothing of another row: their rounds come first, while the backlog is still whole.
//! Everything that it makes is removed at the end, also after a signal or an error; only SIGKILL leaves the directory
//! (`.hooktui-bench-*`), never a process.
//! With --quick idleness is watched in one round only, and no round begins that would not end within 18 seconds.
//!
//! ## The rows
//!
//! | row | what it is |
//! |---|---|
//! | raw | the ceiling: reqwest on a current-thread runtime, one client, 50 requests in flight, nothing kept |
//! | batches | events accepted in batches of 64, one batch's commit after the other; from the first accepted to the last arrival journaled |
//! | emitters | the same with 64 emitters, each of which awaits the commit of its event |
//! | drain | deliveries that waited before the engine started |
//! | backlog | the same with a large backlog (1,000,000), a slice of it each round until nothing waits (--quick: 100,000, of which a part is delivered) |
//! | fanout | every event goes to 10 endpoints; deliveries are counted |
//! | accept | events committed while nobody delivers: in batches of 64, and one at a time |
//! | durability | `batches` with `journal.durability: full` over `normal` |
//! | slow | a receiver that takes 50 ms, 200 in flight, what is delivered waits already; over the raw client with 200 in flight |
//! | latency | from the call that accepts to the arrival of the request's head at the sink, at 50 events/s; beside it an append of 4 KiB with fdatasync in the same directory; the same with 10 endpoints |
//! | cpu | user and system time of this process in `batches` and `drain`, by delivery; in `raw`, by request |
//! | memory | the most resident memory of a fresh `hooktui run` that delivers from the large and from a small backlog |
//! | start | from the start of a process to its first arrival at the sink, and reading the figures of the whole, both with the large backlog |
//! | burst | as many events in one call to an endpoint at defaults: how many were delivered, how many dropped |
//! | idle | a `hooktui run` with nothing due: share of a core, bytes written |
//! | neighbours | two endpoints that work beside one that hangs until its timeout of 2 s and one that refuses connections, both with deliveries of their own waiting: deliveries/s of the two that work, and p99 at 200 events/s, over what they have alone |

mod child;
mod latency;
mod load;
mod machine;
mod metric;
mod process;
mod rates;
mod raw;
mod receiver;
mod report;
mod rig;
mod rows;
mod sink;
mod sizes;
mod watch;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use tempfile::TempDir;

use super::exit::{Exit, Failure, Outcome};
use super::out::Out;
use machine::Machine;
use metric::Samples;
use report::Report;
use rig::{Endpoint, Rig};
use rows::Row;
use sink::Sink;
use sizes::Sizes;
use watch::{Alarm, Progress, Stopwatch};

pub use child::{Child, run as run_child};

/// Options of `bench`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Small rounds: done in under 20 seconds, with a wider spread
    #[arg(long)]
    quick: bool,
    /// Print JSON, with the figures of every round
    #[arg(long)]
    json: bool,
    /// Rounds; the table shows medians over them [default: 5, --quick 3]
    #[arg(long, value_name = "N")]
    rounds: Option<NonZeroUsize>,
    /// Only these rows
    #[arg(long, value_name = "ROW", value_delimiter = ',')]
    only: Vec<Row>,
    /// Where its temporary directory is made: on the disk that is to be measured [default: here]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// So many deliveries a measurement and all else in proportion: shows that it works, measures nothing
    #[arg(long, value_name = "N", hide = true)]
    events: Option<u64>,
}

/// Measures and prints.
pub fn run(args: &Args, out: &mut Out) -> Outcome {
    let rounds = args.rounds.map(NonZeroUsize::get);
    let sizes = match (args.events, args.quick) {
        (Some(events), _) => Sizes::tiny(rounds, events),
        (None, true) => Sizes::quick(rounds),
        (None, false) => Sizes::whole(rounds),
    };
    let rows: Vec<Row> = if args.only.is_empty() { Row::value_variants().to_vec() } else { args.only.clone() };
    // Before there is anything that a signal could leave behind.
    let alarm = Alarm::listen()?;
    let parent = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let directory = tempfile::Builder::new().prefix(".hooktui-bench-").tempdir_in(&parent).map_err(|error| {
        Failure::usage(format!("cannot make a directory in {}: {error}; choose another --dir", parent.display()))
    })?;
    let machine = Machine::here(directory.path());
    let mut bench = Bench {
        alarm,
        sink: Sink::start()?,
        large: None,
        directory,
        samples: Samples::default(),
        progress: Progress::new(),
        rounds: sizes.rounds,
        round: 1,
        rigs: 0,
        sizes,
    };
    bench.measure(&rows)?;
    let (sizes, samples, rounds) = bench.end();
    let report = Report { machine: &machine, sizes: &sizes, rounds, rows: &rows, samples: &samples };
    if args.json {
        report.print_json(out)?;
    } else {
        report.print(out)?;
    }
    Ok(Exit::Done)
}

/// A part of a round: what it is called, the rows that need it, and how it is measured.
struct Part(&'static str, &'static [Row], fn(&mut Bench) -> Result<(), Failure>);

/// Rounds of these come first, while the large backlog is whole.
const FIRST: &[Part] =
    &[Part("idle process", &[Row::Idle], Bench::idle), Part("fresh process", &[Row::Memory, Row::Start], Bench::fresh)];

/// The rows that are compared with the raw client.
const OVER_RAW: &[Row] = &[Row::Raw, Row::Batches, Row::Emitters, Row::Drain, Row::Fanout, Row::Accept, Row::Cpu];

/// A round, in this order. What is compared stands close together.
const ROUND: &[Part] = &[
    Part("raw client", OVER_RAW, Bench::raw),
    Part("batches", &[Row::Batches, Row::Cpu, Row::Durability], Bench::batches),
    Part("batches, normal durability", &[Row::Durability], Bench::normal),
    Part("emitters", &[Row::Emitters], Bench::emitters),
    Part("fan-out", &[Row::Fanout], Bench::fan_out),
    Part("draining", &[Row::Drain, Row::Cpu, Row::Backlog], Bench::drain),
    Part("draining a large backlog", &[Row::Backlog], Bench::backlog),
    Part("accepting", &[Row::Accept], Bench::accept),
    Part("slow receiver", &[Row::Slow], Bench::slow),
    Part("latency", &[Row::Latency], Bench::latency),
    Part("all at once", &[Row::Burst], Bench::burst),
    Part("sick neighbours", &[Row::Neighbours], Bench::neighbours),
];

/// Everything the bench is made of; taken down in the order of the fields, the directory after whatever uses it.
struct Bench {
    alarm: Alarm,
    sink: Sink,
    /// The project with the large backlog, between the parts that use it.
    large: Option<Rig>,
    directory: TempDir,
    samples: Samples,
    sizes: Sizes,
    progress: Progress,
    /// Rounds that every row had (but for idleness with --quick).
    rounds: usize,
    /// The round that is being measured, from 1.
    round: usize,
    rigs: usize,
}

impl Bench {
    fn measure(&mut self, rows: &[Row]) -> Result<(), Failure> {
        let watch = Stopwatch::start();
        for parts in [FIRST, ROUND] {
            let parts: Vec<&Part> = parts.iter().filter(|part| part.1.iter().any(|row| rows.contains(row))).collect();
            let mut last = Duration::ZERO;
            for round in 1..=self.sizes.rounds {
                let began = watch.elapsed();
                if round > 1 && self.sizes.budget.is_some_and(|budget| began + last > budget) {
                    self.rounds = self.rounds.min(round - 1);
                    break;
                }
                self.round = round;
                for Part(what, _, measure) in &parts {
                    self.progress.say(&format!("round {round} of {}: {what}", self.sizes.rounds));
                    measure(self)?;
                }
                last = watch.elapsed().saturating_sub(began);
            }
        }
        Ok(())
    }

    /// Takes everything down before anything is printed: whoever reads the result finds nothing left behind.
    fn end(self) -> (Sizes, Samples, usize) {
        (self.sizes, self.samples, self.rounds)
    }

    /// A new project.
    fn rig(&mut self, durability: &str, endpoints: &[Endpoint]) -> Result<Rig, Failure> {
        self.rigs += 1;
        Rig::new(self.directory.path(), &format!("project-{}", self.rigs), durability, endpoints, &self.alarm)
    }
}

#[cfg(test)]
mod tests;
