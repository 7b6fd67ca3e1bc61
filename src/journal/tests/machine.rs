//! Random operations against a model that knows only the table of states.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::support::{self, Bench, T0, all};
use crate::event::{Reason, State};
use crate::journal::*;

#[derive(Debug, Clone, Copy)]
enum Step {
    Emit,
    Claim(usize),
    Settle(usize),
    Release,
    Interrupt,
    TakeOver,
    Act(usize),
    Undo,
    Resend(usize),
    Expire,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Emit),
        3 => (0_usize..4).prop_map(Step::Claim),
        5 => (0_usize..5).prop_map(Step::Settle),
        1 => Just(Step::Release),
        1 => Just(Step::Interrupt),
        1 => Just(Step::TakeOver),
        3 => (0_usize..4).prop_map(Step::Act),
        2 => Just(Step::Undo),
        2 => any::<prop::sample::Index>().prop_map(|index| Step::Resend(index.index(64))),
        1 => Just(Step::Expire),
    ]
}

struct Run {
    bench: Bench,
    reader: Reader,
    now: i64,
    emitted: usize,
    in_flight: Vec<Claimed>,
    attempts: BTreeMap<String, u32>,
}

impl Run {
    fn states(&self) -> BTreeMap<String, State> {
        let rows = self.reader.deliveries(Page::first(1_000)).unwrap();
        rows.into_iter().map(|row| (row.id, row.state)).collect()
    }

    fn apply(&mut self, step: Step) {
        self.now += 1;
        let (bench, now) = (&mut self.bench, self.now);
        let journal = bench.journal.clone();
        match step {
            Step::Emit => {
                bench.emit(&format!("e{}", self.emitted));
                self.emitted += 1;
            }
            Step::Claim(pick) => {
                let pick = [Pick::Due, Pick::Head, Pick::Probe, Pick::Urgent][pick];
                let request = ClaimRequest { limit: 2, now, ..bench.request(bench.keys[0], pick) };
                self.in_flight.extend(journal.claim(request).wait().unwrap().claimed);
            }
            Step::Resend(index) => {
                let rows = self.reader.deliveries(Page::first(1_000)).unwrap();
                if let Some(row) = rows.get(index % rows.len().max(1)) {
                    self.in_flight.extend(bench.claim_at(Pick::Resend(row.seq), now).claimed);
                }
            }
            Step::Settle(verdict) => {
                let verdict =
                    [Verdict::Delivered, Verdict::Retry(now + 2), Verdict::Dead(Reason::Exhausted), Verdict::Back]
                        [verdict % 4];
                if let Some(claimed) = self.in_flight.pop() {
                    journal.settle(vec![bench.settlement(&claimed, verdict)], now).wait().unwrap();
                    *self.attempts.entry(claimed.id).or_default() += 1;
                }
            }
            Step::Release | Step::Interrupt => {
                let claims: Vec<i64> = self.in_flight.iter().map(|claimed| claimed.delivery).collect();
                if matches!(step, Step::Release) {
                    journal.release(bench.epoch, claims, now).wait().unwrap();
                    self.in_flight.clear();
                } else {
                    journal.interrupt(bench.epoch, claims, now).wait().unwrap();
                    self.cut_off();
                }
            }
            Step::TakeOver => {
                let taken = bench.take_over();
                assert_eq!(usize::try_from(taken.interrupted).unwrap(), self.in_flight.len());
                self.cut_off();
            }
            Step::Act(act) => {
                let act = [Act::Retry, Act::Clear, Act::Restore, Act::Cancel][act];
                journal.act(act, all(), Actor("me".to_owned()), now).wait().unwrap();
            }
            Step::Undo => {
                support::undo(&journal, "me", now);
            }
            Step::Expire => {
                journal.expire(bench.epoch, bench.keys[0], 5, 1, now).wait().unwrap();
            }
        }
    }

    fn cut_off(&mut self) {
        for claimed in std::mem::take(&mut self.in_flight) {
            *self.attempts.entry(claimed.id).or_default() += 1;
        }
    }

    /// After one step every delivery that changed took a way that the table knows.
    fn check(&self, step: Step, before: &BTreeMap<String, State>) {
        let after = self.states();
        for (id, state) in &after {
            let was = before.get(id).copied();
            let known = match was {
                None => *state == State::Queued,
                Some(was) => {
                    let back = was == State::InFlight && !matches!(state, State::Cleared);
                    // `cleared` to `dead` and back is undo's and restore's.
                    let undone = matches!(step, Step::Undo) && matches!((was, *state), (State::Queued, State::Dead));
                    was == *state || back || undone || was.can_become(*state)
                }
            };
            assert!(known, "{id} went from {was:?} to {state} by {step:?}");
        }
        assert_eq!(after.len(), self.emitted, "nothing is lost");
        let in_flight = after.values().filter(|state| **state == State::InFlight).count();
        assert_eq!(in_flight, self.in_flight.len());
        let stays = |one: &Claimed| after.get(&one.id) == Some(&State::InFlight);
        assert!(self.in_flight.iter().all(stays), "{step:?} changed what is in flight: {after:?}");
        for row in self.reader.deliveries(Page::first(1_000)).unwrap() {
            assert_eq!(row.attempts, self.attempts.get(&row.id).copied().unwrap_or_default(), "{}", row.id);
        }
        let count = |state| after.values().filter(|one| **one == state).count() as u64;
        let counts = self.reader.overview(self.now).unwrap().endpoints[0].counts;
        assert_eq!(
            [counts.queued, counts.scheduled, counts.in_flight, counts.delivered, counts.dead, counts.cleared],
            [State::Queued, State::Scheduled, State::InFlight, State::Delivered, State::Dead, State::Cleared]
                .map(count)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn deliveries_move_only_as_the_table_says_and_counters_equal_the_rows(steps in prop::collection::vec(step(), 1..60)) {
        let bench = Bench::new(&["a"]);
        let reader = bench.reader();
        let mut run = Run { bench, reader, now: T0, emitted: 0, in_flight: Vec::new(), attempts: BTreeMap::new() };
        for step in steps {
            let before = run.states();
            run.apply(step);
            run.check(step, &before);
        }
        run.bench.check();
    }
}
