//! A filter's text as words, each character knowing whether it may mean something.

use std::ops::Range;

use super::QueryError;

/// What a character may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// All that it can.
    Anything,
    /// Within quotes: `*` and `?` still do.
    Wild,
    /// After `\`: itself.
    Itself,
    /// A quote: nothing, but what it surrounds is not nothing.
    Quote,
}

/// One character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub at: usize,
    pub one: char,
    pub means: Means,
}

impl Mark {
    /// It is this character, with its meaning.
    pub const fn is(self, one: char) -> bool {
        self.one as u32 == one as u32 && matches!(self.means, Means::Anything)
    }

    /// The byte after it.
    pub const fn end(self) -> usize {
        self.at + self.one.len_utf8()
    }
}

/// A word; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub span: Range<usize>,
    pub marks: Vec<Mark>,
}

/// All words, and what is wrong with the last one, if it is not finished.
pub(super) fn words(text: &str) -> (Vec<Word>, Option<QueryError>) {
    let mut words: Vec<Word> = Vec::new();
    let mut marks: Vec<Mark> = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = text.char_indices();
    let mut wrong = None;
    while let Some((at, one)) = chars.next() {
        if one.is_whitespace() && quote.is_none() {
            if let Some(start) = start.take() {
                words.push(Word { span: start..at, marks: std::mem::take(&mut marks) });
            }
            continue;
        }
        start.get_or_insert(at);
        let mark = match one {
            '"' => {
                quote = if quote.is_some() { None } else { Some(at) };
                Mark { at, one, means: Means::Quote }
            }
            '\\' => {
                let Some((at, one)) = chars.next() else {
                    let text = "nothing follows the `\\`; `\\\\` is one that means itself".to_owned();
                    wrong = Some(QueryError { span: at..at + 1, text });
                    break;
                };
                Mark { at, one, means: Means::Itself }
            }
            one => Mark { at, one, means: if quote.is_some() { Means::Wild } else { Means::Anything } },
        };
        marks.push(mark);
    }
    if let Some(at) = quote {
        wrong = Some(QueryError {
            span: at..text.len(),
            text: "the quote is not closed; put a `\"` at its end".to_owned(),
        });
    }
    if let Some(start) = start {
        words.push(Word { span: start..text.len(), marks });
    }
    (words, wrong)
}
