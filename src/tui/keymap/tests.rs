use super::*;
use crate::config::{Personal, Problem};

fn personal(yaml: &str) -> Personal {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config.yaml");
    std::fs::write(&file, yaml).unwrap();
    Personal::read(&file)
}

/// The table to these wishes and what is wrong with them.
fn settled(keys: &str) -> (Keymap, Vec<String>) {
    let mut taste = personal(&format!("keys: {keys}\n"));
    assert_eq!(taste.problems, [], "{keys}");
    let keymap = settle(&mut taste);
    (keymap, taste.problems.iter().map(Problem::in_project).collect())
}

fn keys(keymap: &Keymap, context: &str, action: &str) -> String {
    let (_, table) = keymap.contexts().find(|(one, _)| one.title() == context).unwrap();
    table.iter().find(|bound| bound.binding.name() == action).unwrap().shown_keys()
}

#[test]
fn the_built_in_table_has_no_wishes_and_no_problems() {
    let (keymap, problems) = settled("{}");
    assert_eq!(problems, [""; 0]);
    assert_eq!(keymap.markdown(), Keymap::default().markdown());
}

#[test]
fn wishes_are_laid_over_the_table() {
    for (wish, context, action, expected) in [
        ("{dead letters: {retry: [r, Ctrl-r]}}", "dead letters", "retry", "r Ctrl-r"),
        ("{Dead_Letters: {retry_all: F5}}", "dead letters", "retry all", "F5"),
        ("{everywhere: {quit: Q}}", "everywhere", "quit", "Q"),
        ("{everywhere: {zoom: []}}", "everywhere", "zoom", ""),
        ("{everywhere: {undo: é, zoom: '#'}}", "everywhere", "undo", "é"),
        // A swap.
        ("{dead letters: {retry: c, clear: r}}", "dead letters", "clear", "r"),
        // Retry hides quit's q there, and Ctrl-c is left.
        ("{dead letters: {retry: q}}", "dead letters", "retry", "q"),
        ("{dialogs: {yes: j}}", "dialogs", "yes", "j"),
    ] {
        let (keymap, problems) = settled(wish);
        assert_eq!(problems, [""; 0], "{wish}");
        assert_eq!(keys(&keymap, context, action), expected, "{wish}");
    }
}

#[test]
fn what_cannot_be_is_told_with_its_line_and_left_as_it_was() {
    let table = [
        (
            "{evrywhere: {quit: Q}}",
            "config.yaml:1:8: keys.evrywhere: there is no place `evrywhere` with keys; did you mean `everywhere`?",
        ),
        (
            "{everywhere: {qiut: Q}}",
            "config.yaml:1:21: keys.everywhere.qiut: everywhere has no action `qiut`; did you mean `quit`?",
        ),
        (
            "{everywhere: {retry: Q}}",
            "config.yaml:1:21: keys.everywhere.retry: everywhere has no action `retry`; it is one of dead letters",
        ),
        (
            "{everywhere: {quit: Alt-q}}",
            "config.yaml:1:27: keys.everywhere.quit: `Alt-q` is two keys: a terminal sends Alt as Esc and then the key; \
             bind the key alone; quit stays on q Ctrl-c",
        ),
        (
            "{everywhere: {quit: []}}",
            "config.yaml:1:21: keys.everywhere.quit: quit must keep a key; quit stays on q Ctrl-c",
        ),
        (
            "{everywhere: {quit: Esc}}",
            "config.yaml:1:27: keys.everywhere.quit: `Esc` leads back, and never out of the console; quit stays on q Ctrl-c",
        ),
        ("{inspector: {back: []}}", "config.yaml:1:20: keys.inspector.back: back must keep a key; back stays on Esc"),
        (
            "{dialogs: {yes: Enter}}",
            "config.yaml:1:23: keys.dialogs.yes: `Enter` never does what takes something away or says yes to it; yes stays on y",
        ),
        (
            "{dialogs: {yes: 7}}",
            "config.yaml:1:23: keys.dialogs.yes: `7` is typed into the number that a question may ask for; yes stays on y",
        ),
        (
            "{dialogs: {yes: Ctrl-c}}",
            "config.yaml:1:23: keys.dialogs.yes: `Ctrl-c` leads out wherever it is pressed, and does nothing else; yes stays on y",
        ),
        ("{palette: {up: k}}", "config.yaml:1:22: keys.palette.up: `k` is text there; up stays on ↑ Ctrl-p"),
        (
            "{dead letters: {clear all: Enter}}",
            "config.yaml:1:34: keys.dead letters.clear all: `Enter` never does what takes something away or says yes to \
             it; clear all stays on C",
        ),
        (
            "{dead letters: {retry: [r, r]}}",
            "config.yaml:1:34: keys.dead letters.retry[1]: `r` stands here twice; retry stays on r",
        ),
        (
            "{dead letters: {retry: c}}",
            "config.yaml:1:30: keys.dead letters.retry: `c` is clear of dead letters already; retry stays on r",
        ),
        (
            "{lists: {freeze: r}}",
            "config.yaml:1:24: keys.lists.freeze: `r` is resend in deliveries, so nothing would reach freeze there; freeze stays on F",
        ),
        (
            "{dead letters: {retry: z}}",
            "config.yaml:1:30: keys.dead letters.retry: `z` would hide zoom of everywhere, which no other key reaches \
             then; retry stays on r",
        ),
    ];
    for (wish, words) in table {
        let (keymap, problems) = settled(wish);
        assert_eq!(problems, [words], "{wish}");
        assert_eq!(keymap.markdown(), Keymap::default().markdown(), "{wish}");
    }
}

#[test]
fn of_two_wishes_that_clash_the_first_is_granted_and_all_is_told_at_once() {
    let (keymap, problems) = settled("{everywhere: {undo: x, zoom: x}, dead letters: {retry: Enter, clear: PgUpp}}");
    let places = [
        "everywhere.undo: `x` is cancel in deliveries",
        "everywhere.zoom: `x` is undo",
        "dead letters.retry: \
                  `Enter` would hide inspect of lists",
        "dead letters.clear: `PgUpp` is no key",
    ];
    assert_eq!(problems.len(), places.len(), "{problems:#?}");
    for (problem, words) in problems.iter().zip(places) {
        assert!(problem.contains(words), "{problem}: {words}");
    }
    assert_eq!(keymap.markdown(), Keymap::default().markdown());
    let (keymap, problems) = settled("{everywhere: {undo: '%', zoom: '%'}}");
    assert!(problems[0].contains("keys.everywhere.zoom: `%` is undo of everywhere already"), "{problems:?}");
    assert_eq!((keys(&keymap, "everywhere", "undo"), keys(&keymap, "everywhere", "zoom")), ("%".into(), "z".into()));
}
