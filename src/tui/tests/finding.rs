//! Finding on the whole model: what is typed narrows the list, `n` goes to what matches, `s` sorts.

use std::fmt::Write as _;

use crossterm::event::{KeyCode, KeyModifiers};

use super::made_up::{World, answer, busy, press, press_key, settle};
use super::screens::{prepare, screen};
use crate::tui::app::App;
use crate::tui::effects::Effect;
use crate::tui::feed::{Answer, Found, Question, Subject};
use crate::tui::finding::{By, Reach, Side};
use crate::tui::msg::Msg;
use crate::tui::panes::PaneId;
use crate::tui::rows::Row;
use crate::tui::tick;
use crate::tui::update::update;
use crate::tui::window::Rows;

const SIZE: (u16, u16) = (120, 40);

struct Stage {
    app: App,
    world: World,
}

impl Stage {
    fn on(pane: PaneId, size: (u16, u16)) -> Self {
        let world = busy();
        Self { app: prepare("rows", &world, pane, size), world }
    }

    fn key(&mut self, code: KeyCode) -> &mut Self {
        let effects = press_key(&mut self.app, code, KeyModifiers::NONE);
        answer(&mut self.app, &self.world, effects);
        self
    }

    fn types(&mut self, text: &str) -> &mut Self {
        for one in text.chars() {
            let effects = press(&mut self.app, one);
            answer(&mut self.app, &self.world, effects);
        }
        self
    }

    fn query(&self) -> String {
        self.app.list().unwrap().query.to_string()
    }

    fn rows(&self) -> usize {
        self.app.list().unwrap().window.rows().len()
    }

    fn selected(&self) -> Option<String> {
        self.app.selected().and_then(|row| row.delivery_id().map(str::to_owned))
    }

    fn endpoints(&self) -> Vec<&str> {
        let rows = self.app.lists[&PaneId::Endpoints].window.rows();
        rows.iter()
            .filter_map(|row| if let Row::Endpoint(one) = row { Some(one.name.as_str()) } else { None })
            .collect()
    }

    fn notice(&self) -> &str {
        self.app.notice.as_ref().map_or("", |(outcome, _)| &outcome.text)
    }

    fn typed(&self) -> &str {
        self.app.filter.as_ref().unwrap().line.text()
    }
}

#[test]
fn the_list_narrows_while_it_is_typed_and_an_error_leaves_it_as_it_was() {
    let mut stage = Stage::on(PaneId::Deliveries, SIZE);
    let all = stage.rows();
    stage.types("/state:dead");
    assert_eq!((stage.query().as_str(), stage.rows()), ("state:dead", 10));
    stage.types(" stat:x");
    let error = stage.app.filter.as_ref().unwrap().error.clone().unwrap();
    assert_eq!((error.span, stage.query().as_str()), (11..17, "state:dead"));
    stage.key(KeyCode::Enter);
    assert!(stage.app.filter.is_some() && stage.notice().contains("did you mean"), "{}", stage.notice());
    for _ in 0..7 {
        stage.key(KeyCode::Backspace);
    }
    stage.key(KeyCode::Enter);
    assert!(stage.app.filter.is_none());
    assert_eq!((stage.query().as_str(), stage.rows()), ("state:dead", 10));

    stage.types("/endpoint:ops").key(KeyCode::Esc);
    assert_eq!((stage.query().as_str(), stage.rows()), ("state:dead", 10), "Esc returns to what was before");
    stage.types("/");
    assert_eq!(stage.typed(), "state:dead ");
    let effects = press_key(&mut stage.app, KeyCode::Char('u'), KeyModifiers::CONTROL);
    answer(&mut stage.app, &stage.world, effects);
    stage.key(KeyCode::Enter);
    settle(&mut stage.app, &stage.world);
    assert_eq!((stage.query().as_str(), stage.rows()), ("", all), "an empty filter removes it");
}

#[test]
fn the_beginning_of_a_key_is_no_word_until_a_blank_or_enter() {
    let mut stage = Stage::on(PaneId::Deliveries, SIZE);
    let all = stage.rows();
    for (typed, query) in [
        ("/s", ""),
        ("tat", ""),
        ("e", ""),
        (":", ""),
        ("dead", "state:dead"),
        (" !en", "state:dead"),
        ("x", "state:dead !enx"),
    ] {
        stage.types(typed);
        assert_eq!(stage.query(), query, "{typed}");
    }
    stage.key(KeyCode::Esc).types("/stat");
    assert_eq!((stage.query().as_str(), stage.rows()), ("", all));
    stage.types(" ");
    assert_eq!(stage.query(), "stat", "a blank ends the word");
    stage.key(KeyCode::Esc).types("/STAT").key(KeyCode::Enter);
    assert_eq!((stage.query().as_str(), stage.app.filter.is_none()), ("STAT", true), "Enter means what is typed");
    stage.key(KeyCode::Esc).types("/\"stat\"");
    assert_eq!(stage.query(), "stat", "quotes make a word of it");
    stage.key(KeyCode::Esc);
    let mut stage = Stage::on(PaneId::Endpoints, SIZE);
    stage.types("/sess");
    assert_eq!(stage.query(), "sess", "no key of this list begins so");
}

#[test]
fn esc_takes_the_filter_off_last_and_keeps_the_row() {
    let mut stage = Stage::on(PaneId::Deliveries, SIZE);
    stage.types("/state:dead").key(KeyCode::Enter).types("jjz");
    let row = stage.selected();
    assert!(row.is_some());
    stage.key(KeyCode::Esc);
    assert!(!stage.app.zoomed && stage.query() == "state:dead");
    stage.key(KeyCode::Esc);
    assert_eq!((stage.query().as_str(), stage.selected()), ("", row));
}

#[test]
fn tab_goes_through_what_could_stand_there() {
    let mut stage = Stage::on(PaneId::Deliveries, SIZE);
    stage.types("/endpoint:");
    for typed in ["endpoint:slack", "endpoint:ci-hook", "endpoint:ops"] {
        stage.key(KeyCode::Tab);
        assert_eq!((stage.typed(), stage.query().as_str()), (typed, typed));
    }
    stage.key(KeyCode::BackTab);
    assert_eq!(stage.typed(), "endpoint:ci-hook");
    stage.types(" st").key(KeyCode::Tab);
    assert_eq!(stage.typed(), "endpoint:ci-hook state:");
    stage.types("de").key(KeyCode::Tab);
    assert_eq!(stage.query(), "endpoint:ci-hook state:dead");
}

#[test]
fn pasted_text_goes_into_the_line() {
    let mut stage = Stage::on(PaneId::Dead, SIZE);
    let effects = update(&mut stage.app, Msg::Paste("state:dead".to_owned()));
    assert!(effects.is_empty());
    stage.types("/");
    let effects = update(&mut stage.app, Msg::Paste("state:dead\n".to_owned()));
    answer(&mut stage.app, &stage.world, effects);
    assert_eq!(stage.query(), "state:dead");
}

#[test]
fn n_goes_to_rows_that_match_also_when_the_filter_is_off() {
    let mut stage = Stage::on(PaneId::Deliveries, SIZE);
    assert_eq!(stage.types("n").notice(), "there was no filter here yet: / makes one");
    stage.types("/state:scheduled").key(KeyCode::Enter).key(KeyCode::Esc);
    stage.key(KeyCode::Esc);
    assert_eq!(stage.query(), "");
    stage.types("g");
    let mut found = Vec::new();
    for key in ["n", "n", "N"] {
        stage.types(key);
        found.extend(stage.selected());
    }
    assert_eq!(found, ["evt-598_wh_ci-hook", "evt-592_wh_ci-hook", "evt-598_wh_ci-hook"]);
    stage.types("N");
    assert_eq!(stage.notice(), "there is no further match above");
    let rows = stage.app.list().unwrap().window.rows().len();
    assert!(rows > 10, "all rows are shown: {rows}");
}

#[test]
fn n_tells_how_far_it_looked_and_goes_on_from_there() {
    let mut stage = Stage::on(PaneId::Deliveries, SIZE);
    stage.types("/state:scheduled").key(KeyCode::Enter).key(KeyCode::Esc).types("g");
    let ask = |stage: &mut Stage| match press(&mut stage.app, 'n').pop() {
        Some(Effect::Ask(ask)) => ask,
        other => panic!("no question: {other:?}"),
    };
    let one = ask(&mut stage);
    let stopped = crate::journal::Cursor { sort: 5, seq: 5 };
    let found = Ok(Found::Seek { row: None, down: true, stopped: Some((stopped, 100_000)) });
    let _ = update(&mut stage.app, Msg::Answer(Answer { subject: Subject::Seek, generation: one.generation, found }));
    assert_eq!(stage.notice(), "no match among the next 100,000 rows below: n looks further");
    let Question::Seek { from, .. } = ask(&mut stage).question else { panic!("another question") };
    assert_eq!(from, Some((stopped, stopped)));
}

#[test]
fn an_answer_of_another_filter_is_not_shown() {
    let mut stage = Stage::on(PaneId::Dead, SIZE);
    let first = update(&mut stage.app, Msg::Changed);
    press(&mut stage.app, '/');
    assert!(stage.app.filter.is_some());
    for one in "endpoint:ops".chars() {
        let effects = press(&mut stage.app, one);
        assert!(effects.is_empty(), "one question is on its way: {effects:?}");
    }
    answer(&mut stage.app, &stage.world, first);
    assert_eq!((stage.query().as_str(), stage.rows()), ("endpoint:ops", 0));
}

#[test]
fn a_search_that_takes_long_rests_before_it_is_made_anew() {
    let mut stage = Stage::on(PaneId::Dead, SIZE);
    stage.types("/type:x").key(KeyCode::Enter);
    let effects = update(&mut stage.app, Msg::Changed);
    let costly = Reach { total: None, looked: Some((Side::Newest, 100_000)) };
    for effect in effects {
        let Effect::Ask(ask) = effect else { continue };
        let mut told = stage.world.answer(ask);
        if let (Subject::Rows(PaneId::Dead), Ok(Found::Rows(rows, _))) = (told.subject, &told.found) {
            told.found = Ok(Found::Rows(Rows { rows: rows.rows.clone(), ..*rows }, costly));
        }
        let _ = update(&mut stage.app, Msg::Answer(told));
    }
    let asks = |effects: Vec<Effect>| {
        let rows = |effect: &Effect| matches!(effect, Effect::Ask(ask) if ask.subject == Subject::Rows(PaneId::Dead));
        effects.iter().any(rows)
    };
    let now = stage.app.now;
    assert!(!asks(update(&mut stage.app, Msg::Changed)), "not with every change");
    assert!(tick::next(&stage.app).is_some_and(|at| at <= now + 1_000), "the loop wakes up for it");
    assert!(asks(update(&mut stage.app, Msg::Clock(now + 1_000))), "once a second will do");
}

#[test]
fn lists_are_sorted_by_what_has_an_index_and_turned_round() {
    let mut stage = Stage::on(PaneId::Deliveries, SIZE);
    assert!(screen(&stage.app).contains("AGE↓"), "{}", screen(&stage.app));
    stage.types("s");
    assert_eq!(stage.app.list().unwrap().find.by, By::Arrival);
    assert_eq!(stage.notice(), "sorted as they came in, newest first");
    stage.types("s");
    assert_eq!(stage.app.list().unwrap().find.by, By::Own);
    let newest = stage.types("f").app.list().unwrap().window.rows()[0].delivery_id().map(str::to_owned);
    stage.types("S");
    let first = stage.app.list().unwrap().window.rows()[0].delivery_id().map(str::to_owned);
    assert_ne!(newest, first);
    assert!(screen(&stage.app).contains("AGE↑") && !stage.app.list().unwrap().window.is_following());
    assert!(stage.types("f").notice().contains("following means newest first"), "{}", stage.notice());
    stage.types("j");
    assert!(stage.selected().is_some_and(|id| id != first.unwrap_or_default()), "down is towards newer rows");
    assert!(Stage::on(PaneId::Dead, SIZE).types("s").notice().contains("one order"));
}

#[test]
fn endpoints_are_filtered_and_sorted_in_memory() {
    let mut stage = Stage::on(PaneId::Endpoints, SIZE);
    for (filter, found) in [
        ("state:open", &["ops"][..]),
        ("state:disabled,half-open", &["metrics", "old-bot"]),
        ("!state:closed", &["ops", "metrics"]),
        ("endpoint:*o* gone", &["old-bot"]),
        ("state:held", &["ops", "metrics", "old-bot"]),
    ] {
        press(&mut stage.app, '/');
        press_key(&mut stage.app, KeyCode::Char('u'), KeyModifiers::CONTROL);
        stage.types(filter).key(KeyCode::Enter);
        assert_eq!(stage.endpoints(), found, "{filter}");
    }
    stage.key(KeyCode::Esc);
    let troubled = ["ops", "metrics", "old-bot", "slack", "ci-hook"];
    assert_eq!(stage.endpoints(), troubled, "what does not get through, what is held, the rest as in the file");
    for (key, first) in [
        ("s", "slack"),
        ("s", "ci-hook"),
        ("s", "ops"),
        ("s", "ops"),
        ("s", "slack"),
        ("s", "old-bot"),
        ("S", "metrics"),
    ] {
        stage.types(key);
        let find = &stage.app.list().unwrap().find;
        assert_eq!(stage.endpoints()[0], first, "{:?} {}", find.by, find.reversed);
    }
}

#[test]
fn the_filter_line_on_the_screen() {
    let mut all = String::new();
    for size in [(80, 24), SIZE] {
        for (what, typed, keys) in [
            ("completion", "/state:held endpoint:", &[KeyCode::Tab, KeyCode::Tab][..]),
            ("error", "/type:agent.* stat:dead", &[]),
            ("in force", "/state:dead", &[KeyCode::Enter]),
            ("nothing", "/state:dead endpoint:nobody", &[KeyCode::Enter]),
        ] {
            let mut stage = Stage::on(PaneId::Deliveries, size);
            stage.types(typed);
            for key in keys {
                stage.key(*key);
            }
            let _ = writeln!(all, "== {what} {}x{}\n{}", size.0, size.1, screen(&stage.app));
        }
    }
    insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("console_filter", all);
    });
}

#[test]
fn the_filter_line_fits_every_screen() {
    for width in [40, 41, 60, 80, 200] {
        for height in [10, 11, 24] {
            let mut stage = Stage::on(PaneId::Deliveries, (width, height));
            stage.types("/state:held endpoint:\u{1b}nobody type:agent.* age:>1h session:a stat:dead ");
            let shown = screen(&stage.app);
            assert!(!shown.contains('\u{1b}'));
            for _ in 0..12 {
                stage.key(KeyCode::Tab);
            }
            screen(&stage.app);
        }
    }
}
