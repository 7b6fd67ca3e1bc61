//! Programs that have the terminal for a while: the person's editor, and the shell after Ctrl-z.

use std::ffi::OsString;
use std::path::Path;

/// Editors that take a line as `+LINE` before the file.
const PLUS_LINE: &[&str] = &["vi", "vim", "nvim", "gvim", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "ne"];

/// Opens the file in `$VISUAL`, `$EDITOR` or `vi`, at this line where the editor can be told, and waits for its end.
///
/// # Errors
/// In words, when it cannot be started.
pub async fn edit(file: &Path, line: u64) -> Result<(), String> {
    let editor = ["VISUAL", "EDITOR"].iter().find_map(std::env::var_os).filter(|editor| !editor.is_empty());
    let editor = editor.unwrap_or_else(|| OsString::from("vi"));
    let program = editor.to_string_lossy().into_owned();
    // A shell takes it apart: people keep options and quotes in these variables.
    let mut command = tokio::process::Command::new("sh");
    command.arg("-c").arg(format!("exec {program} \"$@\"")).arg("sh");
    if takes_plus_line(&program) {
        command.arg(format!("+{line}"));
    }
    command.arg(file).kill_on_drop(true);
    let ended = command.status().await.map_err(|error| format!("cannot start {program}: {error}; set $EDITOR"))?;
    if ended.code() == Some(127) { Err(format!("there is no {program}; set $EDITOR")) } else { Ok(()) }
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
