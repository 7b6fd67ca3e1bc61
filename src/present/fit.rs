//! Fitting text into columns, measured in terminal cells. Text must have passed [`super::escape`] before.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

const ELLIPSIS: &str = "…";

/// Cells that the text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// Cuts at the end, as errors and messages are cut: `connection ref…`.
#[must_use]
pub fn cut_end(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    if cells == 0 {
        return Cow::Borrowed("");
    }
    Cow::Owned(format!("{}{ELLIPSIS}", head(text, cells - 1)))
}

/// Cuts in the middle, as names and ids are cut: both their ends tell them apart.
#[must_use]
pub fn cut_middle(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    if cells < 3 {
        return cut_end(text, cells);
    }
    let front = cells / 2;
    Cow::Owned(format!("{}{ELLIPSIS}{}", head(text, front), tail(text, cells - 1 - front)))
}

/// Cut at the end and filled with blanks on the right: words.
#[must_use]
pub fn left(text: &str, cells: usize) -> String {
    pad_right(cut_end(text, cells), cells)
}

/// Cut in the middle and filled with blanks on the right: names.
#[must_use]
pub fn name(text: &str, cells: usize) -> String {
    pad_right(cut_middle(text, cells), cells)
}

/// Cut at the end and filled with blanks on the left: figures.
#[must_use]
pub fn right(text: &str, cells: usize) -> String {
    let text = cut_end(text, cells);
    format!("{}{text}", " ".repeat(cells.saturating_sub(width(&text))))
}

/// Broken between words. A word that is wider than a line has one of its own.
#[must_use]
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if let Some(line) = lines.last_mut() {
            if line.is_empty() {
                line.push_str(word);
            } else if width(line) + 1 + width(word) <= cells {
                line.push(' ');
                line.push_str(word);
            } else {
                lines.push(word.to_owned());
            }
        }
    }
    lines
}

fn pad_right(text: Cow<'_, str>, cells: usize) -> String {
    let mut out = text.into_owned();
    let missing = cells.saturating_sub(width(&out));
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// As many whole graphemes from the front as fit.
fn head(text: &str, cells: usize) -> &str {
    let mut taken = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        taken += width(grapheme);
        if taken > cells {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

/// As many whole graphemes from the back as fit.
fn tail(text: &str, cells: usize) -> &str {
    let mut taken = 0;
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        taken += width(grapheme);
        if taken > cells {
            return text.get(at + grapheme.len()..).unwrap_or_default();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_cut_at_its_end() {
        for (text, cells, shown) in [
            ("connection refused", 18, "connection refused"),
            ("connection refused", 11, "connection…"),
            ("connection", 1, "…"),
            ("connection", 0, ""),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
        ] {
            assert_eq!(cut_end(text, cells), shown);
        }
    }

    #[test]
    fn a_name_is_cut_in_the_middle() {
        for (text, cells, shown) in [
            ("ci-hook", 7, "ci-hook"),
            ("production-alerts-eu", 11, "produ…ts-eu"),
            ("production", 2, "p…"),
            ("production", 3, "p…n"),
            ("日本語日本語", 7, "日…語"),
        ] {
            assert_eq!(cut_middle(text, cells), shown);
        }
    }

    #[test]
    fn sentences_are_broken_between_words() {
        assert_eq!(wrap("it tries again", 8), ["it tries", "again"]);
        assert_eq!(wrap("a connection", 5), ["a", "connection"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn columns_are_filled() {
        assert_eq!(left("ab", 4), "ab  ");
        assert_eq!(right("12", 4), "  12");
        assert_eq!(name("abcdef", 5), "ab…ef");
        assert_eq!(left("日本", 3), "日…");
        assert_eq!(right("日本", 5), " 日本");
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_ever_wider_than_its_column(text: String, cells in 0_usize..40) {
            let text = crate::present::escape::line(&text);
            for shown in [left(&text, cells), right(&text, cells), name(&text, cells)] {
                proptest::prop_assert_eq!(width(&shown), cells);
            }
        }
    }
}
