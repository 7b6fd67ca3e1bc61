//! Which key does what for this person: the table of [`keys`](super::keys), with what their own file says laid over it.
//!
//! Whatever listens to keys or shows them goes by this: router, footer, help, palette, `hooktui keys`.

mod spell;
mod wishes;

use std::fmt::Write as _;

use crate::present::next::Keys;

use super::keys::{Binding, Context, Key, contexts};
use super::panes::{self, PaneId};

pub use spell::parse;
pub use wishes::settle;

/// A binding and the keys that do it.
#[derive(Debug, Clone)]
pub struct Bound {
    /// What is done.
    pub binding: &'static Binding,
    /// Keys that do it, the one to show first; none: the palette only.
    pub keys: Vec<Key>,
}

/// Every context's bindings with their keys.
#[derive(Debug, Clone)]
pub struct Keymap {
    tables: Vec<(Context, Vec<Bound>)>,
}

impl Default for Keymap {
    /// As built in.
    fn default() -> Self {
        let bound = |binding: &'static Binding| Bound { binding, keys: binding.keys.to_vec() };
        let table = |context: Context| (context, context.bindings().iter().map(bound).collect());
        Self { tables: contexts().map(table).collect() }
    }
}

impl Bound {
    /// Its keys, as help and docs show them.
    #[must_use]
    pub fn shown_keys(&self) -> String {
        shown(&self.keys)
    }
}

/// Keys one after the other.
fn shown(keys: &[Key]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

impl Keymap {
    /// Every context that has bindings, in the order of help and docs.
    pub fn contexts(&self) -> impl Iterator<Item = (Context, &[Bound])> {
        self.tables.iter().map(|(context, table)| (*context, table.as_slice()))
    }

    /// The bindings of one context.
    #[must_use]
    pub fn of(&self, context: Context) -> &[Bound] {
        self.tables.iter().find(|(one, _)| *one == context).map(|(_, table)| table.as_slice()).unwrap_or_default()
    }

    /// The key that a sentence names for an action; without one, the palette's way to it.
    #[must_use]
    pub fn told(&self, context: Context, action: &str) -> String {
        let bound = self.of(context).iter().find(|bound| bound.binding.name() == action);
        bound.and_then(|bound| bound.keys.first()).map_or_else(|| format!(":{action}"), ToString::to_string)
    }

    /// The keys that sentences name.
    #[must_use]
    pub fn named(&self) -> Keys {
        let here = |action| self.told(Context::Inspector, action);
        let endpoints = |action| self.told(Context::Pane(PaneId::Endpoints), action);
        Keys {
            send: here("send again"),
            cancel: here("cancel"),
            pause: endpoints("pause"),
            pause_all: endpoints("pause all"),
            reset: endpoints("reset"),
            edit_file: endpoints("edit"),
        }
    }

    /// The binding that answers to the key: in the first context that knows it.
    #[must_use]
    pub fn find(&self, contexts: &[Context], key: Key) -> Option<&'static Binding> {
        let mut tables = contexts.iter().map(|context| self.of(*context));
        tables.find_map(|table| table.iter().find(|bound| bound.keys.contains(&key))).map(|bound| bound.binding)
    }

    /// Keys that reach the binding while these contexts listen: what an inner context takes does not.
    #[must_use]
    pub fn reaching(&self, contexts: &[Context], context: Context, bound: &Bound) -> Vec<Key> {
        let inner = contexts.iter().take_while(|one| **one != context);
        let taken: Vec<Key> = inner.flat_map(|one| self.of(*one)).flat_map(|one| one.keys.iter().copied()).collect();
        bound.keys.iter().copied().filter(|key| !taken.contains(key)).collect()
    }

    /// The table as Markdown, for `hooktui keys` and the README.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = String::from("| where | action | key | what it does |\n|---|---|---|---|\n");
        for (context, table) in self.contexts() {
            for bound in table {
                let keys = match bound.keys.as_slice() {
                    [] => "palette".to_owned(),
                    keys => keys.iter().map(|key| cell(*key)).collect::<Vec<_>>().join(" "),
                };
                let _ = writeln!(
                    out,
                    "| {} | {} | {keys} | {} |",
                    context.title(),
                    bound.binding.name(),
                    bound.binding.help
                );
            }
        }
        out
    }
}

/// A key in a cell of a Markdown table.
fn cell(key: Key) -> String {
    match key.to_string().as_str() {
        "|" => r"`\|`".to_owned(),
        "`" => "`` ` ``".to_owned(),
        key => format!("`{key}`"),
    }
}

/// Contexts that listen at the same time, the innermost first: every such set that there can be.
#[must_use]
pub fn stacks() -> Vec<Vec<Context>> {
    let pane = |pane: &&panes::Pane| {
        let list = pane.is_list.then_some(Context::List);
        [Context::Pane(pane.id)].into_iter().chain(list).chain([Context::Everywhere]).collect()
    };
    let over = [Context::Inspector, Context::Welcome].map(|context| vec![context, Context::Everywhere]);
    let alone = [Context::Dialog, Context::Help, Context::Palette, Context::Search, Context::Copy, Context::Filter]
        .map(|context| vec![context]);
    panes::ALL.iter().map(pane).chain(over).chain(alone).collect()
}

#[cfg(test)]
mod tests;
