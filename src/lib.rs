//! hooktui
pub mod cli;
pub mod config;
pub mod engine;
pub mod event;
pub mod journal;
pub mod present;
pub mod wire;
