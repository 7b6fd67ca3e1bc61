//! `hooktui keys`: which key does what for this person, and what is wrong with their own file.

use serde::Serialize;

use crate::config::Personal;
use crate::present::escape;
use crate::tui::{
    self,
    keymap::{self, Keymap},
};

use super::exit::{Exit, Outcome};
use super::out::{self, Out};

/// Options of `keys`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The built-in table, whatever your own file says
    #[arg(long)]
    default: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One action as a record: what `keys:` of a person's own file names.
#[derive(Debug, Serialize)]
struct Record {
    context: String,
    action: &'static str,
    keys: Vec<String>,
    help: &'static str,
}

/// Prints it. 1 if the person's own file has errors.
pub fn run(args: &Args, out: &mut Out) -> Outcome {
    let mut taste = if args.default { Personal::default() } else { Personal::load() };
    if !args.default {
        // Whatever the console would tell of the file is told here too: its themes.
        let _ = tui::look(&mut taste);
    }
    let keymap = keymap::settle(&mut taste);
    if args.json {
        out.json_pretty(&records(&keymap))?;
    } else {
        out.line(keymap.markdown().trim_end())?;
    }
    for problem in &taste.problems {
        out::tell(escape::line(&problem.to_string()));
    }
    Ok(if taste.problems.is_empty() { Exit::Done } else { Exit::Failed })
}

fn records(keymap: &Keymap) -> Vec<Record> {
    let record = |context: &str, bound: &keymap::Bound| Record {
        context: context.to_owned(),
        action: bound.binding.name(),
        keys: bound.keys.iter().map(ToString::to_string).collect(),
        help: bound.binding.help,
    };
    keymap
        .contexts()
        .flat_map(|(context, table)| {
            let title = context.title();
            table.iter().map(move |bound| record(&title, bound)).collect::<Vec<_>>()
        })
        .collect()
}
