//! The palette on the screen: the line, and below it a row for each command.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

use crate::present::{escape, fit};

use super::super::app::{App, Modal};
use super::super::panes;
use super::super::table::put;
use super::{Command, Found, Palette};

/// Wider does not read better.
const WIDEST: u16 = 104;
/// Cells of the margin: the marker and a blank.
const MARGIN: usize = 2;
/// Cells between columns.
const GAP: usize = 2;
/// From here on there is room for every column.
const ROOMY: usize = 70;
/// A sentence shorter than this says nothing.
const LEAST_HELP: usize = 16;

/// The places of the palette.
struct Places {
    frame: Rect,
    line: Rect,
    rows: Rect,
}

fn places(app: &App) -> Places {
    let body = app.layout().body;
    let width = body.width.min(WIDEST);
    // As high as it is from the beginning: it must not jump while one types.
    let height = (body.height * 3 / 4).max(12).min(body.height);
    let frame = Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 3, width, height };
    let inner = panes::inside(frame);
    let line = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), height: inner.height.min(1), ..inner };
    // A blank line sets the rows apart where there is room for it.
    let above = if inner.height >= 9 { 2 } else { 1 };
    let rows = Rect { y: inner.y + above, height: inner.height.saturating_sub(above), ..inner };
    Places { frame, line, rows }
}

/// Rows that are on the screen at a time.
#[must_use]
pub fn page(app: &App) -> usize {
    usize::from(places(app).rows.height)
}

/// Which of the commands stands at this cell of the screen, if one does.
#[must_use]
pub fn row_at(app: &App, x: u16, y: u16) -> Option<usize> {
    let Some(Modal::Palette(palette)) = &app.modal else { return None };
    let rows = places(app).rows;
    let at = rows.contains((x, y).into()).then(|| palette.top + usize::from(y - rows.y))?;
    (at < palette.found.len()).then_some(at)
}

/// Draws it.
pub fn draw(app: &App, palette: &Palette, buf: &mut Buffer) {
    let theme = app.look.theme;
    let Places { frame, line, rows } = places(app);
    Clear.render(frame, buf);
    let corner = match palette.found.len() {
        0 => String::new(),
        all => format!("{} of {all}", palette.selected + 1),
    };
    panes::frame(app, "Actions", &corner, true, frame, buf);
    put(buf, usize::from(line.x), line.y, ":", theme.focus);
    let typed = Rect { x: line.x + 2, width: line.width.saturating_sub(2), ..line };
    palette.line.draw(app, typed, buf);
    if palette.line.text().is_empty() {
        let hint = fit::cut_end("type what you want to do", usize::from(typed.width).saturating_sub(2)).into_owned();
        put(buf, usize::from(typed.x) + 2, typed.y, &hint, theme.faint);
    }
    if palette.found.is_empty() {
        let words = ["No action is called so.", "Fewer letters find more; ? lists every key."];
        return panes::say(app, &words, rows, buf);
    }
    let columns = Columns::of(palette, usize::from(rows.width));
    let shown = palette.found.iter().enumerate().skip(palette.top).take(usize::from(rows.height));
    for (y, (at, found)) in (rows.y..).zip(shown) {
        let row = Rect { y, height: 1, ..rows };
        draw_row(app, found, &columns, row, buf);
        if at == palette.selected {
            buf.set_style(row, theme.selected);
            put(buf, usize::from(row.x), y, app.look.lines.marker, theme.focus);
        }
    }
}

/// Widths of the columns; 0: left out.
struct Columns {
    name: usize,
    help: usize,
    keys: usize,
    context: usize,
}

impl Columns {
    fn of(palette: &Palette, width: usize) -> Self {
        // Where there is room the columns stand still while what is found changes.
        let still = width >= ROOMY;
        let widest = |text: fn(&Command) -> &str, least: usize, most: usize| {
            let needed = palette.found.iter().map(|found| fit::width(text(&found.command))).max().unwrap_or(0);
            needed.clamp(if still { least } else { 0 }, most)
        };
        let mut columns = Self {
            name: widest(|command| &command.name, 20, 26),
            help: 0,
            keys: widest(|command| &command.keys, 8, 12),
            context: widest(|command| &command.context, 12, 14),
        };
        let rest = |columns: &Self| {
            let parts = [columns.keys, columns.context].into_iter().filter(|width| *width > 0);
            let taken = MARGIN + columns.name + parts.map(|width| width + GAP).sum::<usize>() + 1;
            width.saturating_sub(taken + GAP)
        };
        // The sentence, or why not, says more than the place.
        if rest(&columns) < LEAST_HELP {
            columns.context = 0;
        }
        columns.help = Some(rest(&columns)).filter(|room| *room >= LEAST_HELP).unwrap_or(0);
        columns
    }
}

fn draw_row(app: &App, found: &Found, columns: &Columns, row: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let Found { command, lit } = found;
    let (text, key, faint) = match command.reason {
        Some(_) => (theme.faint, theme.faint, theme.faint),
        None => (theme.plain, theme.focus, theme.faint),
    };
    let left = usize::from(row.x) + MARGIN;
    let name = fit::cut_end(&escape::line(&command.name), columns.name).into_owned();
    for (at, one) in name.chars().enumerate() {
        let is_lit = lit.binary_search(&u32::try_from(at).unwrap_or(u32::MAX)).is_ok();
        let style = if is_lit { text.patch(theme.strong).patch(theme.focus) } else { text };
        put(buf, left + at, row.y, one.encode_utf8(&mut [0; 4]), style);
    }
    let help = match &command.reason {
        Some(reason) => format!("not now: {}", escape::line(reason)),
        None => command.help.clone(),
    };
    put(buf, left + columns.name + GAP, row.y, &fit::cut_end(&help, columns.help), faint);
    let mut right = usize::from(row.right()).saturating_sub(1);
    if columns.context > 0 {
        right = right.saturating_sub(columns.context);
        put(buf, right, row.y, &fit::cut_end(&command.context, columns.context), faint);
        right = right.saturating_sub(GAP);
    }
    right = right.saturating_sub(columns.keys);
    put(buf, right, row.y, &fit::cut_end(&command.keys, columns.keys), key);
}
