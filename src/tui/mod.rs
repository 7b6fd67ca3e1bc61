//! The console: loop, model, update, view, panes. See the crate's front page for how they fit together.

pub mod app;
pub mod dialog;
pub mod effects;
pub mod feed;
pub mod footer;
pub mod glyph;
pub mod header;
pub mod help;
pub mod inspector;
pub mod keys;
pub mod layout;
pub mod meter;
pub mod msg;
pub mod panes;
pub mod rows;
pub mod table;
pub mod theme;
pub mod update;
pub mod view;
pub mod welcome;
pub mod window;

#[cfg(test)]
mod tests;
