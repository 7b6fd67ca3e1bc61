//! `hooktui check`: every problem of the file with its place and cure, and the endpoints as they are resolved, masked.

mod endpoints;
mod snippet;

use std::path::Path;

use serde::Serialize;

use super::exit::{Exit, Outcome};
use super::out::{Out, Tone};
use super::place::{Context, Place};
use crate::config::{Loaded, Problem, Severity};
use crate::event::redact::{Mode, Policy};
use crate::present::{escape, figures};

/// Options of `check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Checked<'a> {
    valid: bool,
    file: String,
    problems: Vec<Told<'a>>,
    notes: Vec<Told<'a>>,
    endpoints: Vec<endpoints::Resolved<'a>>,
    ways_in: &'a [String],
    redaction: Option<&'a Policy>,
}

/// A problem as a record. `line` and `column` count from 1; `line` 0 is the file as a whole.
#[derive(Debug, Serialize)]
struct Told<'a> {
    severity: &'static str,
    line: u64,
    column: u64,
    path: &'a str,
    text: &'a str,
}

/// Prints all that is to be said about the file. 1 if it is not valid.
pub fn run(args: &Args, place: &Place, out: &mut Out) -> Outcome {
    let context = place.open()?;
    let mut loaded = context.loaded.clone();
    loaded.problems.extend(nothing_there(&context));
    if args.json {
        out.json_pretty(&record(&loaded))?;
    } else {
        print(&loaded, out)?;
    }
    Ok(if loaded.config.is_some() { Exit::Done } else { Exit::Failed })
}

/// A file that is missing or empty has nothing in it to be wrong; that is what is wrong.
fn nothing_there(context: &Context) -> Option<Problem> {
    let loaded = &context.loaded;
    let (severity, what, cure) = match (&loaded.config, loaded.blank) {
        (_, false) => return None,
        (None, true) => (Severity::Error, "is missing", "restore it, or make one with `hooktui init`"),
        (Some(_), true) => (Severity::Warning, "is empty", "restore it, or write endpoints into it"),
    };
    let applied = context.reader().ok().flatten().and_then(|reader| reader.revision().ok().flatten());
    let in_force = if applied.is_some() { ": the last good one stays in force" } else { "" };
    let (file, text) = (loaded.path.clone(), format!("{what}{in_force}; {cure}"));
    Some(Problem { severity, file, line: 0, column: 0, path: String::new(), text })
}

fn record(loaded: &Loaded) -> Checked<'_> {
    let config = loaded.config.as_deref();
    Checked {
        valid: config.is_some(),
        file: loaded.path.display().to_string(),
        problems: loaded.problems.iter().map(|problem| told(problem, severity(problem.severity))).collect(),
        notes: loaded.notes.iter().map(|note| told(note, "note")).collect(),
        endpoints: config.map(|config| config.endpoints.iter().map(endpoints::resolved).collect()).unwrap_or_default(),
        ways_in: config.map(|config| config.ways_in.as_slice()).unwrap_or_default(),
        redaction: config.map(|config| &config.redaction),
    }
}

fn told<'a>(problem: &'a Problem, severity: &'static str) -> Told<'a> {
    Told { severity, line: problem.line, column: problem.column, path: &problem.path, text: &problem.text }
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        Severity::Missing => "missing",
        Severity::Error => "error",
    }
}

fn print(loaded: &Loaded, out: &mut Out) -> std::io::Result<()> {
    // Only what was checked may be quoted: a file saved since then has other lines.
    let source = std::fs::read_to_string(&loaded.path).unwrap_or_default();
    let source = if loaded.is_of(source.as_bytes()) { source } else { String::new() };
    for problem in &loaded.problems {
        let (mark, tone) = match problem.severity {
            Severity::Warning => ("warning: ", Tone::Waiting),
            Severity::Missing => ("", Tone::Waiting),
            Severity::Error => ("", Tone::Bad),
        };
        print_problem(problem, mark, tone, &source, out)?;
    }
    for note in &loaded.notes {
        print_problem(note, "note: ", Tone::Quiet, "", out)?;
    }
    if !(loaded.problems.is_empty() && loaded.notes.is_empty()) {
        out.line("")?;
    }
    if let Some(config) = &loaded.config {
        endpoints::print(config, out)?;
        if !loaded.blank {
            out.line(redaction(&config.redaction))?;
        }
    }
    out.line(verdict(loaded))
}

fn print_problem(problem: &Problem, mark: &str, tone: Tone, source: &str, out: &mut Out) -> std::io::Result<()> {
    let shown = Problem { file: near(&problem.file), text: format!("{mark}{}", problem.text), ..problem.clone() };
    out.line(out.tone(tone, &escape::line(&shown.to_string())))?;
    for line in snippet::of(problem, source) {
        out.line(out.tone(Tone::Quiet, &line))?;
    }
    Ok(())
}

/// The path as it reads from here.
fn near(path: &Path) -> std::path::PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).to_owned()
}

/// `redaction: redact, 2 extra patterns, 1 pattern allowed, without JWT`.
fn redaction(policy: &Policy) -> String {
    let mut told = vec![format!("redaction: {}", policy.mode.as_str())];
    if policy.mode != Mode::Off {
        let counts = [
            (policy.extra_patterns.len(), "extra pattern", "extra patterns"),
            (policy.allowlist.len(), "pattern allowed", "patterns allowed"),
        ];
        let some = counts.into_iter().filter(|(count, ..)| *count > 0);
        told.extend(some.map(|(count, one, many)| figures::counted(count as u64, one, many)));
        if !policy.disabled_categories.is_empty() {
            told.push(format!("without {}", policy.disabled_categories.join(" ")));
        }
    }
    told.join(", ")
}

fn verdict(loaded: &Loaded) -> String {
    let count = |severity| loaded.problems.iter().filter(|problem| problem.severity == severity).count() as u64;
    let errors = figures::counted(count(Severity::Error), "error", "errors");
    let warnings = match count(Severity::Warning) {
        0 => String::new(),
        warnings => format!(", {}", figures::counted(warnings, "warning", "warnings")),
    };
    match &loaded.config {
        None => format!("not valid: {errors}{warnings}"),
        Some(_) if loaded.blank => "valid, and empty: no endpoints; `hooktui init` shows how they look".to_owned(),
        Some(config) => {
            let endpoints = figures::counted(config.endpoints.len() as u64, "endpoint", "endpoints");
            let held = config.endpoints.iter().filter(|endpoint| endpoint.missing.is_some()).count();
            let held = if held > 0 { format!(", {held} held for want of a variable") } else { String::new() };
            format!("valid: {endpoints}{held}{warnings}")
        }
    }
}
