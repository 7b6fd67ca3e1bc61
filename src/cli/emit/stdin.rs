//! `hooktui emit --stdin`: NDJSON, acknowledged in order.
//!
//! One thread reads, parses and submits; this one awaits the answers in order and prints them. What is readable at once
//! goes into one submission, so many lines share a commit, while a slow writer gets each line acknowledged as it comes.
//! The channel between them is short: memory stays bounded however long the input is.

use std::io::{self, BufRead, BufReader, Read, StdinLock};
use std::sync::mpsc::{SyncSender, sync_channel};

use serde::Serialize;

use crate::event::Event;
use crate::journal::{Accepted, Journal, JournalError, Refusal, Reply, RouteBy, Submission};
use crate::present::escape;
use crate::present::figures::counted;

use super::Args;
use super::wait::Waited;
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::out::{Out, tell};
use crate::cli::place::{Context, now};

/// Lines in one submission, at most.
const BATCH: usize = 512;
/// Submissions under way, at most.
const UNDER_WAY: usize = 4;
/// Longest line in bytes. A longer one is an error of that line only.
const MAX_LINE: u64 = 16 << 20;

/// A line that was no event.
#[derive(Debug, Serialize)]
struct BadLine {
    line: u64,
    error: String,
}

/// Lines that were read together.
struct Batch {
    /// In the order of the input: the line's number, and an error for one that was no event.
    lines: Vec<(u64, Option<String>)>,
    /// The answers for those without an error, in order.
    reply: Option<Reply<Vec<Result<Accepted, Refusal>>>>,
}

/// Accepts every line of standard input.
pub fn run(args: &Args, context: &Context, out: &mut Out) -> Outcome {
    let journal = context.journal()?;
    let route_by = context.route_by();
    let mut printer = Printer { args, good: 0, bad: 0, warned: Warned::default(), waited_for: Waited::default() };
    let (sender, batches) = sync_channel(UNDER_WAY);
    let intake = Intake { only: args.endpoint.clone(), origin: args.origin.clone(), journal, route_by, sender };
    // Not a scoped thread: where the journal fails we end, though it may still wait for input.
    let reader = std::thread::spawn(move || intake.read());
    for batch in batches {
        printer.print(batch, out)?;
    }
    let read = reader.join().unwrap_or_else(|_| Err(io::Error::other("the reader ended")));
    read.map_err(|error| Failure::failed(format!("cannot read standard input: {error}")))?;
    out.flush()?;
    if printer.bad > 0 {
        let others = if printer.good > 0 { "; the others were" } else { "" };
        tell(format_args!("not accepted: {}{others}", counted(printer.bad, "line", "lines")));
    }
    // Of nothing there is nothing to wait for, and nothing to warn of.
    let waited =
        if printer.good > 0 { super::wait_or_warn(args.wait, printer.waited_for, context)? } else { Exit::Done };
    Ok(if printer.bad > 0 { Exit::Failed } else { waited })
}

/// The thread that reads.
struct Intake {
    only: Option<String>,
    origin: Option<String>,
    journal: Journal,
    route_by: RouteBy,
    sender: SyncSender<Batch>,
}

impl Intake {
    /// Reads batch after batch until the end of the input, or until nobody wants the answers any more.
    fn read(self) -> io::Result<()> {
        let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
        let mut number = 0;
        loop {
            let (batch, ended) = self.batch(&mut input, &mut number)?;
            if (!batch.lines.is_empty() && self.sender.send(batch).is_err()) || ended {
                return Ok(());
            }
        }
    }

    /// What is readable at once, submitted; and whether the input has ended.
    fn batch(&self, input: &mut BufReader<StdinLock<'_>>, number: &mut u64) -> io::Result<(Batch, bool)> {
        let mut batch = Batch { lines: Vec::new(), reply: None };
        let mut submissions = Vec::new();
        let mut ended = false;
        while batch.lines.len() < BATCH {
            let Some(line) = read_line(input)? else {
                ended = true;
                break;
            };
            *number += 1;
            match line.and_then(|line| parse(&line)) {
                Ok(None) => {}
                Ok(Some(event)) => {
                    submissions.push(self.submission(event));
                    batch.lines.push((*number, None));
                }
                Err(error) => batch.lines.push((*number, Some(error))),
            }
            // Whoever writes slowly waits for an answer: do not wait for more than is here.
            if !input.buffer().contains(&b'\n') {
                break;
            }
        }
        if !submissions.is_empty() {
            batch.reply = Some(self.journal.accept(submissions, self.route_by.clone(), now()));
        }
        Ok((batch, ended))
    }

    fn submission(&self, event: Event) -> Submission {
        Submission { only: self.only.clone(), origin: self.origin.clone(), ..Submission::new(event) }
    }
}

/// The next line; an error in words for one that is too long or no UTF-8; none at the end.
fn read_line(input: &mut impl BufRead) -> io::Result<Option<Result<String, String>>> {
    let mut line = Vec::new();
    if input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if !line.ends_with(b"\n") && line.len() as u64 == MAX_LINE {
        input.skip_until(b'\n')?;
        return Ok(Some(Err("the line is longer than 16 MiB".to_owned())));
    }
    Ok(Some(String::from_utf8(line).map_err(|_| "the line is not UTF-8".to_owned())))
}

/// Blank lines are no events and no errors.
fn parse(line: &str) -> Result<Option<Event>, String> {
    if line.trim().is_empty() {
        return Ok(None);
    }
    Event::from_json_line(line).map(Some).map_err(|error| error.to_string())
}

/// Prints answers in the order of the lines.
struct Printer<'a> {
    args: &'a Args,
    good: u64,
    bad: u64,
    warned: Warned,
    waited_for: Waited,
}

/// Remarks that are made once, however many events they are true of.
#[derive(Default)]
struct Warned {
    duplicate: bool,
    unrouted: bool,
}

impl Printer<'_> {
    fn print(&mut self, batch: Batch, out: &mut Out) -> Result<(), Failure> {
        let answers = batch.reply.map(Reply::wait).transpose().map_err(|error| unanswered(&batch.lines, &error))?;
        let mut answers = answers.unwrap_or_default().into_iter();
        for (line, error) in batch.lines {
            match error {
                Some(error) => self.bad(line, error, out)?,
                None => match answers.next() {
                    Some(Ok(accepted)) => self.good(accepted, out)?,
                    Some(Err(refusal)) => self.bad(line, refusal.to_string(), out)?,
                    None => self.bad(line, "the journal gave no answer".to_owned(), out)?,
                },
            }
        }
        out.flush()?;
        Ok(())
    }

    fn good(&mut self, accepted: Accepted, out: &mut Out) -> io::Result<()> {
        self.good += 1;
        super::answer(&accepted, self.args.json, out)?;
        let first = if accepted.differs {
            true
        } else if accepted.duplicate {
            !std::mem::replace(&mut self.warned.duplicate, true)
        } else if accepted.unrouted {
            !std::mem::replace(&mut self.warned.unrouted, true)
        } else {
            false
        };
        if first {
            super::remark(&accepted);
        }
        if self.args.wait.is_some() {
            self.waited_for.add(accepted);
        }
        Ok(())
    }

    fn bad(&mut self, line: u64, error: String, out: &mut Out) -> io::Result<()> {
        self.bad += 1;
        if self.args.json {
            return out.json(&BadLine { line, error });
        }
        out.flush()?;
        tell(format_args!("line {line}: {}", escape::line(&error)));
        Ok(())
    }
}

/// What was acknowledged so far stands; from this line on nothing is known to be stored.
fn unanswered(lines: &[(u64, Option<String>)], error: &JournalError) -> Failure {
    let from = lines.first().map_or(1, |(line, _)| *line);
    Failure::failed(format!("{error}; nothing from line {from} on was acknowledged"))
}
