//! The death of the terminal. crossterm 0.29 reads one that has gone again and again and never comes back from it, so it
//! must not be asked then; and where it has been asked a moment too early, somebody else has to end the process.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::mpsc::UnboundedSender;
use tokio_stream::Stream;

use super::effects::PATIENCE;
use super::msg::Msg;

/// Longer than a drain takes: whoever still runs then will not end by itself.
const GRACE: Duration = Duration::from_millis(PATIENCE + 3_000);

/// What is typed, until the terminal goes.
#[derive(Debug, Default)]
pub struct Keys(EventStream);

impl Stream for Keys {
    type Item = io::Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if has_gone(Some(&Timespec::default())) {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.0).poll_next(context)
    }
}

/// Ends the console when its terminal goes, be there a signal for it or not; and the process, should the console be stuck
/// in reading by then. What was in flight is told as interrupted by whoever dispatches next.
///
/// # Errors
/// When the system has no thread left.
pub fn watch(outbox: UnboundedSender<Msg>) -> io::Result<()> {
    let watch = move || {
        while !has_gone(None) {}
        let _ = outbox.send(Msg::Terminate);
        thread::sleep(GRACE);
        std::process::exit(0);
    };
    thread::Builder::new().name("hangup".to_owned()).spawn(watch)?;
    Ok(())
}

/// Whether the terminal has gone, or goes within so long; none: whenever.
fn has_gone(within: Option<&Timespec>) -> bool {
    let stdout = rustix::stdio::stdout();
    // Nothing is asked for: that it has gone is told all the same.
    let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
    match poll(&mut fds, within) {
        Ok(gone) => gone > 0,
        Err(error) => error != rustix::io::Errno::INTR,
    }
}
