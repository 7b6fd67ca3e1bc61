//! The help: every key of the table as it is for this person, what is listened to here and now first, with the reason where
//! something cannot be done. In columns where it is wide; `/` searches.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

use crate::present::{escape, fit};

use super::app::{App, Modal};
use super::input::Line;
use super::keymap::Bound;
use super::keys::{Context, Key};
use super::panes;
use super::table::put;
use super::theme::Tone;
use super::update::below;

/// Cells of the keys.
const KEYS: usize = 14;
/// A column of this width reads well; narrower ones break every sentence.
const COLUMN: u16 = 56;
/// More columns than this make the eye wander.
const MOST_COLUMNS: u16 = 3;
/// Cells between columns.
const GAP: u16 = 2;

/// The open help.
#[derive(Debug, Clone, Default)]
pub struct Help {
    /// Scrolled down by so many lines.
    pub scroll: usize,
    /// Only what holds these words is shown.
    pub search: Line,
    /// Keys go into the search.
    pub typing: bool,
}

struct HelpLine {
    keys: String,
    text: String,
    tone: Tone,
}

/// The places of the help.
struct Places {
    frame: Rect,
    columns: Vec<Rect>,
    /// The last line, while there is a search.
    search: Option<Rect>,
}

fn places(app: &App, help: &Help) -> Places {
    let body = app.layout().body;
    let count = (body.width.saturating_sub(2 + GAP) / (COLUMN + GAP)).clamp(1, MOST_COLUMNS);
    let widest = if count == 1 { 100 } else { body.width };
    let width = body.width.min(widest);
    let frame = Rect { x: body.x + (body.width - width) / 2, width, ..body };
    let inner = panes::inside(frame);
    let searching = help.typing || !help.search.text().is_empty();
    let search = searching.then(|| Rect {
        x: inner.x + 1,
        y: inner.bottom().saturating_sub(1),
        width: inner.width.saturating_sub(2),
        height: inner.height.min(1),
    });
    let height = inner.height.saturating_sub(u16::from(searching));
    let each = inner.width.saturating_sub(2 + GAP * (count - 1)) / count;
    let column = |at: u16| Rect { x: inner.x + 1 + at * (each + GAP), width: each, height, ..inner };
    Places { frame, columns: (0..count).map(column).collect(), search }
}

impl Places {
    /// Lines that are on the screen at a time.
    fn room(&self) -> usize {
        self.columns.iter().map(|column| usize::from(column.height)).sum()
    }

    fn width(&self) -> usize {
        self.columns.first().map_or(0, |column| usize::from(column.width))
    }
}

fn lines(app: &App, help: &Help, width: usize) -> Vec<HelpLine> {
    let here = below(app);
    let (mut now, elsewhere): (Vec<Context>, Vec<Context>) =
        app.keys.contexts().map(|(context, _)| context).partition(|context| here.contains(context));
    now.sort_by_key(|context| here.iter().position(|one| one == context));
    let mut lines: Vec<HelpLine> = Vec::new();
    for (context, is_here) in
        now.into_iter().map(|one| (one, true)).chain(elsewhere.into_iter().map(|one| (one, false)))
    {
        let block = block(app, help, context, &here, width);
        if block.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(HelpLine { keys: String::new(), text: String::new(), tone: Tone::Plain });
        }
        let place = if is_here { "" } else { "   not here" };
        lines.push(HelpLine { keys: format!("{}{place}", context.title()), text: String::new(), tone: Tone::Strong });
        lines.extend(block);
    }
    let file = app.taste.file.to_string_lossy();
    if !file.is_empty() && help.search.text().is_empty() {
        let told = format!("Keys of your own: `keys:` in {}", escape::line(&file));
        lines.push(HelpLine { keys: String::new(), text: String::new(), tone: Tone::Plain });
        lines.extend(wrapped(String::new(), &told, Tone::Faint, width));
    }
    lines
}

/// One context's keys, those that the search is about.
fn block(app: &App, help: &Help, context: Context, here: &[Context], width: usize) -> Vec<HelpLine> {
    let is_here = here.contains(&context);
    let mut lines = Vec::new();
    for bound in app.keys.of(context) {
        let Bound { binding, .. } = bound;
        let reason = if is_here { reason(app, context, bound, here) } else { None };
        let (text, tone) = match reason {
            Some(reason) => (format!("{} (not now: {reason})", binding.help), Tone::Faint),
            None => (binding.help.to_owned(), Tone::Plain),
        };
        let keys = if bound.keys.is_empty() {
            // It is done from the palette, by its name.
            format!("{}{}", palette_key(app), binding.name())
        } else {
            bound.shown_keys()
        };
        let all = format!("{} {} {keys} {text}", context.title(), binding.name());
        if is_about(&all, help.search.text()) {
            lines.extend(wrapped(keys, &text, tone, width));
        }
    }
    lines
}

/// Why it cannot be done here and now.
fn reason(app: &App, context: Context, bound: &Bound, here: &[Context]) -> Option<String> {
    if !bound.keys.is_empty() && app.keys.reaching(here, context, bound).is_empty() {
        let other = bound.keys.first().and_then(|key| app.keys.find(here, *key));
        return Some(format!("here the key is {}", other.map_or("another's", |other| other.name())));
    }
    (bound.binding.available)(app).err()
}

/// The key that opens the palette.
fn palette_key(app: &App) -> String {
    let everywhere = app.keys.of(Context::Everywhere).iter();
    let key = everywhere.filter(|bound| bound.binding.name() == "palette").find_map(|bound| bound.keys.first());
    key.map_or_else(String::new, Key::to_string)
}

/// Every word is in the text, in any letter case.
fn is_about(text: &str, words: &str) -> bool {
    let text = text.to_lowercase();
    words.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

fn wrapped(keys: String, text: &str, tone: Tone, width: usize) -> Vec<HelpLine> {
    let mut keys = Some(keys);
    let parts = fit::wrap(text, width.saturating_sub(KEYS + 1));
    parts.into_iter().map(|text| HelpLine { keys: keys.take().unwrap_or_default(), text, tone }).collect()
}

/// So far down the help can be scrolled.
#[must_use]
pub fn most_scroll(app: &App) -> usize {
    let Some(Modal::Help(help)) = &app.modal else { return 0 };
    let places = places(app, help);
    lines(app, help, places.width()).len().saturating_sub(places.room())
}

/// Lines of one screen.
#[must_use]
pub fn page(app: &App) -> usize {
    match &app.modal {
        Some(Modal::Help(help)) => places(app, help).room().max(1),
        _ => 1,
    }
}

/// Draws it.
pub fn draw(app: &App, help: &Help, buf: &mut Buffer) {
    let theme = app.look.theme;
    let places = places(app, help);
    Clear.render(places.frame, buf);
    let lines = lines(app, help, places.width());
    let most = lines.len().saturating_sub(places.room());
    let scroll = help.scroll.min(most);
    let corner = if most == 0 { String::new() } else { format!("{} of {}", scroll + 1, most + 1) };
    panes::frame(app, "Help", &corner, true, places.frame, buf);
    if lines.is_empty() {
        panes::say(app, &["No key is about that.", "Esc shows all of them again."], places.columns[0], buf);
    }
    let mut rest = lines.iter().skip(scroll);
    for column in &places.columns {
        for (y, line) in (column.y..column.bottom()).zip(rest.by_ref()) {
            draw_line(app, line, Rect { y, height: 1, ..*column }, buf);
        }
    }
    if let Some(area) = places.search {
        put(buf, usize::from(area.x), area.y, "/", theme.focus);
        let text = Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area };
        if help.typing {
            help.search.draw(app, text, buf);
        } else {
            put(
                buf,
                usize::from(text.x),
                text.y,
                &fit::cut_end(help.search.text(), usize::from(text.width)),
                theme.plain,
            );
        }
    }
}

fn draw_line(app: &App, line: &HelpLine, area: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let (left, width) = (usize::from(area.x), usize::from(area.width));
    if line.tone == Tone::Strong {
        return put(buf, left, area.y, &fit::cut_end(&line.keys, width), theme.strong);
    }
    let keys = if line.tone == Tone::Faint { theme.faint } else { theme.focus };
    // Keys that need more room than there is for them lean on the sentence's.
    put(buf, left, area.y, &fit::cut_end(&line.keys, KEYS), keys);
    let text = fit::cut_end(&line.text, width.saturating_sub(KEYS + 1)).into_owned();
    put(buf, left + KEYS + 1, area.y, &text, theme.style(line.tone));
}
