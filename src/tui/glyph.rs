//! Borders and bars: drawn with lines where the terminal knows them, with ASCII where it does not.

use ratatui::symbols::border;

/// The characters that screens are built of.
#[derive(Debug)]
pub struct Lines {
    /// Around a pane.
    pub border: border::Set<'static>,
    /// Around the pane with the focus.
    pub focus_border: border::Set<'static>,
    /// Before the selected row.
    pub marker: &'static str,
    /// Before a marked row, beside it.
    pub mark: &'static str,
    /// Before what dispatches.
    pub dot: &'static str,
    /// A bar of the waterfall: name resolution, then until the first byte, then reading.
    pub bar: [&'static str; 3],
    /// Whether sparklines can be drawn.
    pub sparklines: bool,
    /// What stands for the characters of sentences and figures that the terminal does not know.
    pub stand_ins: &'static [(&'static str, &'static str)],
}

/// For UTF-8 terminals.
pub static DRAWN: Lines = Lines {
    border: border::ROUNDED,
    focus_border: border::THICK,
    marker: "▌",
    mark: "◆",
    dot: "●",
    bar: ["▓", "░", "█"],
    sparklines: true,
    stand_ins: &[],
};

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

const ASCII_FOCUS: border::Set<'static> = border::Set {
    top_left: "#",
    top_right: "#",
    bottom_left: "#",
    bottom_right: "#",
    vertical_left: "#",
    vertical_right: "#",
    horizontal_top: "=",
    horizontal_bottom: "=",
};

/// For the others.
pub static PLAIN: Lines = Lines {
    border: ASCII_BORDER,
    focus_border: ASCII_FOCUS,
    marker: ">",
    mark: "+",
    dot: "*",
    bar: [":", ".", "="],
    sparklines: false,
    stand_ins: &[("·", "-"), ("–", "-"), ("…", "~"), ("→", ">"), ("←", "<"), ("↑", "^"), ("↓", "v")],
};

/// Whether these settings of the locale (`LC_ALL`, `LC_CTYPE`, `LANG`: the first that is set counts) speak UTF-8.
#[must_use]
pub fn is_utf8<'a>(locale: impl IntoIterator<Item = Option<&'a str>>) -> bool {
    locale.into_iter().flatten().find(|one| !one.is_empty()).is_some_and(|one| {
        let one = one.to_ascii_lowercase();
        one.contains("utf-8") || one.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_that_is_set_decides() {
        for (locale, utf8) in [
            ([None, None, Some("C.UTF-8")], true),
            ([Some(""), None, Some("de_DE.utf8")], true),
            ([Some("C"), None, Some("C.UTF-8")], false),
            ([None, None, None], false),
        ] {
            assert_eq!(is_utf8(locale), utf8, "{locale:?}");
        }
    }
}
