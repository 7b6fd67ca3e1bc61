//! The feed: a thread that reads the journal for the console, so that neither keys nor drawing ever wait for a disk; and one
//! beside it for counts under a filter, which look at every row, so that rows do not wait for those either.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use crate::event::{Millis, Query};
use crate::journal::{
    Actor, Counted, Cursor, DeliveryDetail, Direction, EventDetail, Finding, JournalError, LastAct, Overview, Page,
    Reader, RollupRow, Search, Selection, Sort,
};

use super::counting;
use super::effects::Bulk;
use super::finding::{Reach, Side};
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
    /// The next row that matches.
    Seek,
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
        /// Which of them, and in which order.
        filter: Filter,
    },
    /// The next row that matches.
    Seek {
        /// Of which list.
        list: List,
        /// Beyond this place: in the list's own order, and in that of deaths, for the index that serves.
        from: Option<(Cursor, Cursor)>,
        /// Down the screen, or up.
        down: bool,
        /// What matches.
        filter: Filter,
    },
    /// A delivery with everything.
    Delivery(String),
    /// An event with its deliveries.
    Event(String),
    /// What an act would change, by endpoint and cause.
    Count(Bulk, Target),
    /// What undo would take back.
    LastAct(Actor),
}

/// Which rows of a list, and in which order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Which rows.
    pub query: Query,
    /// The order.
    pub sort: Sort,
    /// The other way round.
    pub reversed: bool,
    /// Ages are of this time.
    pub now: Millis,
}

/// Rows that an act on many is for.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// These.
    Ids(Vec<String>),
    /// All that the filter finds.
    Matching(Query),
}

/// A list of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after what they list")]
pub enum List {
    Deliveries,
    Attempts,
    Dead,
    Groups,
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
    Rows(Rows<Row>, Reach),
    /// See [`Question::Seek`].
    Seek {
        /// The row.
        row: Option<Box<Row>>,
        /// As it was asked.
        down: bool,
        /// It was not found as far as was looked: to here, through so many rows.
        stopped: Option<(Cursor, u64)>,
    },
    /// See [`Question::Delivery`]; none: the journal no longer has it.
    Delivery(Option<Box<DeliveryDetail>>),
    /// See [`Question::Event`].
    Event(Option<Box<EventDetail>>),
    /// See [`Question::Count`]; the selection is fixed to what was counted. What endpoints that take nothing have is counted too.
    Count(Bulk, Selection, Vec<Counted>),
    /// More than so many, and the act takes each by its id.
    TooMany(usize),
    /// See [`Question::LastAct`].
    LastAct(Option<LastAct>),
}

/// The console's end of the feed. Dropping it ends the threads.
#[derive(Debug)]
pub struct Feed {
    asks: Sender<Ask>,
    counts: Sender<Ask>,
}

/// More groups are no help to anyone.
const GROUPS: usize = 500;

/// Between looks at whether another process has changed the journal.
const BRISK: Duration = Duration::from_millis(100);
/// The same, when nothing has changed for [`QUIET`].
const SLOW: Duration = Duration::from_secs(1);
const QUIET: Duration = Duration::from_secs(10);

impl Feed {
    /// Starts the threads; answers and news of changes go to `inbox`.
    ///
    /// # Errors
    /// When the system has no thread left, or the journal cannot be opened once more.
    pub fn start(reader: Reader, inbox: UnboundedSender<Msg>) -> std::io::Result<Self> {
        let (asks, questions) = channel();
        let (counts, countings) = channel();
        let (beside, told) = (reader.another().map_err(std::io::Error::other)?, inbox.clone());
        std::thread::Builder::new().name("feed".to_owned()).spawn(move || serve(&reader, &questions, &inbox))?;
        std::thread::Builder::new().name("count".to_owned()).spawn(move || {
            for ask in countings {
                if told.send(reply(&beside, &ask)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { asks, counts })
    }

    /// Asks; the answer comes as a message.
    pub fn ask(&self, ask: Ask) {
        let _ = if ask.subject == Subject::Dialog { &self.counts } else { &self.asks }.send(ask);
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
                if inbox.send(reply(reader, &ask)).is_err() {
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

fn reply(reader: &Reader, ask: &Ask) -> Msg {
    let found = answer(reader, &ask.question).map_err(|error| error.to_string());
    Msg::Answer(Answer { subject: ask.subject, generation: ask.generation, found })
}

fn answer(reader: &Reader, question: &Question) -> Result<Found, JournalError> {
    Ok(match question {
        Question::Figures { now, since_minute } => {
            Found::Figures(Box::new(reader.overview(*now)?), reader.rollups(*since_minute)?)
        }
        Question::Rows { list, at, reach, filter } => {
            let (rows, reach) = rows(reader, *list, *at, *reach, filter)?;
            Found::Rows(rows, reach)
        }
        Question::Seek { list, from, down, filter } => seek(reader, *list, *from, *down, filter)?,
        Question::Delivery(id) => Found::Delivery(reader.delivery(id)?.map(Box::new)),
        Question::Event(id) => Found::Event(reader.event(id)?.map(Box::new)),
        Question::Count(bulk, target) => counting::count(reader, *bulk, target)?,
        Question::LastAct(actor) => Found::LastAct(reader.last_act(actor)?),
    })
}

/// Two questions, one each way from the place. A row that moves between them shows once.
fn rows(
    reader: &Reader,
    list: List,
    at: At,
    reach: usize,
    filter: &Filter,
) -> Result<(Rows<Row>, Reach), JournalError> {
    if list == List::Groups {
        let rows = reader.groups(None, GROUPS)?.into_iter().map(|row| Row::Group(Box::new(row))).collect();
        return Ok((Rows { rows, more_above: false, more_below: false }, Reach::default()));
    }
    let search = search(filter, if matches!(at, At::Around(_)) { HALF } else { WHOLE });
    let page = |from, down: bool| {
        let mut found = found(reader, list, Page { from, direction: way(down, filter), limit: reach }, &search)?;
        if filter.reversed {
            found.rows.reverse();
        }
        Ok::<_, JournalError>(found)
    };
    let nothing = Finding::default;
    let (above, below) = match at {
        At::Top => (nothing(), page(None, true)?),
        At::Bottom => (page(None, false)?, nothing()),
        At::Around(place) => {
            // Pages leave out the row they start from: those below begin one above it, so that it comes with them. Those
            // above begin at it: whatever stands right beside it (what died at once has one time) is in one of the two.
            let beside = if filter.reversed { place.seq.saturating_sub(1) } else { place.seq.saturating_add(1) };
            let start = Some(Cursor { sort: place.sort, seq: beside });
            // A row that changes meanwhile moves to the journal's newer end. Asked for in this order it is met twice and
            // shown once; in the other it would be missed by both, and the selection with it.
            if filter.reversed {
                let older = page(Some(place), false)?;
                (older, page(start, true)?)
            } else {
                let older = page(start, true)?;
                (page(Some(place), false)?, older)
            }
        }
    };
    let (upper, lower) = if filter.reversed { (Side::Oldest, Side::Newest) } else { (Side::Newest, Side::Oldest) };
    let looked = match at {
        At::Top => below.stopped.map(|_| (upper, below.looked)),
        At::Bottom => above.stopped.map(|_| (lower, above.looked)),
        At::Around(_) => below.stopped.map(|_| (Side::Next, below.looked)),
    };
    let known = Reach { total: below.total.or(above.total), looked };
    Ok((join(above, below, at, reach), known))
}

/// Half of what a page turn may take, and all of it.
const HALF: Duration = Duration::from_millis(40);
const WHOLE: Duration = Duration::from_millis(80);

fn search(filter: &Filter, patience: Duration) -> Search {
    Search { sort: filter.sort, patience, ..Search::new(filter.query.clone(), filter.now) }
}

/// Down the screen is up the journal where a list is turned round.
const fn way(down: bool, filter: &Filter) -> Direction {
    if down == filter.reversed { Direction::Up } else { Direction::Down }
}

fn join(above: Finding<Row>, below: Finding<Row>, at: At, reach: usize) -> Rows<Row> {
    let more = |found: &Finding<Row>| found.rows.len() >= reach || found.stopped.is_some();
    let more_above = more(&above) && at != At::Top;
    let more_below = more(&below) && at != At::Bottom;
    let known: BTreeSet<String> = above.rows.iter().map(Keyed::id).collect();
    let mut rows = above.rows;
    rows.extend(below.rows.into_iter().filter(|row| !known.contains(&row.id())));
    Rows { rows, more_above, more_below }
}

fn seek(
    reader: &Reader,
    list: List,
    from: Option<(Cursor, Cursor)>,
    down: bool,
    filter: &Filter,
) -> Result<Found, JournalError> {
    let search = search(filter, WHOLE);
    let is_by_death = list == List::Deliveries && reader.is_by_death(&search)?;
    let from = from.map(|(own, death)| if is_by_death { death } else { own });
    let page = Page { from, direction: way(down, filter), limit: 1 };
    let mut one = found(reader, list, page, &search)?;
    let row = one.rows.pop().map(Box::new);
    Ok(Found::Seek { row, down, stopped: one.stopped.map(|place| (place, one.looked)) })
}

/// Rows of a list of the journal.
///
/// # Errors
/// [`JournalError`] when the journal cannot be read.
pub fn found(reader: &Reader, list: List, page: Page, search: &Search) -> Result<Finding<Row>, JournalError> {
    Ok(match list {
        List::Deliveries => reader.find_deliveries(page, search)?.map(|row| Row::Delivery(Box::new(row))),
        List::Attempts => reader.find_attempts(page, search)?.map(|row| Row::Attempt(Box::new(row))),
        List::Dead => reader.find_dead_letters(page, search)?.map(|row| Row::Dead(Box::new(row))),
        // They come all at once, and nothing is sought among them.
        List::Groups => Finding::default(),
        List::Events => reader.find_events(page, search)?.map(|row| Row::Event(Box::new(row))),
        List::Log => reader.find_log(page, search)?.map(|row| Row::Log(Box::new(row))),
    })
}
