//! `hooktui bench` as a program: what it prints, and that it leaves nothing behind. Never how fast anything is.

use std::net::TcpStream;

use serde_json::Value;

use super::parts;
use super::support::project::Project;
use super::support::{wait_for, wait_until};

/// The smallest bench: everything that it does, as little of it as can be.
const TINY: [&str; 5] = ["bench", "--events", "20", "--rounds", "2"];

/// Names that the bench left in the directory in which it ran.
fn left_behind(project: &Project) -> Vec<String> {
    let entries = std::fs::read_dir(project.root()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn json_has_the_machine_and_every_row_with_the_figures_of_each_round() {
    let project = Project::empty();
    let bench = project.json(&TINY);
    assert!(bench["machine"]["cores"].as_u64() > Some(0), "{bench}");
    assert_eq!(bench["rounds"], 2);
    let rows = bench["rows"].as_array().unwrap();
    for word in [
        "raw",
        "batches",
        "emitters",
        "drain",
        "backlog",
        "fanout",
        "accept",
        "durability",
        "slow",
        "latency",
        "cpu",
        "memory",
        "start",
        "burst",
        "idle",
        "neighbours",
    ] {
        assert!(rows.iter().any(|row| row["row"] == word), "no row {word}");
    }
    for row in rows {
        let figure = |name: &str| row[name].as_f64();
        // Memory and idleness are only known where there is a /proc.
        let told_by_the_system = ["memory", "idle"].iter().any(|word| row["row"] == *word);
        if told_by_the_system && !std::path::Path::new("/proc/self/status").exists() {
            continue;
        }
        // Idleness takes its time: it is watched once.
        let rounds = if row["row"] == "idle" { 1 } else { 2 };
        assert_eq!(row["values"].as_array().map(Vec::len), Some(rounds), "{row}");
        assert!(figure("min") <= figure("median") && figure("median") <= figure("max"), "{row}");
        assert_eq!(row["bar"].is_null(), row["met"].is_null(), "{row}");
        if !row["comparison"].is_null() {
            assert_eq!(row["comparison"]["values"].as_array().map(Vec::len), Some(2), "{row}");
        }
    }
    let dropped = rows.iter().find(|row| row["what"].as_str().unwrap().ends_with("dropped")).unwrap();
    assert_eq!((&dropped["median"], &dropped["met"]), (&Value::from(0.0), &Value::from(true)));
    assert_eq!(left_behind(&project), Vec::<String>::new());
}

#[test]
fn only_some_rows_are_a_table_of_these() {
    let project = Project::empty();
    let (code, table, progress) = parts(&project.run(&[&TINY[..], &["--quick", "--only", "drain,accept"]].concat()));
    assert_eq!(code, 0, "{progress}");
    let drain = table.lines().find(|line| line.starts_with("draining what waits")).unwrap();
    assert!(drain.contains(">= 0.85 x") && (drain.ends_with("met") || drain.ends_with("missed")), "{drain}");
    assert!(table.contains("one at a time") && !table.contains("fan-out") && !table.contains("idle"), "{table}");
    assert!(table.contains("2 rounds") && table.contains("core"), "{table}");
    assert!(!table.contains('\x1b') && progress.contains("round 2 of 2: draining"), "{progress}");
}

#[test]
fn wrong_usage_is_told_with_the_cure() {
    let project = Project::empty();
    for (arguments, cure) in [
        (&["bench", "--only", "speed"][..], "neighbours"),
        (&["bench", "--rounds", "0"], "--rounds"),
        (&["bench", "--dir", "nowhere"], "choose another --dir"),
    ] {
        let (code, _, told) = parts(&project.run(arguments));
        assert_eq!(code, 2, "{arguments:?}: {told}");
        assert!(told.contains(cure), "{arguments:?}: {told}");
    }
}

/// The port of the sink of a bench that runs here, from the file of one of its projects.
fn sink_port(project: &Project) -> u16 {
    wait_for("a project of the bench", || {
        let bench = left_behind(project).into_iter().find(|name| name.starts_with(".hooktui-bench-"))?;
        let projects = std::fs::read_dir(project.root().join(bench)).ok()?;
        let mut files = projects.filter_map(|one| std::fs::read_to_string(one.ok()?.path().join(".ntm.yaml")).ok());
        files.find_map(|file| file.split_once("127.0.0.1:")?.1.split('/').next()?.parse().ok())
    })
}

#[test]
fn a_signal_ends_it_and_everything_it_made_is_removed() {
    let project = Project::empty();
    let bench = project.start_unseen(&["bench", "--quick", "--only", "backlog"]);
    let port = sink_port(&project);
    assert_eq!(bench.stop().code(), Some(1));
    assert_eq!(left_behind(&project), Vec::<String>::new());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "the sink still listens");
}

#[test]
fn the_sink_ends_with_the_bench_even_if_that_is_killed() {
    let project = Project::empty();
    let bench = project.start_unseen(&["bench", "--quick", "--only", "backlog"]);
    let port = sink_port(&project);
    bench.kill();
    wait_until("the sink ends", || TcpStream::connect(("127.0.0.1", port)).is_err());
}
