//! The journal as its callers see it.

mod accepting;
mod batches;
mod big;
mod by_hand;
mod disk;
mod dispatching;
mod finding;
mod in_flight;
mod keeping;
mod lifecycle;
mod machine;
mod many;
mod named;
mod own_steps;
mod processes;
pub(super) mod support;
mod undoing;
mod versions;
mod windows;
