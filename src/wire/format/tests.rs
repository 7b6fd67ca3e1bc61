use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::event::StoredEvent;
use crate::wire::dialect::NTM;

fn body(format: Format, event: &Event) -> Vec<u8> {
    let event = &StoredEvent::try_from(event.clone()).unwrap();
    let message = Message { event, event_seq: 1, delivery_id: "d", attempt: 1, unix_seconds: 0 };
    format.body(&NTM, &message).unwrap()
}

fn parsed(format: Format, event: &Event) -> Value {
    serde_json::from_slice(&body(format, event)).unwrap()
}

fn oversized() -> Event {
    Event {
        message: "🚀".repeat(60_000),
        session: "s".repeat(9_000),
        details: (0..500).map(|n| (format!("{n:03}{}", "k".repeat(400)), "\u{1}".repeat(2_000))).collect(),
        ..Event::new("t".repeat(128))
    }
}

#[test]
fn words_for_a_format_may_be_in_any_letter_case() {
    for (word, format) in [
        ("json", Some(Format::Json)),
        (" Slack ", Some(Format::Slack)),
        ("DISCORD", Some(Format::Discord)),
        ("MS-Teams", Some(Format::Teams)),
        ("microsoft_teams", Some(Format::Teams)),
        ("xml", None),
        ("CloudEvents", Some(Format::CloudEvents)),
        ("cloudevents-binary", Some(Format::CloudEventsBinary)),
    ] {
        assert_eq!(Format::from_word(word), format, "{word}");
    }
    for (format, words) in Format::WORDS {
        assert_eq!(words.first(), Some(&format.as_str()));
    }
}

#[test]
fn slack_texts_are_clipped_to_what_slack_takes() {
    let slack = parsed(Format::Slack, &oversized());
    let length = |pointer: &str| slack.pointer(pointer).and_then(Value::as_str).map(units);
    assert_eq!(length("/text"), Some(39_999), "an astral character takes two units, so one short of the limit");
    assert_eq!(length("/blocks/1/text/text"), Some(2_999));
    assert_eq!(length("/blocks/2/fields/0/text"), Some(2_000));
    assert_eq!(length("/blocks/3/text/text"), Some(3_000));
    assert!(slack.pointer("/blocks/1/text/text").and_then(Value::as_str).is_some_and(|text| text.ends_with("🚀…")));
}

#[test]
fn discord_embeds_are_clipped_and_say_what_was_left_out() {
    let discord = parsed(Format::Discord, &oversized());
    let fields = discord.pointer("/embeds/0/fields").and_then(Value::as_array).unwrap();
    let texts = |field: &Value| ["name", "value"].map(|key| units(field[key].as_str().unwrap()));
    assert!(fields.len() <= 25);
    assert!(fields.iter().map(texts).all(|[name, value]| name <= 256 && value <= 1_024));
    let total: usize = fields.iter().flat_map(texts).sum();
    let title = units(discord["embeds"][0]["title"].as_str().unwrap());
    let description = units(discord["embeds"][0]["description"].as_str().unwrap());
    assert!(description <= 4_096);
    assert!(title + description + total <= 6_000);
    assert_eq!(fields.last().unwrap()["value"], format!("{} more", 502 - (fields.len() - 1)));
}

#[test]
fn discord_takes_25_fields_and_the_26th_becomes_a_count() {
    let with = |details: usize| Event {
        details: (0..details).map(|n| (n.to_string(), "v".to_owned())).collect(),
        ..Event::new("agent.idle")
    };
    let names = |event: &Event| -> Vec<String> {
        let fields = parsed(Format::Discord, event);
        let fields = fields.pointer("/embeds/0/fields").and_then(Value::as_array).cloned().unwrap();
        fields.iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&with(24)).len(), 25);
    assert!(!names(&with(24)).contains(&"…".to_owned()));
    assert_eq!(names(&with(25)).len(), 25);
    assert_eq!(names(&with(25)).last().unwrap(), "…");
}

#[test]
fn teams_cards_stay_under_28_kb() {
    assert!(body(Format::Teams, &oversized()).len() <= 28_000);
    let plain = Event { message: "x".repeat(20_000), ..Event::new("agent.idle") };
    let message = parsed(Format::Teams, &plain);
    let text = message.pointer("/attachments/0/content/body/1/text").and_then(Value::as_str).unwrap();
    assert_eq!(text.len(), 20_000, "what fits is not cut");
}

proptest! {
    #[test]
    fn clipping_keeps_to_the_limit_and_to_what_fits(text in "\\PC{0,20}", limit in 1_usize..24) {
        let clipped = clip(&text, limit);
        prop_assert!(units(&clipped) <= limit);
        prop_assert_eq!(clipped == text, units(&text) <= limit);
    }

    #[test]
    fn every_event_has_a_body_in_every_format(kind in "\\PC{0,10}", message in "\\PC{0,40}", key in "\\PC{0,9}", value in "\\PC{0,9}") {
        let event = Event { message, details: [(key, value)].into(), ..Event::new(kind) };
        for &(format, _) in Format::WORDS {
            prop_assert!(serde_json::from_slice::<Value>(&body(format, &event)).is_ok());
        }
    }
}
