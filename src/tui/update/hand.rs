//! What a person takes in hand: copies to the clipboard, and pages through in a pager.

use crossterm::event::KeyCode;

use crate::journal::{DeliveryDetail, EventDetail};
use crate::present::{escape, figures, outgoing};

use super::super::app::{App, Modal};
use super::super::effects::{Clip, Effect};
use super::super::feed::{Found, Subject};
use super::super::first;
use super::super::inspector::{self, Tab, Target};
use super::super::keys::{Binding, Key, PLAIN};
use super::super::rows::Row;
use super::{asking, edit, lists};

/// Terminals take no more by OSC 52 (100,000 characters with its frame, in base64), bytes.
const MOST_COPIED: usize = 74_994;

/// What is asked about: fixed when the question opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Of which thing.
    pub target: Target,
    /// Its endpoint's id.
    endpoint: Option<String>,
    /// In the inspector: the open tab, and the attempt that was chosen.
    shown: Option<(Tab, Option<u32>)>,
}

/// What becomes of an item when the journal has told all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Its body goes to the clipboard.
    Body(Item),
    /// The request that would go out now, as a line of curl, goes to the clipboard.
    Curl,
    /// Its body goes into the pager.
    Page,
    /// A copy of its event is edited.
    Edit,
}

/// Keys of what can be copied.
pub const COPY_KEYS: &[Binding] = &[
    Binding {
        keys: &[Key::char('i'), Key::char('y')],
        label: "id",
        help: "Copy the id",
        priority: 10,
        run: copy_id,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('u')],
        label: "url",
        help: "Copy the URL as the file has it: to the clipboard only, it is not shown",
        priority: 20,
        available: has_url,
        run: copy_url,
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('b')],
        label: "body",
        help: "Copy the body: of the newest request, of an event its JSON, in the inspector what the tab shows",
        priority: 30,
        available: has_body,
        run: |app| fetch_item(app, Want::Body),
        ..PLAIN
    },
    Binding {
        keys: &[Key::char('c')],
        label: "curl",
        help: "Copy the request that would go out now as a line of curl, signed with today's secret",
        priority: 40,
        available: can_curl,
        run: |app| fetch_item(app, |_| Want::Curl),
        ..PLAIN
    },
    Binding {
        keys: &[Key::named(KeyCode::Esc), Key::char('n'), Key::char('q'), Key::ctrl('c')],
        label: "close",
        help: "Copy nothing",
        priority: 50,
        run: close,
        ..PLAIN
    },
];

/// What keys act on: the inspected thing, else the selected row.
fn item(app: &App) -> Result<Item, String> {
    if let Some(inspector) = &app.inspector {
        let endpoint = inspector.endpoint(app).map(|one| one.id.clone());
        return Ok(Item {
            target: inspector.target.clone(),
            endpoint,
            shown: Some((inspector.tab, inspector.attempt)),
        });
    }
    lists::has_row(app)?;
    let row = app.selected().ok_or_else(|| "there is no row here".to_owned())?;
    let endpoint = match row {
        Row::Delivery(row) | Row::Dead(row) => Some(row.endpoint_id.clone()),
        Row::Attempt(row) => Some(row.endpoint_id.clone()),
        Row::Endpoint(row) => Some(row.id.clone()),
        _ => None,
    };
    let target = Target::of(row).ok_or_else(|| "there is nothing to take of it".to_owned())?;
    Ok(Item { target, endpoint, shown: None })
}

/// There must be something to copy.
///
/// # Errors
/// The reason in words.
pub fn can_copy(app: &App) -> Result<(), String> {
    if to_begin_with(app).is_some() { Ok(()) } else { item(app).map(|_| ()) }
}

/// While there is nothing to act on: what the empty pane says to try.
fn to_begin_with(app: &App) -> Option<(&'static str, String)> {
    let is_free = app.inspector.is_none() && app.selected().is_none();
    if is_free { first::to_copy(app) } else { None }
}

/// Asks what shall be copied.
pub fn copy(app: &mut App) -> Vec<Effect> {
    if let Some((what, text)) = to_begin_with(app) {
        return put(app, text.into_bytes(), &format!("the {what}"), "");
    }
    match item(app) {
        Ok(Item { target: Target::Log(row), .. }) => put(app, row.text.into_bytes(), "the line", ""),
        asked => {
            app.modal = asked.ok().map(Modal::Copy);
            Vec::new()
        }
    }
}

fn close(app: &mut App) -> Vec<Effect> {
    app.modal = None;
    Vec::new()
}

fn asked(app: &App) -> Option<&Item> {
    match &app.modal {
        Some(Modal::Copy(item)) => Some(item),
        _ => None,
    }
}

fn copy_id(app: &mut App) -> Vec<Effect> {
    let Some(Target::Delivery(id) | Target::Event(id) | Target::Endpoint(id)) =
        asked(app).map(|item| item.target.clone())
    else {
        return close(app);
    };
    app.modal = None;
    put(app, id.clone().into_bytes(), &format!("the id {}", escape::line(&id)), "")
}

/// The URL that the endpoint has in the file.
fn url(app: &App) -> Result<String, String> {
    let id = asked(app).and_then(|item| item.endpoint.as_deref()).ok_or_else(|| "it has no endpoint".to_owned())?;
    let endpoint = app.configured(id).ok_or_else(|| "its endpoint is not in the file in force".to_owned())?;
    let missing = || endpoint.missing.clone().unwrap_or_else(|| "its URL is not known here".to_owned());
    endpoint.target.as_ref().map(|target| target.url.expose().to_string()).ok_or_else(missing)
}

fn has_url(app: &App) -> Result<(), String> {
    url(app).map(|_| ())
}

fn copy_url(app: &mut App) -> Vec<Effect> {
    let Ok(url) = url(app) else { return close(app) };
    app.modal = None;
    put(app, url.into_bytes(), "the URL", "; it may hold secrets and is in the clipboard only")
}

fn has_body(app: &App) -> Result<(), String> {
    match asked(app).map(|item| &item.target) {
        Some(target) => in_journal(target),
        None => Ok(()),
    }
}

/// What is shown of endpoints and log lines is all there is of them.
fn in_journal(target: &Target) -> Result<(), String> {
    match target {
        Target::Endpoint(_) => Err("an endpoint has no body".to_owned()),
        Target::Log(_) => Err("a log line has no body".to_owned()),
        Target::Delivery(_) | Target::Event(_) => Ok(()),
    }
}

fn can_curl(app: &App) -> Result<(), String> {
    match asked(app).map(|item| &item.target) {
        Some(Target::Delivery(_)) => has_url(app),
        _ => Err("only deliveries and dead letters are requests".to_owned()),
    }
}

/// Asks the journal for all of what the question was about.
fn fetch_item(app: &mut App, want: fn(Item) -> Want) -> Vec<Effect> {
    let Some(Modal::Copy(item)) = app.modal.take() else { return Vec::new() };
    let target = item.target.clone();
    fetch(app, &target, want(item))
}

/// Asks the journal for all of it; what is wanted of it comes about when it answers.
pub fn fetch(app: &mut App, target: &Target, want: Want) -> Vec<Effect> {
    let Some(question) = target.question() else { return Vec::new() };
    app.want = Some(want);
    asking::forget(app, Subject::Hand);
    asking::ask(app, Subject::Hand, question)
}

/// The journal has told all of it.
pub fn told(app: &mut App, found: Result<Found, String>) -> Vec<Effect> {
    let Some(want) = app.want.take() else { return Vec::new() };
    let done = match (want, found) {
        (_, Err(error)) => Err(error),
        (Want::Edit, Ok(Found::Delivery(Some(detail)))) => Ok(edit::begin(&detail)),
        (Want::Curl, Ok(Found::Delivery(Some(detail)))) => curl(app, &detail),
        (Want::Body(item), Ok(Found::Delivery(Some(detail)))) => {
            body(app, &detail, item.shown).map(|body| put(app, body, "the body", ""))
        }
        (Want::Page, Ok(Found::Delivery(Some(detail)))) => body(app, &detail, None).map(|body| page(&body)),
        (want, Ok(Found::Event(Some(detail)))) => event(&detail).map(|json| match want {
            Want::Page => page(&json),
            _ => put(app, json, "the event", ""),
        }),
        _ => Err("the journal no longer has it: retention has taken it".to_owned()),
    };
    done.unwrap_or_else(|reason| {
        app.say(false, reason);
        Vec::new()
    })
}

fn curl(app: &mut App, detail: &DeliveryDetail) -> Result<Vec<Effect>, String> {
    let config = app.config().ok_or_else(|| "there is no good file to sign by".to_owned())?;
    let line = outgoing::curl(&outgoing::request(config, detail, app.now)?)?;
    let remark = ", signed as of now; it holds the URL and is in the clipboard only";
    Ok(put(app, line.into_bytes(), "a line of curl", remark))
}

fn event(detail: &EventDetail) -> Result<Vec<u8>, String> {
    serde_json::to_vec(&detail.event).map_err(|error| error.to_string())
}

/// The body that is meant: what the tab shows, else that of the request; before the first attempt, of the one to come.
fn body(app: &App, detail: &DeliveryDetail, shown: Option<(Tab, Option<u32>)>) -> Result<Vec<u8>, String> {
    let (tab, number) = shown.unwrap_or((Tab::Summary, None));
    let chosen = number.and_then(|number| detail.attempts.iter().find(|one| one.row.number == number));
    let attempt = chosen.or_else(|| detail.attempts.last());
    match (tab, attempt) {
        (Tab::Event, _) => serde_json::to_vec(&detail.event).map_err(|error| error.to_string()),
        (Tab::Response, Some(attempt)) => {
            let body = attempt.response_body.clone().filter(|body| !body.is_empty());
            body.ok_or_else(|| "there was no body".to_owned())
        }
        (_, Some(attempt)) => attempt.request_body.clone().ok_or_else(|| "the body is no longer kept".to_owned()),
        (_, None) => {
            let config = app.config().ok_or_else(|| "nothing was sent yet".to_owned())?;
            Ok(outgoing::request(config, detail, app.now)?.body.to_vec())
        }
    }
}

/// To the clipboard, if a terminal takes so much.
fn put(app: &mut App, bytes: Vec<u8>, what: &str, remark: &str) -> Vec<Effect> {
    let size = figures::size(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    if bytes.len() > MOST_COPIED {
        app.say(false, format!("{what} is {size}, and terminals copy 73 KiB at most; b opens it in the pager"));
        return Vec::new();
    }
    app.say(true, format!("copied {what} ({size}){remark}"));
    vec![Effect::Copy(Clip(bytes))]
}

/// There must be something to page through.
///
/// # Errors
/// The reason in words.
pub fn can_page(app: &App) -> Result<(), String> {
    let target = item(app)?.target;
    if app.inspector.is_some() { Ok(()) } else { in_journal(&target) }
}

/// The body into the pager; in the inspector, what the tab shows.
pub fn open_pager(app: &mut App) -> Vec<Effect> {
    if let Some(inspector) = &app.inspector {
        let page = inspector::page(app, inspector, inspector::WIDE);
        return vec![Effect::Page(page.text().to_owned())];
    }
    match item(app) {
        Ok(item) => fetch(app, &item.target, Want::Page),
        Err(_) => Vec::new(),
    }
}

fn page(body: &[u8]) -> Vec<Effect> {
    let mut page = inspector::page::Page::new(inspector::WIDE);
    page.body(body, false);
    vec![Effect::Page(page.text().to_owned())]
}
