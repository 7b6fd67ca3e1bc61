//! What the vectors do not tell: places, lists of the file, hostile texts.

use proptest::prelude::*;

use super::*;

const KEY: &str = "AKIAABCDEFGHIJKLMNOP";
const KEY_GONE: &str = "[REDACTED:AWS_ACCESS_KEY:1bdbaf95]";

fn policy(mode: Mode) -> Policy {
    Policy { mode, ..Policy::default() }
}

fn patterns(patterns: &[&str]) -> Vec<Pattern> {
    patterns.iter().map(|pattern| Pattern::new(pattern).unwrap()).collect()
}

fn extra(category: &str, pattern: &str) -> Extra {
    Extra { category: category.to_owned(), pattern: Pattern::new(pattern).unwrap() }
}

fn event(json: &str) -> Event {
    Event::from_json_line(json).unwrap()
}

fn secretive() -> Event {
    event(&format!(
        r#"{{"type":"x","session":"{KEY}","message":"m {KEY}","details":{{"{KEY}":"v","cmd":"{KEY}"}},"data":{{ "{KEY}": 1.50, "deep": [ "\u00e9", "{KEY}" ] }}}}"#
    ))
}

#[test]
fn message_detail_values_and_strings_inside_data_are_redacted_and_all_else_is_left() {
    let Passed::Redacted(redacted) = policy(Mode::Redact).pass(&secretive()) else { panic!("nothing was found") };
    assert_eq!((redacted.session.as_str(), redacted.message.as_str()), (KEY, &*format!("m {KEY_GONE}")));
    let details: Vec<_> = redacted.details.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(details, [format!("{KEY}=v"), format!("cmd={KEY_GONE}")]);
    let data = redacted.data.unwrap();
    assert_eq!(data.get(), format!(r#"{{ "{KEY}": 1.50, "deep": [ "\u00e9", "{KEY_GONE}" ] }}"#));
}

#[test]
fn findings_tell_category_and_place_and_never_the_text_even_where_a_key_is_a_secret() {
    let Passed::Warned(findings) = policy(Mode::Warn).pass(&secretive()) else { panic!("nothing was found") };
    let told = "AWS_ACCESS_KEY in message, AWS_ACCESS_KEY in details.cmd, AWS_ACCESS_KEY in data.deep[1]";
    assert_eq!(findings.to_string(), told);

    let many = format!(r#"{{"type":"x","details":{{"{KEY}":"{KEY} {KEY}"}},"data":{:?}}}"#, vec![KEY; 7]);
    let Passed::Blocked(findings) = policy(Mode::Block).pass(&event(&many)) else { panic!("nothing was found") };
    let told = findings.to_string();
    assert!(told.starts_with(&format!("AWS_ACCESS_KEY in details.{KEY_GONE}, AWS_ACCESS_KEY in data[0], ")), "{told}");
    assert!(told.ends_with(" and 3 more") && !told.contains(KEY), "{told}");
}

#[test]
fn each_mode_does_what_it_says_and_our_own_events_are_never_refused() {
    let own = Event { message: KEY.to_owned(), ..Event::new("hooktui.delivery.dead") };
    for (mode, of_others, of_ours) in [
        (Mode::Off, "Clean", "Clean"),
        (Mode::Warn, "Warned", "Warned"),
        (Mode::Redact, "Redacted", "Redacted"),
        (Mode::Block, "Blocked", "Redacted"),
    ] {
        let name = |passed: Passed| format!("{passed:?}").split('(').next().unwrap().to_owned();
        assert_eq!(name(policy(mode).pass(&secretive())), of_others);
        assert_eq!(name(policy(mode).pass(&own)), of_ours);
        assert_eq!(name(policy(mode).pass(&Event::new("x"))), "Clean");
    }
}

#[test]
fn the_lists_of_the_file_allow_add_and_disable() {
    let extras = vec![extra("ACME", "acme-[0-9]+"), extra(CUSTOM, "acme-[0-9]{3}|password=acme-1|[é]+")];
    for (policy, text, clean) in [
        (Policy { allowlist: patterns(&["^password=example$"]), ..Policy::default() }, "password=example", None),
        (
            Policy { allowlist: patterns(&["^password=example$"]), ..Policy::default() },
            "password=example2",
            Some("[REDACTED:PASSWORD:3ef4c5bc]"),
        ),
        // What stands where rules overlap is decided first: one that is allowed shields what it covers.
        (Policy { allowlist: patterns(&["AKIA"]), ..Policy::default() }, "token=AKIAABCDEFGHIJKLMNOP", None),
        (Policy { disabled_categories: vec!["PASSWORD".to_owned()], ..Policy::default() }, "password=example2", None),
        (
            Policy { extra_patterns: extras.clone(), ..Policy::default() },
            "acme-1234 é",
            Some("[REDACTED:ACME:1eee93fd] [REDACTED:CUSTOM:90ca3a88]"),
        ),
        (Policy { extra_patterns: extras, ..Policy::default() }, "password=acme-1", Some("[REDACTED:CUSTOM:4953bd02]")),
    ] {
        assert_eq!(policy.text(text), clean.unwrap_or(text), "{text}");
    }
}

#[test]
fn rules_keep_to_their_lengths_and_signs() {
    let built_in = Policy::default();
    let a = |n: usize| "a".repeat(n);
    for (text, category) in [
        (format!("sk-{}T3BlbkFJ{}", a(10), a(10)), Some("OPENAI_KEY")),
        (format!("sk-{}T3BlbkFJ{}", a(9), a(10)), None),
        (format!("sk-proj-{}", a(40)), Some("OPENAI_KEY")),
        (format!("sk-{}", a(48)), Some("OPENAI_KEY")),
        (format!("sk-{}", a(47)), None),
        (format!("sk-ant-{}", a(39)), None),
        (format!("ghx_{}", a(30)), None),
        (format!("github_pat_{}_{}", a(20), a(40)), Some("GITHUB_TOKEN")),
        (format!("AIza{}", a(34)), None),
        ("ASIAABCDEFGHIJKLMNOP".to_owned(), Some("AWS_ACCESS_KEY")),
        ("ALIAABCDEFGHIJKLMNOP".to_owned(), None),
        ("-----BEGIN PRIVATE KEY-----".to_owned(), Some("PRIVATE_KEY")),
        ("-----BEGIN PUBLIC KEY-----".to_owned(), None),
        (format!("AWS_Secret:'{}'", a(40)), Some("AWS_SECRET_KEY")),
        ("MongoDB://u:p@h".to_owned(), Some("DATABASE_URL")),
        ("redis://host:6379/0".to_owned(), None),
        (format!("bearer\t{}", a(20)), Some("BEARER_TOKEN")),
        (format!("bearer {}", a(19)), None),
        ("PASSWD: 'a-b-c-d-'".to_owned(), Some("PASSWORD")),
        // Eight signs, not eight bytes.
        ("pwd=éééé".to_owned(), None),
        ("pwd=éééééééé".to_owned(), Some("PASSWORD")),
        (format!("my_ApiKey={}", a(16)), Some("GENERIC_API_KEY")),
        (format!("private_key = {}", a(16)), Some("GENERIC_SECRET")),
        (format!("token={}", a(15)), None),
    ] {
        let found: Vec<_> = built_in.find(&text).into_iter().map(|found| found.category).collect();
        assert_eq!(found, Vec::from_iter(category), "{text}");
    }
}

#[test]
fn what_is_redacted_already_stays_as_it_is() {
    for text in [
        "[REDACTED:PASSWORD:ef06b52c]",
        "x [REDACTED:PASSWORD:ef06b52c],y [REDACTED:GENERIC_SECRET:279dd55c][REDACTED:JWT:a0fe21c9]z",
    ] {
        assert_eq!(policy(Mode::Redact).text(text), text);
    }
    assert_eq!(
        policy(Mode::Redact).text(&format!("[REDACTED:PASSWORD:ef06b52c],{KEY}")),
        format!("[REDACTED:PASSWORD:ef06b52c],{KEY_GONE}")
    );
}

/// Texts that are made to be slow: were the time to grow with the square, this test would not end.
#[test]
fn a_hostile_text_costs_no_more_than_its_length() {
    const LENGTH: usize = 1 << 20;
    for (unit, found) in [
        ("eyJ", 0),
        ("eyJ.", LENGTH / 12),
        ("sk-a", 0),
        ("sk-proj-", 1),
        ("api_key", 0),
        ("password", 0),
        ("password=a ", 0),
        ("redis://a:", 0),
        ("pwd=abcdefgh ", LENGTH / 13),
        ("token=AKIAABCDEFGHIJKLMNOP ", LENGTH / 27),
        ("[REDACTED:JWT:a0fe21c9]", 0),
        ("[REDACTED:", 0),
        ("bearer   ", 0),
        ("\"\\u0041", 0),
    ] {
        let text = unit.repeat(LENGTH / unit.len());
        assert_eq!(Policy::default().find(&text).len(), found, "{unit}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_and_clean_ones_stay(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let clean = policy(Mode::Redact).bytes(&bytes).into_owned();
        prop_assert!(clean == bytes || String::from_utf8_lossy(&clean).contains("[REDACTED:"));
    }
}
