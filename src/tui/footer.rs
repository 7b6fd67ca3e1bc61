//! The last line: the keys that matter here and now; and above it what has just happened.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::present::{escape, fit};

use super::app::App;
use super::keys::{Binding, Context};
use super::table::put;
use super::update::listening;

/// Draws the keys that are there now, as many as fit: first those that matter most here. Help and quit stay at the end.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let mut shown = bindings(app);
    let quit = shown.pop_if(|binding| binding.priority == 100);
    let wide = |binding: &Binding| key(binding).len() + 1 + binding.label.len() + 2;
    let end = quit.map_or(0, wide);
    let mut room = usize::from(area.width).saturating_sub(end + 1);
    let mut x = usize::from(area.x) + 1;
    for binding in shown {
        if wide(binding) > room {
            continue;
        }
        room -= wide(binding);
        x = draw_key(app, binding, x, area.y, buf);
    }
    if let Some(quit) = quit {
        let at = usize::from(area.right()).saturating_sub(end - 1);
        draw_key(app, quit, at.max(x), area.y, buf);
    }
}

fn draw_key(app: &App, binding: &Binding, x: usize, y: u16, buf: &mut Buffer) -> usize {
    let theme = app.look.theme;
    let key = key(binding);
    let can = (binding.available)(app).is_ok();
    let (key_style, label_style) = match (can, binding.danger) {
        (false, _) => (theme.faint, theme.faint),
        (true, true) => (theme.strong.patch(theme.bad), theme.plain),
        (true, false) => (theme.strong.patch(theme.focus), theme.plain),
    };
    put(buf, x, y, &key, key_style);
    let after = x + fit::width(&key) + 1;
    put(buf, after, y, binding.label, label_style);
    after + fit::width(binding.label) + 2
}

fn key(binding: &Binding) -> String {
    binding.keys.first().map_or_else(String::new, ToString::to_string)
}

/// Bindings of the footer, those that matter most first.
fn bindings(app: &App) -> Vec<&'static Binding> {
    let contexts: Vec<Context> = listening(app);
    let mut all: Vec<&'static Binding> =
        contexts.iter().flat_map(|context| context.bindings()).filter(|binding| binding.priority > 0).collect();
    all.sort_by_key(|binding| binding.priority);
    let mut seen = Vec::new();
    all.retain(|binding| {
        let key = binding.keys.first().copied();
        let new = !seen.contains(&key);
        seen.push(key);
        new
    });
    all
}

/// Draws what has just happened.
pub fn draw_notice(app: &App, area: Rect, buf: &mut Buffer) {
    let Some((outcome, _)) = &app.notice else { return };
    let (mark, style) = if outcome.good {
        (app.look.glyphs.good, app.look.theme.good)
    } else {
        (app.look.glyphs.failed, app.look.theme.waiting)
    };
    let text = format!("{mark} {}", escape::line(&outcome.text));
    put(buf, usize::from(area.x) + 1, area.y, &fit::cut_end(&text, usize::from(area.width).saturating_sub(2)), style);
}
