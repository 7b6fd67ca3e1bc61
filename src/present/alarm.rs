//! What a person must know before all else, in one line with the cure: the console's banner, and what `status` tells.
//!
//! There is at most one alarm, the gravest. [`Kind`] is in that order.

use std::time::Duration;

use crate::config::{Config, Policy, Problem, Severity};
use crate::event::{EndpointState, Millis};
use crate::journal::{EndpointRow, Held, Overview, Room};

use super::next::{self, By, Keys};
use super::outgoing::quoted;
use super::{escape, figures, fit};

/// Work that is due may stay untouched so long, in ms, beside what its endpoint's rules allow.
pub const STALLED_AFTER: u64 = 60_000;

/// A disk is nearly full when a twentieth of it is left, but not before the first of these and always at the second.
const DISK: [u64; 2] = [10 << 30, 500_000_000];
/// A small disk is not full before so much of it is taken.
const SMALL_DISK: u64 = 4;
/// Retention keeps a 32nd of `max_size` free as long as anything may go: half of that is left only when nothing may.
const MAX_SIZE: u64 = 64;

/// What is wrong, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The journal refuses to work.
    Journal,
    /// The file is broken.
    File,
    /// Deliveries wait and nobody dispatches.
    Nobody,
    /// The dispatcher does not answer and work is due.
    Deaf,
    /// Somebody dispatches, work is due, and no attempt has ended for a good while.
    Stalled,
    /// The disk of the journal is nearly full.
    Disk,
    /// The journal is nearly at `max_size`, and nothing in it may go.
    Full,
    /// A person paused every endpoint.
    Paused,
    /// An endpoint waits for a person: paused, disabled by its receiver, a variable missing.
    Held,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// What is wrong.
    pub kind: Kind,
    /// Work is due and nothing moves: `status --check` fails.
    pub stuck: bool,
    what: String,
    cure: String,
}

/// Who dispatches, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispatcher {
    /// Not known yet.
    Unknown,
    /// Nobody.
    Nobody,
    /// The process of this id, which does not answer.
    Deaf(u32),
    /// Somebody.
    Works,
}

/// All that it is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Signs<'a> {
    /// Why the journal refuses to work.
    pub trouble: Option<&'a str>,
    /// Problems of the file's newest reading.
    pub problems: &'a [Problem],
    /// Why the newest reading was not taken, where it has no problem.
    pub not_taken: Option<&'a str>,
    /// The file's rules in force.
    pub config: Option<&'a Config>,
    /// See [`Dispatcher`].
    pub dispatcher: Dispatcher,
    /// The figures.
    pub overview: Option<&'a Overview>,
    /// What was shown last: a figure that wavers around its bar shall not flicker.
    pub before: Option<Kind>,
    /// How the reader acts.
    pub by: By<'a>,
    /// Now.
    pub now: Millis,
}

impl Alarm {
    /// The gravest, if anything is wrong.
    #[must_use]
    pub fn gravest(signs: &Signs<'_>) -> Option<Self> {
        let known = signs.overview;
        let still = known.and_then(|known| signs.nobody(known).or_else(|| signs.stalled(known)));
        let stuck = still.as_ref().is_some_and(|alarm| alarm.stuck);
        let gravest = signs
            .journal()
            .or_else(|| signs.file())
            .or(still)
            .or_else(|| signs.room(known?.room?))
            .or_else(|| signs.paused(known?))
            .or_else(|| signs.held(known?));
        gravest.map(|alarm| Self { stuck, ..alarm })
    }

    /// In so many cells: what is wrong, and the cure where there is room for both.
    #[must_use]
    pub fn within(&self, cells: usize) -> String {
        let whole = self.to_string();
        if fit::width(&whole) <= cells { whole } else { fit::cut_end(&self.what, cells).into_owned() }
    }
}

impl std::fmt::Display for Alarm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)?;
        if self.cure.is_empty() { Ok(()) } else { write!(f, "; {}", self.cure) }
    }
}

impl Kind {
    /// Its word in `status --json`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::File => "file",
            Self::Nobody => "nobody_dispatches",
            Self::Deaf => "not_responding",
            Self::Stalled => "stalled",
            Self::Disk => "disk",
            Self::Full => "max_size",
            Self::Paused => "paused",
            Self::Held => "held",
        }
    }
}

impl Signs<'_> {
    fn alarm(&self, kind: Kind, what: impl Into<String>, keys: &str, commands: &str) -> Alarm {
        let cure = match self.by {
            By::Keys(_) => keys,
            By::Commands => commands,
        };
        Alarm { kind, stuck: false, what: what.into(), cure: cure.to_owned() }
    }

    /// `p in Endpoints resumes it`, with the person's own key.
    fn in_endpoints(&self, key: fn(&Keys) -> &String, does: &str) -> String {
        match self.by {
            By::Keys(keys) => format!("{} in Endpoints {does}", key(keys)),
            By::Commands => String::new(),
        }
    }

    fn journal(&self) -> Option<Alarm> {
        // The words of a journal's error hold the cure.
        self.trouble.map(|why| self.alarm(Kind::Journal, format!("journal: {}", escape::line(why)), "", ""))
    }

    fn file(&self) -> Option<Alarm> {
        let mut errors = self.problems.iter().filter(|one| one.severity == Severity::Error);
        let error = errors.next();
        let first = error.map(Problem::in_project).or_else(|| self.not_taken.map(str::to_owned))?;
        // The end of a long one is cut: that there are more stands before it.
        let what = match errors.count() {
            0 => first,
            more => format!("{} errors: {first}", more + 1),
        };
        let opens = self.in_endpoints(|keys| &keys.edit_file, "opens it");
        let (keys, commands) = match (error, self.config, self.dispatcher) {
            (None, _, _) => (String::new(), ""),
            (_, None, Dispatcher::Nobody) => {
                (format!("nothing is dispatched; {opens}"), "nothing is dispatched; `hooktui check` tells all of it")
            }
            _ => (format!("the last good one is in force; {opens}"), "`hooktui check` tells all of it"),
        };
        Some(self.alarm(Kind::File, escape::line(&what), &keys, commands))
    }

    fn nobody(&self, known: &Overview) -> Option<Alarm> {
        let waiting: u64 = known.endpoints.iter().map(waiting).sum();
        let due = self.due(known);
        match self.dispatcher {
            Dispatcher::Nobody if waiting > 0 => {
                let what = match due {
                    Some(due) => format!("nobody dispatches: {}, due for {}", wait(waiting), figures::span(due)),
                    None => format!("nobody dispatches: {}", wait(waiting)),
                };
                let alarm = self.alarm(Kind::Nobody, what, "start hooktui again", "start `hooktui` or `hooktui run`");
                Some(Alarm { stuck: due.is_some(), ..alarm })
            }
            Dispatcher::Deaf(pid) => due.map(|due| {
                let what =
                    format!("the dispatcher (pid {pid}) does not answer, and work is due for {}", figures::span(due));
                Alarm { stuck: true, ..self.alarm(Kind::Deaf, what, "restart it", "restart it") }
            }),
            _ => None,
        }
    }

    /// Work has been due and no attempt has ended for longer than [`STALLED_AFTER`] and what the rules of the endpoints that
    /// have work allow: an attempt may take its time-out, a limited rate has its pauses, a fifo lane waits for its head.
    fn stalled(&self, known: &Overview) -> Option<Alarm> {
        let patience = STALLED_AFTER.saturating_add(self.allowed(known));
        let since = |at: Millis| figures::elapsed(at, self.now);
        let due = self.due(known)?;
        let ended = known.endpoints.iter().filter_map(|one| one.last_attempt_at).max();
        let began = known.dispatcher.map(|one| one.since);
        let quiet = [ended, began].into_iter().flatten().max().map(since);
        let is_stalled =
            self.dispatcher == Dispatcher::Works && due > patience && quiet.is_some_and(|ms| ms > patience);
        is_stalled.then(|| {
            let last = ended.map_or_else(
                || "none has ever ended".to_owned(),
                |at| format!("the last attempt ended {} ago", figures::span(since(at))),
            );
            let what = format!("stalled: work is due for {}, {last}", figures::span(due));
            let alarm = self.alarm(Kind::Stalled, what, "see 6 Log, restart the dispatcher", "see `hooktui log`");
            Alarm { stuck: true, ..alarm }
        })
    }

    fn allowed(&self, known: &Overview) -> u64 {
        let Some(config) = self.config else { return 0 };
        let busy = known.endpoints.iter().filter(|one| waiting(one) > 0 && one.held(self.now).is_none());
        let rules = busy.filter_map(|row| config.endpoints.iter().find(|one| one.route.endpoint == row.id));
        rules.map(|one| pause(&one.policy)).max().unwrap_or_default()
    }

    fn room(&self, room: Room) -> Option<Alarm> {
        // What was shown stays until there is a tenth more room.
        let bar = |bar: u64, kind| if self.before == Some(kind) { bar.saturating_add(bar / 10) } else { bar };
        let [most, least] = DISK;
        let low = (room.disk_size / 20).clamp(least, most).min(room.disk_size / SMALL_DISK);
        if room.disk_free < bar(low, Kind::Disk) {
            let what = format!(
                "the disk of the journal is nearly full: {} of {} left",
                figures::size(room.disk_free),
                figures::size(room.disk_size)
            );
            let cure = "make room, or events are refused";
            return Some(self.alarm(Kind::Disk, what, cure, cure));
        }
        let limit = self.config.map(|config| config.journal.max_size).filter(|limit| *limit > 0)?;
        let left = limit.saturating_sub(room.used);
        (left < bar(limit / MAX_SIZE, Kind::Full)).then(|| {
            let what = format!("the journal holds {} of {}, max_size", figures::size(room.used), figures::size(limit));
            let cure = "raise hooktui.journal.max_size or clear dead letters, else events are refused";
            self.alarm(Kind::Full, what, cure, cure)
        })
    }

    fn paused(&self, known: &Overview) -> Option<Alarm> {
        let mut present = known.endpoints.iter().filter(|one| one.state != EndpointState::Removed).peekable();
        let all = present.peek().is_some() && present.all(|one| one.state == EndpointState::Paused);
        all.then(|| {
            let waiting = known.endpoints.iter().map(waiting).sum();
            let what = format!("every endpoint is paused: {}", wait(waiting));
            let keys = self.in_endpoints(|keys| &keys.pause_all, "resumes them");
            self.alarm(Kind::Paused, what, &keys, "`hooktui endpoints resume --all` lets them flow")
        })
    }

    /// The endpoint that holds most of what waits for a person.
    fn held(&self, known: &Overview) -> Option<Alarm> {
        let by_hand = |one: &&EndpointRow| match one.held(self.now) {
            Some(Held::Paused | Held::Missing) => true,
            Some(Held::Disabled) => one.disabled_by.as_deref() != Some(crate::journal::DISABLED_BY_FILE),
            _ => false,
        };
        let most =
            known.endpoints.iter().filter(by_hand).max_by_key(|one| waiting(one)).filter(|one| waiting(one) > 0)?;
        let held = most.held(self.now)?;
        let name = escape::line(&most.name);
        let why = next::held_column(held, most, next::Rules::default(), self.now);
        let is = if held == Held::Missing { "lacks a variable, " } else { "is " };
        let what = format!("{} {is}{why}: {}", fit::cut_middle(&name, 24), wait(waiting(most)));
        let (keys, commands) = match held {
            Held::Missing => {
                ("set it and start hooktui again".to_owned(), "set it where the dispatcher runs".to_owned())
            }
            _ => (
                self.in_endpoints(|keys| &keys.pause, "resumes it"),
                format!("`hooktui endpoints resume {}` lets it flow", quoted(&name)),
            ),
        };
        Some(self.alarm(Kind::Held, what, &keys, &commands))
    }

    /// For how long work has been due, in ms; none if none is.
    fn due(&self, known: &Overview) -> Option<u64> {
        known.oldest_due_at.filter(|due| *due <= self.now).map(|due| figures::elapsed(due, self.now))
    }
}

fn waiting(endpoint: &EndpointRow) -> u64 {
    endpoint.counts.queued + endpoint.counts.scheduled
}

fn wait(waiting: u64) -> String {
    format!("{} {}", figures::counted(waiting, "delivery", "deliveries"), if waiting == 1 { "waits" } else { "wait" })
}

/// The longest, in ms, that an endpoint with work may go by its rules without the end of an attempt.
fn pause(policy: &Policy) -> u64 {
    let retry = &policy.retry;
    let longest = retry.schedule.iter().copied().chain([retry.max_delay]).max().unwrap_or_default();
    // Chance may double a delay at most.
    let fifo = if policy.fifo { longest.saturating_mul(2) } else { Duration::ZERO };
    let between = policy.rate_limit.map_or(Duration::ZERO, |rate| rate.per / rate.count.get());
    let whole = policy.timeout.saturating_add(between).saturating_add(fifo);
    u64::try_from(whole.as_millis()).unwrap_or(u64::MAX)
}

/// What is shown: an alarm that could pass within moments waits until it has lasted.
#[derive(Debug, Clone, Default)]
pub struct Steady {
    shown: Option<Alarm>,
    coming: Option<(Kind, Millis)>,
}

/// A machine that slept wakes up with old figures: work seems stalled until the next ones come.
const LASTS: Millis = 2_000;

impl Steady {
    /// What is shown.
    #[must_use]
    pub const fn shown(&self) -> Option<&Alarm> {
        self.shown.as_ref()
    }

    /// This is what is wrong at `now`.
    pub fn note(&mut self, found: Option<Alarm>, now: Millis) {
        let is_new = |alarm: &Alarm| self.shown.as_ref().is_none_or(|shown| shown.kind != alarm.kind);
        let Some(alarm) = found.as_ref().filter(|alarm| alarm.kind == Kind::Stalled && is_new(alarm)) else {
            self.coming = None;
            self.shown = found;
            return;
        };
        let since = self.coming.filter(|(kind, _)| *kind == alarm.kind).map_or(now, |(_, since)| since);
        if now.saturating_sub(since) >= LASTS {
            (self.coming, self.shown) = (None, found);
        } else {
            self.coming = Some((alarm.kind, since));
        }
    }

    /// When to look again, if something is coming.
    #[must_use]
    pub fn due(&self) -> Option<Millis> {
        self.coming.map(|(_, since)| since.saturating_add(LASTS))
    }
}

#[cfg(test)]
mod tests;
