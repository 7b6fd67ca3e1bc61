//! The delivery state machine and the small vocabularies that the journal stores.
//!
//! "Delivery states and the only ways between them" in `product.md` is [`State::can_become`]; the journal guards
//! every change of state with it.

use serde::{Deserialize, Serialize};

use super::Millis;

/// Makes an enum whose members have one text (screens, JSON, filters) and one number (journal), from one list.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant = $code),+ }

        impl $name {
            /// Every member, in the order of its code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used on screens, in JSON and in filters.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The number stored in the journal. Never reused for another meaning.
            #[must_use]
            pub const fn code(self) -> i64 {
                self as i64
            }

            /// The member with this number, if there is one in this version.
            #[must_use]
            pub const fn from_code(code: i64) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The member with this word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words! {
    /// Where a delivery stands.
    State {
        /// Waits for its first attempt, or for one after a retry by hand.
        Queued = 0 "queued",
        /// Waits for its due time after a failed attempt.
        Scheduled = 1 "scheduled",
        /// Claimed by the dispatcher and its result not yet committed.
        InFlight = 2 "in_flight",
        /// Accepted by the receiver.
        Delivered = 3 "delivered",
        /// Will not be tried again unless a person asks.
        Dead = 4 "dead",
        /// A dead letter that a person put away.
        Cleared = 5 "cleared",
    }
}

words! {
    /// Why a delivery is dead.
    Reason {
        /// `max_attempts` tries failed.
        Exhausted = 0 "exhausted",
        /// The receiver refused it (a 4xx that is not retried).
        Permanent = 1 "permanent",
        /// 410 Gone; the endpoint is disabled too.
        Gone = 2 "gone",
        /// 3xx; redirects are not followed.
        Redirect = 3 "redirect",
        /// The body could not be rendered.
        Render = 4 "render",
        /// The body is larger than `max_payload`.
        TooLarge = 5 "too_large",
        /// The address guard or redaction refused it.
        Blocked = 6 "blocked",
        /// Waited longer than `max_age`.
        Expired = 7 "expired",
        /// A person cancelled it.
        Cancelled = 8 "cancelled",
        /// Pushed out by `overflow: drop_oldest`.
        Overflow = 9 "overflow",
    }
}

words! {
    /// An endpoint's breaker.
    Circuit {
        /// Deliveries flow.
        Closed = 0 "closed",
        /// Deliveries wait; a probe goes out after the cooldown.
        Open = 1 "open",
        /// One delivery at a time proves the endpoint.
        HalfOpen = 2 "half-open",
    }
}

words! {
    /// Whether an endpoint takes part.
    EndpointState {
        /// In the file and running.
        Active = 0 "active",
        /// Paused by a person: new deliveries are accepted and held.
        Paused = 1 "paused",
        /// `enabled: false`, or switched off by a 410: gets no new deliveries.
        Disabled = 2 "disabled",
        /// No longer in the file: keeps its deliveries, held.
        Removed = 3 "removed",
    }
}

words! {
    /// What set an attempt off.
    Trigger {
        /// The dispatcher, because it was due.
        Auto = 0 "auto",
        /// A person: retry or resend.
        Manual = 1 "manual",
        /// The circuit, to see whether the endpoint is back.
        Probe = 2 "probe",
        /// `hooktui test`.
        Test = 3 "test",
    }
}

words! {
    /// How an attempt ended.
    Outcome {
        /// The receiver accepted it.
        Delivered = 0 "delivered",
        /// The receiver answered, but not with success.
        Refused = 1 "refused",
        /// No answer within the timeout.
        Timeout = 2 "timeout",
        /// No connection, or it broke before an answer.
        Network = 3 "network",
        /// Cut off by a crash or by a stop whose time ran out; may have been sent.
        Interrupted = 4 "interrupted",
        /// Never sent: rendering, size or the address guard forbade it.
        Unsent = 5 "unsent",
    }
}

impl EndpointState {
    /// What it comes to at `now`: a pause whose end has come is over.
    #[must_use]
    pub fn at(self, paused_until: Option<Millis>, now: Millis) -> Self {
        match self {
            Self::Paused if paused_until.is_some_and(|until| until <= now) => Self::Active,
            state => state,
        }
    }
}

impl State {
    /// Whether the state machine knows a way from `self` to `next` (product.md, "Words").
    ///
    /// Out of `in_flight` an interrupted attempt or a failed resend may return to whatever the delivery was before.
    #[must_use]
    pub const fn can_become(self, next: Self) -> bool {
        use State::{Cleared, Dead, Delivered, InFlight, Queued, Scheduled};
        match self {
            Queued | Scheduled => matches!(next, InFlight | Dead),
            InFlight => matches!(next, Delivered | Scheduled | Dead | Queued),
            Delivered => matches!(next, InFlight),
            Dead => matches!(next, InFlight | Queued | Cleared),
            Cleared => matches!(next, Dead),
        }
    }

    /// Whether the dispatcher still has work to do on it.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Queued | Self::Scheduled | Self::InFlight)
    }
}
