//! `hooktui demo` as a program.

mod support;

use std::ffi::OsString;

use support::project::{Project, both};
use support::wait_until;

#[test]
fn every_kind_of_trouble_is_seen_and_nothing_is_left_behind() {
    let project = Project::empty();
    let demo = project.start_unseen(&["demo"]);
    for sign in ["✓ 200", "502", "503", "422"] {
        wait_until(&format!("an attempt that ends with {sign}"), || demo.printed().contains(sign));
    }
    assert_eq!(project.temporary_files().len(), 1);
    assert_eq!(demo.stop().code(), Some(0));
    assert_eq!(project.temporary_files(), Vec::<OsString>::new());
    assert_eq!(std::fs::read_dir(project.root()).unwrap().count(), 0, "it left something where it was called");
}

#[test]
fn it_ends_by_itself_where_that_is_asked_for() {
    let project = Project::empty();
    let output = project.run(&["demo", "--seconds", "1"]);
    assert_eq!(output.status.code(), Some(0), "{}", both(&output));
    assert_eq!(project.temporary_files(), Vec::<OsString>::new());
}
