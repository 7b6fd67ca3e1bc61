//! What the bench starts of its own binary. These commands are hidden, and end when their standard input does: with the
//! bench, however that ends.

use std::io::{self, BufRead, Read, Write};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Signal, getpid, kill_process};
use serde::{Deserialize, Serialize};
use tokio::net::TcpSocket;

use super::super::exit::{Failure, Outcome};
use super::super::out::Out;
use super::super::place::Place;
use super::super::run;
use super::receiver;

/// More connections than any row opens at once. What does not find room to wait in is tried again by the system, a second later:
/// with the usual 128 that second stood in the figures, now and then.
const WAITING_TO_BE_ACCEPTED: u32 = 1_024;

/// A command that only the bench calls.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
pub enum Child {
    /// The receiver that everything is sent to
    Sink,
    /// `hooktui run`
    Run,
}

/// What the sink is asked, a word a line on its standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Forget what came so far; from now on only count.
    Count,
    /// Forget what came so far; from now on note when each delivery arrives.
    Note,
    /// How many came, and when the first one did.
    Tally,
    /// The same, and the arrivals that were noted.
    Arrivals,
}

/// What the sink answers, a line of JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Requests since it last forgot.
    pub count: u64,
    /// When the first of them came, [`monotonic_ns`].
    pub first_ns: Option<u64>,
    /// Delivery id and time of each, where that was asked for.
    pub arrivals: Vec<(String, u64)>,
}

/// Runs such a command.
pub fn run(child: Child, place: &Place, out: &mut Out) -> Outcome {
    match child {
        Child::Sink => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::failed(format!("cannot start: {error}")))?
            .block_on(serve(out)),
        Child::Run => {
            std::thread::spawn(|| {
                let _ = io::stdin().lock().read_to_end(&mut Vec::new());
                let _ = kill_process(getpid(), Signal::TERM);
            });
            run::run(&run::Args::default(), place, out)
        }
    }
}

/// Prints the port, and then serves whoever connects.
async fn serve(out: &mut Out) -> Outcome {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let listener = socket.listen(WAITING_TO_BE_ACCEPTED)?;
    out.line(listener.local_addr()?.port())?;
    out.flush()?;
    let notes = Arc::new(Mutex::new(Notes::default()));
    let asked = notes.clone();
    std::thread::spawn(move || {
        let _ = answer_questions(&asked);
        std::process::exit(0);
    });
    loop {
        let (stream, _) = listener.accept().await?;
        let notes = notes.clone();
        // A connection that breaks is told of by who sends.
        tokio::spawn(async move { receiver::serve(stream, |id, at| note(&notes, id, at)).await });
    }
}

#[derive(Debug, Default)]
struct Notes {
    tally: Tally,
    noting: bool,
}

fn note(notes: &Mutex<Notes>, id: &[u8], at: u64) {
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    notes.tally.count += 1;
    notes.tally.first_ns.get_or_insert(at);
    if notes.noting {
        notes.tally.arrivals.push((String::from_utf8_lossy(id).into_owned(), at));
    }
}

fn answer_questions(notes: &Mutex<Notes>) -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        let Some(question) = Question::from_word(&line?) else { continue };
        let answer = {
            let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
            match question {
                Question::Count | Question::Note => {
                    *notes = Notes { noting: question == Question::Note, ..Notes::default() };
                    Tally::default()
                }
                Question::Tally => Tally { arrivals: Vec::new(), ..notes.tally },
                Question::Arrivals => notes.tally.clone(),
            }
        };
        let mut out = io::stdout().lock();
        serde_json::to_writer(&mut out, &answer)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

impl Question {
    const ALL: [Self; 4] = [Self::Count, Self::Note, Self::Tally, Self::Arrivals];

    /// Its word on the line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Note => "note",
            Self::Tally => "tally",
            Self::Arrivals => "arrivals",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|question| question.word() == word)
    }
}
