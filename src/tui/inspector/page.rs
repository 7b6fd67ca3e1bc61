//! A tab laid out for a width: made once for what it shows, not once a frame, so that a body of a megabyte scrolls as a
//! short one does.
//!
//! All of it is one text. Rows are places in it; tones of what we wrote ourselves are kept, those of JSON are found anew
//! for the rows on the screen.

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::present::{escape, fit};

use super::super::theme::Tone;
use super::{Line, json};

/// Every body of an answer is cut to this length when it is kept (product.md).
const KEPT_BODY: usize = 4096;
/// Bytes of a line of a hex dump.
const HEX: usize = 16;

/// A tab, laid out.
#[derive(Debug, Clone, Default)]
pub struct Page {
    text: String,
    rows: Vec<Range<usize>>,
    /// Of the lines that we wrote, in order.
    tones: Vec<(Range<usize>, Tone)>,
    /// From here on it is a body.
    body: Option<Body>,
    width: usize,
}

#[derive(Debug, Clone)]
struct Body {
    from: usize,
    is_json: bool,
    /// Rows that begin inside a piece of JSON: the row's beginning, the piece's end, its tone.
    carried: Vec<(usize, usize, Tone)>,
}

impl Page {
    /// An empty page of so many cells.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self { width: width.max(1), ..Self::default() }
    }

    /// Adds a line of ours, wrapped where it is too long.
    pub fn push(&mut self, line: Line) {
        let from = self.text.len();
        for (text, tone) in line {
            let begin = self.text.len();
            self.text.push_str(&text);
            self.tones.push((begin..self.text.len(), tone));
        }
        let range = from..self.text.len();
        self.text.push('\n');
        wrap(&self.text, range, self.width, Break::Words, &mut self.rows);
    }

    /// Adds lines of ours.
    pub fn extend(&mut self, lines: impl IntoIterator<Item = Line>) {
        lines.into_iter().for_each(|line| self.push(line));
    }

    /// Ends the page with a body: JSON laid out unless `raw`, other text as it is, anything else as a hex dump.
    pub fn body(&mut self, body: &[u8], raw: bool) {
        let from = self.text.len();
        let (lines, is_json) = readable(body, raw, self.width);
        let mut carried = Vec::new();
        for line in lines {
            let begin = self.text.len();
            self.text.push_str(&line);
            let first = self.rows.len();
            wrap(&self.text, begin..self.text.len(), self.width, Break::Anywhere, &mut self.rows);
            if is_json && self.rows.len() > first + 1 {
                carry(&self.text, self.rows.get(first..).unwrap_or_default(), &mut carried);
            }
            self.text.push('\n');
        }
        self.body = Some(Body { from, is_json, carried });
    }

    /// How many rows it has.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.rows.len()
    }

    /// All of it, a line for each of its lines, already escaped.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a row stands in the text.
    #[must_use]
    pub fn row(&self, at: usize) -> Option<Range<usize>> {
        self.rows.get(at).cloned()
    }

    /// The row of a place in the text.
    #[must_use]
    pub fn row_of(&self, place: usize) -> usize {
        self.rows.partition_point(|row| row.start <= place).saturating_sub(1)
    }

    /// The pieces of a row, each with its tone.
    #[must_use]
    pub fn pieces(&self, at: usize) -> Vec<(&str, Tone)> {
        let Some(row) = self.row(at) else { return Vec::new() };
        match &self.body {
            Some(body) if row.start >= body.from && body.is_json => self.json(row, body),
            Some(body) if row.start >= body.from => vec![(self.slice(row), Tone::Plain)],
            _ => self.own(&row),
        }
    }

    fn own(&self, row: &Range<usize>) -> Vec<(&str, Tone)> {
        let first = self.tones.partition_point(|(piece, _)| piece.end <= row.start);
        let of_row = self.tones.get(first..).unwrap_or_default().iter().take_while(|(piece, _)| piece.start < row.end);
        of_row.map(|(piece, tone)| (self.slice(piece.start.max(row.start)..piece.end.min(row.end)), *tone)).collect()
    }

    fn json(&self, row: Range<usize>, body: &Body) -> Vec<(&str, Tone)> {
        let mut pieces = Vec::new();
        let mut at = row.start;
        if let Ok(found) = body.carried.binary_search_by_key(&row.start, |(from, ..)| *from)
            && let Some((_, end, tone)) = body.carried.get(found)
        {
            let end = (*end).min(row.end);
            pieces.push((self.slice(at..end), *tone));
            at = end;
        }
        let line_end = self.text.get(at..).and_then(|rest| rest.find('\n')).map_or(self.text.len(), |end| at + end);
        while at < row.end {
            let (length, tone) = json::piece(self.slice(at..line_end));
            let end = (at + length.max(1)).min(row.end);
            pieces.push((self.slice(at..end), tone));
            at = end;
        }
        pieces
    }

    fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// Where the words stand, whatever their letter case unless they hold a capital. No row is needed: hits are places in
    /// the text.
    #[must_use]
    pub fn find(&self, words: &str) -> Vec<Range<usize>> {
        if words.is_empty() {
            return Vec::new();
        }
        let pattern = regex::escape(&escape::line(words));
        let any_case = !words.chars().any(char::is_uppercase);
        let found = regex::RegexBuilder::new(&pattern).case_insensitive(any_case).build();
        found.map(|found| found.find_iter(&self.text).map(|hit| hit.range()).collect()).unwrap_or_default()
    }
}

/// The body in lines, and whether they are JSON.
fn readable(body: &[u8], raw: bool, width: usize) -> (Vec<String>, bool) {
    if is_binary(body) {
        return (hex(body, width), false);
    }
    match laid_out(body) {
        Some(json) if !raw => (escape::lines(&json), true),
        _ => (escape::lines(body), false),
    }
}

/// The body with its JSON laid out; none where it is none. What was cut when it was kept is laid out as far as it goes.
#[must_use]
pub fn laid_out(body: &[u8]) -> Option<Cow<'static, [u8]>> {
    let begins = body.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| matches!(byte, b'{' | b'['));
    let is_cut = body.len() == KEPT_BODY && begins;
    let is_json = is_cut || serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok();
    is_json.then(|| json::lay_out(body).into())
}

/// A zero byte, or more than a few that are no text.
fn is_binary(body: &[u8]) -> bool {
    let odd: usize = body.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    body.contains(&0) || odd * 10 > body.len()
}

/// `00000010  7b 22 61 22 3a 31 7d 0a  {"a":1}.`
fn hex(body: &[u8], width: usize) -> Vec<String> {
    let most = match width {
        0..43 => HEX / 4,
        43..76 => HEX / 2,
        _ => HEX,
    };
    let mut lines = Vec::new();
    for (at, bytes) in body.chunks(most).enumerate() {
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown = |byte: &u8| if (b' '..0x7f).contains(byte) { char::from(*byte) } else { '.' };
        let text: String = bytes.iter().map(shown).collect();
        lines.push(format!("{:08x}  {}  {text}", at * most, fit::left(&digits.join(" "), most * 3 - 1)));
    }
    lines
}

/// Where a line goes on in the next row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    /// After a blank, where there is one: what we wrote.
    Words,
    /// At the last cell: of a body nothing may look like a blank that is none.
    Anywhere,
}

/// The rows of a line.
fn wrap(text: &str, line: Range<usize>, width: usize, at: Break, rows: &mut Vec<Range<usize>>) {
    let Some(whole) = text.get(line.clone()) else { return };
    // No character takes more cells than bytes.
    if whole.len() <= width {
        rows.push(line);
        return;
    }
    let (mut from, mut used, mut word) = (line.start, 0, line.start);
    for (offset, grapheme) in whole.grapheme_indices(true) {
        let (here, wide) = (line.start + offset, fit::width(grapheme));
        if used + wide > width && used > 0 {
            let end = if at == Break::Words && word > from { word } else { here };
            rows.push(from..end);
            from = end;
            used = text.get(from..here).map_or(0, fit::width);
        }
        used += wide;
        if grapheme == " " {
            word = here + 1;
        }
    }
    rows.push(from..line.end);
}

/// Notes the pieces of a line of JSON that go on from one row into the next.
fn carry(text: &str, rows: &[Range<usize>], carried: &mut Vec<(usize, usize, Tone)>) {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return };
    let mut begins = rows.iter().skip(1).map(|row| row.start).peekable();
    let mut at = first.start;
    while at < last.end {
        let (length, tone) = json::piece(text.get(at..last.end).unwrap_or_default());
        let end = at + length.max(1);
        while let Some(begin) = begins.next_if(|begin| *begin < end) {
            if begin > at {
                carried.push((begin, end, tone));
            }
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &[u8], raw: bool, width: usize) -> Page {
        let mut page = Page::new(width);
        page.body(body, raw);
        page
    }

    fn rows(page: &Page) -> Vec<String> {
        (0..page.height()).map(|at| page.pieces(at).into_iter().map(|(text, _)| text).collect()).collect()
    }

    #[test]
    fn bodies_are_json_text_or_bytes() {
        for (body, raw, width, shown) in [
            (&b"{\"a\":[1]}"[..], false, 20, &["{", "  \"a\": [", "    1", "  ]", "}"][..]),
            (b"{\"a\":[1]}", true, 20, &["{\"a\":[1]}"]),
            (b"upstream\x1b[31m error", false, 10, &["upstream\\e", "[31m error"]),
            (b"gr\xc3\xbcn \xff text here", false, 80, &["grün \\xff text here"]),
            (
                b"\x00\x01ab\x7f\x00\x02cdef",
                false,
                50,
                &["00000000  00 01 61 62 7f 00 02 63  ..ab...c", "00000008  64 65 66                 def"],
            ),
        ] {
            assert_eq!(rows(&of(body, raw, width)), shown, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_text_that_goes_over_several_rows_keeps_its_tone() {
        let page = of(b"{\"key\":\"a long text, true\"}", false, 10);
        assert_eq!(rows(&page), ["{", "  \"key\": \"", "a long tex", "t, true\"", "}"]);
        assert_eq!(page.pieces(3), [("t, true\"", Tone::Plain)]);
        assert_eq!(page.pieces(1)[1], ("\"key\"", Tone::Focus));
    }

    #[test]
    fn words_are_found_whatever_their_case_and_across_rows() {
        let page = of(b"Connection reset\nby peer, CONNECTION lost", false, 8);
        assert_eq!(page.find("connection").len(), 2);
        assert_eq!(page.find("CONN").len(), 1);
        assert_eq!((page.find("").len(), page.find("(").len()), (0, 0));
        let hit = page.find("reset")[0].clone();
        assert_eq!(page.row_of(hit.start), 1);
    }

    #[test]
    fn a_body_that_was_cut_is_laid_out_as_far_as_it_goes() {
        let body = format!("{{\"a\":\"{}", "x".repeat(KEPT_BODY - 6));
        assert_eq!(rows(&of(body.as_bytes(), false, 5000)).first().map(String::as_str), Some("{"));
    }

    proptest::proptest! {
        #[test]
        fn no_row_is_wider_than_the_page_and_nothing_is_lost(text in "\\PC{0,60}", width in 4_usize..20) {
            let page = of(text.as_bytes(), true, width);
            let rows = rows(&page);
            proptest::prop_assert!(rows.iter().all(|row| fit::width(row) <= width));
            proptest::prop_assert_eq!(rows.concat(), escape::line(&text));
        }

        #[test]
        fn the_pieces_of_json_are_the_whole_row(value: Vec<String>, width in 2_usize..20) {
            let body = serde_json::to_vec(&value).unwrap();
            let page = of(&body, false, width);
            let whole: String = rows(&page).concat();
            proptest::prop_assert_eq!(whole, page.text().replace('\n', ""));
        }
    }
}
