//! Orders about circuits and pauses: rows that the holder of the dispatcher lock applies.

use std::sync::Arc;

use crate::config::{CircuitPolicy, Config, Endpoint};
use crate::event::{EndpointState, Millis};
use crate::journal::lock::DispatcherLock;
use crate::journal::{CircuitRow, EndpointSpec, EndpointUpdate, Journal, JournalError, Order, OrderKind};
use crate::wire::dialect::NTM;

use super::lane::GONE;
use super::{circuit, retry};

/// What an order does to an endpoint that stands like this; the reason in words where it cannot be followed.
///
/// # Errors
/// Why not.
pub fn effect(
    order: &Order,
    state: EndpointState,
    disabled_by: Option<&str>,
    row: CircuitRow,
    policy: &CircuitPolicy,
    now: Millis,
) -> Result<EndpointUpdate, String> {
    if state == EndpointState::Removed {
        return Err("the endpoint is no longer in the file".to_owned());
    }
    let set = |state| EndpointUpdate { state: Some(state), ..EndpointUpdate::default() };
    match order.kind {
        OrderKind::Pause(_) if state == EndpointState::Disabled => Err("the endpoint is disabled".to_owned()),
        OrderKind::Pause(until) => {
            Ok(EndpointUpdate { paused_until: until, paused_by: Some(order.who.clone()), ..set(EndpointState::Paused) })
        }
        OrderKind::Resume if state == EndpointState::Disabled && disabled_by != Some(GONE) => {
            Err("the file says `enabled: false`; change it there".to_owned())
        }
        OrderKind::Resume => Ok(set(EndpointState::Active)),
        OrderKind::Reset => Ok(EndpointUpdate { circuit: Some(circuit::close(row)), ..EndpointUpdate::default() }),
        OrderKind::Trip if !policy.enabled => Err("its circuit is switched off in the file".to_owned()),
        OrderKind::Trip => {
            Ok(EndpointUpdate { circuit: Some(circuit::open(row, policy, now)), ..EndpointUpdate::default() })
        }
        OrderKind::Resend(_) => Ok(EndpointUpdate::default()),
    }
}

/// Applies the orders that wait, if nobody dispatches: takes the dispatcher lock for that moment. Attempts that were
/// ordered stay for the next dispatcher. Answers whether the lock was free. Blocks; not for use inside a runtime.
///
/// # Errors
/// When the journal cannot be read or written.
pub fn apply_when_free(journal: &Journal, config: Option<&Config>, now: Millis) -> Result<bool, JournalError> {
    let Some(_lock) = free_lock(journal)? else { return Ok(false) };
    let reader = journal.reader()?;
    for order in reader.orders()? {
        if matches!(order.kind, OrderKind::Resend(_)) {
            continue;
        }
        let endpoints = reader.endpoints()?;
        let Some(row) = endpoints.iter().find(|row| row.key == order.endpoint) else { continue };
        let endpoint = config.and_then(|config| config.endpoints.iter().find(|one| one.route.endpoint == row.id));
        let policy = endpoint.map_or_else(default_policy, |endpoint| endpoint.policy.circuit);
        let update = effect(&order, row.state, row.disabled_by.as_deref(), row.circuit, &policy, now);
        journal.finish_order(None, order.seq, update.unwrap_or_default(), now).wait()?;
    }
    Ok(true)
}

/// Makes the endpoints of the file known to the journal, if nobody dispatches: an order needs a row to stand on. Blocks;
/// not for use inside a runtime.
///
/// # Errors
/// When the journal cannot be read or written.
pub fn introduce_when_free(journal: &Journal, config: &Config, now: Millis) -> Result<bool, JournalError> {
    let Some(_lock) = free_lock(journal)? else { return Ok(false) };
    let longest = config.endpoints.iter().map(|endpoint| retry::longest(&endpoint.policy.retry)).max();
    let longest = u64::try_from(longest.unwrap_or_default().as_millis()).unwrap_or(u64::MAX);
    let epoch = journal.take_over(std::process::id(), longest, now).wait()?.epoch;
    let specs = config.endpoints.iter().map(EndpointSpec::from).collect();
    journal.apply_revision(epoch, Arc::new(config.revision()), specs, now).wait()?;
    journal.hand_back(epoch).wait()?;
    Ok(true)
}

fn free_lock(journal: &Journal) -> Result<Option<DispatcherLock>, JournalError> {
    DispatcherLock::try_take(journal.path())
        .map_err(|error| JournalError::Open { path: journal.path().to_owned(), cause: error.to_string() })
}

impl From<&Endpoint> for EndpointSpec {
    fn from(endpoint: &Endpoint) -> Self {
        Self {
            id: endpoint.route.endpoint.clone(),
            name: endpoint.route.name.clone(),
            host: endpoint.route.host.clone(),
            address_hash: endpoint.address_hash,
            enabled: endpoint.route.enabled,
            missing: endpoint.missing.clone(),
        }
    }
}

/// For an endpoint whose file cannot be read now: the next dispatcher goes by the file again.
const fn default_policy() -> CircuitPolicy {
    CircuitPolicy {
        enabled: true,
        failure_threshold: NTM.failure_threshold,
        cooldown: NTM.cooldown,
        max_cooldown: NTM.cooldown,
        success_threshold: NTM.success_threshold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Circuit;

    fn ordered(kind: OrderKind) -> Order {
        Order { seq: 1, who: "ann@box".to_owned(), endpoint: 1, kind }
    }

    fn on(kind: OrderKind, state: EndpointState, by: Option<&str>) -> Result<EndpointUpdate, String> {
        effect(&ordered(kind), state, by, CircuitRow::default(), &default_policy(), 1_000)
    }

    #[test]
    fn a_pause_names_who_and_until_when() {
        let update = on(OrderKind::Pause(Some(9_000)), EndpointState::Active, None).unwrap();
        assert_eq!(update.state, Some(EndpointState::Paused));
        assert_eq!((update.paused_until, update.paused_by.as_deref()), (Some(9_000), Some("ann@box")));
    }

    #[test]
    fn resume_lifts_a_pause_and_a_410_but_not_what_the_file_says() {
        use EndpointState::{Active, Disabled, Paused};
        assert_eq!(on(OrderKind::Resume, Paused, None).unwrap().state, Some(Active));
        assert_eq!(on(OrderKind::Resume, Disabled, Some(GONE)).unwrap().state, Some(Active));
        assert!(on(OrderKind::Resume, Disabled, Some("enabled: false in the file")).is_err());
    }

    #[test]
    fn trip_opens_and_reset_closes_the_circuit() {
        let tripped = on(OrderKind::Trip, EndpointState::Active, None).unwrap().circuit.unwrap();
        assert_eq!((tripped.circuit, tripped.probe_at), (Circuit::Open, Some(31_000)));
        let reset = on(OrderKind::Reset, EndpointState::Active, None).unwrap().circuit.unwrap();
        assert_eq!(reset.circuit, Circuit::Closed);
    }

    #[test]
    fn nothing_is_done_to_an_endpoint_that_left_the_file() {
        for kind in [OrderKind::Pause(None), OrderKind::Resume, OrderKind::Reset, OrderKind::Trip] {
            assert!(on(kind, EndpointState::Removed, None).is_err(), "{kind:?}");
        }
    }
}
