//! The last line: the keys that matter here and now; and above it what has just happened.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::journal::Progress;
use crate::present::{act, escape, fit};

use super::app::App;
use super::keymap::Bound;
use super::keys::Context;
use super::table::put;
use super::update::listening;

/// Keys from this priority on stand at the right end and stay longest: the palette, help and quit.
const LAST: u8 = 90;

/// Cells of the bar of an act on many.
const BAR: u64 = 20;

/// Draws the keys that are there now.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    for (bound, place) in places(app, area) {
        draw_key(app, bound, place, buf);
    }
}

/// Where the keys stand that are there now, as many as fit: first those that matter most here. Palette, help and quit stay at
/// the end.
#[must_use]
pub fn places(app: &App, area: Rect) -> Vec<(&Bound, Rect)> {
    let wide = |bound: &Bound| fit::width(&key(bound)) + 1 + fit::width(bound.binding.label) + 2;
    let (shown, end): (Vec<_>, Vec<_>) = bindings(app).into_iter().partition(|bound| bound.binding.priority < LAST);
    let end_width: usize = end.iter().copied().map(wide).sum();
    let mut room = usize::from(area.width).saturating_sub(end_width + 1);
    let mut x = usize::from(area.x) + 1;
    let mut places = Vec::new();
    let mut stand = |bound, x: &mut usize| {
        let cells = wide(bound);
        let cell = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        places.push((bound, Rect { x: cell(*x), width: cell(cells - 2), height: 1, ..area }));
        *x += cells;
    };
    for bound in shown {
        if wide(bound) <= room {
            room -= wide(bound);
            stand(bound, &mut x);
        }
    }
    x = x.max(usize::from(area.right()).saturating_sub(end_width - end_width.min(1)));
    for bound in end {
        stand(bound, &mut x);
    }
    places
}

fn draw_key(app: &App, bound: &Bound, place: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let (key, binding) = (key(bound), bound.binding);
    let can = (binding.available)(app).is_ok();
    let (key_style, label_style) = match (can, binding.danger) {
        (false, _) => (theme.faint, theme.faint),
        (true, true) => (theme.strong.patch(theme.bad), theme.plain),
        (true, false) => (theme.strong.patch(theme.focus), theme.plain),
    };
    let (x, y) = (usize::from(place.x), place.y);
    put(buf, x, y, &key, key_style);
    put(buf, x + fit::width(&key) + 1, y, binding.label, label_style);
}

fn key(bound: &Bound) -> String {
    bound.keys.first().map_or_else(String::new, ToString::to_string)
}

/// `clear 41,200 of 100,000` with a bar, and how to stop it; tells how many cells it took.
fn draw_course(app: &App, area: Rect, buf: &mut Buffer) -> u16 {
    let Some(running) = app.course.as_ref().filter(|running| running.slow) else { return 0 };
    let theme = app.look.theme;
    let Progress { done, of, .. } = running.progress;
    let [_, rest, gone] = app.look.lines.bar;
    let filled = usize::try_from(done.saturating_mul(BAR) / of.max(1)).unwrap_or(0);
    let bar: String = (0..usize::try_from(BAR).unwrap_or(0)).map(|at| if at < filled { gone } else { rest }).collect();
    let (left, width) = (usize::from(area.x) + 1, usize::from(area.width).saturating_sub(2));
    let words = act::course(running.what, &running.progress);
    let esc = "  Esc cancels";
    let room = width.saturating_sub(fit::width(esc));
    let mut x = left;
    if fit::width(&words) + fit::width(&bar) < room {
        put(buf, x, area.y, &bar, theme.waiting);
        x += fit::width(&bar) + 1;
    }
    let words = fit::cut_end(&words, (left + room).saturating_sub(x)).into_owned();
    put(buf, x, area.y, &words, theme.strong);
    x += fit::width(&words);
    put(buf, x, area.y, esc, theme.faint);
    u16::try_from(x + fit::width(esc) + 2 - usize::from(area.x)).unwrap_or(area.width)
}

/// Bindings of the footer, those that matter most first.
fn bindings(app: &App) -> Vec<&Bound> {
    let contexts: Vec<Context> = listening(app);
    let mut all: Vec<&Bound> = contexts
        .iter()
        .flat_map(|context| app.keys.of(*context))
        .filter(|bound| bound.binding.priority > 0 && !bound.keys.is_empty() && (bound.binding.concerns)(app))
        // Without a project most keys have nothing to work on: naming them would only be noise.
        .filter(|bound| app.ground.is_some() || (bound.binding.available)(app).is_ok())
        .collect();
    all.sort_by_key(|bound| bound.binding.priority);
    let mut seen = Vec::new();
    all.retain(|bound| {
        let key = bound.keys.first().copied();
        let new = !seen.contains(&key);
        seen.push(key);
        new
    });
    all
}

/// Draws what has just happened, and how far the act on many has come.
pub fn draw_notice(app: &App, area: Rect, buf: &mut Buffer) {
    let taken = draw_course(app, area, buf);
    let area = Rect { x: area.x.saturating_add(taken), width: area.width.saturating_sub(taken), ..area };
    let Some((outcome, _)) = &app.notice else { return };
    let (mark, style) = if outcome.good {
        (app.look.glyphs.good, app.look.theme.good)
    } else {
        (app.look.glyphs.failed, app.look.theme.waiting)
    };
    let text = format!("{mark} {}", escape::line(&outcome.text));
    put(buf, usize::from(area.x) + 1, area.y, &fit::cut_end(&text, usize::from(area.width).saturating_sub(2)), style);
}
