//! The console over a large journal, measured from outside: the real program in a terminal of its own, with deliveries
//! running to a receiver on the loopback.
//!
//! `cargo bench --bench console` makes a journal of 1,000,000 deliveries and 100,000 dead letters in a temporary directory
//! (about 1 GB, about five minutes in all) and prints what was measured beside its bar; `-- --quick` a tenth of each. The
//! directory and the processes are gone when it ends, also by Ctrl-c.

mod finding;
mod journal;
mod measure;
mod process;
mod sink;
mod table;
mod terminal;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why something could not be measured, in words.
pub type Result<T> = std::result::Result<T, String>;

/// Somebody has pressed Ctrl-c: whatever waits gives up, and all is taken down on the way out.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// Whether to give up.
///
/// # Errors
/// If so.
pub fn go_on() -> Result<()> {
    if STOPPED.load(Ordering::Relaxed) { Err("stopped".to_owned()) } else { Ok(()) }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo bench` passes `--bench`.
    let quick = arguments.iter().any(|one| one == "--quick");
    if let Some(odd) = arguments.iter().find(|one| !["--quick", "--bench"].contains(&one.as_str())) {
        eprintln!("unknown argument {odd}; there is only --quick");
        return ExitCode::from(2);
    }
    if !arguments.iter().any(|one| one == "--bench") {
        // `cargo test --benches` starts this too: only that it starts is looked at then.
        println!("measures nothing without --bench: cargo bench --bench console");
        return ExitCode::SUCCESS;
    }
    listen();
    let size = if quick { journal::QUICK } else { journal::WHOLE };
    let mut table = table::Table::default();
    let ended = measure::all(&mut table, size, quick);
    print!("{table}");
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Ctrl-c and SIGTERM only raise a flag.
fn listen() {
    std::thread::spawn(|| {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            use tokio::signal::unix::{SignalKind, signal};
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            STOPPED.store(true, Ordering::Relaxed);
        });
    });
}
