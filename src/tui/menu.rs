//! The question what shall be copied: its keys, and why one is not there.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

use crate::present::fit;

use super::app::App;
use super::keys::Context;
use super::panes;
use super::table::put;

/// Cells of what a key copies.
const LABEL: usize = 6;
/// The box is no wider.
const WIDEST: u16 = 64;

/// Draws it in the middle of the screen's body.
pub fn draw(app: &App, body: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let bindings = app.keys.of(Context::Copy);
    let width = WIDEST.min(body.width);
    let height = u16::try_from(bindings.len() + 2).unwrap_or(u16::MAX).min(body.height);
    let area = Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height };
    Clear.render(area, buf);
    panes::frame(app, "Copy", "", true, area, buf);
    let inner = panes::inside(area);
    let left = usize::from(inner.x) + 2;
    let room = usize::from(inner.width).saturating_sub(4 + 5 + LABEL);
    for (y, bound) in (inner.y..inner.bottom()).zip(bindings) {
        let binding = bound.binding;
        let reason = (binding.available)(app).err();
        let (key, label) = if reason.is_some() { (theme.faint, theme.faint) } else { (theme.focus, theme.plain) };
        let first = bound.keys.first().map(ToString::to_string).unwrap_or_default();
        put(buf, left, y, &fit::left(&first, 4), key);
        put(buf, left + 5, y, &fit::left(binding.label, LABEL), label);
        if let Some(reason) = reason {
            put(buf, left + 5 + LABEL, y, &fit::cut_end(&reason, room), theme.faint);
        }
    }
}
