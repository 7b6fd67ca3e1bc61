use crate::event::Event;
use crate::wire::template::Template;

fn rendered(timestamp: &str, source: &str) -> Result<String, String> {
    let event = format!(r#"{{"id": "e", "type": "t", "timestamp": "{timestamp}", "message": ""}}"#);
    let event: Event = serde_json::from_str(&event).unwrap();
    Template::parse(source).unwrap().render(&event).map_err(|error| error.to_string())
}

#[test]
fn layouts_are_those_of_go() {
    const MORNING: &str = "2026-02-02T03:04:05.123450000Z";
    const EVENING: &str = "2026-12-31T23:59:09-11:30";
    for (timestamp, layout, expected) in [
        (MORNING, "Mon Jan _2 15:04:05 2006", "Mon Feb  2 03:04:05 2026"),
        (MORNING, "Monday, 02-Jan-06 15:04:05 MST", "Monday, 02-Feb-26 03:04:05 UTC"),
        (MORNING, "3:04PM 3:4:5pm 03 15", "3:04AM 3:4:5am 03 03"),
        (MORNING, "January 1 01 2 02 _2 002 __2", "February 2 02 2 02  2 033  33"),
        (MORNING, "2006-01-02T15:04:05Z07:00", "2026-02-02T03:04:05Z"),
        (MORNING, "2006-01-02T15:04:05.999999999Z07:00", "2026-02-02T03:04:05.12345Z"),
        (MORNING, "05.000 05,000000 05.000000000 05.9 05.99999", "05.123 05,123450 05.123450000 05.1 05.12345"),
        (MORNING, "05.0001 05.09 .x 05.", "05.0002 05.09 .x 05."),
        (MORNING, "Janet Mone Jan. Month MON JAN", "Janet Mone Feb. Month MON JAN"),
        (MORNING, "_2006 20060102 12006 2x", "_2026 20260202 22026 2x"),
        (
            MORNING,
            "Z0700 Z070000 Z07 Z07:00:00 -07:00 -0700 -07 -070000 -07:00:00 MST",
            "Z Z Z Z +00:00 +0000 +00 +000000 +00:00:00 UTC",
        ),
        (MORNING, "é 4 T Z é", "é 4 T Z é"),
        (EVENING, "Mon, 2 Jan 2006 15:04:05 -0700", "Thu, 31 Dec 2026 23:59:09 -1130"),
        (EVENING, "Z0700 Z07:00 -07 MST 002 3PM .000 .999", "-1130 -11:30 -11 -1130 365 11PM .000 "),
        ("2026-01-01T00:00:00+05:30", "3PM 03 -0700", "12AM 12 +0530"),
        ("2026-01-01T12:00:00Z", "3PM", "12PM"),
        ("0001-01-01T00:00:00Z", "2006 06 Monday", "0001 01 Monday"),
    ] {
        let made = rendered(timestamp, &format!("{{{{.Timestamp.Format {layout:?}}}}}"));
        // A `4` in a layout is the minute, wherever it stands.
        let expected = if layout.starts_with('é') { "é 4 T Z é".to_owned() } else { expected.to_owned() };
        assert_eq!(made, Ok(expected), "{layout}");
    }
}

#[test]
fn methods_are_those_of_go() {
    const TIME: &str = "2026-02-28T23:04:05.123456789+02:00";
    for (source, expected) in [
        (
            "{{.Timestamp}}|{{.Timestamp.UTC}}",
            "2026-02-28 23:04:05.123456789 +0200 +0200|2026-02-28 21:04:05.123456789 +0000 UTC",
        ),
        (
            "{{.Timestamp.Unix}} {{.Timestamp.UnixMilli}} {{.Timestamp.UnixMicro}} {{.Timestamp.UnixNano}}",
            "1772312645 1772312645123 1772312645123456 1772312645123456789",
        ),
        (
            "{{.Timestamp.Year}} {{.Timestamp.Month}} {{.Timestamp.Day}} {{.Timestamp.Hour}} {{.Timestamp.Minute}} {{.Timestamp.Second}}",
            "2026 February 28 23 4 5",
        ),
        (
            "{{.Timestamp.Nanosecond}} {{.Timestamp.Weekday}} {{.Timestamp.YearDay}} {{.Timestamp.IsZero}}",
            "123456789 Saturday 59 false",
        ),
        ("{{.Timestamp.UTC.Hour}} {{.Timestamp.Month.String}} {{printf \"%d\" .Timestamp.Weekday}}", "21 February 6"),
        ("{{eq .Timestamp.Month 2}} {{gt .Timestamp.Unix 0}} {{.Timestamp.Equal .Timestamp.UTC}}", "true true true"),
        (
            "{{(.Timestamp.AddDate 0 0 1).Format \"2006-01-02\"}} {{(.Timestamp.AddDate 0 12 3).Format \"2006-01-02\"}}",
            "2026-03-01 2027-03-03",
        ),
        (
            "{{(.Timestamp.AddDate -1 -2 -28).Format \"2006-01-02\"}} {{(.Timestamp.AddDate 0 0 0).Equal .Timestamp}}",
            "2024-11-30 true",
        ),
        ("{{(.Timestamp.Add 3600000000000).Format \"15:04\"}} {{.Timestamp.Before (.Timestamp.Add 1)}}", "00:04 true"),
        (
            "{{(.Timestamp.Add 5400000000000).Sub .Timestamp}} {{.Timestamp.Sub (.Timestamp.Add 1500000)}}",
            "1h30m0s -1.5ms",
        ),
        (
            "{{$d := (.Timestamp.Add 90000000000).Sub .Timestamp}}{{$d}} {{$d.Seconds}} {{$d.Minutes}} {{$d.Hours}} {{$d.Milliseconds}}",
            "1m30s 90 1.5 0.025 90000",
        ),
        (
            "{{(.Timestamp.Truncate 60000000000).Format \"05.000\"}} {{(.Timestamp.Round 1000000000).Format \"05.000\"}}",
            "00.000 05.000",
        ),
        ("{{.Timestamp.Compare (.Timestamp.Add 1)}} {{.Timestamp.After (.Timestamp.AddDate 0 0 -1)}}", "-1 true"),
        ("{{(.Timestamp.Sub .Timestamp).String}} {{.Timestamp.Local.Equal .Timestamp}}", "0s true"),
        ("{{json .Timestamp}}", "\"2026-02-28T23:04:05.123456789+02:00\""),
    ] {
        assert_eq!(rendered(TIME, source).as_deref(), Ok(expected), "{source}");
    }
    assert_eq!(rendered("0001-01-01T00:00:00Z", "{{.Timestamp.IsZero}}").as_deref(), Ok("true"));
    assert_eq!(
        rendered("2026-01-31T00:00:00Z", "{{(.Timestamp.AddDate 0 1 0).Format \"01-02\"}}").as_deref(),
        Ok("03-03")
    );
}

#[test]
fn wrong_calls_are_told() {
    for (source, told) in [
        ("{{.Timestamp.Format}}", "wrong number of args for Format: want 1 got 0"),
        ("{{.Timestamp.Format 1}}", "expected string; found a int"),
        ("{{.Timestamp.Unix 1}}", "wrong number of args for Unix: want 0 got 1"),
        ("{{.Timestamp.Date}}", "error calling Date: it gives 3 results"),
        ("{{.Timestamp.Nope}}", "can't evaluate field Nope in type time.Time"),
        ("{{.Timestamp.Month.Nope}}", "can't evaluate field Nope in type time.Month"),
        ("{{.Timestamp.AddDate 1.5 0 0}}", "expected int; found a float64"),
        ("{{.Timestamp.AddDate .Timestamp.Unix 0 0}}", "wrong type for value; expected int; got int64"),
        ("{{.Timestamp.Add (len .Type)}}", "wrong type for value; expected time.Duration; got int"),
        ("{{.Timestamp.Sub 1}}", "expected time.Time; found a int"),
        ("{{.Timestamp.AddDate 9223372036854775807 0 0}}", "outside of the years"),
        ("{{.Timestamp.AddDate 0 0 9223372036854775807}}", "outside of the years"),
        ("{{(.Timestamp.AddDate 7900 0 0).Add 9223372036854775807}}", "outside of the years"),
    ] {
        let error = rendered("2026-02-28T23:04:05Z", source).expect_err(source);
        assert!(error.contains(told), "{source}: {error}");
    }
}
