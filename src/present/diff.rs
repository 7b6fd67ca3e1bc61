//! What is different between two texts, in a few lines: for people who look, not for programs that patch.

/// Lines that stand around nothing that changed are not shown; of what changed, so many lines on either side are.
const SHOWN: usize = 4;

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Only the one before has it.
    Gone(String),
    /// Only the one after has it.
    New(String),
    /// So many lines more on both sides together.
    More(usize),
}

/// The lines in which `after` differs from `before`, what both begin and end with left out. Empty: they are the same.
#[must_use]
pub fn lines(before: &[String], after: &[String]) -> Vec<Change> {
    let head = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let rest = before.len().min(after.len()) - head;
    let tail = before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(one, other)| one == other).count();
    let middle = |all: &[String]| all.get(head..all.len() - tail).unwrap_or_default().to_vec();
    let (gone, new) = pair(&middle(before), &middle(after));
    let left_out = gone.len().saturating_sub(SHOWN) + new.len().saturating_sub(SHOWN);
    let gone = gone.into_iter().take(SHOWN).map(Change::Gone);
    let mut changes: Vec<Change> = gone.chain(new.into_iter().take(SHOWN).map(Change::New)).collect();
    if left_out > 0 {
        changes.push(Change::More(left_out));
    }
    changes
}

/// Where as many lines went as came, those that stayed as they were among them are left out.
fn pair(gone: &[String], new: &[String]) -> (Vec<String>, Vec<String>) {
    if gone.len() != new.len() {
        return (gone.to_vec(), new.to_vec());
    }
    gone.iter().zip(new).filter(|(one, other)| one != other).map(|(one, other)| (one.clone(), other.clone())).unzip()
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gone(line) => write!(f, "- {line}"),
            Self::New(line) => write!(f, "+ {line}"),
            Self::More(count) => write!(f, "and {count} lines more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str) -> Vec<String> {
        let lines_of =
            |text: &str| text.split(' ').filter(|one| !one.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        lines(&lines_of(before), &lines_of(after)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_the_same_on_both_ends_is_left_out() {
        for (before, after, said) in [
            ("a b c", "a b c", &[][..]),
            ("a b c", "a x c", &["- b", "+ x"]),
            ("a b c d", "a x c y", &["- b", "- d", "+ x", "+ y"]),
            ("a c", "a b c", &["+ b"]),
            ("a a", "a", &["- a"]),
            ("", "a", &["+ a"]),
            ("1 2 3 4 5 6", "", &["- 1", "- 2", "- 3", "- 4", "and 2 lines more"]),
        ] {
            assert_eq!(shown(before, after), said, "{before} | {after}");
        }
    }

    proptest::proptest! {
        #[test]
        fn only_equal_texts_have_no_difference(before in "[ab ]{0,12}", after in "[ab ]{0,12}") {
            let split = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
            let same = split(&before) == split(&after);
            proptest::prop_assert_eq!(lines(&split(&before), &split(&after)).is_empty(), same);
        }
    }
}
