//! The screen from the model: `draw` changes nothing.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

use crate::present::fit;

use super::app::{App, Modal};
use super::dialog::Dialog;
use super::keys::{Context, Key};
use super::table::put;
use super::{finding, first, footer, header, help, inspector, layout, menu, palette, panes, welcome};

/// Draws everything.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    render(app, frame.buffer_mut());
}

/// As [`draw`], into a buffer of the screen's size.
pub fn render(app: &App, buf: &mut Buffer) {
    let area = buf.area;
    if area.width < layout::LEAST.0 || area.height < layout::LEAST.1 {
        too_small(app, area, buf);
        return finish(app, buf);
    }
    let places = app.layout();
    header::draw(app, places.header, buf);
    if let Some(banner) = places.banner {
        header::draw_banner(app, banner, buf);
    }
    if app.ground.is_none() {
        welcome::draw(app, places.body, buf);
    } else if first::file_is_all(app) {
        first::draw(app, places.body, buf);
    } else if let Some(inspected) = &app.inspector {
        inspector::draw(app, inspected, places.body, buf);
    } else {
        for (id, area) in &places.panes {
            panes::draw(app, *id, *area, buf);
        }
    }
    match &app.modal {
        Some(Modal::Help(open)) => help::draw(app, open, buf),
        Some(Modal::Palette(open)) => palette::draw(app, open, buf),
        Some(Modal::Copy(_)) => menu::draw(app, places.body, buf),
        Some(Modal::Dialog(dialog)) => draw_dialog(app, dialog, places.body, buf),
        None => {}
    }
    footer::draw_notice(app, places.notice, buf);
    footer::draw(app, places.footer, buf);
    if let (Some(open), None) = (&app.filter, &app.modal) {
        finding::draw(app, open, &places, buf);
    }
    finish(app, buf);
}

/// Characters that the terminal does not know, and what has no colour yet.
fn finish(app: &App, buf: &mut Buffer) {
    app.look.theme.paint(buf);
    let stand_ins = app.look.lines.stand_ins;
    if stand_ins.is_empty() {
        return;
    }
    for cell in &mut buf.content {
        if let Some((_, ascii)) = stand_ins.iter().find(|(known, _)| *known == cell.symbol()) {
            cell.set_symbol(ascii);
        }
    }
}

fn too_small(app: &App, area: Rect, buf: &mut Buffer) {
    let text = format!("hooktui needs {}x{}", layout::LEAST.0, layout::LEAST.1);
    let text = fit::cut_end(&text, usize::from(area.width)).into_owned();
    put(buf, usize::from(area.x), area.y + area.height / 2, &text, app.look.theme.plain);
}

/// The person's keys for yes and no.
fn answering(app: &App) -> [Key; 2] {
    [("yes", 'y'), ("no", 'n')].map(|(name, built_in)| {
        let bound = app.keys.of(Context::Dialog).iter().find(|bound| bound.binding.name() == name);
        bound.and_then(|bound| bound.keys.first().copied()).unwrap_or(Key::char(built_in))
    })
}

/// What is said in a dialog, line by line.
fn dialog_lines(app: &App, dialog: &Dialog) -> Vec<String> {
    let [yes, _] = answering(app);
    let mut lines: Vec<String> = dialog.lines.iter().filter(|line| !line.is_empty()).cloned().collect();
    lines.extend(dialog.number.as_ref().map(|(wanted, typed)| format!("Type {wanted} and then {yes}:  {typed}_")));
    lines
}

fn dialog_area(app: &App, dialog: &Dialog, body: Rect) -> Rect {
    let lines = dialog_lines(app, dialog);
    let widest = lines.iter().map(|line| fit::width(line)).chain([fit::width(&dialog.title), 30]).max().unwrap_or(0);
    let width = u16::try_from(widest + 6).unwrap_or(u16::MAX).min(body.width);
    let height = u16::try_from(lines.len() + 4).unwrap_or(u16::MAX).min(body.height);
    Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height }
}

/// Where the answers of a dialog stand.
#[must_use]
pub fn answers(app: &App, dialog: &Dialog, body: Rect) -> [(Key, Rect); 2] {
    let inner = panes::inside(dialog_area(app, dialog, body));
    let [yes_key, no_key] = answering(app);
    let wide = |key: Key, label: &str| u16::try_from(fit::width(&format!("{key} {label}"))).unwrap_or(u16::MAX);
    let yes =
        Rect { x: inner.x + 2, y: inner.bottom().saturating_sub(1), width: wide(yes_key, dialog.yes_label), height: 1 };
    let no = Rect { x: yes.right().saturating_add(3), width: wide(no_key, "no"), ..yes };
    [(yes_key, yes.intersection(inner)), (no_key, no.intersection(inner))]
}

fn draw_dialog(app: &App, dialog: &Dialog, body: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let area = dialog_area(app, dialog, body);
    Clear.render(area, buf);
    panes::frame(app, &dialog.title, "", true, area, buf);
    let inner = panes::inside(area);
    let (left, room) = (usize::from(inner.x) + 2, usize::from(inner.width).saturating_sub(3));
    for (y, line) in (inner.y..inner.bottom().saturating_sub(1)).zip(dialog_lines(app, dialog)) {
        put(buf, left, y, &fit::cut_end(&line, room), theme.plain);
    }
    let ready = if dialog.is_ready() { theme.strong } else { theme.faint };
    for ((key, place), label) in answers(app, dialog, body).into_iter().zip([dialog.yes_label, "no"]) {
        put(
            buf,
            usize::from(place.x),
            place.y,
            &fit::cut_end(&format!("{key} {label}"), usize::from(place.width)),
            ready,
        );
    }
}
