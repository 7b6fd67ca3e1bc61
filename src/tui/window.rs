//! A list as a window: a few screens of rows around the selection, however many rows the journal holds.
//!
//! The selection is an id, never an index: rows may come, go and move while a person looks. Following means that the
//! newest row is always at the top and nothing is selected.

use crate::journal::Cursor;

/// What a row must tell for a window to keep it.
pub trait Keyed {
    /// What it is called for good; the selection is one of these.
    fn id(&self) -> String;
    /// Its place in the journal's order.
    fn cursor(&self) -> Cursor;
}

/// Where the next page of rows should lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The newest rows.
    Top,
    /// The oldest rows.
    Bottom,
    /// Rows before this place and, beginning with it, rows after it.
    Around(Cursor),
}

/// A page of rows in the list's order, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows<R> {
    /// The rows.
    pub rows: Vec<R>,
    /// There are newer rows than the first.
    pub more_above: bool,
    /// There are older rows than the last.
    pub more_below: bool,
}

/// What a person asked for that only the next page can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    First,
    Last,
    /// The row that is selected, which lies here.
    There(Cursor),
}

/// The window.
#[derive(Debug, Clone)]
pub struct Window<R> {
    page: Rows<R>,
    selected: Option<String>,
    /// Index of the first row on the screen.
    top: usize,
    following: bool,
    /// The oldest row comes first.
    reversed: bool,
    wanted: Option<Wanted>,
    loaded: bool,
}

impl<R: Keyed> Window<R> {
    /// An empty window, following the newest rows or keeping a selection.
    #[must_use]
    pub const fn new(following: bool) -> Self {
        Self {
            page: Rows { rows: Vec::new(), more_above: false, more_below: false },
            selected: None,
            top: 0,
            following,
            reversed: false,
            wanted: None,
            loaded: false,
        }
    }

    /// A first page has come: an empty window is an empty list.
    #[must_use]
    pub const fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// The newest row is always at the top.
    #[must_use]
    pub const fn is_following(&self) -> bool {
        self.following
    }

    /// The rows that are held.
    #[must_use]
    pub fn rows(&self) -> &[R] {
        &self.page.rows
    }

    /// They, and whether there are more.
    #[must_use]
    pub const fn page(&self) -> &Rows<R> {
        &self.page
    }

    /// The row that keys act on.
    #[must_use]
    pub fn selected(&self) -> Option<&R> {
        self.selected_at().and_then(|at| self.page.rows.get(at))
    }

    /// The rows on a screen of this height, and which of them is selected.
    #[must_use]
    pub fn visible(&self, height: usize) -> (&[R], Option<usize>) {
        let end = self.top.saturating_add(height).min(self.page.rows.len());
        let rows = self.page.rows.get(self.top..end).unwrap_or_default();
        (rows, self.selected_at().and_then(|at| at.checked_sub(self.top)))
    }

    /// Where the next page should lie.
    #[must_use]
    pub fn wants(&self) -> At {
        match (self.wanted, self.selected()) {
            (Some(Wanted::Last), _) => At::Bottom,
            (Some(Wanted::There(at)), _) => At::Around(at),
            (Some(Wanted::First), _) | (None, None) => At::Top,
            (None, Some(_)) if self.following => At::Top,
            (None, Some(row)) => At::Around(row.cursor()),
        }
    }

    /// Takes a page that came for [`Window::wants`].
    pub fn apply(&mut self, page: Rows<R>, height: usize) {
        let place = self.selected_at().map(|at| (at, at.saturating_sub(self.top)));
        let mut old = self.selected().map(Keyed::cursor);
        let sought = if let Some(Wanted::There(at)) = self.wanted { Some(at) } else { None };
        if sought.is_some() {
            (old, self.wanted) = (sought, None);
        }
        self.page = page;
        self.loaded = true;
        match self.wanted.take() {
            Some(Wanted::First) => self.select(Some(0)),
            Some(Wanted::Last) => self.select(self.page.rows.len().checked_sub(1)),
            None if self.following => self.selected = None,
            None | Some(Wanted::There(_)) => {
                if self.selected_at().is_none() {
                    let heir =
                        old.and_then(|old| self.page.rows.iter().position(|row| self.is_after(row.cursor(), old)));
                    let last = self.page.rows.len().checked_sub(1);
                    self.select(heir.or(if old.is_some() { last } else { last.map(|_| 0) }));
                }
            }
        }
        // The selected row stays on its line of the screen; but while the screen shows the list's very beginning, new
        // rows push in from above.
        if let (Some((_, line)), Some(at)) = (place, self.selected_at()) {
            self.top = if self.top == 0 && !self.page.more_above && at < height { 0 } else { at.saturating_sub(line) };
        } else {
            // A row that was sought comes to the middle.
            let at = self.selected_at().filter(|_| sought.is_some());
            self.top = at.map_or(0, |at| at.saturating_sub(height / 2));
        }
        self.keep_in_sight(height);
    }

    /// Moves the selection by rows. Tells whether rows beyond the window may be needed.
    pub fn step(&mut self, rows: isize, height: usize) -> bool {
        self.following = false;
        self.wanted = None;
        let Some(last) = self.page.rows.len().checked_sub(1) else { return false };
        let at = self.selected_at().map_or(self.top, |at| at.saturating_add_signed(rows).min(last));
        self.select(Some(at));
        self.keep_in_sight(height);
        (self.page.more_above && at < height) || (self.page.more_below && at.saturating_add(height) > last)
    }

    /// Selects the row on this line of the screen. Tells whether there is one.
    pub fn pick(&mut self, line: usize) -> bool {
        let at = self.top.saturating_add(line);
        if at >= self.page.rows.len() {
            return false;
        }
        self.following = false;
        self.wanted = None;
        self.select(Some(at));
        true
    }

    /// Moves the rows under the eye; the selection goes along when it would leave the screen. Tells whether rows beyond the
    /// window may be needed. A list that follows goes on doing so unless there is something to scroll to.
    pub fn scroll(&mut self, rows: isize, height: usize) -> bool {
        let height = height.max(1);
        let deepest = self.page.rows.len().saturating_sub(height);
        let top = self.top.saturating_add_signed(rows).min(deepest);
        let more = if rows < 0 { self.page.more_above } else { self.page.more_below };
        if top == self.top && !more {
            return false;
        }
        self.following = false;
        self.wanted = None;
        self.top = top;
        let at = self.selected_at().unwrap_or(top).clamp(top, top + height - 1);
        self.select(Some(at.min(self.page.rows.len().saturating_sub(1))));
        (self.page.more_above && top < height) || (self.page.more_below && top + 2 * height > self.page.rows.len())
    }

    /// To the newest row.
    pub fn first(&mut self, height: usize) {
        self.following = false;
        self.wanted = Some(Wanted::First);
        if !self.page.more_above {
            self.select(Some(0));
            self.keep_in_sight(height);
        }
    }

    /// To the oldest row.
    pub fn last(&mut self, height: usize) {
        self.following = false;
        self.wanted = Some(Wanted::Last);
        if !self.page.more_below {
            self.select(self.page.rows.len().checked_sub(1));
            self.keep_in_sight(height);
        }
    }

    /// To the row of this id, which lies there in the list.
    pub fn seek(&mut self, id: String, at: Cursor) {
        self.following = false;
        self.selected = Some(id);
        self.wanted = Some(Wanted::There(at));
    }

    /// The oldest row comes first, or the newest again. Only those are followed.
    pub fn reverse(&mut self, reversed: bool) {
        self.reversed = reversed;
        if reversed {
            self.follow(false);
        }
    }

    fn is_after(&self, row: Cursor, place: Cursor) -> bool {
        if self.reversed { is_at_or_below(place, row) } else { is_at_or_below(row, place) }
    }

    /// Follows the newest rows, or stops and selects the one at the top.
    pub fn follow(&mut self, on: bool) {
        self.following = on;
        self.wanted = None;
        if on {
            self.selected = None;
            self.top = 0;
        } else if self.selected.is_none() {
            self.select(Some(self.top));
        }
    }

    /// Another height: the selection stays in sight.
    pub fn keep_in_sight(&mut self, height: usize) {
        let height = height.max(1);
        let deepest = self.page.rows.len().saturating_sub(height);
        if let Some(at) = self.selected_at() {
            let lowest = (at + 1).saturating_sub(height);
            self.top = self.top.clamp(lowest, at);
        }
        self.top = self.top.min(deepest);
    }

    fn selected_at(&self) -> Option<usize> {
        let selected = self.selected.as_deref()?;
        self.page.rows.iter().position(|row| row.id() == selected)
    }

    fn select(&mut self, at: Option<usize>) {
        self.selected = at.and_then(|at| self.page.rows.get(at)).map(Keyed::id);
    }
}

/// Rows to ask for on either side of a place: two screens, so that a page key never meets the end of the window.
#[must_use]
pub fn reach(height: usize) -> usize {
    (2 * height).max(40)
}

/// The list's order is newest first: smaller cursors come later.
fn is_at_or_below(row: Cursor, place: Cursor) -> bool {
    (row.sort, row.seq) <= (place.sort, place.seq)
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
