//! What a receiver says for itself when it refuses: the one line of its answer that tells a person why. Pure.

use serde_json::Value;

/// A longer plain answer is a page, not a sentence; it can be looked at in the attempt.
const LONGEST_PLAIN: usize = 1_024;

/// Where services put their reason, in the order of how much it tells.
const KEYS: [&str; 3] = ["message", "detail", "error"];

/// The reason in an answer's body, on one line: a string under `message`, `detail` or `error` of a JSON object (also one
/// within `error`), or a short plain text. None where there is none, as in a page of HTML.
#[must_use]
pub fn reason(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let reason = match text.chars().next()? {
        '{' => in_object(&serde_json::from_str(text).ok()?)?,
        '<' | '[' | '"' => return None,
        _ if body.len() > LONGEST_PLAIN => return None,
        _ => text.to_owned(),
    };
    let spaced: String = reason.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

fn in_object(object: &Value) -> Option<String> {
    let told = |object: &Value| KEYS.iter().find_map(|key| object.get(key)?.as_str().map(str::to_owned));
    told(object).or_else(|| told(object.get("error")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_a_short_text_or_what_a_json_object_says() {
        let page = "x ".repeat(LONGEST_PLAIN);
        for (body, expected) in [
            ("no such field \"pane\"\n", Some("no such field \"pane\"")),
            (r#"{"message": "no such\n  field", "code": 7}"#, Some("no such field")),
            (r#"{"error": "invalid_payload"}"#, Some("invalid_payload")),
            (r#"{"error": "bad_request", "detail": "pane is unknown"}"#, Some("pane is unknown")),
            (r#"{"error": {"message": "too many panes"}}"#, Some("too many panes")),
            ("a\x1b[2Jb\r\nc", Some("a [2Jb c")),
            (r#"{"status": 422}"#, None),
            (r#"{"message": "cut o"#, None),
            (r#"{"message": "  "}"#, None),
            ("<html><body>Bad Gateway</body></html>", None),
            ("[1, 2]", None),
            ("", None),
            (page.as_str(), None),
        ] {
            assert_eq!(reason(body.as_bytes()).as_deref(), expected, "{body}");
        }
        assert_eq!(reason(b"\xff\xfe"), None);
    }
}
