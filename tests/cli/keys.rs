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
fn the_table_is_the_persons_own_and_programs_can_read_it() {
    let project = with_taste("keys: {dead letters: {retry: [F5, é]}}\n");
    let rows = project.json(&["keys"]);
    let retry =
        rows.as_array().unwrap().iter().find(|row| row["context"] == "dead letters" && row["action"] == "retry");
    assert_eq!(retry.unwrap()["keys"], serde_json::json!(["F5", "é"]));
    assert!(project.ok(&["keys"]).contains("| dead letters | retry | `F5` `é` | "));
    assert!(project.ok(&["keys", "--default"]).contains("| dead letters | retry | `r` | "));
}

#[test]
fn every_problem_of_the_file_is_told_and_the_table_all_the_same() {
    let project = with_taste("mouse: maybe\nalert: {}\ntheme: drak\n");
    let output = project.run(&["keys"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("config.yaml:1:8: mouse: must be true or false, found `maybe`"), "{told}");
    assert!(told.contains("config.yaml:2:1: alert: unknown key `alert`; did you mean `alerts`?"), "{told}");
    assert!(told.contains("config.yaml:3:8: theme: there is no such theme"), "{told}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), project.ok(&["keys", "--default"]));
}
