//! `hooktui sink` as a program.

#![cfg(test)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

struct Sink {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Sink {
    fn start(options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hooktui"))
            .args(["sink", "--port", "0"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let (_, rest) = first.split_once("http://").unwrap();
        let address = rest.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ':')).collect();
        Self { child, lines, address }
    }

    fn post(&self, header_lines: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST /hook HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n{header_lines}\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn prints_each_request_and_ends_cleanly_on_sigterm() {
    let mut sink = Sink::start(&["--status", "503", "--retry-after", "9", "--secret", "s3cr3t-4"]);
    // The ntm row with body `{}` of tests/vectors/signatures.json.
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors/signatures.json")).unwrap();
    let row = vectors["cases"].as_array().unwrap().iter().find(|row| row["dialect"] == "ntm" && row["body"] == "{}");
    let signature = row.unwrap()["value"].as_str().unwrap();
    let answer = sink.post(&format!("X-NTM-Signature: {signature}\r\nX-NTM-Event-Type: agent.error\r\n"), "{}");
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 9"), "{answer}");
    let line = sink.lines.next().unwrap().unwrap();
    assert!(line.contains("503") && line.contains("agent.error") && line.contains("signature ok"), "{line}");

    let answer = sink.post("X-NTM-Signature: sha256=00\r\n", "{}");
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(sink.lines.next().unwrap().unwrap().contains("signature BAD"));

    kill_process(Pid::from_child(&sink.child), Signal::TERM).unwrap();
    assert_eq!(sink.child.wait().unwrap().code(), Some(0));
}

#[test]
fn signatures_of_every_dialect_are_verified() {
    let body = "{\"a\":1}";
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), body).unwrap();
    for dialect in ["ntm", "standard", "nself", "marionette", "pilot", "pilot-registry"] {
        let secret = if dialect == "standard" { "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" } else { "s3cr3t-4" };
        let chosen = ["--dialect", dialect, "--secret", secret];
        let mut sink = Sink::start(&chosen);
        let sign =
            Command::new(env!("CARGO_BIN_EXE_hooktui")).arg("sign").args(chosen).arg(file.path()).output().unwrap();
        let lines = String::from_utf8(sign.stdout).unwrap().replace('\n', "\r\n");
        for (sent, status, told) in [(body, 200, "signature ok"), ("{}", 401, "signature BAD: no signature matches")] {
            let answer = sink.post(&lines, sent);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{dialect}: {answer}");
            let line = sink.lines.next().unwrap().unwrap();
            assert!(line.contains(told), "{dialect}: {line}");
        }
    }
}

#[test]
fn json_has_a_line_for_the_address_and_one_per_request() {
    let mut sink = Sink::start(&["--json"]);
    let answer = sink.post("", "{\"a\":1}");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let record: serde_json::Value = serde_json::from_str(&sink.lines.next().unwrap().unwrap()).unwrap();
    assert_eq!((&record["path"], &record["body"], &record["size"]), (&"/hook".into(), &"{\"a\":1}".into(), &7.into()));
}

#[test]
fn a_port_that_is_taken_is_told_with_the_cure() {
    let sink = Sink::start(&[]);
    let (_, port) = sink.address.rsplit_once(':').unwrap();
    let second = Command::new(env!("CARGO_BIN_EXE_hooktui")).args(["sink", "--port", port]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(told.contains(port) && told.contains("--port"), "{told}");
}
