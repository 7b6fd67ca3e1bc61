//! Globs with the meaning of Go's `path.Match`: `*` and `?` do not match `/`, `[a-z]` and `[^a-z]` are classes, `\` takes
//! the next character as it is.

/// A pattern that `path.Match` refuses, told in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bad glob: {0}")]
pub struct BadGlob(&'static str);

#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// Any run of characters other than `/`.
    Star,
    /// One character other than `/`.
    Any,
    /// This character.
    Char(char),
    /// One character in one of the ranges, or in none of them.
    Class { negated: bool, ranges: Vec<(char, char)> },
}

/// A parsed pattern.
#[derive(Debug, PartialEq, Eq)]
pub struct Glob(Vec<Token>);

impl Glob {
    /// Parses a pattern.
    ///
    /// # Errors
    /// [`BadGlob`], where Go says `syntax error in pattern`.
    pub fn parse(pattern: &str) -> Result<Self, BadGlob> {
        let mut chars = pattern.chars();
        let mut tokens = Vec::new();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '*' => Token::Star,
                '?' => Token::Any,
                '\\' => Token::Char(chars.next().ok_or(BadGlob("nothing follows the last `\\`"))?),
                '[' => parse_class(&mut chars)?,
                other => Token::Char(other),
            });
        }
        Ok(Self(tokens))
    }

    /// Whether the whole name matches. As in Go, what stands between two stars takes the first place where it fits and
    /// is not tried further right.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let (mut token, mut at) = (0, 0);
        // Where to go on when the tokens after the newest star do not fit: that star takes one more character.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let fits = match (self.0.get(token), name.get(at)) {
                (None, None) => return true,
                (Some(Token::Star), _) => {
                    retry = Some((token + 1, at));
                    token += 1;
                    continue;
                }
                (Some(one), Some(&c)) => one.takes(c),
                _ => false,
            };
            if fits {
                token += 1;
                at += 1;
                continue;
            }
            match retry {
                Some((after, from)) if name.get(from).is_some_and(|&c| c != '/') => {
                    retry = Some((after, from + 1));
                    (token, at) = (after, from + 1);
                }
                _ => return false,
            }
        }
    }
}

impl Token {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Star => false,
            Self::Any => c != '/',
            Self::Char(own) => *own == c,
            Self::Class { negated, ranges } => ranges.iter().any(|&(low, high)| (low..=high).contains(&c)) != *negated,
        }
    }
}

/// What follows a `[`, through its `]`.
fn parse_class(chars: &mut std::str::Chars<'_>) -> Result<Token, BadGlob> {
    let negated = chars.as_str().starts_with('^');
    if negated {
        chars.next();
    }
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && chars.as_str().starts_with(']') {
            chars.next();
            return Ok(Token::Class { negated, ranges });
        }
        let low = class_char(chars)?;
        let high = if chars.as_str().starts_with('-') {
            chars.next();
            class_char(chars)?
        } else {
            low
        };
        ranges.push((low, high));
    }
}

fn class_char(chars: &mut std::str::Chars<'_>) -> Result<char, BadGlob> {
    const OPEN: BadGlob = BadGlob("a `[` is not closed");
    match chars.next().ok_or(OPEN)? {
        '-' | ']' => Err(BadGlob("`-` or `]` stands where a character of a `[...]` class should; put `\\` before it")),
        '\\' => chars.next().ok_or(OPEN),
        c => Ok(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows of the table in Go's own `path/match_test.go`, by what they show.
    #[test]
    fn matches_as_path_match_does() {
        for (pattern, name, matched) in [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*c", "abc", true),
            ("a*", "a", true),
            ("a*", "ab/c", false),
            ("a*/b", "abc/b", true),
            ("a*/b", "a/c/b", false),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", false),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("ab[c]", "abc", true),
            ("ab[b-d]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("ab[^c]", "abc", false),
            ("ab[^e-g]", "abc", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "ab", false),
            ("a?b", "a☺b", true),
            ("a[^a]b", "a☺b", true),
            ("a???b", "a☺b", false),
            ("[a-ζ]*", "α", true),
            ("*[a-ζ]", "A", false),
            ("a?b", "a/b", false),
            ("a*b", "a/b", false),
            ("[\\]a]", "]", true),
            ("[x\\-]", "-", true),
            ("[x\\-]", "z", false),
            ("*x", "xxx", true),
            ("*[^x]*b", "aa/b", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(Glob::parse(pattern).unwrap().matches(name), matched, "{pattern} {name}");
        }
    }

    #[test]
    fn refuses_what_path_match_refuses() {
        for pattern in ["[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[", "[^", "[^bc", "a[", "\\", "a[\\", "[]", "[^]"] {
            assert!(Glob::parse(pattern).is_err(), "{pattern}");
        }
    }

    fn oracle(pattern: &[char], name: &[char]) -> bool {
        match (pattern.split_first(), name.split_first()) {
            (None, _) => name.is_empty(),
            (Some(('*', rest)), first) => {
                oracle(rest, name) || first.is_some_and(|(c, others)| *c != '/' && oracle(pattern, others))
            }
            (Some(('?', rest)), Some((c, others))) => *c != '/' && oracle(rest, others),
            (Some((p, rest)), Some((c, others))) => p == c && oracle(rest, others),
            (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_backtracking_matcher(pattern in "[ab/*?]{0,8}", name in "[ab/]{0,8}") {
            let (plain, chars): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
            prop_assert_eq!(Glob::parse(&pattern).unwrap().matches(&name), oracle(&plain, &chars));
        }

        #[test]
        fn no_pattern_makes_it_panic(pattern in "[-a^*?\\[\\]\\\\/]{0,12}", name in "\\PC{0,12}") {
            let _ = Glob::parse(&pattern).map(|glob| glob.matches(&name));
        }
    }
}
