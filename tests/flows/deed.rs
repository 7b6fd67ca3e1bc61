//! Doing what the key table names, so that it proves something: the screen must show that the key means this action here, and
//! what the action is for must not be there before and be there after.

use hooktui::tui::keymap::{self, Bound, Keymap};
use hooktui::tui::keys::{Context, Key};

use crate::sight::{Sight, inner, selects};
use crate::stage::Console;

impl Console {
    /// Does an action of the key table by its key, by the palette where it has none, and waits until this can be seen.
    ///
    /// `every.rs` reads these calls: context and action are written out.
    #[track_caller]
    pub fn does(&self, context: &str, action: &str, sight: Sight<'_>) -> &Self {
        let keymap = Keymap::default();
        let found = keymap.contexts().find_map(|(one, table)| {
            let bound = table.iter().find(|bound| bound.binding.name() == action)?;
            (one.title() == context).then_some((one, bound))
        });
        let (of, bound) = found.unwrap_or_else(|| panic!("{context} has no action {action}: see `hooktui keys`"));
        let way = || way(&keymap, &self.screen(), of, bound);
        self.awaits(Sight::new(format!("{action} of {context} can be done here"), |_| way().is_some()));
        assert!(!sight.holds(self), "before {action}: {sight}; it proves nothing\n{}", self.screen());
        match way() {
            Some(Way::Key(key)) => self.press(&key.to_string()),
            Some(Way::Palette) => {
                self.press(":").sees("type what you want to do").types(action).awaits(selects(action)).press("Enter")
            }
            None => panic!("the screen has changed by itself:\n{}", self.screen()),
        };
        self.awaits(sight)
    }
}

/// How an action is done.
enum Way {
    Key(Key),
    Palette,
}

/// How the action is done while this is on the screen; none: its context does not listen, or others take all its keys.
fn way(keymap: &Keymap, screen: &str, context: Context, bound: &Bound) -> Option<Way> {
    let inner = inner(screen)?;
    let stack = keymap::stacks().into_iter().find(|stack| stack.first().is_some_and(|one| one.title() == inner))?;
    if bound.keys.is_empty() {
        return stack.contains(&context).then_some(Way::Palette);
    }
    let is_its_own = |key: &&Key| keymap.find(&stack, **key).is_some_and(|one| std::ptr::eq(one, bound.binding));
    bound.keys.iter().find(is_its_own).copied().map(Way::Key)
}
