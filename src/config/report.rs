//! Collecting problems while the tree is read, so that all of them are told at once.

use std::path::Path;

use super::node::Place;
use super::problem::{Problem, Severity};

/// Most problems told; a hostile file could hold a hundred thousand.
const MOST: usize = 200;

/// The problems of one reading.
#[derive(Debug)]
pub(super) struct Report<'a> {
    file: &'a Path,
    problems: Vec<Problem>,
    /// How many more there were.
    untold: usize,
    /// An error is among them, told or not.
    invalid: bool,
}

impl<'a> Report<'a> {
    pub(super) const fn new(file: &'a Path) -> Self {
        Self { file, problems: Vec::new(), untold: 0, invalid: false }
    }

    /// The file is not valid because of this.
    pub(super) fn error(&mut self, place: &Place, text: impl Into<String>) {
        self.add(Severity::Error, place, text.into());
    }

    /// The file is good; this is worth knowing.
    pub(super) fn warn(&mut self, place: &Place, text: impl Into<String>) {
        self.add(Severity::Warning, place, text.into());
    }

    /// One endpoint cannot run here.
    pub(super) fn missing(&mut self, place: &Place, text: impl Into<String>) {
        self.add(Severity::Missing, place, text.into());
    }

    /// A problem of the file as a whole, or of a place that has no path.
    pub(super) fn add_at(&mut self, severity: Severity, (line, column): (u64, u64), text: String) {
        self.push(Problem { severity, file: self.file.to_owned(), line, column, path: String::new(), text });
    }

    fn add(&mut self, severity: Severity, place: &Place, text: String) {
        let path = place.trail.to_string();
        let (line, column) = (place.line, place.column);
        self.push(Problem { severity, file: self.file.to_owned(), line, column, path, text });
    }

    fn push(&mut self, problem: Problem) {
        self.invalid |= problem.severity == Severity::Error;
        if self.problems.len() < MOST {
            self.problems.push(problem);
        } else {
            self.untold += 1;
        }
    }

    /// Whether the file cannot be used.
    pub(super) const fn invalid(&self) -> bool {
        self.invalid
    }

    /// All problems in file order.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| (problem.line, problem.column));
        if self.untold > 0 {
            let severity = if self.invalid { Severity::Error } else { Severity::Warning };
            let text = format!("{} more problems are not listed; mend these first", self.untold);
            self.add_at_end(severity, text);
        }
        self.problems
    }

    fn add_at_end(&mut self, severity: Severity, text: String) {
        let file = self.file.to_owned();
        self.problems.push(Problem { severity, file, line: 0, column: 0, path: String::new(), text });
    }
}
