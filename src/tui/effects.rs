//! What `update` wants done outside of the model. The loop performs it and answers with messages.

use crate::event::Millis;
use crate::journal::{Act, Selection};

use super::feed::Ask;

/// Something to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A question to the journal.
    Ask(Ask),
    /// An act by hand.
    Do(Deed),
    /// Sends one test event to the endpoint of this id.
    Test(String),
    /// No new attempts; those in flight have this many milliseconds.
    Drain(u64),
    /// Opens the project's file in the person's editor, at this line.
    Edit(u64),
    /// Writes the starter file and starts the engine.
    WriteStarter,
    /// Gives the terminal back and stops until the shell brings us back.
    Suspend,
    /// Makes a person who looks elsewhere look here.
    Alert(Alert),
    /// Listens to the mouse, or leaves it to the terminal.
    Mouse(bool),
    /// Draws every cell anew.
    Redraw,
    /// Leaves.
    Quit,
}

/// How a person is made to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The terminal's bell.
    pub bell: bool,
    /// A notification with these words, where the terminal can (OSC 9).
    pub notify: Option<String>,
}

/// An act by hand, as the journal takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// On deliveries.
    Act(Act, Selection),
    /// One dead letter goes now.
    RetryNow(String),
    /// One more attempt of a delivery.
    Resend(String),
    /// A stored event to those who match now and never had it.
    ResendEvent(String),
    /// An order about one endpoint (by id), or about all.
    Order(Option<String>, EndpointOrder),
    /// Takes back one's last act.
    Undo,
}

/// What can be ordered about endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointOrder {
    /// Hold its deliveries.
    Pause,
    /// Let them flow.
    Resume,
    /// Close its circuit.
    Reset,
    /// Open its circuit.
    Trip,
}

/// How something that was done ended, in words for the message line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// It did what it should.
    pub good: bool,
    /// The words.
    pub text: String,
}

/// How long the drain of a leaving console may take, in milliseconds.
pub const PATIENCE: u64 = 5_000;

/// Until when a message stays, from now on.
pub const NOTICE: Millis = 6_000;
