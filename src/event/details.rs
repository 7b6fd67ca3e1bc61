//! The details of an event: pairs of key and text, in key order.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Details, which know whether they were given at all: a template of NTM tells `{}` from none (`null`).
#[derive(Debug, Clone, Default)]
pub struct Details {
    map: BTreeMap<String, String>,
    /// They were given, though there may be none.
    given: bool,
}

impl Details {
    /// Details that were given, even if the map is empty.
    #[must_use]
    pub const fn given_as(map: BTreeMap<String, String>) -> Self {
        Self { map, given: true }
    }

    /// They were given, and there are none.
    #[must_use]
    pub fn given_empty(&self) -> bool {
        self.given && self.map.is_empty()
    }

    /// The map, unless no details were given.
    #[must_use]
    pub fn given(&self) -> Option<&BTreeMap<String, String>> {
        (self.given || !self.map.is_empty()).then_some(&self.map)
    }
}

impl Deref for Details {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.map
    }
}

impl DerefMut for Details {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.map
    }
}

/// An empty map counts as none given.
impl From<BTreeMap<String, String>> for Details {
    fn from(map: BTreeMap<String, String>) -> Self {
        Self { map, given: false }
    }
}

impl<const N: usize> From<[(String, String); N]> for Details {
    fn from(pairs: [(String, String); N]) -> Self {
        BTreeMap::from(pairs).into()
    }
}

impl FromIterator<(String, String)> for Details {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        BTreeMap::from_iter(pairs).into()
    }
}

impl Serialize for Details {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.map.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Details {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Option::<BTreeMap<String, String>>::deserialize(deserializer)?;
        Ok(map.map(Self::given_as).unwrap_or_default())
    }
}
