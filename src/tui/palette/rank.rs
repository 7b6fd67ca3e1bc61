//! What is typed against what there is: the name counts most, then its place and name together, then the sentence.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::{Command, Found, What};

/// Where the words were found; the first is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum In {
    Name,
    Place,
    Sentence,
}

/// Those that match, the best first; what cannot be done comes last. With nothing typed: what was done lately, then what
/// matters here.
pub fn best_first(commands: Vec<Command>, typed: &str, lately: &[What]) -> Vec<Found> {
    let mut search = Search::new(typed);
    let mut found = Vec::new();
    for (at, command) in commands.into_iter().enumerate() {
        let Some((place, score, lit)) = search.of(&command) else { continue };
        let rest = u32::MAX - score;
        let recent = lately.iter().position(|one| *one == command.what).unwrap_or(usize::MAX);
        found.push(((command.reason.is_some(), place, rest, recent, command.order, at), Found { command, lit }));
    }
    found.sort_by_key(|(key, _)| *key);
    found.into_iter().map(|(_, found)| found).collect()
}

struct Search {
    /// Letters in their order, others between them.
    loose: Pattern,
    /// Words as they are typed: scattered letters are found in every longer text.
    words: Pattern,
    matcher: Matcher,
    buffer: Vec<char>,
}

impl Search {
    fn new(typed: &str) -> Self {
        let pattern = |kind| Pattern::new(typed, CaseMatching::Ignore, Normalization::Smart, kind);
        Self {
            loose: pattern(AtomKind::Fuzzy),
            words: pattern(AtomKind::Substring),
            matcher: Matcher::new(Config::DEFAULT),
            buffer: Vec::new(),
        }
    }

    /// Where it is found, how well, and the characters of its name that were typed.
    fn of(&mut self, command: &Command) -> Option<(In, u32, Vec<u32>)> {
        let mut lit = Vec::new();
        let name = Utf32Str::new(&command.name, &mut self.buffer);
        if let Some(score) = self.loose.indices(name, &mut self.matcher, &mut lit) {
            lit.sort_unstable();
            lit.dedup();
            return Some((In::Name, score, lit));
        }
        let place = format!("{} {}", command.context, command.name);
        let sentence = format!("{place} {}", command.help);
        for (text, at) in [(&place, In::Place), (&sentence, In::Sentence)] {
            if let Some(score) = self.words.score(Utf32Str::new(text, &mut self.buffer), &mut self.matcher) {
                return Some((at, score, Vec::new()));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(at: usize, name: &str, help: &str, reason: Option<&str>) -> Command {
        Command {
            what: What::Theme(at),
            name: name.to_owned(),
            context: "dead letters".to_owned(),
            keys: String::new(),
            help: help.to_owned(),
            reason: reason.map(str::to_owned),
            order: 10,
        }
    }

    fn all() -> Vec<Command> {
        vec![
            command(0, "reset", "Close the circuit", None),
            command(1, "retry", "Try again", None),
            command(2, "retry all", "Try all again", None),
            command(3, "trip", "Open the circuit", Some("it is open")),
            command(4, "clear", "Put away", None),
        ]
    }

    fn names(typed: &str, lately: &[What]) -> Vec<String> {
        best_first(all(), typed, lately).into_iter().map(|found| found.command.name).collect()
    }

    #[test]
    fn the_best_comes_first_and_what_cannot_be_done_last() {
        for (typed, expected) in [
            ("retry", &["retry", "retry all"][..]),
            ("RETRY A", &["retry all", "retry"]),
            ("rt", &["retry", "retry all", "reset"]),
            ("tr", &["retry", "retry all", "trip"]),
            ("circuit", &["reset", "trip"]),
            ("dead clear", &["clear"]),
            ("xyzzy", &[]),
            // Signs that mean something to other searches mean themselves.
            ("^retry$", &[]),
        ] {
            assert_eq!(names(typed, &[]), expected, "{typed}");
        }
    }

    #[test]
    fn with_nothing_typed_what_was_done_lately_comes_first() {
        assert_eq!(names("", &[What::Theme(4), What::Theme(3)]), ["clear", "reset", "retry", "retry all", "trip"]);
        assert_eq!(names("", &[What::Theme(2), What::Theme(1)]), ["retry all", "retry", "reset", "clear", "trip"]);
    }

    #[test]
    fn the_letters_that_were_typed_are_lit() {
        let lit = |typed: &str| best_first(all(), typed, &[]).remove(0).lit;
        assert_eq!(lit("ret"), [0, 1, 2]);
        assert_eq!(lit("re al"), [0, 1, 6, 7]);
        assert_eq!(lit("circuit"), [0; 0]);
    }
}
