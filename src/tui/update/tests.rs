use super::super::app::Leaving;
use super::super::effects::{Deed, EndpointOrder, PATIENCE};
use super::super::feed::{Question, Subject};
use super::super::panes::PaneId;
use super::super::tests::made_up::{World, answer, app, busy, last_act, press, press_key, settle, status};
use super::*;
use crate::engine::Role;
use crate::event::{EndpointState, Query};
use crate::journal::{Act, LastAct, Selection, Whom};
use std::sync::Arc;

fn on(pane: PaneId) -> (App, World) {
    let world = busy();
    let mut app = app(120, 40);
    everywhere::focus(&mut app, pane);
    app.pending.clear();
    settle(&mut app, &world);
    (app, world)
}

fn ctrl(app: &mut App, key: char) -> Vec<Effect> {
    press_key(app, KeyCode::Char(key), KeyModifiers::CONTROL)
}

fn esc(app: &mut App) -> Vec<Effect> {
    press_key(app, KeyCode::Esc, KeyModifiers::NONE)
}

#[test]
fn a_key_acts_on_the_selected_row() {
    let dead = |seq: i64| format!("evt-{seq}_wh_ci-hook");
    let table: [(PaneId, &str, Deed); 7] = [
        (PaneId::Dead, "r", Deed::RetryNow(dead(400))),
        (PaneId::Dead, "jr", Deed::RetryNow(dead(399))),
        (PaneId::Dead, "Gkkcy", Deed::Act(Act::Clear, Selection::Ids(vec![dead(399)]), 1)),
        (PaneId::Deliveries, "jr", Deed::Resend("evt-600_wh_ci-hook".to_owned())),
        (PaneId::Endpoints, "jjjp", Deed::Order(Whom::One("wh_slack".to_owned()), EndpointOrder::Pause)),
        (PaneId::Endpoints, "o", Deed::Order(Whom::One("wh_ops".to_owned()), EndpointOrder::Reset)),
        (PaneId::Endpoints, "jjp", Deed::Order(Whom::One("wh_old-bot".to_owned()), EndpointOrder::Resume)),
    ];
    for (pane, keys, deed) in table {
        let (mut app, world) = on(pane);
        let mut effects = Vec::new();
        for key in keys.chars() {
            effects = press(&mut app, key);
            effects = answer(&mut app, &world, effects);
        }
        // `j` in a list that follows only selects the row at the top; the first row of the others is selected already.
        assert_eq!(effects, [Effect::Do(deed)], "{pane:?} {keys}");
    }
}

#[test]
fn what_cannot_be_done_says_why() {
    let table = [
        (PaneId::Deliveries, "r", "following"),
        (PaneId::Deliveries, "jx", "only what waits"),
        (PaneId::Deliveries, "jjjjjr", "in flight"),
        (PaneId::Endpoints, "i", "not in the file in force"),
        (PaneId::Endpoints, "f", "nothing to follow"),
    ];
    for (pane, keys, words) in table {
        let (mut app, _) = on(pane);
        let mut effects = Vec::new();
        for key in keys.chars() {
            effects = press(&mut app, key);
        }
        assert!(effects.is_empty(), "{pane:?} {keys}: {effects:?}");
        let (outcome, _) = app.notice.as_ref().expect("a notice");
        assert!(!outcome.good && outcome.text.contains(words), "{pane:?} {keys}: {}", outcome.text);
    }
}

#[test]
fn what_takes_a_delivery_away_names_it_and_asks_and_enter_never_says_yes() {
    for (pane, keys, title, what) in [
        (PaneId::Dead, "c", "Clear 1 dead letter?", "→ ci-hook"),
        (PaneId::Deliveries, "jjjjx", "Cancel 1 waiting delivery?", "agent.error → ops"),
    ] {
        let (mut app, _) = on(pane);
        for key in keys.chars() {
            assert!(press(&mut app, key).iter().all(|effect| !matches!(effect, Effect::Do(_))), "{keys}");
        }
        let Some(Modal::Dialog(dialog)) = &app.modal else { panic!("a dialog after {keys}") };
        assert_eq!(dialog.title, title);
        assert!(dialog.lines[0].contains(what), "{:?}", dialog.lines);
        assert!(press_key(&mut app, KeyCode::Enter, KeyModifiers::NONE).is_empty() && app.modal.is_some());
        assert!(press(&mut app, 'n').is_empty() && app.modal.is_none());
    }
}

#[test]
fn clearing_all_asks_with_the_number_and_enter_never_says_yes() {
    let (mut app, mut world) = on(PaneId::Dead);
    world.overview.endpoints[2].counts.dead = 61;
    let effects = press(&mut app, 'C');
    answer(&mut app, &world, effects);
    let Some(Modal::Dialog(dialog)) = &app.modal else { panic!("a dialog") };
    assert_eq!(dialog.title, "Clear 64 dead letters?");
    assert_eq!(dialog.table[0], "61  ops      503 Service Unavailable");

    assert!(press_key(&mut app, KeyCode::Enter, KeyModifiers::NONE).is_empty());
    assert!(press(&mut app, 'y').is_empty(), "the number comes first");
    for digit in ['6', '5'] {
        press(&mut app, digit);
    }
    assert!(press(&mut app, 'y').is_empty(), "the wrong number");
    press_key(&mut app, KeyCode::Backspace, KeyModifiers::NONE);
    press(&mut app, '4');
    assert_eq!(
        press(&mut app, 'y'),
        [Effect::Do(Deed::Act(Act::Clear, Selection::Matching { query: Query::default(), as_of: 77, at: 0 }, 64))]
    );
    assert!(app.modal.is_none());
}

#[test]
fn all_endpoints_are_those_that_are_counted_and_a_resume_of_several_asks_too() {
    let (mut app, mut world) = on(PaneId::Endpoints);
    let order = |ids: &[&str], order| {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        [Effect::Do(Deed::Order(Whom::These(ids), order))]
    };
    let asked = |app: &mut App, world: &World| {
        app.figures = Some(world.overview.clone());
        assert_eq!(press(app, 'P'), [], "it asks");
        let Some(Modal::Dialog(dialog)) = &app.modal else { panic!("a dialog") };
        let told = (dialog.title.clone(), dialog.lines.join(" "));
        (told, press(app, 'y'))
    };
    let ((title, _), effects) = asked(&mut app, &world);
    let active = ["wh_slack", "wh_ci-hook", "wh_ops", "wh_metrics"];
    assert_eq!(
        (title.as_str(), effects.as_slice()),
        ("Pause 4 active endpoints?", &order(&active, EndpointOrder::Pause)[..])
    );

    for one in world.overview.endpoints.iter_mut().filter(|one| one.state == EndpointState::Active) {
        (one.state, one.paused_by) = (EndpointState::Paused, Some(app.actor.0.clone()));
    }
    world.overview.endpoints[0].paused_by = Some("bob@box".to_owned());
    let ((title, lines), effects) = asked(&mut app, &world);
    assert_eq!(title, "Resume 4 paused endpoints?");
    assert!(lines.contains("Not paused by you: slack by bob@box"), "{lines}");
    assert!(
        matches!(&effects[..], [Effect::Do(Deed::Order(Whom::These(ids), EndpointOrder::Resume))] if ids.len() == 4)
    );
}

#[test]
fn dialogs_are_left_with_n_esc_and_ctrl_c() {
    for leave in ["n", "esc", "ctrl-c"] {
        let (mut app, world) = on(PaneId::Dead);
        let effects = press(&mut app, 'R');
        answer(&mut app, &world, effects);
        assert!(app.modal.is_some());
        let effects = match leave {
            "n" => press(&mut app, 'n'),
            "esc" => esc(&mut app),
            _ => ctrl(&mut app, 'c'),
        };
        assert!(effects.is_empty() && app.modal.is_none(), "{leave}");
    }
}

#[test]
fn who_dispatches_is_asked_before_leaving_and_drains() {
    let (mut app, _) = on(PaneId::Queue);
    assert!(press(&mut app, 'q').is_empty());
    let Some(Modal::Dialog(dialog)) = &app.modal else { panic!("a dialog") };
    assert!(
        dialog.lines[0].starts_with("214 wait; nothing is delivered until hooktui runs again"),
        "{:?}",
        dialog.lines
    );
    assert_eq!(press(&mut app, 'y'), [Effect::Drain(PATIENCE)]);
    assert_eq!(app.leaving, Leaving::Draining);
    assert_eq!(update(&mut app, Msg::Engine(Arc::new(status(Role::Stopped)))), [Effect::Quit]);
}

#[test]
fn a_second_ctrl_c_leaves_at_once() {
    let (mut app, _) = on(PaneId::Queue);
    assert!(ctrl(&mut app, 'c').is_empty());
    assert_eq!(ctrl(&mut app, 'c'), [Effect::Drain(0), Effect::Quit]);

    let (mut app, _) = on(PaneId::Queue);
    press(&mut app, 'q');
    press(&mut app, 'y');
    assert_eq!(ctrl(&mut app, 'c'), [Effect::Drain(0), Effect::Quit]);
}

#[test]
fn who_only_looks_leaves_without_a_question() {
    let (mut app, _) = on(PaneId::Queue);
    app.engine = Some(Arc::new(status(Role::Standby { pid: Some(7) })));
    assert_eq!(press(&mut app, 'q'), [Effect::Quit]);
}

#[test]
fn esc_goes_back_and_never_quits() {
    let (mut app, world) = on(PaneId::Dead);
    press(&mut app, 'z');
    let effects = press_key(&mut app, KeyCode::Enter, KeyModifiers::NONE);
    answer(&mut app, &world, effects);
    press(&mut app, '?');
    for (help, inspector, zoomed) in
        [(false, true, true), (false, false, true), (false, false, false), (false, false, false)]
    {
        let effects = esc(&mut app);
        assert!(!effects.contains(&Effect::Quit));
        assert_eq!((app.modal.is_some(), app.inspector.is_some(), app.zoomed), (help, inspector, zoomed));
    }
}

#[test]
fn alt_and_a_key_is_esc_and_then_the_key() {
    let (mut app, world) = on(PaneId::Dead);
    let effects = press(&mut app, 'R');
    answer(&mut app, &world, effects);
    press_key(&mut app, KeyCode::Char('3'), KeyModifiers::ALT);
    assert!(app.modal.is_none());
    assert_eq!(app.focus, PaneId::Deliveries);
}

#[test]
fn undo_asks_above_one_row() {
    let (mut app, world) = on(PaneId::Dead);
    let effects = press(&mut app, 'u');
    assert!(matches!(&effects[..], [Effect::Ask(ask)] if matches!(ask.question, Question::LastAct(_))));
    answer(&mut app, &world, effects);
    let Some(Modal::Dialog(dialog)) = &app.modal else { panic!("a dialog") };
    assert_eq!(dialog.title, "Undo: clear 40 dead letters of ops?");
    let asked = last_act("clear 40 dead letters of ops", 40);
    assert_eq!(press(&mut app, 'y'), [Effect::Do(Deed::Undo(asked))], "what was asked about, whatever was done since");
    let one = last_act("clear x", 1);
    assert_eq!(everywhere::undo_known(&mut app, Some(one.clone())), [Effect::Do(Deed::Undo(one))]);
    assert!(everywhere::undo_known(&mut app, None).is_empty());
}

#[test]
fn an_act_that_undo_cannot_take_back_is_named_with_what_helps() {
    let (mut app, _) = on(PaneId::Dead);
    let why = "your last act, trip ops, cannot be taken back; `hooktui endpoints reset ops` closes the circuit";
    let trip = LastAct { stays: Some(why.to_owned()), ..last_act("trip ops", 1) };
    assert!(everywhere::undo_known(&mut app, Some(trip)).is_empty());
    assert_eq!(app.notice.as_ref().map(|(told, _)| (told.good, told.text.as_str())), Some((false, why)));
}

#[test]
fn one_question_of_a_kind_is_on_its_way_and_stale_answers_are_dropped() {
    let world = busy();
    let mut app = app(120, 40);
    let first = update(&mut app, Msg::Changed);
    assert!(!first.is_empty());
    assert!(update(&mut app, Msg::Changed).is_empty(), "all subjects are awaited");
    let Some(Effect::Ask(ask)) = first.into_iter().next() else { panic!("a question") };
    let again = update(&mut app, Msg::Answer(world.answer(ask.clone())));
    assert!(
        matches!(&again[..], [Effect::Ask(second)] if second.generation == ask.generation + 1 && second.subject == ask.subject)
    );
    app.figures = None;
    assert!(update(&mut app, Msg::Answer(world.answer(ask))).is_empty());
    assert!(app.figures.is_none(), "a stale answer changes nothing");
}

#[test]
fn dead_letters_that_are_seen_and_not_yet_counted_can_be_cleared() {
    let (mut app, mut world) = on(PaneId::Dead);
    for endpoint in &mut world.overview.endpoints {
        endpoint.counts.dead = 0;
    }
    settle(&mut app, &world);
    let effects = press(&mut app, 'C');
    assert!(matches!(&effects[..], [Effect::Ask(ask)] if ask.subject == Subject::Dialog), "{effects:?}");
    asking::forget(&mut app, Subject::Dialog);

    world.dead.clear();
    settle(&mut app, &world);
    assert!(press(&mut app, 'C').is_empty());
    assert_eq!(app.notice.unwrap().0.text, "there are no dead letters");
}

#[test]
fn a_frozen_list_stands_still() {
    let (mut app, mut world) = on(PaneId::Dead);
    press(&mut app, 'F');
    let before = app.list().unwrap().window.rows().len();
    world.dead.clear();
    settle(&mut app, &world);
    assert_eq!(app.list().unwrap().window.rows().len(), before);
    let effects = press(&mut app, 'F');
    answer(&mut app, &world, effects);
    assert_eq!(app.list().unwrap().window.rows().len(), 0);
}

#[test]
fn a_notice_goes_after_a_while() {
    let (mut app, _) = on(PaneId::Dead);
    app.say(true, "done");
    let later = app.now + super::super::effects::NOTICE;
    let _ = update(&mut app, Msg::Clock(later - 1));
    assert!(app.notice.is_some());
    let _ = update(&mut app, Msg::Clock(later));
    assert!(app.notice.is_none());
}

#[test]
fn esc_goes_back_whatever_message_still_stands_and_takes_it_along() {
    let (mut app, _) = on(PaneId::Dead);
    press(&mut app, 'z');
    app.say(false, "there is no further match below");
    esc(&mut app);
    assert!(!app.zoomed && app.notice.is_none());
    app.say(true, "done");
    esc(&mut app);
    assert!(app.notice.is_none());
}

#[test]
fn where_an_endpoint_is_inspected_nothing_is_said_of_attempts() {
    let (mut app, world) = on(PaneId::Endpoints);
    let effects = press_key(&mut app, KeyCode::Enter, KeyModifiers::NONE);
    answer(&mut app, &world, effects);
    assert!(app.inspector.is_some());
    assert!(press(&mut app, 'x').is_empty());
    assert_eq!(app.notice.as_ref().unwrap().0.text, "there is no delivery here");
}

#[test]
fn the_figures_are_read_anew_when_a_pause_has_run_out() {
    let (mut app, _) = on(PaneId::Endpoints);
    let until = app.now + 400;
    let endpoint = &mut app.figures.as_mut().unwrap().endpoints[0];
    (endpoint.state, endpoint.paused_until) = (EndpointState::Paused, Some(until));
    assert!(crate::tui::tick::next(&app).is_some_and(|at| at <= until), "the loop wakes up for it");
    let asks = |app: &mut App, now| {
        let is_figures = |one: &Effect| matches!(one, Effect::Ask(ask) if ask.subject == Subject::Figures);
        update(app, Msg::Clock(now)).iter().any(is_figures)
    };
    assert_eq!((asks(&mut app, until - 1), asks(&mut app, until)), (false, true));
}
