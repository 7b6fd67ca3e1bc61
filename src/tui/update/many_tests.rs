//! Marks, questions about many, their course.

use super::super::dialog::Yes;
use super::super::effects::{self, Deed};
use super::super::feed::{Answer, Found, Question, Target};
use super::super::panes::PaneId;
use super::super::rows::Row;
use super::super::tests::made_up::{World, answer, app, busy, keys, press, press_key, settle};
use super::super::window;
use super::*;
use crate::event::Query;
use crate::journal::{Act, Progress, Selection};

fn on(pane: PaneId) -> (App, World) {
    let world = busy();
    let mut app = app(120, 40);
    let _ = everywhere::focus(&mut app, pane);
    app.pending.clear();
    settle(&mut app, &world);
    (app, world)
}

fn esc(app: &mut App) -> Vec<Effect> {
    press_key(app, KeyCode::Esc, KeyModifiers::NONE)
}

fn dead(seqs: &[i64]) -> Vec<String> {
    let mut ids: Vec<String> = seqs.iter().map(|seq| format!("evt-{seq}_wh_ci-hook")).collect();
    ids.sort();
    ids
}

fn dialog(app: &App) -> &super::super::dialog::Dialog {
    match &app.modal {
        Some(Modal::Dialog(dialog)) => dialog,
        other => panic!("no dialog but {other:?}"),
    }
}

#[test]
fn keys_mark_rows_one_by_one_in_ranges_and_all() {
    for (pane, pressed, marked) in [
        (PaneId::Dead, " ", Some("1 marked")),
        (PaneId::Dead, "  ", Some("2 marked")),
        (PaneId::Dead, " k ", None),
        (PaneId::Dead, "v", Some("1 in range")),
        (PaneId::Dead, "vjj", Some("3 in range")),
        (PaneId::Dead, "vjjk", Some("2 in range")),
        (PaneId::Dead, "vjjvj ", Some("4 marked")),
        (PaneId::Dead, "*", Some("all marked")),
        (PaneId::Dead, "* ", Some("all marked")),
        (PaneId::Deliveries, " ", Some("1 marked")),
        (PaneId::Deliveries, "*", Some("all marked")),
        (PaneId::Events, "  ", Some("2 marked")),
        (PaneId::Events, "*", Some("all marked")),
        (PaneId::Endpoints, " ", None),
        (PaneId::Log, " v*", None),
    ] {
        let (mut app, world) = on(pane);
        assert!(keys(&mut app, &world, pressed).is_empty());
        assert_eq!(marks::title(&app, pane).as_deref(), marked, "{pane:?} {pressed:?}");
    }
}

#[test]
fn marks_outlive_a_refresh_and_esc_takes_them_off_before_it_does_anything_else() {
    let (mut app, world) = on(PaneId::Dead);
    keys(&mut app, &world, "z  ");
    settle(&mut app, &world);
    assert_eq!(app.list().unwrap().marks.count(), 2);
    assert!(esc(&mut app).is_empty());
    assert!(app.list().unwrap().marks.is_empty() && app.zoomed);
    let effects = esc(&mut app);
    answer(&mut app, &world, effects);
    assert!(!app.zoomed);
}

#[test]
fn another_list_in_the_pane_has_no_marks() {
    let (mut app, world) = on(PaneId::Deliveries);
    keys(&mut app, &world, " a");
    assert!(app.list().unwrap().marks.is_empty());
}

#[test]
fn acts_are_on_the_marks_and_counted_before_anyone_is_asked() {
    let all = || Target::Matching(Query::default());
    for (pane, pressed, bulk, target) in [
        (PaneId::Dead, " j r", effects::Bulk::Act(Act::Retry), Target::Ids(dead(&[400, 398]))),
        (PaneId::Dead, " c", effects::Bulk::Act(Act::Clear), Target::Ids(dead(&[400]))),
        (PaneId::Dead, "vjc", effects::Bulk::Act(Act::Clear), Target::Ids(dead(&[400, 399]))),
        (PaneId::Dead, "*r", effects::Bulk::Act(Act::Retry), all()),
        (
            PaneId::Deliveries,
            "  r",
            effects::Bulk::Resend,
            Target::Ids(vec!["evt-599_wh_slack".into(), "evt-600_wh_ci-hook".into()]),
        ),
        (PaneId::Deliveries, "*x", effects::Bulk::Act(Act::Cancel), all()),
        (PaneId::Events, "  r", effects::Bulk::Events, Target::Ids(vec!["evt-399".into(), "evt-400".into()])),
    ] {
        let (mut app, world) = on(pane);
        let (last, first) = pressed.split_at(pressed.len() - 1);
        keys(&mut app, &world, last);
        let asked = press(&mut app, first.chars().next().unwrap());
        let [Effect::Ask(ask)] = &asked[..] else { panic!("{pane:?} {pressed:?}: {asked:?}") };
        assert_eq!(ask.question, Question::Count(bulk, target), "{pane:?} {pressed:?}");
        assert!(app.modal.is_none(), "not before it has been counted");
        answer(&mut app, &world, asked);
        assert!(!dialog(&app).title.is_empty());
    }
}

#[test]
fn all_that_the_filter_finds_is_sent_by_its_ids_and_only_so_much_of_it() {
    for (pane, of) in [(PaneId::Deliveries, 60), (PaneId::Events, 40)] {
        let (mut app, world) = on(pane);
        assert!(keys(&mut app, &world, "*r").is_empty());
        let Yes::Do(effects) = &dialog(&app).yes else { panic!("it sends") };
        let [Effect::Do(Deed::ResendAll(ids) | Deed::ResendEvents(ids))] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(ids.len(), of);
    }
    let (mut app, _) = on(PaneId::Deliveries);
    let asked = {
        press(&mut app, '*');
        press(&mut app, 'r')
    };
    let [Effect::Ask(ask)] = &asked[..] else { panic!("{asked:?}") };
    let found = Ok(Found::TooMany(1_000));
    let _ = update(&mut app, Msg::Answer(Answer { subject: ask.subject, generation: ask.generation, found }));
    assert_eq!(app.notice.as_ref().unwrap().0.text, "more than 1,000 match: / narrows them down");
    assert!(app.modal.is_none() && !app.list().unwrap().marks.is_empty());
}

#[test]
fn what_stays_of_a_retry_is_told_with_what_must_come_first() {
    let (mut app, mut world) = on(PaneId::Dead);
    keys(&mut app, &world, "R");
    assert_eq!(dialog(&app).title, "Retry 2 dead letters?");
    let lines = dialog(&app).lines.join("\n");
    assert!(lines.contains("2 stay: old-bot is disabled, resume it first."), "{lines}");
    keys(&mut app, &world, "nC");
    assert_eq!(dialog(&app).title, "Clear 4 dead letters?");
    assert!(!dialog(&app).lines.join("\n").contains("stay"), "clearing needs no endpoint");
    keys(&mut app, &world, "n");

    for endpoint in &mut world.overview.endpoints {
        endpoint.counts.dead = u64::from(endpoint.key == 5);
    }
    settle(&mut app, &world);
    keys(&mut app, &world, "R");
    assert!(app.modal.is_none());
    assert_eq!(app.notice.as_ref().unwrap().0.text, "1 stays: old-bot is disabled, resume it first.");
}

#[test]
fn a_wrong_number_is_told_to_be_another_and_that_goes_with_the_dialog() {
    let (mut app, mut world) = on(PaneId::Dead);
    world.overview.endpoints[2].counts.dead = 6_100;
    keys(&mut app, &world, "Cy");
    assert_eq!(app.notice.as_ref().unwrap().0.text, "type the number first");
    keys(&mut app, &world, "61y");
    assert_eq!(app.notice.as_ref().unwrap().0.text, "61 is another number than 6103");
    esc(&mut app);
    assert!(app.modal.is_none() && app.notice.is_none());
}

#[test]
fn yes_does_what_was_asked_about_and_the_marks_have_served() {
    let (mut app, world) = on(PaneId::Dead);
    keys(&mut app, &world, "  c");
    let lines = &dialog(&app).table;
    assert!(lines.iter().any(|line| line.contains("ops") && line.contains("503 Service Unavailable")), "{lines:?}");
    // What happens to the marks now changes nothing of the question.
    let done = keys(&mut app, &world, "y");
    assert_eq!(done, [Effect::Do(Deed::Act(Act::Clear, Selection::Ids(dead(&[400, 399])), 4))]);
    assert!(app.list().unwrap().marks.is_empty());
}

#[test]
fn no_keeps_the_marks() {
    let (mut app, world) = on(PaneId::Dead);
    keys(&mut app, &world, "  cn");
    assert_eq!(app.list().unwrap().marks.count(), 2);
}

#[test]
fn what_will_hold_a_retry_up_is_said_before() {
    let (mut app, world) = on(PaneId::Dead);
    keys(&mut app, &world, "R");
    let lines = dialog(&app).lines.join("\n");
    assert!(lines.contains("The circuit of ops is open: they wait for its probe in 12 s."), "{lines}");
    keys(&mut app, &world, "nC");
    assert!(!dialog(&app).lines.join("\n").contains("probe"), "clearing waits for nobody");
}

#[test]
fn a_large_retry_can_go_gently_and_takes_the_number_too() {
    let (mut app, mut world) = on(PaneId::Dead);
    assert!(keys(&mut app, &world, "Rg").is_empty(), "four are not many");
    assert!(app.modal.is_some());
    esc(&mut app);
    world.overview.endpoints[2].counts.dead = 6_100;
    assert!(keys(&mut app, &world, "Rg").is_empty(), "the number comes first");
    let selection = Selection::Matching { query: Query::default(), as_of: 77, at: 0 };
    assert_eq!(keys(&mut app, &world, "6101g"), [Effect::Do(Deed::Replay(selection, 6_101))]);
    assert_eq!(app.course.as_ref().map(|running| (running.what, running.progress.of)), Some(("retry gently", 6_101)));
    assert!(keys(&mut app, &world, "").is_empty());
}

#[test]
fn what_goes_on_is_stopped_with_esc_and_nothing_large_begins_beside_it() {
    let (mut app, mut world) = on(PaneId::Dead);
    world.overview.endpoints[2].counts.dead = 6_100;
    keys(&mut app, &world, "C6103y");
    let _ = update(&mut app, Msg::Course(Some(Progress { done: 2_000, of: 6_103, waits: String::new() })));
    assert_eq!(app.course.as_ref().map(|running| running.progress.done), Some(2_000));
    keys(&mut app, &world, "C");
    assert!(app.modal.is_none() && app.notice.as_ref().unwrap().0.text.contains("under way"));
    assert_eq!(esc(&mut app), [Effect::Stop]);
    let _ = update(&mut app, Msg::Course(None));
    assert!(app.course.is_none());
    assert!(esc(&mut app).is_empty());
}

#[test]
fn a_range_goes_no_further_than_what_was_seen() {
    let (mut app, mut world) = on(PaneId::Dead);
    let one = world.dead[0].clone();
    let row = |at: i64| crate::journal::DeliveryRow {
        seq: at,
        place: crate::journal::Cursor { sort: 9_000 - at, seq: at },
        id: format!("d{at}"),
        changed_at: 9_000 - at,
        ..one.clone()
    };
    world.dead = (0..500).map(row).collect();
    settle(&mut app, &world);
    keys(&mut app, &world, "vG");
    assert!(app.notice.as_ref().unwrap().0.text.contains("screen by screen"));
    assert_eq!(marks::title(&app, PaneId::Dead).as_deref(), Some("1 in range"));
    for _ in 0..20 {
        let effects = press_key(&mut app, KeyCode::PageDown, KeyModifiers::NONE);
        answer(&mut app, &world, effects);
    }
    let at = world.dead.iter().position(|row| Some(&row.id) == app.selected().map(window::Keyed::id).as_ref()).unwrap();
    assert_eq!(app.list().unwrap().marks.count(), at + 1, "none between is left out");
}

const OPS: &str = "endpoint:ops reason:exhausted status:503";
const CI: &str = "endpoint:ci-hook reason:exhausted error:refused";

#[test]
fn dead_letters_are_shown_in_groups_and_keys_act_on_a_whole_group() {
    for (pressed, act, filter) in [
        ("wr", Act::Retry, OPS),
        ("wR", Act::Retry, OPS),
        ("wc", Act::Clear, OPS),
        ("wC", Act::Clear, OPS),
        ("wjr", Act::Retry, CI),
        ("wjC", Act::Clear, CI),
        ("wwR", Act::Retry, ""),
    ] {
        let (mut app, world) = on(PaneId::Dead);
        let (first, last) = pressed.split_at(pressed.len() - 1);
        keys(&mut app, &world, first);
        let asked = press(&mut app, last.chars().next().unwrap());
        let [Effect::Ask(ask)] = &asked[..] else { panic!("{pressed}: {asked:?}") };
        let query = Query::parse(filter).unwrap();
        assert_eq!(query.to_string(), filter);
        assert_eq!(ask.question, Question::Count(effects::Bulk::Act(act), Target::Matching(query)), "{pressed}");
    }
}

#[test]
fn keys_lead_into_groups_and_out_again() {
    for (pressed, grouped, filter) in [
        ("w", true, ""),
        ("ww", false, ""),
        ("w\u{1b}", false, ""),
        ("w\n", false, OPS),
        ("wj\n", false, CI),
        ("w\nw", true, OPS),
        ("w\nwj\n", false, CI),
        ("w\nw\n", false, OPS),
        ("wj\nw\n", false, CI),
        ("w\n\u{1b}", false, ""),
        ("w/", false, ""),
    ] {
        let (mut app, world) = on(PaneId::Dead);
        for key in pressed.chars() {
            let effects = match key {
                '\n' => press_key(&mut app, KeyCode::Enter, KeyModifiers::NONE),
                '\u{1b}' => esc(&mut app),
                key => press(&mut app, key),
            };
            answer(&mut app, &world, effects);
        }
        let list = app.list().unwrap();
        assert_eq!((app.groups.shown, list.query.to_string().as_str()), (grouped, filter), "{pressed:?}");
        assert!(list.window.rows().iter().all(|row| matches!(row, Row::Group(_)) == grouped), "{pressed:?}");
        assert!(app.inspector.is_none(), "{pressed:?}");
    }
}

#[test]
fn what_is_for_rows_says_so_among_groups() {
    for (key, words) in [
        (' ', "one at a time"),
        ('*', "one at a time"),
        ('s', "one by one"),
        ('S', "one by one"),
        ('n', "one by one"),
        ('f', "one by one"),
        ('e', "Enter lists"),
    ] {
        let (mut app, world) = on(PaneId::Dead);
        keys(&mut app, &world, "w");
        assert_eq!(press(&mut app, key), [], "{key}");
        assert!(app.notice.as_ref().unwrap().0.text.contains(words), "{key}: {:?}", app.notice);
        assert!(app.list().unwrap().marks.is_empty() && app.groups.shown);
        let by = app.list().unwrap().find.by;
        assert_eq!(super::super::finding::by_head(&app, PaneId::Dead, by, "COUNT", true), None, "no click sorts them");
    }
}

#[test]
fn groups_are_looked_at_once_a_second() {
    let (mut app, world) = on(PaneId::Dead);
    keys(&mut app, &world, "w");
    let asks = |effects: &[Effect]| {
        let subject = super::super::feed::Subject::Rows(PaneId::Dead);
        effects.iter().filter(|one| matches!(one, Effect::Ask(ask) if ask.subject == subject)).count()
    };
    let effects = update(&mut app, Msg::Changed);
    assert_eq!(asks(&effects), 0, "just now");
    answer(&mut app, &world, effects);
    let later = app.now + 1_000;
    assert!(super::super::tick::next(&app).unwrap() <= later);
    assert_eq!(asks(&update(&mut app, Msg::Clock(later))), 1, "and then once more");
    assert_eq!(asks(&update(&mut app, Msg::Clock(later + 5_000))), 0);
}
