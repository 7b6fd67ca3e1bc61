//! Dead letters, one at a time: retried, cleared, brought back.

use hooktui::config::Personal;

use crate::sight::{Sight, is_in, received, sees};
use crate::stage::{Console, Opening, Stage};
use crate::support::receiver::Answer;

#[test]
fn a_dead_letter_is_retried_with_a_key() {
    let stage = Stage::refusing();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("boom");
    // The Deliveries pane says the same words, and may say them first: the cursor is in the row of pane 4.
    console.press("4").sees("┃▌").sees("permanent: 422");
    stage.receiver.script(|_| Answer::status(200));
    console.does("dead letters", "retry", received(&stage, 2).and(sees("✓ 200")));
    console.sees("retried").sees("Nothing has died");
}

#[test]
fn a_dead_letter_is_retried_with_a_key_of_ones_own_and_a_conflict_is_told() {
    let stage = Stage::refusing();
    let file = stage.project.root().join("mine.yaml");
    std::fs::write(&file, "keys: {dead letters: {retry: Ctrl-r}, lists: {follow: q, freeze: c}}\n").unwrap();
    let console = Opening::default().taste(Personal::read(&file)).on(&stage.project);
    console.sees("● dispatching").sees("mine.yaml:1:66: keys.lists.freeze: `c` is clear in dead letters");
    stage.emit("boom");
    console.press("Esc").sees_no("mine.yaml").press("4").sees("┃▌").sees("permanent: 422").sees("Ctrl-r retry");
    stage.receiver.script(|_| Answer::status(200));
    console.press("r Ctrl-r").sees("retried").sees("Nothing has died").sees("✓ 200");
    assert_eq!(stage.receiver.count(), 2);
}

#[test]
fn what_is_cleared_comes_back_with_undo() {
    let stage = Stage::refusing();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("boom");
    console.press("4").sees("┃▌").sees("permanent: 422");
    console.does("dead letters", "clear", is_in("dialogs")).sees("Clear 1 dead letter?");
    console.does("dialogs", "no", is_in("dead letters"));
    assert_eq!(stage.project.figure("dead_letter_count"), 1);
    console.press("c").does("dialogs", "yes", sees("Nothing has died")).sees("1 dead letter cleared");
    console.does("everywhere", "undo", sees("permanent: 422")).sees("undone: clear 1 dead letter");
    assert_eq!(stage.receiver.count(), 1, "nothing was sent again");
}

#[test]
fn once_the_journal_is_removed_the_console_says_so_and_takes_no_act() {
    let stage = Stage::refusing();
    let console = stage.console();
    console.sees("● dispatching");
    stage.emit("boom");
    console.press("4").sees("┃▌").sees("permanent: 422");
    std::fs::remove_dir_all(stage.project.root().join(".hooktui")).unwrap();
    console.sees("journal.db was removed or replaced while in u").sees("stopped");
    // Once as what is wrong, once as the answer to the key.
    let twice = |console: &Console| console.screen().matches("the journal /").count() == 2;
    console.press("r").awaits(Sight::new("the retry is refused", twice)).press("q");
    console.ends();
    assert_eq!(stage.receiver.count(), 1);
}
