//! Finding rows: the filter line, `n` and `N`, the order turned round.

use crate::sight::{is_in, sees, sees_no, selects};
use crate::stage::Stage;

#[test]
fn a_filter_narrows_the_list_while_it_is_typed_and_esc_takes_it_off() {
    let stage = Stage::refusing();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("the disk is full");
    stage.emit("no route to host");
    console.press("4").sees("dead 2").does("lists", "filter", is_in("filter line"));
    console.types("\"disk is").sees("the quote is not closed").types("\"").sees("4 Dead letters /\"disk is\"");
    console.press("Ctrl-u").pastes("\"disk\nis full\"").sees("4 Dead letters /\"disk is full\"");
    console.does("filter line", "keep", is_in("dead letters"));
    console.press("j Enter").sees("Delivery ").press("S-Tab").sees("the disk is full");
    console.press("Esc").types("/").press("Ctrl-u").types("state:delivered").sees("nothing matches state:delivered");
    console.does("filter line", "back", sees_no("nothing matches")).sees("/\"disk is full\"");
    console.does("everywhere", "back", sees_no("/\"disk")).sees("permanent: 422");
}

#[test]
fn words_of_a_filter_are_completed_forth_and_back() {
    let stage = Stage::refusing();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("the disk is full");
    console.press("4").sees("dead 1").types("/endpoint:");
    console
        .does("filter line", "complete", sees(" /endpoint:ci").and(sees("1 match")))
        .press("Ctrl-u")
        .sees("┏━ 4 Dead letters ━");
    console.types("a").sees("age:").sees("attempts:");
    console.does("filter line", "previous candidate", sees(" /reason:"));
    console.press("Tab").sees(" /age:").press("Esc").sees_no(" /age:");
}

#[test]
fn n_finds_the_next_match_in_the_whole_list_and_the_order_turns_round() {
    let stage = Stage::good();
    let console = stage.console();
    console.sees("● dispatching");
    for kind in ["first.one", "second.one", "third.one"] {
        stage.project.ok(&["emit", kind]);
        // One after the other: the list has them by their last change.
        console.sees(kind);
        console.awaits(crate::sight::Sight::new("each has been sent", |console| {
            console.screen().matches("✓ 200").count() == stage.project.json(&["events"]).as_array().unwrap().len()
        }));
    }
    console.press("3").types("/type:first*").press("Enter").sees_no("FOLLOW   3 ");
    console.press("Esc").sees("FOLLOW   3 ").press("g").selects("third.one");
    console.does("lists", "next match", selects("first.one"));
    console.press("n").sees("there is no further match below");
    console.press("g").selects("third.one").press("G").selects("first.one");
    console.types("/type:third*").press("Enter").sees_no("first.one").press("Esc").sees("first.one");
    console.press("G").selects("first.one");
    console.does("lists", "previous match", selects("third.one"));
    console.does("lists", "reverse", sees("AGE↑")).sees("oldest first");
    console.press("g").selects("first.one").press("G").selects("third.one").press("f");
    console.sees("following means newest first");
}
