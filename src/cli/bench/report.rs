//! The table and the JSON of what was measured.

use std::io;

use serde::Serialize;

use super::super::out::{Out, Tone};
use super::super::table::{self, Cell, Column};
use super::machine::Machine;
use super::metric::{Samples, Spread, Unit};
use super::rows::{Against, Bar, LINES, Line, Row};
use super::sizes::Sizes;
use crate::present::figures;

/// `--json`.
#[derive(Debug, Serialize)]
struct Whole<'a> {
    machine: &'a Machine,
    rounds: usize,
    quick: bool,
    sizes: &'a Sizes,
    rows: Vec<Measured<'a>>,
}

/// One line of the table, with the figures of every round.
#[derive(Debug, Serialize)]
struct Measured<'a> {
    row: String,
    what: &'static str,
    unit: &'static str,
    #[serde(flatten)]
    spread: Option<Figures>,
    values: &'a [f64],
    comparison: Option<Comparison>,
    bar: Option<String>,
    met: Option<bool>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Figures {
    median: f64,
    min: f64,
    max: f64,
}

#[derive(Debug, Serialize)]
struct Comparison {
    /// `ratio` or `difference`.
    kind: &'static str,
    with: &'static str,
    #[serde(flatten)]
    spread: Option<Figures>,
    values: Vec<f64>,
}

impl From<Spread> for Figures {
    fn from(Spread { median, min, max }: Spread) -> Self {
        Self { median, min, max }
    }
}

/// What was measured, and how.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// Where.
    pub machine: &'a Machine,
    /// How much.
    pub sizes: &'a Sizes,
    /// How often.
    pub rounds: usize,
    /// What is shown.
    pub rows: &'a [Row],
    /// The figures.
    pub samples: &'a Samples,
}

impl Report<'_> {
    fn lines(&self) -> impl Iterator<Item = &'static Line> {
        LINES.iter().filter(|line| self.rows.contains(&line.row))
    }

    /// As one JSON object.
    ///
    /// # Errors
    /// When standard output fails.
    pub fn print_json(&self, out: &mut Out) -> io::Result<()> {
        let Self { machine, sizes, rounds, samples, .. } = *self;
        let rows = self.lines().map(|line| measured(line, samples)).collect();
        out.json_pretty(&Whole { machine, rounds, quick: sizes.quick, sizes, rows })
    }

    /// As a table, and below it how it was taken, and on what.
    ///
    /// # Errors
    /// When standard output fails.
    pub fn print(&self, out: &mut Out) -> io::Result<()> {
        let columns = [
            Column::Left("what"),
            Column::Right("median"),
            Column::Left("spread"),
            Column::Right("compared"),
            Column::Left("with"),
            Column::Left("spread"),
            Column::Left("bar"),
            Column::Left(""),
        ];
        let cells: Vec<Vec<Cell>> = self.lines().map(|line| cells(line, self.samples)).collect();
        table::print(out, &columns, &cells)?;
        out.line("")?;
        below(self.machine, self.sizes, self.rounds).iter().try_for_each(|line| out.line(line))
    }
}

fn measured<'a>(line: &Line, samples: &'a Samples) -> Measured<'a> {
    let values = samples.of(line.value);
    let compared = line.against.values(line.value, samples);
    let judged = Spread::of(compared.as_deref().unwrap_or(values));
    let comparison = compared.map(|values| {
        let kind = if matches!(line.against, Against::Beyond(..)) { "difference" } else { "ratio" };
        let with = line.against.with();
        Comparison { kind, with, spread: judged.map(Figures::from), values }
    });
    Measured {
        row: line.row.word(),
        what: line.what,
        unit: line.value.unit().name(),
        spread: Spread::of(values).map(Figures::from),
        values,
        comparison,
        bar: (line.bar != Bar::None).then(|| bar(line)),
        met: line.bar.is_met(judged),
    }
}

fn cells(line: &Line, samples: &Samples) -> Vec<Cell> {
    let Told { texts, met } = told(line, samples);
    let met = match met {
        Some(true) => (Tone::Good, "met".to_owned()).into(),
        Some(false) => (Tone::Bad, "missed".to_owned()).into(),
        None => Cell::from("-"),
    };
    texts.into_iter().map(Cell::from).chain([met]).collect()
}

/// A line of the table in words.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    /// What, median, spread, comparison, with what, its spread, the bar.
    pub texts: [String; 7],
    /// Whether the bar is met, if there is one.
    pub met: Option<bool>,
}

/// Puts a line into words.
pub fn told(line: &Line, samples: &Samples) -> Told {
    let unit = line.value.unit();
    let values = samples.of(line.value);
    let spread = Spread::of(values);
    let compared = line.against.values(line.value, samples);
    let judged = Spread::of(compared.as_deref().unwrap_or(values));
    let beside = judged.filter(|_| compared.is_some());
    let of = |spread: Option<Spread>, show: &dyn Fn(Spread) -> String| spread.map(show).unwrap_or_default();
    let texts = [
        line.what.to_owned(),
        spread.map_or_else(|| "-".to_owned(), |spread| value(unit, spread.median)),
        of(spread, &|spread| range(spread, |one| number(unit, one))),
        of(beside, &|spread| comparison(line.against, unit, spread.median)),
        of(beside, &|_| line.against.with().to_owned()),
        of(beside, &|spread| range(spread, |one| format!("{one:.2}"))),
        bar(line),
    ];
    Told { texts, met: line.bar.is_met(judged) }
}

fn range(spread: Spread, show: impl Fn(f64) -> String) -> String {
    format!("{}..{}", show(spread.min), show(spread.max))
}

fn comparison(against: Against, unit: Unit, figure: f64) -> String {
    match against {
        Against::Nothing => String::new(),
        Against::Over(..) => format!("{figure:.2} x"),
        Against::Beyond(..) => format!("{figure:+.2} {}", unit.name()),
    }
}

/// `18,204/s`, `1.24 ms`.
fn value(unit: Unit, figure: f64) -> String {
    let gap = if matches!(unit, Unit::PerSecond | Unit::Count) { "" } else { " " };
    format!("{}{gap}{}", number(unit, figure), unit.name())
}

fn number(unit: Unit, figure: f64) -> String {
    match unit {
        Unit::PerSecond | Unit::Count | Unit::Bytes => figures::count(whole(figure)),
        Unit::Micros | Unit::Megabytes => format!("{figure:.1}"),
        Unit::Millis | Unit::Percent => format!("{figure:.2}"),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; saturates at u64::MAX")]
fn whole(figure: f64) -> u64 {
    figure.max(0.0).round() as u64
}

fn bar(line: &Line) -> String {
    let show = |bar: f64| match line.against {
        Against::Over(..) => format!("{bar:.2} x"),
        Against::Beyond(..) => format!("{bar:+.2} {}", line.value.unit().name()),
        Against::Nothing => value(line.value.unit(), bar),
    };
    match line.bar {
        Bar::None => "-".to_owned(),
        Bar::Least(bar) => format!(">= {}", show(bar)),
        Bar::Most(bar) => format!("<= {}", show(bar)),
        Bar::Under(bar) => format!("< {}", show(bar)),
    }
}

/// What stands below the table: how it was taken, and on what.
fn below(machine: &Machine, sizes: &Sizes, rounds: usize) -> Vec<String> {
    let unknown = "-".to_owned();
    let mut lines = vec![
        format!(
            "{}: medians and lowest..highest; comparisons within a round; {} deliveries a measurement, \
             {} waiting in the small backlog, {} in the large one",
            figures::counted(rounds as u64, "round", "rounds"),
            figures::count(sizes.events),
            figures::count(sizes.events),
            figures::count(sizes.backlog),
        ),
        format!(
            "{}, {}; {}; {}; hooktui {}; {}",
            figures::counted(machine.cores as u64, "core", "cores"),
            machine.cpu.as_ref().unwrap_or(&unknown),
            machine.kernel,
            machine.file_system.as_ref().unwrap_or(&unknown),
            machine.version,
            machine.date,
        ),
    ];
    if machine.is_in_memory() {
        lines.push(
            "this file system is in memory: fsync costs nothing here; give --dir on a disk for figures that hold"
                .to_owned(),
        );
    }
    if machine.debug {
        lines.push("compiled without optimisation: these figures mean nothing; build with --release".to_owned());
    }
    if rounds < sizes.rounds {
        lines.push(format!("the time of --quick was up before round {} of {}", rounds + 1, sizes.rounds));
    }
    if sizes.quick {
        lines.push("--quick: small rounds, so the spread is wide; without it the figures hold better".to_owned());
    }
    lines
}
