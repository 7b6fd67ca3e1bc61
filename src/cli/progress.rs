//! The course of an act that takes a while: told on standard error where that is a terminal; Ctrl-c stops it between two
//! steps.

use std::io::{self, IsTerminal, Write as _};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::journal::Course;
use crate::present::{act, fit};

/// The line is written no more often.
const STEP: Duration = Duration::from_millis(100);
/// Longer lines would wrap on a narrow terminal.
const WIDEST: usize = 78;

/// Does the work, and meanwhile tells how far it has come. The first Ctrl-c cancels the course.
pub fn follow<T>(what: &str, course: &Course, work: impl FnOnce() -> T) -> T {
    std::thread::scope(|scope| {
        let (end, ended) = oneshot::channel::<()>();
        scope.spawn(move || {
            // Without a timer the act is done all the same, untold.
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
                runtime.block_on(tell(what, course, ended));
            }
        });
        let done = work();
        drop(end);
        done
    })
}

async fn tell(what: &str, course: &Course, mut ended: oneshot::Receiver<()>) {
    let shows = io::stderr().is_terminal();
    let mut progress = course.progress();
    let mut told = 0;
    let stop = tokio::signal::ctrl_c();
    tokio::pin!(stop);
    let mut stopped = false;
    loop {
        tokio::select! {
            _ = &mut ended => break,
            pressed = &mut stop, if !stopped => {
                stopped = true;
                if pressed.is_ok() {
                    course.cancel();
                }
            }
            _ = progress.changed(), if shows => {
                let line = act::course(what, &progress.borrow_and_update());
                told = write_over(&line, told);
                tokio::select! {
                    _ = &mut ended => break,
                    () = tokio::time::sleep(STEP) => {}
                }
            }
        }
    }
    if told > 0 {
        write_over("", told);
        let _ = io::stderr().write_all(b"\r");
    }
}

/// Writes the line over the one before, without escapes; answers with its width.
fn write_over(line: &str, before: usize) -> usize {
    let line = fit::cut_end(line, WIDEST);
    let width = fit::width(&line);
    let _ = write!(io::stderr(), "\r{line}{}", " ".repeat(before.saturating_sub(width)));
    width
}
