//! Hostile bytes in whatever others have written: nowhere on any screen do they come through.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyModifiers};
use unicode_width::UnicodeWidthStr;

use super::made_up::{self, World, answer, busy, press_key};
use super::screens::{prepare, screen};
use crate::tui::app::App;
use crate::tui::panes::{self, PaneId};

/// Escapes, a bell, a title, bidi, zero width, wide characters, a pile of marks, a line break.
const POISON: &str =
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}gnp\u{200b}日本語e\u{301}\u{301}\u{301}\u{301}\u{301}\r\nnext";

fn poisoned() -> World {
    let mut world = busy();
    let spoil = |text: &mut String| text.insert_str(text.len() / 2, POISON);
    let spoil_some = |text: &mut Option<String>| *text = Some(POISON.to_owned());
    for one in &mut world.overview.endpoints {
        spoil(&mut one.name);
        spoil(&mut one.host);
        spoil_some(&mut one.last_error);
        spoil_some(&mut one.disabled_by);
        spoil_some(&mut one.paused_by);
        spoil_some(&mut one.missing);
    }
    for one in world.deliveries.iter_mut().chain(&mut world.dead) {
        [&mut one.event_type, &mut one.event_id, &mut one.endpoint].into_iter().for_each(spoil);
        spoil_some(&mut one.last_error);
    }
    for one in &mut world.events {
        [&mut one.kind, &mut one.message, &mut one.session].into_iter().for_each(spoil);
        spoil_some(&mut one.origin);
    }
    for one in &mut world.log {
        spoil(&mut one.text);
        spoil_some(&mut one.who);
        spoil_some(&mut one.endpoint);
    }
    if let Some(detail) = &mut world.detail {
        let (row, event) = (&mut detail.row, &mut detail.event);
        [&mut row.event_type, &mut row.event_id, &mut row.endpoint].into_iter().for_each(spoil);
        [&mut event.kind, &mut event.message, &mut event.session, &mut event.pane, &mut event.agent]
            .into_iter()
            .for_each(spoil);
        event.details.insert(POISON.to_owned(), POISON.to_owned());
        spoil_some(&mut detail.origin);
        for one in &mut detail.attempts {
            spoil_some(&mut one.row.error);
            spoil_some(&mut one.remote);
            for (name, value) in one.request_headers.iter_mut().chain(&mut one.response_headers) {
                [name, value].into_iter().for_each(spoil);
            }
            for body in [&mut one.request_body, &mut one.response_body] {
                *body = Some(POISON.as_bytes().to_vec());
            }
        }
    }
    world
}

#[track_caller]
fn assert_harmless(app: &App) {
    let text = screen(app);
    let bad = |one: char| one.is_control() || matches!(one, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
    for line in text.lines() {
        assert!(!line.chars().any(bad), "{line:?}\n{text}");
        assert!(line.width() <= usize::from(app.size.width) + line.matches(['日', '本', '語']).count(), "{line}");
    }
    assert!(!text.contains("e\u{301}\u{301}\u{301}\u{301}"), "{text}");
}

#[test]
fn every_pane_and_what_asks_about_its_rows_is_harmless() {
    let world = poisoned();
    for size in [(40, 10), (80, 24), (200, 50)] {
        for pane in panes::ALL {
            let mut app = prepare("rows", &world, pane.id, size);
            if let Some(ground) = &mut app.ground {
                ground.name.push_str(POISON);
            }
            let mut broken = made_up::broken();
            broken.file.problems[0].text.push_str(POISON);
            app.engine = Some(Arc::new(broken));
            assert_harmless(&app);
            assert!(size.0 < 200 || screen(&app).contains(r"\e[2J"), "it is shown, but as text");
            for key in ['r', 'R', 'c', 'C', 'x', 'p', 'P', 'o', 'i', 'u'] {
                let mut asked = app.clone();
                let effects = press_key(&mut asked, KeyCode::Char(key), KeyModifiers::NONE);
                answer(&mut asked, &world, effects);
                assert_harmless(&asked);
            }
            app.say(false, POISON);
            assert_harmless(&app);
        }
    }
}

#[test]
fn every_tab_of_the_inspector_is_harmless() {
    let world = poisoned();
    for pane in [PaneId::Dead, PaneId::Events, PaneId::Endpoints] {
        let mut app = prepare("rows", &world, pane, (120, 40));
        let effects = press_key(&mut app, KeyCode::Enter, KeyModifiers::NONE);
        answer(&mut app, &world, effects);
        for _ in 0..5 {
            assert_harmless(&app);
            let effects = press_key(&mut app, KeyCode::Tab, KeyModifiers::NONE);
            answer(&mut app, &world, effects);
        }
    }
}
