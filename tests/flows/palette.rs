//! The palette: found, walked, run.

use crate::sight::{is_in, sees, selects};
use crate::stage::{Console, Opening, Stage};

/// What the palette's chosen row says.
fn chosen(console: &Console) -> usize {
    let screen = console.screen();
    let corner = screen.lines().find_map(|line| line.split("┏━ Actions ").nth(1).map(str::to_owned));
    corner.and_then(|corner| corner.split(' ').find_map(|word| word.parse().ok())).unwrap_or(0)
}

#[test]
fn the_palette_finds_an_action_and_does_it() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching").press("2").sees("● closed").does("everywhere", "palette", is_in("palette"));
    console.sees("type what you want to do").types("open it").sees("Trip the circuit (asks)");
    console.does("palette", "run", sees("Trip the circuit of ci?")).press("Enter y").sees("○ open").sees("tripped");
    console.press(": r e s e t Enter").sees("● closed").sees("reset: the circuit is closed");
    console.press(": Enter").sees("reset: the circuit is closed").sees_no("┏━ Actions");
    console.press(":").does("palette", "close", is_in("endpoints"));
}

#[test]
fn the_palette_is_walked_by_rows_and_screens() {
    let stage = Stage::good();
    let console = Opening::small().on(&stage.project);
    console.sees("● dispatching").press(":").awaits(is_in("palette"));
    let stands =
        |at: usize| crate::sight::Sight::new(format!("action {at} is chosen"), move |console| chosen(console) == at);
    console.awaits(stands(1)).does("palette", "down", stands(2)).does("palette", "up", stands(1));
    let screens = |far: bool| crate::sight::Sight::new("a screen further", move |console| (chosen(console) > 5) == far);
    console.does("palette", "page down", screens(true)).does("palette", "page up", stands(1));
    console.types("theme mono").awaits(selects("Wear the theme mono")).press("Enter").sees("theme mono;");
    // Up at the top brings back what was typed last.
    console.press(": ↑").sees(": theme mono").awaits(selects("Wear the theme mono"));
}
