//! `keys:` of the person's own file, laid over the built-in table: what cannot be is told with its line, and left as it was.

use crossterm::event::KeyCode;

use crate::config::personal::{Personal, Wish, Word};
use crate::config::{Problem, nearest};

use super::super::keys::{Context, Key};
use super::{Bound, Keymap, parse, shown, stacks};

/// A wish that could be understood.
struct Change<'p> {
    wish: &'p Wish,
    context: Context,
    /// Which binding of the context.
    at: usize,
    keys: Vec<Key>,
}

/// A key that cannot be: the change to take back, the key, and why.
struct Conflict {
    change: usize,
    key: Key,
    why: String,
}

/// What must keep a key, besides what leads out of somewhere. `y` and `n` answer every question that protects something.
const VITAL: &[(Context, &str)] = &[(Context::Everywhere, "quit"), (Context::Dialog, "yes"), (Context::Palette, "run")];
/// Where what is typed is text.
const TEXT: &[Context] = &[Context::Palette, Context::Search, Context::Filter];
/// What `Esc` and `Ctrl-c` may do: they lead out wherever they are pressed.
const WAYS_OUT: &[&str] = &["quit", "no", "close", "back"];

/// The table to the person's taste. What cannot be becomes a problem of it.
pub fn settle(taste: &mut Personal) -> Keymap {
    let (keymap, problems) = resolve(taste);
    taste.problems.extend(problems);
    taste.problems.sort_by_key(|problem| (problem.line, problem.column));
    keymap
}

fn resolve(taste: &Personal) -> (Keymap, Vec<Problem>) {
    let built_in = Keymap::default();
    let mut problems = Vec::new();
    let mut changes: Vec<Change<'_>> = Vec::new();
    for wish in &taste.keys {
        match understand(wish, &built_in, taste) {
            Ok(change) => changes.push(change),
            Err(problem) => problems.push(problem),
        }
    }
    // Taken together, for two actions may swap their keys. Each round takes one change back: the built-in table is sound.
    loop {
        let keymap = applied(&built_in, &changes);
        let Some(conflict) = conflict(&keymap, &built_in, &changes) else { return (keymap, problems) };
        let change = changes.remove(conflict.change);
        problems.push(told(&change, &conflict, &built_in, taste));
    }
}

fn understand<'p>(wish: &'p Wish, built_in: &Keymap, taste: &Personal) -> Result<Change<'p>, Problem> {
    let context = context(&wish.context, built_in).map_err(|text| taste.problem(&wish.context, text))?;
    let at = action(&wish.action, context, built_in).map_err(|text| taste.problem(&wish.action, text))?;
    let bound = &built_in.of(context)[at];
    let left = |text: String| format!("{text}; {}", left_as_it_was(bound));
    let mut keys = Vec::new();
    for word in &wish.keys {
        let wrong = |text| taste.problem(word, left(format!("`{}` {text}", shown_word(word))));
        let key = parse(&word.text).map_err(wrong)?;
        if let Some(why) = refused(context, bound, key) {
            return Err(wrong(why));
        }
        if keys.contains(&key) {
            return Err(wrong("stands here twice".to_owned()));
        }
        keys.push(key);
    }
    if keys.is_empty() && is_vital(context, bound) {
        return Err(taste.problem(&wish.action, left(format!("{} must keep a key", bound.binding.name()))));
    }
    Ok(Change { wish, context, at, keys })
}

/// Names in any letter case; `dead_letters` and `dead-letters` are the dead letters.
fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace(['_', '-'], " ")
}

fn context(word: &Word, built_in: &Keymap) -> Result<Context, String> {
    let titles: Vec<(Context, String)> = built_in.contexts().map(|(context, _)| (context, context.title())).collect();
    let asked = plain(&word.text);
    if let Some((context, _)) = titles.iter().find(|(_, title)| *title == asked) {
        return Ok(*context);
    }
    let names = || titles.iter().map(|(_, title)| title.as_str());
    let cure = match nearest(&asked, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known: {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(format!("there is no place `{}` with keys; {cure}", shown_word(word)))
}

fn action(word: &Word, context: Context, built_in: &Keymap) -> Result<usize, String> {
    let asked = plain(&word.text);
    let table = built_in.of(context);
    if let Some(at) = table.iter().position(|bound| bound.binding.name() == asked) {
        return Ok(at);
    }
    let elsewhere = built_in.contexts().find(|(_, table)| table.iter().any(|bound| bound.binding.name() == asked));
    let cure = match (elsewhere, nearest(&asked, table.iter().map(|bound| bound.binding.name()))) {
        (Some((elsewhere, _)), _) => format!("it is one of {}", elsewhere.title()),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => "`hooktui keys` lists them".to_owned(),
    };
    Err(format!("{} has no action `{}`; {cure}", context.title(), shown_word(word)))
}

/// Without a key for it one would be caught somewhere.
fn is_vital(context: Context, bound: &Bound) -> bool {
    let leads_out = context != Context::Everywhere && bound.keys.contains(&Key::named(KeyCode::Esc));
    leads_out || VITAL.contains(&(context, bound.binding.name()))
}

/// Why the key must not do this, whatever else it does.
fn refused(context: Context, bound: &Bound, key: Key) -> Option<String> {
    let name = bound.binding.name();
    let leads_out = [Key::named(KeyCode::Esc), Key::ctrl('c')].contains(&key);
    if leads_out && !WAYS_OUT.contains(&name) && !bound.keys.contains(&key) {
        return Some("leads out wherever it is pressed, and does nothing else".to_owned());
    }
    if key == Key::named(KeyCode::Esc) && name == "quit" {
        return Some("leads back, and never out of the console".to_owned());
    }
    let enter = key == Key::named(KeyCode::Enter);
    if enter && (bound.binding.danger || (context == Context::Dialog && name == "yes")) {
        return Some("never does what takes something away or says yes to it".to_owned());
    }
    if TEXT.contains(&context) && key.typed().is_some() {
        return Some("is text there".to_owned());
    }
    if context == Context::Dialog && key.typed().is_some_and(|one| one.is_ascii_digit()) {
        return Some("is typed into the number that a question may ask for".to_owned());
    }
    None
}

fn applied(built_in: &Keymap, changes: &[Change<'_>]) -> Keymap {
    let mut keymap = built_in.clone();
    for change in changes {
        let table = keymap.tables.iter_mut().find(|(context, _)| *context == change.context);
        if let Some(bound) = table.and_then(|(_, table)| table.get_mut(change.at)) {
            bound.keys.clone_from(&change.keys);
        }
    }
    keymap
}

fn conflict(keymap: &Keymap, built_in: &Keymap, changes: &[Change<'_>]) -> Option<Conflict> {
    twice(keymap, changes).or_else(|| out_of_reach(keymap, built_in, changes))
}

/// The change of this binding, if it is one.
fn changed(changes: &[Change<'_>], context: Context, at: usize) -> Option<usize> {
    changes.iter().rposition(|change| change.context == context && change.at == at)
}

/// A key that means two things in one context. The later of two wishes gives way.
fn twice(keymap: &Keymap, changes: &[Change<'_>]) -> Option<Conflict> {
    for (context, table) in keymap.contexts() {
        for (first, one) in table.iter().enumerate() {
            for (second, other) in table.iter().enumerate().skip(first + 1) {
                let Some(key) = one.keys.iter().find(|key| other.keys.contains(key)) else { continue };
                let by = [first, second].map(|at| changed(changes, context, at));
                let change = by.into_iter().flatten().max()?;
                let stays = if by[0] == Some(change) { other } else { one };
                let why = format!("is {} of {} already", stays.binding.name(), context.title());
                return Some(Conflict { change, key: *key, why });
            }
        }
    }
    None
}

/// An action that has keys, and none that reaches it while some inner context listens too, though it was within reach in
/// the built-in table.
fn out_of_reach(keymap: &Keymap, built_in: &Keymap, changes: &[Change<'_>]) -> Option<Conflict> {
    stacks().iter().find_map(|stack| {
        stack.iter().find_map(|context| {
            let table = keymap.of(*context).iter().zip(built_in.of(*context)).enumerate();
            let mut lost = table.filter(|(_, (now, before))| {
                let was_reached = before.keys.is_empty() || !built_in.reaching(stack, *context, before).is_empty();
                was_reached && !now.keys.is_empty() && keymap.reaching(stack, *context, now).is_empty()
            });
            lost.find_map(|(at, _)| blame(keymap, changes, stack, *context, at))
        })
    })
}

/// Which wish hid this binding: its own new keys, or the new key of an inner one. Of several the latest gives way.
fn blame(keymap: &Keymap, changes: &[Change<'_>], stack: &[Context], context: Context, at: usize) -> Option<Conflict> {
    let lost = &keymap.of(context)[at];
    let name = lost.binding.name();
    let mut conflicts = Vec::new();
    for key in &lost.keys {
        let hiding = stack.iter().take_while(|inner| **inner != context).find_map(|inner| {
            let at = keymap.of(*inner).iter().position(|one| one.keys.contains(key))?;
            Some((*inner, at))
        });
        let Some((inner, hider)) = hiding else { continue };
        let hider_name = keymap.of(inner)[hider].binding.name();
        let own = format!("is {hider_name} in {}, so nothing would reach {name} there", inner.title());
        let other = format!("would hide {name} of {}, which no other key reaches then", context.title());
        for (change, why) in [(changed(changes, context, at), own), (changed(changes, inner, hider), other)] {
            conflicts.extend(change.map(|change| Conflict { change, key: *key, why }));
        }
    }
    conflicts.into_iter().rev().max_by_key(|conflict| conflict.change)
}

fn told(change: &Change<'_>, conflict: &Conflict, built_in: &Keymap, taste: &Personal) -> Problem {
    let Conflict { key, why, .. } = conflict;
    let at = change.keys.iter().position(|one| one == key);
    let word = at.and_then(|at| change.wish.keys.get(at)).unwrap_or(&change.wish.action);
    let bound = &built_in.of(change.context)[change.at];
    taste.problem(word, format!("`{key}` {why}; {}", left_as_it_was(bound)))
}

fn left_as_it_was(bound: &Bound) -> String {
    let name = bound.binding.name();
    if bound.keys.is_empty() {
        format!("{name} stays without a key")
    } else {
        format!("{name} stays on {}", shown(&bound.keys))
    }
}

/// A word of the file as it may be shown: not long, on one line.
fn shown_word(word: &Word) -> String {
    crate::present::escape::line(&word.text).chars().take(40).collect()
}
