//! Headers of a request or an answer, as they are kept.

use std::borrow::Cow;

/// Headers in order, as the JSON array of `[name, value]` that the journal keeps: it is written once and never taken apart
/// on its way there. `[name]` alone stands for one whose value is the delivery's id: so the text is that of other deliveries
/// too, and is stored once for all of them.
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
        self.begin(name);
        self.0.push(',');
        self.text(value);
        self.0.push_str("]]");
    }

    /// Adds one whose value is the id of the delivery.
    pub fn push_delivery_id(&mut self, name: &str) {
        self.begin(name);
        self.0.push_str("]]");
    }

    fn begin(&mut self, name: &str) {
        self.0.pop();
        self.0.push_str(if self.0.is_empty() { "[[" } else { ",[" });
        self.text(name);
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

    /// Name and value of each, empty where it is the delivery's id that is left out.
    #[must_use]
    pub fn pairs(&self) -> Vec<(String, String)> {
        pairs(self.json(), "")
    }
}

/// Reads what [`Headers::json`] wrote for the delivery of this id.
pub(super) fn pairs(json: Option<&str>, delivery_id: &str) -> Vec<(String, String)> {
    let headers: Vec<Vec<String>> = json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let pair = |header: Vec<String>| {
        let mut parts = header.into_iter();
        Some((parts.next()?, parts.next().unwrap_or_else(|| delivery_id.to_owned())))
    };
    headers.into_iter().filter_map(pair).collect()
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

    #[test]
    fn the_id_of_the_delivery_is_left_out_and_read_again() {
        let headers = |id: &str| {
            let mut headers = Headers::default();
            headers.push("User-Agent", "hooktui");
            headers.push_delivery_id("X-NTM-Delivery-ID");
            headers.push("X-Empty", "");
            (pairs(headers.json(), id), headers)
        };
        let ((read, one), (_, other)) = (headers("evt_a"), headers("evt_b"));
        assert_eq!(one, other);
        let expected = [("User-Agent", "hooktui"), ("X-NTM-Delivery-ID", "evt_a"), ("X-Empty", "")];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    proptest! {
        #[test]
        fn what_is_pushed_is_read_again(pairs: Vec<(String, String)>) {
            let headers: Headers = pairs.clone().into_iter().collect();
            prop_assert_eq!(headers.pairs(), pairs);
        }
    }
}
