use super::super::super::template::Template;
use crate::event::Event;

fn printed(call: &str) -> String {
    let event = r#"{"id": "e", "type": "t", "timestamp": "2026-02-02T03:04:05+02:00", "details": {"k": "v"}, "data": {"l": [1, "a", null]}}"#;
    let event: Event = serde_json::from_str(event).unwrap();
    Template::parse(&format!("{{{{printf {call}}}}}")).unwrap().render(&event).unwrap()
}

fn check(rows: &[(&str, &str)]) {
    for (call, expected) in rows {
        assert_eq!(printed(call), *expected, "{call}");
    }
}

#[test]
fn whole_numbers() {
    check(&[
        (r#""%d %v %s" 42 42 42"#, "42 42 %!s(int=42)"),
        (r#""%b %o %O %x %X %c %U %#U" 5 8 8 255 255 233 233 233"#, "101 10 0o10 ff FF é U+00E9 U+00E9 'é'"),
        (r#""%#b %#o %#x %#X %#v %+d % d" 5 8 255 255 255 5 5"#, "0b101 010 0xff 0XFF 255 +5  5"),
        (r#""%5d|%-5d|%05d|%+05d|%-05d|%x" 42 42 42 42 42 -255"#, "   42|42   |00042|+0042|42   |-ff"),
        (r#""%.3d|%6.3d|%06.3d|%.0d|%5.0d|%.d" 7 7 7 0 0 0"#, "007|   007|   007||     |"),
        (r#""%#06x|%#.4o|%08b" 255 8 5"#, "0x0000ff|0010|00000101"),
        (r#""%q %+q %c %U %.6U" 'é' 'é' -1 -1 'x'"#, "'é' '\\u00e9' \u{fffd} U+FFFFFFFFFFFFFFFF U+000078"),
        (r#""%d %x %#v %T" (index "a" 0) (index "a" 0) (index "a" 0) (index "a" 0)"#, "97 61 0x61 uint8"),
        (r#""%d" -9223372036854775808"#, "-9223372036854775808"),
        (r#""%t %e %z" 1 1 1"#, "%!t(int=1) %!e(int=1) %!z(int=1)"),
    ]);
}

#[test]
fn floating_point_numbers() {
    check(&[
        (
            r#""%v %g %G %e %E %f %F" 1.5 1e21 1e21 1234.5678 1234.5678 1.5 1.5"#,
            "1.5 1e+21 1E+21 1.234568e+03 1.234568E+03 1.500000 1.500000",
        ),
        (r#""%v %v %v %v %v" 1e5 1e6 0.0001 0.00001 123456789.0"#, "100000 1e+06 0.0001 1e-05 1.23456789e+08"),
        (
            r#""%.2f|%8.3f|%-8.1f|%08.2f|%+.1f|% .1f|%+08.2f" 3.14159 3.14159 3.14159 3.14159 3.0 3.0 3.14159"#,
            "3.14|   3.142|3.1     |00003.14|+3.0| 3.0|+0003.14",
        ),
        (r#""%.3g|%.10g|%.3g|%.3g|%.0g" 1234.5678 1234567.0 100.0 0.00001234 5.5"#, "1.23e+03|1234567|100|1.23e-05|6"),
        (r#""%.0f %.0f %.0f %.1f" 0.5 1.5 2.5 0.25"#, "0 2 2 0.2"),
        (r#""%#g|%#.3g|%#.0f|%#.0e|%#v" 1.0 1.0 1.0 1.0 1.0"#, "1.00000|1.00|1.|1.e+00|1"),
        (
            r#""%x|%X|%.2x|%.0x|%b|%x|%x" 1.5 1.5 1.999 1.5 1.0 0.0 -0.1"#,
            "0x1.8p+00|0X1.8P+00|0x1.00p+01|0x1p+01|4503599627370496p-52|0x0p+00|-0x1.999999999999ap-04",
        ),
        (r#""%d %s" 1.5 1.5"#, "%!d(float64=1.5) %!s(float64=1.5)"),
        (r#""%6.2v|%.3v" 3.14159 2.0"#, "   3.1|2"),
        (r#""%e %g %v" 0.0 0.0 -0.0"#, "0.000000e+00 0 -0"),
        (r#""%e %e" 1e100 1e-300"#, "1.000000e+100 1.000000e-300"),
    ]);
}

#[test]
fn texts() {
    check(&[
        (r#""%s|%v|%5s|%-5s|%05s|%.2s|%5.1s" "a" "a" "é" "é" "ab" "éàü" "éàü""#, "a|a|    é|é    |000ab|éà|    é"),
        (
            r#""%q %+q %#q %#q" "a\"\n\x00é\u2028" "é🚀" "a" "a`""#,
            "\"a\\\"\\n\\x00é\\u2028\" \"\\u00e9\\U0001f680\" `a` \"a`\"",
        ),
        (r#""%q %.1q" "\xffa" "éa""#, "\"\\xffa\" \"é\""),
        (
            r#""%x %X %# x % x %#x %.1x|%6x|%-6x|" "hi" "hi" "hi" "hi" "hi" "hi" "a" "a""#,
            "6869 6869 0x68 0x69 68 69 0x6869 68|    61|61    |",
        ),
        (r#""%x|%3x|%#x" "" "" """#, "|   |"),
        (r#""%#v %T" "a\n" "a""#, "\"a\\n\" string"),
        (r#""%d %t %c" "a" "a" "a""#, "%!d(string=a) %!t(string=a) %!c(string=a)"),
    ]);
}

#[test]
fn other_values() {
    check(&[
        (
            r#""%t %v %5t|%d %s %q" true false true true true true"#,
            "true false  true|%!d(bool=true) %!s(bool=true) %!q(bool=true)",
        ),
        (r#""%v %T %d %s %+v %#v" nil nil nil nil nil nil"#, "<nil> <nil> %!d(<nil>) %!s(<nil>) <nil> <nil>"),
        (
            r#""%v %q %#v %T %d" .Details .Details .Details .Details .Details"#,
            "map[k:v] map[\"k\":\"v\"] map[string]string{\"k\":\"v\"} map[string]string map[%!d(string=k):%!d(string=v)]",
        ),
        (
            r#""%v %#v %T %q" .Data .Data .Data .Data.l"#,
            "map[l:[1 a <nil>]] map[string]interface {}{\"l\":[]interface {}{1, \"a\", interface {}(nil)}} map[string]interface {} ['\\x01' \"a\" <nil>]",
        ),
        (
            r#""%v|%s|%q" .Timestamp .Timestamp .Timestamp.Month"#,
            "2026-02-02 03:04:05 +0200 +0200|2026-02-02 03:04:05 +0200 +0200|\"February\"",
        ),
        (
            r#""%v %d %T %x %t" .Timestamp.Month .Timestamp.Month .Timestamp.Month .Timestamp.Weekday .Timestamp.Weekday"#,
            "February 2 time.Month 4d6f6e646179 %!t(time.Weekday=1)",
        ),
        (r#""%#v %T" .Timestamp.UTC .Timestamp"#, "time.Date(2026, time.February, 2, 1, 4, 5, 0, time.UTC) time.Time"),
        (r#""%T %T %T %T" . .Timestamp.Unix 1 1.0"#, "webhook.Event int64 int float64"),
        (r#""%8v|%-10v|%p" .Timestamp.Weekday .Timestamp.Month "x""#, "  Monday|February  |%!p(string=x)"),
    ]);
}

#[test]
fn what_is_wrong_with_a_format_stands_in_the_text() {
    check(&[
        (r#""%d""#, "%!d(MISSING)"),
        (r#""%d %d" 1"#, "1 %!d(MISSING)"),
        (r#""a" 1 "b" nil"#, "a%!(EXTRA int=1, string=b, <nil>)"),
        (r#""%d" 1 2"#, "1%!(EXTRA int=2)"),
        (r#""%""#, "%!(NOVERB)"),
        (r#""%-""#, "%!(NOVERB)"),
        (r#""%." 3"#, "%!.(int=3)"),
        (r#""%!" 1"#, "%!!(int=1)"),
        (r#""%% %5% %d" 1"#, "% % 1"),
        (r#""%*d|%-*d|%*d" 5 42 5 42 -5 42"#, "   42|42   |42   "),
        (r#""%.*f|%*.*f" 2 1.2345 8 3 1.2345"#, "1.23|   1.234"),
        (r#""%*d" "x" 1"#, "%!(BADWIDTH)1"),
        (r#""%.*d" "x" 1"#, "%!(BADPREC)1"),
        (r#""%.*d" -1 1"#, "%!(BADPREC)1"),
        (r#""%*d" 10000001 1"#, "%!(BADWIDTH)1"),
        (r#""%[2]d %[1]d" 1 2"#, "2 1"),
        (r#""%[1]d %d" 1 2"#, "1 2"),
        (r#""%[3]*.[2]*[1]f" 12.0 2 6"#, " 12.00"),
        (r#""%[3]d %[x]d %[0]d %[]d" 1 2"#, "%!d(BADINDEX) %!d(BADINDEX) %!d(BADINDEX) %!d(BADINDEX)"),
        (r#""%[1]2d %[1].2d" 1"#, "%!d(BADINDEX) %!d(BADINDEX)"),
        (r#""%[1" 1"#, "%!(NOVERB)"),
        (r#""%é" 1"#, "%!é(int=1)"),
        (r#""%5z" 3"#, "%!z(int=    3)"),
    ]);
}
