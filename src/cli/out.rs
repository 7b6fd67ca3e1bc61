//! Standard output: results only, plain lines; everything else goes to standard error.

use std::fmt::{Display, Write as _};
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use serde::Serialize;

/// Buffered standard output. Flush before anything that waits.
///
/// A reader that goes (`hooktui log | head`) has had enough; what the command does, and what it exits with, is another
/// matter. So nothing more is written, and that is no error.
pub struct Out {
    inner: BufWriter<Stdout>,
    colour: bool,
    reader_gone: bool,
}

/// What a colour means; there are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Delivered, closed.
    Good,
    /// Waiting, half-open, retrying.
    Waiting,
    /// Failed, open, dead.
    Bad,
    /// Old or held.
    Quiet,
}

impl Out {
    /// Takes standard output. Colour only on a terminal that wants it (`NO_COLOR`, `TERM=dumb`).
    #[must_use]
    pub fn new() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let inner = BufWriter::with_capacity(1 << 16, io::stdout());
        Self { inner, colour: is_screen() && !refused, reader_gone: false }
    }

    /// One line of text.
    ///
    /// # Errors
    /// When it cannot be written, as on a full disk.
    pub fn line(&mut self, text: impl Display) -> io::Result<()> {
        if self.reader_gone {
            return Ok(());
        }
        let written = writeln!(self.inner, "{text}");
        self.heed(written)
    }

    /// One JSON value on one line (NDJSON).
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.line(one_line(harmless(serde_json::to_string(value)?)))
    }

    /// One JSON value, spread over lines for people.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn json_pretty(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.line(harmless(serde_json::to_string_pretty(value)?))
    }

    /// Everything so far reaches the reader.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn flush(&mut self) -> io::Result<()> {
        if self.reader_gone {
            return Ok(());
        }
        let flushed = self.inner.flush();
        self.heed(flushed)
    }

    /// Nobody reads any more: a command that does nothing but print may end.
    #[must_use]
    pub const fn is_reader_gone(&self) -> bool {
        self.reader_gone
    }

    fn heed(&mut self, written: io::Result<()>) -> io::Result<()> {
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.reader_gone = true;
                Ok(())
            }
            written => written,
        }
    }

    /// The text in the colour of its meaning, or as it is where colour is not wanted.
    #[must_use]
    pub fn tone(&self, tone: Tone, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => 32,
            Tone::Waiting => 33,
            Tone::Bad => 31,
            Tone::Quiet => 90,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

impl Default for Out {
    fn default() -> Self {
        Self::new()
    }
}

/// JSON in which no control character stands as it is, so that it can be looked at on a terminal. serde escapes those
/// below U+0020; DEL and U+0080 to U+009F are left, which some terminals obey. They can only stand in strings.
fn harmless(json: String) -> String {
    if !json.chars().any(is_left) {
        return json;
    }
    json.chars().fold(String::with_capacity(json.len() + 16), |mut out, one| {
        if is_left(one) {
            let _ = write!(out, "\\u{:04x}", u32::from(one));
        } else {
            out.push(one);
        }
        out
    })
}

/// JSON on one line. An event's `data` is printed as it came, line breaks and all; outside of strings, the only place where
/// they can stand as they are, they are white space.
fn one_line(json: String) -> String {
    let breaks = ['\n', '\r'];
    if json.contains(breaks) { json.replace(breaks, " ") } else { json }
}

const fn is_left(one: char) -> bool {
    matches!(one, '\u{7f}'..='\u{9f}')
}

/// Whether standard output is a terminal that understands escapes.
#[must_use]
pub fn is_screen() -> bool {
    io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// What clap says: help and version on standard output, wrong usage on standard error. Plain where that is no terminal,
/// whatever the environment asks for. A reader that has gone is no failure.
pub fn explain(error: &clap::Error) {
    let is_plain = if error.use_stderr() { !io::stderr().is_terminal() } else { !is_screen() };
    let _ = match (is_plain, error.use_stderr()) {
        (false, _) => error.print(),
        (true, true) => write!(io::stderr().lock(), "{}", error.render()),
        (true, false) => write!(io::stdout().lock(), "{}", error.render()),
    };
}

/// Whether a person can be asked: both ends of the conversation are a terminal.
#[must_use]
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a yes-or-no question on standard error; anything but `y` or `yes` is a no.
///
/// # Errors
/// When the answer cannot be read.
pub fn ask(question: &str) -> io::Result<bool> {
    let mut asked = io::stderr().lock();
    write!(asked, "{question} [y/N] ")?;
    asked.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// A line for the person at the keyboard, on standard error. Where even that is closed there is nobody left to tell.
pub fn tell(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "hooktui: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_holds_no_control_characters_and_reads_back_the_same() {
        let text = "a\u{1b}[2J\u{9b}31m\u{7f}\n grün €";
        let json = harmless(serde_json::to_string(text).unwrap());
        assert!(!json.chars().any(char::is_control), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn what_is_printed_as_it_came_stays_on_one_line() {
        let data: Box<serde_json::value::RawValue> = serde_json::from_str("{\"a\":\r\n\t\"b\\nc\"}").unwrap();
        assert_eq!(one_line(serde_json::to_string(&data).unwrap()), "{\"a\":  \t\"b\\nc\"}");
    }
}
