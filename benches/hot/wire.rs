//! Rendering and signing.

use divan::{Bencher, black_box};
use hooktui::event::StoredEvent;
use hooktui::wire::dialect::NTM;
use hooktui::wire::{self, Message};

use crate::filled::{CONFIG, event};

/// A body of 400 bytes, the key schedule made before.
#[divan::bench]
fn sign(bencher: Bencher<'_, '_>) {
    let (keys, body) = ([NTM.key(&"s3cr3t-s3cr3t".into()).unwrap()], [b'x'; 400]);
    bencher.bench(|| NTM.sign(&keys, "", "", black_box(&body)));
}

/// A whole request, signature included, in each format and by a template.
#[divan::bench(args = CONFIG.endpoints.iter().map(|one| one.route.name.as_str()))]
fn render(bencher: Bencher<'_, '_>, format: &str) {
    let endpoint = CONFIG.endpoints.iter().find(|one| one.route.name == format).unwrap();
    let target = endpoint.target.as_ref().unwrap();
    let event = StoredEvent::try_from(event("evt-1")).unwrap();
    let message =
        Message { event: &event, event_seq: 1, delivery_id: "evt-1_ops", attempt: 1, unix_seconds: 1_795_349_021 };
    bencher.bench(|| wire::render(black_box(target), black_box(message)).unwrap());
}
