//! The house keeps its arrows: every module imports leftwards only, and each outside crate has the one room that may
//! name it. The rules are told in `src/lib.rs`; here they are enforced, and so is the enforcing.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails there and then")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// From left to right: a room may use itself and what stands before it. `cli` and `tui` are both at the end.
const ROOMS: [&str; 9] = ["event", "wire", "config", "journal", "engine", "source", "present", "tui", "cli"];

/// Outside crates that one place only may name. `reqwest` is what the transport is measured against, so it must not be what
/// the transport is made of.
const CRATES: [(&str, &[&str]); 8] = [
    ("rusqlite", &["src/journal/"]),
    ("hyper", &["src/engine/transport"]),
    ("hyper_util", &["src/engine/transport"]),
    ("httparse", &["src/engine/transport", "src/cli/bench/receiver.rs"]),
    ("reqwest", &["src/cli/bench/raw"]),
    ("serde_yaml", &["src/config/yaml"]),
    ("ratatui", &["src/tui/"]),
    ("crossterm", &["src/tui/"]),
];

/// The one file that may switch off what guards memory; `Cargo.toml` denies it to all.
const UNSAFE: &str = "src/journal/wal_file.rs";

/// The one place of the console that writes to the terminal.
const TERMINAL: &str = "src/tui/term";

/// Names whose use in the console means writing to the terminal.
const WRITERS: [&str; 8] = ["stdout", "stderr", "execute", "queue", "print", "println", "eprint", "eprintln"];

#[test]
fn every_import_goes_leftwards() {
    let sources = sources();
    assert!(sources.len() > 40, "the walk found {} files: it looks in the wrong place", sources.len());
    let wrong: Vec<_> = sources.iter().flat_map(|(path, text)| violations(path, text)).collect();
    assert!(wrong.is_empty(), "imports against the arrows of src/lib.rs:\n{}", wrong.join("\n"));
}

#[test]
fn unsafe_code_has_one_place() {
    let with: Vec<_> = sources().into_iter().filter(|(_, text)| lets_unsafe_in(text)).map(|(path, _)| path).collect();
    assert_eq!(with, [UNSAFE]);
    assert!(
        lets_unsafe_in("#[allow(unsafe_code)] fn f() {}") && !lets_unsafe_in("/// No `unsafe_code` here.\nfn f() {}")
    );
}

/// Whether a source lifts the lint that forbids unsafe code.
fn lets_unsafe_in(text: &str) -> bool {
    struct Lifts(bool);
    impl<'ast> Visit<'ast> for Lifts {
        fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
            let is_doc = attribute.path().is_ident("doc");
            self.0 |= !is_doc && tokens_of(&attribute.meta).contains("unsafe_code");
        }
    }
    let mut lifts = Lifts(false);
    lifts.visit_file(&syn::parse_file(text).unwrap());
    lifts.0
}

/// The tokens of an attribute.
fn tokens_of(meta: &syn::Meta) -> String {
    match meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        _ => String::new(),
    }
}

#[test]
fn every_room_of_the_crate_has_its_place_among_the_arrows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in std::fs::read_dir(root).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.trim_end_matches(".rs");
        assert!(ROOMS.contains(&module) || matches!(module, "lib" | "main"), "src/{name} is no room of the house");
    }
}

#[test]
fn the_checker_sees_what_is_forbidden() {
    for (path, source, expected) in [
        ("src/event/id.rs", "use crate::wire::Format;", "event -> wire"),
        ("src/event/id.rs", "use crate::{event::State, journal::Journal};", "event -> journal"),
        ("src/engine/lane.rs", "fn f() { crate::present::figures::count(1u64); }", "engine -> present"),
        ("src/engine/lane.rs", "fn f() -> crate::cli::Exit { todo!() }", "engine -> cli"),
        ("src/wire/format/slack.rs", "use super::super::super::config::Config;", "wire -> config"),
        ("src/wire/mod.rs", "use super::config;", "wire -> config"),
        ("src/tui/mod.rs", "use crate::cli::Args;", "tui -> cli"),
        ("src/journal/mod.rs", "fn f() { assert!(crate::engine::ready()); }", "journal -> engine"),
        ("src/main.rs", "fn main() { hooktui::engine::start(); }", "main -> engine"),
        ("src/engine/mod.rs", "use rusqlite::Connection;", "rusqlite"),
        ("src/engine/lane.rs", "fn f(e: hyper::Error) {}", "hyper"),
        ("src/cli/bench/raw.rs", "use hyper_util::rt::TokioIo;", "hyper_util"),
        ("src/engine/classify.rs", "fn f(e: httparse::Error) {}", "httparse"),
        ("src/engine/transport.rs", "fn f(e: reqwest::Error) {}", "reqwest"),
        ("src/cli/bench/rates.rs", "use reqwest::Client;", "reqwest"),
        ("src/engine/lane.rs", "fn f() { println!(\"{}\", ratatui::VERSION); }", "ratatui"),
        ("src/config/load.rs", "use serde_yaml as yaml;", "serde_yaml"),
        ("src/journal/mod.rs", "use ::crossterm::event::Event;", "crossterm"),
        ("src/tui/panes/queue.rs", "fn f() { std::io::stdout().flush(); }", "terminal"),
        ("src/tui/panes/queue.rs", "use std::io::{Write, stdout};", "terminal"),
        ("src/tui/panes/queue.rs", "fn f() { crossterm::execute!(x, y); }", "terminal"),
        ("src/tui/panes/queue.rs", "fn f() { eprintln!(\"x\"); }", "terminal"),
    ] {
        let found = violations(path, source);
        assert!(found.iter().any(|one| one.contains(expected)), "{path}: {source}\nfound only {found:?}");
    }
}

#[test]
fn the_checker_lets_pass_what_is_allowed() {
    for (path, source) in [
        ("src/wire/mod.rs", "use crate::event::Event; use super::event; use super::wire::Target;"),
        (
            "src/wire/format/slack.rs",
            "use super::Format; use super::super::mask; use super::super::super::event::Event;",
        ),
        ("src/cli/mod.rs", "use crate::{tui, engine::Engine}; fn f() { println!(\"x\"); }"),
        ("src/tui/mod.rs", "use crate::{present, journal, engine}; use ratatui::Frame;"),
        ("src/tui/term.rs", "fn f() { crossterm::execute!(std::io::stdout(), x); }"),
        ("src/journal/mod.rs", "use rusqlite::Connection; mod engine {} fn f(engine: u8) {}"),
        ("src/engine/transport/http2.rs", "use hyper::client::conn::http2;"),
        ("src/cli/bench/raw.rs", "use reqwest::Client;"),
        ("src/config/yaml/read.rs", "use serde_yaml::from_str;"),
        ("src/main.rs", "fn main() -> ExitCode { hooktui::cli::main() }"),
        ("src/event/id.rs", "#[cfg(test)] mod tests { use crate::journal::Journal; }"),
        ("src/event/id.rs", "#[cfg(test)] use crate::journal::Journal;"),
        ("src/event/id.rs", "/// As [`crate::journal::Journal`] says: crate::journal.\nfn f() {}"),
    ] {
        assert_eq!(violations(path, source), Vec::<String>::new(), "{path}: {source}");
    }
}

/// Every source of the crate but those that only tests compile: relative path and text.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join("src"), &mut files);
    let texts: Vec<_> = files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            (file.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), text)
        })
        .collect();
    let test_only: BTreeSet<String> = texts.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    texts
        .into_iter()
        .filter(|(path, _)| {
            let module = path.trim_end_matches(".rs").trim_end_matches("/mod");
            !test_only.iter().any(|one| module == one || module.starts_with(&format!("{one}/")))
        })
        .collect()
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The modules in files of their own that `#[cfg(test)] mod name;` declares: `src/wire/tests`.
fn test_modules(path: &str, text: &str) -> Vec<String> {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
    file.items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Mod(module) if module.content.is_none() && for_tests(&module.attrs) => {
                Some(format!("src/{}", [module_of(path), vec![module.ident.to_string()]].concat().join("/")))
            }
            _ => None,
        })
        .collect()
}

fn for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// `src/wire/format/mod.rs` -> `wire`, `format`; `src/lib.rs` -> nothing.
fn module_of(path: &str) -> Vec<String> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let path = path.trim_end_matches("/mod");
    if matches!(path, "lib" | "main") { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// What a source uses against the rules.
fn violations(path: &str, text: &str) -> Vec<String> {
    let mut names = Names { module: module_of(path), paths: BTreeSet::new() };
    names.visit_file(&syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}")));
    names.paths.iter().filter_map(|used| violation(path, used)).map(|what| format!("{path}: {what}")).collect()
}

fn violation(path: &str, used: &[String]) -> Option<String> {
    let shown = used.join("::");
    let first = used.first()?.as_str();
    let at_home = |homes: &[&str]| homes.iter().any(|home| path.starts_with(home));
    if let Some((name, homes)) = CRATES.iter().find(|(name, homes)| *name == first && !at_home(homes)) {
        return Some(format!("{shown}: only {} names {name}", homes.join(" and ")));
    }
    if path.starts_with("src/tui/") && !path.starts_with(TERMINAL) && writes_to_terminal(used) {
        return Some(format!("{shown}: only {TERMINAL} writes to the terminal"));
    }
    let room = used.get(1).filter(|_| matches!(first, "crate" | "hooktui"))?;
    let to = ROOMS.iter().position(|one| one == room)?;
    if path == "src/main.rs" {
        return (room != "cli").then(|| format!("main -> {room}: the binary knows the command line only"));
    }
    let module = module_of(path);
    let from_room = module.first()?;
    let from = ROOMS.iter().position(|one| one == from_room)?;
    (to > from).then(|| format!("{from_room} -> {room}: {shown}"))
}

fn writes_to_terminal(used: &[String]) -> bool {
    let last = used.last().map(String::as_str).unwrap_or_default();
    // `queue` and `execute` are plain words too: only as crossterm's macros do they write.
    let is_plain_word = matches!(last, "queue" | "execute") && !used.iter().any(|one| one == "crossterm");
    WRITERS.contains(&last) && !is_plain_word && matches!(used.first().map(String::as_str), Some("std" | "crossterm"))
}

/// Collects every path that a file names, imports and expressions alike, from the crate's root on.
struct Names {
    module: Vec<String>,
    paths: BTreeSet<Vec<String>>,
}

impl Names {
    fn add(&mut self, segments: Vec<String>) {
        let resolved = match segments.first().map(String::as_str) {
            Some("super" | "self") => self.absolute(&segments),
            _ => segments,
        };
        self.paths.insert(resolved);
    }

    /// `super::super::x` as `crate::..::x`. Modules inside of a file are taken for the file's own, which at worst climbs
    /// one step too many, out of the room: a false alarm, never a missed one.
    fn absolute(&self, segments: &[String]) -> Vec<String> {
        let climbs = segments.iter().take_while(|one| *one == "super").count();
        let kept = self.module.len().saturating_sub(climbs);
        let rest = segments.iter().skip_while(|one| matches!(one.as_str(), "super" | "self"));
        ["crate".to_owned()].iter().chain(self.module.iter().take(kept)).chain(rest).cloned().collect()
    }

    fn add_tree(&mut self, mut prefix: Vec<String>, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.add_tree(prefix, &path.tree);
            }
            syn::UseTree::Group(group) => {
                for one in &group.items {
                    self.add_tree(prefix.clone(), one);
                }
            }
            syn::UseTree::Name(syn::UseName { ident }) | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                prefix.push(ident.to_string());
                self.add(prefix);
            }
            syn::UseTree::Glob(_) => self.add(prefix),
        }
    }

    /// The arguments of a macro are tokens, not syntax: whatever in them looks like a path counts as one.
    fn add_tokens(&mut self, tokens: &str) {
        let joined = tokens.replace(" :: ", "::").replace(":: ", "::");
        let names = joined.split(|one: char| !(one.is_alphanumeric() || one == '_' || one == ':'));
        for path in names.filter(|one| one.contains("::")) {
            self.add(path.trim_start_matches(':').split("::").map(str::to_owned).collect());
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Mod(one) => &one.attrs,
            syn::Item::Use(one) => &one.attrs,
            syn::Item::Fn(one) => &one.attrs,
            syn::Item::Impl(one) => &one.attrs,
            syn::Item::Struct(one) => &one.attrs,
            syn::Item::Enum(one) => &one.attrs,
            syn::Item::Const(one) => &one.attrs,
            syn::Item::Static(one) => &one.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_tree(Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(path.segments.iter().map(|one| one.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        // The prelude's own macros have no path to tell them by.
        let mut name: Vec<_> = call.path.segments.iter().map(|one| one.ident.to_string()).collect();
        if name.len() == 1 && name.first().is_some_and(|one| WRITERS.contains(&one.as_str())) {
            name.insert(0, "std".to_owned());
        }
        self.add(name);
        self.add_tokens(&call.tokens.to_string());
    }
}
