use super::*;

mod hostile;
mod values;

/// What the template makes of one event.
fn rendered(source: &str) -> Result<String, String> {
    let event = r#"{"id": "evt-1", "type": "agent.error", "timestamp": "2026-02-02T03:04:05.5Z", "session": "s", "pane": "",
        "agent": "claude", "message": "boom \"x\"", "details": {"b": "2", "a": "1"},
        "data": {"list": [1, 2.5, "x", null, [true]], "n": 12345678, "big": 18446744073709551615, "f": 1e6, "none": null,
            "text": "t", "map": {"z": 1, "y": {"deep": "d"}}}}"#;
    let event: Event = serde_json::from_str(event).unwrap();
    let template = Template::parse(source).map_err(|error| error.to_string())?;
    template.render(&event).map_err(|error| error.to_string())
}

fn check(rows: &[(&str, &str)]) {
    for (source, expected) in rows {
        assert_eq!(rendered(source).as_deref(), Ok(*expected), "{source}");
    }
}

/// Each row fails, and says this.
fn check_failures(rows: &[(&str, &str)]) {
    for (source, expected) in rows {
        let told = rendered(source).expect_err(source);
        assert!(told.contains(expected), "{source}: {told}");
    }
}

#[test]
fn trim_markers_take_the_space_on_their_side() {
    check(&[
        ("a {{- 1 -}} b", "a1b"),
        ("a \n\t{{- 1}} b", "a1 b"),
        ("a {{1 -}} \r\n b", "a 1b"),
        ("a {{-1}} b", "a -1 b"),
        ("a {{- -1 -}} b", "a-1b"),
        ("a {{/* c */}} b", "a  b"),
        ("a {{- /* c */ -}} b", "ab"),
        ("{{- /* one */ -}} {{- /* two */ -}} x", "x"),
        ("{{/*\n{{ }} */}}x", "x"),
        ("{{\n1\n}}", "1"),
        ("}} {", "}} {"),
        ("", ""),
    ]);
    check_failures(&[
        ("{{/* c", "comment"),
        ("{{/* c */ 1}}", "comment"),
        ("{{ /* c */}}", "cannot stand"),
        ("{{- -}}", "no number"),
    ]);
}

#[test]
fn constants_are_those_of_go() {
    check(&[
        ("{{1}} {{-1}} {{+1}} {{1_000}} {{0x1F}} {{0o17}} {{017}} {{0b101}} {{0x_1f}}", "1 -1 1 1000 31 15 15 5 31"),
        ("{{9223372036854775807}} {{-9223372036854775808}}", "9223372036854775807 -9223372036854775808"),
        (
            "{{1.5}} {{.5}} {{1.}} {{1e3}} {{1E-7}} {{1e6}} {{0x1p-2}} {{100000.0}} {{123456789.0}}",
            "1.5 0.5 1 1000 1e-07 1e+06 0.25 100000 1.23456789e+08",
        ),
        (r"{{'a'}} {{'\n'}} {{'\''}} {{'\x41'}} {{'\101'}} {{'é'}} {{'\U0001F680'}}", "97 10 39 65 65 233 128640"),
        (r#"{{"a\tb\"\\\x41\u00e9\U0001F680\101\a"}}"#, "a\tb\"\\Aé🚀A\u{7}"),
        ("{{`raw \\n \"q\"\nline`}}", "raw \\n \"q\"\nline"),
        ("{{`a\r\nb`}}", "a\nb"),
        ("{{true}} {{false}}", "true false"),
        (r#"{{"\xff"}}"#, "\u{fffd}"),
    ]);
    check_failures(&[
        ("{{9223372036854775808}}", "too large"),
        ("{{99999999999999999999}}", "too large"),
        ("{{1e999}}", "no number"),
        ("{{08}}", "no number"),
        ("{{1__0}}", "no number"),
        ("{{0xg}}", "no number"),
        ("{{1i}}", "no number"),
        ("{{1+2}}", "no number"),
        ("{{1.E}}", "no number"),
        ("{{0x1.8}}", "no number"),
        ("{{''}}", "one character"),
        ("{{'ab'}}", "one character"),
        (r#"{{'\"'}}"#, "one character"),
        (r#"{{"\'"}}"#, "no good escape"),
        (r#"{{"\x4"}}"#, "no good escape"),
        (r#"{{"\ud800"}}"#, "no good escape"),
        (r#"{{"\400"}}"#, "no good escape"),
        (r#"{{"é\q"}}"#, "no good escape"),
        ("{{\"a\nb\"}}", "not closed"),
        ("{{'a", "not closed"),
        ("{{`a", "not closed"),
        ("{{\"a\\", "not closed"),
    ]);
}

#[test]
fn what_does_not_parse_is_told_with_its_place() {
    for (source, line, column, told) in [
        ("{{.Type", 1, 1, "not closed"),
        ("é\n  {{end}}", 2, 3, "belongs to nothing"),
        ("{{else}}", 1, 1, "belongs to nothing"),
        ("x\n{{if .Type}}a", 2, 3, "not ended"),
        ("{{if}}a{{end}}", 1, 5, "a value is missing"),
        ("{{}}", 1, 3, "a value is missing"),
        ("{{ ( ) }}", 1, 6, "a value is missing"),
        ("{{nope .Type}}", 1, 3, "there is no function `nope`; there are: and, call, eq"),
        ("{{.Type.Name | .}}", 1, 16, "behind `|`"),
        ("{{12 | false}}", 1, 8, "behind `|`"),
        ("{{$x}}", 1, 3, "`$x` is not known"),
        ("{{with $x := 1}}{{end}}{{$x}}", 1, 26, "`$x` is not known"),
        ("{{$x := 1}}{{define \"t\"}}{{$x}}{{end}}", 1, 28, "`$x` is not known"),
        ("{{$a, $b := .Details}}", 1, 5, "too many variables"),
        ("{{range $a, $b, $c := .Details}}{{end}}", 1, 15, "too many variables"),
        ("{{range $a, 1 := .Details}}{{end}}", 1, 13, "behind the comma"),
        ("{{true.Name}}", 1, 3, "a constant has no fields"),
        ("{{print (1}}", 1, 11, "not closed"),
        ("{{print 1)}}", 1, 10, "closes nothing"),
        ("{{(1)(2)}}", 1, 6, "a space is missing"),
        ("{{.A:1}}", 1, 5, "only in `:=`"),
        ("{{$x!}}", 1, 5, "cannot follow a name"),
        ("{{.Type#}}", 1, 8, "cannot follow a name"),
        ("{{\u{7f}}}", 1, 3, "no meaning"),
        ("{{,}}", 1, 3, "cannot stand"),
        ("{{break}}", 1, 3, "within a `range`"),
        ("{{range .Details}}{{define \"t\"}}{{end}}{{end}}", 1, 21, "`define`"),
        ("{{range .Details}}{{block \"t\" .}}{{break}}{{end}}{{end}}", 1, 36, "within a `range`"),
        ("{{range .Details}}{{break 1}}{{end}}", 1, 27, "cannot stand"),
        ("{{if 1}}{{else}}{{else}}{{end}}", 1, 19, "second `else`"),
        ("{{if 1}}{{else with 1}}{{end}}{{end}}", 1, 16, "cannot stand"),
        ("{{define \"t\"}}a{{end}}{{define \"t\"}}b{{end}}", 1, 25, "second time"),
        ("{{template .Type}}", 1, 12, "name of a template"),
        ("{{define}}{{end}}", 1, 9, "name of a template"),
        ("{{if = 1}}{{end}}", 1, 6, "cannot stand"),
    ] {
        let error = Template::parse(source).expect_err(source);
        assert!(error.message.contains(told), "{source}: {error}");
        assert_eq!((error.line, error.column), (line, column), "{source}: {error}");
    }
}

#[test]
fn pipelines_give_their_value_on_as_the_last_argument() {
    check(&[
        ("{{1 | print}}", "1"),
        ("{{1 | printf \"%d-%s\" 2}}", "2-%!s(int=1)"),
        ("{{\"a\" | printf \"%s%s\" \"b\" | printf \"<%s>\"}}", "<ba>"),
        ("{{\"2006\" | .Timestamp.Format}}", "2026"),
        ("{{(printf \"%d\" 1) | print \"x\"}}", "x1"),
        ("{{len (print \"abc\" \"d\")}}", "4"),
        ("{{print (1) (print 2 (print 3))}}", "123"),
        ("{{(.Timestamp).Year}} {{(.Data).map.y.deep}} {{$.Type}}", "2026 d agent.error"),
        ("{{.Type | }}", "agent.error"),
        ("{{print}}|{{println}}", "|\n"),
    ]);
    check_failures(&[
        ("{{1 | .Type}}", "is not a method but has arguments"),
        ("{{.Type 1}}", "is not a method but has arguments"),
        ("{{1 | (print)}}", "non-function"),
        ("{{\"x\" \"y\"}}", "non-function"),
        ("{{. 1}}", "non-function"),
        ("{{$ 1}}", "non-function"),
        ("{{nil}}", "nil is not a command"),
        ("{{print.Name}}", "can't evaluate field Name in type string"),
    ]);
}

#[test]
fn variables_live_until_their_block_ends() {
    check(&[
        ("{{$x := 1}}{{$x}}{{$x = 2}}{{$x}}", "12"),
        ("{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"),
        ("{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"),
        ("{{if $x := .Session}}{{$x}}{{end}}", "s"),
        ("{{if $x := .Pane}}{{else}}<{{$x}}>{{end}}", "<>"),
        ("{{if $x := false}}{{else if $y := 2}}{{$x}}{{$y}}{{end}}", "false2"),
        ("{{with $x := .Agent}}{{.}}{{$x}}{{$.Type}}{{end}}", "claudeclaudeagent.error"),
        ("{{range $x := .Details}}{{$x}}{{end}}", "12"),
        ("{{range $k, $v := .Details}}{{$k}}{{$v}}{{end}}", "a1b2"),
        ("{{$v := 0}}{{range $v = .Details}}{{end}}{{$v}}", "2"),
        ("{{$k := 0}}{{$v := 0}}{{range $k, $v = .Details}}{{end}}{{$k}}{{$v}}", "b2"),
        ("{{range .Details}}{{$y := .}}{{end}}{{$y := 1}}{{$y}}", "1"),
        ("{{define \"t\"}}{{$}}{{end}}{{$x := 1}}{{template \"t\" $x}}", "1"),
        ("{{$x := .Data.none}}{{$x}}", "<no value>"),
    ]);
    check_failures(&[
        ("{{$x = 1}}", "undefined variable: $x"),
        ("{{if false}}{{$x := 1}}{{else}}{{$x}}{{end}}", "undefined variable: $x"),
    ]);
}

#[test]
fn choices_take_the_first_that_is_true() {
    check(&[
        ("{{if 0}}a{{else if \"\"}}b{{else if .Session}}c{{else}}d{{end}}", "c"),
        ("{{with .Pane}}a{{else with .Agent}}{{.}}{{else}}c{{end}}", "claude"),
        ("{{with .Pane}}a{{else}}{{.Type}}{{end}}", "agent.error"),
        ("{{if .Timestamp}}1{{end}}{{if .Details}}2{{end}}{{if .Data.list}}3{{end}}{{if .Data.none}}4{{end}}", "123"),
        ("{{if 0.0}}1{{end}}{{if -1}}2{{end}}{{if .Details.none}}3{{end}}{{if .}}4{{end}}", "24"),
    ]);
}

#[test]
fn ranges_walk_lists_maps_and_counts() {
    check(&[
        ("{{range .Data.list}}<{{.}}>{{end}}", "<1><2.5><x><<no value>><[true]>"),
        ("{{range $i, $x := .Data.list}}{{$i}}{{end}}", "01234"),
        ("{{range $k, $x := .Data.map}}{{$k}}{{end}}", "yz"),
        ("{{range 3}}{{.}}{{end}}{{range $i := 2}}{{$i}}{{end}}{{range -1}}x{{else}}none{{end}}", "01201none"),
        ("{{range .Data.none}}x{{else}}none{{end}}{{range .Data.missing}}x{{else}}none{{end}}", "nonenone"),
        ("{{range .Data.list}}{{if eq (print .) \"x\"}}{{break}}{{end}}{{.}},{{end}}", "1,2.5,"),
        ("{{range 5}}{{if eq . 1 3}}{{continue}}{{end}}{{.}}{{end}}", "024"),
        ("{{range 2}}{{range 3}}{{if eq . 1}}{{break}}{{end}}{{.}}{{end}};{{end}}", "0;0;"),
        ("{{range 2}}{{range 0}}{{else}}{{break}}{{end}}{{.}}{{end}}", "01"),
        ("{{range 2}}{{range 0}}{{else}}{{continue}}{{end}}x{{end}}", ""),
        ("{{range 2}}{{with 1}}{{if 1}}{{continue}}{{end}}{{end}}x{{end}}y", "y"),
    ]);
    check_failures(&[
        ("{{range .Type}}{{end}}", "range can't iterate over a value of type string"),
        ("{{range .}}{{end}}", "range can't iterate"),
        ("{{range 1.5}}{{end}}", "range can't iterate"),
        ("{{range $i, $x := 3}}{{end}}", "two variables"),
    ]);
}

#[test]
fn templates_call_templates() {
    check(&[
        ("{{define \"t\"}}<{{.}}>{{end}}{{template \"t\"}}{{template \"t\" 1}}", "<<no value>><1>"),
        ("{{template \"t\" .Type}}{{define `t`}}<{{.}}>{{end}}", "<agent.error>"),
        ("{{block \"b\" .Session}}<{{.}}>{{end}}{{template \"b\" 2}}", "<s><2>"),
        ("{{define \"t\"}}{{end}}{{define \"t\"}}x{{end}}{{define \"t\"}} {{end}}{{template \"t\"}}", "x"),
        (
            "{{define \"t\"}}{{if .}}{{template \"t\" (slice . 1)}}{{.}} {{end}}{{end}}{{template \"t\" \"abc\"}}",
            "c bc abc ",
        ),
        ("{{if false}}{{template \"nope\"}}{{end}}", ""),
        ("{{block \"a\" 1}}{{block \"b\" 2}}{{.}}{{end}}{{.}}{{end}}", "21"),
    ]);
    check_failures(&[("{{template \"nope\"}}", "template \"nope\" not defined")]);
}

#[test]
fn and_or_stop_where_it_is_decided() {
    check(&[
        ("{{or 0 \"\" 3 (index .Type 999)}}", "3"),
        ("{{and 1 0 (index .Type 999)}}", "0"),
        ("{{and 1 2}} {{or 0 \"\"}}|{{1 | and true}} {{0 | or 2}} {{0 | or 0}}", "2 |1 2 0"),
        ("{{and nil 1}} {{or nil 1}}", "<no value> 1"),
        ("{{not 0}} {{not .Type}} {{not nil}}", "true false true"),
        ("{{if and .Session (eq .Agent \"claude\")}}yes{{end}}", "yes"),
    ]);
    check_failures(&[
        ("{{and}}", "wrong number of args for and: want at least 1 got 0"),
        ("{{or 0 (index .Type 999)}}", "index out of range: 999"),
        ("{{not}}", "wrong number of args for not: want 1 got 0"),
        ("{{not 1 2}}", "want 1 got 2"),
    ]);
}

#[test]
fn comparisons_ask_for_the_same_type() {
    check(&[
        (
            "{{eq 1 1}} {{eq 1 2 1}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt 2 1}} {{ge 2 2}}",
            "true true true true true true true",
        ),
        ("{{lt \"a\" \"b\"}} {{gt \"a\" \"b\"}} {{lt 1.5 2.5}} {{eq true true}}", "true false true true"),
        (
            "{{eq (index \"a\" 0) 97}} {{lt -1 (index \"a\" 0)}} {{eq .Data.big 1}} {{gt .Data.big 1}}",
            "true true false true",
        ),
        ("{{eq .Data.n 12345678}} {{gt .Data.n 5}} {{eq .Data.text \"t\"}}", "true true true"),
        (
            "{{eq .Data.none nil}} {{eq .Details nil}} {{eq .Type nil}} {{eq nil nil}} {{eq .Details.nope nil}}",
            "true false false true true",
        ),
        ("{{eq .Timestamp .Timestamp}} {{eq .Timestamp .Timestamp.UTC}}", "true true"),
        ("{{eq .Details.nope \"x\"}}", "false"),
    ]);
    check_failures(&[
        ("{{eq 1 1.0}}", "incompatible types for comparison"),
        ("{{eq 1 \"1\"}}", "incompatible types for comparison"),
        ("{{eq .Details 1}}", "incompatible types for comparison"),
        ("{{lt 1 \"1\"}}", "incompatible types for comparison"),
        ("{{lt 1 1.5}}", "incompatible types for comparison"),
        ("{{lt true false}}", "invalid type for comparison"),
        ("{{lt .Details .Details}}", "invalid type for comparison"),
        ("{{lt nil 1}}", "invalid type for comparison"),
        ("{{eq .Details .Details}}", "non-comparable type map[string]string"),
        ("{{eq . .}}", "non-comparable type webhook.Event"),
        ("{{eq 1}}", "missing argument for comparison"),
        ("{{eq}}", "want at least 1 got 0"),
        ("{{lt 1}}", "want 2 got 1"),
        ("{{ne 1 2 3}}", "want 2 got 3"),
    ]);
}

#[test]
fn index_slice_and_len_look_into_values() {
    check(&[
        (
            "{{index .Details \"a\"}}|{{index .Details \"x\"}}|{{index .Data \"x\"}}|{{index .Data.list 2}}",
            "1||<no value>|x",
        ),
        (
            "{{index .Data \"map\" \"y\" \"deep\"}} {{index .Data.list 4 0}} {{index \"abc\" 1}} {{index 5}}",
            "d true 98 5",
        ),
        (
            "{{slice \"abcdef\" 1 3}} {{slice \"abc\" 1}} {{slice \"abc\"}} {{slice .Data.list 1 3}} {{slice .Data.list 1 2 4}}",
            "bc bc abc [2.5 x] [2.5]",
        ),
        ("{{slice (print \"ab\" \"cd\") 1 3}}", "bc"),
        ("{{len .Type}} {{len .Data.list}} {{len .Data}} {{len \"é\"}}", "11 5 7 2"),
        ("{{slice \"é\" 0 1}}", "\u{fffd}"),
        ("{{json (slice \"é\" 0 1)}}", "\"\\ufffd\""),
    ]);
    check_failures(&[
        ("{{index .Data.list 5}}", "index out of range: 5"),
        ("{{index .Data.list -1}}", "index out of range: -1"),
        ("{{index .Data.list 6}}", "index out of range: 6"),
        ("{{index .Data.list \"0\"}}", "cannot index slice/array with type string"),
        ("{{index .Data.list nil}}", "cannot index slice/array with nil"),
        ("{{index .Details 1}}", "value has type int; should be string"),
        ("{{index .Details nil}}", "value is nil; should be of type string"),
        ("{{index 1 1}}", "can't index item of type int"),
        ("{{index nil 1}}", "index of untyped nil"),
        ("{{index .Data.none 1}}", "index of untyped nil"),
        ("{{index .Data \"x\" 1}}", "index of nil pointer"),
        ("{{slice \"abc\" 2 1}}", "invalid slice index: 2 > 1"),
        ("{{slice \"abc\" 4}}", "index out of range: 4"),
        ("{{slice \"abc\" 0 1 2}}", "cannot 3-index slice a string"),
        ("{{slice .Data.list 0 1 2 3}}", "too many slice indexes: 4"),
        ("{{slice .Details 1}}", "can't slice item of type map[string]string"),
        ("{{slice nil}}", "slice of untyped nil"),
        ("{{len 3}}", "len of type int"),
        ("{{len nil}}", "len of nil pointer"),
        ("{{call .Type}}", "call of a value of type string"),
        ("{{call nil}}", "call of nil"),
    ]);
}
