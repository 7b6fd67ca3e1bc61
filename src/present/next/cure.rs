//! What a person can do about a delivery, with the key or the command that does it.

use crate::event::State;
use crate::journal::{DISABLED_BY_FILE, Held};
use crate::present::escape;

use super::{By, Outlook, missing};

/// See [`Outlook::cure`].
pub(super) fn of(one: &Outlook<'_>, by: By) -> Option<String> {
    let id = escape::line(&one.delivery.id);
    match one.delivery.state {
        State::Dead => Some(again(one, by, &act(by, "r", &format!("hooktui dlq retry {id}")), &sends_it(one))),
        State::Cleared => Some(format!("`hooktui dlq restore {id}` makes it a dead letter again")),
        State::Delivered => {
            let resend = act(by, "r", &format!("hooktui resend {id}"));
            Some(again(one, by, &resend, "sends it once more under the same id"))
        }
        State::Queued | State::Scheduled => match one.held() {
            Some(held) => lets_go(one, by, held),
            None if one.dispatching => None,
            None => Some("`hooktui run` dispatches without a screen".to_owned()).filter(|_| by == By::Commands),
        },
        State::InFlight => None,
    }
}

fn act(by: By, key: &str, command: &str) -> String {
    match by {
        By::Keys => key.to_owned(),
        By::Commands => format!("`{command}`"),
    }
}

/// What a retry does, and what it passes.
fn sends_it(one: &Outlook<'_>) -> String {
    let tries = one.rules.max_attempts.map_or_else(|| "fresh tries".to_owned(), |most| format!("{most} fresh tries"));
    if !one.dispatching {
        return format!("queues it again with {tries}; nobody dispatches now");
    }
    let past = one.past();
    let clause = if past.is_empty() { one.circuit_clause() } else { past };
    format!("sends it again with {tries}{clause}")
}

/// A key that sends, or what must come before it.
fn again(one: &Outlook<'_>, by: By, key: &str, does: &str) -> String {
    let name = one.endpoint_name();
    let Some(endpoint) = one.endpoint else { return format!("{key} {does}") };
    match endpoint.held(one.now) {
        Some(Held::Removed) => format!("{name} is no longer in the file: put it back, then {key} sends it"),
        Some(Held::Disabled) if endpoint.disabled_by.as_deref() == Some(DISABLED_BY_FILE) => {
            format!("{name} is disabled in the file: enable it there, then {key} sends it")
        }
        Some(Held::Disabled) => {
            let resume = act(by, "p in Endpoints", &format!("hooktui endpoints resume {name}"));
            format!("{resume} lets {name} take part again, then {key} sends it")
        }
        Some(Held::Missing) => format!("{}: {key} queues it until that is mended", missing(endpoint)),
        _ => format!("{key} {does}"),
    }
}

/// What lets go what is held.
fn lets_go(one: &Outlook<'_>, by: By, held: Held) -> Option<String> {
    let name = one.endpoint_name();
    let cancel = act(by, "x", &format!("hooktui cancel {}", escape::line(&one.delivery.id)));
    let resume = || act(by, "p in Endpoints", &format!("hooktui endpoints resume {name}"));
    match held {
        Held::Paused => Some(format!("{} lets {name} flow again", resume())),
        Held::Disabled if one.endpoint.and_then(|row| row.disabled_by.as_deref()) == Some(DISABLED_BY_FILE) => {
            Some(format!("`enabled: true` in the file lets {name} flow again"))
        }
        Held::Disabled => Some(format!("{} lets {name} take part again", resume())),
        Held::Circuit => {
            let reset = act(by, "o in Endpoints", &format!("hooktui endpoints reset {name}"));
            Some(format!("{reset} closes the circuit at once"))
        }
        Held::Missing => Some("set it where the dispatcher runs, and start that again".to_owned()),
        Held::Removed => Some(format!("it goes when {name} is back in the file; {cancel} gives it up")),
        Held::RetryAfter(_) => None,
    }
}
