//! What was measured, beside its bar.

use std::fmt;
use std::time::Duration;

/// A line.
#[derive(Debug)]
struct Line {
    what: String,
    /// In the unit of the bar; none: it could not be measured here.
    value: Option<f64>,
    unit: &'static str,
    more: String,
    bar: Option<f64>,
}

/// The lines.
#[derive(Debug, Default)]
pub struct Table(Vec<Line>);

impl Table {
    /// A figure, and the bar that it is meant to stay under.
    pub fn line(&mut self, what: &str, value: Option<f64>, unit: &'static str, bar: Option<f64>) {
        self.0.push(Line { what: what.to_owned(), value, unit, more: String::new(), bar });
    }

    /// Times of one kind: the bar is for the longest of them.
    pub fn times(&mut self, what: &str, times: &[Duration], bar_ms: f64) {
        self.spread(what, times, Some(bar_ms));
    }

    /// Times that no bar is for.
    pub fn line_of(&mut self, what: &str, times: &[Duration]) {
        self.spread(what, times, None);
    }

    fn spread(&mut self, what: &str, times: &[Duration], bar: Option<f64>) {
        let mut ms: Vec<f64> = times.iter().map(|one| one.as_secs_f64() * 1_000.0).collect();
        ms.sort_by(f64::total_cmp);
        let half = ms.get(ms.len() / 2).copied();
        let more = half.map_or_else(String::new, |half| format!("p50 {half:.1} ms of {}", ms.len()));
        let what = what.to_owned();
        self.0.push(Line { what, value: ms.last().copied(), unit: "ms", more, bar });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.0 {
            let value = line.value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1} {}", line.unit));
            let bar = line.bar.map_or_else(String::new, |bar| format!("under {bar} {}", line.unit));
            let met = match (line.value, line.bar) {
                (Some(value), Some(bar)) if value < bar => "met",
                (Some(_), Some(_)) => "missed",
                _ => "",
            };
            writeln!(f, "{:<46} {value:>12}  {:<20} {bar:<14} {met}", line.what, line.more)?;
        }
        Ok(())
    }
}
