//! What `update` wants done outside of the model. The loop performs it and answers with messages.

use crate::event::Millis;
use crate::journal::{Act, LastAct, Selection, Whom};

use super::feed::Ask;

/// Something to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A question to the journal.
    Ask(Ask),
    /// An act by hand.
    Do(Deed),
    /// The act on many that goes on stops at its next step.
    Stop,
    /// Sends one test event to the endpoint of this id.
    Test(String),
    /// No new attempts; those in flight have this many milliseconds.
    Drain(u64),
    /// To the clipboard.
    Copy(Clip),
    /// This text in the person's pager.
    Page(String),
    /// A copy of an event in the person's editor.
    EditCopy(Box<Draft>),
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

/// An act on many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bulk {
    /// On deliveries.
    Act(Act),
    /// One more attempt of each delivery.
    Resend,
    /// Events to the endpoints that match now and never had them.
    Events,
}

/// An act by hand, as the journal takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// On deliveries, so many when the person was asked.
    Act(Act, Selection, u64),
    /// Dead letters go again gently, so many when the person was asked.
    Replay(Selection, u64),
    /// One dead letter goes now.
    RetryNow(String),
    /// One more attempt of a delivery.
    Resend(String),
    /// One more attempt of each of these deliveries.
    ResendAll(Vec<String>),
    /// Stored events to those who match now and never had them.
    ResendEvents(Vec<String>),
    /// A stored event to those who match now and never had it.
    ResendEvent(String),
    /// An order about one endpoint (by id), or about those that the person was asked about.
    Order(Whom, EndpointOrder),
    /// Sends the edited copy of a dead letter's event to that dead letter's endpoint.
    SendCopy(Box<Draft>),
    /// Takes back this act of one's own, if it still is the last.
    Undo(LastAct),
}

/// Bytes for the clipboard. They may hold secrets: `Debug` tells their number only.
#[derive(Clone, PartialEq, Eq)]
pub struct Clip(pub Vec<u8>);

impl std::fmt::Debug for Clip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clip({} bytes)", self.0.len())
    }
}

/// A copy of a dead letter's event, as it is edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The event that it is a copy of.
    pub event: String,
    /// The dead letter's endpoint: the copy goes there only.
    pub endpoint_id: String,
    /// Its name.
    pub endpoint: String,
    /// The event as it was laid out.
    pub before: String,
    /// As the person has it.
    pub text: String,
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
    /// It takes something away, and undo brings that back.
    pub undo: bool,
}

/// How long the drain of a leaving console may take, in milliseconds.
pub const PATIENCE: u64 = 5_000;

/// Until when a message stays, from now on.
pub const NOTICE: Millis = 6_000;
