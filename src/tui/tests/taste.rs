//! The person's own file at the start: what is wrong with it is on the screen until it is put away.

use crossterm::event::{KeyCode, KeyModifiers};

use super::made_up::{busy, press, press_key};
use super::screens::{prepare, screen};
use crate::config::Personal;
use crate::tui::app::App;
use crate::tui::effects::{Deed, Effect};
use crate::tui::msg::Msg;
use crate::tui::panes::PaneId;
use crate::tui::update::{acts, update};

/// As if this were the person's file.
pub fn personal(yaml: &str) -> Personal {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config.yaml");
    std::fs::write(&file, yaml).unwrap();
    Personal::read(&file)
}

fn console(size: (u16, u16), yaml: &str) -> App {
    prepare("rows", &busy(), PaneId::Dead, size).with_taste(personal(yaml))
}

#[test]
fn a_broken_file_is_told_with_its_line_until_esc() {
    let mut app = console((80, 24), "mouse: yes\ncolours: 256\n");
    let told = screen(&app);
    insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("console_taste_80x24", told);
    });
    press_key(&mut app, KeyCode::Esc, KeyModifiers::NONE);
    assert_eq!(screen(&app), screen(&prepare("rows", &busy(), PaneId::Dead, (80, 24))));
}

#[test]
fn a_key_of_ones_own_does_it_and_is_shown() {
    let mut app = console((120, 40), "keys: {dead letters: {retry: [é, Ctrl-r]}, everywhere: {quit: Q, redraw: []}}\n");
    let shown = screen(&app);
    assert!(shown.contains(" é retry ") && shown.contains("Q quit"), "{shown}");
    assert_eq!(press(&mut app, 'r'), []);
    let retried = press(&mut app, 'é');
    assert!(matches!(&retried[..], [Effect::Do(Deed::RetryNow(_))]), "{retried:?}");
    assert_eq!(press_key(&mut app, KeyCode::Char('r'), KeyModifiers::CONTROL), retried);
    assert_eq!(press_key(&mut app, KeyCode::Char('l'), KeyModifiers::CONTROL), []);
    assert!(press(&mut app, 'q').is_empty() && app.modal.is_none());
    assert!(press(&mut app, 'Q').is_empty() && app.modal.is_some());
}

#[test]
fn sentences_name_the_keys_that_do_it() {
    let notice = |app: &App| app.notice.as_ref().map(|(outcome, _)| outcome.text.clone()).unwrap_or_default();
    for (mine, down, filter, undo, attempts) in [
        ("", 'j', '/', "u", 'a'),
        (
            "keys: {lists: {down: é, filter: ü, reverse: []}, everywhere: {undo: F5}, deliveries: {attempts: ö}}\n",
            'é',
            'ü',
            "F5",
            'ö',
        ),
    ] {
        let mut app = prepare("rows", &busy(), PaneId::Deliveries, (120, 40)).with_taste(personal(mine));
        assert!(app.taste.problems.is_empty(), "{:?}", app.taste.problems);
        press(&mut app, 'r');
        assert_eq!(notice(&app), format!("the list is following: {down} selects a row first"));
        press(&mut app, 'n');
        assert_eq!(notice(&app), format!("there was no filter here yet: {filter} makes one"));
        assert_eq!(acts::is_attempt(&app), format!("this row is an attempt: {attempts} shows deliveries"));

        let mut app = console((120, 40), mine);
        press(&mut app, 's');
        let reverse = if mine.is_empty() { "S" } else { ":reverse" };
        assert_eq!(notice(&app), format!("this list has one order; {reverse} turns it round"));
        press(&mut app, 'c');
        assert!(screen(&app).contains(&format!("{undo} takes it back")), "{}", screen(&app));
    }
}

#[test]
fn a_question_names_the_keys_that_answer_it() {
    let mut app = console((120, 40), "keys: {dialogs: {yes: F2}}\n");
    press(&mut app, 'c');
    let shown = screen(&app);
    assert!(shown.contains("F2 clear it   n no"), "{shown}");
    assert!(press(&mut app, 'y').is_empty() && app.modal.is_some());
    let cleared = press_key(&mut app, KeyCode::F(2), KeyModifiers::NONE);
    assert!(matches!(&cleared[..], [Effect::Do(Deed::Act(..))]), "{cleared:?}");
}

#[test]
fn a_conflict_is_shown_at_the_start() {
    let app = console((120, 40), "keys:\n  lists:\n    freeze: r\n");
    let shown = screen(&app);
    assert!(shown.contains("config.yaml:3:13: keys.lists.freeze: `r` is resend in deliveries, so nothing would reach"));
}

#[test]
fn what_is_wrong_with_the_project_comes_first() {
    let mut app = console((120, 40), "mouse: yes\n");
    let broken = Msg::Engine(std::sync::Arc::new(super::made_up::broken()));
    assert!(update(&mut app, broken).is_empty());
    let told = screen(&app);
    assert!(told.contains("unknown key; did you mean backoff?") && !told.contains("config.yaml"), "{told}");
}
