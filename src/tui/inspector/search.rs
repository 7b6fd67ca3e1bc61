//! Looking for words in the open tab.

use std::ops::Range;

use super::super::input;
use super::page::Page;

/// Words that are looked for, and where they are.
#[derive(Debug, Clone)]
pub struct Search {
    /// The words.
    pub line: input::Line,
    /// They are being typed.
    pub typing: bool,
    /// Scrolled down by so many rows when it began: hits from there on come first.
    pub from: usize,
    words: String,
    hits: Vec<Range<usize>>,
    at: usize,
}

impl Search {
    /// A search that begins at this row.
    #[must_use]
    pub fn new(from: usize) -> Self {
        Self { line: input::Line::default(), typing: true, from, words: String::new(), hits: Vec::new(), at: 0 }
    }

    /// Looks through the page, if it or the words are others than before.
    pub(super) fn look(&mut self, page: &Page, is_other: bool) {
        if !is_other && self.words == self.line.text() {
            return;
        }
        let is_new = self.words != self.line.text();
        self.line.text().clone_into(&mut self.words);
        self.hits = page.find(&self.words);
        let first = page.row(self.from).map_or(0, |row| row.start);
        self.at = if is_new {
            Some(self.hits.partition_point(|hit| hit.start < first)).filter(|at| *at < self.hits.len()).unwrap_or(0)
        } else {
            self.at.min(self.hits.len().saturating_sub(1))
        };
    }

    /// To the next hit or the one before, round and round.
    pub fn step(&mut self, forward: bool) {
        let count = self.hits.len().max(1);
        self.at = if forward { self.at + 1 } else { self.at + count - 1 } % count;
    }

    /// Where the hit stands that was walked to.
    #[must_use]
    pub fn current(&self) -> Option<&Range<usize>> {
        self.hits.get(self.at)
    }

    /// Hits that touch this part of the text.
    pub fn hits_in(&self, part: Range<usize>) -> impl Iterator<Item = &Range<usize>> {
        let first = self.hits.partition_point(|hit| hit.end <= part.start);
        self.hits.iter().skip(first).take_while(move |hit| hit.start < part.end)
    }

    /// `3 of 12`, or that there is nothing.
    #[must_use]
    pub fn count(&self) -> String {
        match self.hits.len() {
            0 if self.words.is_empty() => String::new(),
            0 => "nothing found".to_owned(),
            all => format!("{} of {all}", self.at + 1),
        }
    }
}
