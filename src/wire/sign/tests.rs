use proptest::prelude::*;
use proptest::sample::{Index, select};
use secrecy::ExposeSecret;

use super::super::dialect::{ALL, MARIONETTE, NTM, PILOT, STANDARD as STANDARD_WEBHOOKS};
use super::super::key::FRESH;
use super::*;

const NOW: i64 = 1_700_000_000;

/// A signed request, as text and bytes that can be tampered with.
#[derive(Debug, Clone)]
struct Delivery {
    id: String,
    timestamp: String,
    signature: String,
    body: Vec<u8>,
}

impl Delivery {
    fn new(dialect: &Dialect, keys: &[Key], id: &str, seconds: i64, body: &[u8]) -> Self {
        let timestamp = seconds.to_string();
        let signature = dialect.sign(keys, id, &timestamp, body).unwrap();
        Self { id: id.to_owned(), timestamp, signature, body: body.to_vec() }
    }

    fn verify(&self, dialect: &Dialect, keys: &[Key], now: i64) -> Result<(), Invalid> {
        let header = |name: &str| {
            let known = [
                (dialect.id_header, &self.id),
                (dialect.timestamp_header, &self.timestamp),
                (Some(dialect.signature.header), &self.signature),
            ];
            known.into_iter().find(|(one, _)| *one == Some(name)).map(|(_, value)| value.clone())
        };
        dialect.verify(keys, &header, &self.body, now)
    }
}

fn key(dialect: &Dialect, fill: u8) -> Key {
    dialect.key(&dialect.secret.secret(&[fill; FRESH])).unwrap()
}

/// The text with one bit changed, as a receiver would read it.
fn tampered(text: &str, bit: Index) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let bit = bit.index(bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn a_clock_may_be_5_minutes_off_in_either_direction() {
    for (dialect, header) in [(&STANDARD_WEBHOOKS, "webhook-timestamp"), (&MARIONETTE, "X-Webhook-Timestamp")] {
        let keys = [key(dialect, 1)];
        let request = Delivery::new(dialect, &keys, "evt-1", NOW, b"{}");
        for (now, off) in [(0, None), (300, None), (-300, None), (301, Some((301, true))), (-301, Some((301, false)))] {
            let expected =
                off.map_or(Ok(()), |(seconds, past)| Err(Invalid::Age { header, seconds, past, matches: true }));
            assert_eq!(request.verify(dialect, &keys, NOW + now), expected, "{now}");
        }
        let far = request.verify(dialect, &keys, i64::MIN).unwrap_err().to_string();
        assert!(far.contains("in the future"), "{far}");
    }
}

#[test]
fn a_body_that_is_signed_alone_never_grows_old() {
    let keys = [key(&NTM, 1)];
    assert_eq!(Delivery::new(&NTM, &keys, "", 0, b"{}").verify(&NTM, &keys, NOW), Ok(()));
}

#[test]
fn what_is_wrong_is_told() {
    let keys = [key(&STANDARD_WEBHOOKS, 1)];
    let good = Delivery::new(&STANDARD_WEBHOOKS, &keys, "evt-1", NOW, b"{}");
    let other = Delivery { body: b"{ }".to_vec(), ..good.clone() };
    for (request, now, told) in [
        (other.clone(), NOW, "no signature matches: another secret, or another id, timestamp or body"),
        (
            good.clone(),
            NOW + 1_000,
            "webhook-timestamp is 1000 s in the past, and at most 300 s are accepted; the signature itself matches",
        ),
        (
            other,
            NOW - 1_000,
            "webhook-timestamp is 1000 s in the future, and at most 300 s are accepted; nor does the signature match",
        ),
        (
            Delivery { timestamp: "noon".to_owned(), ..good.clone() },
            NOW,
            "webhook-timestamp is not a time in Unix seconds",
        ),
        (
            Delivery { signature: "v2,AAAA".to_owned(), ..good.clone() },
            NOW,
            "no signature matches: another secret, or another id, timestamp or body",
        ),
        (
            Delivery { signature: "sha256=00".to_owned(), ..good },
            NOW,
            "webhook-signature is not `v1,` or `v1a,` and base64",
        ),
    ] {
        assert_eq!(request.verify(&STANDARD_WEBHOOKS, &keys, now).unwrap_err().to_string(), told);
    }
    for (dialect, value, told) in [
        (&NTM, "00", "X-NTM-Signature is not `sha256=` and hex"),
        (&PILOT, "sha256=00", "X-Pilot-Signature-256 is not hex"),
        (&PILOT, "00", "no signature matches: another secret, or another body"),
    ] {
        let header = |_: &str| Some(value.to_owned());
        assert_eq!(dialect.verify(&keys, &header, b"", NOW).unwrap_err().to_string(), told);
    }
}

#[test]
fn every_header_that_is_needed_is_missed() {
    for dialect in ALL {
        let keys = [key(dialect, 1)];
        let request = Delivery::new(dialect, &keys, "evt-1", NOW, b"{}");
        let signed_id = dialect.id_header.filter(|_| dialect.signature.signed == Signed::IdTimestampBody);
        for missing in [Some(dialect.signature.header), dialect.timestamp_header, signed_id].into_iter().flatten() {
            let header = |name: &str| {
                let value = if name == dialect.signature.header { &request.signature } else { &request.timestamp };
                Some(value.clone()).filter(|_| name != missing)
            };
            assert_eq!(dialect.verify(&keys, &header, b"{}", NOW), Err(Invalid::Missing(missing)));
        }
    }
}

#[test]
fn where_there_is_room_all_secrets_sign_newest_first_else_the_newest() {
    for dialect in ALL {
        let (newest, older) = (key(dialect, 1), key(dialect, 2));
        let alone = |key: &Key| dialect.sign(std::slice::from_ref(key), "evt-1", "1", b"{}").unwrap();
        let both = dialect.sign(&[newest.clone(), older.clone()], "evt-1", "1", b"{}").unwrap();
        let expected = match dialect.signature.shape {
            Shape::Versions => format!("{} {}", alone(&newest), alone(&older)),
            Shape::Hex(_) => alone(&newest),
        };
        assert_eq!(both, expected, "{}", dialect.name);
        assert_eq!(dialect.sign(&[], "evt-1", "1", b"{}"), None);
    }
}

#[test]
fn so_many_signatures_are_looked_at_and_no_more() {
    let keys = [key(&STANDARD_WEBHOOKS, 1)];
    let good = Delivery::new(&STANDARD_WEBHOOKS, &keys, "evt-1", NOW, b"{}");
    for (others, result) in [(MOST_SIGNATURES - 1, true), (MOST_SIGNATURES, false)] {
        let signature = format!("{}{}", "v1,AAAA ".repeat(others), good.signature);
        let request = Delivery { signature, ..good.clone() };
        assert_eq!(request.verify(&STANDARD_WEBHOOKS, &keys, NOW).is_ok(), result, "{others}");
    }
}

#[test]
fn a_signature_of_one_version_is_none_of_the_other() {
    let keys = [key(&STANDARD_WEBHOOKS, 1)];
    let good = Delivery::new(&STANDARD_WEBHOOKS, &keys, "evt-1", NOW, b"{}");
    let renamed = Delivery { signature: good.signature.replacen("v1,", "v1a,", 1), ..good };
    assert!(renamed.verify(&STANDARD_WEBHOOKS, &keys, NOW).is_err());
}

/// A secret of the dialect, of any length and kind that it may have.
fn secret(dialect: &'static Dialect) -> BoxedStrategy<String> {
    if dialect.name != "standard" {
        return "[!-~]{1,80}".boxed();
    }
    let pair = any::<[u8; 32]>().prop_map(|seed| {
        let pair = ed25519_dalek::SigningKey::from_bytes(&seed).to_keypair_bytes();
        format!("whsk_{}", STANDARD.encode(pair))
    });
    let hmac = (prop::collection::vec(any::<u8>(), 24..=64), any::<bool>())
        .prop_map(|(key, prefix)| format!("{}{}", if prefix { "whsec_" } else { "" }, STANDARD.encode(key)));
    prop_oneof![hmac, pair].boxed()
}

fn dialects_and_secrets() -> impl Strategy<Value = (&'static Dialect, String)> {
    select(ALL).prop_flat_map(|dialect| (Just(dialect), secret(dialect)))
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_no_changed_bit_does(
        (dialect, secret) in dialects_and_secrets(),
        id in "[A-Za-z0-9_:/-]{1,40}",
        seconds in 0_i64..4_000_000_000,
        body in prop::collection::vec(any::<u8>(), 1..200),
        bit in any::<Index>(),
    ) {
        let keys = [dialect.key(&secret.as_str().into()).unwrap()];
        let good = Delivery::new(dialect, &keys, &id, seconds, &body);
        prop_assert_eq!(good.verify(dialect, &keys, seconds), Ok(()));

        let mut other = good.clone();
        let at = bit.index(body.len() * 8);
        other.body[at / 8] ^= 1 << (at % 8);
        prop_assert!(other.verify(dialect, &keys, seconds).is_err(), "body");

        if dialect.signature.signed == Signed::IdTimestampBody {
            let other = Delivery { id: tampered(&id, bit), ..good.clone() };
            prop_assert!(other.verify(dialect, &keys, seconds).is_err(), "id");
        }
        if dialect.signature.signed != Signed::Body {
            let other = Delivery { timestamp: tampered(&good.timestamp, bit), ..good.clone() };
            // At that time, so that it is not refused for its age alone.
            let now = other.timestamp.trim().parse().unwrap_or(seconds);
            prop_assert!(other.verify(dialect, &keys, now).is_err(), "timestamp");
        }
        let other = tampered(&secret, bit);
        let others = dialect.key(&other.as_str().into());
        prop_assert!(others.is_err() || good.verify(dialect, &[others.unwrap()], seconds).is_err(), "secret");
    }

    #[test]
    fn no_header_panics_the_reader_of_signatures(
        dialect in select(ALL),
        signature in "(sha256=|v1a?,)?[0-9a-fA-F+/= ,é]{0,200}",
        id in "\\PC{0,20}",
        timestamp in "-?[0-9]{0,25}|\\PC{0,9}",
        body in prop::collection::vec(any::<u8>(), 0..20),
        now in any::<i64>(),
    ) {
        let request = Delivery { id, timestamp, signature, body };
        prop_assert!(request.verify(dialect, &[key(dialect, 1)], now).is_err());
    }

    #[test]
    fn any_of_several_secrets_verifies(dialect in select(ALL), fills in prop::collection::vec(any::<u8>(), 1..4), pick in any::<Index>()) {
        let signer = key(dialect, *pick.get(&fills));
        let keys: Vec<Key> = fills.iter().map(|fill| key(dialect, *fill)).collect();
        let request = Delivery::new(dialect, &[signer], "evt-1", NOW, b"{}");
        prop_assert_eq!(request.verify(dialect, &keys, NOW), Ok(()));
    }
}

#[test]
fn no_error_holds_the_secret() {
    for dialect in ALL {
        let secret = dialect.secret.secret(&[7; FRESH]);
        let key = dialect.key(&secret).unwrap();
        let request = Delivery::new(dialect, std::slice::from_ref(&key), "evt-1", NOW, b"{}");
        let wrong = Delivery { body: b"x".to_vec(), ..request };
        let told = format!("{:?} {}", key, wrong.verify(dialect, std::slice::from_ref(&key), NOW).unwrap_err());
        assert!(!told.contains(secret.expose_secret()), "{told}");
    }
}
