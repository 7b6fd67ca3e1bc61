//! Keys as people write them: `Ctrl-d`, `Space`, `PgDn`, `S-Tab`, `F5`, `Enter`, `é`.

use crossterm::event::KeyCode;

use super::super::keys::Key;

/// Names of keys that type nothing, in any letter case.
const NAMES: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("return", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("escape", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("s-tab", KeyCode::BackTab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("del", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("ins", KeyCode::Insert),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pageup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("pagedown", KeyCode::PageDown),
    ("up", KeyCode::Up),
    ("↑", KeyCode::Up),
    ("down", KeyCode::Down),
    ("↓", KeyCode::Down),
    ("left", KeyCode::Left),
    ("←", KeyCode::Left),
    ("right", KeyCode::Right),
    ("→", KeyCode::Right),
];

/// Most function keys that a terminal tells apart.
const FUNCTION_KEYS: u8 = 12;

/// The key of this spelling.
///
/// # Errors
/// What is wrong with it, to follow after the spelling.
pub fn parse(text: &str) -> Result<Key, String> {
    // A blank is a key, though nobody can see it.
    let trimmed = if text == " " { text } else { text.trim() };
    if let Some(one) = only(trimmed) {
        return character(one);
    }
    let lower = trimmed.to_lowercase();
    if let Some(rest) = strip(&lower, &["ctrl-", "ctrl+", "c-"]) {
        return with_ctrl(rest);
    }
    if strip(&lower, &["alt-", "alt+", "a-", "meta-", "m-"]).is_some() {
        return Err("is two keys: a terminal sends Alt as Esc and then the key; bind the key alone".to_owned());
    }
    if let Some(code) = named(&lower) {
        return Ok(Key::named(code));
    }
    if strip(&lower, &["shift-", "shift+", "s-"]).is_some() {
        return Err("is no key of its own in a terminal; a letter with Shift is its capital, as `R`".to_owned());
    }
    Err("is no key; write one character, a name such as Space, Enter, PgDn, S-Tab, F5, or Ctrl-d".to_owned())
}

fn character(one: char) -> Result<Key, String> {
    if one.is_control() {
        return Err("is a control character; write its name, such as Ctrl-d or Tab".to_owned());
    }
    // An arrow is how the table shows that key.
    Ok(named(&one.to_string()).map_or(Key::char(one), Key::named))
}

/// What a terminal sends for Ctrl and a key is a byte below 32, and some of those are keys of their own.
fn with_ctrl(rest: &str) -> Result<Key, String> {
    let same = |key: &str| Err(format!("is the same as {key} to a terminal; write {key}"));
    match (only(rest), named(rest)) {
        (Some('i'), _) => same("Tab"),
        (Some('m' | 'j'), _) => same("Enter"),
        (Some('['), _) => same("Esc"),
        (Some('h'), _) => same("Backspace"),
        (Some(one @ 'a'..='z'), _) => Ok(Key::ctrl(one)),
        (_, Some(KeyCode::Char(' '))) => Ok(Key::ctrl(' ')),
        (_, Some(KeyCode::Enter | KeyCode::Esc | KeyCode::Tab | KeyCode::BackTab | KeyCode::Backspace)) => {
            Err("is not told apart from the key alone by a terminal".to_owned())
        }
        (_, Some(code)) => Ok(Key::named(code).with_ctrl()),
        _ => {
            Err("is nothing that a terminal sends; after Ctrl- stands a letter, Space, or a name such as PgDn"
                .to_owned())
        }
    }
}

fn named(lower: &str) -> Option<KeyCode> {
    if let Some(number) = lower.strip_prefix('f').and_then(|number| number.parse::<u8>().ok()) {
        return Some(KeyCode::F(number)).filter(|_| (1..=FUNCTION_KEYS).contains(&number));
    }
    NAMES.iter().find(|(name, _)| *name == lower).map(|(_, code)| *code)
}

fn strip<'a>(text: &'a str, prefixes: &[&str]) -> Option<&'a str> {
    let rest = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix))?;
    // `s-tab` is a name, not a modifier; `c-` alone is none either.
    Some(rest).filter(|rest| !rest.is_empty())
}

fn only(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keys::{Binding, Context, contexts};

    #[test]
    fn keys_are_written_as_they_are_shown() {
        for binding in contexts().flat_map(Context::bindings) {
            let Binding { keys, .. } = binding;
            for key in *keys {
                assert_eq!(parse(&key.to_string()).as_ref(), Ok(key), "{key}");
            }
        }
        for text in ["é", "R", "#", "-", "F5", "F12", "Ctrl-d", "Ctrl-Space", "Ctrl-PgDn", "Insert", "Delete", "~"] {
            assert_eq!(parse(text).map(|key| key.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn other_spellings_are_understood() {
        for (text, shown) in [
            (" ", "Space"),
            ("space", "Space"),
            ("ESC", "Esc"),
            ("Return", "Enter"),
            ("PageDown", "PgDn"),
            ("Up", "↑"),
            ("Shift-Tab", "S-Tab"),
            ("ctrl+R", "Ctrl-r"),
            ("C-x", "Ctrl-x"),
            (" q ", "q"),
            ("f1", "F1"),
        ] {
            assert_eq!(parse(text).map(|key| key.to_string()), Ok(shown.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn what_no_terminal_sends_is_refused_with_the_cure() {
        for (text, words) in [
            ("", "is no key"),
            ("qq", "is no key"),
            ("F13", "is no key"),
            ("f0", "is no key"),
            ("PgDwn", "is no key"),
            ("Alt-x", "Esc and then the key"),
            ("M-x", "Esc and then the key"),
            ("Shift-r", "its capital"),
            ("S-F5", "its capital"),
            ("Ctrl-i", "write Tab"),
            ("Ctrl-m", "write Enter"),
            ("Ctrl-[", "write Esc"),
            ("Ctrl-h", "write Backspace"),
            ("Ctrl-Enter", "not told apart"),
            ("Ctrl-5", "nothing that a terminal sends"),
            ("Ctrl-Ctrl-d", "nothing that a terminal sends"),
            ("\u{1b}", "control character"),
        ] {
            let wrong = parse(text).expect_err(text);
            assert!(wrong.contains(words), "{text}: {wrong}");
        }
    }
}
