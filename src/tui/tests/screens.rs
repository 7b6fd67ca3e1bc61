//! Every screen in every state at every size, as text; and its bytes through a terminal emulator.

use std::fmt::Write as _;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::made_up::{self, World, app, press, press_key, settle};
use crate::tui::app::App;
use crate::tui::msg::Msg;
use crate::tui::panes::{self, PaneId};
use crate::tui::update::update;
use crate::tui::{glyph, view};

const SIZES: [(u16, u16); 4] = [(40, 10), (80, 24), (120, 40), (200, 50)];

pub fn screen(app: &App) -> String {
    let mut terminal = Terminal::new(TestBackend::new(app.size.width, app.size.height)).unwrap();
    terminal.draw(|frame| view::draw(app, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let line = |y: u16| (0..app.size.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..app.size.height).map(line).map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn states() -> Vec<(&'static str, World)> {
    let error = World { error: Some("the disk is full: nothing was stored".to_owned()), ..World::default() };
    vec![
        ("empty", World::default()),
        ("rows", made_up::busy()),
        ("error", error),
        ("frozen", made_up::busy()),
        ("modal", made_up::busy()),
    ]
}

pub fn prepare(state: &str, world: &World, pane: PaneId, size: (u16, u16)) -> App {
    let mut app = app(size.0, size.1);
    let digit = char::from_digit(u32::try_from(pane.number()).unwrap(), 10).unwrap();
    let effects = press(&mut app, digit);
    made_up::answer(&mut app, world, effects);
    settle(&mut app, world);
    match state {
        "error" => drop(update(&mut app, Msg::Engine(Arc::new(made_up::broken())))),
        "frozen" => drop(press(&mut app, 'F')),
        "modal" if pane == PaneId::Dead => {
            let effects = press(&mut app, 'C');
            made_up::answer(&mut app, world, effects);
        }
        "modal" if pane == PaneId::Endpoints => drop(press(&mut app, 'P')),
        "modal" if pane == PaneId::Queue => drop(press(&mut app, 'q')),
        "modal" => drop(press(&mut app, '?')),
        _ => {}
    }
    app
}

#[test]
fn every_pane_in_every_state_at_every_size() {
    for (state, world) in states() {
        for size in SIZES {
            let mut all = String::new();
            for pane in panes::ALL {
                let app = prepare(state, &world, pane.id, size);
                let _ = writeln!(all, "== {}\n{}", pane.title, screen(&app));
            }
            insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(format!("console_{state}_{}x{}", size.0, size.1), all);
            });
        }
    }
}

#[test]
fn dead_letters_in_groups() {
    let world = made_up::busy();
    for size in [(80, 24), (120, 40)] {
        let mut app = prepare("rows", &world, PaneId::Dead, size);
        let effects = press(&mut app, 'w');
        made_up::answer(&mut app, &world, effects);
        let all = screen(&app);
        assert!(!all.contains('\u{1b}'), "hostile bytes are shown as text");
        insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("console_groups_{}x{}", size.0, size.1), all);
        });
    }
}

#[test]
fn every_tab_of_the_inspector() {
    let world = made_up::busy();
    let mut app = prepare("rows", &world, PaneId::Dead, (120, 40));
    let effects = press_key(&mut app, KeyCode::Enter, KeyModifiers::NONE);
    made_up::answer(&mut app, &world, effects);
    let mut all = String::new();
    for tab in ["Summary", "Request", "Response", "Attempts", "Event"] {
        let _ = writeln!(all, "== {tab}\n{}", screen(&app));
        press_key(&mut app, KeyCode::Tab, KeyModifiers::NONE);
    }
    assert!(!all.contains('\u{1b}') && !all.contains('\u{202e}'), "hostile bytes are shown as text");
    insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("console_inspector_120x40", all);
    });
}

#[test]
fn no_line_is_wider_than_the_screen_and_nothing_panics_at_any_size() {
    let world = made_up::busy();
    for width in [1, 2, 10, 39, 40, 41, 79, 99, 100, 101, 180] {
        for height in [1, 2, 9, 10, 11, 19, 20, 29, 30, 31, 60] {
            for pane in panes::ALL {
                for zoomed in [false, true] {
                    let mut app = prepare("rows", &world, pane.id, (width, height));
                    app.zoomed = zoomed;
                    screen(&app);
                    press_key(&mut app, KeyCode::Enter, KeyModifiers::NONE);
                    screen(&app);
                    for key in ['?', ':', 'q'] {
                        press(&mut app, key);
                        screen(&app);
                        press_key(&mut app, KeyCode::Esc, KeyModifiers::NONE);
                    }
                }
            }
        }
    }
}

#[test]
fn without_unicode_every_cell_of_the_frame_is_ascii() {
    let world = made_up::busy();
    for pane in panes::ALL {
        for size in [(80, 24), (200, 50)] {
            let mut app = prepare("rows", &world, pane.id, size);
            app.look.lines = &glyph::PLAIN;
            app.look.glyphs = &crate::present::glyphs::ASCII;
            let no_tab = KeyCode::Null;
            let tabs = [no_tab, KeyCode::Enter, KeyCode::Tab, KeyCode::Tab, KeyCode::Tab, KeyCode::Tab];
            for code in tabs.into_iter().chain([':', '?'].map(KeyCode::Char)).chain([KeyCode::Esc, KeyCode::Char('/')])
            {
                let effects = press_key(&mut app, code, KeyModifiers::NONE);
                made_up::answer(&mut app, &world, effects);
                let screen = screen(&app);
                let odd: Vec<char> = screen.chars().filter(|one| !one.is_ascii()).collect();
                assert!(odd.is_empty(), "{:?} {code:?}: {odd:?}\n{screen}", pane.id);
            }
        }
    }
}

#[test]
fn hostile_text_never_reaches_the_terminal() {
    let app = prepare("rows", &made_up::busy(), PaneId::Events, (200, 50));
    let screen = screen(&app);
    assert!(screen.contains(r"\u{202e}"), "{screen}");
    assert!(!screen.chars().any(|one| one.is_control() && one != '\n'));
}
