use std::time::Duration;

use super::*;
use crate::config::CircuitPolicy;
use crate::wire::dialect::{NTM, PILOT};

pub(crate) fn ntm_policy() -> Policy {
    Policy {
        retry: crate::engine::retry::tests::ntm(),
        circuit: CircuitPolicy {
            enabled: true,
            failure_threshold: NTM.failure_threshold,
            cooldown: NTM.cooldown,
            max_cooldown: Duration::from_mins(10),
            success_threshold: NTM.success_threshold,
        },
        timeout: Duration::from_secs(10),
        concurrency: 10,
        rate_limit: None,
        fifo: false,
        max_age: None,
        success_below: NTM.success_below,
        faults_4xx: NTM.faults_4xx,
    }
}

fn answer(status: u16, headers: &[(&str, &str)]) -> Sent {
    Sent { status: Some(status), headers: headers.iter().copied().collect(), ..Sent::default() }
}

fn meaning(status: u16, headers: &[(&str, &str)]) -> Meaning {
    classify(&answer(status, headers), &ntm_policy(), 0)
}

#[test]
fn what_each_status_means() {
    use Fate::{Again, Dead, Delivered};
    use Report::{Failure, Neutral, Success};
    let table = [
        (200, Delivered, Success),
        (204, Delivered, Success),
        (299, Delivered, Success),
        (300, Dead(Reason::Redirect), Failure),
        (301, Dead(Reason::Redirect), Failure),
        (304, Dead(Reason::Redirect), Failure),
        (308, Dead(Reason::Redirect), Failure),
        (400, Dead(Reason::Permanent), Neutral),
        (401, Dead(Reason::Permanent), Neutral),
        (404, Dead(Reason::Permanent), Neutral),
        (408, Again, Failure),
        (410, Dead(Reason::Gone), Neutral),
        (413, Dead(Reason::Permanent), Neutral),
        (425, Again, Failure),
        (429, Again, Neutral),
        (500, Again, Failure),
        (502, Again, Failure),
        (503, Again, Failure),
        (599, Again, Failure),
        (600, Dead(Reason::Permanent), Failure),
    ];
    for (status, fate, report) in table {
        let meaning = meaning(status, &[]);
        assert_eq!((meaning.fate, meaning.report), (fate, report), "{status}");
        assert_eq!(meaning.error.is_none(), fate == Delivered, "{status}");
    }
}

#[test]
fn timeouts_and_connection_errors_are_retried_and_speak_of_the_endpoint() {
    for (failure, outcome) in [
        (Failure::Timeout("timeout after 10 s".to_owned()), Outcome::Timeout),
        (Failure::Network("connection refused".to_owned()), Outcome::Network),
    ] {
        let meaning = classify(&Sent { failure: Some(failure), ..Sent::default() }, &ntm_policy(), 0);
        assert_eq!((meaning.outcome, meaning.fate, meaning.report), (outcome, Fate::Again, Report::Failure));
    }
}

#[test]
fn what_the_guard_blocks_is_dead_at_once_and_says_nothing_of_the_endpoint() {
    let sent = Sent { failure: Some(Failure::Blocked("blocked: 10.0.0.1 is private".to_owned())), ..Sent::default() };
    let meaning = classify(&sent, &ntm_policy(), 0);
    assert_eq!(
        (meaning.outcome, meaning.fate, meaning.report),
        (Outcome::Unsent, Fate::Dead(Reason::Blocked), Report::Neutral)
    );
}

#[test]
fn a_refusal_is_told_with_its_phrase_and_what_the_receiver_said() {
    for (status, body, expected) in [
        (422, r#"{"error": "no such field \"pane\""}"#, r#"422 Unprocessable Content: no such field "pane""#),
        (500, "the disk is full\n", "500 Internal Server Error: the disk is full"),
        (404, "Not found", "404 Not Found"),
        (502, "<html>nginx</html>", "502 Bad Gateway"),
        (599, "", "599"),
    ] {
        let sent = Sent { body: body.as_bytes().to_vec(), ..answer(status, &[]) };
        assert_eq!(classify(&sent, &ntm_policy(), 0).error.as_deref(), Some(expected));
    }
}

#[test]
fn a_redirect_is_dead_with_its_location_but_for_the_query() {
    let error = meaning(302, &[("Location", "https://login.example.com/sso?token=abc")]).error.unwrap();
    assert_eq!(error, "302 redirect to https://login.example.com/sso: redirects are not followed");
}

#[test]
fn a_410_disables_and_other_refusals_do_not() {
    assert!(meaning(410, &[]).disables);
    assert!(!meaning(404, &[]).disables);
}

#[test]
fn a_429_holds_by_its_retry_after_and_charges_no_try() {
    // 784,111,777 s is the example of RFC 9110.
    let (wall, long) = (784_111_777_000 - 60_000, "x".repeat(9 * 1024));
    let table = [
        (vec![], Hold::Backoff),
        (vec![("retry-after", "7")], Hold::For(Duration::from_secs(7))),
        (vec![("x-long", &*long), ("retry-after", "7")], Hold::For(Duration::from_secs(7))),
        (vec![("Retry-After", " 0 ")], Hold::For(Duration::ZERO)),
        (vec![("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], Hold::For(Duration::from_mins(1))),
        (vec![("retry-after", "Sat, 05 Nov 1994 08:49:37 GMT")], Hold::For(Duration::ZERO)),
        (vec![("retry-after", "99999999999999999999999")], Hold::For(LONGEST_HOLD)),
        (vec![("retry-after", "Wed, 06 Nov 2030 08:49:37 GMT")], Hold::For(LONGEST_HOLD)),
        (vec![("retry-after", "-5")], Hold::Backoff),
        (vec![("retry-after", "soon")], Hold::Backoff),
    ];
    for (headers, hold) in table {
        let meaning = classify(&answer(429, &headers), &ntm_policy(), wall);
        assert_eq!(meaning.hold, Some(hold), "{headers:?}");
        assert!(meaning.free);
    }
}

#[test]
fn a_503_holds_only_where_it_says_how_long_and_counts() {
    let held = meaning(503, &[("retry-after", "30")]);
    assert_eq!((held.hold, held.report, held.free), (Some(Hold::For(Duration::from_secs(30))), Report::Failure, false));
    assert_eq!(meaning(503, &[]).hold, None);
    assert_eq!(meaning(500, &[("retry-after", "30")]).hold, None);
}

#[test]
fn retry_on_decides_what_is_tried_again() {
    let mut policy = ntm_policy();
    let mut fate = |on: &[RetryOn], status: u16| {
        policy.retry.on = on.to_vec();
        classify(&answer(status, &[]), &policy, 0).fate
    };
    assert_eq!(fate(&[RetryOn::Status(404)], 404), Fate::Again);
    assert_eq!(fate(&[RetryOn::Any4xx], 422), Fate::Again);
    assert_eq!(fate(&[RetryOn::Any4xx], 500), Fate::Dead(Reason::Permanent));
    assert_eq!(fate(&[RetryOn::Any], 410), Fate::Again);
    assert_eq!(fate(&[RetryOn::Any], 302), Fate::Dead(Reason::Redirect));
    assert_eq!(fate(&[], 503), Fate::Dead(Reason::Permanent));
}

#[test]
fn what_a_4xx_says_of_the_endpoint_is_the_dialects_to_say() {
    for (dialect, status, report) in [
        (&NTM, 404, Report::Neutral),
        (&NTM, 408, Report::Failure),
        (&PILOT, 404, Report::Neutral),
        (&PILOT, 408, Report::Neutral),
        (&PILOT, 425, Report::Neutral),
        (&PILOT, 500, Report::Failure),
    ] {
        let policy = Policy { faults_4xx: dialect.faults_4xx, ..ntm_policy() };
        assert_eq!(classify(&answer(status, &[]), &policy, 0).report, report, "{} {status}", dialect.name);
    }
}

#[test]
fn a_dialect_may_take_under_400_as_success_but_never_an_unfollowed_redirect() {
    let policy = Policy { success_below: 400, ..ntm_policy() };
    assert_eq!(classify(&answer(304, &[]), &policy, 0).fate, Fate::Delivered);
    for status in [301, 302, 303, 307, 308] {
        assert_eq!(classify(&answer(status, &[]), &policy, 0).fate, Fate::Dead(Reason::Redirect), "{status}");
    }
    let elsewhere = answer(300, &[("location", "/there")]);
    assert_eq!(classify(&elsewhere, &policy, 0).fate, Fate::Dead(Reason::Redirect));
}
