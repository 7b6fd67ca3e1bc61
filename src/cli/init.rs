//! `hooktui init`: a commented starter file.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::PathBuf;

use super::exit::{Exit, Failure, Outcome};
use super::out::Out;
use super::place::Place;
use crate::config::Project;
use crate::present::escape;

/// The starter file.
pub const STARTER: &str = include_str!("../../assets/starter.ntm.yaml");

/// Options of `init`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Writes the file into the directory given, else into this one. Never overwrites.
pub fn run(_args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let directory = place.directory.clone().unwrap_or_else(|| PathBuf::from("."));
    if !directory.is_dir() {
        return Err(Failure::usage(format!("{} is not a directory; make it first", directory.display())));
    }
    let file = Project::at(&directory).file;
    let shown = file.strip_prefix(".").unwrap_or(&file).display().to_string();
    let shown = escape::line(&shown);
    if file.exists() {
        return Err(there_already(&shown));
    }
    let written = OpenOptions::new().write(true).create_new(true).open(&file).and_then(|mut opened| {
        opened.write_all(STARTER.as_bytes())?;
        opened.sync_all()
    });
    match written {
        Ok(()) => {
            out.line(format!("{shown} written: put your endpoints in, then `hooktui check`, then `hooktui`"))?;
            Ok(Exit::Done)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(there_already(&shown)),
        Err(error) => Err(Failure::failed(format!("cannot write {shown}: {error}"))),
    }
}

fn there_already(shown: &str) -> Failure {
    Failure::failed(format!("{shown} is there already and stays as it is; edit it, then `hooktui check`"))
}
