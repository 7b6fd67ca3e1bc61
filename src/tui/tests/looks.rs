//! The looks: every theme on one screen, and what of it reaches the terminal, through an emulator.

use std::fmt::Write as _;

use crossterm::event::{KeyCode, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::made_up::{self, press, press_key};
use super::screens::{prepare, screen};
use crate::tui::app::App;
use crate::tui::keys::Context;
use crate::tui::panes::PaneId;
use crate::tui::theme::{BUILT_IN, Colours, Themes};
use crate::tui::view;

const SIZE: (u16, u16) = (120, 40);

fn dressed(name: &str, colours: Colours) -> App {
    let mut app = prepare("rows", &made_up::busy(), PaneId::Dead, SIZE);
    app.look.themes = Themes::built_in(colours);
    assert!(app.look.wear(|themes| themes.wear(name)));
    app
}

fn frame(app: &App) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, app.size.width, app.size.height));
    view::render(app, &mut buffer);
    buffer
}

/// The screen as the terminal has it after one frame.
fn on_terminal(app: &App) -> vt100::Parser {
    crossterm::style::force_color_output(true);
    let mut bytes = Vec::new();
    let area = Rect::new(0, 0, app.size.width, app.size.height);
    let options = ratatui::TerminalOptions { viewport: ratatui::Viewport::Fixed(area) };
    let mut terminal = Terminal::with_options(CrosstermBackend::new(&mut bytes), options).unwrap();
    terminal.draw(|frame| view::draw(app, frame)).unwrap();
    drop(terminal);
    let mut parser = vt100::Parser::new(app.size.height, app.size.width, 0);
    parser.process(&bytes);
    parser
}

fn cells(parser: &vt100::Parser) -> impl Iterator<Item = &vt100::Cell> {
    let (rows, columns) = parser.screen().size();
    (0..rows).flat_map(move |y| (0..columns).filter_map(move |x| parser.screen().cell(y, x)))
}

/// A letter for each style in the order they are met, and the lines as runs of them: `12a 3b`.
fn style_map(buffer: &Buffer) -> String {
    let mut known: Vec<(Color, Color, Modifier)> = Vec::new();
    let mut lines = String::new();
    for y in 0..buffer.area.height {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            let style = (cell.fg, cell.bg, cell.modifier);
            let at = known.iter().position(|one| *one == style).unwrap_or_else(|| {
                known.push(style);
                known.len() - 1
            });
            match runs.last_mut() {
                Some((last, count)) if *last == at => *count += 1,
                _ => runs.push((at, 1)),
            }
        }
        let letter = |at: usize| char::from(b'a' + u8::try_from(at).unwrap());
        let runs: Vec<String> = runs.iter().map(|(at, count)| format!("{count}{}", letter(*at))).collect();
        let _ = writeln!(lines, "{}", runs.join(" "));
    }
    let mut legend = String::new();
    for ((fg, bg, modifier), letter) in known.iter().zip('a'..) {
        let _ = writeln!(legend, "{letter}: {fg} on {bg} {modifier:?}");
    }
    format!("{legend}{lines}")
}

#[test]
fn every_theme_on_one_screen() {
    let text = screen(&dressed("dark", Colours::True));
    let mut all = String::new();
    for (name, _) in BUILT_IN {
        let app = dressed(name, Colours::True);
        assert_eq!(screen(&app), text, "{name}: the words are the same in every theme");
        let _ = writeln!(all, "== {name}\n{}", style_map(&frame(&app)));
    }
    insta::with_settings!({ snapshot_path => "../../../tests/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("console_themes_120x40", all);
    });
}

#[test]
fn a_terminal_is_told_no_more_colours_than_it_has() {
    let shows = |colour, most| match colour {
        vt100::Color::Default => true,
        vt100::Color::Idx(index) => most >= Colours::Table || (most == Colours::Sixteen && index < 16),
        vt100::Color::Rgb(..) => most == Colours::True,
    };
    for (name, _) in BUILT_IN {
        for colours in [Colours::True, Colours::Table, Colours::Sixteen, Colours::None] {
            let parser = on_terminal(&dressed(name, colours));
            for cell in cells(&parser) {
                assert!(
                    shows(cell.fgcolor(), colours) && shows(cell.bgcolor(), colours),
                    "{name}, {colours:?}: {cell:?}"
                );
            }
        }
    }
    let painted = |colours| {
        let parser = on_terminal(&dressed("dark", colours));
        let grounds: Vec<vt100::Color> = cells(&parser).map(vt100::Cell::bgcolor).collect();
        assert_eq!(grounds.len(), usize::from(SIZE.0) * usize::from(SIZE.1));
        (grounds[0], grounds.iter().all(|ground| *ground != vt100::Color::Default))
    };
    assert_eq!(painted(Colours::True), (vt100::Color::Rgb(0x12, 0x16, 0x1d), true));
    assert_eq!(painted(Colours::Table), (vt100::Color::Idx(233), true));
    assert_eq!(painted(Colours::Sixteen).0, vt100::Color::Default);
}

#[test]
fn without_colour_selection_weight_and_states_still_reach_the_terminal() {
    let parser = on_terminal(&dressed("dark", Colours::None));
    let seen = parser.screen();
    let row = (0..SIZE.1).rfind(|y| seen.contents_between(*y, 0, *y, SIZE.0).contains('▌')).expect("a marker");
    assert!(seen.cell(row, 10).unwrap().inverse(), "the selected row is reversed");
    let text = seen.contents();
    for state in ["● closed", "○ open", "◐ half-open", "× disabled", "✓ 200", "✗ ", "held", "● dispatching"]
    {
        assert!(text.contains(state), "{state}:\n{text}");
    }
    let bold = |text: &str| {
        let y = (0..SIZE.1).find(|y| seen.contents_between(*y, 0, *y, SIZE.0).contains(text)).expect(text);
        let line = seen.contents_between(y, 0, y, SIZE.0);
        let x = line.chars().position(char::is_alphanumeric).unwrap();
        seen.cell(y, u16::try_from(x).unwrap()).unwrap().bold()
    };
    assert!(bold("4 Dead letters"), "the focused pane's title is bold");
}

#[test]
fn what_opens_over_the_panes_is_painted_too() {
    let mut app = dressed("light", Colours::True);
    let ground = app.look.theme.ground.unwrap();
    for key in ["?", "\u{1b}q", "\u{1b}"] {
        for one in key.chars() {
            if one == '\u{1b}' {
                press_key(&mut app, KeyCode::Esc, KeyModifiers::NONE);
            } else {
                press(&mut app, one);
            }
        }
        let bare = frame(&app).content.iter().filter(|cell| cell.bg == Color::Reset || cell.fg == Color::Reset).count();
        assert_eq!(bare, 0, "{key:?}");
        assert!(frame(&app).content.iter().any(|cell| cell.bg == ground));
    }
}

#[test]
fn a_key_goes_round_the_themes_and_names_them() {
    let mut app = prepare("rows", &made_up::busy(), PaneId::Dead, SIZE);
    let mut seen = Vec::new();
    for (name, _) in BUILT_IN.iter().cycle().skip(1).take(BUILT_IN.len()) {
        assert!(press(&mut app, 'T').is_empty());
        assert_eq!(app.look.themes.name(), *name);
        assert!(screen(&app).contains(&format!("theme {name}; `theme: {name}` in config.yaml keeps it")));
        seen.push(app.look.theme);
    }
    assert_eq!(seen.last(), Some(&Themes::built_in(Colours::True).theme()), "round");
    for (name, _) in BUILT_IN {
        let action = format!("theme {}", name.replace('-', " "));
        let binding = Context::Everywhere.bindings().iter().find(|one| one.name() == action).expect(name);
        (binding.run)(&mut app);
        assert_eq!(app.look.themes.name(), name);
    }
    app.look.themes = Themes::built_in(Colours::None);
    press(&mut app, 'T');
    assert!(screen(&app).contains("this terminal shows no colours"));
}
