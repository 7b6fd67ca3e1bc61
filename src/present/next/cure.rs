//! What a person can do about a delivery, with the key or the command that does it.

use crate::event::State;
use crate::journal::{DISABLED_BY_FILE, Held};
use crate::present::outgoing::quoted;
use crate::present::{escape, figures};

use super::{By, Keys, Outlook, missing};

/// See [`Outlook::cure`].
pub(super) fn of(one: &Outlook<'_>, by: By<'_>) -> Option<String> {
    let id = escape::line(&one.delivery.id);
    match one.delivery.state {
        State::Dead => {
            Some(again(one, by, &act(by, |keys| &keys.send, &format!("hooktui dlq retry {id}")), &sends_it(one)))
        }
        State::Cleared => Some(format!("`hooktui dlq restore {id}` makes it a dead letter again")),
        State::Delivered => {
            let resend = act(by, |keys| &keys.send, &format!("hooktui resend {id}"));
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

fn act(by: By<'_>, key: fn(&Keys) -> &String, command: &str) -> String {
    match by {
        By::Keys(keys) => key(keys).clone(),
        By::Commands => format!("`{command}`"),
    }
}

/// As [`act`], with a key of the pane Endpoints.
fn in_endpoints(by: By<'_>, key: fn(&Keys) -> &String, command: &str) -> String {
    let place = if by == By::Commands { "" } else { " in Endpoints" };
    format!("{}{place}", act(by, key, command))
}

fn resume(by: By<'_>, name: &str) -> String {
    in_endpoints(by, |keys| &keys.pause, &format!("hooktui endpoints resume {}", quoted(name)))
}

/// What a retry does, and what it passes.
fn sends_it(one: &Outlook<'_>) -> String {
    let tries = one
        .rules
        .max_attempts
        .map_or_else(|| "fresh tries".to_owned(), |most| figures::counted(u64::from(most), "fresh try", "fresh tries"));
    if !one.dispatching {
        return format!("queues it again with {tries}; nobody dispatches now");
    }
    let past = one.past();
    let clause = if past.is_empty() { one.circuit_clause() } else { past };
    format!("sends it again with {tries}{clause}")
}

/// A key that sends, or what must come before it.
fn again(one: &Outlook<'_>, by: By<'_>, key: &str, does: &str) -> String {
    let name = one.endpoint_name();
    let Some(endpoint) = one.endpoint else { return format!("{key} {does}") };
    match endpoint.held(one.now) {
        Some(Held::Removed) => format!("{name} is no longer in the file: put it back, then {key} sends it"),
        Some(Held::Disabled) if endpoint.disabled_by.as_deref() == Some(DISABLED_BY_FILE) => {
            format!("{name} is disabled in the file: enable it there, then {key} sends it")
        }
        Some(Held::Disabled) => {
            format!("{} lets {name} take part again, then {key} sends it", resume(by, &name))
        }
        Some(Held::Missing) => format!("{}: {key} queues it until that is mended", missing(endpoint)),
        _ => format!("{key} {does}"),
    }
}

/// What lets go what is held.
fn lets_go(one: &Outlook<'_>, by: By<'_>, held: Held) -> Option<String> {
    let name = one.endpoint_name();
    let cancel = act(by, |keys| &keys.cancel, &format!("hooktui cancel {}", escape::line(&one.delivery.id)));
    match held {
        Held::Paused => Some(format!("{} lets {name} flow again", resume(by, &name))),
        Held::Disabled if one.endpoint.and_then(|row| row.disabled_by.as_deref()) == Some(DISABLED_BY_FILE) => {
            Some(format!("`enabled: true` in the file lets {name} flow again"))
        }
        Held::Disabled => Some(format!("{} lets {name} take part again", resume(by, &name))),
        Held::Circuit => {
            let command = format!("hooktui endpoints reset {}", quoted(&name));
            let reset = in_endpoints(by, |keys| &keys.reset, &command);
            Some(format!("{reset} closes the circuit at once"))
        }
        Held::Missing => Some("set it where the dispatcher runs, and start that again".to_owned()),
        Held::Removed => Some(format!("it goes when {name} is back in the file; {cancel} gives it up")),
        Held::RetryAfter(_) => None,
    }
}
