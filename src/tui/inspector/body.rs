//! Bodies on the screen: JSON laid out in lines, everything else as it is, wrapped at the edge.

use unicode_segmentation::UnicodeSegmentation;

use crate::present::{escape, fit};

use super::super::theme::Tone;
use super::Line;

/// The body in lines of at most so many cells.
pub fn lines(body: &[u8], width: usize) -> Vec<Line> {
    let laid_out;
    let text = if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        laid_out = lay_out(body);
        laid_out.as_slice()
    } else {
        body
    };
    let escaped = escape::lines(text);
    escaped.iter().flat_map(|line| wrap(line, width)).map(|line| vec![(line, Tone::Plain)]).collect()
}

/// Valid JSON with a line for each member; order and numbers stay as they came.
fn lay_out(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    let mut rest = body.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if in_text {
            out.push(byte);
            in_text = escaped || byte != b'"';
            escaped = byte == b'\\' && !escaped;
            continue;
        }
        match byte {
            b'{' | b'[' => {
                out.push(byte);
                while rest.next_if(u8::is_ascii_whitespace).is_some() {}
                // Nothing in it: it closes on the same line.
                if let Some(close) = rest.next_if(|next| matches!(next, b'}' | b']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                new_line(&mut out, depth);
            }
            b':' => out.extend_from_slice(b": "),
            b'"' => {
                in_text = true;
                out.push(byte);
            }
            _ if byte.is_ascii_whitespace() => {}
            _ => out.push(byte),
        }
    }
    out
}

/// Deeper than this nothing is indented further: a deep nest must not fill the memory with blanks.
const DEEPEST: usize = 20;

fn new_line(out: &mut Vec<u8>, depth: usize) {
    out.push(b'\n');
    out.extend(std::iter::repeat_n(b' ', 2 * depth.min(DEEPEST)));
}

fn wrap(line: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for grapheme in line.graphemes(true) {
        let wide = fit::width(grapheme);
        if used + wide > width && used > 0 {
            lines.push(String::new());
            used = 0;
        }
        used += wide;
        if let Some(last) = lines.last_mut() {
            last.push_str(grapheme);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &str, width: usize) -> Vec<String> {
        lines(body.as_bytes(), width).into_iter().map(|line| line.into_iter().map(|(text, _)| text).collect()).collect()
    }

    #[test]
    fn json_is_laid_out_in_the_order_it_came() {
        let body = r#"{"b":1.10, "a":[{},"x,y:{\"}"],"c":[ ]}"#;
        let lines =
            ["{", r#"  "b": 1.10,"#, r#"  "a": ["#, "    {},", r#"    "x,y:{\"}""#, "  ],", r#"  "c": []"#, "}"];
        assert_eq!(shown(body, 80), lines);
    }

    #[test]
    fn other_text_is_wrapped_and_made_harmless() {
        assert_eq!(shown("upstream\x1b[31m error", 10), ["upstream\\e", "[31m error"]);
    }

    proptest::proptest! {
        #[test]
        fn laid_out_json_says_the_same(numbers: Vec<i64>, text: String) {
            let value = serde_json::json!({ "n": numbers, "t": text, "e": {}, "d": [[{"x": null}]] });
            let laid_out = lay_out(value.to_string().as_bytes());
            proptest::prop_assert_eq!(serde_json::from_slice::<serde_json::Value>(&laid_out).unwrap(), value);
        }
    }
}
