//! Whatever a template says, it neither panics nor runs for ever nor eats the memory.

use std::thread;

use proptest::prelude::*;

use super::super::bounds;
use super::*;

/// On a thread with the stack of a dispatcher's.
fn on_a_small_stack(source: String) -> Result<String, String> {
    thread::Builder::new().stack_size(1 << 20).spawn(move || rendered(&source)).unwrap().join().unwrap()
}

#[test]
fn what_never_ends_is_ended() {
    for (source, told) in [
        ("{{template \"webhook\" .}}", "maximum template depth"),
        (
            "{{define \"a\"}}{{template \"b\" .}}{{end}}{{define \"b\"}}{{template \"a\" .}}{{end}}{{template \"a\" .}}",
            "maximum template depth",
        ),
        ("{{range 1000000000000}}{{end}}", "steps"),
        ("{{range 100000}}{{range 100000}}{{end}}{{end}}", "steps"),
        ("{{range 2000}}{{range 2000}}x{{end}}{{end}}", "steps"),
        ("{{$x := \"ab\"}}{{range 100}}{{$x = print $x $x}}{{end}}", "MiB"),
        ("{{$x := printf \"%1000000s\" \"\"}}{{range 100000}}{{$x}}{{end}}", "MiB"),
        ("{{$x := printf \"%1000000s\" \"\"}}{{range 100000}}{{$y := eq $x $x}}{{end}}", "steps"),
        ("{{$x := printf \"%1000000s\" \"\"}}{{range 100000}}{{$y := print $x}}{{end}}", "MiB"),
        ("{{range 100000}}{{$y := printf \"%999999.999999f\" 1.5}}{{end}}", "MiB"),
        ("{{range 100000}}{{$y := printf \"%.999999d%.999999x%.999999e%.999999g\" 1 2.0 3.0 4.0}}{{end}}", "MiB"),
        ("{{$x := \"2\"}}{{$t := .Timestamp.AddDate 0 0 20}}{{range 100}}{{$x = $t.Format $x}}{{end}}", "steps"),
        (&format!("{{{{range 1000000}}}}{{{{$x := $.Details{}}}}}{{{{end}}}}", ".z".repeat(30_000)), "steps"),
        (
            &format!("{{{{$a := 1}}}}{}{{{{range 1000000}}}}{{{{$c := $a}}}}{{{{end}}}}", "{{$b:=1}}".repeat(7_000)),
            "steps",
        ),
        (&format!("{{{{$x := printf \"%1000000d\" 1}}}}{{{{printf \"{}\" $x}}}}", "%[1]q".repeat(10_000)), "MiB"),
        // Each calls the next twice: two to the power of thirty calls.
        (&doubling(30), "steps"),
    ] {
        let what: String = source.chars().take(80).collect();
        let said = on_a_small_stack(source.to_owned()).map(|text| text.len()).expect_err(&what);
        assert!(said.contains(told), "{what}: {said}");
    }
}

fn doubling(levels: usize) -> String {
    let level =
        |n: usize| format!("{{{{define \"t{n}\"}}}}{0}{0}{{{{end}}}}", format!("{{{{template \"t{}\"}}}}", n + 1));
    let levels_text: String = (0..levels).map(level).collect();
    format!("{levels_text}{{{{define \"t{levels}\"}}}}{{{{end}}}}{{{{template \"t0\"}}}}")
}

#[test]
fn the_deepest_nesting_that_is_allowed_fits_on_a_small_stack() {
    let deepest = bounds::DEEPEST_SOURCE;
    let nested = |open: &str, inner: &str, close: &str, levels: usize| {
        format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
    };
    let parentheses = |levels| format!("{{{{{}}}}}", nested("(print ", "1", ")", levels));
    for (build, levels) in [
        (nested("{{if 1}}", "x", "{{end}}", deepest), "x"),
        (nested("{{with 1}}", "x", "{{end}}", deepest), "x"),
        (nested("{{range 1}}", "x", "{{end}}", deepest), "x"),
        (parentheses(deepest), "1"),
    ] {
        assert_eq!(on_a_small_stack(build).as_deref(), Ok(levels));
    }
    for source in
        [nested("{{if 1}}", "x", "{{end}}", deepest + 1), nested("{{if 1}}", "", "", 5_000), parentheses(deepest + 1)]
    {
        assert!(on_a_small_stack(source).unwrap_err().contains("nested more than 100"));
    }
    // The deepest a run can get: parentheses within a template that calls itself within blocks.
    let blocks = nested("{{range 1}}", "{{template \"t\" 1}}", "{{end}}", 60);
    let source = format!("{{{{define \"t\"}}}}{blocks}{{{{end}}}}{{{{template \"t\"}}}}");
    assert!(on_a_small_stack(source).unwrap_err().contains("maximum template depth"));
    // A long chain is not nesting.
    let chain = format!("{{{{if 0}}}}{}{{{{else}}}}last{{{{end}}}}", "{{else if 0}}".repeat(1_000));
    assert_eq!(on_a_small_stack(chain).as_deref(), Ok("last"));
}

#[test]
fn deep_data_prints_and_is_written_as_json() {
    let data = format!("{}1{}", "[".repeat(120), "]".repeat(120));
    let event = format!(r#"{{"id": "e", "type": "t", "timestamp": "2026-02-02T03:04:05Z", "data": {data}}}"#);
    let event: Event = serde_json::from_str(&event).unwrap();
    let render = move || {
        let render = |source| Template::parse(source).unwrap().render(&event).unwrap();
        (render("{{json .Data}}"), render("{{.Data}}"), render("{{printf \"%#v\" .Data}}").len())
    };
    let (json, printed, _) = thread::Builder::new().stack_size(1 << 20).spawn(render).unwrap().join().unwrap();
    assert_eq!((json.as_str(), printed.as_str()), (data.as_str(), data.as_str()));
}

#[test]
fn a_long_template_is_refused() {
    let long = "x".repeat(bounds::LONGEST_SOURCE);
    assert_eq!(rendered(&long).map(|text| text.len()), Ok(long.len()));
    assert!(rendered(&format!("{long}x")).unwrap_err().contains("longer than 64 KiB"));
}

/// Pieces that templates are made of, good and bad.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{{- ",
    " -}}",
    "{{/*",
    "*/}}",
    " ",
    "\n",
    "|",
    "(",
    ")",
    ".",
    ",",
    ":=",
    "=",
    "$",
    "$x",
    "$y ",
    ".Type",
    ".Details",
    ".Data",
    ".list",
    ".map",
    ".none",
    ".Timestamp",
    ".Year",
    ".Format",
    ".Sub",
    ".Add",
    ".AddDate",
    ".Truncate",
    ".Month",
    "nil",
    "true",
    "0",
    "-1",
    "7",
    "1e3",
    "0x1p-2",
    "'a'",
    "'\\x",
    "9223372036854775807",
    "\"2006 Jan _2\"",
    "\"%v%#v%+q%[2]*.*x\"",
    "\"a\\",
    "`b`",
    "if ",
    "else",
    "end",
    "range ",
    "with ",
    "define ",
    "template ",
    "block ",
    "break",
    "continue",
    "\"t\"",
    "\"webhook\"",
    "and ",
    "or ",
    "not ",
    "eq ",
    "lt ",
    "index ",
    "slice ",
    "len ",
    "print ",
    "printf ",
    "html ",
    "js ",
    "json ",
    "jsonEscape ",
    "urlquery ",
    "call ",
    "é",
    "\u{0}",
    "\u{fffd}",
    "x",
    "{{end}}",
    "{{else}}",
    "{{range .Data.list}}",
    "{{if .Type}}",
    "{{$x := .Data}}",
];

/// Templates that parse, to be changed a little.
const GOOD: &[&str] = &[
    "{{range $k, $v := .Details}}{{if eq $k \"a\"}}{{continue}}{{end}}{{$k | html}}={{printf \"%-8q|%05d\" $v (len $v)}}{{else}}none{{end}}",
    "{{define \"t\"}}[{{.}}]{{end}}{{template \"t\" .Timestamp.UTC.Format \"2006-01-02T15:04:05.999Z07:00\"}}{{- /* c */ -}} {{json .}}",
    "{{with $x := .Data}}{{range $i, $e := .list}}{{$i}}{{slice \"abcdef\" 0 $i}}{{index $x \"map\" \"y\"}}{{end}}{{else with .Agent}}{{.}}{{end}}",
    "{{$n := 1.5e3}}{{range 5}}{{if and (gt . 1) (or nil (lt . 3))}}{{break}}{{end}}{{printf \"%*.*f|%[1]x\" 8 2 $n}}{{end}}{{(.Timestamp.AddDate 0 1 0).Month}}",
];

proptest! {
    #[test]
    fn no_text_panics(source in "\\PC{0,80}") {
        let _ = rendered(&source);
        let _ = rendered(&format!("{{{{{source}}}}}"));
    }

    #[test]
    fn no_pieces_panic(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        let source = pieces.concat();
        let _ = rendered(&source);
        let _ = rendered(&format!("{{{{{source}}}}}"));
    }

    #[test]
    fn no_changed_template_panics(
        good in prop::sample::select(GOOD),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, prop::sample::select(PIECES)), 1..4),
    ) {
        let mut chars: Vec<char> = good.chars().collect();
        for (at, length, piece) in changes {
            let at = at.index(chars.len() + 1);
            let end = (at + length).min(chars.len());
            chars.splice(at..end, piece.chars());
        }
        let _ = rendered(&chars.into_iter().collect::<String>());
    }

    #[test]
    fn no_format_panics_and_none_loses_its_text(format in "[%a-zA-Z0-9.*+# \\[\\]é-]{0,24}") {
        let Ok(text) = rendered(&format!("{{{{printf {format:?} 42 \"é\\xff\" -1.5 .Details .Data .Timestamp nil true}}}}")) else {
            // A width of a million a few times over.
            return Ok(());
        };
        let plain = format.split('%').next().unwrap_or_default();
        prop_assert!(text.starts_with(plain));
    }

    #[test]
    fn no_layout_panics(layout in "([A-Za-z0-9.,:_ -]|2006|Jan|Mon|_2|15|Z07:00|-070000|\\.000|,999){0,12}") {
        let _ = rendered(&format!("{{{{.Timestamp.Format {layout:?}}}}}"));
    }

    #[test]
    fn floats_print_so_that_they_read_back(bits in any::<u64>(), precision in 0_usize..20) {
        let number = f64::from_bits(bits);
        prop_assume!(number.is_finite());
        let source = format!("{{{{printf \"%v %e %.17g %x\" {number:e} {number:e} {number:e} {number:e}}}}}");
        let text = rendered(&source).unwrap();
        let texts: Vec<&str> = text.split(' ').collect();
        prop_assert_eq!(texts[0].parse::<f64>(), Ok(number));
        prop_assert_eq!(texts[2].parse::<f64>(), Ok(number));
        let hexadecimal = rendered(&format!("{{{{printf \"%v\" {}}}}}", texts[3])).unwrap();
        prop_assert_eq!(hexadecimal.parse::<f64>(), Ok(number));
        let _ = rendered(&format!("{{{{printf \"%.{precision}g %.{precision}x %#.{precision}g\" {number:e} {number:e} {number:e}}}}}")).unwrap();
    }
}
