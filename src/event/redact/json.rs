//! The strings inside a JSON text, changed where they stand: all else stays as it is written.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{Error, Visitor};

/// So many levels of a path are followed; a hostile text may have millions.
const DEPTH: usize = 16;

/// The way to a value: `.user.tokens[2]`.
#[derive(Debug, Default)]
pub(super) struct Trail<'j> {
    steps: Vec<Step<'j>>,
    /// Levels below those that are followed.
    deeper: usize,
}

#[derive(Debug)]
enum Step<'j> {
    /// As it is written, without its quotes.
    Key(&'j str),
    Index(usize),
}

/// Offers every string that is a value to `change`; none where nothing was changed. The text is valid JSON.
pub(super) fn rewrite<'j>(json: &'j str, mut change: impl FnMut(&Trail<'j>, &str) -> Option<String>) -> Option<String> {
    let bytes = json.as_bytes();
    let mut trail = Trail::default();
    let mut changed = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => trail.enter(Step::Key("")),
            b'[' => trail.enter(Step::Index(0)),
            b'}' | b']' => trail.leave(),
            b',' => trail.next(),
            b'"' => {
                let end = string_end(bytes, at);
                let token = json.get(at..end).unwrap_or_default();
                if is_key(bytes, end) {
                    trail.key(token.trim_matches('"'));
                } else if let Some(new) = change(&trail, &unquoted(token)) {
                    changed.push_str(json.get(copied..at).unwrap_or_default());
                    changed.push_str(&serde_json::Value::from(new).to_string());
                    copied = end;
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    (copied > 0).then(|| changed + json.get(copied..).unwrap_or_default())
}

/// The place behind the closing quote of the string that begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}

fn is_key(bytes: &[u8], end: usize) -> bool {
    let rest = bytes.get(end..).unwrap_or_default();
    rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// What a string says. Half a surrogate pair, which no text can hold, does not hide the rest of it.
fn unquoted(token: &str) -> Cow<'_, str> {
    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_owned())
        }
    }

    if !token.contains('\\') {
        return Cow::Borrowed(token.trim_matches('"'));
    }
    let bytes = serde_json::Deserializer::from_str(token).deserialize_bytes(Bytes).unwrap_or_default();
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

impl<'j> Trail<'j> {
    fn enter(&mut self, step: Step<'j>) {
        if self.steps.len() < DEPTH {
            self.steps.push(step);
        } else {
            self.deeper += 1;
        }
    }

    fn leave(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else {
            self.steps.pop();
        }
    }

    fn next(&mut self) {
        if self.deeper == 0
            && let Some(Step::Index(index)) = self.steps.last_mut()
        {
            *index += 1;
        }
    }

    fn key(&mut self, key: &'j str) {
        if self.deeper == 0
            && let Some(last) = self.steps.last_mut()
        {
            *last = Step::Key(key);
        }
    }
}

impl fmt::Display for Trail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            match step {
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        if self.deeper > 0 { f.write_str("…") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Where the strings are, and what they say.
    fn strings(json: &str) -> Vec<String> {
        let mut seen = Vec::new();
        let changed = rewrite(json, |trail, text| {
            seen.push(format!("{trail}={text}"));
            None
        });
        assert_eq!(changed, None);
        seen
    }

    #[test]
    fn values_are_offered_with_the_way_to_them_and_keys_are_not() {
        for (json, expected) in [
            (r#""alone""#, vec!["=alone"]),
            (
                r#" { "a" : "x" , "b":{"c":[1, "y", {"d":"z"}, "e"]}, "f":"" } "#,
                vec![".a=x", ".b.c[1]=y", ".b.c[2].d=z", ".b.c[3]=e", ".f="],
            ),
            (r#"["a,]}:", {"k\"}":"v"}, [], {}, "b"]"#, vec!["[0]=a,]}:", r#"[1].k\"}=v"#, "[4]=b"]),
            (
                r#"["\"q\" \\", "\u00e9\n", "a\ud800b"]"#,
                vec!["[0]=\"q\" \\", "[1]=é\n", "[2]=a\u{fffd}\u{fffd}\u{fffd}b"],
            ),
            ("[1, null, true]", vec![]),
        ] {
            assert_eq!(strings(json), expected, "{json}");
        }
    }

    #[test]
    fn only_what_was_changed_is_written_anew() {
        let change = |_: &Trail<'_>, text: &str| (text == "s\"s").then(|| "\u{1}\"é".to_owned());
        assert_eq!(
            rewrite(r#"{ "s\"s": ["s\"s",  1.50, "caf\u00e9", "s\u0022s" ] }"#, change).as_deref(),
            Some(r#"{ "s\"s": ["\u0001\"é",  1.50, "caf\u00e9", "\u0001\"é" ] }"#)
        );
    }

    #[test]
    fn a_hostile_depth_is_no_burden() {
        let depth = 200_000;
        let json = format!("{}\"x\"{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(strings(&json), [format!("{}…=x", "[0]".repeat(DEPTH))]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{},:\"\\\\ua-c0-9 é]{0,40}") {
            let _ = rewrite(&text, |_, text| Some(text.to_owned()));
        }

        #[test]
        fn a_changed_text_is_json_of_the_same_shape(values in prop::collection::vec("\\PC{0,12}", 0..5)) {
            let json = serde_json::json!({"k": values, "n": [1, {"m": values}]});
            let upper: Vec<_> = values.iter().map(|value| value.to_uppercase()).collect();
            let expected = serde_json::json!({"k": upper, "n": [1, {"m": upper}]});
            let text = json.to_string();
            let changed = rewrite(&text, |_, text| Some(text.to_uppercase())).unwrap_or(text);
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&changed).unwrap(), expected);
        }
    }
}
