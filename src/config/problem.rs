//! What is wrong with a file: where, what, and the cure.

use std::path::PathBuf;

/// How grave a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; the file is good.
    Warning,
    /// One endpoint cannot run here (a variable is not set); the file is good.
    Missing,
    /// The file is not valid.
    Error,
}

/// One problem. Displays as `file:line:column: path: what, and the cure`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How grave.
    pub severity: Severity,
    /// Which file.
    pub file: PathBuf,
    /// From 1; 0: the file as a whole.
    pub line: u64,
    /// From 1.
    pub column: u64,
    /// The key's path, `webhooks[2].retry.base_delay`.
    pub path: String,
    /// What is wrong and what would be right; never holds a secret.
    pub text: String,
}

impl Problem {
    /// The problem with the file's name alone, for those who know which project they look at.
    #[must_use]
    pub fn in_project(&self) -> String {
        let file = self.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        self.told(&file)
    }

    fn told(&self, file: &str) -> String {
        let place = if self.line > 0 { format!(":{}:{}", self.line, self.column) } else { String::new() };
        let path = if self.path.is_empty() { String::new() } else { format!(": {}", self.path) };
        format!("{file}{place}{path}: {}", self.text)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.told(&self.file.to_string_lossy()))
    }
}
