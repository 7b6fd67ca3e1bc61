//! Event types known by name, and the severity that a type's words tell.

use serde::{Deserialize, Serialize};

/// How grave an event is, read off its type (dialects.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "plain words")]
pub enum Severity {
    Error,
    Warning,
    Success,
    Info,
}
