//! The figures of the whole, from counters and minute rollups: what header, Queue, Endpoints and `status` show.

use crate::event::Millis;
use crate::journal::latency::Latencies;
use crate::journal::{EndpointRow, Held, Overview, RollupRow};

use super::figures::{self, elapsed};
use super::next::{Rules, held_column};

/// Minutes that shares, percentiles and series look back.
pub const LOOK_BACK_MINUTES: i64 = 15;

const MINUTE_MS: i64 = 60_000;

/// What is waiting, how fast it comes and goes, and how well it goes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// Wait for their first attempt, held ones too.
    pub queued: u64,
    /// Wait for their next attempt, held ones too.
    pub scheduled: u64,
    /// Being attempted.
    pub in_flight: u64,
    /// Dead letters.
    pub dead: u64,
    /// Of the queued and scheduled: those that nothing but a person, a probe or a `Retry-After` lets go.
    pub held: u64,
    /// Where most of them are held, and why: `ops: circuit open, probe in 12 s`.
    pub held_why: Option<String>,
    /// Deliveries that came in, per second over the last minute.
    pub in_rate: f64,
    /// Deliveries that got through, per second over the last minute.
    pub out_rate: f64,
    /// How the attempts of all endpoints went.
    pub health: Health,
    /// Age of the oldest delivery that is not through, in ms.
    pub oldest_ms: Option<u64>,
    /// Age of the oldest dead letter since it died, in ms.
    pub oldest_dead_ms: Option<u64>,
    /// What the present rates make of the queue.
    pub drain: Drain,
    /// Deliveries that came in per minute, oldest first, the last one still running.
    pub arrivals: Vec<u64>,
    /// Deliveries that got through per minute, as `arrivals`.
    pub departures: Vec<u64>,
    /// By endpoint, in the order of the overview.
    pub endpoints: Vec<Health>,
    /// Good and all attempts per minute, as `arrivals`, by endpoint in the order of the overview.
    pub by_minute: Vec<Vec<(u64, u64)>>,
}

/// How attempts went in the last [`LOOK_BACK_MINUTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Health {
    /// Good ones.
    pub good: u64,
    /// Good and failed ones.
    pub all: u64,
    /// Half of the answers took no longer, in ms.
    pub p50_ms: Option<u64>,
    /// 95 % of the answers took no longer, in ms.
    pub p95_ms: Option<u64>,
}

/// What the present rates make of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Drain {
    /// Nothing waits but what is held.
    #[default]
    Empty,
    /// Empty in so many ms.
    In(u64),
    /// As much comes in as goes out, or more.
    Growing,
    /// Nothing comes and nothing goes: what waits is not due yet.
    Still,
}

impl Drain {
    /// `drains in 18 s`, `growing`, `nothing moves`, [`figures::UNKNOWN`].
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Empty => figures::UNKNOWN.to_owned(),
            Self::In(ms) => format!("drains in {}", figures::span(ms)),
            Self::Growing => "growing".to_owned(),
            Self::Still => "nothing moves".to_owned(),
        }
    }

    /// As [`Drain::words`], where there is little room: `drains 18 s`.
    #[must_use]
    pub fn narrow(self) -> String {
        match self {
            Self::In(ms) => format!("drains {}", figures::span(ms)),
            other => other.words(),
        }
    }

    /// Estimate: what is not held / (out - in). Rates are per second.
    #[must_use]
    pub fn estimate(not_held: u64, in_rate: f64, out_rate: f64) -> Self {
        if not_held == 0 {
            return Self::Empty;
        }
        if out_rate > in_rate {
            return Self::In(millis(as_float(not_held) / (out_rate - in_rate)));
        }
        if in_rate > 0.0 { Self::Growing } else { Self::Still }
    }
}

impl Health {
    /// The share of good attempts: `98.7%`, or [`figures::UNKNOWN`] where there were none.
    #[must_use]
    pub fn percent(&self) -> String {
        figures::percent(self.good, self.all)
    }

    fn of<'a>(rollups: impl Iterator<Item = &'a RollupRow>) -> Self {
        let mut health = Self::default();
        let mut latencies = Latencies::default();
        for row in rollups {
            health.good += u64::from(row.delivered);
            health.all += u64::from(row.delivered) + u64::from(row.failed);
            latencies.merge(&row.latencies);
        }
        health.p50_ms = latencies.percentile(50);
        health.p95_ms = latencies.percentile(95);
        health
    }
}

impl Summary {
    /// The Unix minute from which [`Summary::new`] wants rollups.
    #[must_use]
    pub const fn since_minute(now: Millis) -> i64 {
        now.div_euclid(MINUTE_MS) - LOOK_BACK_MINUTES
    }

    /// Sums up. Rollups older than [`Summary::since_minute`] are left out.
    #[must_use]
    pub fn new(overview: &Overview, rollups: &[RollupRow], now: Millis) -> Self {
        let recent = || rollups.iter().filter(|row| row.minute >= Self::since_minute(now));
        let total = |pick: fn(&EndpointRow) -> u64| overview.endpoints.iter().map(pick).sum();
        let held = overview.endpoints.iter().filter(|endpoint| endpoint.held(now).is_some()).map(waiting).sum();
        let (arrivals, departures) = series(rollups, now);
        let (in_rate, out_rate) = (last_minute(&arrivals, now), last_minute(&departures, now));
        let (queued, scheduled, in_flight) =
            (total(|one| one.counts.queued), total(|one| one.counts.scheduled), total(|one| one.counts.in_flight));
        Self {
            queued,
            scheduled,
            in_flight,
            dead: total(|one| one.counts.dead),
            held,
            held_why: held_why(overview, now),
            in_rate,
            out_rate,
            health: Health::of(recent()),
            oldest_ms: overview.oldest_undelivered_at.map(|at| elapsed(at, now)),
            oldest_dead_ms: overview.oldest_dead_at.map(|at| elapsed(at, now)),
            drain: Drain::estimate((queued + scheduled + in_flight).saturating_sub(held), in_rate, out_rate),
            arrivals,
            departures,
            endpoints: overview
                .endpoints
                .iter()
                .map(|endpoint| Health::of(recent().filter(|row| row.endpoint_key == endpoint.key)))
                .collect(),
            by_minute: overview.endpoints.iter().map(|endpoint| by_minute(rollups, endpoint.key, now)).collect(),
        }
    }
}

fn waiting(endpoint: &EndpointRow) -> u64 {
    endpoint.counts.queued + endpoint.counts.scheduled
}

/// Endpoints that hold something, and why; those that hold most come first.
#[must_use]
pub fn holders(overview: &Overview, now: Millis) -> Vec<(&EndpointRow, Held)> {
    let holding = overview.endpoints.iter().filter(|endpoint| waiting(endpoint) > 0);
    let mut holders: Vec<_> = holding.filter_map(|endpoint| Some((endpoint, endpoint.held(now)?))).collect();
    holders.sort_by_key(|(endpoint, _)| std::cmp::Reverse(waiting(endpoint)));
    holders
}

fn held_why(overview: &Overview, now: Millis) -> Option<String> {
    let holders = holders(overview, now);
    let (most, held) = holders.first()?;
    let why = held_column(*held, most, Rules::default(), now);
    let others = match holders.len() - 1 {
        0 => String::new(),
        others => format!(" ({} more)", figures::counted(as_count(others), "endpoint", "endpoints")),
    };
    Some(format!("{}: {why}{others}", super::escape::line(&most.name)))
}

fn as_count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn by_minute(rollups: &[RollupRow], endpoint: i64, now: Millis) -> Vec<(u64, u64)> {
    let first = Summary::since_minute(now);
    let mut minutes = vec![(0, 0); usize::try_from(LOOK_BACK_MINUTES + 1).unwrap_or(1)];
    for row in rollups.iter().filter(|row| row.endpoint_key == endpoint) {
        let at = usize::try_from(row.minute - first).ok();
        if let Some((good, all)) = at.and_then(|at| minutes.get_mut(at)) {
            *good += u64::from(row.delivered);
            *all += u64::from(row.delivered) + u64::from(row.failed);
        }
    }
    minutes
}

/// Arrivals and departures per minute up to and with the running one.
fn series(rollups: &[RollupRow], now: Millis) -> (Vec<u64>, Vec<u64>) {
    let first = Summary::since_minute(now);
    let length = usize::try_from(LOOK_BACK_MINUTES + 1).unwrap_or(1);
    let (mut arrivals, mut departures) = (vec![0; length], vec![0; length]);
    for row in rollups {
        let Ok(at) = usize::try_from(row.minute - first) else { continue };
        if let (Some(came), Some(went)) = (arrivals.get_mut(at), departures.get_mut(at)) {
            *came += u64::from(row.accepted);
            *went += u64::from(row.delivered);
        }
    }
    (arrivals, departures)
}

/// Per second over a window of 60 s that ends now: the running minute whole, the one before it by its share.
fn last_minute(per_minute: &[u64], now: Millis) -> f64 {
    let mut newest = per_minute.iter().rev().copied();
    let (running, before) = (newest.next().unwrap_or(0), newest.next().unwrap_or(0));
    let gone = as_float(u64::try_from(now.rem_euclid(MINUTE_MS)).unwrap_or(0)) / 60_000.0;
    as_float(before).mul_add(1.0 - gone, as_float(running)) / 60.0
}

#[expect(clippy::cast_precision_loss, reason = "figures for people: beyond 2^53 a digit does not matter")]
pub(super) const fn as_float(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; saturates at u64::MAX")]
fn millis(seconds: f64) -> u64 {
    (seconds.max(0.0) * 1000.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Circuit, EndpointState};
    use crate::journal::Counts;
    use crate::present::tests::{NOW, endpoint};

    fn rollup(minutes_ago: i64, endpoint_key: i64, accepted: u32, delivered: u32, failed: u32, ms: u64) -> RollupRow {
        let mut latencies = Latencies::default();
        for _ in 0..delivered + failed {
            latencies.add(ms * 1000);
        }
        let minute = NOW.div_euclid(MINUTE_MS) - minutes_ago;
        RollupRow { minute, endpoint_key, accepted, delivered, failed, latencies }
    }

    fn overview() -> Overview {
        let counts =
            |queued, scheduled, in_flight, dead| Counts { queued, scheduled, in_flight, dead, ..Counts::default() };
        let mut ops = endpoint();
        ops.circuit.circuit = Circuit::Open;
        ops.circuit.probe_at = Some(NOW + 12_000);
        ops.counts = counts(160, 8, 0, 1);
        let mut slack = endpoint();
        (slack.key, slack.name, slack.counts) = (2, "slack".to_owned(), counts(40, 6, 10, 3));
        let mut off = endpoint();
        (off.key, off.state, off.counts) = (3, EndpointState::Paused, counts(2, 0, 0, 0));
        Overview { endpoints: vec![ops, slack, off], oldest_undelivered_at: Some(NOW - 134_000), ..Overview::default() }
    }

    #[test]
    fn totals_and_what_is_held() {
        let summary = Summary::new(&overview(), &[], NOW);
        assert_eq!((summary.queued, summary.scheduled, summary.in_flight, summary.dead), (202, 14, 10, 4));
        assert_eq!(summary.held, 170);
        assert_eq!(summary.held_why.as_deref(), Some("ops: circuit open, probe in 12 s (1 endpoint more)"));
        let overview = overview();
        let holders = holders(&overview, NOW).into_iter().map(|(one, _)| one.key).collect::<Vec<_>>();
        assert_eq!(holders, [1, 3], "those that hold most come first");
        assert_eq!(summary.oldest_ms, Some(134_000));
        assert_eq!(summary.oldest_dead_ms, None);
    }

    #[test]
    fn shares_and_percentiles_are_of_the_last_fifteen_minutes() {
        let rollups = [rollup(16, 2, 9, 0, 90, 5_000), rollup(15, 2, 5, 3, 1, 10), rollup(0, 1, 5, 0, 4, 400)];
        let summary = Summary::new(&overview(), &rollups, NOW);
        assert_eq!((summary.health.good, summary.health.all), (3, 8));
        assert_eq!(summary.endpoints.iter().map(Health::percent).collect::<Vec<_>>(), ["0.0%", "75.0%", "–"]);
        let [ops, slack, off] = summary.endpoints.as_slice() else { panic!("three endpoints") };
        assert!(slack.p95_ms.unwrap() < ops.p50_ms.unwrap());
        assert_eq!((off.p50_ms, off.p95_ms), (None, None));
        let minutes = summary.by_minute.get(1).unwrap();
        assert_eq!((minutes.len(), minutes[0], minutes[15]), (16, (3, 4), (0, 0)));
    }

    #[test]
    fn series_end_with_the_running_minute() {
        let summary = Summary::new(
            &overview(),
            &[rollup(15, 1, 7, 1, 0, 1), rollup(1, 1, 3, 2, 0, 1), rollup(0, 2, 4, 3, 0, 1)],
            NOW,
        );
        assert_eq!(summary.arrivals.len(), 16);
        assert_eq!((summary.arrivals.first(), summary.arrivals.last()), (Some(&7), Some(&4)));
        assert_eq!(summary.departures.last(), Some(&3));
    }

    #[test]
    fn a_rate_covers_the_last_sixty_seconds() {
        let half_past = NOW.div_euclid(MINUTE_MS) * MINUTE_MS + 30_000;
        assert!((last_minute(&[0, 600, 300], half_past) - 10.0).abs() < 1e-9);
        assert!(last_minute(&[], half_past).abs() < 1e-9);
    }

    #[test]
    fn a_queue_drains_grows_or_stands() {
        for (not_held, in_rate, out_rate, words) in [
            (0, 5.0, 1.0, "–"),
            (18, 1.0, 2.0, "drains in 18 s"),
            (18, 2.0, 2.0, "growing"),
            (18, 3.0, 2.0, "growing"),
            (18, 0.0, 0.0, "nothing moves"),
        ] {
            assert_eq!(Drain::estimate(not_held, in_rate, out_rate).words(), words);
        }
    }

    #[test]
    fn an_empty_journal_has_no_figures_and_no_zero_for_unknown() {
        let summary = Summary::new(&Overview::default(), &[], NOW);
        assert_eq!(summary.health.percent(), figures::UNKNOWN);
        assert_eq!((summary.oldest_ms, summary.drain), (None, Drain::Empty));
    }
}
