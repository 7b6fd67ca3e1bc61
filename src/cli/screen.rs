//! `hooktui screen`: the console's screen as text or as a picture, made from the frame that a terminal would get.
//!
//! `hooktui screen --demo --svg > assets/screen.svg` makes the picture of the README anew.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::config::{Env, Project};
use crate::engine::{FileStatus, Role, Status};
use crate::journal::lock::DispatcherLock;
use crate::tui::app::{App, Look};
use crate::tui::desk::{Desk, Setting};
use crate::tui::picture;
use crate::tui::still::Still;

use super::exit::{Exit, Failure, Outcome};
use super::out::Out;
use super::place::{Place, now};
use super::{current_actor, demo};

/// Options of `screen`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Columns and lines
    #[arg(long, value_name = "COLSxLINES", default_value = "120x36", value_parser = size)]
    size: (u16, u16),
    /// One of the built-in themes
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// Draw it as SVG, with its colours
    #[arg(long)]
    svg: bool,
    /// Of the demo instead of this project
    #[arg(long)]
    demo: bool,
    /// Look on for so many seconds first: rates and sparklines need a past [default: 2, of the demo 60]
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// Press these keys at the end, a character each
    #[arg(long, default_value = "", hide_default_value = true)]
    keys: String,
}

/// Prints the screen.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let frame = if args.demo {
        demo::on_stage(|root| {
            let project = Project::at(root);
            let still = still(args, &project, 60)?;
            let setting = Setting { project, env: Env::Process, actor: current_actor() };
            still.of_console(setting).map_err(|error| Failure::failed(error.to_string()))
        })??
    } else {
        let context = place.open()?;
        let Some(reader) = context.reader()? else {
            return Err(Failure::failed("nothing has come in here yet: there is no journal to show".to_owned()));
        };
        let pid = DispatcherLock::holder(&context.journal_path());
        let role = if context.dispatcher_lives() { Role::Standby { pid } } else { Role::Waiting };
        let config = context.loaded.config.clone();
        let file = FileStatus { config, problems: context.loaded.problems.clone(), ..FileStatus::default() };
        let status = Status { role, file, in_flight: 0, idle: false, trouble: None };
        Some(still(args, &context.project, 2)?.of_journal(reader, status)?)
    };
    let frame = frame.ok_or_else(|| Failure::failed("the console has drawn nothing".to_owned()))?;
    let shown = if args.svg { picture::svg(&frame) } else { picture::text(&frame) };
    out.line(shown.trim_end_matches('\n'))?;
    Ok(Exit::Done)
}

fn still(args: &Args, project: &Project, seconds: u64) -> Result<Still, Failure> {
    let mut look = Look::full(TimeZone::system());
    if let Some(name) = &args.theme
        && !look.wear(|themes| themes.wear(name))
    {
        let known: Vec<String> = look.themes.names().map(str::to_owned).collect();
        return Err(Failure::usage(format!("there is no theme {name}; there are {}", known.join(", "))));
    }
    let (width, height) = args.size;
    let ground = Some(Desk::ground(project));
    let app = App::new(look, ground, project.root.clone(), current_actor(), (width, height).into(), now());
    let watch = Duration::from_secs(args.seconds.unwrap_or(seconds));
    Ok(Still { app, watch, keys: args.keys.clone() })
}

/// `120x36`, from 40x10 to 500x200.
fn size(text: &str) -> Result<(u16, u16), String> {
    let cells = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    match cells {
        Some((width, height)) if (40..=500).contains(&width) && (10..=200).contains(&height) => Ok((width, height)),
        Some(_) => Err("from 40x10 to 500x200".to_owned()),
        None => Err("columns and lines, as in 120x36".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_columns_and_lines() {
        assert_eq!(size("80x24"), Ok((80, 24)));
        for odd in ["80", "x24", "80x", "0x0", "39x10", "80x9000", "-1x24"] {
            assert!(size(odd).is_err(), "{odd}");
        }
    }
}
