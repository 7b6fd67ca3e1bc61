//! YAML text becomes a [`Node`] tree. The only module that knows which YAML library reads it.
//!
//! A project directory may come from anyone, so depth, nodes, aliases and scalars have budgets. What a scalar means is
//! read off its source text, not off the library's guess: a name that looks like a number keeps its spelling.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_yaml::{Location, Spanned};

use super::node::{Entry, Node, Place, Scalar, Trail, Value};
use super::vars;

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 24;
/// Most values, those that aliases repeat included.
const MAX_NODES: usize = 100_000;
/// Most bytes of all scalars together, those that aliases repeat included.
const MAX_SCALAR_BYTES: usize = 4 << 20;

/// Why a text is no YAML, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub(super) struct YamlError {
    /// From 1; 0: not known.
    pub(super) line: u64,
    /// From 1.
    pub(super) column: u64,
    /// What is wrong; holds no value of the file.
    pub(super) text: String,
}

/// Reads one document. None: it is empty, or holds only comments.
pub(super) fn parse(text: &str) -> Result<Option<Node>, YamlError> {
    let text = veil(text);
    let raw: Spanned<Raw> = serde_yaml::from_str_with_options(&text, options()).map_err(|error| refused(&error))?;
    let node = node(raw, &text, &Trail::root());
    Ok(Some(node).filter(|node| !node.is_null()))
}

/// What stands for the braces of a variable while YAML is read: characters without a meaning in YAML, one for one, so that
/// columns stay.
const VEIL: [char; 2] = ['\u{e000}', '\u{e001}'];

/// Hides the braces of `${VAR}`, which would be a map in `{url: ${VAR}}`. NTM replaces variables before it reads YAML, so
/// such a file is good there.
fn veil(text: &str) -> Cow<'_, str> {
    let [open, close] = VEIL;
    let mut parts = text.split("${");
    let mut veiled = parts.next().unwrap_or_default().to_owned();
    let mut changed = false;
    for part in parts {
        match part.split_once('}').filter(|(name, _)| vars::is_name(name)) {
            Some((name, rest)) => {
                changed = true;
                veiled.extend(['$', open]);
                veiled.push_str(name);
                veiled.push(close);
                veiled.push_str(rest);
            }
            None => veiled.extend(["${", part]),
        }
    }
    if changed { Cow::Owned(veiled) } else { Cow::Borrowed(text) }
}

fn unveil(text: String) -> String {
    if text.contains(VEIL) { text.replace(VEIL[0], "{").replace(VEIL[1], "}") } else { text }
}

fn options() -> serde_yaml::Options {
    serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: 4 * MAX_NODES,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_recorded_anchor_events: MAX_NODES,
            max_recorded_anchor_bytes: MAX_SCALAR_BYTES,
            max_total_scalar_bytes: MAX_SCALAR_BYTES,
        },
        alias_limits: serde_yaml::alias_limits! { max_total_replayed_events: MAX_NODES },
        // Told by us, all of them at once, with the place of each.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        ignore_binary_tag_for_string: true,
        // Strictness here only keeps the library from refusing what we read ourselves.
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        emit_comments: false,
        // Its snippets print neighbouring lines, and secrets stand there.
        with_snippet: false,
    }
}

fn refused(error: &serde_yaml::Error) -> YamlError {
    use serde_yaml::Error;

    let error = error.without_snippet();
    let location = error.location().unwrap_or(Location::UNKNOWN);
    let message = error.to_string();
    // The place is told by us, before the message.
    let message = message.split(" at line ").next().unwrap_or_default();
    let text = match error {
        Error::MultipleDocuments { .. } => {
            "a second document begins here, and only the first would be read; remove it and the `---`".to_owned()
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasError { .. } => "this is nested too deep, or repeats too much, for a configuration".to_owned(),
        _ if message.contains("recursion limit") => "this is nested too deep for a configuration".to_owned(),
        _ if message.contains("tabs disallowed") => "a tab cannot indent YAML; use spaces".to_owned(),
        _ => format!("this is not valid YAML: {}", shown(message)),
    };
    YamlError { line: location.line(), column: location.column(), text }
}

/// A message of the library, as it may be shown: one line, no control characters, not long.
fn shown(message: &str) -> String {
    message.chars().filter(|c| !c.is_control()).take(160).collect()
}

/// What the library hands over, before we read the scalars ourselves.
enum Raw {
    /// Not a text to the library; its spelling is in the source.
    Other(String),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Other(String::new()))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Other(String::new()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Other(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Other(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Other(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Other(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Other(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Other(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

fn node(raw: Spanned<Raw>, source: &str, trail: &Rc<Trail>) -> Node {
    let place =
        Place { line: raw.referenced.line(), column: raw.referenced.column(), trail: Rc::clone(trail), variable: None };
    let spelling = spelling(&raw.defined, source);
    let value = match raw.value {
        Raw::List(items) => Value::List(
            items.into_iter().enumerate().map(|(index, item)| node(item, source, &trail.index(index))).collect(),
        ),
        Raw::Map(entries) => {
            Value::Map(entries.into_iter().map(|(key, value)| entry(key, value, source, trail)).collect())
        }
        Raw::Text(text) => {
            let quoted = spelling.is_some_and(|spelling| spelling.starts_with(['"', '\'']));
            let plain = !quoted && !is_block(&raw.defined, source);
            Value::Scalar(Scalar { text: unveil(text), plain, variables: Vec::new(), missing: None })
        }
        Raw::Other(text) => {
            let text = spelling.map_or(text, |spelling| spelling.trim_matches(['"', '\'']).to_owned());
            Value::Scalar(Scalar { text, plain: true, variables: Vec::new(), missing: None })
        }
    };
    Node { value, place }
}

fn entry(key: Spanned<Raw>, value: Spanned<Raw>, source: &str, trail: &Rc<Trail>) -> Entry {
    let mut key = node(key, source, trail);
    let text = match key.value {
        Value::Scalar(scalar) => scalar.text,
        // A list or map as a key is nothing that we or NTM know; where it matters it is told as an unknown key.
        Value::List(_) => "[…]".to_owned(),
        Value::Map(_) => "{…}".to_owned(),
    };
    let trail = trail.key(&text);
    key.place.trail = Rc::clone(&trail);
    Entry { key: text, key_place: key.place, node: node(value, source, &trail) }
}

/// The text of a scalar as it stands in the source.
fn spelling<'a>(location: &Location, source: &'a str) -> Option<&'a str> {
    let span = location.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let end = start.checked_add(usize::try_from(span.byte_len()?).ok()?)?;
    source.get(start..end)
}

/// Whether a scalar stands below `|` or `>`: the library tells where its text begins, not its style.
fn is_block(location: &Location, source: &str) -> bool {
    let start = location.span().byte_offset().and_then(|offset| usize::try_from(offset).ok());
    let before = start.and_then(|start| source.get(..start)).unwrap_or_default();
    let header = before.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
    header.starts_with(['|', '>'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(node: &Node) -> String {
        let at = format!("{}:{}", node.place.line, node.place.column);
        match &node.value {
            Value::Scalar(scalar) => format!("{at} {:?} {}", scalar.text, node.kind()),
            Value::List(items) => format!("{at} [{}]", items.iter().map(told).collect::<Vec<_>>().join(", ")),
            Value::Map(entries) => {
                let entries: Vec<_> =
                    entries.iter().map(|e| format!("{}: {}", e.node.place.trail, told(&e.node))).collect();
                format!("{at} {{{}}}", entries.join(", "))
            }
        }
    }

    fn nested_maps(depth: usize) -> String {
        (0..depth).fold(String::new(), |text, depth| format!("{text}{}a:\n", " ".repeat(depth)))
    }

    #[test]
    fn scalars_keep_their_spelling_and_mean_what_go_reads_in_them() {
        for (text, expected) in [
            ("1", r#""1" a number"#),
            ("007", r#""007" a number"#),
            ("1.10", r#""1.10" a number"#),
            ("0x1F", r#""0x1F" a number"#),
            ("1_000", r#""1_000" a number"#),
            ("'1'", r#""1" a text"#),
            ("\"a\\tb\"", r#""a\tb" a text"#),
            ("~", r#""~" nothing"#),
            ("", r#""" nothing"#),
            ("yes", r#""yes" a text"#),
            ("True", r#""True" a truth value"#),
            (".inf", r#"".inf" a text"#),
            ("!foo bar", r#""bar" a text"#),
            ("|-\n  5", r#""5" a text"#),
            ("two\n  lines", r#""two lines" a text"#),
            ("a b #c", r#""a b" a text"#),
        ] {
            let root = parse(&format!("k: {text}\n")).unwrap().unwrap();
            let value = told(root.get("k").unwrap());
            assert_eq!(value.split_once(' ').unwrap().1, expected, "{text}");
        }
    }

    #[test]
    fn every_value_knows_its_place_and_path() {
        let text = "a: &m {q: 1}\nb:\n  - x: [1, two]\n    <<: *m\n";
        assert_eq!(
            told(&parse(text).unwrap().unwrap()),
            r#"1:1 {a: 1:7 {a.q: 1:11 "1" a number}, b: 3:3 [3:5 {b[0].x: 3:8 [3:9 "1" a number, 3:12 "two" a text], b[0].q: 4:9 "1" a number}]}"#
        );
    }

    #[test]
    fn a_file_without_content_is_none() {
        for text in ["", "\n \n", "# only a comment\n", "---\n...\n", "\u{feff}", "~"] {
            assert!(parse(text).unwrap().is_none(), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_yaml_is_told_with_its_place_and_without_its_text() {
        for (text, line, column, told) in [
            ("a: [1, 2", 1, 4, "unclosed bracket"),
            ("a: 'abc", 1, 4, "unclosed quote"),
            ("a: b: c", 1, 5, "mapping values"),
            ("a:\n\t- b", 2, 2, "use spaces"),
            ("a: 1\n---\nb: 2", 3, 1, "second document"),
            ("a: *nope", 1, 4, "unknown anchor"),
            ("a: @at", 1, 4, "unexpected character"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
            assert!(error.text.contains(told) && !error.text.contains('\n'), "{text}: {error}");
        }
    }

    #[test]
    fn windows_line_ends_and_a_byte_order_mark_are_read() {
        assert_eq!(
            told(&parse("\u{feff}a: 1\r\nb: 2\r\n").unwrap().unwrap()),
            r#"1:1 {a: 1:4 "1" a number, b: 2:4 "2" a number}"#
        );
    }

    #[test]
    fn hostile_texts_are_refused_before_they_cost_anything() {
        let bomb = (0..9).fold(String::new(), |bomb, i| {
            let (next, repeated) = (i + 1, vec![format!("*k{i}"); 9].join(","));
            format!("{bomb}k{next}: &k{next} [{repeated}]\n")
        });
        let deep_maps = nested_maps(200);
        for text in [
            format!("k0: &k0 x\n{bomb}"),
            "[".repeat(100_000),
            "{a: ".repeat(50_000),
            "- ".repeat(100_000),
            deep_maps,
            "- a\n".repeat(200_000),
            format!("a: {}", "x".repeat(5 << 20)),
            "a: &a [*a]\n".to_owned(),
            "<<: ".repeat(10_000),
        ] {
            let shown: String = text.chars().take(40).collect();
            let error = parse(&text).map(|_| ()).expect_err(&shown);
            assert!(error.text.len() < 300, "{error}");
        }
    }

    /// Tokio's workers have 2 MiB of stack, and so do these tests; a smaller one shows that there is room.
    #[test]
    fn the_deepest_nesting_that_is_read_needs_less_than_1_mib_of_stack() {
        let deep = nested_maps(MAX_DEPTH - 1);
        let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(move || parse(&deep).is_ok());
        assert!(thread.unwrap().join().unwrap());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[-:\\[\\]{}&*!|>'\"%@`#?, \n\ta-c0-9~<$]{0,60}") {
            let _ = parse(&text);
        }
    }
}
