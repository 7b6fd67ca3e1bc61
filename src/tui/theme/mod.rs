//! Colours by meaning. Colour never stands alone: every state has a glyph and a word too.
//!
//! A theme is data (`assets/themes/`, and people's own). To give something a look of its own: a meaning in [`MEANINGS`], its
//! field in [`Theme`], its line in every theme; the tests tell what is missing.

mod colours;
mod themes;

pub use colours::Colours;
pub use themes::{BUILT_IN, Themes};

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Style};

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

/// What a theme has a style for: the tones, and what is laid around and over them.
pub const MEANINGS: &[&str] =
    &["plain", "strong", "faint", "good", "waiting", "bad", "focus", "frame", "selected", "lit", "banner"];

/// A theme in the colours of this terminal: a style for each meaning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the tones")]
pub struct Theme {
    pub plain: Style,
    pub strong: Style,
    pub faint: Style,
    pub good: Style,
    pub waiting: Style,
    pub bad: Style,
    pub focus: Style,
    /// Around a pane without the focus.
    pub frame: Style,
    /// Laid over the selected row.
    pub selected: Style,
    /// Laid over a row that has just changed.
    pub lit: Style,
    /// Banner across the screen.
    pub banner: Style,
    /// The screen is filled with it; none: the terminal's own background stays.
    pub ground: Option<Color>,
}

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

    /// Fills what has no colour yet: the last thing that is done to a frame.
    pub fn paint(&self, buf: &mut Buffer) {
        let Some(ground) = self.ground else { return };
        let text = self.plain.fg.unwrap_or_default();
        for cell in &mut buf.content {
            if cell.bg == Color::Reset {
                cell.bg = ground;
            }
            if cell.fg == Color::Reset {
                cell.fg = text;
            }
        }
    }
}

#[cfg(test)]
mod tests;
