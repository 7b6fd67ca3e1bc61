//! # hooktui: an operations console for outbound webhooks, with the delivery engine inside
//!
//! This page is the map. Data flows one way: a source hands an event to the journal; the dispatcher takes due deliveries
//! from the journal, renders and signs them on the wire, and journals what came of it; console and command line read the
//! journal and send it orders. A line of code should know its room.
//!
//! ```text
//! src/
//!   main.rs     parse, call, exit code; nothing else
//!   event/      the event, its ids, types, severity, patterns, filters; the delivery state machine; redaction
//!   wire/       an event and an endpoint become a request: formats, templates, dialects, signatures, masking
//!   config/     the file: schema, ${VAR}, checks with line and column, watching
//!   journal/    SQLite: one writer thread with group commit, read-only readers, the dispatcher lock, the wake-up
//!   engine/     dispatch: a lane per endpoint, one attempt, retry, circuit, pace, transport, upkeep
//!   present/    what console and command line both show: escaping, figures, sentences, summaries
//!   cli/        one file per command; plain text and JSON; starts the console
//!   tui/        the console: loop, model, update, view, panes
//! assets/       migrations/ (the journal's schema), starter.ntm.yaml (what `init` writes), themes/ (of the console; YAML as
//!               the files that people write beside them, and no parser of a second language)
//! benches/      hot/: what every delivery and every frame costs; console/: the whole console over a million deliveries
//! tests/        whole-program tests, with support/ (projects, receivers, terminals) and vectors/ (NTM's own behaviour)
//! ```
//!
//! ## The arrows
//!
//! `event` ← `wire` ← `config` ← `journal` ← `engine` ← `present` ← {`cli`, `tui`}
//!
//! A module imports only from modules to its left; `tests/arrows.rs` reads every import and fails on any other. The command
//! line starts the console, so `cli` may use `tui`, never the other way round. Between `engine` and `present` stands
//! `source` once events come in by other ways than a command.
//!
//! - `present` exists because the console and the command line must say the same thing in the same words: the sentence
//!   in the inspector is the one that `hooktui show` prints. It is pure text from rows; it knows no terminal, so a plain
//!   list does not drag a screen along, and it can be tested in tables.
//! - Only [`journal`] names `rusqlite`: its operations ([`journal::ops`]) are free of SQL, so that another store is a
//!   second journal and not a second engine. No trait stands between engine and journal until there is that second one.
//! - Only `engine::transport` names `hyper` and, beside the receiver of `hooktui bench`, `httparse`; only the raw client of
//!   `hooktui bench`, which it is measured against, `reqwest`; only `config::yaml` the YAML parser; only [`tui`] ratatui and
//!   crossterm, and within it only `tui::term` writes to the terminal.
//!
//! ## How a delivery goes
//!
//! 1. `hooktui emit` (or the console, or `emit --stdin`) makes a [`journal::Submission`]; [`journal::Journal::accept`]
//!    redacts and routes it by the applied [`event::Revision`] and commits event and deliveries in one transaction. Only
//!    then is anyone told that it was accepted.
//! 2. The commit wakes the dispatcher: by a watch in the process, by a datagram ([`journal::wake`]) from another one.
//! 3. The endpoint's lane claims what is due; the claim is committed before anything is sent. It is a row of its own
//!    (`journal/flights.rs`) and carries the dispatcher's epoch: what an earlier epoch left in flight is recovered, never
//!    guessed by time.
//! 4. One attempt is render → sign → send → classify (pure) → one [`journal::Settlement`]: attempt, state, circuit and
//!    counters in one transaction. Under load requests are sent from threads beside the dispatcher's (`engine/senders.rs`).
//!    Results and the claims that take their slots go into the journal together, in turns (`engine/dispatch/turn.rs`).
//! 5. Everyone who looks reads the journal: the console in windows, `tail` by following, `status` from counters.
//!
//! ## How it gets to the disk
//!
//! The journal's writer commits without waiting for the disk. What somebody is promised (an accepted event, an act by hand)
//! is flushed beside it and answered then (`journal/flusher.rs`); a dispatcher's own steps are flushed within 10 ms
//! (`journal/keeper.rs`, which also checkpoints). So the writer stands still for a disk only for the moment in which a long
//! log is begun anew, where the keeper has left it little to copy, and `durability: full` costs next to nothing: see
//! `hooktui bench`. The dispatcher is woken by the commit and does not wait for that flush: a power cut within it can leave a
//! delivery made of an event whose emitter was never told that it was accepted.
//!
//! A commit reaches the system in one write of up to 31 pages (`journal/wal_file.rs`). SQLite by itself makes two writes for
//! each page, which took a seventh of the processor time of a delivery. To gather them takes a table of C functions, and so
//! the only `unsafe` code of the crate; a test sees to it that no other file has any.
//!
//! Headers that attempts have in common are stored once (`journal/header_sets.rs`): they were a third of what the journal held
//! of a delivered event, and were written twice, to the log and from there.
//!
//! The writer is a thread with the one connection that writes; but a turn of the dispatcher is run on the dispatcher's own
//! thread whenever the writer has nothing to do (`journal/writer.rs`). On two cores, which the receiver shares, handing over
//! each turn and waiting for one another's wake-ups cost an eighth of the processor time and a seventh of the rate at which
//! what waits is drained.
//!
//! ## Words
//!
//! | word | meaning |
//! |---|---|
//! | event | something that happened: [`event::Event`] |
//! | endpoint | one configured webhook of the project: [`config::Endpoint`], [`journal::EndpointRow`] |
//! | delivery | one event on its way to one endpoint; its id is the same on every attempt |
//! | attempt | one HTTP request made for a delivery |
//! | try | an attempt that counts towards `max_attempts` since the last retry by hand |
//! | dead letter | a delivery that will not be tried again unless a person asks |
//! | held | queued or scheduled, but waiting for more than its due time: [`journal::Held`] |
//! | circuit | an endpoint's breaker: [`event::Circuit`] |
//! | journal | the SQLite file that holds all of this |
//! | dispatcher | the part that attempts due deliveries; at most one per journal |
//! | epoch | the dispatcher's lease, raised each time the lock is taken |
//! | revision | the part without secrets of the file as last applied: what `emit` routes by |
//! | act, order | what a person does to deliveries at once; what a person leaves for the dispatcher to do |
//! | format, dialect | how a body looks; headers, signature and envelope a receiver of a given system expects |
//!
//! ## Where to begin
//!
//! | to add | read | and touch |
//! |---|---|---|
//! | a pane | [`tui`] and any file of `tui/panes/` | its file and one line in the registry; a query of [`journal::Reader`] |
//! | a key | `tui/keys.rs`, the one table of keys | a line there and its arm in `tui/update/`; one without a key is in the palette; README's table by `hooktui keys --default` |
//! | a key of the person's own file | `config/personal.rs` | its field, its line in the table there, who obeys it |
//! | a command | [`cli`] and a short one, `cli/undo.rs` | its file, a variant of `Command`, a test in `tests/` |
//! | a key of the file | `config/entry.rs` and [`config::policy`] | the field, its check, the starter file |
//! | a theme | `assets/themes/dark.yaml` and `tui/theme/` | its file and a line in `BUILT_IN` |
//! | a kind of secret | [`event::redact`] and `tests/vectors/redaction.json` | a line of its rules |
//! | a dialect | [`wire::dialect`] | a file with one static and a line in `ALL` |
//! | a format | [`wire::format`] and `tests/vectors/formats.json` | a file and a variant of [`wire::Format`] |
//! | a function of templates | [`wire::template`] | a line in `funcs.rs` and its function |
//! | a journal operation | [`journal::ops`], then [`journal::Journal`] | words in `ops`, SQL beside it, a crash test |
//! | a sentence or figure | [`present::next`], [`present::figures`] | a row in its table test |
//!
//! ## Laws
//!
//! - Nothing is acknowledged before its commit; nothing is sent before its claim is committed.
//! - Policies (retry, circuit, pace, classify) are pure: state in, decision out; clock and randomness are passed in.
//! - Text from outside passes [`present::escape`] before it reaches a terminal, and secrets pass `wire::mask` before they
//!   reach the journal; what looks like one in an event or an answer passes [`event::redact`].
//! - No screen counts rows: counters are kept in the transaction that changes them.
//! - Lists are pages by key; there is no offset.
//! - Errors say what failed, where, and the cure. No input makes the program panic.

pub mod cli;
pub mod config;
pub mod engine;
pub mod event;
pub mod journal;
pub mod present;
pub mod tui;
pub mod wire;
