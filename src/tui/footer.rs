//! The last line: the keys that matter here and now; and above it what has just happened.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::present::{escape, fit};

use super::app::App;
use super::keys::{Binding, Context};
use super::table::put;
use super::update::listening;

/// Keys from this priority on stand at the right end and stay longest: help and quit.
const LAST: u8 = 90;

/// Draws the keys that are there now, as many as fit: first those that matter most here. Help and quit stay at the end.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let wide = |binding: &&Binding| key(binding).len() + 1 + binding.label.len() + 2;
    let (shown, end): (Vec<_>, Vec<_>) = bindings(app).into_iter().partition(|binding| binding.priority < LAST);
    let end_width: usize = end.iter().map(wide).sum();
    let mut room = usize::from(area.width).saturating_sub(end_width + 1);
    let mut x = usize::from(area.x) + 1;
    for binding in shown {
        if wide(&binding) <= room {
            room -= wide(&binding);
            x = draw_key(app, binding, x, area.y, buf);
        }
    }
    x = x.max(usize::from(area.right()).saturating_sub(end_width - end_width.min(1)));
    for binding in end {
        x = draw_key(app, binding, x, area.y, buf);
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
    let mut all: Vec<&'static Binding> = contexts
        .iter()
        .flat_map(|context| context.bindings())
        .filter(|binding| binding.priority > 0)
        // Without a project most keys have nothing to work on: naming them would only be noise.
        .filter(|binding| app.ground.is_some() || (binding.available)(app).is_ok())
        .collect();
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
