//! The feed: a thread that reads the journal for the console, so that neither keys nor drawing ever wait for a disk.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use crate::engine::clock::Clock;
use crate::event::{Millis, Query};
use crate::journal::{
    Act, Actor, Cursor, DeliveryDetail, Direction, EventDetail, JournalError, Overview, Page, Reader, RollupRow,
    Selection,
};

use super::msg::Msg;
use super::panes::PaneId;
use super::rows::Row;
use super::window::{At, Keyed, Rows};

/// What a question is about: one question of each is on its way at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The figures of the whole.
    Figures,
    /// The rows of a pane.
    Rows(PaneId),
    /// What the inspector shows.
    Detail,
    /// What a person takes in hand: to copy, to page through, to edit.
    Hand,
    /// What a question to the person needs to know.
    Dialog,
}

/// A question to the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// What it is about.
    pub subject: Subject,
    /// Tells a stale answer.
    pub generation: u64,
    /// The question.
    pub question: Question,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// Counters, and rollups from this Unix minute on.
    Figures {
        /// Now.
        now: Millis,
        /// First minute.
        since_minute: i64,
    },
    /// A page of rows.
    Rows {
        /// Of which list.
        list: List,
        /// Where.
        at: At,
        /// How many on either side of the place.
        reach: usize,
    },
    /// A delivery with everything.
    Delivery(String),
    /// An event with its deliveries.
    Event(String),
    /// What an act on all that a filter finds would change, by endpoint name.
    Count(Act, Query),
    /// What undo would take back.
    LastAct(Actor),
}

/// A list of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after what they list")]
pub enum List {
    Deliveries,
    Attempts,
    Dead,
    Events,
    Log,
}

/// What the journal said.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Of the question.
    pub subject: Subject,
    /// Of the question.
    pub generation: u64,
    /// The answer, or why there is none, in words.
    pub found: Result<Found, String>,
}

/// What can be found.
#[derive(Debug, Clone)]
pub enum Found {
    /// See [`Question::Figures`].
    Figures(Box<Overview>, Vec<RollupRow>),
    /// See [`Question::Rows`].
    Rows(Rows<Row>),
    /// See [`Question::Delivery`]; none: the journal no longer has it.
    Delivery(Option<Box<DeliveryDetail>>),
    /// See [`Question::Event`].
    Event(Option<Box<EventDetail>>),
    /// See [`Question::Count`]; the selection is fixed to what was counted.
    Count(Act, Selection, Vec<(String, u64)>),
    /// See [`Question::LastAct`].
    LastAct(Option<(String, u64)>),
}

/// The console's end of the feed. Dropping it ends the thread.
#[derive(Debug)]
pub struct Feed {
    asks: Sender<Ask>,
}

/// Between looks at whether another process has changed the journal.
const BRISK: Duration = Duration::from_millis(100);
/// The same, when nothing has changed for [`QUIET`].
const SLOW: Duration = Duration::from_secs(1);
const QUIET: Duration = Duration::from_secs(10);

impl Feed {
    /// Starts the thread; answers and news of changes go to `inbox`.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(reader: Reader, inbox: UnboundedSender<Msg>) -> std::io::Result<Self> {
        let (asks, questions) = channel();
        std::thread::Builder::new().name("feed".to_owned()).spawn(move || serve(&reader, &questions, &inbox))?;
        Ok(Self { asks })
    }

    /// Asks; the answer comes as a message.
    pub fn ask(&self, ask: Ask) {
        let _ = self.asks.send(ask);
    }
}

fn serve(reader: &Reader, questions: &Receiver<Ask>, inbox: &UnboundedSender<Msg>) {
    let mut seen = reader.data_version().ok();
    let mut changed_at = Instant::now();
    let mut looked_at = Instant::now();
    loop {
        let pause = if changed_at.elapsed() < QUIET { BRISK } else { SLOW };
        match questions.recv_timeout(pause.saturating_sub(looked_at.elapsed())) {
            Ok(ask) => {
                let found = answer(reader, &ask.question).map_err(|error| error.to_string());
                let answer = Answer { subject: ask.subject, generation: ask.generation, found };
                if inbox.send(Msg::Answer(answer)).is_err() {
                    return;
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                looked_at = Instant::now();
                let version = reader.data_version().ok();
                if version != seen {
                    seen = version;
                    changed_at = looked_at;
                    if inbox.send(Msg::Changed).is_err() {
                        return;
                    }
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn answer(reader: &Reader, question: &Question) -> Result<Found, JournalError> {
    Ok(match question {
        Question::Figures { now, since_minute } => {
            Found::Figures(Box::new(reader.overview(*now)?), reader.rollups(*since_minute)?)
        }
        Question::Rows { list, at, reach } => Found::Rows(rows(reader, *list, *at, *reach)?),
        Question::Delivery(id) => Found::Delivery(reader.delivery(id)?.map(Box::new)),
        Question::Event(id) => Found::Event(reader.event(id)?.map(Box::new)),
        Question::Count(act, query) => {
            let at = Clock::System.now();
            let as_of = reader.overview(at)?.change;
            let selection = Selection::Matching { query: query.clone(), as_of, at };
            let counts = reader.count(*act, &selection)?;
            Found::Count(*act, selection, counts)
        }
        Question::LastAct(actor) => Found::LastAct(reader.last_act(actor)?),
    })
}

/// Two questions, one each way from the place. A row that moves between them shows once.
fn rows(reader: &Reader, list: List, at: At, reach: usize) -> Result<Rows<Row>, JournalError> {
    let (above, below) = match at {
        At::Top => (Vec::new(), page(reader, list, Page::first(reach))?),
        At::Bottom => (page(reader, list, Page { from: None, direction: Direction::Up, limit: reach })?, Vec::new()),
        At::Around(place) => {
            // Pages leave out the row they start from: begin one above it, so that it comes with those below.
            let start = Cursor { sort: place.sort, seq: place.seq.saturating_add(1) };
            let up = Page { from: Some(start), direction: Direction::Up, limit: reach };
            let down = Page { from: Some(start), direction: Direction::Down, limit: reach };
            (page(reader, list, up)?, page(reader, list, down)?)
        }
    };
    Ok(join(above, below, at, reach))
}

fn join(above: Vec<Row>, below: Vec<Row>, at: At, reach: usize) -> Rows<Row> {
    let more_above = above.len() >= reach && at != At::Top;
    let more_below = below.len() >= reach && at != At::Bottom;
    let known: BTreeSet<String> = above.iter().map(Keyed::id).collect();
    let mut rows = above;
    rows.extend(below.into_iter().filter(|row| !known.contains(&row.id())));
    Rows { rows, more_above, more_below }
}

fn page(reader: &Reader, list: List, page: Page) -> Result<Vec<Row>, JournalError> {
    Ok(match list {
        List::Deliveries => reader.deliveries(page)?.into_iter().map(|row| Row::Delivery(Box::new(row))).collect(),
        List::Attempts => reader.attempts(page)?.into_iter().map(|row| Row::Attempt(Box::new(row))).collect(),
        List::Dead => reader.dead_letters(page, None)?.into_iter().map(|row| Row::Dead(Box::new(row))).collect(),
        List::Events => reader.events(page)?.into_iter().map(|row| Row::Event(Box::new(row))).collect(),
        List::Log => reader.log(page)?.into_iter().map(|row| Row::Log(Box::new(row))).collect(),
    })
}
