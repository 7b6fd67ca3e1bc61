//! `hooktui keys`: the key table, and what is wrong with the person's own file.

use crate::config::Personal;
use crate::present::escape;
use crate::tui::keys::keys_table;

use super::exit::{Exit, Outcome};
use super::out::{self, Out};

/// Options of `keys`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The built-in table, whatever your own file says
    #[arg(long)]
    default: bool,
}

/// Prints it. 1 if the person's own file has errors.
pub fn run(args: &Args, out: &mut Out) -> Outcome {
    let taste = if args.default { Personal::default() } else { Personal::load() };
    out.line(keys_table().trim_end())?;
    for problem in &taste.problems {
        out::tell(escape::line(&problem.to_string()));
    }
    Ok(if taste.problems.is_empty() { Exit::Done } else { Exit::Failed })
}
