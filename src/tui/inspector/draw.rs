//! The inspector on the screen: frame, tabs, the rows in sight, hits of the search.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::present::{figures, fit};

use super::super::app::App;
use super::super::panes;
use super::super::table::put;
use super::page::Page;
use super::{Inspector, Search, Tab};

/// A title needs so many cells beside the tabs; where there are fewer, only the open tab is named.
const TITLE: usize = 18;

/// Draws it.
pub fn draw(app: &App, inspector: &Inspector, area: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let tabs = tab_places(inspector, area);
    let first = tabs.first().map_or(area.right(), |(_, place)| place.x);
    let room = usize::from(first.saturating_sub(area.x)).saturating_sub(6);
    panes::frame(app, &fit::cut_middle(&inspector.title(), room), "", true, area, buf);
    for (tab, place) in &tabs {
        let is_open = *tab == inspector.tab;
        let style = if is_open { theme.selected.patch(theme.focus) } else { theme.plain };
        let text = if tabs.len() < inspector.tabs().len() { alone(inspector) } else { format!(" {} ", tab.title()) };
        put(buf, usize::from(place.x), place.y, &text, style);
    }
    let inner = panes::inside(area);
    let page = super::page(app, inspector, usize::from(inner.width).saturating_sub(2));
    let left = usize::from(inner.x) + 1;
    for (y, at) in (inner.y..inner.bottom()).zip(inspector.scroll..page.height()) {
        let mut x = left;
        for (text, tone) in page.pieces(at) {
            put(buf, x, y, text, theme.style(tone));
            x += fit::width(text);
        }
        if let (Some(search), Some(row)) = (&inspector.search, page.row(at)) {
            light(app, search, &page, &row, (left, y), buf);
        }
    }
    foot(app, inspector, &page, area, buf);
}

/// Where the tabs stand; on a narrow screen only the open one does.
#[must_use]
pub fn tab_places(inspector: &Inspector, area: Rect) -> Vec<(Tab, Rect)> {
    let place = |right: u16, width: usize| {
        let width = u16::try_from(width).unwrap_or(u16::MAX);
        Rect { x: right.saturating_sub(width).max(area.x), width, height: 1, ..area }
    };
    let end = area.right().saturating_sub(3);
    let all: usize = inspector.tabs().iter().map(|tab| tab.title().len() + 2).sum();
    if usize::from(area.width) < all + TITLE {
        return vec![(inspector.tab, place(end, alone(inspector).len()))];
    }
    let mut right = end;
    let mut places = Vec::new();
    for tab in inspector.tabs().iter().rev() {
        let place = place(right, tab.title().len() + 2);
        right = place.x;
        places.push((*tab, place));
    }
    places.reverse();
    places
}

fn alone(inspector: &Inspector) -> String {
    let tabs = inspector.tabs();
    let at = tabs.iter().position(|tab| *tab == inspector.tab).unwrap_or(0) + 1;
    format!(" {} {at}/{} ", inspector.tab.title(), tabs.len())
}

/// Lights the hits of a row, the one that was walked to more than the others.
fn light(app: &App, search: &Search, page: &Page, row: &Range<usize>, (left, y): (usize, u16), buf: &mut Buffer) {
    let theme = app.look.theme;
    let cells = |range: Range<usize>| fit::width(page.text().get(range).unwrap_or_default());
    for hit in search.hits_in(row.clone()) {
        let (from, to) = (hit.start.max(row.start), hit.end.min(row.end));
        let is_current = search.current() == Some(hit);
        let style = if is_current { theme.selected } else { theme.lit.add_modifier(Modifier::UNDERLINED) };
        let x = u16::try_from(left + cells(row.start..from)).unwrap_or(u16::MAX);
        let width = u16::try_from(cells(from..to)).unwrap_or(u16::MAX);
        buf.set_style(Rect { x, y, width, height: 1 }.intersection(buf.area), style);
    }
}

/// On the lower border: what is looked for, and which rows are in sight.
fn foot(app: &App, inspector: &Inspector, page: &Page, area: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let y = area.bottom().saturating_sub(1);
    let inner = panes::inside(area);
    let height = usize::from(inner.height);
    let mut end = usize::from(area.right()).saturating_sub(2);
    if page.height() > height {
        let first = inspector.scroll + 1;
        let last = (inspector.scroll + height).min(page.height());
        let count = |number: usize| figures::count(u64::try_from(number).unwrap_or(u64::MAX));
        let text = format!(" {}-{} of {} ", count(first), count(last), count(page.height()));
        end = end.saturating_sub(text.len());
        put(buf, end, y, &text, theme.plain);
    }
    let Some(search) = &inspector.search else { return };
    let count = search.count();
    let left = usize::from(area.x) + 2;
    let most = end.saturating_sub(left + fit::width(&count) + 6);
    let wide = if search.typing { most.min(40) } else { fit::width(search.line.text()).min(most) };
    put(buf, left, y, " /", theme.focus);
    let place = Rect {
        x: u16::try_from(left + 2).unwrap_or(u16::MAX),
        y,
        width: u16::try_from(wide).unwrap_or(u16::MAX),
        height: 1,
    };
    if search.typing {
        put(buf, left + 2, y, &" ".repeat(wide), theme.plain);
        search.line.draw(app, place.intersection(buf.area), buf);
    } else {
        let words = crate::present::escape::line(search.line.text());
        put(buf, left + 2, y, &fit::cut_end(&words, wide), theme.plain);
    }
    put(buf, left + 2 + wide, y, &format!("  {count} "), theme.strong);
}
