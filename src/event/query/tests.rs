use proptest::prelude::*;

use super::*;
use crate::event::Cause;

fn canonical(text: &str) -> String {
    Query::parse(text).unwrap().to_string()
}

#[test]
fn terms_are_read_and_written_in_one_form() {
    for (text, form) in [
        ("", ""),
        ("  state:dead,held   endpoint:slack* ", "state:dead,held endpoint:slack*"),
        ("type:agent.* session:x id:evt-1?", "type:agent.* session:x id:evt-1?"),
        ("status:5xx,429 !status:>=500 status:none", "status:5xx,429 !status:>=500 status:none"),
        ("age:>90m age:<2d1h age:<=1d", "age:>1h30m age:<2d1h age:<=1d"),
        ("attempts:>=3 attempts:=2 reason:exhausted,TOO_LARGE", "attempts:>=3 attempts:2 reason:exhausted,too_large"),
        ("connection\\ refused \"timed out\",reset", "\"connection refused\" \"timed out\",reset"),
        ("endpoint:\"my hook\",b", "endpoint:\"my hook\",b"),
        ("State:Dead", "state:dead"),
        ("12:03 \"a:b\" \\!x", "\"12:03\" \"a:b\" \"!x\""),
        ("session:\"\"", "session:\"\""),
        ("id:a:b/c", "id:a:b/c"),
    ] {
        assert_eq!(canonical(text), form, "{text}");
    }
}

#[test]
fn an_error_points_at_the_word_and_names_the_cure() {
    for (text, at, words) in [
        ("endpoint:x stat:dead", "stat:dead", "did you mean state:?"),
        ("state:daed", "daed", "did you mean dead?"),
        ("state:dead,helt", "helt", "did you mean held?"),
        ("state:zzzzzzz", "zzzzzzz", "there are: dead held"),
        ("reason:exausted", "exausted", "did you mean exhausted?"),
        ("error:timout", "timout", "did you mean timeout?"),
        ("error:502", "502", "timeout"),
        ("a http://x", "http://x", "no key `http`; in quotes it is searched for as text; there are: state"),
        ("status:6xx", "6xx", "write 5xx"),
        ("status:abc", "abc", "write 5xx"),
        ("age:1h", "1h", "write >1h"),
        ("age:>1y", ">1y", "of d h m s"),
        ("attempts:many", "many", "write 3"),
        ("x state:", "state:", "needs a value, such as state:dead"),
        ("state:dead,", "state:dead,", "beside the comma"),
        ("a \"b c", "\"b c", "not closed"),
        ("a\\", "\\", "nothing follows"),
        ("!", "!", "a term must follow"),
        ("!!x", "!!x", "one `!` negates"),
        ("\"\"", "\"\"", "nothing to search for"),
        ("ü stat:x", "stat:x", "did you mean"),
    ] {
        let error = Query::parse(text).unwrap_err();
        assert_eq!(&text[error.span.clone()], at, "{text}: {error}");
        assert!(error.text.contains(words), "{text}: {error}");
    }
}

#[test]
fn a_term_that_a_list_has_no_meaning_for_is_an_error_there() {
    use Subject::{Attempts, Dead, Deliveries, Endpoints, Events, Log};
    for (text, at, subject, words) in [
        ("x attempts:3", "attempts:3", Events, "attempts: means nothing for events; known there: type session id age"),
        ("id:x", "id:x", Log, "known there: endpoint age and words"),
        ("state:open", "state:open", Deliveries, "state:open means nothing for deliveries; known there: dead held"),
        ("state:dead", "state:dead", Endpoints, "known there: active paused"),
        ("age:>1h", "age:>1h", Endpoints, "known there: endpoint state"),
    ] {
        let error = Query::parse_for(text, subject).unwrap_err();
        assert_eq!(&text[error.span.clone()], at);
        assert!(error.text.contains(words), "{error}");
        assert_eq!(Query::parse(text).unwrap().check(subject), Err(error.text));
    }
    for subject in [Deliveries, Dead, Attempts] {
        assert!(Query::parse_for("state:dead status:5xx attempts:>2 session:a reason:gone x", subject).is_ok());
    }
    assert!(Query::parse_for("state:held,open,paused ops", Endpoints).is_ok());
}

#[test]
fn names_compare_whole_texts_whatever_their_case() {
    for (name, text, fits) in [
        ("slack*", "Slack-ops", true),
        ("slack", "slack-ops", false),
        ("grüße", "GRÜßE", true),
        ("s?ack", "stack", true),
        ("*", "", true),
        ("a*b*c", "aXbYbZc", true),
        ("a\\*", "a*", true),
        ("a\\*", "ab", false),
        ("agent.*", "agent/x", false),
        ("agent*", "agent/x", true),
    ] {
        let query = Query::parse(&format!("endpoint:{name}")).unwrap();
        let Test::Endpoint(names) = &query.terms()[0].test else { panic!("{query}") };
        assert_eq!(names[0].fits(text), fits, "{name} {text}");
    }
    assert!(Name::exactly("fus").is_in("Connection REFUSED"));
    assert!(!Name::exactly("fuss").is_in("Connection refused"));
    assert_eq!(Name::exactly("50%_\\").like(true), "%50\\%\\_\\\\%");
    assert_eq!(Name::exactly("a[*").glob(), "a[[][*]");
}

#[test]
fn completion_knows_keys_and_values() {
    let known = Known {
        endpoints: vec!["slack".to_owned(), "my hook".to_owned(), "ops".to_owned()],
        types: vec!["agent.error".to_owned(), "bead.failed".to_owned()],
        sessions: vec!["acme".to_owned()],
    };
    let at = |text: &str, subject| {
        let Completion { span, candidates } = complete::complete(text, text.len(), subject, &known);
        (text[span].to_owned(), candidates.join(" "))
    };
    let deliveries = |text| at(text, Subject::Deliveries);
    let pair = |span: &str, candidates: &str| (span.to_owned(), candidates.to_owned());
    assert_eq!(deliveries("st"), pair("st", "state: status:"));
    assert_eq!(deliveries("x !st"), pair("st", "state: status:"));
    assert_eq!(deliveries("state:de"), pair("de", "dead delivered"));
    assert_eq!(deliveries("state:dead,h"), pair("h", "held scheduled in_flight"));
    assert_eq!(deliveries("endpoint:"), pair("", "slack \"my hook\" ops"));
    assert_eq!(deliveries("endpoint:\"my h"), pair("\"my h", "\"my hook\""));
    assert_eq!(deliveries("type:err"), pair("err", "agent.error"));
    assert_eq!(deliveries("session:acme"), pair("acme", ""));
    assert_eq!(deliveries("reason:ex"), pair("ex", "exhausted expired"));
    assert_eq!(
        deliveries("state:dead "),
        pair("", "state: endpoint: type: session: id: status: reason: error: age: attempts:")
    );
    assert_eq!(at("st", Subject::Endpoints), pair("st", "state:"));
    assert_eq!(at("state:", Subject::Endpoints).1, "active paused disabled removed held closed open half-open");
    assert_eq!(at("st", Subject::Log), pair("st", ""));
}

fn any_name() -> impl Strategy<Value = String> {
    "[a-c ,:!\\*?\"\\\\%_\\[üß]{0,6}"
}

fn any_test() -> impl Strategy<Value = Test> {
    let names = || prop::collection::vec(any_name().prop_map(|text| Name::of(&as_marks(&text))), 1..3);
    let some = || names().prop_filter("words are not empty", |all| all.iter().all(|name| !name.is_empty()));
    let op = || prop::sample::select(vec![Op::Less, Op::AtMost, Op::Equal, Op::AtLeast, Op::More]);
    let bound = || (op(), 0..1000_i64).prop_map(|(op, figure)| Bound { op, figure });
    let age = (op().prop_filter("a side", |op| *op != Op::Equal), 0..10_000_000_i64)
        .prop_map(|(op, seconds)| Bound { op, figure: seconds * 1000 });
    prop_oneof![
        names().prop_map(Test::Endpoint),
        names().prop_map(Test::Type),
        names().prop_map(Test::Session),
        names().prop_map(Test::Id),
        some().prop_map(Test::Text),
        prop::collection::vec(prop::sample::select(Standing::DELIVERIES.to_vec()), 1..3).prop_map(Test::State),
        prop::collection::vec(prop::sample::select(Reason::ALL.to_vec()), 1..3).prop_map(Test::Reason),
        prop::collection::vec(prop::sample::select(Cause::KINDS.to_vec()), 1..3).prop_map(Test::Error),
        prop::collection::vec(age, 1..3).prop_map(Test::Age),
        prop::collection::vec(bound(), 1..3).prop_map(Test::Attempts),
        prop::collection::vec(
            prop_oneof![bound().prop_map(Status::Code), (1..6_i64).prop_map(Status::Class), Just(Status::None)],
            1..3
        )
        .prop_map(Test::Status),
    ]
}

/// Every character means all it can within quotes, or itself.
fn as_marks(text: &str) -> Vec<lex::Mark> {
    let means = |one: char| if "*?".contains(one) { lex::Means::Wild } else { lex::Means::Itself };
    text.char_indices().map(|(at, one)| lex::Mark { at, one, means: means(one) }).collect()
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_the_same(
        terms in prop::collection::vec((any::<bool>(), any_test()), 0..4)
    ) {
        let terms = terms.into_iter().map(|(negated, test)| Term { negated, test }).collect();
        let query = Query { terms };
        let text = query.to_string();
        prop_assert_eq!(Query::parse(&text), Ok(query), "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[-a-e:,!\\*?\"\\\\<>=0-9 üs]{0,24}", cut in 0..24_usize) {
        if let Err(error) = Query::parse(&text) {
            prop_assert!(text.get(error.span.clone()).is_some(), "{:?}", error.span);
        }
        let at = text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(cut).unwrap_or(text.len());
        let completion = complete::complete(&text, at, Subject::Deliveries, &Known::default());
        prop_assert!(text.get(completion.span).is_some());
    }

    #[test]
    fn names_match_as_a_backtracking_matcher_does(name in "[ab*?]{0,8}", text in "[ab/]{0,8}") {
        fn oracle(name: &[char], text: &[char]) -> bool {
            match (name.split_first(), text.split_first()) {
                (None, _) => text.is_empty(),
                (Some(('*', rest)), first) => oracle(rest, text) || first.is_some_and(|(_, others)| oracle(name, others)),
                (Some(('?', rest)), Some((_, others))) => oracle(rest, others),
                (Some((own, rest)), Some((one, others))) => own == one && oracle(rest, others),
                (Some(_), None) => false,
            }
        }
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(Name::of(&as_marks(&name)).fits(&text), oracle(&chars(&name), &chars(&text)));
    }
}
