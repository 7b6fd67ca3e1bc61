//! `hooktui keys`: the table, and what is wrong with the person's own file.

use crate::support::project::Project;

/// A project whose user has this file.
fn with_taste(yaml: &str) -> Project {
    let project = Project::empty();
    let folder = project.root().parent().unwrap().join("home/hooktui");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("config.yaml"), yaml).unwrap();
    project
}

#[test]
fn without_a_file_the_table_is_the_built_in_one_and_nothing_is_created() {
    let project = Project::empty();
    assert_eq!(project.ok(&["keys"]), project.ok(&["keys", "--default"]));
    assert!(!project.root().parent().unwrap().join("home/hooktui").exists());
}

#[test]
fn every_problem_of_the_file_is_told_and_the_table_all_the_same() {
    let project = with_taste("mouse: maybe\nalert: {}\n");
    let output = project.run(&["keys"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("config.yaml:1:8: mouse: must be true or false, found `maybe`"), "{told}");
    assert!(told.contains("config.yaml:2:1: alert: unknown key `alert`; did you mean `alerts`?"), "{told}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), project.ok(&["keys", "--default"]));
}
