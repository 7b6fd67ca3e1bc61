//! Filters against a plain look at every row.

use proptest::prelude::*;

use super::support::{self, Bench, T0, event};
use crate::event::query::{Bound, Op, Standing, Status, Term, Test};
use crate::event::{Cause, Event, Millis, Query, Reason, State};
use crate::journal::*;

const NOW: Millis = T0 + 100_000;

/// Deliveries of two endpoints in every state, some seconds apart, of several types and sessions. In flight are some that
/// were in each of the others. Of what is queued some has changed since it came in: retried, given back, taken back from the
/// dead.
fn filled() -> Bench {
    let bench = Bench::new(&["a", "ops"]);
    let made = |n: usize| Event {
        kind: ["agent.error", "agent.idle", "bead.failed"][n % 3].to_owned(),
        session: ["acme", "", "Other one"][n % 3].to_owned(),
        message: format!("message {n}: 100% of it"),
        ..event(&format!("evt-{n:02}"))
    };
    let submissions = (0..24).map(|n| Submission::new(made(n))).collect();
    bench.journal.accept(submissions, RouteBy::Applied, T0).wait().unwrap();
    for (key, kept) in [(0, 18), (1, 12)] {
        let request = ClaimRequest { limit: kept, ..bench.request(bench.keys[key], Pick::Due) };
        let claimed = bench.journal.claim(request).wait().unwrap().claimed;
        for (n, one) in claimed.iter().enumerate() {
            let (verdict, status) = match n % 5 {
                0 => (Verdict::Delivered, Some(200)),
                1 => (Verdict::Dead(Reason::Permanent), Some(422)),
                2 => (Verdict::Dead(Reason::Exhausted), None),
                3 => (Verdict::Retry(NOW + 5), Some(503)),
                _ => (Verdict::Dead(Reason::Gone), Some(410)),
            };
            let mut settlement = Settlement { endpoint: bench.keys[key], ..bench.settlement(one, verdict) };
            settlement.attempt.status = status;
            let now = T0 + i64::try_from(n * 5_000).unwrap();
            bench.journal.settle(vec![settlement], now).wait().unwrap();
        }
    }
    let ids = Selection::Ids(vec!["evt-01".to_owned(), "evt-06".to_owned()]);
    bench.journal.act(Act::Clear, ids, Actor("ann@box".to_owned()), T0 + 90_000).wait().unwrap();
    let act = |act: Act, ids: &[&str]| {
        let ids = Selection::Ids(ids.iter().map(|id| (*id).to_owned()).collect());
        bench.journal.act(act, ids, Actor("bob@box".to_owned()), T0 + 91_000).wait().unwrap();
    };
    act(Act::Retry, &["evt-04_a", "evt-09_ops"]);
    act(Act::Cancel, &["evt-22_a", "evt-15_ops", "evt-16_ops"]);
    support::undo(&bench.journal, "bob@box", T0 + 92_000);
    let request = ClaimRequest { limit: 2, ..bench.request(bench.keys[1], Pick::Due) };
    let back = bench.journal.claim(request).wait().unwrap().claimed;
    bench.journal.release(bench.epoch, back.iter().map(|one| one.delivery).collect(), T0 + 93_000).wait().unwrap();
    let pause = EndpointUpdate { state: Some(crate::event::EndpointState::Paused), ..EndpointUpdate::default() };
    bench.journal.update_endpoint(bench.epoch, bench.keys[1], pause, T0).wait().unwrap();
    for (key, id) in bench.keys.iter().zip(["a", "ops"]) {
        for (n, state) in [(5, State::Delivered), (7, State::Dead), (3, State::Scheduled), (20, State::Queued)] {
            let row = bench.delivery(&format!("evt-{n:02}_{id}")).row;
            assert_eq!(row.state, state);
            let request = ClaimRequest { now: NOW - 45_000, ..bench.request(*key, Pick::Resend(row.seq)) };
            bench.journal.claim(request).wait().unwrap();
        }
    }
    bench.check();
    bench
}

fn compare(bound: &Bound, figure: i64) -> bool {
    match bound.op {
        Op::Less => figure < bound.figure,
        Op::AtMost => figure <= bound.figure,
        Op::Equal => figure == bound.figure,
        Op::AtLeast => figure >= bound.figure,
        Op::More => figure > bound.figure,
    }
}

/// The meaning of a filter, in so many words.
fn matches(query: &Query, row: &DeliveryRow, event: &Event, endpoint: &EndpointRow) -> bool {
    query.terms().iter().all(|Term { negated, test }| {
        let holds = match test {
            Test::State(all) => all.iter().any(|one| match one {
                Standing::Is(state) => row.state == *state,
                Standing::Held => matches!(row.state, State::Queued | State::Scheduled) && endpoint.held(NOW).is_some(),
                Standing::Pending => row.state.is_pending(),
                Standing::Endpoint(_) | Standing::Circuit(_) => false,
            }),
            Test::Endpoint(all) => all.iter().any(|name| name.fits(&row.endpoint) || name.fits(&row.endpoint_id)),
            Test::Type(all) => all.iter().any(|name| name.fits(&row.event_type)),
            Test::Session(all) => all.iter().any(|name| name.fits(&event.session)),
            Test::Id(all) => all.iter().any(|name| name.fits(&row.id) || name.fits(&row.event_id)),
            Test::Status(all) => all.iter().any(|one| match (one, row.last_status.map(i64::from)) {
                (Status::None, None) => row.attempts > 0,
                (Status::Class(class), Some(status)) => status / 100 == *class,
                (Status::Code(bound), Some(status)) => compare(bound, status),
                _ => false,
            }),
            Test::Reason(all) => row.reason.is_some_and(|reason| all.contains(&reason)),
            Test::Error(all) => {
                let cause = Cause::of(row.last_status, row.last_outcome, row.last_error.as_deref());
                all.contains(&cause)
            }
            Test::Age(all) => all.iter().any(|bound| compare(bound, NOW - row.changed_at)),
            Test::Attempts(all) => all.iter().any(|bound| compare(bound, i64::from(row.attempts))),
            Test::Text(all) => all.iter().any(|name| {
                let texts = [&row.id, &row.event_id, &row.event_type, &row.endpoint, &event.message];
                texts.into_iter().chain(&row.last_error).any(|text| name.is_in(text))
            }),
        };
        holds != *negated
    })
}

const TERMS: &[&str] = &[
    "state:dead",
    "state:held",
    "state:pending,cleared",
    "!state:dead",
    "state:queued",
    "state:dead,cleared",
    "state:in_flight",
    "!state:in_flight,queued",
    "state:delivered",
    "endpoint:a*",
    "endpoint:OPS-name",
    "!endpoint:ops",
    "endpoint:nobody",
    "type:agent.*",
    "type:bead.failed,agent.idle",
    "session:acme",
    "session:\"\"",
    "!session:oth*",
    "id:evt-07",
    "id:evt-0*",
    "id:evt-1?_ops,evt-01_a",
    "!id:evt-1*",
    "id:*7*",
    "status:4xx",
    "status:>=500",
    "!status:4xx",
    "status:none",
    "reason:exhausted",
    "!reason:gone,permanent",
    "error:untried",
    "!error:network,untried",
    "age:>1m",
    "age:<50s",
    "age:>20s",
    "attempts:>=1",
    "attempts:0",
    "refused",
    "\"message 1\"",
    "!\"100%\"",
    "evt-02,evt-03",
    "mess*3",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn what_is_found_is_what_matches_in_order_and_page_by_page(
        terms in prop::collection::vec(prop::sample::select(TERMS), 0..4),
        limit in 1_usize..9,
        (arrival, up) in any::<(bool, bool)>(),
    ) {
        thread_local!(static BENCH: Bench = filled());
        BENCH.with(|bench| {
            let reader = bench.reader();
            let query = Query::parse(&terms.join(" ")).unwrap();
            let all = reader.deliveries(Page::first(999)).unwrap();
            let mut wanted: Vec<DeliveryRow> = all
                .into_iter()
                .filter(|row| {
                    let event = reader.event(&row.event_id).unwrap().unwrap().event;
                    matches(&query, row, &event, &bench.endpoint(&row.endpoint_id))
                })
                .collect();
            let sort = if arrival { Sort::Arrival } else { Sort::Newest };
            let search = Search { sort, ..Search::new(query.clone(), NOW) };
            let direction = if up { Direction::Up } else { Direction::Down };
            let paged = |read: &dyn Fn(Page) -> Finding<DeliveryRow>| {
                let mut ids: Vec<String> = Vec::new();
                let mut from = None;
                loop {
                    let found = read(Page { from, direction, limit });
                    assert_eq!(found.stopped, None);
                    let page: Vec<String> = found.rows.iter().map(|row| row.id.clone()).collect();
                    if page.is_empty() {
                        return ids;
                    }
                    from = if up { found.rows.first() } else { found.rows.last() }.map(|row| row.place);
                    ids = if up { [page, ids].concat() } else { [ids, page].concat() };
                }
            };
            let found = paged(&|page| reader.find_deliveries(page, &search).unwrap());
            let total = reader.find_deliveries(Page::first(1), &search).unwrap().total;
            assert!(total.is_none_or(|total| total == wanted.len() as u64), "{query}: {total:?}");
            if arrival {
                wanted.sort_by_key(|row| -row.seq);
                let ids: Vec<String> = wanted.iter().map(|row| row.id.clone()).collect();
                assert_eq!(found, ids, "{query}");
            } else {
                if reader.is_by_death(&search).unwrap() {
                    wanted.sort_by_key(|row| (-row.changed_at, -row.seq));
                }
                let ids: Vec<String> = wanted.iter().map(|row| row.id.clone()).collect();
                assert_eq!(found, ids, "{query}");
            }
            wanted.retain(|row| row.state == State::Dead);
            wanted.sort_by_key(|row| (-row.changed_at, -row.seq));
            let dead = paged(&|page| reader.find_dead_letters(page, &search).unwrap());
            assert_eq!(dead, wanted.iter().map(|row| row.id.clone()).collect::<Vec<_>>(), "{query}");
            let selection = Selection::Matching { query: query.clone(), as_of: i64::MAX, at: NOW };
            let counted: u64 = reader.count(Act::Clear, &selection).unwrap().iter().map(|one| one.count).sum();
            assert_eq!(counted, wanted.len() as u64, "{query}");
        });
    }
}

#[test]
fn pages_down_from_just_above_a_row_and_up_from_it_are_the_whole_list_whichever_index_serves_them() {
    let bench = filled();
    let reader = bench.reader();
    let filters = ["", "state:queued", "state:pending,cleared", "state:dead", "endpoint:a*", "id:evt-0*", "agent"];
    for (filter, sort) in filters.iter().flat_map(|filter| [Sort::Newest, Sort::Arrival].map(|sort| (filter, sort))) {
        let search = Search { sort, ..Search::new(Query::parse(filter).unwrap(), NOW) };
        let ids = |page| -> Vec<String> {
            reader.find_deliveries(page, &search).unwrap().rows.into_iter().map(|row| row.id).collect()
        };
        let all = reader.find_deliveries(Page::first(99), &search).unwrap().rows;
        assert!(all.len() > 1, "{filter}");
        let whole: Vec<String> = all.iter().map(|row| row.id.clone()).collect();
        for (at, row) in all.iter().enumerate() {
            let beside = Cursor { seq: row.place.seq + 1, ..row.place };
            let page = |from, direction| Page { from: Some(from), direction, limit: 99 };
            assert_eq!(ids(page(beside, Direction::Down)), whole[at..], "{filter} {sort:?}");
            assert_eq!(ids(page(row.place, Direction::Up)), whole[..at], "{filter} {sort:?}");
        }
    }
}

#[test]
fn events_attempts_and_log_are_found_by_their_terms() {
    let bench = filled();
    let reader = bench.reader();
    let search = |text: &str| Search::new(Query::parse(text).unwrap(), NOW);
    let events = |text: &str| reader.find_events(Page::first(99), &search(text)).unwrap().rows.len();
    let table = [
        ("", 24),
        ("type:agent.*", 16),
        ("session:acme", 8),
        ("id:evt-1*", 10),
        ("id:evt-03 age:>1m", 1),
        ("age:<1m", 0),
        ("\"message 2\"", 5),
        ("!session:acme", 16),
    ];
    for (text, count) in table {
        assert_eq!(events(text), count, "{text}");
    }
    let attempts = |text: &str| reader.find_attempts(Page::first(99), &search(text)).unwrap().rows.len();
    for (text, count) in
        [("", 30), ("status:2xx", 7), ("id:evt-03", 2), ("endpoint:a state:cleared", 2), ("refused", 23)]
    {
        assert_eq!(attempts(text), count, "{text}");
    }
    let line = |endpoint: &str, text: &str| LogLine {
        level: Level::Info,
        source: LogSource::Engine,
        who: None,
        endpoint: Some(endpoint.to_owned()),
        text: text.to_owned(),
    };
    bench.journal.log(line("a-name", "opened after 5 failures"), T0).wait().unwrap();
    bench.journal.log(line("ops-name", "closed"), T0 + 99_000).wait().unwrap();
    let log = |text: &str| reader.find_log(Page::first(99), &search(text)).unwrap().rows.len();
    for (text, count) in [("endpoint:a*", 1), ("opened", 1), ("age:<2s", 1), ("ann@box", 1), ("!endpoint:*", 4)] {
        assert_eq!(log(text), count, "{text}");
    }
    let refused = reader.find_log(Page::first(9), &search("state:dead"));
    assert!(matches!(refused, Err(JournalError::Filter(text)) if text.contains("state: means nothing for the log")));
}

#[test]
fn a_search_tells_how_far_it_looked_and_goes_on_from_there() {
    let bench = Bench::new(&["a"]);
    bench.emit("evt-first");
    for _ in 0..6 {
        let submissions = (0..2_000).map(|_| Submission::new(Event::new("agent.error"))).collect();
        bench.journal.accept(submissions, RouteBy::Applied, T0).wait().unwrap();
    }
    let reader = bench.reader();
    let search = Search::new(Query::parse("\"evt-first\"").unwrap(), T0);
    let found = reader.find_events(Page::first(5), &search).unwrap();
    assert_eq!(found.rows, []);
    assert!((2_000..=10_000).contains(&found.looked), "{}", found.looked);
    let mut stopped = found.stopped;
    let mut last = found.rows;
    for _ in 0..5 {
        let Some(from) = stopped else { break };
        let page = Page { from: Some(from), direction: Direction::Down, limit: 5 };
        let found = reader.find_events(page, &search).unwrap();
        (last, stopped) = (found.rows, found.stopped);
    }
    assert_eq!(last.first().map(|row| row.id.as_str()), Some("evt-first"));
}

#[test]
fn an_act_changes_what_the_filter_found_however_many_there_are() {
    let bench = Bench::new(&["a", "b"]);
    bench.emit_many(5_000);
    let kind = |key: usize, limit| {
        let request = ClaimRequest { limit, ..bench.request(bench.keys[key], Pick::Due) };
        let claimed = bench.journal.claim(request).wait().unwrap().claimed;
        let end = |(n, one): (usize, &Claimed)| {
            let reason = if n % 2 == 0 { Reason::Exhausted } else { Reason::Permanent };
            Settlement { endpoint: bench.keys[key], ..bench.settlement(one, Verdict::Dead(reason)) }
        };
        let ends: Vec<_> = claimed.iter().enumerate().map(end).collect();
        bench.journal.settle(ends, T0).wait().unwrap();
    };
    kind(0, 5_000);
    kind(1, 100);
    let act = |act: Act, text: &str, as_of: i64| {
        let query = Query::parse(text).unwrap();
        let selection = Selection::Matching { query, as_of, at: T0 };
        let counted: u64 = bench.reader().count(act, &selection).unwrap().iter().map(|one| one.count).sum();
        let done = bench.journal.act(act, selection, Actor("ann@box".to_owned()), T0).wait().unwrap().done;
        assert_eq!(counted, done, "{text}");
        done
    };
    assert_eq!(act(Act::Clear, "reason:exhausted id:e0000*", 0), 0, "all of it has changed since");
    assert_eq!(act(Act::Clear, "reason:exhausted", i64::MAX), 2_550);
    assert_eq!(act(Act::Restore, "endpoint:a* reason:exhausted", i64::MAX), 2_500);
    assert_eq!(act(Act::Retry, "endpoint:a-name", i64::MAX), 5_000);
    assert_eq!(act(Act::Cancel, "state:queued id:e000*", i64::MAX), 100);
    assert_eq!(act(Act::Cancel, "state:dead", i64::MAX), 0);
    bench.check();
}
