//! The headers of an answer.

/// So much of an answer's headers is kept, names and values together.
const KEPT_HEADERS: usize = 8 * 1024;

/// An answer's headers in their order, in one text: they are many and small. How long they may be together is bounded where
/// they are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    text: String,
    /// Where in it each name ends, and the value behind it.
    ends: Vec<(usize, usize)>,
}

impl Fields {
    /// None, with room for so many usual ones.
    #[must_use]
    pub fn with_capacity(headers: usize) -> Self {
        Self { text: String::with_capacity(headers * 32), ends: Vec::with_capacity(headers) }
    }

    /// Adds one, its name in lower case.
    pub fn push(&mut self, name: &str, value: &[u8]) {
        let from = self.text.len();
        self.text.push_str(name);
        self.text.get_mut(from..).unwrap_or_default().make_ascii_lowercase();
        let name = self.text.len();
        self.text.push_str(&String::from_utf8_lossy(value));
        self.ends.push((name, self.text.len()));
    }

    /// Name and value of each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut from = 0;
        self.ends.iter().map(move |&(name, value)| {
            let begin = std::mem::replace(&mut from, value);
            (self.text.get(begin..name).unwrap_or_default(), self.text.get(name..value).unwrap_or_default())
        })
    }

    /// Those that are kept: each that still fits beside those before it.
    pub fn kept(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut room = KEPT_HEADERS;
        self.iter().filter(move |(name, value)| {
            let left = room.checked_sub(name.len() + value.len());
            room = left.unwrap_or(room);
            left.is_some()
        })
    }

    /// The value of the first of this name, which is in lower case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Fields {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let mut fields = Self::default();
        for (name, value) in pairs {
            fields.push(name, value.as_bytes());
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again_in_its_order() {
        let mut fields = Fields::with_capacity(2);
        fields.push("X-One", b"a: b");
        fields.push("x-two", b"\xff");
        fields.push("x-empty", b"");
        fields.push("x-one", b"again");
        let all: Vec<_> = fields.iter().collect();
        assert_eq!(all, [("x-one", "a: b"), ("x-two", "\u{fffd}"), ("x-empty", ""), ("x-one", "again")]);
        assert_eq!((fields.get("x-one"), fields.get("x")), (Some("a: b"), None));
    }

    #[test]
    fn what_does_not_fit_is_not_kept_and_hides_nothing() {
        let (long, nearly) = ("v".repeat(KEPT_HEADERS), "v".repeat(KEPT_HEADERS - 19));
        let pairs = [("x-one", "1"), ("x-long", &*long), ("x-two", &*nearly), ("x-three", "33"), ("x-four", "4")];
        let fields: Fields = pairs.into_iter().collect();
        let kept: Vec<_> = fields.kept().map(|(name, _)| name).collect();
        assert_eq!(kept, ["x-one", "x-two", "x-four"]);
        assert_eq!(fields.get("x-three"), Some("33"), "it is there all the same");
    }
}
