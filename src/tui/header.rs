//! The first line: project, dispatcher, rates, queue, file; and under it a banner where something is wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::config::Severity;
use crate::engine::Role;
use crate::present::alarm::{Alarm, Dispatcher, Signs};
use crate::present::next::By;
use crate::present::{escape, figures, fit};

use super::app::App;
use super::layout;
use super::table::put;
use super::theme::Tone;

/// A part of the line; the one that yields most is left out first.
struct Part {
    text: String,
    tone: Tone,
    yields: u8,
}

fn part(text: impl Into<String>, tone: Tone, yields: u8) -> Part {
    Part { text: text.into(), tone, yields }
}

/// Some process delivers: this one, or the one it stands by for.
#[must_use]
pub fn somebody_dispatches(app: &App) -> bool {
    let role = app.engine.as_ref().map(|status| &status.role);
    matches!(role, Some(Role::Dispatching { .. } | Role::Standby { .. } | Role::Draining))
}

/// Draws the line.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let theme = app.look.theme;
    let file = file(app);
    // A gap stands before it and a blank after it.
    let file_width = if file.text.is_empty() { 0 } else { fit::width(&file.text) + 3 };
    let room = usize::from(area.width).saturating_sub(file_width + 1);
    let mut parts = parts(app, area.width < layout::WIDE.0);
    while need(&parts) > room {
        let Some(first) = parts.iter().map(|part| part.yields).max().filter(|yields| *yields > 0) else { break };
        parts.retain(|part| part.yields != first);
    }
    let mut x = usize::from(area.x) + 1;
    for part in &parts {
        let left = room.saturating_sub(x - 1);
        put(buf, x, area.y, &fit::cut_end(&part.text, left), theme.style(part.tone));
        x += fit::width(&part.text) + 2;
    }
    let at = usize::from(area.right()).saturating_sub(fit::width(&file.text) + 1);
    put(buf, at, area.y, &file.text, theme.style(file.tone));
}

fn need(parts: &[Part]) -> usize {
    parts.iter().map(|part| fit::width(&part.text) + 2).sum::<usize>().saturating_sub(2)
}

fn parts(app: &App, narrow: bool) -> Vec<Part> {
    let mut parts = vec![part("hooktui", Tone::Focus, 8)];
    let Some(ground) = &app.ground else { return parts };
    parts.push(part(fit::cut_middle(&escape::line(&ground.name), 24), Tone::Strong, 0));
    parts.push(role(app));
    let Some(known) = &app.figures else { return parts };
    let (came, went) = app.rates();
    let some = |number: u64, tone| if number == 0 { Tone::Faint } else { tone };
    let (waiting, retrying, dead) = (app.waiting(), app.summary.scheduled, app.summary.dead);
    let (queue, retry) = if narrow { ("q", "retry") } else { ("queue", "retrying") };
    // Where it is narrow the Queue pane has the rates on its one line.
    if !narrow {
        parts.push(part(format!("in {came}"), Tone::Plain, 6));
        parts.push(part(format!("out {went}"), Tone::Plain, 6));
    }
    parts.push(part(format!("{queue} {}", figures::count(waiting)), some(waiting, Tone::Plain), 1));
    parts.push(part(format!("{retry} {}", figures::count(retrying)), some(retrying, Tone::Waiting), 3));
    parts.push(part(format!("dead {}", figures::count(dead)), some(dead, Tone::Bad), 1));
    parts.push(part(format!("ok {}", app.summary.health.percent()), Tone::Plain, 7));
    if let Some(at) = known.oldest_undelivered_at {
        parts.push(part(format!("oldest {}", figures::long_age(figures::elapsed(at, app.now))), Tone::Plain, 4));
    }
    parts
}

fn role(app: &App) -> Part {
    let (lines, glyphs) = (app.look.lines, app.look.glyphs);
    let Some(status) = &app.engine else { return part("starting", Tone::Faint, 0) };
    match &status.role {
        Role::Starting => part("starting", Tone::Faint, 0),
        Role::Dispatching { .. } => part(format!("{} dispatching", lines.dot), Tone::Good, 0),
        Role::Standby { pid: Some(pid) } => part(format!("{} attached to pid {pid}", glyphs.half_open), Tone::Focus, 0),
        Role::Standby { pid: None } => part(format!("{} standby", glyphs.half_open), Tone::Focus, 0),
        Role::Waiting => part(format!("{} not dispatching", glyphs.open), Tone::Bad, 0),
        Role::Draining => {
            part(format!("{} finishing {} in flight", glyphs.half_open, status.in_flight), Tone::Waiting, 0)
        }
        Role::Stopped => part(format!("{} stopped", glyphs.open), Tone::Bad, 0),
    }
}

fn file(app: &App) -> Part {
    let (Some(ground), Some(status)) = (&app.ground, &app.engine) else { return part("", Tone::Plain, 0) };
    let name = escape::line(&ground.file);
    let glyphs = app.look.glyphs;
    let error = status.file.problems.iter().find(|problem| problem.severity == Severity::Error);
    match (error, &status.file.banner, &status.file.config) {
        (Some(error), _, _) if error.line > 0 => {
            part(format!("{name} {} line {}", glyphs.failed, error.line), Tone::Bad, 0)
        }
        (Some(_), _, _) | (None, Some(_), _) => part(format!("{name} {}", glyphs.failed), Tone::Bad, 0),
        (None, None, Some(_)) => part(format!("{name} {}", glyphs.good), Tone::Good, 0),
        (None, None, None) => part(format!("{name} {}", figures::UNKNOWN), Tone::Faint, 0),
    }
}

/// What a person must know before all else.
#[must_use]
pub fn banner(app: &App) -> Option<String> {
    let room = usize::from(app.size.width).saturating_sub(2);
    app.alarm.shown().map(|alarm| alarm.within(room)).or_else(|| taste(app))
}

/// What is wrong with the person's own file, until they have put it away.
fn taste(app: &App) -> Option<String> {
    let first = app.taste.problems.first().filter(|_| !app.taste_told)?;
    let others = app.taste.problems.len() - 1;
    let more = if others == 0 { String::new() } else { format!("; {others} more: `hooktui keys`") };
    let text = escape::line(&first.in_project()).into_owned();
    let room = usize::from(app.size.width).saturating_sub(2);
    // How to put it away is said where there is room for it all.
    let whole = format!("{text}{more}   Esc hides this");
    if fit::width(&whole) <= room {
        return Some(whole);
    }
    Some(format!("{}{more}", fit::cut_end(&text, room.saturating_sub(fit::width(&more)))))
}

/// What is wrong, as far as the console knows it.
#[must_use]
pub fn alarm(app: &App) -> Option<Alarm> {
    let status = app.engine.as_ref()?;
    let dispatcher = match status.role {
        Role::Starting => Dispatcher::Unknown,
        Role::Waiting | Role::Stopped => Dispatcher::Nobody,
        Role::Dispatching { .. } | Role::Standby { .. } | Role::Draining => Dispatcher::Works,
    };
    Alarm::gravest(&Signs {
        trouble: status.trouble.as_deref().or(app.trouble.as_deref()),
        problems: &status.file.problems,
        not_taken: status.file.banner.as_deref(),
        config: status.file.config.as_deref(),
        dispatcher,
        overview: app.figures.as_ref(),
        before: app.alarm.shown().map(|shown| shown.kind),
        by: By::Keys(&app.named),
        now: app.now,
    })
}

/// Draws the banner.
pub fn draw_banner(app: &App, area: Rect, buf: &mut Buffer) {
    if let Some(text) = banner(app) {
        let text = format!(" {}", fit::cut_end(&text, usize::from(area.width).saturating_sub(2)));
        buf.set_style(area, app.look.theme.banner);
        put(buf, usize::from(area.x), area.y, &text, app.look.theme.banner);
    }
}

#[cfg(test)]
mod tests {
    use super::super::panes::PaneId;
    use super::super::tests::made_up::busy;
    use super::super::tests::screens::{prepare, screen};

    #[test]
    fn what_waits_is_told_before_the_programs_name_rates_and_shares() {
        for (width, shown) in [
            (
                130,
                "hooktui  acme-api  ● dispatching  in 0.0/s  out 0.0/s  queue 214  retrying 30  dead 4  ok 96.9%  oldest 2m24s",
            ),
            (
                120,
                "acme-api  ● dispatching  in 0.0/s  out 0.0/s  queue 214  retrying 30  dead 4  ok 96.9%  oldest 2m24s",
            ),
            (110, "acme-api  ● dispatching  in 0.0/s  out 0.0/s  queue 214  retrying 30  dead 4  oldest 2m24s"),
            (100, "acme-api  ● dispatching  queue 214  retrying 30  dead 4  oldest 2m24s"),
            (80, "acme-api  ● dispatching  q 214  retry 30  dead 4  oldest 2m24s"),
            (70, "acme-api  ● dispatching  q 214  retry 30  dead 4"),
        ] {
            let mut app = prepare("rows", &busy(), PaneId::Deliveries, (width, 36));
            app.now += 10_000;
            let screen = screen(&app);
            let line = screen.lines().next().unwrap().trim();
            assert_eq!(line.strip_suffix(".ntm.yaml –").map(str::trim_end), Some(shown), "{width}");
        }
    }
}
