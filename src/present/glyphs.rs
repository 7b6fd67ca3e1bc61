//! The marks that go before a word. Every state has a word too: a glyph alone never carries a meaning.

use crate::event::{Circuit, EndpointState};

/// One set of marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields say what they mark")]
pub struct Glyphs {
    pub good: &'static str,
    pub failed: &'static str,
    pub closed: &'static str,
    pub open: &'static str,
    pub half_open: &'static str,
    pub off: &'static str,
}

/// The usual set.
pub static UNICODE: Glyphs =
    Glyphs { good: "✓", failed: "✗", closed: "●", open: "○", half_open: "◐", off: "×" };

/// For terminals and pipes that have nothing but ASCII.
pub static ASCII: Glyphs = Glyphs { good: "+", failed: "x", closed: "*", open: "o", half_open: "%", off: "-" };

impl Glyphs {
    /// The mark of an endpoint: its circuit, unless it takes no part.
    #[must_use]
    pub const fn endpoint(&self, state: EndpointState, circuit: Circuit) -> &'static str {
        match (state, circuit) {
            (EndpointState::Paused | EndpointState::Disabled | EndpointState::Removed, _) => self.off,
            (EndpointState::Active, Circuit::Closed) => self.closed,
            (EndpointState::Active, Circuit::Open) => self.open,
            (EndpointState::Active, Circuit::HalfOpen) => self.half_open,
        }
    }
}
