//! The journal as its callers see it.

mod lifecycle;
mod support;
