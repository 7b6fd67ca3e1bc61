//! The terminal: raw mode and the alternate screen, given back whatever happens. Nothing else writes to it.

use std::io::{self, Stdout, Write, stdout};
use std::mem::ManuallyDrop;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::layout::Rect;

use super::effects::Alert;
use super::hangup::Keys;
use super::run_loop::Screen;

/// The real terminal. Dropping it gives it back.
#[derive(Debug)]
pub struct Tty {
    /// Never dropped: ratatui shows the cursor then and, where the terminal has gone, panics because it cannot say that
    /// it failed. [`give_back`] shows the cursor.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<io::BufWriter<Stdout>>>>,
    is_ours: bool,
    mouse: bool,
}

impl Tty {
    /// Takes the terminal, and the mouse if it is wanted. From here on a panic gives both back before it is told.
    ///
    /// # Errors
    /// When standard output is no terminal, or it refuses.
    pub fn take(mouse: bool) -> io::Result<Self> {
        // crossterm under NO_COLOR writes a bare reset for every colour, which wipes bold and reverse as well. Colours are
        // the theme's business; the terminal takes what it says.
        crossterm::style::force_color_output(true);
        let before = std::panic::take_hook();
        let owner = std::thread::current().id();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().id() == owner {
                let _ = give_back();
                before(info);
            }
            // Of the others the log tells: the loop draws on, and words in the middle of the screen would help nobody.
        }));
        // A frame is one write: half a frame never shows.
        let backend = CrosstermBackend::new(io::BufWriter::with_capacity(64 * 1024, stdout()));
        let mut tty = Self { terminal: ManuallyDrop::new(Terminal::new(backend)?), is_ours: false, mouse };
        tty.enter()?;
        Ok(tty)
    }
}

impl Screen for Tty {
    type Backend = CrosstermBackend<io::BufWriter<Stdout>>;
    type Input = Keys;

    fn terminal(&mut self) -> &mut Terminal<Self::Backend> {
        &mut self.terminal
    }

    fn input(&mut self) -> Keys {
        Keys::default()
    }

    fn enter(&mut self) -> io::Result<()> {
        self.is_ours = true;
        enable_raw_mode()?;
        // Pasted text must not be taken for keys: a pasted line would press a dozen of them.
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide)?;
        if self.mouse {
            write(MOUSE_ON)?;
        }
        wipe(&mut self.terminal)
    }

    fn leave(&mut self) -> io::Result<()> {
        self.is_ours = false;
        give_back()
    }

    fn copy(&mut self, bytes: &[u8]) -> io::Result<()> {
        // tmux drops OSC 52 of programs unless `set-clipboard` is `on`, which it is not by itself; what it is given this way
        // it passes on to its own terminal.
        if std::env::var_os("TMUX").is_some_and(|socket| !socket.is_empty()) && to_tmux(bytes).is_ok() {
            return Ok(());
        }
        let mut out = stdout();
        out.write_all(&osc52(bytes))?;
        out.flush()
    }

    fn alert(&mut self, alert: &Alert) -> io::Result<()> {
        if alert.bell {
            write("\x07")?;
        }
        if let Some(words) = &alert.notify {
            let in_tmux = std::env::var_os("TMUX").is_some_and(|value| !value.is_empty());
            write(&notification(words, in_tmux))?;
        }
        Ok(())
    }

    fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        write(if on { MOUSE_ON } else { MOUSE_OFF })
    }
}

/// Buttons and the wheel, told in numbers (SGR). Not the movements in between, which crossterm asks for as well: each
/// would wake us, and nothing here follows the pointer.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// To the terminal at once: frames are flushed whole, so this never falls into one.
fn write(text: &str) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// OSC 9, for the desktop. tmux hands it on only inside a sequence of its own, each escape doubled.
fn notification(words: &str, in_tmux: bool) -> String {
    let words: String = words.chars().filter(|one| !one.is_control()).collect();
    if in_tmux { format!("\x1bPtmux;\x1b\x1b]9;{words}\x07\x1b\\") } else { format!("\x1b]9;{words}\x07") }
}

/// Empties the screen, so that every cell is drawn anew. `Terminal::clear` would ask the terminal where its cursor is,
/// and fail where no answer comes.
///
/// # Errors
/// When the terminal refuses.
pub fn wipe<B: Backend>(terminal: &mut Terminal<B>) -> Result<(), B::Error> {
    let size = terminal.size()?;
    terminal.resize(Rect::from(size))
}

impl Drop for Tty {
    fn drop(&mut self) {
        if self.is_ours {
            let _ = give_back();
        }
    }
}

/// Gives tmux (3.2 and later) bytes for its clipboard and that of its terminal.
fn to_tmux(bytes: &[u8]) -> io::Result<()> {
    let mut command = Command::new("tmux");
    command.args(["load-buffer", "-w", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let written = child.stdin.take().map_or(Ok(()), |mut input| input.write_all(bytes));
    let ended = child.wait()?;
    written?;
    if ended.success() { Ok(()) } else { Err(io::Error::other("tmux does not take it")) }
}

/// What puts bytes on the clipboard of a terminal that knows how.
fn osc52(bytes: &[u8]) -> Vec<u8> {
    format!("\x1b]52;c;{}\x07", STANDARD.encode(bytes)).into_bytes()
}

/// Puts the terminal back as it was. Every step is tried, whatever became of the others.
fn give_back() -> io::Result<()> {
    let mouse = write(MOUSE_OFF);
    let screen = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
    let mode = disable_raw_mode();
    let flushed = stdout().flush();
    mouse.and(screen).and(mode).and(flushed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_holds_no_escape_but_its_own_and_passes_through_tmux() {
        assert_eq!(notification("acme: a\x07\x1b]0;b", false), "\x1b]9;acme: a]0;b\x07");
        assert_eq!(notification("acme: 1 dead letter", true), "\x1bPtmux;\x1b\x1b]9;acme: 1 dead letter\x07\x1b\\");
    }
}
