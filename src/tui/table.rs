//! A list on the screen: columns that give way in a declared order, cells that are escaped, cut and aligned.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::present::{escape, fit};

use super::app::App;
use super::marks::Marks;
use super::rows::Row;
use super::theme::Tone;

/// Between columns.
const GAP: usize = 2;
/// Before the first column: the marker of the selected row and a blank.
const MARGIN: usize = 2;

/// How a cell is fitted into its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Words, errors: cut at the end.
    Words,
    /// Names: cut in the middle.
    Name,
    /// Figures: on the right.
    Figure,
}

/// One cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// The text, as it came: the table escapes it.
    pub text: String,
    /// What its colour says.
    pub tone: Tone,
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its head.
    pub title: &'static str,
    /// It needs so many cells.
    pub least: usize,
    /// It makes use of so many.
    pub most: usize,
    /// See [`Fit`].
    pub fit: Fit,
    /// The highest is left out first; 0 stays.
    pub yields: u8,
    /// Its cell in a row; the last argument is the column's width.
    pub cell: fn(&App, &Row, usize) -> Cell,
}

/// A cell of this tone.
#[must_use]
pub fn cell(text: impl Into<String>, tone: Tone) -> Cell {
    Cell { text: text.into(), tone }
}

/// Columns that fit into so many cells, with their widths.
#[must_use]
pub fn arrange(columns: &[Column], width: usize) -> Vec<(Column, usize)> {
    let mut kept: Vec<Column> = columns.to_vec();
    while need(&kept) > width {
        let Some(first) = kept.iter().map(|column| column.yields).max().filter(|yields| *yields > 0) else { break };
        kept.retain(|column| column.yields != first);
    }
    let mut spare = width.saturating_sub(need(&kept));
    // What stays in a width that is too small even for it is cut at the right.
    let mut left = width;
    let mut arranged = Vec::new();
    for column in &kept {
        if left > 0 {
            arranged.push((*column, column.least.min(left)));
        }
        left = left.saturating_sub(column.least + GAP);
    }
    // Spare room goes round, a cell each, until every column has its most.
    while spare > 0 {
        let mut given = false;
        for (_, wide) in arranged.iter_mut().filter(|(column, wide)| *wide < column.most) {
            if spare > 0 {
                *wide += 1;
                spare -= 1;
                given = true;
            }
        }
        if !given {
            break;
        }
    }
    arranged
}

fn need(columns: &[Column]) -> usize {
    columns.iter().map(|column| column.least + GAP).sum::<usize>().saturating_sub(GAP)
}

/// Whether there is room for the heads of the columns.
#[must_use]
pub const fn has_head(inner: Rect) -> bool {
    inner.height >= 6
}

/// Lines left for rows.
#[must_use]
pub fn rows_in(inner: Rect) -> usize {
    usize::from(inner.height.saturating_sub(u16::from(has_head(inner))))
}

/// Where the heads of columns stand; nowhere if there is no room for them.
#[must_use]
pub fn heads(columns: &[Column], area: Rect) -> Vec<(Column, Rect)> {
    if !has_head(area) {
        return Vec::new();
    }
    let mut x = usize::from(area.x) + MARGIN;
    let mut heads = Vec::new();
    for (column, wide) in arrange(columns, usize::from(area.width).saturating_sub(MARGIN + 1)) {
        let cell = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        heads.push((column, Rect { x: cell(x), y: area.y, width: cell(wide), height: 1 }));
        x += wide + GAP;
    }
    heads
}

/// What sets rows apart.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Index of the row that keys act on.
    pub selected: Option<usize>,
    /// The list has the focus.
    pub focused: bool,
    /// Its marks.
    pub marks: &'a Marks,
}

/// Draws rows.
pub fn draw(app: &App, columns: &[Column], rows: &[Row], look: &Look<'_>, area: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let arranged = arrange(columns, usize::from(area.width).saturating_sub(MARGIN + 1));
    let mut y = area.y;
    if has_head(area) {
        let mut x = usize::from(area.x) + MARGIN;
        for (column, wide) in &arranged {
            let text = if column.fit == Fit::Figure {
                fit::right(column.title, *wide)
            } else {
                fit::left(column.title, *wide)
            };
            put(buf, x, y, &text, theme.faint);
            x += wide + GAP;
        }
        y += 1;
    }
    for (at, row) in rows.iter().enumerate() {
        if y >= area.bottom() {
            break;
        }
        // A busy endpoint changes all the time: that would be light for ever.
        let changes = row.at().filter(|_| !matches!(row, Row::Endpoint(_)));
        let is_lit = changes.is_some_and(|at| (0..1000).contains(&app.now.saturating_sub(at)));
        let is_selected = look.selected == Some(at);
        let line = Rect { y, height: 1, ..area };
        draw_row(app, &arranged, row, line, buf);
        if is_lit {
            buf.set_style(line, theme.lit);
        }
        if is_selected {
            if look.focused {
                buf.set_style(line, theme.selected);
            }
            let style = if look.focused { theme.focus } else { theme.faint };
            put(buf, usize::from(area.x), y, app.look.lines.marker, style);
        }
        if look.marks.has(row) {
            put(buf, usize::from(area.x) + 1, y, app.look.lines.mark, theme.strong.patch(theme.focus));
        }
        y += 1;
    }
}

fn draw_row(app: &App, arranged: &[(Column, usize)], row: &Row, line: Rect, buf: &mut Buffer) {
    let mut x = usize::from(line.x) + MARGIN;
    for (column, wide) in arranged {
        let cell = (column.cell)(app, row, *wide);
        let text = escape::line(&cell.text);
        let text = match column.fit {
            Fit::Words => fit::cut_end(&text, *wide).into_owned(),
            Fit::Name => fit::cut_middle(&text, *wide).into_owned(),
            Fit::Figure => fit::right(&text, *wide),
        };
        put(buf, x, line.y, &text, app.look.theme.style(cell.tone));
        x += wide + GAP;
    }
}

/// Writes text at a place, as far as the buffer reaches.
pub fn put(buf: &mut Buffer, x: usize, y: u16, text: &str, style: Style) {
    let Ok(x) = u16::try_from(x) else { return };
    if buf.area.contains((x, y).into()) {
        buf.set_stringn(x, y, text, usize::from(buf.area.right().saturating_sub(x)), style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(least: usize, most: usize, yields: u8) -> Column {
        Column { title: "", least, most, fit: Fit::Words, yields, cell: |_, _, _| Cell::default() }
    }

    #[test]
    fn columns_give_way_in_their_order_and_share_what_is_spare() {
        let columns = [column(5, 5, 0), column(10, 20, 0), column(6, 6, 2), column(6, 8, 1)];
        let widths = |width| arrange(&columns, width).iter().map(|(_, wide)| *wide).collect::<Vec<_>>();
        assert_eq!(widths(33), [5, 10, 6, 6]);
        assert_eq!(widths(35), [5, 11, 6, 7]);
        assert_eq!(widths(100), [5, 20, 6, 8]);
        assert_eq!(widths(32), [5, 15, 8], "the one that yields first is gone");
        assert_eq!(widths(20), [5, 13]);
        assert_eq!(widths(10), [5, 3], "what stays is cut");
        assert_eq!(widths(3), [3]);
    }
}
