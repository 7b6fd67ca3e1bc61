//! A theme of the console as data: a style for each meaning. What a terminal can show of it is the console's business.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::fields::{self, Fields};
use super::load;
use super::node::{Node, Value};
use super::problem::{Problem, Severity};
use super::report::Report;
use super::yaml;

/// Most themes of a person's own.
const MOST: usize = 100;

/// A colour as a theme names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// `"#rrggbb"`.
    Rgb(u8, u8, u8),
    /// One of the 256 of the usual table; 0 to 15 are those of the terminal's owner.
    Index(u8),
}

/// How something is shown that has one meaning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ThemeStyle {
    /// Of the text; none: it stays as it is.
    pub fg: Option<Colour>,
    /// Behind the text; none: it stays as it is.
    pub bg: Option<Colour>,
    /// Weight and the like.
    pub modifiers: Modifiers,
}

/// Weight and the like: bits of the constants here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Modifiers(u8);

impl Modifiers {
    /// `bold`.
    pub const BOLD: Self = Self(1);
    /// `dim`.
    pub const DIM: Self = Self(2);
    /// `italic`.
    pub const ITALIC: Self = Self(4);
    /// `underlined`.
    pub const UNDERLINED: Self = Self(8);
    /// `reversed`.
    pub const REVERSED: Self = Self(16);

    const WORDS: [(&'static str, Self); 5] = [
        ("bold", Self::BOLD),
        ("dim", Self::DIM),
        ("italic", Self::ITALIC),
        ("underlined", Self::UNDERLINED),
        ("reversed", Self::REVERSED),
    ];

    /// Whether this one is among them.
    #[must_use]
    pub const fn has(self, one: Self) -> bool {
        self.0 & one.0 != 0
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A theme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThemeFile {
    /// The background it is made for.
    pub ground: Option<Colour>,
    /// The screen is filled with it.
    pub paint: bool,
    /// By meaning. A file may leave some out.
    pub styles: BTreeMap<&'static str, ThemeStyle>,
}

/// Reads a theme, `path` being for messages only.
///
/// # Errors
/// Every problem of the text.
pub fn parse_theme(path: &Path, text: &str, meanings: &[&'static str]) -> Result<ThemeFile, Vec<Problem>> {
    let mut report = Report::new(path);
    let read = match yaml::parse(text) {
        Ok(root) => root.map(|root| theme(&root, meanings, &mut report)),
        Err(error) => {
            report.add_at(Severity::Error, (error.line, error.column), error.text);
            None
        }
    };
    if report.invalid() { Err(report.into_problems()) } else { Ok(read.unwrap_or_default()) }
}

/// Every theme of a directory, named after its file, and what is wrong with those that cannot be read. No directory: none.
#[must_use]
pub fn themes_in(directory: &Path, meanings: &[&'static str]) -> (Vec<(String, ThemeFile)>, Vec<Problem>) {
    let (mut themes, mut problems) = (Vec::new(), Vec::new());
    let entries = std::fs::read_dir(directory).into_iter().flatten().filter_map(io::Result::ok);
    let mut paths: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|one| one == "yaml" || one == "yml"))
        .collect();
    paths.sort();
    for path in paths.iter().take(MOST) {
        let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
        let mut report = Report::new(path);
        let read = match load::text(load::read(path), &mut report) {
            Some(text) => parse_theme(path, &text, meanings),
            None => Err(report.into_problems()),
        };
        match read {
            Ok(theme) => themes.push((name.to_owned(), theme)),
            Err(wrong) => problems.extend(wrong),
        }
    }
    (themes, problems)
}

fn theme(root: &Node, meanings: &[&'static str], report: &mut Report<'_>) -> ThemeFile {
    let Some(mut fields) = Fields::of(root, report) else { return ThemeFile::default() };
    let ground = colour(root, "ground", &mut fields, report);
    let paint = fields.take("paint", report).and_then(|node| fields::boolean(node, report)).unwrap_or(false);
    if paint && ground.is_none() {
        report.error(&root.place, "`paint: true` needs a `ground` to paint with, such as `ground: \"#12161d\"`");
    }
    let mut styles = BTreeMap::new();
    for meaning in meanings {
        if let Some(node) = fields.take(meaning, report)
            && let Some(style) = style(node, report)
        {
            styles.insert(*meaning, style);
        }
    }
    fields.finish(report);
    ThemeFile { ground, paint, styles }
}

fn style(node: &Node, report: &mut Report<'_>) -> Option<ThemeStyle> {
    let mut fields = Fields::of(node, report)?;
    let (fg, bg) = (colour(node, "fg", &mut fields, report), colour(node, "bg", &mut fields, report));
    let mut modifiers = Modifiers::default();
    for (word, one) in Modifiers::WORDS {
        let on = fields.take(word, report).and_then(|node| fields::boolean(node, report));
        if on == Some(true) {
            modifiers = modifiers.and(one);
        }
    }
    fields.finish(report);
    Some(ThemeStyle { fg, bg, modifiers })
}

fn colour(map: &Node, key: &'static str, fields: &mut Fields<'_>, report: &mut Report<'_>) -> Option<Colour> {
    if let Some(node) = fields.take(key, report) {
        return fields::parsed(node, "a colour", report, read_colour);
    }
    // YAML takes `fg: #82b4f5` for a key without a value and a comment.
    if let Value::Map(entries) = &map.value
        && let Some(entry) = entries.iter().find(|entry| entry.key == key)
    {
        report.error(&entry.key_place, "is empty; a colour that begins with # stands in quotes: \"#82b4f5\"");
    }
    None
}

/// The sixteen, in the order of their numbers.
const NAMES: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

fn read_colour(text: &str) -> Result<Colour, String> {
    let text = text.trim().to_ascii_lowercase();
    let named = |name: &str| NAMES.iter().zip(0_u8..).find(|(known, _)| **known == name).map(|(_, number)| number);
    let found = if let Some(digits) = text.strip_prefix('#') {
        rgb(digits)
    } else if let Some(name) = text.strip_prefix("bright-") {
        named(name).map(|number| Colour::Index(number + 8))
    } else {
        named(&text).or_else(|| text.parse().ok()).map(Colour::Index)
    };
    found.ok_or_else(|| {
        "is no colour: \"#82b4f5\", a number from 0 to 255, or a name such as red or bright-red".to_owned()
    })
}

fn rgb(digits: &str) -> Option<Colour> {
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6 && !digits.starts_with('+'))?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some(Colour::Rgb(red, green, blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEANINGS: &[&str] = &["plain", "good"];

    fn told(text: &str) -> String {
        let problems = parse_theme(Path::new("mine.yaml"), text, MEANINGS).expect_err("a problem");
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_theme_names_colours_in_three_ways() {
        let text =
            "ground: \"#0a0B0c\"\nplain: {fg: 188, bold: true}\ngood: {fg: bright-green, bg: red, reversed: true}\n";
        let theme = parse_theme(Path::new("mine.yaml"), text, MEANINGS).unwrap();
        assert_eq!(theme.ground, Some(Colour::Rgb(10, 11, 12)));
        let [plain, good] = MEANINGS.iter().map(|one| theme.styles[one]).collect::<Vec<_>>()[..] else { panic!() };
        assert_eq!((plain.fg, plain.bg), (Some(Colour::Index(188)), None));
        assert!(plain.modifiers.has(Modifiers::BOLD) && !plain.modifiers.has(Modifiers::REVERSED));
        assert_eq!((good.fg, good.bg), (Some(Colour::Index(10)), Some(Colour::Index(1))));
        assert!(good.modifiers.has(Modifiers::REVERSED));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_cure() {
        for (text, words) in [
            ("good: {fg: #82b4f5\n", "mine.yaml:"),
            (
                "good:\n  fg: #82b4f5\n",
                "mine.yaml:2:3: good.fg: is empty; a colour that begins with # stands in quotes",
            ),
            ("good: {fg: chartreuse}\n", "mine.yaml:1:12: good.fg: `chartreuse` is no colour"),
            ("good: {fg: \"#12345\"}\n", "is no colour"),
            ("good: {fg: 256}\n", "is no colour"),
            ("goood: {fg: 2}\n", "did you mean `good`?"),
            ("good: {blod: true}\n", "did you mean `bold`?"),
            ("paint: true\n", "needs a `ground`"),
            ("- good\n", "must be a map"),
        ] {
            assert!(told(text).contains(words), "{text}: {}", told(text));
        }
    }

    #[test]
    fn a_directory_gives_its_good_themes_and_tells_of_the_others() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("b.yaml", "good: {fg: 2}"), ("a.yml", "plain: {}"), ("c.yaml", "good: 7"), ("d.txt", "?")]
        {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let (themes, problems) = themes_in(folder.path(), MEANINGS);
        assert_eq!(themes.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(problems.len(), 1);
        assert_eq!(themes_in(&folder.path().join("nowhere"), MEANINGS).0, []);
    }
}
