//! `hooktui demo`: a project in a temporary directory, sinks that misbehave, a stream of events, and the console on top.
//!
//! Everything happens in this process and on loopback, and all of it ends with the console: the order of the fields of
//! [`Stage`] is the order in which it is taken down, the directory last.

mod receivers;
mod stream;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use tempfile::TempDir;

use crate::config::Project;
use crate::journal::{self, Durability, Journal};

use super::console;
use super::exit::{Failure, Outcome};
use super::out::Out;
use super::place::Place;
use super::run::Stops;

/// Options of `demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// End by itself after so many seconds
    #[arg(long, hide = true)]
    seconds: Option<u64>,
}

/// Sets the stage, shows the console (without a terminal: attempts as lines) and takes everything down.
pub fn run(args: &Args, out: &mut Out) -> Outcome {
    // From here on no signal ends the process before the stage is taken down: once listened for, signals keep going to
    // the listeners, of which the console and `run` have their own.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(cannot)?;
    let listening = runtime.block_on(async { Stops::listen() }).map_err(cannot)?;
    let stage = Stage::set()?;
    let alarm = args.seconds.map(|seconds| Helper::start(move |stop| ring_after(Duration::from_secs(seconds), &stop)));
    let outcome = show(&stage, out);
    drop((alarm, stage, listening));
    outcome
}

fn show(stage: &Stage, out: &mut Out) -> Outcome {
    let place = Place { directory: Some(stage.root.clone()), journal: None };
    console::run(&place, out)
}

/// Does something on the stage that it sets and takes down, given the project's directory.
pub fn on_stage<T>(play: impl FnOnce(&Path) -> T) -> Result<T, Failure> {
    let stage = Stage::set()?;
    let played = play(&stage.root);
    drop(stage);
    Ok(played)
}

/// Everything the demo is made of.
struct Stage {
    _stream: Helper,
    _receivers: Helper,
    root: PathBuf,
    _directory: TempDir,
}

impl Stage {
    fn set() -> Result<Self, Failure> {
        let directory = tempfile::Builder::new().prefix("hooktui-demo-").tempdir().map_err(cannot)?;
        // The last part of the path is the project's name in the console.
        let root = directory.path().join("demo");
        std::fs::create_dir(&root).map_err(cannot)?;
        let cast = receivers::Cast::bind().map_err(cannot)?;
        let project = Project::at(&root);
        std::fs::write(&project.file, cast.file()).map_err(cannot)?;
        let journal = Journal::open(&project.journal_path(None), Durability::Normal, journal::Role::Resident)?;
        let receivers = Helper::start(move |stop| cast.play(stop));
        let stream = Helper::start(move |stop| stream::pour(&journal, &stop));
        Ok(Self { _stream: stream, _receivers: receivers, root, _directory: directory })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn cannot(error: io::Error) -> Failure {
    Failure::failed(format!("cannot set up the demo: {error}"))
}

/// A thread that ends when this is dropped: its end of the channel tells it.
struct Helper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Helper {
    fn start(work: impl FnOnce(Receiver<()>) + Send + 'static) -> Self {
        let (stop, stopped) = channel();
        Self { stop: Some(stop), thread: Some(spawn(move || work(stopped))) }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // What a helper died of has been told by the panic hook; the rest is taken down all the same.
            let _ = thread.join();
        }
    }
}

/// Ends the process the way anyone would from outside, unless it is told to stop before.
fn ring_after(time: Duration, stop: &Receiver<()>) {
    if stop.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
        let _ = kill_process(getpid(), Signal::TERM);
    }
}

#[cfg(test)]
mod tests;
