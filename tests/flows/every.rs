//! No action of the console without a flow: the calls of `does` in these files and the key table name the same actions.
//!
//! Whether a flow does what it names is seen to by `does` itself (`deed.rs`).

use std::collections::BTreeSet;
use std::path::Path;

use hooktui::tui::keymap::Keymap;
use syn::visit::{self, Visit};

use crate::support::project::repository;

/// What no flow can do, and the test that does it: context, action, file, function.
const ELSEWHERE: &[[&str; 4]] = &[
    // It stops the whole process: here that would be all the tests.
    ["everywhere", "suspend", "tests/pty/main.rs", "ctrl_z_gives_terminal_and_lock_back_and_fg_takes_both_again"],
];

type Action = (String, String);

#[test]
fn every_action_of_the_key_table_has_a_flow_that_shows_what_it_does() {
    let keymap = Keymap::default();
    let titled = keymap.contexts().map(|(context, table)| (context.title(), table));
    let table: BTreeSet<Action> = titled
        .flat_map(|(title, table)| table.iter().map(move |bound| (title.clone(), bound.binding.name().to_owned())))
        .collect();
    let elsewhere: BTreeSet<Action> =
        ELSEWHERE.iter().map(|[context, action, ..]| ((*context).to_owned(), (*action).to_owned())).collect();
    let flows = flows();
    assert!(flows.len() > 100, "only {} actions were found: the flows are looked for in the wrong place", flows.len());
    let has: BTreeSet<Action> = flows.union(&elsewhere).cloned().collect();
    let missing: Vec<_> = table.difference(&has).collect();
    assert!(missing.is_empty(), "actions of `hooktui keys` without a flow that `does` them: {missing:#?}");
    let stale: Vec<_> = has.difference(&table).collect();
    assert!(stale.is_empty(), "no actions of `hooktui keys`: {stale:#?}");
    let twice: Vec<_> = flows.intersection(&elsewhere).collect();
    assert!(twice.is_empty(), "flows do what is said to be done elsewhere: {twice:?}");
}

#[test]
fn what_no_flow_can_do_is_tested_elsewhere() {
    for [_, action, file, test] in ELSEWHERE {
        let source = std::fs::read_to_string(repository(file)).unwrap();
        assert!(source.contains(&format!("#[test]\nfn {test}(")), "{action}: {file} has no test {test}");
    }
}

#[test]
fn a_call_that_names_no_action_is_told() {
    let source =
        "fn f(c: &Console, what: &str) { c.sees(\"x\").does(\"lists\", \"down\", s); g(|| c.does(\"a\", what, s)); }";
    let calls = calls("flows/x.rs", source);
    assert_eq!(calls.found, BTreeSet::from([("lists".to_owned(), "down".to_owned())]));
    assert_eq!(calls.vague, 1);
}

/// What the flows do. Each of their files must be a module: else nobody runs it.
fn flows() -> BTreeSet<Action> {
    let folder = repository("tests/flows");
    let main = std::fs::read_to_string(folder.join("main.rs")).unwrap();
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let source = std::fs::read_to_string(&path).unwrap();
        assert!(name == "main" || main.contains(&format!("\nmod {name};\n")), "{name} is no module of the flows");
        let calls = calls(&path, &source);
        assert_eq!(calls.vague, 0, "{name}: `does` takes context and action as they are written");
        found.extend(calls.found);
    }
    found
}

#[derive(Default)]
struct Calls {
    found: BTreeSet<Action>,
    vague: usize,
}

fn calls(path: impl AsRef<Path>, source: &str) -> Calls {
    let file = syn::parse_file(source).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()));
    let mut calls = Calls::default();
    calls.visit_file(&file);
    calls
}

impl<'ast> Visit<'ast> for Calls {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let text = |at: usize| match call.args.get(at) {
            Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) => Some(text.value()),
            _ => None,
        };
        if call.method == "does" {
            match text(0).zip(text(1)) {
                Some(action) => self.found.extend([action]),
                None => self.vague += 1,
            }
        }
        visit::visit_expr_method_call(self, call);
    }
}
