//! What greets a person who has no file yet.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::present::{escape, fit};

use super::app::App;
use super::table::put;
use super::theme::Tone;

/// Draws the invitation.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let width = usize::from(area.width).saturating_sub(4).min(76);
    let height = usize::from(area.height);
    let mut lines = broken(&words(app, false), width);
    if lines.len() > height {
        lines = broken(&words(app, true), width);
    }
    if lines.len() > height {
        // Where there is little room the blank lines go first.
        lines.retain(|(text, _)| !text.is_empty());
    }
    let widest = lines.iter().map(|(text, _)| fit::width(text)).max().unwrap_or(0).min(width);
    let left = usize::from(area.x) + (usize::from(area.width).saturating_sub(widest)) / 2;
    let spare = height.saturating_sub(lines.len()) / 3;
    let top = area.y + u16::try_from(spare).unwrap_or(0);
    for (y, (text, tone)) in (top..area.bottom()).zip(&lines) {
        put(buf, left, y, &fit::cut_end(text, width), app.look.theme.style(*tone));
    }
}

/// What is said; where there is little room, only what to do.
fn words(app: &App, short: bool) -> Vec<(String, Tone)> {
    let here = app.here.to_string_lossy();
    let here = escape::line(&here);
    let (why, write) = if short {
        (format!("There is no .ntm.yaml in {}.", fit::cut_middle(&here, 26)), "w  write a starter (`hooktui init`)")
    } else {
        (
            format!("There is no .ntm.yaml in {here} or above it."),
            "w   writes a commented starter file here and begins (as `hooktui init` does)",
        )
    };
    let mut lines = vec![("Welcome to hooktui".to_owned(), Tone::Strong)];
    let blank = || (String::new(), Tone::Plain);
    if !short {
        let what = "hooktui delivers webhooks: it keeps every event in a journal, sends it to the endpoints of a \
                    project's .ntm.yaml, tries again, and shows what is stuck and why.";
        lines.extend([blank(), (what.to_owned(), Tone::Plain)]);
    }
    let leave = if short { "q  leave; nothing was created" } else { "q   leaves; nothing has been created" };
    let demo = if short { "Try first: hooktui demo" } else { "To see it at work first:  hooktui demo" };
    lines.extend([blank(), (why, Tone::Waiting), blank(), (write.to_owned(), Tone::Focus)]);
    lines.extend([(leave.to_owned(), Tone::Focus), blank(), (demo.to_owned(), Tone::Plain)]);
    lines
}

/// Every line in as many lines as it needs. A line that fits keeps its blanks.
fn broken(lines: &[(String, Tone)], width: usize) -> Vec<(String, Tone)> {
    let parts = |(text, tone): &(String, Tone)| {
        let fits = fit::width(text) <= width;
        let parts = if fits { vec![text.clone()] } else { fit::wrap(text, width) };
        parts.into_iter().map(|part| (part, *tone)).collect::<Vec<_>>()
    };
    lines.iter().flat_map(parts).collect()
}
