//! Keeping secrets out of journal, log, screen and errors.

/// What stands where a secret was.
pub const MASK: &str = "••••••••";

/// Knows secrets of 8 or more characters and masks them wherever they turn up.
#[derive(Clone, Default)]
pub struct Scrubber {
    secrets: Vec<String>,
}

impl std::fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scrubber({} secrets)", self.secrets.len())
    }
}
