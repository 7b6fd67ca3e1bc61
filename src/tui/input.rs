//! A line that a person types: filter, palette, search. The keys are those of a shell.

use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tui_input::{Input, InputRequest};

use crate::present::escape;

use super::app::App;
use super::keys::Key;
use super::table::put;

/// Longer than any filter; a pasted file must not fill the line.
const LONGEST: usize = 1_000;

/// The line and its cursor.
#[derive(Debug, Clone, Default)]
pub struct Line(Input);

impl Line {
    /// A line with text in it, the cursor at its end.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Input::new(text.to_owned()))
    }

    /// A line with the cursor after so many characters.
    #[must_use]
    pub fn at(text: &str, cursor: usize) -> Self {
        Self(Input::new(text.to_owned()).with_cursor(cursor))
    }

    /// What has been typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.value()
    }

    /// Where the cursor stands, in characters from the beginning.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.0.cursor()
    }

    /// Takes the key, if it is one that edits. Tells whether it was taken.
    pub fn press(&mut self, key: Key) -> bool {
        let Some(request) = request(key) else { return false };
        if !matches!(request, InputRequest::InsertChar(_)) || self.text().len() < LONGEST {
            self.0.handle(request);
        }
        true
    }

    /// Takes pasted text: what would be a new line becomes a blank.
    pub fn paste(&mut self, text: &str) {
        for one in text.chars().map(|one| if one.is_control() { ' ' } else { one }) {
            self.press(Key::char(one));
        }
    }

    /// Where the character at this byte stands when the line is drawn so wide, from its left end.
    #[must_use]
    pub fn column_of(&self, byte: usize, width: usize) -> usize {
        let before = crate::present::fit::width(&escape::line(self.text().get(..byte).unwrap_or(self.text())));
        before.saturating_sub(self.0.visual_scroll(width.saturating_sub(1)))
    }

    /// Draws the line with its cursor; a long one is scrolled to where the cursor is.
    pub fn draw(&self, app: &App, area: Rect, buf: &mut Buffer) {
        let width = usize::from(area.width);
        if width == 0 {
            return;
        }
        let (x, theme) = (usize::from(area.x), app.look.theme);
        let left = self.0.visual_scroll(width.saturating_sub(1));
        let shown = escape::line(self.text());
        let mut skipped = 0;
        let visible: String = shown
            .chars()
            .skip_while(|one| {
                let before = skipped;
                skipped += unicode_width::UnicodeWidthChar::width(*one).unwrap_or(0);
                before < left
            })
            .collect();
        put(buf, x, area.y, &crate::present::fit::cut_end(&visible, width), theme.plain);
        let cursor = Rect {
            x: area.x.saturating_add(u16::try_from(self.0.visual_cursor().saturating_sub(left)).unwrap_or(0)),
            width: 1,
            height: 1,
            ..area
        };
        buf.set_style(cursor.intersection(buf.area), theme.selected);
    }
}

fn request(key: Key) -> Option<InputRequest> {
    use InputRequest as Do;
    if let Some(one) = key.typed() {
        return Some(Do::InsertChar(one));
    }
    let named = |code| Key::named(code);
    let known = [
        (named(KeyCode::Backspace), Do::DeletePrevChar),
        (Key::ctrl('h'), Do::DeletePrevChar),
        (named(KeyCode::Delete), Do::DeleteNextChar),
        (named(KeyCode::Left), Do::GoToPrevChar),
        (named(KeyCode::Right), Do::GoToNextChar),
        (named(KeyCode::Home), Do::GoToStart),
        (Key::ctrl('a'), Do::GoToStart),
        (named(KeyCode::End), Do::GoToEnd),
        (Key::ctrl('e'), Do::GoToEnd),
        (Key::ctrl('w'), Do::DeletePrevWord),
        (Key::ctrl('u'), Do::DeleteLine),
        (Key::ctrl('k'), Do::DeleteTillEnd),
    ];
    known.into_iter().find(|(known, _)| *known == key).map(|(_, request)| request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_edits_as_a_shell_does() {
        let mut line = Line::new("state:dead endpoint:ops");
        line.press(Key::ctrl('w'));
        assert_eq!(line.text(), "state:dead ");
        line.paste("sl\nack");
        assert_eq!(line.text(), "state:dead sl ack");
        line.press(Key::ctrl('a'));
        line.press(Key::named(KeyCode::Delete));
        assert_eq!((line.text(), line.cursor()), ("tate:dead sl ack", 0));
        line.press(Key::ctrl('u'));
        assert_eq!(line.text(), "");
        assert!(!line.press(Key::named(KeyCode::Enter)), "Enter is not its own");
    }

    #[test]
    fn it_takes_no_more_than_a_line() {
        let mut line = Line::default();
        line.paste(&"x".repeat(5_000));
        assert_eq!(line.text().len(), LONGEST);
    }
}
