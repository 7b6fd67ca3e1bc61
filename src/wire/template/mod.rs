//! Templates: Go's `text/template` over an event, as NTM's users write them, with `json` and `jsonEscape`.
//!
//! `lex` makes tokens of the source, `parse` a tree of them; `run` walks the tree, `eval` works out its pipelines with
//! `funcs`, `compare`, `escape`, `print` and the methods of `time`; `bounds` keeps a hostile template harmless. What a row of
//! `tests/vectors/templates.json` does not decide, Go's documentation and behaviour do. Differences, all of them wanted:
//!
//! - `.Data` is the event's JSON; its whole numbers are whole (Go's reader makes them floating-point numbers).
//! - The output is UTF-8: bytes that are none (a `slice` may cut a character) become U+FFFD.
//! - There are no complex numbers, no addresses (`%p`), and no functions as values.
//! - A template is limited in length, nesting, steps and output.

mod ast;
mod bounds;
mod compare;
mod escape;
mod eval;
mod funcs;
mod lex;
mod literal;
mod parse;
mod print;
mod run;
mod time;
mod value;

use crate::event::Event;

/// A template that can be run over any event.
#[derive(Debug)]
pub struct Template {
    /// Tells the place of what goes wrong.
    source: String,
    templates: parse::Templates,
}

/// What is wrong with a template, before it was ever run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column} of the template: {message}")]
pub struct ParseError {
    /// From 1, within the template.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong and what would be right. It may repeat a piece of the template.
    pub message: String,
}

/// What went wrong with a template while it ran over an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column} of the template: {message}")]
pub struct RunError {
    /// From 1, within the template.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong, in Go's words.
    pub message: String,
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// [`ParseError`], also for one that is longer than 64 KiB or nested deeper than 100 blocks and parentheses.
    pub fn parse(source: &str) -> Result<Self, ParseError> {
        if source.len() > bounds::LONGEST_SOURCE {
            let most = bounds::LONGEST_SOURCE >> 10;
            let message = format!("it is longer than {most} KiB; a template is no place for data");
            return Err(ParseError { line: 1, column: 1, message });
        }
        let templates = parse::parse(source).map_err(|problem| {
            let (line, column) = place(source, problem.at);
            ParseError { line, column, message: problem.text }
        })?;
        Ok(Self { source: source.to_owned(), templates })
    }

    /// Runs it over an event. The text is at most 16 MiB.
    ///
    /// # Errors
    /// [`RunError`]: the event does not have what the template asks for, or it does too much.
    pub fn render(&self, event: &Event) -> Result<String, RunError> {
        let source = value::Source::new(event);
        let bytes = run::run(&self.templates, &source).map_err(|stop| {
            let (line, column) = place(&self.source, stop.at);
            RunError { line, column, message: stop.text }
        })?;
        Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }
}

/// Line and column of a byte of the source, from 1.
fn place(source: &str, at: usize) -> (usize, usize) {
    let before = source.get(..at).unwrap_or(source);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests;
