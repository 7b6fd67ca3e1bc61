//! `hooktui keys`: the key table.

use crate::tui::keys::keys_table;

use super::exit::{Exit, Outcome};
use super::out::Out;

/// Prints it.
pub fn run(out: &mut Out) -> Outcome {
    out.line(keys_table().trim_end())?;
    Ok(Exit::Done)
}
