//! Around the panes: focus, zoom, help, themes, the mouse given back, redrawing, leaving.

use crate::sight::{Sight, is_in, sees, sees_no};
use crate::stage::{Console, Opening, Stage};

#[test]
fn each_pane_has_its_number() {
    let stage = Stage::good();
    let console = Opening::small().on(&stage.project);
    console.sees("● dispatching").awaits(is_in("deliveries"));
    console.does("everywhere", "go to queue", is_in("queue")).sees("wait 0");
    console.does("everywhere", "go to endpoints", is_in("endpoints")).selects("ci");
    console.does("everywhere", "go to deliveries", is_in("deliveries")).sees("FOLLOW");
    console.does("everywhere", "go to dead letters", is_in("dead letters")).sees("Nothing has died");
    console.does("everywhere", "go to events", is_in("events")).sees("Events as they came in");
    console.does("everywhere", "go to log", is_in("log")).sees("dispatching");
}

#[test]
fn panes_come_one_after_the_other_and_one_takes_the_screen() {
    let stage = Stage::good();
    let console = Opening::small().on(&stage.project);
    console.sees("● dispatching").awaits(is_in("deliveries"));
    console.does("everywhere", "next pane", is_in("dead letters")).press("Tab").awaits(is_in("queue"));
    console.does("everywhere", "previous pane", is_in("dead letters"));
    console.does("everywhere", "zoom", sees_no("1 Queue")).sees("4 Dead letters").press("Tab").sees("1 Queue");
    console.does("everywhere", "back", sees("4 Dead letters")).press("z").sees_no("4 Dead letters").press("z");
    console.sees("4 Dead letters");
}

#[test]
fn the_help_is_scrolled_searched_and_closed() {
    let stage = Stage::good();
    let console = Opening::small().on(&stage.project);
    console.sees("● dispatching").does("everywhere", "help", is_in("help")).sees("┃ deliveries");
    let line = || {
        let screen = console.screen();
        let corner = screen.lines().find_map(|line| line.split("┏━ Help ").nth(1).map(str::to_owned))?;
        corner.split(' ').find_map(|word| word.parse::<usize>().ok())
    };
    let stands_at = |number: usize| Sight::new(format!("line {number} is the first"), move |_| line() == Some(number));
    console.does("help", "down", stands_at(2)).does("help", "up", stands_at(1));
    console.does("help", "page down", Sight::new("a page further", |_| line().is_some_and(|line| line > 10)));
    console.does("help", "page up", stands_at(1));
    console.does("help", "search", sees("┃ / ")).types("turn the order").sees("oldest first").sees_no("Next row");
    console.press("Enter").sees("oldest first").does("help", "close", sees("Next row")).sees("┏━ Help");
    console.does("help", "close", is_in("deliveries"));
}

/// Every colour on the screen.
fn colours(console: &Console) -> Vec<String> {
    let cells = console.seen().cells;
    let mut all: Vec<String> = cells.content.iter().map(|cell| format!("{} {}", cell.fg, cell.bg)).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn each_theme_wears_its_own_colours() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching").press("2");
    let dark = colours(&console);
    let others = |before: Vec<String>| Sight::new("other colours", move |console| colours(console) != before);
    console.does("everywhere", "theme", sees("theme light;").and(others(dark.clone())));
    console.does("everywhere", "theme dark", sees("theme dark;").and(others(colours(&console))));
    console.does("everywhere", "theme high contrast", sees("theme high-contrast;").and(others(colours(&console))));
    console.does("everywhere", "theme terminal", sees("theme terminal;").and(others(colours(&console))));
    console.does(
        "everywhere",
        "theme mono",
        sees("theme mono;").and(Sight::new("no colours", |console| colours(console) == ["Reset Reset"])),
    );
    console.does("everywhere", "theme light", sees("theme light;").and(others(dark)));
}

#[test]
fn the_mouse_is_left_to_the_terminal_and_taken_again() {
    let stage = Stage::good();
    let console = stage.console();
    let asked =
        |on: bool| Sight::new(format!("the mouse is ours: {on}"), move |console| console.seen().mouse == Some(on));
    console.sees("● dispatching").clicks("4 Dead letters").awaits(is_in("dead letters"));
    console.does("everywhere", "mouse", asked(false)).sees("the mouse is the terminal's").clicks("2 Endpoints");
    // Clicks and keys come in one order: the click has been heard of, and nothing came of it.
    console.press("z").sees_no("1 Queue").awaits(is_in("dead letters")).press("z").sees("1 Queue");
    console.does("everywhere", "mouse", asked(true)).clicks("2 Endpoints").awaits(is_in("endpoints"));
}

#[test]
fn the_screen_is_drawn_anew() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching").sees("● closed");
    let before = console.seen();
    let anew = Sight::new("every cell was drawn anew", |console| {
        let seen = console.seen();
        seen.wipes > before.wipes && seen.frames > before.frames && seen.text().contains("● closed")
    });
    console.does("everywhere", "redraw", anew);
}

#[test]
fn who_dispatches_is_asked_before_leaving() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching").does("everywhere", "quit", is_in("dialogs"));
    console.sees("nothing is delivered until hooktui runs again").press("n").sees_no("nothing is delivered until");
    console.press("q").sees("Quit?");
    console.does("dialogs", "yes", Sight::new("the console has ended", Console::has_ended));
    console.ends();
    assert_eq!(stage.project.dispatcher(), None);
}
