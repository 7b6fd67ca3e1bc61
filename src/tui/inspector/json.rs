//! JSON on the screen: laid out in lines, its pieces told apart.

use super::super::theme::Tone;

/// Valid JSON with a line for each member; order and numbers stay as they came.
pub fn lay_out(body: &[u8]) -> Vec<u8> {
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

/// The first piece of a line of laid-out JSON: how many bytes it has, and its tone. A line must begin with a piece.
pub fn piece(line: &str) -> (usize, Tone) {
    let bytes = line.as_bytes();
    let run = |belongs: fn(&u8) -> bool| bytes.iter().take_while(|byte| belongs(byte)).count();
    match bytes.first() {
        None => (0, Tone::Plain),
        Some(b'"') => {
            let length = text(bytes);
            let is_key = bytes.get(length..).unwrap_or_default().iter().find(|byte| **byte != b' ') == Some(&b':');
            (length, if is_key { Tone::Focus } else { Tone::Plain })
        }
        Some(b'-' | b'0'..=b'9') => (run(|byte| !matches!(byte, b',' | b' ' | b']' | b'}')), Tone::Strong),
        Some(b'{' | b'}' | b'[' | b']' | b',' | b':') => {
            (run(|byte| matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':')), Tone::Faint)
        }
        Some(b' ') => (run(|byte| *byte == b' '), Tone::Plain),
        // true, false, null; what a cut body ends with may be anything.
        Some(_) => (run(|byte| !matches!(byte, b',' | b' ' | b']' | b'}' | b'"')).max(1), Tone::Waiting),
    }
}

/// The length of a text with its quotes; of one that does not end, all there is.
fn text(bytes: &[u8]) -> usize {
    let mut escaped = false;
    for (at, byte) in bytes.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(body: &str) -> Vec<String> {
        String::from_utf8(lay_out(body.as_bytes())).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn json_is_laid_out_in_the_order_it_came() {
        let body = r#"{"b":1.10, "a":[{},"x,y:{\"}"],"c":[ ]}"#;
        let lines =
            ["{", r#"  "b": 1.10,"#, r#"  "a": ["#, "    {},", r#"    "x,y:{\"}""#, "  ],", r#"  "c": []"#, "}"];
        assert_eq!(laid_out(body), lines);
    }

    #[test]
    fn the_pieces_of_a_line_are_told_apart() {
        let mut rest = r#"  "k\": ": -1.5e3, "v", true,"#;
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            let (length, tone) = piece(rest);
            pieces.push((&rest[..length], tone));
            rest = &rest[length..];
        }

        assert_eq!(
            pieces,
            [
                ("  ", Tone::Plain),
                (r#""k\": ""#, Tone::Focus),
                (":", Tone::Faint),
                (" ", Tone::Plain),
                ("-1.5e3", Tone::Strong),
                (",", Tone::Faint),
                (" ", Tone::Plain),
                (r#""v""#, Tone::Plain),
                (",", Tone::Faint),
                (" ", Tone::Plain),
                ("true", Tone::Waiting),
                (",", Tone::Faint)
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn laid_out_json_says_the_same(numbers: Vec<i64>, text: String) {
            let value = serde_json::json!({ "n": numbers, "t": text, "e": {}, "d": [[{"x": null}]] });
            let laid_out = lay_out(value.to_string().as_bytes());
            proptest::prop_assert_eq!(serde_json::from_slice::<serde_json::Value>(&laid_out).unwrap(), value);
        }

        #[test]
        fn every_text_has_a_first_piece_that_ends_between_characters(text in "\\PC{1,20}") {
            let (length, _) = piece(&text);
            proptest::prop_assert!(length > 0 && text.is_char_boundary(length));
        }
    }
}
