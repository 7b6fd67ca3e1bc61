//! The help: every key of the table, those that are heard now with the reason where one is not available.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

use crate::present::fit;

use super::app::App;
use super::keys::{Context, contexts};
use super::panes;
use super::table::put;
use super::theme::Tone;

/// Cells of the keys.
const KEYS: usize = 14;

struct HelpLine {
    keys: String,
    text: String,
    tone: Tone,
}

fn lines(app: &App, width: usize) -> Vec<HelpLine> {
    // What a person is looking at comes first.
    let here = Context::Pane(app.focus);
    let mut all: Vec<Context> = contexts().collect();
    all.sort_by_key(|context| u8::from(*context != here));
    let mut lines = Vec::new();
    for context in all {
        if !lines.is_empty() {
            lines.push(HelpLine { keys: String::new(), text: String::new(), tone: Tone::Plain });
        }
        lines.push(HelpLine { keys: context.title(), text: String::new(), tone: Tone::Strong });
        for bound in app.keys.of(context) {
            let binding = bound.binding;
            let reason = if context == here { (binding.available)(app).err() } else { None };
            let (text, tone) = match reason {
                Some(reason) => (format!("{} (not now: {reason})", binding.help), Tone::Faint),
                None => (binding.help.to_owned(), Tone::Plain),
            };
            let mut keys = bound.shown_keys();
            for text in fit::wrap(&text, width.saturating_sub(KEYS + 1)) {
                lines.push(HelpLine { keys: std::mem::take(&mut keys), text, tone });
            }
        }
    }
    lines
}

fn area(app: &App) -> Rect {
    let body = app.layout().body;
    let width = body.width.min(100);
    Rect { x: body.x + (body.width - width) / 2, width, ..body }
}

fn room(inner: Rect) -> usize {
    usize::from(inner.width).saturating_sub(2)
}

/// So far down the help can be scrolled.
#[must_use]
pub fn most_scroll(app: &App) -> usize {
    let inner = panes::inside(area(app));
    lines(app, room(inner)).len().saturating_sub(usize::from(inner.height))
}

/// Draws it, scrolled down by so many lines.
pub fn draw(app: &App, scroll: usize, buf: &mut Buffer) {
    let theme = app.look.theme;
    let area = area(app);
    Clear.render(area, buf);
    let most = most_scroll(app);
    let corner = if most == 0 { String::new() } else { format!("{} of {}", scroll.min(most) + 1, most + 1) };
    panes::frame(app, "Help", &corner, true, area, buf);
    let inner = panes::inside(area);
    let left = usize::from(inner.x) + 1;
    let width = room(inner);
    for (y, line) in (inner.y..inner.bottom()).zip(lines(app, width).iter().skip(scroll)) {
        let heading = line.text.is_empty();
        let style = if heading { theme.strong } else { theme.focus };
        put(buf, left, y, &fit::cut_end(&line.keys, if heading { width } else { KEYS }), style);
        let text = fit::cut_end(&line.text, width.saturating_sub(KEYS + 1)).into_owned();
        put(buf, left + KEYS + 1, y, &text, theme.style(line.tone));
    }
}
