//! What a fresh `hooktui run` needs: time to its first delivery, memory while it drains, and nothing while it idles.

use std::path::Path;
use std::time::{Duration, Instant};

use super::super::exit::Failure;
use super::super::place::now;
use super::Bench;
use super::child::Question;
use super::metric::{Metric, percentile};
use super::rig::Rig;
use super::sink::Beside;
use super::watch::{float, limit_for, monotonic_ns};
use crate::journal::lock::DispatcherLock;

/// How often the sink is asked how far it is.
const LOOK: Duration = Duration::from_millis(5);

/// How long a fresh process may settle before it counts as idle.
const SETTLE: Duration = Duration::from_millis(500);

/// How often the state counts are read.
const READS: usize = 21;

impl Bench {
    /// Memory and start with the large backlog and with the small one.
    pub fn fresh(&mut self) -> Result<(), Failure> {
        let small = self.plain_rig()?;
        small.emitter().fill(self.sizes.events)?;
        let (_, memory) = self.fresh_run(&small)?;
        drop(small);
        self.add_known(Metric::MemorySmall, memory);
        let large = self.large()?;
        let taken = (0..READS).map(|_| {
            let began = monotonic_ns();
            large.reader().overview(now())?;
            Ok(float(monotonic_ns() - began) / 1e6)
        });
        let taken = taken.collect::<Result<Vec<f64>, Failure>>()?;
        self.add_known(Metric::Counts, percentile(&taken, 500));
        let (start, memory) = self.fresh_run(&large)?;
        self.add_known(Metric::StartLarge, start);
        self.add_known(Metric::MemoryLarge, memory);
        self.large = Some(large);
        Ok(())
    }

    fn add_known(&mut self, metric: Metric, value: Option<f64>) {
        if let Some(value) = value {
            self.samples.add(metric, value);
        }
    }

    /// Runs a fresh process until it has delivered some: milliseconds from its start to the first arrival, and the most
    /// memory it had, in megabytes, where the system tells.
    fn fresh_run(&mut self, rig: &Rig) -> Result<(Option<f64>, Option<f64>), Failure> {
        let enough = self.sizes.sampled().max(1);
        rig.top_up(enough)?;
        self.sink.ask(Question::Count)?;
        let began = monotonic_ns();
        let mut run = Beside::run(&rig.root)?;
        let (alarm, limit) = (self.alarm.clone(), limit_for(enough));
        let tally = alarm.wait("the first deliveries of a fresh process", limit, LOOK, || {
            alive(&mut run)?;
            let tally = self.sink.ask(Question::Tally)?;
            Ok((tally.count >= enough).then_some(tally))
        })?;
        let memory = most_memory(run.pid());
        let start = tally.first_ns.map(|first| float(first.saturating_sub(began)) / 1e6);
        Ok((start, memory))
    }

    /// A process that dispatches and has nothing to do. With --quick once: it waits more than it measures.
    pub fn idle(&mut self) -> Result<(), Failure> {
        if self.sizes.quick && self.round > 1 {
            return Ok(());
        }
        let rig = self.plain_rig()?;
        let mut run = Beside::run(&rig.root)?;
        let (alarm, limit) = (self.alarm.clone(), limit_for(0));
        alarm.wait("the start of a process", limit, LOOK, || {
            alive(&mut run)?;
            Ok((DispatcherLock::holder(&rig.journal_path()) == Some(run.pid())).then_some(()))
        })?;
        self.alarm.sleep_until(Instant::now() + SETTLE)?;
        let (began, before) = (Instant::now(), Used::by(run.pid()));
        self.alarm.sleep_until(began + Duration::from_millis(self.sizes.idle_ms))?;
        let (elapsed, after) = (began.elapsed(), Used::by(run.pid()));
        let between = |used: fn(&Used) -> Option<u64>| Some(float(used(&after)?.saturating_sub(used(&before)?)));
        self.add_known(Metric::IdleCpu, between(|used| used.cpu_ns).map(|ns| ns / 1e7 / elapsed.as_secs_f64()));
        self.add_known(Metric::IdleWritten, between(|used| used.written));
        Ok(())
    }
}

fn alive(run: &mut Beside) -> Result<(), Failure> {
    if run.has_ended() {
        return Err(Failure::failed("the process that was to be measured has ended; run the bench again"));
    }
    Ok(())
}

/// What a process has used so far, where the system tells.
struct Used {
    /// Processor time of all its threads, nanoseconds.
    cpu_ns: Option<u64>,
    /// Bytes it sent to the disk.
    written: Option<u64>,
}

impl Used {
    fn by(pid: u32) -> Self {
        let process = Path::new("/proc").join(pid.to_string());
        let written = std::fs::read_to_string(process.join("io")).ok();
        Self { cpu_ns: cpu_ns(&process), written: written.and_then(|text| figure(&text, "write_bytes:")) }
    }
}

fn cpu_ns(process: &Path) -> Option<u64> {
    let threads = std::fs::read_dir(process.join("task")).ok()?;
    threads
        .map(|thread| {
            let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        })
        .sum()
}

/// The most resident memory a process had, in megabytes.
fn most_memory(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    Some(float(figure(&status, "VmHWM:")? * 1_024) / 1e6)
}

/// The figure behind a name, as files below `/proc` have it.
fn figure(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}
