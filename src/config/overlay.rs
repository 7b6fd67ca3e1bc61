//! The entries of `webhooks:` and of `hooktui.webhooks` become one list. An entry of ours with the name of one of NTM's
//! overlays it: maps merge, anything else replaces. Others are endpoints of their own.

use std::collections::BTreeMap;

use super::node::{Entry, Node, Value};
use super::report::Report;

/// One entry of the merged list.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) node: Node,
    pub(super) standing: Standing,
}

/// What becomes of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    InForce,
    /// A later entry has the same name: this one is checked, then left out.
    Superseded,
    /// So has a later overlay. Alone this one lacks what the entry below gives it: only its secrets are known.
    Unread,
}

/// Merges the two lists, in file order: NTM's, then those that are only ours.
pub(super) fn merge(ntm: Vec<Node>, ours: Vec<Node>, report: &mut Report<'_>) -> Vec<Merged> {
    let mut merged = supersede(ntm, report);
    let in_force = merged.iter().enumerate().filter(|(_, entry)| entry.standing == Standing::InForce);
    let by_name: BTreeMap<String, usize> =
        in_force.filter_map(|(index, entry)| Some((name_of(&entry.node)?, index))).collect();
    for Merged { node, standing } in supersede(ours, report) {
        let base = name_of(&node).and_then(|name| by_name.get(&name)).and_then(|&index| merged.get_mut(index));
        match base {
            Some(base) if standing == Standing::InForce => lay_over(&mut base.node, node),
            Some(_) => merged.push(Merged { node, standing: Standing::Unread }),
            None => merged.push(Merged { node, standing }),
        }
    }
    merged
}

/// Finds names that are given twice in one list: the last one wins, as in NTM.
fn supersede(nodes: Vec<Node>, report: &mut Report<'_>) -> Vec<Merged> {
    let names: Vec<Option<String>> = nodes.iter().map(name_of).collect();
    let mut entries: Vec<Merged> = Vec::with_capacity(nodes.len());
    // From the end, so that a set of the names seen is enough.
    let mut seen = BTreeMap::new();
    for (node, name) in nodes.into_iter().zip(names).rev() {
        let line = name.as_ref().and_then(|name| seen.get(name).copied());
        if let Some(line) = line {
            let name_place = node.get("name").unwrap_or(&node).place.clone();
            report.warn(
                &name_place,
                format!("the name is given again on line {line}, and the last entry wins; rename or remove this one"),
            );
        } else if let Some(name) = name {
            seen.insert(name, node.place.line);
        }
        let standing = if line.is_some() { Standing::Superseded } else { Standing::InForce };
        entries.push(Merged { node, standing });
    }
    entries.reverse();
    entries
}

/// An entry's name as NTM compares it: trimmed, in lower case. None where it has none.
fn name_of(node: &Node) -> Option<String> {
    let scalar = node.get("name")?.scalar()?;
    let name = scalar.text.trim().to_lowercase();
    Some(name).filter(|name| !name.is_empty())
}

fn lay_over(base: &mut Node, overlay: Node) {
    let (Value::Map(base), Value::Map(overlay)) = (&mut base.value, overlay.value) else { return };
    for entry in overlay {
        lay_entry_over(base, entry);
    }
}

fn lay_entry_over(base: &mut Vec<Entry>, entry: Entry) {
    match base.iter_mut().find(|old| old.key == entry.key) {
        // The name is what they have in common; NTM's spelling of it stays.
        Some(_) if entry.key == "name" => {}
        Some(old) if is_map(&old.node) && is_map(&entry.node) => lay_over(&mut old.node, entry.node),
        Some(old) => *old = entry,
        None => base.push(entry),
    }
}

const fn is_map(node: &Node) -> bool {
    matches!(node.value, Value::Map(_))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::yaml;
    use super::*;

    fn list(text: &str) -> Vec<Node> {
        match yaml::parse(text).unwrap().map(|node| node.value) {
            Some(Value::List(items)) => items,
            _ => Vec::new(),
        }
    }

    fn flow(node: &Node) -> String {
        match &node.value {
            Value::Scalar(scalar) => scalar.text.clone(),
            Value::List(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(",")),
            Value::Map(entries) => {
                let entries: Vec<_> = entries.iter().map(|e| format!("{}:{}", e.key, flow(&e.node))).collect();
                format!("{{{}}}", entries.join(","))
            }
        }
    }

    fn merged(ntm: &str, ours: &str) -> Vec<String> {
        let mut report = Report::new(Path::new("x"));
        merge(list(ntm), list(ours), &mut report)
            .iter()
            .map(|entry| format!("{} {:?}", flow(&entry.node), entry.standing))
            .collect()
    }

    #[test]
    fn maps_merge_and_lists_and_scalars_replace() {
        for (ntm, ours, expected) in [
            ("[{name: a, url: u}]", "[{name: ' A ', id: x}]", vec!["{name:a,url:u,id:x}"]),
            (
                "[{name: a, retry: {max_attempts: 3, backoff: exponential}}]",
                "[{name: a, retry: {max_attempts: 9, base_delay: 1s}}]",
                vec!["{name:a,retry:{max_attempts:9,backoff:exponential,base_delay:1s}}"],
            ),
            ("[{name: a, events: [x, y]}]", "[{name: a, events: [z]}]", vec!["{name:a,events:[z]}"]),
            ("[{name: a, filter: {session: s}}]", "[{name: a, filter: }]", vec!["{name:a,filter:}"]),
            ("[{name: a}]", "[{name: b}]", vec!["{name:a}", "{name:b}"]),
            ("[]", "[{name: b}]", vec!["{name:b}"]),
            ("[{url: u}]", "[{id: x}]", vec!["{url:u}", "{id:x}"]),
            ("[a]", "[b]", vec!["a", "b"]),
        ] {
            let expected: Vec<_> = expected.iter().map(|entry| format!("{entry} InForce")).collect();
            assert_eq!(merged(ntm, ours), expected, "{ntm} + {ours}");
        }
    }

    #[test]
    fn the_last_of_one_name_wins_in_each_list() {
        assert_eq!(
            merged("[{name: a, url: 1}, {name: b}, {name: ' A', url: 2}]", "[{name: a, id: x}, {name: a, id: y}]"),
            ["{name:a,url:1} Superseded", "{name:b} InForce", "{name: A,url:2,id:y} InForce", "{name:a,id:x} Unread"]
        );
        assert_eq!(merged("[]", "[{name: a, id: x}, {name: a}]"), ["{name:a,id:x} Superseded", "{name:a} InForce"]);
    }
}
