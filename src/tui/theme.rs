//! Colours by meaning. Colour never stands alone: every state has a glyph and a word too.

use ratatui::style::{Color, Modifier, Style};

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Text.
    #[default]
    Plain,
    /// What the eye should meet first.
    Strong,
    /// Old, held, of lesser interest.
    Faint,
    /// Delivered, closed.
    Good,
    /// Waiting, retrying, half-open.
    Waiting,
    /// Failed, open, dead.
    Bad,
    /// Focus, keys, links.
    Focus,
}

/// One look: a style for each meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the tones")]
pub struct Theme {
    pub plain: Style,
    pub strong: Style,
    pub faint: Style,
    pub good: Style,
    pub waiting: Style,
    pub bad: Style,
    pub focus: Style,
    /// Laid over the selected row.
    pub selected: Style,
    /// Laid over a row that has just changed.
    pub lit: Style,
    /// Banner across the screen.
    pub banner: Style,
}

const fn fg(color: Color) -> Style {
    Style::new().fg(color)
}

const fn with(modifier: Modifier) -> Style {
    Style::new().add_modifier(modifier)
}

/// For dark terminals; the sixteen colours that every terminal's owner has chosen for himself.
pub static DARK: Theme = Theme {
    plain: Style::new(),
    strong: with(Modifier::BOLD),
    faint: fg(Color::DarkGray),
    good: fg(Color::Green),
    waiting: fg(Color::Yellow),
    bad: fg(Color::Red),
    focus: fg(Color::LightBlue),
    selected: with(Modifier::REVERSED),
    lit: with(Modifier::BOLD),
    banner: Style::new().fg(Color::Black).bg(Color::Yellow),
};

/// Without colour (`NO_COLOR`): weight only.
pub static MONO: Theme = Theme {
    plain: Style::new(),
    strong: with(Modifier::BOLD),
    faint: with(Modifier::DIM),
    good: Style::new(),
    waiting: Style::new(),
    bad: with(Modifier::BOLD),
    focus: with(Modifier::BOLD),
    selected: with(Modifier::REVERSED),
    lit: with(Modifier::BOLD),
    banner: with(Modifier::REVERSED),
};

impl Theme {
    /// The style of a meaning.
    #[must_use]
    pub const fn style(&self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => self.plain,
            Tone::Strong => self.strong,
            Tone::Faint => self.faint,
            Tone::Good => self.good,
            Tone::Waiting => self.waiting,
            Tone::Bad => self.bad,
            Tone::Focus => self.focus,
        }
    }
}
