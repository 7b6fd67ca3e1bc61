//! The README promises only what is there, and the architecture page maps the house as it stands.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there and then")]

mod support;

use std::collections::BTreeSet;

use support::project::{Project, both, repository};

fn readme() -> String {
    std::fs::read_to_string(repository("README.md")).unwrap()
}

/// What stands between `<!-- name -->` and `<!-- /name -->`.
fn section<'a>(text: &'a str, name: &str) -> &'a str {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    text.split_once(&open).and_then(|(_, rest)| rest.split_once(&close)).map(|(inside, _)| inside).unwrap()
}

/// The blocks of a language: what stands between its fences.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split_once("```").unwrap().0).collect()
}

/// The commands that `hooktui --help` lists.
fn commands() -> BTreeSet<String> {
    let help = Project::empty().ok(&["--help"]);
    let list = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    list.lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("    "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|name| name != "help")
        .collect()
}

/// Words in backquotes in the first column of the table of commands: `` `hooktui deliveries`, `events` ``.
fn commands_of_the_table(readme: &str) -> BTreeSet<String> {
    let table = readme.split_once("## Commands\n").unwrap().1.split_once("\n\n`--json`").unwrap().0;
    let cells = table.lines().skip(3).filter_map(|row| row.split('|').nth(1));
    let quoted = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    quoted
        .filter_map(|one| one.strip_prefix("hooktui").unwrap_or(one).split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_table_of_commands_is_complete_and_promises_no_other() {
    assert_eq!(commands_of_the_table(&readme()), commands());
}

#[test]
fn every_command_line_of_the_readme_names_a_command() {
    let (readme, commands) = (readme(), commands());
    for block in blocks(&readme, "sh") {
        for line in block.lines().filter(|line| line.starts_with("hooktui ")) {
            let name = line.split_whitespace().nth(1).unwrap();
            assert!(name == "#" || commands.contains(name), "{line}");
        }
    }
}

#[test]
fn the_table_of_keys_is_the_one_that_the_console_obeys() {
    let shown = Project::empty().ok(&["keys", "--default"]);
    let readme = readme();
    let written = section(&readme, "keys").trim();
    assert_eq!(written, shown.trim(), "paste the output of `hooktui keys --default` between the markers in README.md");
}

#[test]
fn every_file_of_the_readme_passes_check() {
    let readme = readme();
    let files = blocks(&readme, "yaml");
    assert!(!files.is_empty());
    for yaml in files {
        let project = Project::new(yaml);
        let mut command = project.command(["check", "--json"]);
        for (name, _) in yaml.split("${").skip(1).filter_map(|rest| rest.split_once('}')) {
            command.env(name, format!("https://hooks.example.com/{name}"));
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}\n{yaml}", both(&output));
        // Nothing in it that NTM would refuse either.
        let checked: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(checked["problems"], serde_json::json!([]), "{yaml}");
    }
}

#[test]
fn every_personal_file_of_the_readme_is_good() {
    let readme = readme();
    let files = blocks(&readme, "yml");
    assert!(!files.is_empty());
    for yaml in files {
        let project = Project::empty();
        std::fs::write(project.root().join("mine.yaml"), yaml).unwrap();
        let output = project.command(["keys"]).env("HOOKTUI_CONFIG", "mine.yaml").output().unwrap();
        assert!(output.status.success(), "{}\n{yaml}", both(&output));
    }
}

#[test]
fn the_test_command_of_the_readme_is_there_for_ci_to_call() {
    let readme = readme();
    assert_eq!(blocks(section(&readme, "tests"), "sh"), ["cargo test\n"]);
}

#[test]
fn the_architecture_page_maps_every_room() {
    let page = std::fs::read_to_string(repository("src/lib.rs")).unwrap();
    for entry in std::fs::read_dir(repository("src")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let room = if entry.path().is_dir() { format!("//!   {name}/ ") } else { continue };
        assert!(page.contains(&room), "src/lib.rs has no line for src/{name}/");
        assert!(page.contains(&format!("pub mod {name};")), "src/{name}/ is no module of the crate");
    }
}

#[test]
fn what_the_architecture_page_tells_to_read_is_there() {
    let page = std::fs::read_to_string(repository("src/lib.rs")).unwrap();
    let paths = page.lines().filter(|line| line.starts_with("//!")).flat_map(|line| line.split('`').skip(1).step_by(2));
    let paths = paths.filter(|one| one.contains('/') && !one.contains(' '));
    for path in paths {
        assert!(repository(path).exists() || repository("src").join(path).exists(), "{path} is not there");
    }
}
