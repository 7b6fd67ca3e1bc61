//! The palette as it looks: opened, typed in, with nothing found; wide, narrow and small.

use std::fmt::Write as _;

use crossterm::event::{KeyCode, KeyModifiers};

use super::made_up::{busy, press, press_key};
use super::screens::{prepare, screen};
use crate::tui::app::App;
use crate::tui::palette;
use crate::tui::panes::PaneId;

fn opened(pane: PaneId, size: (u16, u16), typed: &str) -> App {
    let mut app = prepare("rows", &busy(), pane, size);
    press(&mut app, ':');
    typed.chars().for_each(|one| drop(press(&mut app, one)));
    app
}

#[test]
fn the_palette_opened_typed_in_and_with_nothing_found() {
    for size in [(40, 10), (80, 24), (120, 40)] {
        let mut all = String::new();
        for (pane, typed) in [
            (PaneId::Dead, ""),
            (PaneId::Dead, "retry"),
            (PaneId::Endpoints, "circuit"),
            (PaneId::Deliveries, "res"),
            (PaneId::Dead, "xyzzy"),
        ] {
            let _ = writeln!(all, "== {typed:?}\n{}", screen(&opened(pane, size, typed)));
        }
        insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("console_palette_{}x{}", size.0, size.1), all);
        });
    }
}

#[test]
fn the_row_under_the_mouse_is_the_one_that_is_drawn_there() {
    let mut app = opened(PaneId::Dead, (120, 40), "");
    for _ in 0..30 {
        press_key(&mut app, KeyCode::Down, KeyModifiers::NONE);
    }
    let shown = screen(&app);
    let Some(crate::tui::app::Modal::Palette(open)) = &app.modal else { panic!("the palette") };
    let mut seen = 0;
    for (y, line) in (0..).zip(shown.lines()) {
        let Some(at) = palette::row_at(&app, 60, y) else { continue };
        assert!(line.contains(&open.found[at].command.name), "{line}");
        seen += 1;
    }
    assert_eq!(seen, palette::page(&app));
    assert_eq!((palette::row_at(&app, 0, 20), palette::row_at(&app, 60, 0)), (None, None));
}
