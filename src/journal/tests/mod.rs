//! The journal as its callers see it.

mod accepting;
mod by_hand;
mod dispatching;
mod keeping;
mod lifecycle;
mod machine;
mod processes;
pub(super) mod support;
mod windows;
