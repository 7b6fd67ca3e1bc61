use std::path::Path;

use ratatui::style::Modifier;

use super::*;
use crate::config::{self, Colour, ThemeFile};

fn built_in() -> Vec<(&'static str, ThemeFile)> {
    let read =
        |(name, text): (&'static str, &str)| (name, config::parse_theme(Path::new(name), text, MEANINGS).unwrap());
    BUILT_IN.into_iter().map(read).collect()
}

fn worn(name: &str, colours: Colours) -> Theme {
    let mut themes = Themes::built_in(colours);
    assert!(themes.wear(name), "{name}");
    themes.theme()
}

#[test]
fn every_theme_has_a_style_for_every_meaning() {
    for (name, theme) in built_in() {
        for meaning in MEANINGS {
            assert!(theme.styles.contains_key(meaning), "{name} says nothing of {meaning}");
        }
    }
}

/// <https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio>
fn contrast(one: Colour, other: Colour) -> f64 {
    let luminance = |colour| {
        let Colour::Rgb(red, green, blue) = colour else { panic!("{colour:?} is the terminal's, not ours") };
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_text_can_be_read_on_everything_that_can_be_behind_it() {
    for (name, least, least_faint) in [("dark", 4.5, 3.0), ("light", 4.5, 3.0), ("high-contrast", 7.0, 7.0)] {
        let (_, theme) = built_in().into_iter().find(|(known, _)| *known == name).unwrap();
        let ground = theme.ground.unwrap();
        let behind = ["selected", "lit"].map(|meaning| theme.styles[meaning].bg.unwrap());
        for text in ["plain", "strong", "faint", "good", "waiting", "bad", "focus"] {
            let least = if text == "faint" { least_faint } else { least };
            for background in [ground].into_iter().chain(behind) {
                let ratio = contrast(theme.styles[text].fg.unwrap(), background);
                assert!(ratio >= least, "{name}: {text} on {background:?} has {ratio:.2}");
            }
        }
        let banner = theme.styles["banner"];
        let ratio = contrast(banner.fg.unwrap(), banner.bg.unwrap());
        assert!(ratio >= 4.5, "{name}: the banner has {ratio:.2}");
    }
}

#[test]
fn with_fewer_colours_what_must_be_told_apart_still_is() {
    for (name, _) in BUILT_IN {
        for colours in [Colours::True, Colours::Table, Colours::Sixteen, Colours::None] {
            let theme = worn(name, colours);
            for (what, style) in [("selected", theme.selected), ("banner", theme.banner)] {
                let shows = style.bg.is_some_and(|bg| Some(bg) != theme.ground)
                    || style.add_modifier.contains(Modifier::REVERSED);
                assert!(shows, "{name}, {colours:?}: {what} cannot be seen");
            }
            assert_ne!(theme.lit, theme.plain, "{name}, {colours:?}");
            if colours != Colours::None && name != "mono" {
                let tones = [theme.good, theme.waiting, theme.bad, theme.focus].map(|style| style.fg);
                for (at, tone) in tones.iter().enumerate() {
                    assert!(tone.is_some() && !tones[..at].contains(tone), "{name}, {colours:?}: {tones:?}");
                }
            }
        }
    }
}

#[test]
fn without_colours_no_theme_has_one() {
    for (name, _) in BUILT_IN {
        let theme = worn(name, Colours::None);
        assert_eq!(theme, worn("mono", Colours::True), "{name}");
        let text = format!("{theme:?}");
        assert!(!text.contains("Rgb") && !text.contains("Indexed"), "{text}");
    }
}

#[test]
fn the_screen_is_painted_only_by_themes_that_declare_it_and_where_the_shade_can_be_shown() {
    let ground = |name, colours| worn(name, colours).ground;
    assert_eq!(ground("dark", Colours::True), Some(Color::Rgb(0x12, 0x16, 0x1d)));
    assert_eq!(ground("dark", Colours::Table), Some(Color::Indexed(233)));
    assert_eq!(ground("dark", Colours::Sixteen), None);
    assert_eq!(ground("terminal", Colours::True), None);
    assert_eq!(ground("mono", Colours::True), None);
}

#[test]
fn a_theme_of_ones_own_may_leave_things_out_and_take_the_place_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.yaml"), "good: {fg: \"#00ff00\"}\n").unwrap();
    std::fs::write(folder.path().join("light.yaml"), "ground: \"#ffffff\"\nplain: {fg: 0}\n").unwrap();
    std::fs::write(folder.path().join("bad.yaml"), "good: {fg: mauve}\n").unwrap();
    let (mut themes, problems) = Themes::load(Some(folder.path()), Colours::True);
    assert_eq!(themes.names().collect::<Vec<_>>(), ["dark", "high-contrast", "terminal", "mono", "light", "mine"]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(themes.wear("mine") && !themes.wear("bad"));
    assert_eq!(themes.name(), "mine");
    let theme = themes.theme();
    assert_eq!(theme.good.fg, Some(Color::Rgb(0, 255, 0)));
    assert_eq!(theme.bad, worn("terminal", Colours::True).bad);
    themes.turn();
    assert_eq!(themes.name(), "dark");
}
