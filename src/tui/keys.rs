//! The key table: each key is declared once, with what it does, what it is called and when it is there.
//!
//! Router, footer, help, palette, `hooktui keys` and the README's table are all made from it, each through [`super::keymap`],
//! where a person's own keys are laid over it. Keys of one pane stand in the pane's own file.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::App;
use super::effects::Effect;
use super::panes::{self, PaneId};
use super::update::{dialogs, everywhere, find, hand, help, inspect, lists, palette, search};

/// A key as a person presses it. Shift shows in the character itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
}

/// What a key is bound to.
#[derive(Debug)]
pub struct Binding {
    /// Keys that do it; the first is the one shown in the footer. None: it is in the palette only.
    pub keys: &'static [Key],
    /// What it is called in the palette and in a person's own file; where this is empty, as its label. It never changes:
    /// files name it.
    pub name: &'static str,
    /// One or two words for the footer.
    pub label: &'static str,
    /// A sentence for help and docs.
    pub help: &'static str,
    /// Place in the footer: smaller comes first and stays longest; 0 is never shown there.
    pub priority: u8,
    /// It takes something away or sends something out: shown apart, never on Enter.
    pub danger: bool,
    /// Whether what is shown is of the kind that it is for: the footer leaves it out where it can never be done.
    pub concerns: fn(&App) -> bool,
    /// Whether it can be done now, or the reason in words.
    pub available: fn(&App) -> Result<(), String>,
    /// Does it.
    pub run: fn(&mut App) -> Vec<Effect>,
}

/// What most keys leave as it is: not in the footer, harmless, always there.
pub const PLAIN: Binding = Binding {
    keys: &[],
    name: "",
    label: "",
    help: "",
    priority: 0,
    danger: false,
    concerns: |_| true,
    available: always,
    run: |_| Vec::new(),
};

/// Where keys are listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// A question is open.
    Dialog,
    /// The help is open.
    Help,
    /// The palette is open.
    Palette,
    /// The inspector is open.
    Inspector,
    /// Words to look for are typed in the inspector.
    Search,
    /// What shall be copied is asked.
    Copy,
    /// The filter line is open.
    Filter,
    /// A pane has the focus.
    Pane(PaneId),
    /// A pane with rows has the focus.
    List,
    /// Anywhere but in dialogs.
    Everywhere,
    /// There is no project yet.
    Welcome,
}

#[expect(clippy::unnecessary_wraps, reason = "the type of Binding::available")]
fn always(_: &App) -> Result<(), String> {
    Ok(())
}

impl Key {
    /// A character.
    #[must_use]
    pub const fn char(one: char) -> Self {
        Self { code: KeyCode::Char(one), ctrl: false }
    }

    /// A character with Ctrl.
    #[must_use]
    pub const fn ctrl(one: char) -> Self {
        Self { code: KeyCode::Char(one), ctrl: true }
    }

    /// A named key.
    #[must_use]
    pub const fn named(code: KeyCode) -> Self {
        Self { code, ctrl: false }
    }

    /// It, with Ctrl.
    #[must_use]
    pub const fn with_ctrl(self) -> Self {
        Self { ctrl: true, ..self }
    }

    /// The key of a terminal's event, without Alt.
    #[must_use]
    pub fn of(event: &KeyEvent) -> Self {
        let code = match event.code {
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        Self { code, ctrl: event.modifiers.contains(KeyModifiers::CONTROL) }
    }

    /// The character it types, if it types one.
    #[must_use]
    pub const fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(one) if !self.ctrl => Some(one),
            _ => None,
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(one) => write!(f, "{one}"),
            KeyCode::F(number) => write!(f, "F{number}"),
            KeyCode::BackTab => f.write_str("S-Tab"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::Up => f.write_str("↑"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::Left => f.write_str("←"),
            KeyCode::Right => f.write_str("→"),
            code => write!(f, "{code:?}"),
        }
    }
}

impl Binding {
    /// What it is called: unique in its context.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        if self.name.is_empty() { self.label } else { self.name }
    }
}

impl Context {
    /// Its heading in help and docs.
    #[must_use]
    pub fn title(self) -> String {
        match self {
            Self::Dialog => "dialogs".to_owned(),
            Self::Help => "help".to_owned(),
            Self::Palette => "palette".to_owned(),
            Self::Inspector => "inspector".to_owned(),
            Self::Search => "search".to_owned(),
            Self::Copy => "copy".to_owned(),
            Self::Filter => "filter line".to_owned(),
            Self::Pane(id) => id.pane().title.to_lowercase(),
            Self::List => "lists".to_owned(),
            Self::Everywhere => "everywhere".to_owned(),
            Self::Welcome => "no project yet".to_owned(),
        }
    }

    /// Its bindings.
    #[must_use]
    pub fn bindings(self) -> &'static [Binding] {
        match self {
            Self::Dialog => dialogs::KEYS,
            Self::Help => help::KEYS,
            Self::Palette => palette::KEYS,
            Self::Inspector => inspect::KEYS,
            Self::Search => search::KEYS,
            Self::Copy => hand::COPY_KEYS,
            Self::Filter => find::KEYS,
            Self::Pane(id) => id.pane().keys,
            Self::List => lists::KEYS,
            Self::Everywhere => everywhere::KEYS,
            Self::Welcome => everywhere::WELCOME_KEYS,
        }
    }
}

/// Every context, in the order of help and docs.
pub fn contexts() -> impl Iterator<Item = Context> {
    [Context::Everywhere, Context::List]
        .into_iter()
        .chain(panes::ALL.iter().map(|pane| Context::Pane(pane.id)))
        .chain([
            Context::Filter,
            Context::Inspector,
            Context::Search,
            Context::Copy,
            Context::Palette,
            Context::Dialog,
            Context::Help,
            Context::Welcome,
        ])
        .filter(|context| !context.bindings().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_context() {
        for context in contexts() {
            let keys: Vec<Key> = context.bindings().iter().flat_map(|binding| binding.keys).copied().collect();
            for (at, key) in keys.iter().enumerate() {
                assert!(!keys[..at].contains(key), "{key} twice in {}", context.title());
            }
        }
    }

    #[test]
    fn enter_is_never_dangerous() {
        let enter = Key::named(KeyCode::Enter);
        for binding in contexts().flat_map(Context::bindings) {
            assert!(!(binding.danger && binding.keys.contains(&enter)), "{}", binding.help);
        }
    }

    #[test]
    fn every_action_has_a_name_that_is_its_own_in_its_context() {
        for context in contexts() {
            let names: Vec<&str> = context.bindings().iter().map(Binding::name).collect();
            for (at, name) in names.iter().enumerate() {
                let plain = name.chars().all(|one| one.is_ascii_lowercase() || one == ' ');
                assert!(plain && !name.is_empty(), "{name:?} in {}: give it a `name`", context.title());
                assert!(!names[..at].contains(name), "{name} twice in {}: give one a `name`", context.title());
            }
        }
    }
}
