//! A list as aligned plain text.

use std::io;

use unicode_width::UnicodeWidthStr;

use super::out::{Out, Tone};

/// One column's head and where its text stands.
#[derive(Debug, Clone, Copy)]
pub enum Column {
    /// Words.
    Left(&'static str),
    /// Figures.
    Right(&'static str),
}

/// One cell: what it says and what its colour means. The text is escaped by whoever makes it.
#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    tone: Option<Tone>,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, tone: None }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<(Tone, String)> for Cell {
    fn from((tone, text): (Tone, String)) -> Self {
        Self { text, tone: Some(tone) }
    }
}

/// Prints head and rows, each column as wide as its widest cell, two spaces between.
///
/// # Errors
/// When standard output fails.
pub fn print(out: &mut Out, columns: &[Column], rows: &[Vec<Cell>]) -> io::Result<()> {
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.text.width());
            cells.chain([column.head().width()]).max().unwrap_or(0)
        })
        .collect();
    let heads: Vec<Cell> = columns.iter().map(|column| (Tone::Quiet, column.head().to_owned()).into()).collect();
    for row in std::iter::once(&heads).chain(rows) {
        let mut line = String::new();
        for ((cell, column), width) in row.iter().zip(columns).zip(&widths) {
            let gap = " ".repeat(width.saturating_sub(cell.text.width()));
            let text = cell.tone.map_or_else(|| cell.text.clone(), |tone| out.tone(tone, &cell.text));
            match column {
                Column::Left(_) => line.extend([text.as_str(), &gap, "  "]),
                Column::Right(_) => line.extend([gap.as_str(), &text, "  "]),
            }
        }
        out.line(line.trim_end())?;
    }
    Ok(())
}

impl Column {
    const fn head(self) -> &'static str {
        match self {
            Self::Left(head) | Self::Right(head) => head,
        }
    }
}
