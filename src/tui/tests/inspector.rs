//! The inspector: its tabs as a person sees them, and what its keys do.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyModifiers};

use super::made_up::{World, answer, app, busy, press, press_key, settle, status};
use super::screens::{prepare, screen};
use crate::config::{Config, Env, Project};
use crate::engine::{FileStatus, Role, Status};
use crate::journal::{AttemptDetail, DeliveryDetail, Whom};
use crate::present::clock::Times;
use crate::tui::app::App;
use crate::tui::effects::{Deed, Effect, EndpointOrder};
use crate::tui::feed::Found;
use crate::tui::inspector::{Tab, Target};
use crate::tui::msg::Msg;
use crate::tui::panes::PaneId;
use crate::tui::rows::Row;
use crate::tui::update::update;

/// Good for every dialect.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The file of the made-up endpoint, with a secret and a path that is one.
pub fn config(dialect: &str) -> Arc<Config> {
    let directory = tempfile::tempdir().unwrap();
    let project = Project::at(directory.path());
    let file = format!(
        "webhooks:\n  - {{name: ci-hook, url: 'https://ci.example.com/hooks/T0K3N', secret: {SECRET}}}\n\
         hooktui:\n  webhooks:\n    - {{name: ci-hook, id: wh_ci-hook, dialect: {dialect}}}\n"
    );
    std::fs::write(&project.file, file).unwrap();
    let loaded = crate::config::load(&project, &Env::Fixed([].into()));
    loaded.config.unwrap_or_else(|| panic!("{:?}", loaded.problems))
}

/// The console with that file in force, and the first dead letter inspected.
pub fn opened(world: &World, size: (u16, u16)) -> App {
    opened_by(world, size, "ntm")
}

fn opened_by(world: &World, size: (u16, u16), dialect: &str) -> App {
    let mut app = prepare("rows", world, PaneId::Dead, size);
    let file = FileStatus { config: Some(config(dialect)), ..FileStatus::default() };
    app.engine = Some(Arc::new(Status { file, ..status(Role::Dispatching { since: app.now }) }));
    enter(&mut app, world);
    app
}

fn enter(app: &mut App, world: &World) {
    let effects = press_key(app, KeyCode::Enter, KeyModifiers::NONE);
    answer(app, world, effects);
}

fn named(app: &mut App, code: KeyCode) -> Vec<Effect> {
    press_key(app, code, KeyModifiers::NONE)
}

fn keys(app: &mut App, world: &World, keys: &str) {
    for key in keys.chars() {
        let effects = press(app, key);
        answer(app, world, effects);
    }
}

/// A third attempt, with an answer in JSON that is a little different.
fn third(detail: &DeliveryDetail) -> AttemptDetail {
    let before = detail.attempts.last().unwrap();
    let mut one = before.clone();
    one.row.number = 3;
    one.row.started_at += 2_000;
    one.row.status = Some(503);
    one.row.error = Some("503 Service Unavailable".to_owned());
    one.row.duration_us = Some(8_200_000);
    one.first_byte_us = Some(5_000_000);
    one.response_headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("date".to_owned(), "Sun, 22 Nov 2026 12:03:05 GMT".to_owned()),
        ("x-odd".to_owned(), "\u{202e}gnp".to_owned()),
    ];
    one.response_body = Some(br#"{"error": "busy", "retry": true, "after": 2.5, "shards": [1, null]}"#.to_vec());
    one
}

fn rich() -> World {
    let mut world = busy();
    let detail = world.detail.as_mut().unwrap();
    let third = third(detail);
    let mut fourth = third.clone();
    fourth.row.number = 4;
    fourth.response_body = Some(br#"{"error": "busy", "retry": false, "after": 2.5, "shards": [1, null]}"#.to_vec());
    let mut fifth = fourth.clone();
    fifth.row.number = 5;
    detail.attempts.extend([third, fourth, fifth]);
    world
}

fn shown(all: &mut String, title: &str, app: &App) {
    use std::fmt::Write as _;
    let _ = writeln!(all, "== {title}\n{}", screen(app));
}

fn snapshot(name: &str, all: &str) {
    insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, all);
    });
}

#[test]
fn every_tab_of_a_delivery_of_an_event_and_of_an_endpoint() {
    for size in [(80, 24), (120, 40)] {
        let world = rich();
        let mut app = opened(&world, size);
        let mut all = String::new();
        for title in ["summary", "request", "response", "attempts", "event"] {
            shown(&mut all, title, &app);
            named(&mut app, KeyCode::Tab);
        }
        keys(&mut app, &world, "hhhwG");
        shown(&mut all, "response, raw", &app);
        keys(&mut app, &world, "w[[[[");
        shown(&mut all, "the first attempt has no answer", &app);
        keys(&mut app, &world, "E");
        shown(&mut all, "the event, jumped to", &app);
        named(&mut app, KeyCode::Esc);
        keys(&mut app, &world, "O");
        shown(&mut all, "the endpoint, jumped to", &app);
        let mut app = prepare("rows", &world, PaneId::Log, size);
        keys(&mut app, &world, "j");
        named(&mut app, KeyCode::Enter);
        shown(&mut all, "a log line", &app);
        assert!(!all.contains('\u{1b}') && !all.contains('\u{202e}'), "hostile bytes are shown as text");
        for secret in ["T0K3N", SECRET] {
            assert!(!all.contains(secret), "{secret} is on the screen");
        }
        snapshot(&format!("inspector_{}x{}", size.0, size.1), &all);
    }
}

#[test]
fn what_was_not_sent_yet_is_shown_as_it_would_go_out_and_called_so() {
    let mut world = busy();
    world.detail.as_mut().unwrap().attempts.clear();
    for (dialect, signed) in [
        ("ntm", "HMAC-SHA256 over `body`, in X-NTM-Signature"),
        ("standard", "HMAC-SHA256 over `id.timestamp.body`, in webhook-signature"),
        ("standard", "evt-400_wh_ci-hook.1795349021. and then the body"),
    ] {
        let mut app = opened_by(&world, (120, 40), dialect);
        keys(&mut app, &world, "l");
        let request = screen(&app);
        for words in ["NOT SENT YET", "POST https://ci.example.com/••••••••", signed, "SHA-256   "] {
            assert!(request.contains(words), "{words}:\n{request}");
        }
        assert!(!request.contains(SECRET) && !request.contains("T0K3N"));
    }
    let mut app = opened(&world, (120, 40));
    keys(&mut app, &world, "l");
    keys(&mut app, &world, "l");
    assert!(screen(&app).contains("Nothing has been sent yet"));

    let mut app = prepare("rows", &world, PaneId::Dead, (120, 40));
    enter(&mut app, &world);
    keys(&mut app, &world, "l");
    assert!(screen(&app).contains("no good file"), "{}", screen(&app));
}

#[test]
fn the_time_of_an_attempt_is_whole_in_utc_and_with_its_date() {
    let world = rich();
    for size in [(80, 24), (120, 40)] {
        let mut app = opened(&world, size);
        keys(&mut app, &world, "lll");
        let times = |app: &App| -> Vec<String> {
            let text = screen(app);
            let is_time = |word: &&str| word.contains(':') && word.starts_with(|one: char| one.is_ascii_digit());
            text.lines().filter_map(|row| row.split_whitespace().find(is_time).map(str::to_owned)).collect()
        };
        let local = times(&app);
        assert!(local.len() > 1 && local.iter().all(|time| time.len() == 8), "{local:?}");
        press(&mut app, 't');
        let utc = times(&app);
        assert!(utc.iter().all(|time| time.len() == 9 && time.ends_with('Z')), "{utc:?}");
        press(&mut app, 't');
        assert_eq!((times(&app), app.times), (local, Times::Ago), "lists have their ages back");
        let tomorrow = app.now + 86_400_000;
        let _ = update(&mut app, Msg::Clock(tomorrow));
        press(&mut app, 't');
        assert!(times(&app).iter().all(|time| time.len() == 6 && time.ends_with('Z')), "{}", screen(&app));
    }
}

#[test]
fn words_are_looked_for_and_walked() {
    let world = rich();
    let mut app = opened(&world, (80, 24));
    keys(&mut app, &world, "hh/o");
    assert!(screen(&app).contains("1 of "), "it finds while one types:\n{}", screen(&app));
    keys(&mut app, &world, "dd");
    assert!(screen(&app).contains("/odd"), "{}", screen(&app));
    named(&mut app, KeyCode::Enter);
    let mut all = String::new();
    shown(&mut all, "odd", &app);
    snapshot("inspector_search_80x24", &all);

    let hits = || app.inspector.as_ref().unwrap().search.as_ref().unwrap().count();
    assert!(hits().starts_with("1 of "), "{}", hits());
    let all: usize = hits().rsplit(' ').next().unwrap().parse().unwrap();
    for _ in 1..all {
        press(&mut app, 'n');
    }
    let at = |app: &App| app.inspector.as_ref().unwrap().search.as_ref().unwrap().count();
    assert_eq!(at(&app), format!("{all} of {all}"));
    press(&mut app, 'n');
    assert_eq!(at(&app), format!("1 of {all}"));
    press(&mut app, 'N');
    assert_eq!(at(&app), format!("{all} of {all}"));

    named(&mut app, KeyCode::Esc);
    assert!(app.inspector.as_ref().is_some_and(|inspector| inspector.search.is_none()), "Esc leaves the search first");
    press(&mut app, 'n');
    assert!(app.notice.as_ref().unwrap().0.text.contains("/ takes words"));
}

#[test]
fn rows_are_walked_without_leaving_and_the_tab_stays() {
    let mut world = rich();
    let mut app = opened(&world, (120, 40));
    keys(&mut app, &world, "ll");
    world.detail.as_mut().unwrap().row = world.dead[1].clone();
    keys(&mut app, &world, "J");
    let target = |app: &App| app.inspector.as_ref().map(|one| (one.target.clone(), one.tab));
    assert_eq!(target(&app), Some((Target::Delivery("evt-399_wh_ci-hook".to_owned()), Tab::Response)));
    keys(&mut app, &world, "K");
    assert_eq!(target(&app), Some((Target::Delivery("evt-400_wh_ci-hook".to_owned()), Tab::Response)));
    keys(&mut app, &world, "K");
    assert!(app.notice.as_ref().unwrap().0.text.contains("the first row"));
    named(&mut app, KeyCode::Esc);
    assert!(app.inspector.is_none());
}

#[test]
fn jumps_go_to_what_belongs_together_and_esc_comes_back_step_by_step() {
    let world = rich();
    let mut app = opened(&world, (120, 40));
    keys(&mut app, &world, "ll");
    keys(&mut app, &world, "Ej");
    enter(&mut app, &world);
    keys(&mut app, &world, "O");
    let expected = [
        Target::Endpoint("wh_ci-hook".to_owned()),
        Target::Delivery("evt-399_wh_ci-hook".to_owned()),
        Target::Event("evt-400".to_owned()),
        Target::Delivery("evt-400_wh_ci-hook".to_owned()),
    ];
    press(&mut app, 'J');
    assert!(app.notice.as_ref().unwrap().0.text.contains("no row of the list"));
    for target in expected {
        assert_eq!(app.inspector.as_ref().map(|one| one.target.clone()), Some(target));
        let effects = named(&mut app, KeyCode::Esc);
        answer(&mut app, &world, effects);
    }
    assert!(app.inspector.is_none() && app.focus == PaneId::Dead);
}

#[test]
fn what_is_due_at_an_endpoint_with_a_rate_limit_waits_for_that() {
    let world = busy();
    let mut app = opened_by(&world, (120, 40), "ntm, rate_limit: 4/m");
    named(&mut app, KeyCode::Esc);
    keys(&mut app, &world, "2G");
    enter(&mut app, &world);
    let shown = screen(&app);
    let sentence = "44 deliveries wait, 9 in flight; the next goes as soon as the rate limit of 4/m lets it.";
    assert!(shown.contains(sentence), "{shown}");
}

#[test]
fn from_an_endpoint_wherever_it_shows_to_its_deliveries() {
    let world = rich();
    let query = |app: &App| app.lists[&PaneId::Deliveries].query.to_string();
    for (pane, path, filter) in [
        (PaneId::Endpoints, "jjjjD", "endpoint:ci-hook"),
        (PaneId::Endpoints, "\nD", "endpoint:ops"),
        (PaneId::Dead, "\nD", "endpoint:ci-hook"),
        (PaneId::Dead, "\nOD", "endpoint:ci-hook"),
    ] {
        let mut app = prepare("rows", &world, pane, (120, 40));
        app.attempts = true;
        for key in path.chars() {
            let effects = if key == '\n' { named(&mut app, KeyCode::Enter) } else { press(&mut app, key) };
            answer(&mut app, &world, effects);
        }
        assert_eq!((app.focus, app.inspector.is_none(), app.attempts), (PaneId::Deliveries, true, false), "{path}");
        assert_eq!(query(&app), filter, "{pane:?} {path}");
        let rows = app.list().unwrap().window.rows();
        let others = rows.iter().filter(|row| !matches!(row, Row::Delivery(one) if filter.ends_with(&one.endpoint)));
        assert_eq!((others.count(), rows.is_empty()), (0, false), "{path}");
        named(&mut app, KeyCode::Esc);
        assert_eq!(query(&app), "", "Esc takes it off");
    }
    let mut app = opened(&world, (120, 40));
    keys(&mut app, &world, "ED");
    assert!(app.inspector.is_some() && app.notice.as_ref().unwrap().0.text.contains("no endpoint here"));
}

#[test]
fn deliveries_of_endpoints_of_one_name_are_told_apart_by_id() {
    let world = busy();
    let mut app = prepare("rows", &world, PaneId::Endpoints, (120, 40));
    let mut figures = app.figures.clone().unwrap();
    figures.endpoints[1].name = figures.endpoints[0].name.clone();
    let id = figures.endpoints[0].id.clone();
    app.figures = Some(figures);
    keys(&mut app, &world, "jjjD");
    assert_eq!(app.lists[&PaneId::Deliveries].query.to_string(), format!("endpoint:{id}"));
}

#[test]
fn what_can_be_done_is_done_to_what_is_inspected() {
    let world = rich();
    let mut app = opened(&world, (120, 40));
    let ci = || Whom::One("wh_ci-hook".to_owned());
    assert_eq!(press(&mut app, 'p'), [Effect::Do(Deed::Order(ci(), EndpointOrder::Pause))]);
    assert_eq!(press(&mut app, 'o'), [Effect::Do(Deed::Order(ci(), EndpointOrder::Reset))]);
    keys(&mut app, &world, "E");
    assert_eq!(press(&mut app, 'r'), [Effect::Do(Deed::ResendEvent("evt-400".to_owned()))]);
}

#[test]
fn a_key_that_comes_before_the_delivery_is_there_says_so() {
    let world = rich();
    let mut app = prepare("rows", &world, PaneId::Dead, (120, 40));
    let asked = named(&mut app, KeyCode::Enter);
    assert_eq!(press(&mut app, 'p'), []);
    assert!(screen(&app).contains("it is still being read: press the key again"), "{}", screen(&app));
    answer(&mut app, &world, asked);
    assert_ne!(press(&mut app, 'p'), []);
}

#[test]
fn the_footer_has_no_key_that_can_never_apply_and_greys_what_does_not_now() {
    let world = rich();
    let footer = |app: &App| screen(app).lines().last().unwrap().to_owned();
    let mut app = opened(&world, (200, 50));
    let all = footer(&app);
    assert!(!all.contains("x cancel"), "a dead letter does not wait: {all}");
    for key in ["r send again", "c clear", "e edit a copy", "E event", "O endpoint"] {
        assert!(all.contains(key), "{key}: {all}");
    }
    keys(&mut app, &world, "O");
    let endpoint = footer(&app);
    for key in ["r send again", "c clear", "x cancel", "e edit a copy", "E event", "O endpoint", "Tab next tab"] {
        assert!(!endpoint.contains(key), "{key}: {endpoint}");
    }
    assert!(endpoint.contains("D deliveries"), "{endpoint}");
    named(&mut app, KeyCode::Esc);
    keys(&mut app, &world, "E");
    let event = footer(&app);
    for key in ["c clear", "x cancel", "e edit a copy", "O endpoint", "D deliveries"] {
        assert!(!event.contains(key), "{key}: {event}");
    }
    assert!(event.contains("r send again"), "{event}");

    let mut world = rich();
    world.detail.as_mut().unwrap().row.state = crate::event::State::Queued;
    world.detail.as_mut().unwrap().attempts.clear();
    let mut app = opened(&world, (200, 50));
    let waiting = footer(&app);
    assert!(waiting.contains("x cancel") && !waiting.contains("c clear"), "{waiting}");
    let colour = |app: &App, key: &str| {
        let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(200, 50)).unwrap();
        terminal.draw(|frame| crate::tui::view::draw(app, frame)).unwrap();
        let line = footer(app);
        let at = line[..line.find(key).unwrap_or_else(|| panic!("{key}: {line}"))].chars().count();
        terminal.backend().buffer()[(u16::try_from(at).unwrap(), 49)].style().fg
    };
    assert_eq!(colour(&app, "[ attempt"), app.look.theme.faint.fg, "greyed");
    assert_ne!(colour(&app, "r send again"), app.look.theme.faint.fg);
    assert!(press(&mut app, 'c').is_empty() && app.modal.is_none());
    assert_eq!(app.notice.as_ref().unwrap().0.text, "it is queued, not dead");
}

#[test]
fn a_megabyte_of_json_is_laid_out_once_and_not_once_a_frame() {
    let mut world = busy();
    let items: Vec<serde_json::Value> =
        (0..26_000).map(|at| serde_json::json!({"at": at, "text": "some words and more"})).collect();
    let body = serde_json::to_vec(&serde_json::json!({ "items": items, "last": "needle" })).unwrap();
    assert!(body.len() > 900_000);
    world.detail.as_mut().unwrap().attempts.last_mut().unwrap().request_body = Some(body);
    let mut app = opened(&world, (120, 40));
    keys(&mut app, &world, "l");
    let page = |app: &App| crate::tui::inspector::page(app, app.inspector.as_ref().unwrap(), 116);
    let first = page(&app);
    assert!(first.height() > 60_000);
    for _ in 0..50 {
        press(&mut app, 'j');
        settle(&mut app, &world);
        screen(&app);
    }
    assert!(Arc::ptr_eq(&first, &page(&app)), "nothing of it has changed");
    keys(&mut app, &world, "/needle");
    assert!(screen(&app).contains("\"last\": \"needle\""), "{}", screen(&app));
    press(&mut app, 'x');
    named(&mut app, KeyCode::Enter);
    keys(&mut app, &world, "G");
    assert!(screen(&app).contains("\"last\": \"needle\""));
}

#[test]
fn an_answer_of_another_kind_changes_nothing() {
    let world = rich();
    let mut app = opened(&world, (120, 40));
    let inspector = app.inspector.as_mut().unwrap();
    inspector.take(Ok(Found::LastAct(None)));
    assert!(inspector.delivery().is_some());
    let _ = app_of_every_size();
}

/// Nothing panics however small the screen is.
fn app_of_every_size() -> usize {
    let world = rich();
    let mut seen = 0;
    for (width, height) in [(40, 10), (41, 11), (60, 12), (99, 20), (300, 80)] {
        let mut app = opened(&world, (width, height));
        for key in "l/a".chars().chain("lllll".chars()) {
            press(&mut app, key);
            screen(&app);
        }
        named(&mut app, KeyCode::Enter);
        for key in "lllllwnNGgj[".chars() {
            press(&mut app, key);
            screen(&app);
            seen += 1;
        }
    }
    let mut empty = app(80, 24);
    press(&mut empty, 'J');
    seen
}
