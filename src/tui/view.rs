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

/// What is said in a dialog, line by line, in so many cells.
fn dialog_lines(app: &App, dialog: &Dialog, room: usize) -> Vec<String> {
    let mut lines = dialog.table.clone();
    for line in dialog.lines.iter().filter(|line| !line.is_empty()) {
        if fit::width(line) <= room { lines.push(line.clone()) } else { lines.extend(fit::wrap(line, room)) }
    }
    // All answers but the last one do something.
    let answers = dialog_answers(app, dialog);
    let doing: Vec<String> = answers.iter().rev().skip(1).rev().map(|(key, _)| key.to_string()).collect();
    let doing = doing.join(" or ");
    lines.extend(dialog.number.as_ref().map(|(wanted, typed)| format!("Type {wanted} and then {doing}:  {typed}_")));
    lines
}

/// The keys that answer, and what each does.
fn dialog_answers(app: &App, dialog: &Dialog) -> Vec<(Key, &'static str)> {
    let [yes, no] = answering(app);
    let gently = dialog.gently.is_some().then_some((Key::char('g'), "gently: one, ten, the rest at 50/s"));
    [(yes, dialog.yes_label)].into_iter().chain(gently).chain([(no, "no")]).collect()
}

/// An answer as it is shown.
fn answer(key: Key, label: &str) -> String {
    format!("{key} {label}")
}

/// Cells between two answers.
const ANSWER_GAP: usize = 3;

/// Cells beside what is said: borders and margins.
const AROUND: usize = 5;

fn dialog_area(app: &App, dialog: &Dialog, body: Rect) -> Rect {
    let answers = dialog_answers(app, dialog);
    let answers: usize = answers.iter().map(|(key, label)| fit::width(&answer(*key, label)) + ANSWER_GAP).sum();
    let others = [fit::width(&dialog.title), answers, 30];
    let widest =
        dialog_lines(app, dialog, usize::MAX).iter().map(|line| fit::width(line)).chain(others).max().unwrap_or(0);
    let width = u16::try_from(widest + AROUND + 1).unwrap_or(u16::MAX).min(body.width);
    let lines = dialog_lines(app, dialog, usize::from(width).saturating_sub(AROUND));
    let height = u16::try_from(lines.len() + 4).unwrap_or(u16::MAX).min(body.height);
    Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height }
}

/// Where the answers of a dialog stand.
#[must_use]
pub fn answers(app: &App, dialog: &Dialog, body: Rect) -> Vec<(Key, Rect)> {
    let inner = panes::inside(dialog_area(app, dialog, body));
    let cells = |wide: usize| u16::try_from(wide).unwrap_or(u16::MAX);
    let mut x = inner.x.saturating_add(2);
    let mut places = Vec::new();
    for (key, label) in dialog_answers(app, dialog) {
        let wide = fit::width(&answer(key, label));
        let place = Rect { x, y: inner.bottom().saturating_sub(1), width: cells(wide), height: 1 };
        places.push((key, place.intersection(inner)));
        x = x.saturating_add(cells(wide + ANSWER_GAP));
    }
    places
}

fn draw_dialog(app: &App, dialog: &Dialog, body: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let area = dialog_area(app, dialog, body);
    Clear.render(area, buf);
    panes::frame(app, &dialog.title, "", true, area, buf);
    let inner = panes::inside(area);
    let (left, room) = (usize::from(inner.x) + 2, usize::from(inner.width).saturating_sub(3));
    // The number comes last and must be seen, however little room there is.
    let mut lines = dialog_lines(app, dialog, room);
    let too_many = lines.len().saturating_sub(usize::from(inner.height.saturating_sub(1)));
    let end = lines.len().saturating_sub(1);
    lines.drain(end.saturating_sub(too_many)..end);
    for (y, line) in (inner.y..inner.bottom().saturating_sub(1)).zip(lines) {
        put(buf, left, y, &fit::cut_end(&line, room), theme.plain);
    }
    let ready = if dialog.is_ready() { theme.strong } else { theme.faint };
    for ((key, place), (_, label)) in answers(app, dialog, body).into_iter().zip(dialog_answers(app, dialog)) {
        put(buf, usize::from(place.x), place.y, &fit::cut_end(&answer(key, label), usize::from(place.width)), ready);
    }
}
