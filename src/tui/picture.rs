//! A frame as a picture: SVG with its colours, or plain text.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::present::fit;

/// A cell of the picture, the letters in it, and the rim around all of them; in pixels, tenths for the widths.
const CELL: (usize, usize) = (84, 17);
const LETTER: usize = 14;
const BASELINE: usize = 13;
const RIM: usize = 12;

/// What stands for a terminal's own colours: text and background.
const TEXT: Rgb = [0xd0, 0xd7, 0xde];
const GROUND: Rgb = [0x0d, 0x11, 0x17];

/// The sixteen colours that every terminal's owner has chosen: here they are xterm's, a little softer.
const SIXTEEN: [Rgb; 16] = [
    [0x21, 0x26, 0x2d],
    [0xe0, 0x6c, 0x75],
    [0x7e, 0xc6, 0x99],
    [0xe5, 0xc0, 0x7b],
    [0x61, 0xaf, 0xef],
    [0xc6, 0x78, 0xdd],
    [0x56, 0xb6, 0xc2],
    [0xb1, 0xba, 0xc4],
    [0x6e, 0x76, 0x81],
    [0xff, 0x7b, 0x72],
    [0x98, 0xc3, 0x79],
    [0xf2, 0xcc, 0x60],
    [0x79, 0xc0, 0xff],
    [0xd2, 0xa8, 0xff],
    [0x76, 0xe3, 0xea],
    [0xff, 0xff, 0xff],
];

type Rgb = [u8; 3];

/// How letters look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Face {
    color: Rgb,
    modifier: Modifier,
}

/// Letters of one look, side by side.
struct Run {
    x: usize,
    cells: usize,
    face: Face,
    text: String,
}

/// The frame as lines of text.
#[must_use]
pub fn text(frame: &Buffer) -> String {
    let line = |y| row(frame, y).map(|(_, cell, _)| cell.symbol()).collect::<String>();
    (frame.area.top()..frame.area.bottom()).fold(String::new(), |all, y| all + line(y).trim_end() + "\n")
}

/// The frame as SVG. The same frame makes the same picture.
#[must_use]
pub fn svg(frame: &Buffer) -> String {
    let (columns, rows) = (usize::from(frame.area.width), usize::from(frame.area.height));
    let (width, height) = (columns * CELL.0 / 10 + 2 * RIM, rows * CELL.1 + 2 * RIM);
    let ground = frame.content.first().map_or(GROUND, |cell| rgb(cell.bg, GROUND));
    let mut faces: Vec<Face> = Vec::new();
    let mut body = String::new();
    for (line, y) in (frame.area.top()..frame.area.bottom()).enumerate() {
        let top = RIM + line * CELL.1;
        for (x, cells, color) in grounds(frame, y, ground) {
            let _ = writeln!(
                body,
                "<rect x=\"{}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
                tenths(x * CELL.0 + RIM * 10),
                tenths(cells * CELL.0),
                CELL.1,
                hex(color)
            );
        }
        for run in runs(frame, y) {
            let class = faces.iter().position(|face| *face == run.face).unwrap_or_else(|| {
                faces.push(run.face);
                faces.len() - 1
            });
            // Whatever font there is, a run takes the cells that it has here.
            let _ = writeln!(
                body,
                "<text class=\"f{class}\" x=\"{}\" y=\"{}\" textLength=\"{}\">{}</text>",
                tenths(run.x * CELL.0 + RIM * 10),
                top + BASELINE,
                tenths(run.cells * CELL.0),
                escaped(&run.text)
            );
        }
    }
    let mut styles = String::new();
    for (class, face) in faces.iter().enumerate() {
        let _ = writeln!(styles, ".f{class}{{{}}}", style(*face));
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n\
         <style>\ntext{{font:{LETTER}px ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}}\n{styles}</style>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{}\"/>\n{body}</svg>\n",
        hex(ground)
    )
}

/// The cells of a line with their column and how many columns each takes; those that a wide one covers are left out.
fn row(frame: &Buffer, y: u16) -> impl Iterator<Item = (usize, &Cell, usize)> {
    let mut covered = 0;
    (frame.area.left()..frame.area.right()).enumerate().filter_map(move |(at, x)| {
        let cell = frame.cell((x, y))?;
        if covered > 0 {
            covered -= 1;
            return None;
        }
        let cells = fit::width(cell.symbol()).max(1);
        covered = cells - 1;
        Some((at, cell, cells))
    })
}

/// Text and background of a cell as they are seen.
fn colors(cell: &Cell) -> (Rgb, Rgb) {
    let (text, ground) = (rgb(cell.fg, TEXT), rgb(cell.bg, GROUND));
    if cell.modifier.contains(Modifier::REVERSED) { (ground, text) } else { (text, ground) }
}

/// Stretches whose background is another than that of the picture.
fn grounds(frame: &Buffer, y: u16, ground: Rgb) -> Vec<(usize, usize, Rgb)> {
    let mut found: Vec<(usize, usize, Rgb)> = Vec::new();
    for (x, cell, cells) in row(frame, y) {
        let (_, color) = colors(cell);
        match found.last_mut() {
            Some((from, wide, same)) if *same == color && *from + *wide == x => *wide += cells,
            _ if color != ground => found.push((x, cells, color)),
            _ => {}
        }
    }
    found
}

/// Letters of one look, single blanks between them included: of more than one viewers make one, each by a rule of its own.
fn runs(frame: &Buffer, y: u16) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    for (x, cell, cells) in row(frame, y) {
        let modifier = cell.modifier & (Modifier::BOLD | Modifier::DIM | Modifier::ITALIC | Modifier::UNDERLINED);
        let face = Face { color: colors(cell).0, modifier };
        let is_blank = cell.symbol().trim().is_empty();
        match found.last_mut() {
            Some(run) if !is_blank && run.face == face && x - run.x - run.cells <= 1 => {
                run.text.extend(std::iter::repeat_n(' ', x - run.x - run.cells));
                run.text.push_str(cell.symbol());
                run.cells = x - run.x + cells;
            }
            _ if is_blank => {}
            _ => found.push(Run { x, cells, face, text: cell.symbol().to_owned() }),
        }
    }
    found
}

fn style(face: Face) -> String {
    let mut style = format!("fill:{}", hex(face.color));
    for (modifier, words) in [
        (Modifier::BOLD, ";font-weight:bold"),
        (Modifier::DIM, ";opacity:.6"),
        (Modifier::ITALIC, ";font-style:italic"),
        (Modifier::UNDERLINED, ";text-decoration:underline"),
    ] {
        if face.modifier.contains(modifier) {
            style.push_str(words);
        }
    }
    style
}

/// A colour as it is seen; `own` is the terminal's.
fn rgb(color: Color, own: Rgb) -> Rgb {
    let sixteen = |at: usize| SIXTEEN.get(at).copied().unwrap_or(own);
    match color {
        Color::Reset => own,
        Color::Rgb(red, green, blue) => [red, green, blue],
        Color::Indexed(at @ 0..16) => sixteen(usize::from(at)),
        Color::Indexed(at @ 16..232) => {
            let step = |n: u8| if n == 0 { 0 } else { 55 + n * 40 };
            [step((at - 16) / 36), step((at - 16) / 6 % 6), step((at - 16) % 6)]
        }
        Color::Indexed(at) => [8 + (at - 232) * 10; 3],
        Color::Black => sixteen(0),
        Color::Red => sixteen(1),
        Color::Green => sixteen(2),
        Color::Yellow => sixteen(3),
        Color::Blue => sixteen(4),
        Color::Magenta => sixteen(5),
        Color::Cyan => sixteen(6),
        Color::Gray => sixteen(7),
        Color::DarkGray => sixteen(8),
        Color::LightRed => sixteen(9),
        Color::LightGreen => sixteen(10),
        Color::LightYellow => sixteen(11),
        Color::LightBlue => sixteen(12),
        Color::LightMagenta => sixteen(13),
        Color::LightCyan => sixteen(14),
        Color::White => sixteen(15),
    }
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// `8.4` of 84.
fn tenths(number: usize) -> String {
    match number % 10 {
        0 => (number / 10).to_string(),
        tenth => format!("{}.{tenth}", number / 10),
    }
}

/// Text as XML takes it: it knows no control characters at all.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            one if one.is_control() => out.push('\u{fffd}'),
            one => out.push(one),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn frame(width: u16, parts: &[(u16, &str, Style)]) -> Buffer {
        let mut frame = Buffer::empty(Rect::new(0, 0, width, 1));
        for (x, text, style) in parts {
            frame.set_string(*x, 0, text, *style);
        }
        frame
    }

    fn letters(svg: &str) -> Vec<&str> {
        svg.lines().filter(|line| line.starts_with("<text")).collect()
    }

    #[test]
    fn letters_of_one_look_are_one_run_in_its_place() {
        let good = Style::new().fg(Color::Green);
        let picture = svg(&frame(40, &[(0, "ab cd", Style::new()), (10, "ok", good), (20, "ef  g", Style::new())]));
        assert_eq!(
            letters(&picture),
            [
                "<text class=\"f0\" x=\"12\" y=\"25\" textLength=\"42\">ab cd</text>",
                "<text class=\"f1\" x=\"96\" y=\"25\" textLength=\"16.8\">ok</text>",
                "<text class=\"f0\" x=\"180\" y=\"25\" textLength=\"16.8\">ef</text>",
                "<text class=\"f0\" x=\"213.6\" y=\"25\" textLength=\"8.4\">g</text>",
            ]
        );
        assert!(picture.contains(".f1{fill:#7ec699}"), "{picture}");
        assert!(picture.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 360 41\""), "{picture}");
    }

    #[test]
    fn what_xml_would_take_for_its_own_is_escaped() {
        let picture = svg(&frame(20, &[(0, "a<b>&\"c", Style::new())]));
        assert!(picture.contains(">a&lt;b&gt;&amp;\"c</text>"), "{picture}");
        assert_eq!(escaped("a\u{1b}b"), "a\u{fffd}b");
    }

    #[test]
    fn weight_and_reverse_are_seen() {
        let picture = svg(&frame(
            20,
            &[
                (0, "x", Style::new().add_modifier(Modifier::BOLD)),
                (4, "yy", Style::new().fg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::REVERSED)),
            ],
        ));
        assert!(picture.contains(".f0{fill:#d0d7de;font-weight:bold}"), "{picture}");
        assert!(
            picture.contains("<rect x=\"45.6\" y=\"12\" width=\"16.8\" height=\"17\" fill=\"#010203\"/>"),
            "{picture}"
        );
        assert!(picture.contains(".f1{fill:#0d1117}"), "{picture}");
    }

    #[test]
    fn a_wide_character_takes_its_two_cells() {
        let frame = frame(10, &[(0, "日本x", Style::new())]);
        assert!(svg(&frame).contains("textLength=\"42\">日本x</text>"), "{}", svg(&frame));
        assert_eq!(text(&frame), "日本x\n");
    }

    #[test]
    fn every_kind_of_colour_has_its_value() {
        for (color, value) in [
            (Color::Indexed(1), "#e06c75"),
            (Color::Indexed(16), "#000000"),
            (Color::Indexed(231), "#ffffff"),
            (Color::Indexed(110), "#87afd7"),
            (Color::Indexed(255), "#eeeeee"),
            (Color::Rgb(10, 20, 30), "#0a141e"),
            (Color::Reset, "#d0d7de"),
        ] {
            assert_eq!(hex(rgb(color, TEXT)), value);
        }
    }
}
