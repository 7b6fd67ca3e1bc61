use super::*;
use crate::config::{Env, load};

#[test]
fn the_demos_own_file_has_no_problem() {
    let directory = tempfile::tempdir().unwrap();
    let project = Project::at(directory.path());
    let cast = receivers::Cast::bind().unwrap();
    std::fs::write(&project.file, cast.file()).unwrap();
    let loaded = load(&project, &Env::Fixed([].into()));
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.config.map(|config| config.endpoints.len()), Some(5));
}

#[test]
fn what_it_set_up_is_gone_with_the_stage() {
    let stage = Stage::set().unwrap();
    let directory = stage.root.parent().unwrap().to_owned();
    assert!(stage.root.join(".ntm.yaml").exists());
    drop(stage);
    assert!(!directory.exists());
}
