//! The first minutes: what to do next while there is a file and nothing to show yet, with what is worth copying.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::config::{Endpoint, Severity};
use crate::engine::FileStatus;
use crate::event::{Event, types};
use crate::present::{escape, figures, fit};

use super::app::App;
use super::keys::Context;
use super::panes::PaneId;
use super::table::put;
use super::theme::Tone;

/// Where `hooktui sink` listens.
const SINK: &str = "127.0.0.1:7718";

/// An endpoint to begin with.
const EXAMPLE: &str = "webhooks:\n  - name: local\n    url: http://127.0.0.1:7718/";

/// What stands in the way of the first delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lack {
    /// The file names no endpoint.
    Endpoint,
    /// Nothing has come in yet; this command makes an event that an endpoint wants, and a receiver has to be started first.
    Event { command: String, sink: bool },
    /// So many events came in, and no endpoint wanted any.
    Match(u64),
}

fn lack(app: &App) -> Option<Lack> {
    let config = app.config()?;
    let known = app.figures.as_ref()?;
    if config.endpoints.is_empty() {
        return Some(Lack::Endpoint);
    }
    if known.events > 0 {
        return Some(Lack::Match(known.events));
    }
    let (endpoint, kind) = config.endpoints.iter().find_map(|one| Some((one, wanted(one)?)))?;
    let command = format!("hooktui emit {kind} -m \"hello\"");
    Some(Lack::Event { command, sink: endpoint.route.host == SINK })
}

/// A type of event that the endpoint wants: the usual one, else any that is known, else one that it names itself.
fn wanted(endpoint: &Endpoint) -> Option<String> {
    let named = endpoint.route.patterns.0.iter().map(String::as_str).filter(|one| !one.contains('*'));
    let known = ["agent.error"].into_iter().chain(types::NTM_TYPES.iter().copied()).chain(named);
    known.filter(|kind| endpoint.route.wants(&Event::new(*kind))).map(str::to_owned).next()
}

/// What an empty Deliveries pane says.
#[must_use]
pub fn words(app: &App) -> Vec<String> {
    let line = |text: &str| text.to_owned();
    let copy = app.key(Context::List, "copy");
    match lack(app) {
        None => vec![line("Deliveries as they happen: result, time, and what comes next.")],
        Some(Lack::Endpoint) => {
            let file = app.ground.as_ref().map_or(".ntm.yaml", |ground| &ground.file);
            let file = escape::line(file);
            let opens = app.key(Context::Everywhere, "edit file");
            let mut words = vec![format!("{file} names no endpoint. Add one ({opens} opens it, {copy} copies this):")];
            words.extend(EXAMPLE.lines().map(|line| format!("  {line}")));
            words.push(line("A receiver to try it with: hooktui sink"));
            words
        }
        Some(Lack::Event { command, sink }) => {
            let mut words = vec![line("Deliveries as they happen: result, time, and what comes next.")];
            words.extend(sink.then(|| line("First a receiver, in another terminal: hooktui sink")));
            words.push(format!("Try, in another terminal ({copy} copies it):"));
            words.push(format!("  {}", escape::line(&command)));
            words
        }
        Some(Lack::Match(events)) => vec![
            format!("{} came in, and no endpoint wanted any.", figures::counted(events, "event", "events")),
            format!(
                "{} shows them; `events:` and `filter:` of the file say what an endpoint wants.",
                app.key(Context::Everywhere, "go to events")
            ),
            format!(
                "{} there sends one to the endpoints that match now.",
                app.key(Context::Pane(PaneId::Events), "resend")
            ),
        ],
    }
}

/// What is worth copying while there is no row to copy from: its name and its text.
#[must_use]
pub fn to_copy(app: &App) -> Option<(&'static str, String)> {
    match lack(app)? {
        Lack::Endpoint => Some(("example", EXAMPLE.to_owned())),
        Lack::Event { command, .. } => Some(("command", command)),
        Lack::Match(_) => None,
    }
}

/// The file has never been in force and the journal is empty: all there is to show is what is wrong with the file.
#[must_use]
pub fn file_is_all(app: &App) -> bool {
    let Some(status) = &app.engine else { return false };
    let wrong = status.file.banner.is_some() || errors(&status.file).next().is_some();
    let empty = app.figures.as_ref().is_none_or(|known| known.events == 0 && known.endpoints.is_empty());
    status.file.config.is_none() && wrong && empty && app.trouble.is_none()
}

fn errors(file: &FileStatus) -> impl Iterator<Item = &crate::config::Problem> {
    file.problems.iter().filter(|one| one.severity == Severity::Error)
}

/// Draws what is wrong with the file.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let width = usize::from(area.width).saturating_sub(4).min(100);
    let mut lines: Vec<(String, Tone)> = Vec::new();
    let mut say = |text: &str, tone| {
        lines.extend(fit::wrap(text, width).into_iter().map(|line| (line, tone)));
    };
    let Some(status) = &app.engine else { return };
    let file = app.ground.as_ref().map_or_else(String::new, |ground| escape::line(&ground.file).into_owned());
    let count = errors(&status.file).count();
    let at = errors(&status.file).map(|one| one.line).find(|line| *line > 0);
    let at = at.map_or_else(String::new, |line| format!(" at line {line}"));
    let what = if count == 0 {
        status.file.banner.as_deref().map(escape::line).unwrap_or_default().into_owned()
    } else {
        let many = u64::try_from(count).unwrap_or(u64::MAX);
        format!("{file} is not in force: {}", figures::counted(many, "error", "errors"))
    };
    // What to do stands above what may not fit.
    say(&what, Tone::Strong);
    say(&format!("{}   opens it{at}", app.key(Context::Everywhere, "edit file")), Tone::Focus);
    say("", Tone::Plain);
    if count == 0 {
        EXAMPLE.lines().for_each(|line| say(line, Tone::Plain));
    }
    let room = usize::from(area.height).saturating_sub(7).max(1);
    for error in errors(&status.file).take(room) {
        say(&escape::line(&error.in_project()), Tone::Bad);
    }
    if count > room {
        say(&format!("and {} more: hooktui check", count - room), Tone::Bad);
    }
    say("", Tone::Plain);
    say("Nothing is delivered until it is good; a good save takes effect at once.", Tone::Plain);
    let spare = usize::from(area.height).saturating_sub(lines.len()) / 3;
    let top = area.y + u16::try_from(spare).unwrap_or(0);
    for (y, (text, tone)) in (top..area.bottom()).zip(&lines) {
        put(buf, usize::from(area.x) + 2, y, &fit::cut_end(text, width), app.look.theme.style(*tone));
    }
}
