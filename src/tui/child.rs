//! Programs that have the terminal for a while: the person's editor and pager, and the shell after Ctrl-z.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;

use crate::config::Env;

/// Editors that take a line as `+LINE` before the file.
const PLUS_LINE: &[&str] = &["vi", "vim", "nvim", "gvim", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "ne"];

/// Where no `$PAGER` is set. `-R`: colours; `-+F`: it stays open also where the text is short.
const PAGER: &str = "if command -v less >/dev/null 2>&1; then exec less -R -+F; else exec more; fi";

/// Opens the file in `$VISUAL`, `$EDITOR` or `vi`, at this line where the editor can be told, and waits for its end. Tells
/// whether the editor was content.
///
/// # Errors
/// In words, when it cannot be started.
pub async fn edit(file: &Path, line: u64, env: &Env) -> Result<bool, String> {
    let set = ["VISUAL", "EDITOR"].iter().filter_map(|name| env.get(name)).find(|editor| !editor.trim().is_empty());
    let program = set.unwrap_or_else(|| "vi".to_owned());
    // A shell takes it apart: people keep options and quotes in these variables.
    let mut command = tokio::process::Command::new("sh");
    command.arg("-c").arg(format!("exec {program} \"$@\"")).arg("sh");
    if takes_plus_line(&program) {
        command.arg(format!("+{line}"));
    }
    command.arg(file).kill_on_drop(true);
    let ended = command.status().await.map_err(|error| format!("cannot start {program}: {error}; set $EDITOR"))?;
    if ended.code() == Some(127) { Err(format!("there is no {program}; set $EDITOR")) } else { Ok(ended.success()) }
}

/// Lets a text be edited in a file that nobody else can read and that is gone afterwards; the text as it is then.
///
/// # Errors
/// In words, when there is no editor or the file cannot be written or read.
pub async fn edit_text(text: &str, env: &Env) -> Result<String, String> {
    let cannot = |error: std::io::Error| format!("the copy cannot be edited: {error}");
    // Readable by its owner only: tempfile makes it so.
    let mut file = tempfile::Builder::new().prefix("hooktui-").suffix(".json").tempfile().map_err(cannot)?;
    file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(cannot)?;
    if !edit(file.path(), 1, env).await? {
        return Err("the editor ended with an error: nothing is sent".to_owned());
    }
    // By its name: editors save by renaming.
    std::fs::read_to_string(file.path()).map_err(cannot)
}

/// Shows a text in `$PAGER`, `less` or `more`, and waits for its end.
///
/// # Errors
/// In words, when there is none.
pub async fn page(text: &str, env: &Env) -> Result<(), String> {
    let set = env.get("PAGER").filter(|pager| !pager.trim().is_empty());
    let script = set.as_ref().map_or_else(|| PAGER.to_owned(), |pager| format!("exec {pager}"));
    let mut command = tokio::process::Command::new("sh");
    command.arg("-c").arg(script).stdin(Stdio::piped()).kill_on_drop(true);
    let name = set.as_deref().unwrap_or("less");
    let cannot = |error: std::io::Error| format!("cannot start {name}: {error}; set $PAGER");
    let mut child = command.spawn().map_err(cannot)?;
    if let Some(mut input) = child.stdin.take() {
        // Who leaves a pager early reads no further: that is no failure.
        let _ = input.write_all(text.as_bytes()).await;
    }
    let ended = child.wait().await.map_err(cannot)?;
    if ended.code() == Some(127) { Err(format!("there is no {name}; set $PAGER")) } else { Ok(()) }
}

fn takes_plus_line(program: &str) -> bool {
    let first = program.split_whitespace().next().unwrap_or_default();
    let name = Path::new(first).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    PLUS_LINE.contains(&name)
}

/// Stops this process until somebody continues it (`fg`).
pub fn stop_myself() {
    // Refused only where there is no job control: then there is nothing to come back from either.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_told_to_editors_that_understand_it() {
        for (program, takes) in
            [("vi", true), ("/usr/bin/nvim -p", true), ("code -w", false), ("emacsclient -t", true), ("", false)]
        {
            assert_eq!(takes_plus_line(program), takes, "{program}");
        }
    }
}
