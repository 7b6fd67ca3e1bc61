//! Where everything goes: tiled on a wide screen, a stack on a narrow one, one pane on a small one.

use ratatui::layout::Rect;

use super::app::App;
use super::panes::PaneId;

/// Below this the console asks for more room.
pub const LEAST: (u16, u16) = (40, 10);
/// From here on panes stand side by side.
pub const WIDE: (u16, u16) = (100, 30);
/// From here on the log stands beside the dead letters, and lists have columns more.
pub const BROAD: (u16, u16) = (180, 36);
/// Below this many lines only the focused pane is shown.
const STACK_LINES: u16 = 20;

/// The places of one screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// First line.
    pub header: Rect,
    /// Something is wrong: a line under the header.
    pub banner: Option<Rect>,
    /// Panes on the screen, in the order they are drawn.
    pub panes: Vec<(PaneId, Rect)>,
    /// All of the panes' room: the inspector takes it.
    pub body: Rect,
    /// What has just happened.
    pub notice: Rect,
    /// Keys.
    pub footer: Rect,
}

/// The layout of this moment.
#[must_use]
pub fn of(app: &App) -> Layout {
    let (width, height) = (app.size.width, app.size.height);
    let line = |y: u16| Rect { x: 0, y: y.min(height), width, height: u16::from(y < height) };
    let banner = super::header::banner(app).map(|_| line(1));
    let top = 1 + u16::from(banner.is_some());
    let body = Rect { x: 0, y: top, width, height: height.saturating_sub(top + 2) };
    Layout {
        header: line(0),
        banner,
        panes: panes(app, body),
        body,
        notice: line(height.saturating_sub(2)),
        footer: line(height.saturating_sub(1)),
    }
}

fn panes(app: &App, body: Rect) -> Vec<(PaneId, Rect)> {
    if app.ground.is_none() {
        return Vec::new();
    }
    if app.zoomed || app.size.height < STACK_LINES {
        return vec![(app.focus, body)];
    }
    // Events and Log take the place of the two lists while they have the focus.
    let middle = if app.focus == PaneId::Events { PaneId::Events } else { PaneId::Deliveries };
    let lower = if app.focus == PaneId::Log { PaneId::Log } else { PaneId::Dead };
    let endpoints = app.figures.as_ref().map_or(0, |figures| figures.endpoints.len());
    let endpoints = u16::try_from(endpoints).unwrap_or(u16::MAX);
    if app.size.width >= WIDE.0 && app.size.height >= WIDE.1 {
        tiled(body, endpoints, middle, lower)
    } else {
        stacked(body, endpoints, middle, lower)
    }
}

fn tiled(body: Rect, endpoints: u16, middle: PaneId, lower: PaneId) -> Vec<(PaneId, Rect)> {
    let top = endpoints.saturating_add(3).clamp(11, (body.height / 3).max(11));
    let queue = (body.width / 4).clamp(38, 46);
    let rest = body.height.saturating_sub(top);
    let upper = rest * 13 / 24;
    let row = |y: u16, height: u16| Rect { y: body.y + y, height, ..body };
    let last = row(top + upper, rest - upper);
    let mut panes = vec![
        (PaneId::Queue, Rect { width: queue, ..row(0, top) }),
        (PaneId::Endpoints, Rect { x: body.x + queue, width: body.width - queue, ..row(0, top) }),
        (middle, row(top, upper)),
    ];
    if is_broad(body.width, body.height) {
        let dead = body.width * 11 / 20;
        panes.push((PaneId::Dead, Rect { width: dead, ..last }));
        panes.push((PaneId::Log, Rect { x: last.x + dead, width: last.width - dead, ..last }));
    } else {
        panes.push((lower, last));
    }
    panes
}

/// There is room for more than the four panes.
const fn is_broad(width: u16, height: u16) -> bool {
    width >= BROAD.0 && height >= BROAD.1
}

fn stacked(body: Rect, endpoints: u16, middle: PaneId, lower: PaneId) -> Vec<(PaneId, Rect)> {
    let most = if body.height < WIDE.1 { 6 } else { 12 };
    let queue = 3;
    // Without endpoints three lines say what to do.
    let rows = if endpoints == 0 { 3 } else { endpoints };
    let second = rows.saturating_add(2).min(most);
    let rest = body.height.saturating_sub(queue + second);
    let upper = rest * 7 / 12;
    let mut y = body.y;
    [(PaneId::Queue, queue), (PaneId::Endpoints, second), (middle, upper), (lower, rest - upper)]
        .into_iter()
        .map(|(id, height)| {
            let area = Rect { y, height, ..body };
            y += height;
            (id, area)
        })
        .collect()
}
