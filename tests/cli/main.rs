//! The commands of the real program: what they print, what they exit with, what they leave behind.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails there and then")]

#[path = "../support/mod.rs"]
mod support;

mod acts;
mod attempts;
mod bench;
mod dialects;
mod emit;
mod filters;
mod keys;
mod lists;
mod project;
mod redaction;
mod run;
mod screen;
mod signing;
mod status;

use std::process::Output;

/// What a command came to: exit code, standard output, standard error.
fn parts(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// A file with one endpoint, `ops`, and rules that let tests be quick: two tries, close together.
fn file(url: &str) -> String {
    format!(
        "webhooks:\n  - name: ops\n    url: {url}\n    retry: {{max_attempts: 2}}\n\
         hooktui:\n  webhooks:\n    - name: ops\n      retry: {{base_delay: 10ms}}\n"
    )
}

/// A file whose endpoint, `ops`, can never be reached: port 9 of the loopback listens to nobody.
fn unreachable() -> String {
    file("http://127.0.0.1:9/hook")
}
