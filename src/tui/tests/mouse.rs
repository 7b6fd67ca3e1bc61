//! The mouse on the whole model: clicks go to what the screen shows, and to nothing else.

use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::made_up::{World, answer, busy, press, press_key};
use super::screens::{prepare, screen};
use crate::tui::app::{App, Modal};
use crate::tui::effects::{Deed, Effect};
use crate::tui::finding::By;
use crate::tui::help::Help;
use crate::tui::inspector::Tab;
use crate::tui::msg::Msg;
use crate::tui::panes::PaneId;
use crate::tui::spots;
use crate::tui::update::update;

fn on(pane: PaneId, size: (u16, u16)) -> (App, World) {
    let world = busy();
    (prepare("rows", &world, pane, size), world)
}

fn mouse(app: &mut App, kind: MouseEventKind, (column, row): (u16, u16)) -> Vec<Effect> {
    update(app, Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
}

fn click(app: &mut App, place: (u16, u16)) -> Vec<Effect> {
    mouse(app, MouseEventKind::Down(MouseButton::Left), place)
}

/// Where the screen shows these words.
fn place(app: &App, words: &str) -> (u16, u16) {
    let text = screen(app);
    let found = text.lines().enumerate().find_map(|(y, line)| {
        let at = line.find(words)?;
        Some((u16::try_from(line[..at].chars().count()).unwrap(), u16::try_from(y).unwrap()))
    });
    found.unwrap_or_else(|| panic!("no {words:?}:\n{text}"))
}

/// A row of the pane with this title, from 0: under the border and the head.
fn row(app: &App, title: &str, row: u16) -> (u16, u16) {
    (12, place(app, title).1 + 2 + row)
}

fn click_on(app: &mut App, words: &str) -> Vec<Effect> {
    let at = place(app, words);
    click(app, at)
}

fn selected(app: &App) -> Option<String> {
    app.selected().and_then(|row| row.delivery_id().map(str::to_owned))
}

#[test]
fn a_click_selects_a_row_and_focuses_its_pane_and_a_second_one_inspects_it() {
    let (mut app, world) = on(PaneId::Queue, (120, 40));
    let at = row(&app, "4 Dead letters", 1);
    let effects = click(&mut app, at);
    answer(&mut app, &world, effects);
    assert_eq!(app.focus, PaneId::Dead);
    assert_eq!(selected(&app), Some(world.dead[1].id.clone()));
    assert!(app.inspector.is_none());
    let effects = click(&mut app, at);
    assert!(matches!(&effects[..], [Effect::Ask(_)]));
    assert!(app.inspector.is_some());
}

#[test]
fn a_click_in_a_list_that_follows_holds_it_on_that_row() {
    let (mut app, world) = on(PaneId::Deliveries, (120, 40));
    assert_eq!(selected(&app), None);
    let at = row(&app, "3 Deliveries", 2);
    click(&mut app, at);
    assert_eq!(selected(&app), Some(world.deliveries[2].id.clone()));
    assert!(!app.list().unwrap().window.is_following());
}

#[test]
fn a_click_on_the_head_of_a_column_sorts_and_a_second_one_turns_round() {
    let order = |app: &App, pane| (app.lists[&pane].find.by, app.lists[&pane].find.reversed);
    for (size, pane, title, head, by) in [
        ((200, 50), PaneId::Endpoints, "2 Endpoints", "NAME", By::Name),
        ((200, 50), PaneId::Endpoints, "2 Endpoints", "QUEUE", By::Queue),
        ((200, 50), PaneId::Endpoints, "2 Endpoints", "DEAD", By::Dead),
        ((200, 50), PaneId::Deliveries, "3 Deliveries", "ACCEPTED", By::Arrival),
    ] {
        let (mut app, world) = on(PaneId::Queue, size);
        app.zoomed = pane == PaneId::Deliveries;
        if app.zoomed {
            press(&mut app, '3');
        }
        let top = place(&app, title);
        let line = screen(&app).lines().nth(usize::from(top.1) + 1).unwrap().to_owned();
        let at = line.find(head).unwrap_or_else(|| panic!("{head} in {line}"));
        let at = (u16::try_from(line[..at].chars().count()).unwrap(), top.1 + 1);
        for reversed in [false, true, false] {
            let effects = click(&mut app, at);
            answer(&mut app, &world, effects);
            assert_eq!((app.focus, order(&app, pane)), (pane, (by, reversed)), "{head}");
        }
    }
    let (mut app, world) = on(PaneId::Dead, (120, 40));
    for reversed in [true, false] {
        let effects = click_on_head(&mut app, "4 Dead letters");
        answer(&mut app, &world, effects);
        assert_eq!(order(&app, PaneId::Dead), (By::Own, reversed), "it is sorted by its first column");
    }
    let (mut app, _) = on(PaneId::Endpoints, (120, 40));
    let before = order(&app, PaneId::Endpoints);
    let at = place(&app, "p50");
    assert!(click(&mut app, at).is_empty());
    assert_eq!(order(&app, PaneId::Endpoints), before, "nothing sorts by it");
}

/// On the head of the first column of the pane with this title.
fn click_on_head(app: &mut App, title: &str) -> Vec<Effect> {
    let top = place(app, title).1 + 1;
    let line = screen(app).lines().nth(usize::from(top)).unwrap().to_owned();
    let at = line.find("AGE").unwrap();
    click(app, (u16::try_from(line[..at].chars().count()).unwrap(), top))
}

#[test]
fn a_border_gives_the_focus_and_an_empty_line_changes_nothing() {
    let (mut app, _) = on(PaneId::Dead, (120, 40));
    let before = selected(&app);
    let (x, y) = place(&app, "2 Endpoints");
    click(&mut app, (x, y));
    assert_eq!(app.focus, PaneId::Endpoints);
    click_on(&mut app, "4 Dead letters");
    let bottom = app.layout().panes.iter().find(|(id, _)| *id == PaneId::Dead).unwrap().1.bottom();
    click(&mut app, (5, bottom - 2));
    assert_eq!((app.focus, selected(&app)), (PaneId::Dead, before));
    assert!(app.inspector.is_none());
}

#[test]
fn the_wheel_scrolls_what_is_under_it_and_leaves_the_focus() {
    let (mut app, _) = on(PaneId::Endpoints, (80, 24));
    let at = row(&app, "3 Deliveries", 0);
    let first = |app: &App| app.lists[&PaneId::Deliveries].window.visible(1).0[0].clone();
    let before = first(&app);
    assert!(mouse(&mut app, MouseEventKind::ScrollUp, at).is_empty());
    assert!(app.lists[&PaneId::Deliveries].window.is_following(), "there is nothing above to scroll to");
    let _ = mouse(&mut app, MouseEventKind::ScrollDown, at);
    assert_ne!(first(&app), before);
    assert_eq!(app.focus, PaneId::Endpoints);
    let _ = mouse(&mut app, MouseEventKind::ScrollUp, at);
    assert_eq!(first(&app), before);

    press(&mut app, '?');
    let _ = mouse(&mut app, MouseEventKind::ScrollDown, at);
    assert!(matches!(app.modal, Some(Modal::Help(Help { scroll: 3, .. }))), "{:?}", app.modal);
}

#[test]
fn tabs_of_the_inspector_are_opened_by_a_click() {
    let (mut app, world) = on(PaneId::Dead, (120, 40));
    let effects = press_key(&mut app, KeyCode::Enter, KeyModifiers::NONE);
    answer(&mut app, &world, effects);
    for (title, tab) in [("Attempts", Tab::Attempts), ("Summary", Tab::Summary), ("Event", Tab::Event)] {
        click_on(&mut app, &format!(" {title} "));
        assert_eq!(app.inspector.as_ref().unwrap().tab, tab);
    }
    let before = app.focus;
    click(&mut app, (20, 20));
    assert_eq!((app.focus, app.inspector.is_some()), (before, true));
}

#[test]
fn keys_of_the_footer_are_pressed_by_a_click() {
    let (mut app, world) = on(PaneId::Dead, (120, 40));
    assert_eq!(click_on(&mut app, "r retry "), [Effect::Do(Deed::RetryNow(world.dead[0].id.clone()))]);
    click_on(&mut app, "? help");
    assert!(matches!(app.modal, Some(Modal::Help(Help { scroll: 0, .. }))));
    click_on(&mut app, "Esc close");
    assert!(app.modal.is_none());
}

#[test]
fn a_dialog_takes_its_answers_and_nothing_else() {
    for (words, stays, effects) in
        [("y clear it", false, 1), ("n no", false, 0), ("Clear 1 dead letter?", true, 0), ("2 Endpoints", true, 0)]
    {
        let (mut app, _) = on(PaneId::Dead, (120, 40));
        press(&mut app, 'c');
        assert_eq!(click_on(&mut app, words).len(), effects, "{words}");
        assert_eq!((app.modal.is_some(), app.focus), (stays, PaneId::Dead), "{words}");
    }
}

#[test]
fn an_action_of_the_palette_is_chosen_by_a_click_and_run_by_a_second_one() {
    let (mut app, _) = on(PaneId::Dead, (120, 40));
    let chosen = |app: &App| match &app.modal {
        Some(Modal::Palette(palette)) => Some(palette.selected),
        _ => None,
    };
    for key in ":theme light".chars() {
        press(&mut app, key);
    }
    let at = place(&app, "Wear the theme light");
    let _ = mouse(&mut app, MouseEventKind::ScrollDown, at);
    assert_eq!(chosen(&app), Some(1));
    click(&mut app, at);
    assert_eq!((chosen(&app), app.look.themes.name()), (Some(0), "dark"));
    click(&mut app, at);
    assert_eq!((chosen(&app), app.look.themes.name()), (None, "light"));
}

#[test]
fn the_mouse_can_be_left_to_the_terminal() {
    let (mut app, _) = on(PaneId::Dead, (120, 40));
    assert_eq!(press(&mut app, 'M'), [Effect::Mouse(false)]);
    click_on(&mut app, "2 Endpoints");
    assert_eq!(app.focus, PaneId::Dead);
    assert_eq!(press(&mut app, 'M'), [Effect::Mouse(true)]);
    click_on(&mut app, "2 Endpoints");
    assert_eq!(app.focus, PaneId::Endpoints);
}

#[test]
fn every_cell_of_every_screen_can_be_clicked_at_any_size() {
    let world = busy();
    for size in [(1, 1), (40, 10), (41, 13), (99, 31), (120, 40)] {
        for pane in [PaneId::Queue, PaneId::Dead, PaneId::Log] {
            let mut app = prepare("rows", &world, pane, size);
            for code in [KeyCode::Null, KeyCode::Enter, KeyCode::Char('c'), KeyCode::Char('?')] {
                let effects = press_key(&mut app, code, KeyModifiers::NONE);
                answer(&mut app, &world, effects);
                for at in (0..size.0 + 2).flat_map(|x| (0..size.1 + 2).map(move |y| (x, y))) {
                    let _ = spots::at(&app, at.0, at.1);
                    if at.0 % 13 == 0 && at.1 % 4 == 0 {
                        let _ = click(&mut app.clone(), at);
                    }
                }
            }
        }
    }
}
