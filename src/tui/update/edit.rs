//! An edited copy of a dead letter's event: a new event, to that dead letter's endpoint only.

use crate::event::{Event, Incoming};
use crate::journal::DeliveryDetail;
use crate::present::{diff, escape, fit};

use super::super::app::{App, Modal};
use super::super::dialog::{Dialog, Yes};
use super::super::effects::{Deed, Draft, Effect};
use super::super::inspector::Target;
use super::super::keys::Context;
use super::{acts, groups, hand};

/// Cells of a line in a question.
const WIDE: usize = 72;

/// The dead letter's endpoint must take events.
///
/// # Errors
/// The reason in words.
pub fn can_edit(app: &App) -> Result<(), String> {
    if groups::selected(app).is_some() {
        let key = app.key(Context::List, "inspect");
        return Err(format!("a group has no event of its own: {key} lists its dead letters"));
    }
    acts::is_dead(app)?;
    acts::can_send(app)
}

/// Asks the journal for the event, and opens it in the editor.
pub fn open(app: &mut App) -> Vec<Effect> {
    let Some(id) = app.delivery().map(|row| row.id.clone()) else { return Vec::new() };
    hand::fetch(app, &Target::Delivery(id), hand::Want::Edit)
}

/// The event is known: to the editor.
#[must_use]
pub fn begin(detail: &DeliveryDetail) -> Vec<Effect> {
    let before = text_of(&detail.event);
    let draft = Draft {
        event: detail.row.event_id.clone(),
        endpoint_id: detail.row.endpoint_id.clone(),
        endpoint: detail.row.endpoint.clone(),
        text: before.clone(),
        before,
    };
    vec![Effect::EditCopy(Box::new(draft))]
}

/// The editor has ended.
pub fn edited(app: &mut App, draft: Draft) -> Vec<Effect> {
    let after = match read(&draft.text) {
        Ok(event) => text_of(&event),
        Err(why) => return again(app, draft, &why),
    };
    let split = |text: &str| escape::lines(text.as_bytes());
    let changes = diff::lines(&split(&draft.before), &split(&after));
    if changes.is_empty() {
        app.say(true, "nothing was changed: nothing is sent");
        return Vec::new();
    }
    let table = changes.iter().map(|change| fit::cut_end(&change.to_string(), WIDE).into_owned()).collect();
    let origin = escape::line(&draft.event).into_owned();
    let lines = vec![
        format!("A new event, made from {origin}, goes to this endpoint only."),
        "What was sent cannot be taken back.".to_owned(),
    ];
    let title = format!("Send the edited copy to {}?", escape::line(&draft.endpoint));
    let deed = Deed::SendCopy(Box::new(Draft { text: after, ..draft }));
    app.modal = Some(Modal::Dialog(Dialog { table, ..Dialog::deed(title, lines, "send", deed) }));
    Vec::new()
}

/// It cannot be sent as it is: says why and offers the text again.
pub fn again(app: &mut App, draft: Draft, why: &str) -> Vec<Effect> {
    let mut lines = fit::wrap(&escape::line(why), WIDE);
    lines.push("y opens your text again; n throws it away.".to_owned());
    app.modal = Some(Modal::Dialog(Dialog {
        title: "It cannot be sent as it is".to_owned(),
        table: Vec::new(),
        lines,
        yes_label: "edit again",
        gently: None,
        number: None,
        yes: Yes::Do(vec![Effect::EditCopy(Box::new(draft))]),
    }));
    Vec::new()
}

/// Reads the text by the rules of `emit`.
///
/// # Errors
/// In words, with the place.
pub fn read(text: &str) -> Result<Event, String> {
    let incoming = Incoming::read(text).map_err(|error| error.to_string())?;
    if !incoming.id.is_empty() {
        return Err("leave `id` out: the copy gets one of its own".to_owned());
    }
    incoming.into_event().map_err(|error| error.to_string())
}

/// The event as it is edited: laid out, and without its id.
fn text_of(event: &Event) -> String {
    let json = serde_json::to_vec(event).unwrap_or_default();
    let laid_out = super::super::inspector::page::laid_out(&json).unwrap_or_default();
    let text = String::from_utf8_lossy(&laid_out);
    // The id is the first member, on a line of its own.
    let lines = text.lines().enumerate().filter(|(at, line)| *at != 1 || !line.starts_with("  \"id\":"));
    lines.flat_map(|(_, line)| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_edited_without_its_id_and_read_back_as_a_new_one() {
        let line = r#"{"id":"evt-1","type":"agent.error","message":"id: \"x\"","data":{"id":7,"n":1.50}}"#;
        let event = Event::from_json_line(line).unwrap();
        let text = text_of(&event);
        assert!(!text.contains("evt-1") && text.contains("\"id\": 7") && text.contains("1.50"), "{text}");
        let back = read(&text).unwrap();
        assert_ne!(back.id, event.id);
        assert_eq!(text_of(&back), text);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, told) in [
            ("{\n  \"type\": \"x\",\n}", "line 3, column 1"),
            ("{\"type\": \"\"}", "no type"),
            ("{\"type\": \"x\", \"id\": \"mine\"}", "leave `id` out"),
            ("{\"type\": \"hooktui.x\"}", "hooktui's own"),
            ("", "line 1"),
            ("[]", "array"),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains(told), "{text}: {said}");
        }
    }
}
