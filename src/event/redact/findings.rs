//! What was found and where, in words. The text itself is never in them.

use std::fmt;

/// So many findings are told, the others counted.
const TOLD: usize = 5;
/// Longest place that is told, in characters.
const LONGEST_PLACE: usize = 80;

/// The findings of one event. Displays as `GITHUB_TOKEN in message, PASSWORD in details.cmd and 2 more`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// Category and place.
    told: Vec<(String, String)>,
    untold: u64,
}

impl Findings {
    /// Whether nothing was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Notes what was found at one place, each category once.
    pub(super) fn note<'c>(&mut self, categories: impl Iterator<Item = &'c str>, place: impl Fn() -> String) {
        let mut noted: Vec<&str> = Vec::new();
        for category in categories {
            if noted.contains(&category) {
                continue;
            }
            noted.push(category);
            if self.told.len() < TOLD {
                self.told.push((category.to_owned(), shortened(&place())));
            } else {
                self.untold += 1;
            }
        }
    }
}

fn shortened(place: &str) -> String {
    match place.char_indices().nth(LONGEST_PLACE) {
        Some((end, _)) => format!("{}…", place.get(..end).unwrap_or_default()),
        None => place.to_owned(),
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (category, place)) in self.told.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(f, "{comma}{category} in {place}")?;
        }
        if self.untold > 0 {
            write!(f, " and {} more", self.untold)?;
        }
        Ok(())
    }
}
