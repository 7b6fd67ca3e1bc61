//! The first minutes: a file and nothing to show yet.

use std::sync::Arc;

use super::made_up::{World, app, broken, press, settle, status};
use super::screens::screen;
use crate::config::{Env, Project, load};
use crate::engine::{FileStatus, Role, Status};
use crate::journal::Overview;
use crate::tui::app::App;
use crate::tui::effects::Effect;
use crate::tui::first::to_copy;
use crate::tui::msg::Msg;
use crate::tui::update::update;

/// A console over an empty journal with this file, after so many events.
fn console(size: (u16, u16), yaml: &str, events: u64) -> App {
    let folder = tempfile::tempdir().unwrap();
    let project = Project::at(folder.path());
    std::fs::write(&project.file, yaml).unwrap();
    let loaded = load(&project, &Env::Fixed([].into()));
    let file = FileStatus { config: loaded.config, problems: loaded.problems, ..FileStatus::default() };
    let role = if file.config.is_some() { Role::Dispatching { since: 0 } } else { Role::Waiting };
    with(size, Status { file, ..status(role) }, events)
}

fn with(size: (u16, u16), status: Status, events: u64) -> App {
    let mut app = app(size.0, size.1);
    assert!(update(&mut app, Msg::Engine(Arc::new(status))).is_empty());
    settle(&mut app, &World { overview: Overview { events, ..Overview::default() }, ..World::default() });
    app
}

fn sees(app: &App, words: &[&str]) {
    let screen = screen(app);
    for word in words {
        assert!(screen.contains(word), "{word:?} is missing\n{screen}");
    }
}

#[test]
fn a_file_without_endpoints_shows_one_to_begin_with() {
    for size in [(80, 24), (120, 36)] {
        let app = console(size, "webhooks: []\n", 0);
        sees(
            &app,
            &[
                "names no endpoint",
                "  webhooks:",
                "    - name: local",
                "      url: http://127.0.0.1:7718/",
                "hooktui sink",
            ],
        );
        assert_eq!(to_copy(&app).unwrap().0, "example");
    }
}

#[test]
fn the_example_is_a_good_file() {
    let example = to_copy(&console((80, 24), "webhooks: []\n", 0)).unwrap().1;
    let app = console((80, 24), &example, 0);
    sees(&app, &["hooktui sink", "hooktui emit agent.error -m \"hello\""]);
}

#[test]
fn without_events_the_command_to_try_is_one_that_an_endpoint_wants() {
    for (events, command) in [
        ("", "hooktui emit agent.error -m \"hello\""),
        (", events: [\"session.*\"]", "hooktui emit session.created -m \"hello\""),
        (", events: [deploy.done]", "hooktui emit deploy.done -m \"hello\""),
    ] {
        let yaml = format!("webhooks:\n  - {{name: a, url: \"https://a.example.com/\"{events}}}\n");
        let app = console((80, 24), &yaml, 0);
        sees(&app, &[command]);
        assert_eq!(to_copy(&app), Some(("command", command.to_owned())));
        let effects = press(&mut app.clone(), 'y');
        assert!(matches!(effects.as_slice(), [Effect::Copy(_)]), "{effects:?}");
        assert!(!screen(&app).contains("hooktui sink"), "the receiver is somebody else's");
    }
}

#[test]
fn events_that_nobody_wanted_are_told() {
    let app = console((80, 24), "webhooks:\n  - {name: a, url: \"https://a.example.com/\", events: [x.y]}\n", 3);
    sees(&app, &["3 events came in, and no endpoint wanted any"]);
    assert_eq!(to_copy(&app), None);
}

#[test]
fn a_file_that_is_broken_from_the_start_is_shown_with_its_errors_and_e_opens_it_there() {
    for size in [(40, 10), (80, 24), (120, 36)] {
        let yaml = "webhooks:\n  - name: a\n    url: https://a.example.com/\n    timeout: soon\n    retrry: {}\n";
        let mut app = console(size, yaml, 0);
        sees(&app, &["e   opens it at line 4"]);
        if size.0 > 40 {
            sees(
                &app,
                &[
                    ".ntm.yaml is not in force: 2 errors",
                    ".ntm.yaml:4:",
                    ".ntm.yaml:5:",
                    "Nothing is delivered until it is good",
                ],
            );
            let screen = screen(&app);
            let footer: Vec<&str> = screen.lines().last().unwrap().split_whitespace().collect();
            assert_eq!(footer.join(" "), "e edit file : actions ? help q quit", "nothing else can be done");
        }
        for pane in ['4', '3'] {
            press(&mut app, pane);
            assert_eq!(press(&mut app, 'e'), [Effect::Edit(4)], "whatever pane has the focus");
        }
    }
    let gone = FileStatus { banner: Some(".ntm.yaml is empty or missing".to_owned()), ..FileStatus::default() };
    let app = with((80, 24), Status { file: gone, ..status(Role::Waiting) }, 0);
    sees(&app, &["is empty or missing", "- name: local", "e   opens it"]);
}

#[test]
fn what_the_journal_holds_is_shown_however_broken_the_file_is() {
    let app = with((80, 24), broken(), 7);
    sees(&app, &["1 Queue", "webhooks[1].retry.backof"]);
}
