//! The console without a journal: made-up rows, the model, and the screens drawn from it.

mod finding;
mod first;
mod hand;
mod help;
mod hostile;
mod inspector;
mod looks;
pub mod made_up;
mod mouse;
mod palette;
pub mod screens;
mod taste;
