//! What console and command line both show: ages, figures, sentences, escaping.
//!
//! A figure or a sentence that is made here reads the same in a pane, in a plain list and in `show`. Everything is pure:
//! rows and the time go in, text comes out. Nothing here reads, writes or knows a terminal.

pub mod act;
pub mod alarm;
pub mod clock;
pub mod diff;
pub mod escape;
pub mod figures;
pub mod fit;
pub mod glyphs;
pub mod next;
pub mod outgoing;
pub mod pulse;
pub mod result;
pub mod summary;

#[cfg(test)]
pub(crate) mod tests;
