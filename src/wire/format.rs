//! How a body looks.

/// `formatter:` of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// The dialect's JSON envelope.
    #[default]
    Json,
    /// A Slack message.
    Slack,
    /// A Discord message.
    Discord,
    /// A Teams adaptive card.
    Teams,
}
