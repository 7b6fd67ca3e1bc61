//! What greets a person who has no file yet.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::present::{escape, fit};

use super::app::App;
use super::table::put;
use super::theme::Tone;

/// Draws the invitation.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let here = app.here.to_string_lossy();
    let lines = [
        ("Welcome to hooktui".to_owned(), Tone::Strong),
        (String::new(), Tone::Plain),
        ("hooktui delivers webhooks: it keeps every event in a journal, sends it to the".to_owned(), Tone::Plain),
        ("endpoints of a project's .ntm.yaml, tries again, and shows what is stuck and why.".to_owned(), Tone::Plain),
        (String::new(), Tone::Plain),
        (format!("There is no .ntm.yaml in {} or above it.", escape::line(&here)), Tone::Waiting),
        (String::new(), Tone::Plain),
        ("w   writes a commented starter file here and begins".to_owned(), Tone::Focus),
        ("q   leaves; nothing has been created".to_owned(), Tone::Focus),
        (String::new(), Tone::Plain),
        ("To see it at work first:  hooktui demo".to_owned(), Tone::Plain),
    ];
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let width = usize::from(area.width).saturating_sub(4);
    // Where there is little room the blank lines go first.
    let tight = height > area.height;
    let widest = lines.iter().map(|(text, _)| fit::width(text)).max().unwrap_or(0).min(width);
    let left = usize::from(area.x) + (usize::from(area.width).saturating_sub(widest)) / 2;
    let top = area.y + area.height.saturating_sub(height) / 3;
    for (y, (text, tone)) in (top..area.bottom()).zip(lines.iter().filter(|(text, _)| !(tight && text.is_empty()))) {
        put(buf, left, y, &fit::cut_end(text, width), app.look.theme.style(*tone));
    }
}
