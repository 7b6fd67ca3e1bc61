//! `${VAR}` in values. Replaced from the environment and read as YAML again, so that a number stays a number and a list a
//! list, as in NTM, which replaces in the text of the file. `$${` is a literal `${`. Keys and comments are not touched.

use std::rc::Rc;

use super::Env;
use super::node::{Node, Place, Scalar, Value};
use super::report::Report;
use super::yaml;

/// Longest value, and longest sum of all values, that variables may make: a hostile file could repeat a long one.
const LONGEST: usize = 1 << 20;

impl Env {
    /// The value of a variable; none where it is not set (or is no text).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        match self {
            Self::Process => std::env::var(name).ok(),
            Self::Fixed(map) => map.get(name).cloned(),
        }
    }
}

/// Replaces variables in a tree.
#[derive(Debug)]
pub(super) struct Expander<'e> {
    env: &'e Env,
    left: usize,
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Variable(&'a str),
}

impl<'e> Expander<'e> {
    pub(super) const fn new(env: &'e Env) -> Self {
        Self { env, left: LONGEST }
    }

    /// Replaces the variables in every value of the tree. A missing one is noted at its scalar, not reported: an overlay
    /// may yet replace the value.
    pub(super) fn expand(&mut self, node: &mut Node, report: &mut Report<'_>) {
        match &mut node.value {
            Value::List(items) => items.iter_mut().for_each(|item| self.expand(item, report)),
            Value::Map(entries) => entries.iter_mut().for_each(|entry| self.expand(&mut entry.node, report)),
            Value::Scalar(scalar) if scalar.text.contains("${") => match self.scalar(scalar) {
                Ok(expanded) => {
                    node.place.variable = sole(&scalar.text).map(Rc::from);
                    node.value = reread(expanded, &node.place);
                }
                Err(text) => report.error(&node.place, text),
            },
            Value::Scalar(_) => {}
        }
    }

    fn scalar(&mut self, scalar: &Scalar) -> Result<Scalar, String> {
        let parts = parts(&scalar.text)?;
        let mut text = String::new();
        let mut variables = Vec::new();
        for part in parts {
            let piece = match part {
                Part::Text(text) => text.to_owned(),
                Part::Variable(name) => match self.env.get(name) {
                    Some(value) => {
                        variables.push(value.clone());
                        value
                    }
                    None => return Ok(Scalar { missing: Some(name.to_owned()), ..scalar.clone() }),
                },
            };
            self.left = self.left.checked_sub(piece.len()).ok_or("variables make this file too long")?;
            text.push_str(&piece);
        }
        Ok(Scalar { text, variables, ..scalar.clone() })
    }
}

/// Reads an unquoted value that variables made again as YAML. What nothing but one variable made may be a list or a map too,
/// in brackets or braces: no other can stand where a value does. Anything else (a token that begins with `*`, say) stays the
/// text it is.
fn reread(scalar: Scalar, place: &Place) -> Value {
    if !scalar.plain || scalar.variables.is_empty() {
        return Value::Scalar(scalar);
    }
    let one_line = !scalar.text.contains('\n');
    let bracketed = scalar.text.trim_start().starts_with(['[', '{']);
    match yaml::parse(&scalar.text) {
        Ok(None) if one_line => Value::Scalar(Scalar { text: String::new(), ..scalar }),
        Ok(Some(Node { value: Value::Scalar(read), .. })) if one_line => {
            Value::Scalar(Scalar { text: read.text, plain: read.plain, ..scalar })
        }
        Ok(Some(mut node)) if bracketed && place.variable.is_some() => {
            made_by_variable(&mut node, place);
            node.value
        }
        _ => Value::Scalar(scalar),
    }
}

/// Marks all of a value that a variable holds as made by it, and as standing where the variable stands.
fn made_by_variable(node: &mut Node, place: &Place) {
    node.place = place.clone();
    match &mut node.value {
        Value::Scalar(scalar) => scalar.variables = vec![scalar.text.clone()],
        Value::List(items) => items.iter_mut().for_each(|item| made_by_variable(item, place)),
        Value::Map(entries) => entries.iter_mut().for_each(|entry| {
            entry.key_place = place.clone();
            made_by_variable(&mut entry.node, place);
        }),
    }
}

/// The variable that is all there is of a text.
fn sole(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}').filter(|name| is_name(name))
}

/// Splits a text at its variables.
fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        if let Some(before) = before.strip_suffix('$') {
            parts.extend([Part::Text(before), Part::Text("${")]);
            rest = after.get(2..).unwrap_or_default();
            continue;
        }
        let name = after.get(2..).and_then(|after| after.split_once('}'));
        let Some((name, next)) = name.filter(|(name, _)| is_name(name)) else {
            return Err("`${` begins a variable such as ${SLACK_URL}; write `$${` for a literal `${`".to_owned());
        };
        parts.extend([Part::Text(before), Part::Variable(name)]);
        rest = next;
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

/// Whether this can be the name of a variable.
pub(super) fn is_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.len() <= 200
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The names of the variables in a text; those of a text that is malformed are not looked for.
pub(super) fn names(text: &str) -> Vec<&str> {
    let parts = parts(text).unwrap_or_default();
    parts
        .into_iter()
        .filter_map(|part| match part {
            Part::Variable(name) => Some(name),
            Part::Text(_) => None,
        })
        .collect()
}

/// The first variable that is missing in a tree.
pub(super) fn first_missing(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar(scalar) => scalar.missing.as_deref(),
        Value::List(items) => items.iter().find_map(first_missing),
        Value::Map(entries) => entries.iter().find_map(|entry| first_missing(&entry.node)),
    }
}

/// "$X is not set here".
pub(super) fn not_set(name: &str) -> String {
    format!("${name} is not set here")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;

    fn env() -> Env {
        let variables = [
            ("N", "3"),
            ("EMPTY", ""),
            ("TOKEN", "s3cr3t-t0ken"),
            ("HASH", "a #b"),
            ("STAR", "*star"),
            ("QUOTED", "\"7\""),
            ("MAP", "a: b"),
            ("LINES", "1\n2"),
            ("NESTED", "${TOKEN}"),
            ("LIST", "[a, 2]"),
            ("JSON", "{\"a\": {\"b\": [1,\n 2]}}"),
            ("OPEN", "[a"),
        ];
        Env::Fixed(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn expand(text: &str) -> Result<Scalar, String> {
        expand_node(text).map(|node| node.scalar().unwrap().clone())
    }

    fn expand_node(text: &str) -> Result<Node, String> {
        let Ok(Some(Node { value: Value::Map(mut entries), .. })) = yaml::parse(text) else { panic!("{text}") };
        let mut node = entries.remove(0).node;
        let mut report = Report::new(Path::new("x"));
        Expander::new(&env()).expand(&mut node, &mut report);
        match report.into_problems().pop() {
            Some(problem) => Err(problem.text),
            None => Ok(node),
        }
    }

    fn kind_of(scalar: Scalar) -> &'static str {
        let place = yaml::parse("x").unwrap().unwrap().place;
        Node { value: Value::Scalar(scalar), place }.kind()
    }

    #[test]
    fn variables_are_replaced_and_the_value_is_read_as_yaml_again() {
        for (text, made, kind) in [
            ("k: ${N}", "3", "a number"),
            ("k: 1${N}", "13", "a number"),
            ("k: '${N}'", "3", "a text"),
            ("k: x-${TOKEN}-y", "x-s3cr3t-t0ken-y", "a text"),
            ("k: ${N}${N}", "33", "a number"),
            ("k: ${EMPTY}", "", "nothing"),
            ("k: ${HASH}", "a", "a text"),
            ("k: ${STAR}", "*star", "a text"),
            ("k: ${QUOTED}", "7", "a text"),
            ("k: ${MAP}", "a: b", "a text"),
            ("k: ${LINES}", "1\n2", "a text"),
            ("k: ${NESTED}", "${TOKEN}", "a text"),
            ("k: '${LIST}'", "[a, 2]", "a text"),
            ("k: x${LIST}", "x[a, 2]", "a text"),
            ("k: ${OPEN}", "[a", "a text"),
            ("k: $${N}", "${N}", "a text"),
            ("k: $${N}${N}", "${N}3", "a text"),
            ("k: $N", "$N", "a text"),
            ("k: |\n  ${N}\n", "3\n", "a text"),
        ] {
            let scalar = expand(text).unwrap();
            assert_eq!(scalar.text, made, "{text}");
            assert_eq!(kind_of(scalar), kind, "{text}");
        }
    }

    #[test]
    fn what_a_variable_holds_in_brackets_stands_where_it_stands_and_is_marked() {
        fn told(node: &Node) -> String {
            assert_eq!((node.place.line, node.place.column, node.place.trail.to_string().as_str()), (2, 3, "k"));
            assert!(node.place.variable.is_some());
            match &node.value {
                Value::Scalar(scalar) => format!("{}({})", scalar.text, scalar.variables.join(",")),
                Value::List(items) => format!("{:?}", items.iter().map(told).collect::<Vec<_>>()),
                Value::Map(entries) => {
                    let entries = entries.iter().map(|entry| format!("{}: {}", entry.key, told(&entry.node)));
                    format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
                }
            }
        }
        for (name, expected) in
            [("LIST", r#"["a(a)", "2(2)"]"#.to_owned()), ("JSON", r#"{a: {b: ["1(1)", "2(2)"]}}"#.to_owned())]
        {
            assert_eq!(told(&expand_node(&format!("k:\n  ${{{name}}}")).unwrap()), expected);
        }
    }

    #[test]
    fn a_missing_variable_is_noted_and_the_value_kept_as_written() {
        let scalar = expand("k: a-${NOPE}-${N}").unwrap();
        assert_eq!((scalar.missing.as_deref(), scalar.text.as_str()), (Some("NOPE"), "a-${NOPE}-${N}"));
    }

    #[test]
    fn what_is_no_variable_is_told_with_the_cure() {
        for text in ["k: ${", "k: ${}", "k: a${1A}", "k: ${A-B}", "k: '${A B}'", "k: ${A:-b}"] {
            assert!(expand(text).unwrap_err().contains("$${"), "{text}");
        }
    }

    #[test]
    fn a_long_variable_repeated_often_is_refused() {
        let env = Env::Fixed(BTreeMap::from([("X".to_owned(), "x".repeat(10_000))]));
        let mut node = yaml::parse(&format!("k: {}", "${X}".repeat(1_000))).unwrap().unwrap();
        let mut report = Report::new(Path::new("x"));
        Expander::new(&env).expand(&mut node, &mut report);
        assert!(report.invalid());
    }

    #[test]
    fn the_names_of_variables_are_found() {
        assert_eq!(names("a ${X} $${Y} ${Z_1}"), ["X", "Z_1"]);
        assert_eq!(names("${broken"), Vec::<&str>::new());
    }
}
