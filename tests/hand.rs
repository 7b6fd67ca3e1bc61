//! Editor, pager and clipboard, as a person meets them: the console in a terminal of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there and then")]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use support::project::Project;
use support::receiver::{Answer, Receiver};
use support::screen::Screen;
use support::{wait_for, wait_until};

const SECRET: &str = "a-secret-that-must-not-leak";

/// A project with one dead letter, and the console in a shell with these variables, its cursor on the dead letter.
fn console(receiver: &Receiver, variables: &str) -> (Project, Screen) {
    let url = receiver.url("/t0ken/path");
    let project = Project::new(&format!("webhooks:\n  - name: ops\n    url: {url}\n    secret: {SECRET}\n"));
    project.ok(&["emit", "agent.crashed", "-m", "boom", "--id", "evt-1"]);
    let mut screen = Screen::start_shell(&project, &format!("{variables} exec $HOOKTUI"), 120, 36);
    screen.wait_for("permanent: 422");
    screen.select_dead_letter();
    (project, screen)
}

fn refusing() -> Receiver {
    Receiver::scripted(|_| Answer::status(422))
}

/// What the terminal was last told to put on the clipboard.
fn clipboard(screen: &Screen) -> Option<String> {
    let bytes = screen.bytes();
    let start = b"\x1b]52;c;";
    let at = bytes.windows(start.len()).rposition(|window| window == start)? + start.len();
    let end = at + bytes[at..].iter().position(|byte| *byte == 0x07)?;
    Some(String::from_utf8(STANDARD.decode(&bytes[at..end]).unwrap()).unwrap())
}

#[test]
fn the_clipboard_gets_the_id_and_a_line_of_curl_that_is_nowhere_on_the_screen() {
    let receiver = refusing();
    let (project, mut screen) = console(&receiver, "");
    let id = project.json(&["deliveries"])[0]["id"].as_str().unwrap().to_owned();
    screen.press("y");
    screen.wait_for("Copy");
    screen.press("i");
    screen.wait_for("copied the id");
    wait_until("the id is on the clipboard", || clipboard(&screen).as_deref() == Some(&id));

    screen.press("y");
    screen.wait_for("curl");
    screen.press("c");
    screen.wait_for("copied a line of curl");
    let curl = wait_for("curl is on the clipboard", || clipboard(&screen).filter(|text| text.starts_with("curl ")));
    assert!(curl.contains(&receiver.url("/t0ken/path")) && curl.contains("X-NTM-Signature: sha256="), "{curl}");
    assert!(!curl.contains(SECRET) && !screen.text().contains("t0ken"));
}

#[test]
fn an_edited_copy_of_a_dead_letter_is_a_new_event_to_the_same_endpoint() {
    let receiver = refusing();
    let (project, mut screen) = console(&receiver, "EDITOR='sed -i s/boom/mended/'");
    receiver.script(|_| Answer::status(200));
    screen.press("e");
    screen.wait_for("Send the edited copy to ops?");
    screen.wait_for("mended");
    screen.press("y");
    screen.wait_for("sent to ops as evt-");
    let sent = receiver.wait_for(2);
    assert_eq!(sent[1].json()["message"], "mended");
    let id = sent[1].json()["id"].as_str().unwrap().to_owned();
    assert_ne!(id, "evt-1");
    assert_eq!(project.json(&["show", &id])["origin"], "evt-1");
    assert!(project.ok(&["log"]).contains(&format!("send an edited copy of evt-1 to ops as {id}")));
    assert_eq!(project.figure("dead_letter_count"), 1, "the dead letter stays");
}

#[test]
fn a_mistake_can_be_mended_and_nothing_changed_sends_nothing() {
    let receiver = refusing();
    // The first time it breaks the text, the second time it makes it as it was.
    let script =
        r#"EDITOR='sh -c "if grep -q oops \"\$0\"; then sed -i s/oops// \"\$0\"; else echo oops >> \"\$0\"; fi"'"#;
    let (project, mut screen) = console(&receiver, script);
    screen.press("e");
    screen.wait_for("It cannot be sent as it is");
    screen.press("y");
    screen.wait_for("nothing was changed");
    assert_eq!(receiver.count(), 1);
    screen.press("q");
    screen.wait_for("hooktui runs again");
    screen.press("y");
    assert!(screen.wait_for_end());
    screen.assert_restored();
    assert_eq!(project.temporary_files(), Vec::<std::ffi::OsString>::new());
}

#[test]
fn the_pager_has_the_terminal_and_gives_it_back() {
    let receiver = refusing();
    let (project, mut screen) = console(&receiver, "PAGER='sh -c \"cat > paged; read line < /dev/tty\"'");
    screen.press("b");
    let paged = project.root().join("paged");
    wait_until("the pager has the body", || {
        std::fs::read_to_string(&paged).is_ok_and(|text| text.contains("  \"message\": \"boom\""))
    });
    screen.assert_restored();
    screen.press("\r");
    screen.wait_for("4 Dead letters");
    screen.press("\r");
    screen.wait_for("agent.crashed → ops");
}

#[test]
fn ctrl_c_in_the_pager_is_the_pagers() {
    let receiver = refusing();
    let (project, mut screen) = console(&receiver, "PAGER='sh -c \"cat > paged; echo paged; read line < /dev/tty\"'");
    screen.press("b");
    screen.wait_for("paged");
    screen.assert_restored();
    screen.press("\x03");
    screen.wait_for("4 Dead letters");
    screen.press("\r");
    screen.wait_for("agent.crashed → ops");
    assert_eq!(project.dispatcher(), Some(screen.pid()), "it delivers on");
}
