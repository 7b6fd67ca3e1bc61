//! What a failed delivery failed with, in a word that stays the same however the receiver worded it: the status of its
//! answer, else the kind of error.

use std::fmt;

use super::Outcome;

/// The status, or why there was none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The receiver answered with this status.
    Status(u16),
    /// No answer in time.
    Timeout,
    /// Nobody listens there.
    Refused,
    /// The connection broke.
    Reset,
    /// The connection was closed before an answer.
    Closed,
    /// No way to the host or its network.
    Unreachable,
    /// The host's name does not resolve.
    Name,
    /// TLS failed, or the certificate is not trusted.
    Tls,
    /// Another error of the network.
    Network,
    /// It could not be sent: rendering, size, or the address guard.
    Unsent,
    /// Cut off by a crash or a stop.
    Interrupted,
    /// It was never tried.
    Untried,
}

/// How the words begin that `engine::transport` writes for an error of the network; what begins otherwise is
/// [`Cause::Network`].
pub const WORDINGS: [(&str, Cause); 8] = [
    ("connection refused", Cause::Refused),
    ("connection reset", Cause::Reset),
    ("connection closed", Cause::Closed),
    ("host unreachable", Cause::Unreachable),
    ("network unreachable", Cause::Unreachable),
    ("the name ", Cause::Name),
    ("certificate ", Cause::Tls),
    ("TLS ", Cause::Tls),
];

impl Cause {
    /// Every kind of error, without the statuses.
    pub const KINDS: [Self; 11] = [
        Self::Timeout,
        Self::Refused,
        Self::Reset,
        Self::Closed,
        Self::Unreachable,
        Self::Name,
        Self::Tls,
        Self::Network,
        Self::Unsent,
        Self::Interrupted,
        Self::Untried,
    ];

    /// The cause of what the journal stores of a delivery's newest attempt.
    #[must_use]
    pub fn of(status: Option<u16>, outcome: Option<Outcome>, error: Option<&str>) -> Self {
        match (status, outcome) {
            (Some(status), _) => Self::Status(status),
            (None, Some(Outcome::Timeout)) => Self::Timeout,
            (None, Some(Outcome::Unsent)) => Self::Unsent,
            (None, Some(Outcome::Interrupted)) => Self::Interrupted,
            (None, Some(Outcome::Delivered | Outcome::Refused | Outcome::Network)) => {
                let error = error.unwrap_or_default();
                WORDINGS.iter().find(|(begin, _)| error.starts_with(begin)).map_or(Self::Network, |(_, cause)| *cause)
            }
            (None, None) => Self::Untried,
        }
    }

    /// The cause of an error of which only its words are left.
    #[must_use]
    pub fn of_words(error: &str) -> Self {
        match error {
            error if error.starts_with("timeout") => Self::Timeout,
            error => Self::of(None, Some(Outcome::Network), Some(error)),
        }
    }

    /// The word of a kind of error; none for a status, which is its own word.
    #[must_use]
    pub const fn word(self) -> Option<&'static str> {
        Some(match self {
            Self::Status(_) => return None,
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Unreachable => "unreachable",
            Self::Name => "name",
            Self::Tls => "tls",
            Self::Network => "network",
            Self::Unsent => "unsent",
            Self::Interrupted => "interrupted",
            Self::Untried => "untried",
        })
    }

    /// The kind of error of this word.
    #[must_use]
    pub fn kind(word: &str) -> Option<Self> {
        Self::KINDS.into_iter().find(|kind| kind.word() == Some(word))
    }
}

/// The status, or the word.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.word()) {
            (Self::Status(status), _) => write!(f, "{status}"),
            (_, word) => f.write_str(word.unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_the_status_or_the_kind_of_error() {
        for (status, outcome, error, word) in [
            (Some(502), Some(Outcome::Refused), Some("502 Bad Gateway: request 81f2 failed"), "502"),
            (Some(502), Some(Outcome::Refused), Some("502 Bad Gateway: request 9a01 failed"), "502"),
            (None, Some(Outcome::Timeout), Some("timeout after 10 s, no first byte"), "timeout"),
            (None, Some(Outcome::Network), Some("connection refused"), "refused"),
            (None, Some(Outcome::Network), Some("the name x.example does not resolve: try again"), "name"),
            (None, Some(Outcome::Network), Some("certificate not trusted: UnknownIssuer"), "tls"),
            (None, Some(Outcome::Network), Some("TLS failed: peer sent no certificates"), "tls"),
            (None, Some(Outcome::Network), Some("network unreachable"), "unreachable"),
            (None, Some(Outcome::Network), Some("invalid HTTP version parsed"), "network"),
            (None, Some(Outcome::Network), None, "network"),
            (None, Some(Outcome::Unsent), Some("2.0 MiB of at most 1.0 MiB"), "unsent"),
            (None, Some(Outcome::Interrupted), None, "interrupted"),
            (None, None, None, "untried"),
        ] {
            assert_eq!(Cause::of(status, outcome, error).to_string(), word, "{error:?}");
        }
    }

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in Cause::KINDS {
            assert_eq!(kind.word().and_then(Cause::kind), Some(kind));
        }
        assert_eq!(Cause::kind("502"), None);
    }
}
