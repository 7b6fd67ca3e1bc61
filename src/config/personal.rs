//! The user's own `config.yaml`: personal taste, which is no business of the project's file.
//!
//! It is `$HOOKTUI_CONFIG` if that names a file, else `hooktui/config.yaml` under the XDG configuration directory. It is
//! read as strictly as the project's file, and all that is wrong with it is told at once; what is good of it is in force
//! all the same, for a slip of taste must not keep anyone from the console. Nothing is ever written.
//!
//! | key | values | without it |
//! |---|---|---|
//! | `theme` | name of a theme | chosen by the console |
//! | `colors` | `auto`, `truecolor`, `256`, `16`, `none` | `auto`: as the terminal says |
//! | `mouse` | `true`, `false` | `true` |
//! | `ascii` | `auto`, `true`, `false` | `auto`: where the locale is not UTF-8 |
//! | `alerts.bell` | `true`, `false`: rings on the first dead letter and on a circuit that opens | `true` |
//! | `alerts.notify` | `true`, `false`: a desktop notification (OSC 9) on the same | `false` |
//! | `keys` | context, then action, then a key or a list of keys (`[]`: none) | as `hooktui keys --default` prints |

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::fields::{self, Fields};
use super::load;
use super::node::{Entry, Node, Place, Value};
use super::problem::{Problem, Severity};
use super::report::Report;
use super::yaml;

/// Names the file, whatever XDG says.
pub const OVERRIDE: &str = "HOOKTUI_CONFIG";

/// What a person likes, and what is wrong with how they said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    /// The file; empty where there is no place for one.
    pub file: PathBuf,
    /// `theme`: which names there are, the console knows.
    pub theme: Option<Word>,
    /// `colors`.
    pub colors: Colors,
    /// `mouse`.
    pub mouse: bool,
    /// `ascii`; none: `auto`.
    pub ascii: Option<bool>,
    /// `alerts`.
    pub alerts: Alerts,
    /// `keys`, in file order; which contexts, actions and keys there are, the console knows.
    pub keys: Vec<Wish>,
    /// All that is wrong, in file order.
    pub problems: Vec<Problem>,
}

/// `colors`: how many the terminal is believed to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colors {
    /// As the environment tells.
    #[default]
    Auto,
    /// 24 bits.
    Truecolor,
    /// The palette of 256.
    Indexed,
    /// The sixteen of old.
    Sixteen,
    /// Weight only.
    None,
}

/// `alerts`: what the console does on the first dead letter and on a circuit that opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alerts {
    /// Rings the bell.
    pub bell: bool,
    /// Sends a notification to the desktop (OSC 9).
    pub notify: bool,
}

/// A word of the file and where it stands, for problems that only others can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As written.
    pub text: String,
    /// From 1.
    pub line: u64,
    /// From 1.
    pub column: u64,
    /// The path of keys that leads there.
    pub path: String,
}

/// One line of `keys`: these keys shall do this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Where the keys are listened to.
    pub context: Word,
    /// What they shall do.
    pub action: Word,
    /// The keys; none: the action has none any more.
    pub keys: Vec<Word>,
}

impl Default for Personal {
    fn default() -> Self {
        Self {
            file: PathBuf::new(),
            theme: None,
            colors: Colors::Auto,
            mouse: true,
            ascii: None,
            alerts: Alerts { bell: true, notify: false },
            keys: Vec::new(),
            problems: Vec::new(),
        }
    }
}

impl Personal {
    /// Reads the file that the environment leads to. No file: the defaults.
    #[must_use]
    pub fn load() -> Self {
        place(|name| std::env::var_os(name)).map_or_else(Self::default, |file| Self::read(&file))
    }

    /// Reads this file. Never fails: what is wrong is in [`Personal::problems`], what is good is in force.
    #[must_use]
    pub fn read(file: &Path) -> Self {
        let mut report = Report::new(file);
        let mut personal = Self { file: file.to_owned(), ..Self::default() };
        if let Some(text) = load::text(load::read(file), &mut report) {
            match yaml::parse(&text) {
                Ok(Some(root)) => personal.interpret(&root, &mut report),
                Ok(None) => {}
                Err(error) => report.add_at(Severity::Error, (error.line, error.column), error.text),
            }
        }
        personal.problems = report.into_problems();
        personal
    }

    /// A problem with a word of the file.
    #[must_use]
    pub fn problem(&self, word: &Word, text: impl Into<String>) -> Problem {
        Problem {
            severity: Severity::Error,
            file: self.file.clone(),
            line: word.line,
            column: word.column,
            path: word.path.clone(),
            text: text.into(),
        }
    }

    fn interpret(&mut self, root: &Node, report: &mut Report<'_>) {
        let Some(mut fields) = Fields::of(root, report) else { return };
        if let Some(node) = fields.take("theme", report) {
            self.theme = word(node, "the name of a theme", report);
        }
        let colors = [
            ("auto", Colors::Auto),
            ("truecolor", Colors::Truecolor),
            ("256", Colors::Indexed),
            ("16", Colors::Sixteen),
            ("none", Colors::None),
        ];
        if let Some(chosen) = fields.take("colors", report).and_then(|node| fields::word(node, &colors, report)) {
            self.colors = chosen;
        }
        if let Some(mouse) = fields.take("mouse", report).and_then(|node| fields::boolean(node, report)) {
            self.mouse = mouse;
        }
        let ascii = [("auto", None), ("true", Some(true)), ("false", Some(false))];
        if let Some(chosen) = fields.take("ascii", report).and_then(|node| fields::word(node, &ascii, report)) {
            self.ascii = chosen;
        }
        if let Some(node) = fields.take("alerts", report) {
            alerts(node, &mut self.alerts, report);
        }
        if let Some(node) = fields.take("keys", report) {
            self.keys = keys(node, report);
        }
        fields.finish(report);
    }
}

/// Where the file is, or would be.
fn place(set: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name| set(name).map(PathBuf::from).filter(|path| !path.as_os_str().is_empty());
    if let Some(file) = path(OVERRIDE) {
        return Some(file);
    }
    // The XDG specification: a relative path is to be ignored.
    let xdg = path("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let folder = xdg.or_else(|| path("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("hooktui").join("config.yaml"))
}

fn alerts(node: &Node, alerts: &mut Alerts, report: &mut Report<'_>) {
    let Some(mut fields) = Fields::of(node, report) else { return };
    if let Some(bell) = fields.take("bell", report).and_then(|node| fields::boolean(node, report)) {
        alerts.bell = bell;
    }
    if let Some(notify) = fields.take("notify", report).and_then(|node| fields::boolean(node, report)) {
        alerts.notify = notify;
    }
    fields.finish(report);
}

fn keys(node: &Node, report: &mut Report<'_>) -> Vec<Wish> {
    let mut wishes: Vec<Wish> = Vec::new();
    for context in entries(node, report) {
        let named = at(&context.key, &context.key_place);
        for action in entries(&context.node, report) {
            let Some(keys) = keys_of(&action.node, report) else { continue };
            let action = at(&action.key, &action.key_place);
            wishes.push(Wish { context: named.clone(), action, keys });
        }
    }
    wishes
}

/// The entries of a map of keys; a key that stands there twice is told, and the first counts.
fn entries<'a>(node: &'a Node, report: &mut Report<'_>) -> Vec<&'a Entry> {
    let Value::Map(entries) = &node.value else {
        if !node.is_null() {
            let text = format!("must be a map such as {{everywhere: {{quit: Q}}}}, found {}", node.kind());
            report.error(&node.place, text);
        }
        return Vec::new();
    };
    let mut seen: Vec<&Entry> = Vec::new();
    for entry in entries {
        match seen.iter().find(|one| one.key == entry.key) {
            Some(first) => {
                let line = first.key_place.line;
                report.error(&entry.key_place, format!("stands here a second time (first on line {line}); keep one"));
            }
            None => seen.push(entry),
        }
    }
    seen
}

/// A key, or a list of keys.
fn keys_of(node: &Node, report: &mut Report<'_>) -> Option<Vec<Word>> {
    const ONE: &str = "a key such as Ctrl-r, or a list of keys";
    match &node.value {
        Value::List(items) => {
            let keys: Vec<_> = items.iter().map(|item| key(item, report)).collect();
            keys.into_iter().collect()
        }
        Value::Map(_) => {
            report.error(&node.place, format!("must be {ONE}, found a map"));
            None
        }
        Value::Scalar(_) => key(node, report).map(|key| vec![key]),
    }
}

fn key(node: &Node, report: &mut Report<'_>) -> Option<Word> {
    if node.is_null() {
        // A bare `~` is a key and YAML's word for nothing.
        report.error(&node.place, "names no key; write one, `[]` for none, or \"~\" in quotes for that key");
        return None;
    }
    word(node, "a key such as Ctrl-r", report)
}

fn word(node: &Node, expected: &str, report: &mut Report<'_>) -> Option<Word> {
    fields::scalar(node, expected, report).map(|scalar| at(&scalar.text, &node.place))
}

fn at(text: &str, place: &Place) -> Word {
    Word { text: text.to_owned(), line: place.line, column: place.column, path: place.trail.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Personal {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config.yaml");
        std::fs::write(&file, yaml).unwrap();
        Personal::read(&file)
    }

    fn told(yaml: &str) -> Vec<String> {
        read(yaml).problems.iter().map(Problem::in_project).collect()
    }

    #[test]
    fn every_key_is_read() {
        let personal = read(
            "theme: light\ncolors: 256\nmouse: false\nascii: true\nalerts: {bell: false, notify: true}\n\
             keys:\n  dead letters:\n    retry: [r, Ctrl-r]\n    clear: []\n  everywhere: {quit: Q, zoom: '#'}\n",
        );
        assert_eq!(personal.problems, []);
        assert_eq!(personal.theme.as_ref().map(|theme| theme.text.as_str()), Some("light"));
        assert_eq!((personal.colors, personal.mouse, personal.ascii), (Colors::Indexed, false, Some(true)));
        assert_eq!(personal.alerts, Alerts { bell: false, notify: true });
        let wish = |wish: &Wish| {
            let keys: Vec<&str> = wish.keys.iter().map(|key| key.text.as_str()).collect();
            format!("{}: {}: {}", wish.context.text, wish.action.text, keys.join(" "))
        };
        let wishes: Vec<String> = personal.keys.iter().map(wish).collect();
        assert_eq!(
            wishes,
            ["dead letters: retry: r Ctrl-r", "dead letters: clear: ", "everywhere: quit: Q", "everywhere: zoom: #"]
        );
        let key = &personal.keys[0].keys[1];
        assert_eq!((key.line, key.column, key.path.as_str()), (8, 16, "keys.dead letters.retry[1]"));
    }

    #[test]
    fn what_is_wrong_is_told_at_once_and_what_is_good_is_in_force() {
        let yaml = "thme: dark\ncolors: 265\nmouse: yes\nascii: sometimes\nalerts: {bel: false, notify: true}\n\
                    keys: {everywhere: {quit: , zoom: {}, undo: [u, ~]}, lists: 5}\n";
        assert_eq!(
            told(yaml),
            [
                "config.yaml:1:1: thme: unknown key `thme`; did you mean `theme`?",
                "config.yaml:2:9: colors: must be `auto`, `truecolor`, `256`, `16` or `none`, found `265`; did you mean `256`?",
                "config.yaml:3:8: mouse: must be true or false, found `yes`",
                "config.yaml:4:8: ascii: must be `auto`, `true` or `false`, found `sometimes`",
                "config.yaml:5:10: alerts.bel: unknown key `bel`; did you mean `bell`?",
                "config.yaml:6:25: keys.everywhere.quit: names no key; write one, `[]` for none, or \"~\" in quotes for that key",
                "config.yaml:6:35: keys.everywhere.zoom: must be a key such as Ctrl-r, or a list of keys, found a map",
                "config.yaml:6:49: keys.everywhere.undo[1]: names no key; write one, `[]` for none, or \"~\" in quotes for that key",
                "config.yaml:6:61: keys.lists: must be a map such as {everywhere: {quit: Q}}, found a number",
            ]
        );
        let personal = read(yaml);
        assert!(personal.alerts.notify && personal.alerts.bell && personal.keys.is_empty());
    }

    #[test]
    fn what_is_no_map_or_no_yaml_leaves_the_defaults() {
        for (yaml, words) in [
            ("- a\n", "config.yaml:1:1: must be a map of keys and values, found a list"),
            ("mouse: [\n", "config.yaml:1:8: this is not valid YAML: unclosed bracket '['"),
            (
                "mouse: false\nmouse: true\n",
                "config.yaml:2:1: mouse: stands here a second time (first on line 1); keep one",
            ),
        ] {
            assert_eq!(told(yaml), [words], "{yaml}");
        }
        for yaml in ["", "# nothing yet\n", "theme:\n"] {
            let personal = read(yaml);
            assert_eq!(personal, Personal { file: personal.file.clone(), ..Personal::default() }, "{yaml}");
        }
    }

    #[test]
    fn no_file_is_no_problem() {
        let nowhere = Path::new("/nonexistent/hooktui/config.yaml");
        assert_eq!(Personal::read(nowhere), Personal { file: nowhere.to_owned(), ..Personal::default() });
    }

    #[test]
    fn the_file_is_where_xdg_says() {
        let find = |set: &[(&str, &str)]| {
            place(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(*value)))
        };
        for (set, expected) in [
            (&[("HOME", "/h")][..], Some("/h/.config/hooktui/config.yaml")),
            (&[("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")], Some("/x/hooktui/config.yaml")),
            (&[("HOME", "/h"), ("XDG_CONFIG_HOME", "x")], Some("/h/.config/hooktui/config.yaml")),
            (&[("HOME", "/h"), ("XDG_CONFIG_HOME", "")], Some("/h/.config/hooktui/config.yaml")),
            (&[("HOME", "/h"), (OVERRIDE, "mine.yaml")], Some("mine.yaml")),
            (&[], None),
        ] {
            assert_eq!(find(set), expected.map(PathBuf::from), "{set:?}");
        }
    }
}
