use crossterm::event::KeyModifiers;

use super::super::super::dialog::Dialog;
use super::super::super::effects::{Deed, EndpointOrder};
use super::super::super::msg::Msg;
use super::super::super::panes::PaneId;
use super::super::super::tests::made_up::{answer, app, busy, press, press_key, settle};
use super::super::update;
use super::*;
use crate::journal::Whom;

fn on(pane: PaneId) -> App {
    let mut app = app(120, 40);
    everywhere::focus(&mut app, pane);
    app.pending.clear();
    settle(&mut app, &busy());
    app
}

fn typed(app: &mut App, text: &str) {
    press(app, ':');
    for one in text.chars() {
        assert_eq!(press(app, one), [], "{one} is text here");
    }
}

fn named(app: &mut App, code: KeyCode) -> Vec<Effect> {
    press_key(app, code, KeyModifiers::NONE)
}

fn ctrl(app: &mut App, key: char) -> Vec<Effect> {
    press_key(app, KeyCode::Char(key), KeyModifiers::CONTROL)
}

fn enter(app: &mut App) -> Vec<Effect> {
    named(app, KeyCode::Enter)
}

fn open_one(app: &App) -> &Palette {
    let Some(Modal::Palette(palette)) = &app.modal else { panic!("the palette: {:?}", app.modal) };
    palette
}

fn name(app: &App) -> &str {
    let palette = open_one(app);
    &palette.found[palette.selected].command.name
}

fn asked(app: &App) -> &Dialog {
    let Some(Modal::Dialog(dialog)) = &app.modal else { panic!("a question: {:?}", app.modal) };
    dialog
}

#[test]
fn what_is_typed_is_run() {
    let mut app = on(PaneId::Dead);
    typed(&mut app, "retry");
    assert_eq!(name(&app), "retry");
    assert_eq!(enter(&mut app), [Effect::Do(Deed::RetryNow("evt-400_wh_ci-hook".to_owned()))]);
    assert!(app.modal.is_none());
}

#[test]
fn what_takes_something_away_asks_as_its_key_does() {
    let mut app = on(PaneId::Dead);
    typed(&mut app, "clear");
    assert_eq!(enter(&mut app), []);
    assert_eq!(asked(&app).title, "Clear 1 dead letter?");
    assert_eq!(enter(&mut app), [], "Enter opened the question and does not answer it");
    assert!(app.modal.is_some());

    let mut app = on(PaneId::Dead);
    typed(&mut app, "clear all");
    let effects = enter(&mut app);
    assert!(matches!(&effects[..], [Effect::Ask(_)]), "{effects:?}");
    answer(&mut app, &busy(), effects);
    assert!(asked(&app).title.starts_with("Clear 4 "), "{}", asked(&app).title);
}

#[test]
fn a_circuit_is_tripped_from_here_alone() {
    let mut app = on(PaneId::Endpoints);
    "jjj".chars().for_each(|key| drop(press(&mut app, key)));
    typed(&mut app, "trip");
    assert_eq!(enter(&mut app), []);
    assert_eq!(asked(&app).title, "Trip the circuit of slack?");
    assert_eq!(press(&mut app, 'y'), [Effect::Do(Deed::Order(Whom::One("wh_slack".to_owned()), EndpointOrder::Trip))]);
    let mut app = on(PaneId::Deliveries);
    typed(&mut app, "trip");
    assert_eq!(name(&app), "trip");
    assert_eq!(enter(&mut app), []);
    assert_eq!(app.notice.as_ref().unwrap().0.text, "in pane 2 Endpoints");
}

#[test]
fn what_cannot_be_done_comes_last_and_says_why_and_the_palette_stays() {
    let mut app = on(PaneId::Deliveries);
    typed(&mut app, "resend");
    let found: Vec<_> = open_one(&app).found.iter().map(|one| one.command.reason.is_some()).collect();
    assert!(found.is_sorted() && found.contains(&true), "{found:?}");
    assert_eq!(name(&app), "resend");
    assert_eq!(enter(&mut app), []);
    assert!(app.notice.as_ref().unwrap().0.text.contains("following"), "{:?}", app.notice);
    assert_eq!(open_one(&app).line.text(), "resend");
}

#[test]
fn whether_it_can_be_done_is_looked_at_again() {
    let mut app = on(PaneId::Dead);
    typed(&mut app, "retry");
    let mut world = busy();
    world.dead.clear();
    settle(&mut app, &world);
    assert_eq!(enter(&mut app), []);
    assert_eq!(app.notice.as_ref().unwrap().0.text, "there is no row to act on");
}

#[test]
fn one_goes_up_and_down_and_never_beyond_the_ends() {
    let mut app = on(PaneId::Dead);
    press(&mut app, ':');
    let last = open_one(&app).found.len() - 1;
    for (key, expected) in [
        (KeyCode::Up, 0),
        (KeyCode::Down, 1),
        (KeyCode::Down, 2),
        (KeyCode::Up, 1),
        (KeyCode::PageUp, 0),
        (KeyCode::PageDown, palette::page(&app)),
        (KeyCode::PageDown, 2 * palette::page(&app)),
        (KeyCode::PageDown, last),
        (KeyCode::PageDown, last),
    ] {
        named(&mut app, key);
        assert_eq!(open_one(&app).selected, expected.min(last), "{key:?}");
        let Palette { selected, top, .. } = open_one(&app);
        assert!((*top..top + palette::page(&app)).contains(selected));
    }
    ctrl(&mut app, 'p');
    assert_eq!(open_one(&app).selected, last - 1);
    ctrl(&mut app, 'n');
    assert_eq!(open_one(&app).selected, last);
}

#[test]
fn what_was_done_lately_comes_first_and_up_brings_back_what_was_typed() {
    let mut app = on(PaneId::Dead);
    typed(&mut app, "zo");
    enter(&mut app);
    typed(&mut app, "ages");
    let ran = name(&app).to_owned();
    enter(&mut app);
    press(&mut app, ':');
    assert_eq!(name(&app), ran);
    named(&mut app, KeyCode::Down);
    assert_eq!(name(&app), "zoom");
    named(&mut app, KeyCode::Up);
    named(&mut app, KeyCode::Up);
    assert_eq!((open_one(&app).line.text(), name(&app)), ("ages", ran.as_str()));
}

#[test]
fn a_pasted_text_is_typed_and_presses_no_key() {
    let mut app = on(PaneId::Dead);
    assert_eq!(update(&mut app, Msg::Paste("cC\ny".to_owned())), []);
    assert!(app.modal.is_none(), "nothing takes text: nothing happens");
    press(&mut app, ':');
    assert_eq!(update(&mut app, Msg::Paste("zoom\n".to_owned())), []);
    assert_eq!((open_one(&app).line.text(), name(&app)), ("zoom ", "zoom"));
}

#[test]
fn esc_and_ctrl_c_close_it_and_alt_is_esc_and_then_the_key() {
    for close in ["esc", "ctrl-c", "alt"] {
        let mut app = on(PaneId::Dead);
        typed(&mut app, "q");
        let effects = match close {
            "esc" => named(&mut app, KeyCode::Esc),
            "ctrl-c" => ctrl(&mut app, 'c'),
            _ => press_key(&mut app, KeyCode::Char('F'), KeyModifiers::ALT),
        };
        assert!(app.modal.is_none() && !effects.contains(&Effect::Quit), "{close}");
        assert_eq!(app.list().unwrap().frozen, close == "alt");
    }
}

#[test]
fn themes_and_panes_are_there_by_name() {
    let mut app = on(PaneId::Dead);
    typed(&mut app, "theme light");
    enter(&mut app);
    assert_eq!(app.look.themes.name(), "light");
    typed(&mut app, "go endp");
    enter(&mut app);
    assert_eq!(app.focus, PaneId::Endpoints);
}

#[test]
fn over_the_inspector_its_actions_are_there_and_those_of_the_list_are_not() {
    let mut app = on(PaneId::Dead);
    let effects = enter(&mut app);
    answer(&mut app, &busy(), effects);
    typed(&mut app, "send again");
    assert_eq!(enter(&mut app), [Effect::Do(Deed::RetryNow("evt-400_wh_ci-hook".to_owned()))]);
    typed(&mut app, "freeze");
    assert!(open_one(&app).found.iter().all(|found| found.command.name != "freeze"));
    // Tab is the inspector's here: the pane's action is there without it.
    named(&mut app, KeyCode::Esc);
    typed(&mut app, "next pane");
    assert_eq!(open_one(&app).found[0].command.keys, "");
}
