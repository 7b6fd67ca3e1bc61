//! What bounds the bench: signals, deadlines, and the clocks that everything is measured with.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use super::super::exit::Failure;
use super::super::out::tell;
use super::super::run::Stops;

/// Knows whether the bench was told to stop. Signals end it through the ordinary way out, so that nothing is left behind.
#[derive(Debug, Clone)]
pub struct Alarm {
    rung: Arc<AtomicBool>,
}

impl Alarm {
    /// Listens for SIGTERM, SIGHUP and Ctrl-c from now on.
    pub fn listen() -> io::Result<Self> {
        let alarm = Self { rung: Arc::default() };
        let rung = alarm.rung.clone();
        let (listening, listens) = mpsc::channel();
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(listening.send(Err(error))),
            };
            runtime.block_on(async {
                let stops = Stops::listen();
                let (mut stops, answer) = match stops {
                    Ok(stops) => (Some(stops), Ok(())),
                    Err(error) => (None, Err(error)),
                };
                let _ = listening.send(answer);
                if let Some(stops) = &mut stops {
                    stops.next().await;
                    rung.store(true, Ordering::Relaxed);
                }
            });
        })?;
        listens.recv().unwrap_or_else(|_| Err(io::Error::other("the thread for signals ended")))?;
        Ok(alarm)
    }

    /// Fails once it was told to stop.
    pub fn check(&self) -> Result<(), Failure> {
        if self.rung.load(Ordering::Relaxed) {
            return Err(Failure::failed("interrupted: no result; what the bench made is removed"));
        }
        Ok(())
    }

    /// Sleeps, at most until it is told to stop.
    pub fn sleep_until(&self, at: Instant) -> Result<(), Failure> {
        const STEP: Duration = Duration::from_millis(100);
        loop {
            self.check()?;
            let left = at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(STEP));
        }
    }

    /// Looks every `pause` until something is found; `limit` bounds the wait.
    pub fn wait<T>(
        &self,
        what: &str,
        limit: Duration,
        pause: Duration,
        mut look: impl FnMut() -> Result<Option<T>, Failure>,
    ) -> Result<T, Failure> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(found) = look()? {
                return Ok(found);
            }
            self.check()?;
            if Instant::now() > deadline {
                return Err(late(what, limit));
            }
            std::thread::sleep(pause);
        }
    }
}

/// A phase that did not end in its time.
pub fn late(what: &str, limit: Duration) -> Failure {
    Failure::failed(format!(
        "{what} took longer than {} s: the machine is too slow or too busy for this; try --quick",
        limit.as_secs()
    ))
}

/// How long a phase that handles so many deliveries may take: a slow disk manages some hundred in a second.
pub fn limit_for(deliveries: u64) -> Duration {
    Duration::from_secs(30 + deliveries / 300)
}

/// `CLOCK_MONOTONIC` in nanoseconds: the same clock in every process of the machine.
pub fn monotonic_ns() -> u64 {
    nanos(ClockId::Monotonic)
}

fn nanos(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or_default()
}

/// Measures time, and the processor time (user and system) of this whole process.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch {
    began: u64,
    cpu: u64,
}

/// What a stopwatch came to.
#[derive(Debug, Clone, Copy)]
pub struct Lap {
    /// How many a second.
    pub per_second: f64,
    /// Processor time for each, microseconds.
    pub cpu_us: f64,
}

impl Stopwatch {
    /// Begins.
    pub fn start() -> Self {
        Self { cpu: nanos(ClockId::ProcessCPUTime), began: monotonic_ns() }
    }

    /// How long it has run.
    pub fn elapsed(self) -> Duration {
        Duration::from_nanos(monotonic_ns().saturating_sub(self.began))
    }

    /// Ends after so many.
    pub fn stop(self, count: u64) -> Lap {
        let elapsed = self.elapsed().as_secs_f64().max(1e-9);
        let cpu = Duration::from_nanos(nanos(ClockId::ProcessCPUTime).saturating_sub(self.cpu));
        let count = float(count).max(1.0);
        Lap { per_second: count / elapsed, cpu_us: cpu.as_secs_f64() * 1e6 / count }
    }
}

/// A count as a figure to calculate with.
#[expect(clippy::cast_precision_loss, reason = "counts, bytes and nanoseconds of one run stay far below 2^53")]
pub fn float(count: u64) -> f64 {
    count as f64
}

/// Says on standard error what is being measured: one line that is written anew on a terminal, else a line each.
#[derive(Debug)]
pub struct Progress {
    terminal: bool,
}

impl Progress {
    /// On this process's standard error.
    pub fn new() -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { terminal: io::stderr().is_terminal() && !dumb }
    }

    /// What comes now.
    pub fn say(&self, what: &str) {
        if self.terminal {
            let mut err = io::stderr().lock();
            let _ = write!(err, "\r\x1b[K{what}").and_then(|()| err.flush());
        } else {
            tell(what);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.terminal {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}
