//! `screen`: the console's screen without a terminal.

use crate::support::project::Project;
use crate::{parts, unreachable};

#[test]
fn it_shows_what_the_console_would_and_changes_nothing() {
    let project = Project::new(&unreachable());
    let (code, _, err) = parts(&project.run(&["screen"]));
    assert_eq!(code, 1);
    assert!(err.contains("there is no journal to show"), "{err}");
    project.ok(&["emit", "agent.error"]);
    let text = project.ok(&["screen", "--seconds", "0", "--size", "80x24"]);
    assert_eq!(text.lines().count(), 24);
    for word in ["1 Queue", "agent.error", "nobody dispatches: 1 delivery waits", "○ not dispatching"] {
        assert!(text.contains(word), "{word}\n{text}");
    }
    assert_eq!(project.figure("queue_length"), 1);
    assert_eq!(project.dispatcher(), None);
}

#[test]
fn keys_are_pressed_and_the_picture_is_whole() {
    let project = Project::new(&unreachable());
    project.ok(&["emit", "agent.error"]);
    let picture = project.ok(&["screen", "--seconds", "0", "--svg", "--keys", "5", "--theme", "light"]);
    assert!(picture.starts_with("<svg ") && picture.trim_end().ends_with("</svg>"));
    assert_eq!(picture.matches("<text ").count(), picture.matches("</text>").count());
    assert!(picture.contains("5 Events"), "{picture}");
    let (code, _, err) = parts(&project.run(&["screen", "--theme", "none.such"]));
    assert_eq!(code, 2);
    assert!(err.contains("there are dark"), "{err}");
}
