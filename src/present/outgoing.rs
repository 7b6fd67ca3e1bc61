//! The request that would go out for a delivery now, and that request as a command line of `curl`.

use std::fmt::Write as _;

use crate::config::Config;
use crate::event::{Millis, StoredEvent};
use crate::journal::DeliveryDetail;
use crate::wire::{self, Message, Request};

use super::{escape, figures};

/// Linux takes no argument of a program that is longer (`MAX_ARG_STRLEN`).
const LONGEST_ARGUMENT: usize = 128 * 1024 - 1;

/// Renders and signs what the dispatcher would send for the delivery now, by this file and with today's secret.
///
/// # Errors
/// In words, why there is none: the endpoint is not in the file, a variable is missing, no body can be made.
pub fn request(config: &Config, detail: &DeliveryDetail, now: Millis) -> Result<Request, String> {
    let name = escape::line(&detail.row.endpoint);
    let endpoint = config.endpoints.iter().find(|one| one.route.endpoint == detail.row.endpoint_id);
    let endpoint = endpoint.ok_or_else(|| format!("{name} is not in the file: there is nothing to sign with"))?;
    let target = endpoint.target.as_ref().ok_or_else(|| {
        let missing = endpoint.missing.as_deref().unwrap_or("a variable is not set here");
        format!("{name}: {}", escape::line(missing))
    })?;
    let event =
        StoredEvent::try_from(detail.event.clone()).map_err(|error| format!("the event is no JSON: {error}"))?;
    let message = Message {
        event: &event,
        event_seq: detail.event_seq,
        delivery_id: &detail.row.id,
        attempt: detail.row.attempts.saturating_add(1),
        unix_seconds: now.div_euclid(1_000),
    };
    // A template's error may repeat a piece of it, and that what a variable holds.
    wire::render(target, message)
        .map_err(|error| format!("{name}: {}", escape::line(&config.scrubber.text(&error.to_string()))))
}

/// The request as a line for a shell: sends the same bytes to the same place. It holds the URL, the signature and every
/// header's value as they are.
///
/// # Errors
/// In words, when no shell could take it.
pub fn curl(request: &Request) -> Result<String, String> {
    let body = std::str::from_utf8(&request.body).map_err(|_| "the body is no text: no shell takes it".to_owned())?;
    if body.contains('\0') {
        return Err("the body has a zero byte in it: no shell takes it".to_owned());
    }
    if body.len() > LONGEST_ARGUMENT {
        let size = figures::size(u64::try_from(body.len()).unwrap_or(u64::MAX));
        return Err(format!("the body is {size}: no program takes an argument of that length"));
    }
    let url = request.url.expose().as_str();
    let mut line = String::from("curl");
    // curl reads brackets and braces in an address as lists of addresses.
    if url.contains(['[', ']', '{', '}']) {
        line.push_str(" --globoff");
    }
    let _ = write!(line, " -X {} {}", quoted(request.method), quoted(url));
    for header in &request.headers {
        // `Name:` would take the header away; `Name;` sends it empty.
        let whole = if header.value.is_empty() {
            format!("{};", header.name)
        } else {
            format!("{}: {}", header.name, header.value)
        };
        let _ = write!(line, " -H {}", quoted(&whole));
    }
    // `--data-binary @NAME` would send a file.
    let option = if body.starts_with('@') { "--data-raw" } else { "--data-binary" };
    let _ = write!(line, " {option} {}", quoted(body));
    Ok(line)
}

/// The text as one word of a POSIX shell, whatever is in it.
pub(super) fn quoted(text: &str) -> String {
    let plain = |one: u8| one.is_ascii_alphanumeric() || matches!(one, b'-' | b'_' | b'.' | b'/' | b':');
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;
    use crate::wire::{Header, SecretUrl};

    fn request(url: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let header = |(name, value): &(&str, &str)| Header {
            name: (*name).to_owned().into(),
            value: (*value).to_owned().into(),
            secret: false,
        };
        Request {
            method: "POST",
            url: SecretUrl::new(url.parse().unwrap()),
            headers: headers.iter().map(header).collect(),
            body: body.to_owned().into(),
        }
    }

    /// The words that a shell makes of a line.
    fn words(line: &str) -> Vec<String> {
        let script = format!("set -- {line}\nfor one do printf '%s\\0' \"$one\"; done");
        let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
        assert!(output.status.success(), "{line}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn the_line_says_what_the_request_says() {
        let one = request("https://a.example/h?x=[1]", &[("X-One", "a 'b' $c"), ("X-Empty", "")], "{\"m\": \"it's\"}");
        assert_eq!(
            words(&curl(&one).unwrap()),
            [
                "curl",
                "--globoff",
                "-X",
                "POST",
                "https://a.example/h?x=[1]",
                "-H",
                "X-One: a 'b' $c",
                "-H",
                "X-Empty;",
                "--data-binary",
                "{\"m\": \"it's\"}"
            ]
        );
        assert!(curl(&request("https://a.example/", &[], "@file")).unwrap().contains("--data-raw '@file'"));
    }

    #[test]
    fn what_no_shell_takes_is_told() {
        for (body, told) in [("a\0b".to_owned(), "zero byte"), ("x".repeat(LONGEST_ARGUMENT + 1), "128.0 KiB")] {
            let said = curl(&request("https://a.example/", &[], &body)).unwrap_err();
            assert!(said.contains(told), "{said}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_shell_reads_back_what_was_quoted(texts in prop::collection::vec("[^\0]{0,24}", 1..6)) {
            let line = texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(words(&line), texts);
        }
    }
}
