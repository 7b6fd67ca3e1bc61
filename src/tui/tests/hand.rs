//! What a person takes in hand: the clipboard, the pager, the edited copy.

use crossterm::event::{KeyCode, KeyModifiers};

use super::inspector::{SECRET, opened};
use super::made_up::{World, busy, keys, press, press_key};
use super::screens::{prepare, screen};
use crate::tui::app::{App, Modal};
use crate::tui::effects::{Clip, Deed, Draft, Effect};
use crate::tui::msg::Msg;
use crate::tui::panes::PaneId;
use crate::tui::update::update;

fn copied(effects: &[Effect]) -> String {
    let [Effect::Copy(Clip(bytes))] = effects else { panic!("{effects:?}") };
    String::from_utf8(bytes.clone()).unwrap()
}

fn notice(app: &App) -> &str {
    app.notice.as_ref().map(|(outcome, _)| outcome.text.as_str()).unwrap_or_default()
}

#[test]
fn what_is_copied_goes_to_the_clipboard_and_not_to_the_screen() {
    let world = busy();
    let mut app = opened(&world, (120, 40));
    press_key(&mut app, KeyCode::Esc, KeyModifiers::NONE);
    assert_eq!(copied(&keys(&mut app, &world, "yi")), "evt-400_wh_ci-hook");
    let url = copied(&keys(&mut app, &world, "yu"));
    assert_eq!(url, "https://ci.example.com/hooks/T0K3N");
    assert!(notice(&app).contains("the URL") && !screen(&app).contains("T0K3N"), "{}", notice(&app));
    assert!(copied(&keys(&mut app, &world, "yb")).contains("\"id\":\"evt-400\""));

    let effects = keys(&mut app, &world, "yc");
    let curl = copied(&effects);
    for part in ["curl -X POST https://ci.example.com/hooks/T0K3N -H ", "X-NTM-Signature: sha256=", "--data-binary '{"]
    {
        assert!(curl.contains(part), "{part}: {curl}");
    }
    assert!(!curl.contains(SECRET), "the secret itself is never in it");
    assert!(!screen(&app).contains("T0K3N") && !format!("{effects:?}").contains("T0K3N"));
}

#[test]
fn what_cannot_be_copied_says_why() {
    let world = busy();
    let mut app = prepare("rows", &world, PaneId::Endpoints, (80, 24));
    keys(&mut app, &world, "y");
    let shown = screen(&app);
    for reason in ["an endpoint has no body", "only deliveries and dead letters are requests"] {
        assert!(shown.contains(reason), "{shown}");
    }
    assert!(keys(&mut app, &world, "b").is_empty() && notice(&app).contains("no body"));
    press_key(&mut app, KeyCode::Esc, KeyModifiers::NONE);
    assert!(app.modal.is_none());

    let mut app = prepare("rows", &world, PaneId::Log, (80, 24));
    assert!(keys(&mut app, &world, "jb").is_empty() && app.modal.is_none());
    assert!(notice(&app).contains("a log line has no body"), "{}", notice(&app));
    let copied = keys(&mut app, &world, "y");
    assert!(matches!(&copied[..], [Effect::Copy(_)]) && app.modal.is_none(), "{copied:?}");
}

#[test]
fn more_than_a_terminal_takes_is_not_copied() {
    let mut world = busy();
    world.detail.as_mut().unwrap().attempts.last_mut().unwrap().request_body = Some(vec![b'x'; 80_000]);
    let mut app = prepare("rows", &world, PaneId::Dead, (120, 40));
    assert!(keys(&mut app, &world, "yb").is_empty());
    assert!(notice(&app).contains("78.1 KiB"), "{}", notice(&app));
}

#[test]
fn the_pager_gets_harmless_text() {
    let mut world = busy();
    world.detail.as_mut().unwrap().attempts.last_mut().unwrap().request_body = Some(b"{\"a\":\"\x1b[2J\"}".to_vec());
    let mut app = opened(&world, (120, 40));
    let effects = keys(&mut app, &world, "lb");
    let [Effect::Page(text)] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(text.contains("attempt 2 of 2") && text.contains(r"\e[2J") && !text.contains('\u{1b}'), "{text}");
    press_key(&mut app, KeyCode::Esc, KeyModifiers::NONE);
    let effects = keys(&mut app, &world, "b");
    assert!(matches!(effects.as_slice(), [Effect::Page(text)] if text.contains(r"\e[2J")), "{effects:?}");
}

fn draft(app: &mut App, world: &World) -> Draft {
    let effects = keys(app, world, "e");
    let [Effect::EditCopy(draft)] = effects.as_slice() else { panic!("{effects:?}") };
    Draft::clone(draft)
}

fn edited(app: &mut App, draft: Draft) -> Option<crate::tui::dialog::Dialog> {
    assert!(update(app, Msg::Edited(Box::new(draft))).is_empty());
    match &app.modal {
        Some(Modal::Dialog(dialog)) => Some(dialog.clone()),
        _ => None,
    }
}

#[test]
fn an_edited_copy_shows_what_changed_and_asks_before_it_goes_to_the_one_endpoint() {
    let world = busy();
    let mut app = prepare("rows", &world, PaneId::Dead, (120, 40));
    let draft = draft(&mut app, &world);
    assert!(!draft.text.contains("evt-400") && draft.text.contains("\"exit\": \"139\""), "{}", draft.text);

    assert_eq!(edited(&mut app, draft.clone()), None);
    assert!(notice(&app).contains("nothing was changed"));

    let text = draft.text.replace("\"139\"", "\"0\"");
    let dialog = edited(&mut app, Draft { text, ..draft.clone() }).unwrap();
    assert_eq!(dialog.title, "Send the edited copy to ci-hook?");
    for line in ["-     \"exit\": \"139\"", "+     \"exit\": \"0\""] {
        assert!(dialog.table.iter().any(|one| one == line), "{:?}", dialog.table);
    }
    assert!(press_key(&mut app, KeyCode::Enter, KeyModifiers::NONE).is_empty() && app.modal.is_some());
    let effects = press(&mut app, 'y');
    let [Effect::Do(Deed::SendCopy(sent))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((sent.event.as_str(), sent.endpoint_id.as_str()), ("evt-400", "wh_ci-hook"));
}

#[test]
fn a_mistake_is_told_and_the_text_is_not_lost() {
    let world = busy();
    let mut app = prepare("rows", &world, PaneId::Dead, (120, 40));
    let draft = draft(&mut app, &world);
    let text = format!("{}oops", draft.text);
    let dialog = edited(&mut app, Draft { text: text.clone(), ..draft.clone() }).unwrap();
    assert!(dialog.lines[0].contains("line "), "{:?}", dialog.lines);
    let effects = press(&mut app, 'y');
    assert!(matches!(effects.as_slice(), [Effect::EditCopy(again)] if again.text == text), "{effects:?}");

    let refused = Msg::Refused(Box::new(Draft { text: text.clone(), ..draft }), "it seems to hold secrets".to_owned());
    assert!(update(&mut app, refused).is_empty());
    let effects = press(&mut app, 'y');
    assert!(matches!(effects.as_slice(), [Effect::EditCopy(again)] if again.text == text), "{effects:?}");
}

#[test]
fn what_is_asked_before_copying_and_before_sending_a_copy() {
    let world = busy();
    let mut app = prepare("rows", &world, PaneId::Dead, (80, 24));
    keys(&mut app, &world, "y");
    let mut all = format!("== copy\n{}", screen(&app));
    press_key(&mut app, KeyCode::Esc, KeyModifiers::NONE);
    let draft = draft(&mut app, &world);
    let text = draft.text.replace("\"139\"", "\"0\"");
    edited(&mut app, Draft { text, ..draft });
    all += "== send the edited copy\n";
    all += &screen(&app);
    insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("hand_80x24", all);
    });
}

#[test]
fn only_dead_letters_are_edited() {
    let world = busy();
    let mut app = opened(&world, (120, 40));
    let mut other = world.clone();
    other.detail.as_mut().unwrap().row.state = crate::event::State::Delivered;
    keys(&mut app, &other, "J");
    assert!(keys(&mut app, &other, "e").is_empty());
    assert!(notice(&app).contains("delivered, not dead"), "{}", notice(&app));
}
