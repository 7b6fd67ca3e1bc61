//! Event types known by name, and the severity that a type's words tell.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Types that begin so are hooktui's own alerts: no source may send them, and only patterns that begin so match them.
pub const OWN_PREFIX: &str = "hooktui.";

/// The types that NTM knows; it refuses others (dialects.md).
pub const NTM_TYPES: &[&str] = &[
    "agent.error",
    "agent.started",
    "agent.stopped",
    "agent.crashed",
    "agent.restarted",
    "agent.idle",
    "agent.busy",
    "agent.rate_limit",
    "agent.completed",
    "rotation.needed",
    "session.created",
    "session.killed",
    "session.ended",
    "bead.assigned",
    "bead.completed",
    "bead.failed",
    "health.degraded",
];

/// The types that Marionette sends (dialects.md).
pub const MARIONETTE_TYPES: &[&str] = &[
    "session.created",
    "session.suspended",
    "session.resumed",
    "session.terminated",
    "task.created",
    "task.started",
    "task.completed",
    "task.failed",
    "task.canceled",
    "runner.connected",
    "runner.disconnected",
    "runner.assigned",
    "runner.released",
    "permission.requested",
    "permission.approved",
    "permission.denied",
    "permission.canceled",
];

/// hooktui's own alerts, and the event of `hooktui test`.
pub const OWN_TYPES: &[&str] = &[
    "hooktui.delivery.dead",
    "hooktui.circuit.opened",
    "hooktui.circuit.closed",
    "hooktui.endpoint.disabled",
    "hooktui.test",
];

/// Whether the type is one of hooktui's own (any letter case).
#[must_use]
pub fn is_own(kind: &str) -> bool {
    kind.get(..OWN_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(OWN_PREFIX))
}

/// Whether NTM knows the type (any letter case).
#[must_use]
pub fn is_ntm(kind: &str) -> bool {
    NTM_TYPES.iter().any(|known| known.eq_ignore_ascii_case(kind))
}

/// The known type that the name was probably meant to be: nearest by edit distance, NTM's first. None if none is near.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let name = name.trim().to_lowercase();
    let near_enough = (name.chars().count() / 3).clamp(1, 4);
    [NTM_TYPES, MARIONETTE_TYPES, OWN_TYPES]
        .into_iter()
        .flatten()
        .map(|known| (strsim::osa_distance(&name, known), *known))
        .min_by_key(|&(distance, _)| distance)
        .filter(|&(distance, _)| distance <= near_enough)
        .map(|(_, known)| known)
}

/// How grave an event is, read off its type (dialects.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something failed.
    Error,
    /// Something may fail.
    Warning,
    /// Something went well.
    Success,
    /// Anything else.
    Info,
}

impl Severity {
    /// Every severity, gravest first.
    pub const ALL: &'static [Self] = &[Self::Error, Self::Warning, Self::Success, Self::Info];

    /// Which parts of a type tell which severity; the first row that fits counts.
    const SIGNS: &'static [(Self, &'static [&'static str])] = &[
        (Self::Error, &["error", "failed", "crash", "panic"]),
        (Self::Warning, &["warn", "degrad", "rate_limit", "rate-limit"]),
        (Self::Success, &["success", "complete", "done", "healthy"]),
    ];

    /// The severity of events of this type.
    #[must_use]
    pub fn of_type(kind: &str) -> Self {
        let kind = kind.to_ascii_lowercase();
        let sign = Self::SIGNS.iter().find(|(_, parts)| parts.iter().any(|part| kind.contains(part)));
        sign.map_or(Self::Info, |&(severity, _)| severity)
    }

    /// The word used on screens and in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Success => "success",
            Self::Info => "info",
        }
    }

    /// The severity that is called so in a file: any letter case, and `warn` for `warning`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        let word = if word == "warn" { "warning" } else { &word };
        Self::ALL.iter().copied().find(|severity| severity.as_str() == word)
    }
}

/// The spellings of agent types, each row led by the name that all of it is folded into (dialects.md).
const AGENTS: &[&[&str]] = &[
    &["cc", "claude", "claude-code", "claude_code", "claudecode"],
    &["cod", "codex", "codex-cli", "codex_cli", "codexcli", "openai", "openai-codex", "openai_codex", "openaicodex"],
    &[
        "gmi",
        "gemini",
        "gemini-cli",
        "gemini_cli",
        "geminicli",
        "google",
        "google-ai",
        "google_ai",
        "google-gemini",
        "google_gemini",
        "googlegemini",
    ],
    &["cursor"],
    &["windsurf", "ws"],
    &["aider"],
    &["ollama"],
];

/// The agent type in the one spelling that filters compare: trimmed, in lower case, synonyms folded. A name that is not
/// known stands for itself.
#[must_use]
pub fn fold_agent(name: &str) -> Cow<'static, str> {
    let name = name.trim().to_lowercase();
    let row = AGENTS.iter().find(|row| row.contains(&name.as_str()));
    row.and_then(|row| row.first()).map_or(Cow::Owned(name), |folded| Cow::Borrowed(*folded))
}

/// Whether the name is one of an agent type that NTM knows, in any spelling; it refuses others.
#[must_use]
pub fn is_known_agent(name: &str) -> bool {
    AGENTS.iter().any(|row| row.first().is_some_and(|first| *first == fold_agent(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_the_type_that_was_meant() {
        for (name, meant) in [
            ("agent.eror", Some("agent.error")),
            ("Agent.Crash", Some("agent.crashed")),
            ("bead.complete", Some("bead.completed")),
            ("task.cancelled", Some("task.canceled")),
            ("session.craeted", Some("session.created")),
            ("deploy.finished", None),
            ("", None),
        ] {
            assert_eq!(nearest(name), meant, "{name}");
        }
    }

    #[test]
    fn own_types_are_known_by_their_prefix() {
        for (kind, own) in
            [("hooktui.x", true), ("HookTUI.x", true), ("hooktui", false), ("hooktuix", false), ("é", false)]
        {
            assert_eq!(is_own(kind), own, "{kind}");
        }
    }

    #[test]
    fn warn_means_warning() {
        for (word, severity) in [
            ("warn", Some(Severity::Warning)),
            (" WARNING ", Some(Severity::Warning)),
            ("Error", Some(Severity::Error)),
            ("fatal", None),
        ] {
            assert_eq!(Severity::from_word(word), severity, "{word}");
        }
    }

    #[test]
    fn agent_names_are_folded() {
        for (name, folded) in [
            ("Claude-Code", "cc"),
            ("cc", "cc"),
            (" openai ", "cod"),
            ("google_gemini", "gmi"),
            ("WS", "windsurf"),
            ("Homegrown", "homegrown"),
        ] {
            assert_eq!(fold_agent(name), folded);
        }
    }
}
