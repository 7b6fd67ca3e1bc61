//! How many colours a terminal has, and what becomes of a theme's colours there.

use ratatui::style::{Color, Modifier, Style};

use crate::config::personal::Colors;
use crate::config::{Colour, Modifiers, ThemeStyle};

/// What a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colours {
    /// None at all: weight only.
    None,
    /// Sixteen, which the terminal's owner has chosen.
    Sixteen,
    /// The usual table of 256.
    Table,
    /// Any.
    True,
}

/// Terminals that show any colour and do not always say so in `COLORTERM`, which ssh does not hand on.
const TRUE: [&str; 6] = ["alacritty", "foot", "wezterm", "xterm-ghostty", "xterm-kitty", "contour"];
/// Terminals without colour.
const COLOURLESS: [&str; 4] = ["dumb", "vt100", "vt102", "vt220"];

impl Colours {
    /// What a person wants, which goes before `NO_COLOR` as well; else what the terminal has.
    #[must_use]
    pub fn wanted(colors: Colors, variable: impl Fn(&str) -> Option<String>) -> Self {
        match colors {
            Colors::Auto => Self::of(variable),
            Colors::Truecolor => Self::True,
            Colors::Indexed => Self::Table,
            Colors::Sixteen => Self::Sixteen,
            Colors::None => Self::None,
        }
    }

    /// What a terminal has, by the variables it is known by: `NO_COLOR`, `COLORTERM`, `TERM`.
    fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name| variable(name).unwrap_or_default();
        let term = variable("TERM");
        // https://no-color.org: set and not empty.
        if !variable("NO_COLOR").is_empty() || COLOURLESS.contains(&term.as_str()) || term.ends_with("-m") {
            return Self::None;
        }
        // GNU screen hands COLORTERM of the terminal around it on, and does not understand what that would.
        let in_screen = term.starts_with("screen") && variable("TMUX").is_empty();
        let says_true = matches!(variable("COLORTERM").as_str(), "truecolor" | "24bit") || term.ends_with("-direct");
        if !in_screen && (says_true || TRUE.iter().any(|known| term.starts_with(known))) {
            Self::True
        } else if term.contains("256color") {
            Self::Table
        } else {
            Self::Sixteen
        }
    }
}

/// A theme's style where there are so many colours. Of a colour that sixteen cannot show, `plain` tells what stands for
/// it: the style of the same meaning in the terminal's own sixteen.
pub(super) fn style(wanted: ThemeStyle, plain: ThemeStyle, colours: Colours) -> Style {
    let is_owners = |colour: Option<Colour>| matches!(colour, None | Some(Colour::Index(0..=15)));
    let shown = match colours {
        Colours::None => ThemeStyle { fg: None, bg: None, ..wanted },
        Colours::Sixteen if !is_owners(wanted.fg) || !is_owners(wanted.bg) => {
            ThemeStyle { modifiers: wanted.modifiers.and(plain.modifiers), ..plain }
        }
        Colours::Sixteen | Colours::Table | Colours::True => wanted,
    };
    let mut style = Style::new().add_modifier(modifier(shown.modifiers));
    style.fg = shown.fg.map(|one| color(one, colours));
    style.bg = shown.bg.map(|one| color(one, colours));
    style
}

fn modifier(modifiers: Modifiers) -> Modifier {
    [
        (Modifiers::BOLD, Modifier::BOLD),
        (Modifiers::DIM, Modifier::DIM),
        (Modifiers::ITALIC, Modifier::ITALIC),
        (Modifiers::UNDERLINED, Modifier::UNDERLINED),
        (Modifiers::REVERSED, Modifier::REVERSED),
    ]
    .into_iter()
    .filter(|(one, _)| modifiers.has(*one))
    .fold(Modifier::empty(), |all, (_, one)| all | one)
}

/// A colour as the terminal is told it.
pub(super) fn color(colour: Colour, colours: Colours) -> Color {
    const SIXTEEN: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match colour {
        Colour::Rgb(red, green, blue) if colours == Colours::True => Color::Rgb(red, green, blue),
        Colour::Rgb(red, green, blue) => Color::Indexed(nearest([red, green, blue])),
        Colour::Index(index) => SIXTEEN.get(usize::from(index)).copied().unwrap_or(Color::Indexed(index)),
    }
}

/// The steps of the table's cube.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest colour of the table: of its cube of 6x6x6 or of its 24 greys. Its first sixteen are the owner's, and nobody
/// knows what they are.
fn nearest(wanted: [u8; 3]) -> u8 {
    let far = |shown: [u8; 3]| -> u32 {
        wanted.iter().zip(shown).map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
    };
    (16..=255_u8).min_by_key(|index| far(shown(*index))).unwrap_or(16)
}

/// What a colour of the table looks like, from 16 on.
const fn shown(index: u8) -> [u8; 3] {
    if index >= 232 {
        let grey = 8 + (index - 232) * 10;
        return [grey; 3];
    }
    let at = index.saturating_sub(16);
    [STEPS[(at / 36) as usize % 6], STEPS[(at / 6 % 6) as usize], STEPS[(at % 6) as usize]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_tell_how_many_colours_there_are() {
        for (variables, colours) in [
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")][..], Colours::True),
            (&[("TERM", "tmux-256color"), ("COLORTERM", "24bit"), ("TMUX", "/tmp/t")], Colours::True),
            (&[("TERM", "screen-256color"), ("COLORTERM", "truecolor"), ("TMUX", "/tmp/t")], Colours::True),
            (&[("TERM", "screen.xterm-256color"), ("COLORTERM", "truecolor")], Colours::Table),
            (&[("TERM", "xterm-direct")], Colours::True),
            (&[("TERM", "xterm-kitty")], Colours::True),
            (&[("TERM", "xterm-256color")], Colours::Table),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "yes")], Colours::Table),
            (&[("TERM", "xterm")], Colours::Sixteen),
            (&[("TERM", "linux")], Colours::Sixteen),
            (&[], Colours::Sixteen),
            (&[("TERM", "vt100")], Colours::None),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")], Colours::None),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "")], Colours::Table),
        ] {
            let of = |name: &str| variables.iter().find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(Colours::wanted(Colors::Auto, of), colours, "{variables:?}");
            assert_eq!(Colours::wanted(Colors::Indexed, of), Colours::Table);
        }
    }

    #[test]
    fn the_nearest_colour_of_the_table_is_taken() {
        for (wanted, index) in [
            ([0, 0, 0], 16),
            ([255, 255, 255], 231),
            ([255, 0, 0], 196),
            ([95, 135, 175], 67),
            ([118, 118, 118], 243),
            ([20, 20, 22], 233),
        ] {
            assert_eq!(nearest(wanted), index, "{wanted:?}");
        }
        assert!((16..=255).all(|index| shown(nearest(shown(index))) == shown(index)));
    }

    #[test]
    fn sixteen_colours_keep_the_meaning_not_the_shade() {
        let plain = ThemeStyle { fg: Some(Colour::Index(2)), ..ThemeStyle::default() };
        let green = ThemeStyle { fg: Some(Colour::Rgb(140, 201, 155)), modifiers: Modifiers::BOLD, ..plain };
        let chosen = ThemeStyle { fg: Some(Colour::Index(13)), ..plain };
        let bold = Style::new().add_modifier(Modifier::BOLD);
        assert_eq!(style(green, plain, Colours::Sixteen), bold.fg(Color::Green));
        assert_eq!(style(chosen, plain, Colours::Sixteen), Style::new().fg(Color::LightMagenta));
        assert_eq!(style(green, plain, Colours::Table), bold.fg(Color::Indexed(114)));
        assert_eq!(style(green, plain, Colours::True), bold.fg(Color::Rgb(140, 201, 155)));
        assert_eq!(style(green, plain, Colours::None), bold);
    }
}
