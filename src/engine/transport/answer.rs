//! What is kept of an answer.

/// So much of an answer's headers is kept, names and values together.
const KEPT_HEADERS: usize = 8 * 1024;

/// An answer's headers in their order, in one text: they are many and small.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    text: String,
    /// Where in it each name ends, and the value behind it.
    ends: Vec<(usize, usize)>,
    /// One was too long to be kept, and so none is that came after it.
    is_full: bool,
}

impl Fields {
    /// None, with room for so many usual ones.
    #[must_use]
    pub fn with_capacity(headers: usize) -> Self {
        Self { text: String::with_capacity(headers * 32), ends: Vec::with_capacity(headers), is_full: false }
    }

    /// Adds one, its name in lower case.
    pub fn push(&mut self, name: &str, value: &[u8]) {
        let from = self.text.len();
        let value = String::from_utf8_lossy(value);
        self.is_full |= from + name.len() + value.len() > KEPT_HEADERS;
        if self.is_full {
            return;
        }
        self.text.push_str(name);
        self.text.get_mut(from..).unwrap_or_default().make_ascii_lowercase();
        self.text.push_str(&value);
        self.ends.push((from + name.len(), self.text.len()));
    }

    /// Name and value of each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut from = 0;
        self.ends.iter().map(move |&(name, value)| {
            let begin = std::mem::replace(&mut from, value);
            (self.text.get(begin..name).unwrap_or_default(), self.text.get(name..value).unwrap_or_default())
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
    fn from_the_first_that_is_too_long_none_is_kept() {
        let long = "v".repeat(KEPT_HEADERS);
        let fields: Fields = [("x-one", "1"), ("x-long", &long), ("x-two", "2")].into_iter().collect();
        assert_eq!(fields.iter().collect::<Vec<_>>(), [("x-one", "1")]);
    }
}
