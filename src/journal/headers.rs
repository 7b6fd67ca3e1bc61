//! Headers of a request or an answer, as they are kept.

use std::borrow::Cow;

/// Headers in order, as the JSON array of `[name, value]` that the journal keeps: it is written once and never taken apart
/// on its way there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(String);

impl Headers {
    /// None, with room for a request's usual ones.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// Adds one.
    pub fn push(&mut self, name: &str, value: &str) {
        self.0.pop();
        self.0.push_str(if self.0.is_empty() { "[[" } else { ",[" });
        self.text(name);
        self.0.push(',');
        self.text(value);
        self.0.push_str("]]");
    }

    fn text(&mut self, text: &str) {
        // Without a way out at the first that is not plain: so it takes many bytes at once.
        let plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
        if text.bytes().fold(true, |all, byte| all & plain(byte)) {
            self.0.push('"');
            self.0.push_str(text);
            self.0.push('"');
        } else {
            self.0.push_str(&serde_json::Value::from(text).to_string());
        }
    }

    /// As JSON; none where there are none.
    #[must_use]
    pub fn json(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|json| !json.is_empty())
    }

    /// Passes the JSON through a mask, which must leave it JSON.
    #[must_use]
    pub fn masked(self, mask: impl FnOnce(&str) -> Cow<'_, str>) -> Self {
        if let Cow::Owned(masked) = mask(&self.0) {
            return Self(masked);
        }
        self
    }

    /// Name and value of each.
    #[must_use]
    pub fn pairs(&self) -> Vec<(String, String)> {
        pairs(self.json())
    }
}

/// Reads what [`Headers::json`] wrote.
pub(super) fn pairs(json: Option<&str>) -> Vec<(String, String)> {
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

impl FromIterator<(String, String)> for Headers {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut headers = Self::default();
        for (name, value) in pairs {
            headers.push(&name, &value);
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_headers_are_nothing() {
        assert_eq!((Headers::default().json(), Headers::default().pairs()), (None, Vec::new()));
    }

    proptest! {
        #[test]
        fn what_is_pushed_is_read_again(pairs: Vec<(String, String)>) {
            let headers: Headers = pairs.clone().into_iter().collect();
            prop_assert_eq!(headers.pairs(), pairs);
        }
    }
}
