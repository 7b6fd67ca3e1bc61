//! What the console is told. Time comes as a message too, so that `update` is pure.

use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};

use crate::engine::Status;
use crate::event::Millis;
use crate::journal::Progress;

use super::app::Ground;
use super::effects::{Draft, Outcome};
use super::feed::Answer;

/// A message to the model.
#[derive(Debug, Clone)]
pub enum Msg {
    /// It is this late.
    Clock(Millis),
    /// A key.
    Key(KeyEvent),
    /// The mouse.
    Mouse(MouseEvent),
    /// Text that was pasted.
    Paste(String),
    /// The terminal has this many columns and lines now.
    Resize(u16, u16),
    /// What the engine does has changed.
    Engine(Arc<Status>),
    /// The journal has changed.
    Changed,
    /// The journal has answered.
    Answer(Answer),
    /// How far the act on many has come; none: it has ended.
    Course(Option<Progress>),
    /// Something that was done has ended.
    Done(Outcome),
    /// The ground has been laid after all: a starter file was written and the engine runs.
    Founded(Ground),
    /// The editor of an event's copy has ended.
    Edited(Box<Draft>),
    /// The edited copy was not accepted, for this reason.
    Refused(Box<Draft>, String),
    /// A signal asks the process to end.
    Terminate,
    /// SIGINT: Ctrl-c from outside of the console, which reads its own as a key.
    Interrupt,
}
