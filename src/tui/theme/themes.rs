//! The themes there are, and the one that is worn.

use std::path::Path;
use std::sync::Arc;

use crate::config::{self, Problem, ThemeFile, ThemeStyle};

use super::colours::{Colours, color, style};
use super::{MEANINGS, Theme};

/// The themes that come with the program; the first is the one that is worn unless another is asked for.
pub const BUILT_IN: [(&str, &str); 5] = [
    ("dark", include_str!("../../../assets/themes/dark.yaml")),
    ("light", include_str!("../../../assets/themes/light.yaml")),
    ("high-contrast", include_str!("../../../assets/themes/high-contrast.yaml")),
    ("terminal", include_str!("../../../assets/themes/terminal.yaml")),
    ("mono", include_str!("../../../assets/themes/mono.yaml")),
];

/// The themes to choose from, on a terminal of so many colours.
#[derive(Debug, Clone)]
pub struct Themes {
    all: Arc<Vec<(String, ThemeFile)>>,
    worn: usize,
    colours: Colours,
}

impl Themes {
    /// Those of the program, and a person's own from this directory, with what is wrong with those. One of their own that
    /// is called like one of ours takes its place.
    #[must_use]
    pub fn load(own: Option<&Path>, colours: Colours) -> (Self, Vec<Problem>) {
        // That ours are good is tested; one that was not would be missing from the round.
        let read = |(name, text): &(&str, &str)| {
            Some(((*name).to_owned(), config::parse_theme(Path::new(name), text, MEANINGS).ok()?))
        };
        let mut all: Vec<(String, ThemeFile)> = BUILT_IN.iter().filter_map(read).collect();
        let (own, problems) = own.map(|directory| config::themes_in(directory, MEANINGS)).unwrap_or_default();
        for (name, theme) in own {
            all.retain(|(known, _)| *known != name);
            all.push((name, theme));
        }
        (Self { all: Arc::new(all), worn: 0, colours }, problems)
    }

    /// Those of the program.
    #[must_use]
    pub fn built_in(colours: Colours) -> Self {
        Self::load(None, colours).0
    }

    /// What the terminal can show.
    #[must_use]
    pub const fn colours(&self) -> Colours {
        self.colours
    }

    /// Their names, in the order of the round.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|(name, _)| name.as_str())
    }

    /// The name of the one that is worn.
    #[must_use]
    pub fn name(&self) -> &str {
        self.all.get(self.worn).map_or("", |(name, _)| name.as_str())
    }

    /// The next one is worn.
    pub fn turn(&mut self) {
        self.worn = (self.worn + 1) % self.all.len().max(1);
    }

    /// The one of this name is worn, if there is one. Tells whether there is.
    pub fn wear(&mut self, name: &str) -> bool {
        let found = self.all.iter().position(|(known, _)| known == name);
        self.worn = found.unwrap_or(self.worn);
        found.is_some()
    }

    /// The one that is worn, as this terminal can show it.
    #[must_use]
    pub fn theme(&self) -> Theme {
        let empty = ThemeFile::default();
        let named = |name: &str| self.all.iter().find(|(known, _)| known == name).map_or(&empty, |(_, theme)| theme);
        let worn = match self.colours {
            Colours::None => named("mono"),
            _ => self.all.get(self.worn).map_or(&empty, |(_, theme)| theme),
        };
        // What a person's own theme leaves out is as in the theme that comes first.
        let first = if worn.paint || worn.ground.is_some() { named("dark") } else { named("terminal") };
        let plain = named("terminal");
        let of = |theme: &ThemeFile, meaning: &str| theme.styles.get(meaning).copied();
        let resolve = |meaning: &str| {
            let wanted = of(worn, meaning).or_else(|| of(first, meaning)).unwrap_or_default();
            let plain: ThemeStyle = of(plain, meaning).unwrap_or_default();
            style(wanted, plain, self.colours)
        };
        let ground = worn.ground.filter(|_| worn.paint && self.colours >= Colours::Table);
        Theme {
            plain: resolve("plain"),
            strong: resolve("strong"),
            faint: resolve("faint"),
            good: resolve("good"),
            waiting: resolve("waiting"),
            bad: resolve("bad"),
            focus: resolve("focus"),
            frame: resolve("frame"),
            selected: resolve("selected"),
            lit: resolve("lit"),
            banner: resolve("banner"),
            ground: ground.map(|one| color(one, self.colours)),
        }
    }
}
