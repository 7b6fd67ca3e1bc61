//! The help as it looks: in columns where it is wide, searched, and with the keys of the person.

use std::fmt::Write as _;

use crossterm::event::{KeyCode, KeyModifiers};

use super::made_up::{answer, busy, press, press_key};
use super::screens::{prepare, screen};
use super::taste::personal;
use crate::tui::app::{App, Modal};
use crate::tui::msg::Msg;
use crate::tui::panes::PaneId;
use crate::tui::update::update;

fn opened(pane: PaneId, size: (u16, u16), keys: &str) -> App {
    let mut app = prepare("rows", &busy(), pane, size);
    keys.chars().for_each(|one| drop(press(&mut app, one)));
    app
}

#[test]
fn the_help_in_columns_searched_and_with_nothing_found() {
    for size in [(80, 24), (120, 40), (200, 50)] {
        let mut all = String::new();
        for keys in ["?", "?/dead retry", "?/xyzzy"] {
            let _ = writeln!(all, "== {keys}\n{}", screen(&opened(PaneId::Dead, size, keys)));
        }
        insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("console_help_{}x{}", size.0, size.1), all);
        });
    }
}

#[test]
fn every_key_can_be_scrolled_to_at_every_size() {
    for size in [(40, 10), (80, 24), (200, 50)] {
        let mut app = opened(PaneId::Dead, size, "?");
        let mut seen = screen(&app);
        for _ in 0..200 {
            press_key(&mut app, KeyCode::PageDown, KeyModifiers::NONE);
            seen += &screen(&app);
        }
        for (context, table) in app.keys.contexts() {
            assert!(seen.contains(&context.title()), "{} at {size:?}", context.title());
            for bound in table {
                let first = bound.binding.help.split_whitespace().next().unwrap();
                assert!(seen.contains(first), "{first} at {size:?}");
            }
        }
    }
}

#[test]
fn a_search_takes_every_key_and_esc_goes_back_by_steps() {
    let mut app = opened(PaneId::Dead, (120, 40), "?/jq?");
    let of = |app: &App| match &app.modal {
        Some(Modal::Help(help)) => Some((help.search.text().to_owned(), help.typing)),
        _ => None,
    };
    assert_eq!(of(&app), Some(("jq?".to_owned(), true)));
    assert_eq!(update(&mut app, Msg::Paste("q\n".to_owned())), []);
    press_key(&mut app, KeyCode::Enter, KeyModifiers::NONE);
    assert_eq!(of(&app), Some(("jq?q ".to_owned(), false)));
    press_key(&mut app, KeyCode::Esc, KeyModifiers::NONE);
    assert_eq!(of(&app), Some((String::new(), false)));
    assert_eq!(update(&mut app, Msg::Paste("q".to_owned())), []);
    assert_eq!(of(&app), Some((String::new(), false)), "nothing takes text: a paste presses no key");
    press_key(&mut app, KeyCode::Esc, KeyModifiers::NONE);
    assert_eq!(of(&app), None);
}

#[test]
fn what_listens_here_comes_first_with_the_keys_of_the_person() {
    let app = prepare("rows", &busy(), PaneId::Dead, (120, 40));
    let mut app = app.with_taste(personal("keys: {everywhere: {zoom: F5}}\n"));
    let effects = press_key(&mut app, KeyCode::Enter, KeyModifiers::NONE);
    answer(&mut app, &busy(), effects);
    press(&mut app, '?');
    let shown = screen(&app);
    let at = |words: &str| shown.find(words).unwrap_or_else(|| panic!("{words}: {shown}"));
    assert!(at(" inspector ") < at(" everywhere "));
    "/zoom".chars().for_each(|one| drop(press(&mut app, one)));
    assert!(screen(&app).contains("F5"), "{}", screen(&app));
    press_key(&mut app, KeyCode::Esc, KeyModifiers::NONE);
    "/next pane".chars().for_each(|one| drop(press(&mut app, one)));
    assert!(screen(&app).contains("Next pane (not now: here the key is next"), "{}", screen(&app));
}
