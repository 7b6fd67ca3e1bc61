//! What changes the lanes from outside: the file, orders, pauses that end, expiry and retention.

use std::sync::Arc;

use crate::config::{Config, Endpoint};
use crate::event::{EndpointState, Millis};
use crate::journal::{Applied, EndpointSpec, EndpointUpdate, JournalError, Level, LogSource, Order, OrderKind};

use super::super::clock::millis;
use super::super::files::Files;
use super::super::lane::{Lane, Look};
use super::super::orders;
use super::{Dispatch, Done, transport};

/// Expiry of deliveries that are held, at most so many at once.
const EXPIRY_STEP: usize = 500;

impl Dispatch {
    /// Applies a good reading of the file. Attempts in flight end with what they began with.
    pub(super) async fn apply(&mut self, config: Arc<Config>) -> Result<Applied, JournalError> {
        let now = self.desk.clock.now();
        let specs = config.endpoints.iter().map(EndpointSpec::from).collect();
        let reply = self.desk.journal.apply_revision(self.desk.epoch, Arc::new(config.revision()), specs, now);
        let applied = reply.await?;
        let rows = self.reader.endpoints()?;
        let mut closed = Vec::new();
        for endpoint in &config.endpoints {
            let Some(row) = rows.iter().find(|row| row.id == endpoint.route.endpoint) else { continue };
            let endpoint = Arc::new(endpoint.clone());
            let lane = self.lanes.entry(row.key).or_insert_with(|| Lane::new(endpoint.clone(), row, now));
            lane.configure(endpoint);
            if applied.moved.contains(&row.key) {
                lane.moved(row, now);
            }
            if !lane.endpoint.policy.circuit.enabled && lane.circuit != row.circuit {
                closed.push((row.key, lane.circuit));
            }
        }
        // A breaker that is switched off is closed, for everybody who reads the journal too.
        for (key, circuit) in closed {
            let update = EndpointUpdate { circuit: Some(circuit), ..EndpointUpdate::default() };
            self.update_endpoint(key, update, now);
        }
        self.config = config;
        self.looks.changed = true;
        Ok(applied)
    }

    /// A reading of the file that is to be applied; its problems and changes go to the log.
    pub(super) async fn take_file(&mut self, config: Option<Arc<Config>>, files: &mut Files) {
        for text in files.take_problems() {
            self.log(Level::Error, LogSource::File, None, text);
        }
        let Some(config) = config.filter(|_| self.draining.is_none()) else { return };
        if config.network != self.config.network {
            let transport = transport(self.desk.script.as_ref(), &config.network);
            self.senders.renew(transport, config.network.clone());
        }
        let before = self.config.clone();
        match self.apply(config.clone()).await {
            Ok(applied) => {
                self.log(Level::Info, LogSource::File, None, in_words(&applied));
                let others = redaction(&config, &before).into_iter().chain(for_the_next_start(&config, &before));
                for text in renamed(&config, &before).into_iter().chain(others) {
                    self.log(Level::Warning, LogSource::File, None, text);
                }
                files.applied(config, self.desk.clock.now());
            }
            Err(error) => {
                files.not_applied(self.desk.clock.now());
                self.fail(&error);
            }
        }
    }

    /// Applies orders that have come.
    pub(super) fn take_orders(&mut self) {
        let orders = match self.reader.orders() {
            Ok(orders) => orders,
            Err(error) => return self.fail(&error),
        };
        for order in orders {
            if self.orders_taken.insert(order.seq) {
                self.take_order(&order);
            }
        }
    }

    fn take_order(&mut self, order: &Order) {
        let now = self.desk.clock.now();
        let Some(lane) = self.lanes.get_mut(&order.endpoint) else {
            self.finish_order(order.seq, EndpointUpdate::default());
            return;
        };
        if let OrderKind::Resend(delivery) = order.kind {
            if lane.is_able() {
                lane.resends.push_back((order.seq, delivery));
            } else {
                self.finish_order(order.seq, EndpointUpdate::default());
                self.log_order_refused(order.endpoint, "resend: the endpoint is disabled, removed or lacks a variable");
            }
            return;
        }
        let disabled_by = self.disabled_by(order.endpoint);
        let Some(lane) = self.lanes.get_mut(&order.endpoint) else { return };
        let policy = lane.endpoint.policy.circuit;
        let effect = orders::effect(order, lane.state, disabled_by.as_deref(), lane.circuit, &policy, now);
        match effect {
            Ok(update) => {
                if let Some(circuit) = update.circuit {
                    lane.generation += u64::from(circuit.openings > lane.circuit.openings);
                    lane.circuit = circuit;
                }
                if let Some(state) = update.state {
                    lane.stands(state, update.paused_until);
                }
                lane.look = Look::ALL;
                self.finish_order(order.seq, update);
            }
            Err(why) => {
                self.finish_order(order.seq, EndpointUpdate::default());
                self.log_order_refused(order.endpoint, &why);
            }
        }
    }

    fn disabled_by(&self, key: i64) -> Option<String> {
        let rows = self.reader.endpoints().ok()?;
        rows.into_iter().find(|row| row.key == key)?.disabled_by
    }

    pub(super) fn finish_order(&mut self, order: i64, update: EndpointUpdate) {
        let now = self.desk.clock.now();
        let reply = self.desk.journal.finish_order(Some(self.desk.epoch), order, update, now);
        self.tasks.spawn(async move { Done::Ordered(order, reply.await) });
    }

    /// Lets endpoints go on whose pause has ended.
    pub(super) fn end_pauses(&mut self, now: Millis) {
        let ended: Vec<i64> = self
            .lanes
            .values()
            .filter(|lane| lane.state == EndpointState::Paused && lane.paused_until.is_some_and(|until| until <= now))
            .map(|lane| lane.key)
            .collect();
        for key in ended {
            if let Some(lane) = self.lanes.get_mut(&key) {
                lane.stands(EndpointState::Active, None);
            }
            let update = EndpointUpdate { state: Some(EndpointState::Active), ..EndpointUpdate::default() };
            self.update_endpoint(key, update, now);
        }
    }

    fn update_endpoint(&mut self, key: i64, update: EndpointUpdate, now: Millis) {
        let reply = self.desk.journal.update_endpoint(self.desk.epoch, key, update, now);
        self.tasks.spawn(async move { Done::Aside(reply.await) });
    }

    /// Expiry of what is held, and retention.
    pub(super) fn keep_up(&mut self, now: Millis) {
        let wall = self.desk.clock.wall();
        if self.upkeep.expiry_due(now) {
            let held = self.lanes.values().filter(|lane| lane.waiting != (0, 0));
            let held = held.filter_map(|lane| Some((lane.key, lane.endpoint.policy.max_age?)));
            for (key, max_age) in held.collect::<Vec<_>>() {
                let max_age = u64::try_from(millis(max_age)).unwrap_or(u64::MAX);
                let reply = self.desk.journal.expire(self.desk.epoch, key, max_age, EXPIRY_STEP, now);
                self.tasks.spawn(async move { Done::Expired(reply.await) });
            }
        }
        if let Some(upkeep) =
            self.upkeep.step(now, wall, self.looks.data_version, &self.config.journal, self.config.manager.limits)
        {
            let reply = self.desk.journal.upkeep(upkeep);
            self.tasks.spawn(async move { Done::Upkept(reply.await.map(|result| result.more)) });
        }
    }
}

/// What waits for an endpoint stays with its id: a person who only meant another name should give it back.
fn renamed(config: &Config, before: &Config) -> Vec<String> {
    let warning = |(old, new): (&Endpoint, &Endpoint)| {
        let (was, is, id) = (&old.route.name, &new.route.name, &old.route.endpoint);
        format!(
            "{is} has the address that {was} had: if it is the same, give it `id: {id}`, else what waits for {was} stays held"
        )
    };
    config.renamed(before).into_iter().map(warning).collect()
}

/// The journal is open: where it lies and how it commits cannot change under it.
fn for_the_next_start(config: &Config, before: &Config) -> Option<String> {
    let changed = [
        ("journal.path", config.journal.path != before.journal.path),
        ("journal.durability", config.journal.durability != before.journal.durability),
    ];
    let names: Vec<&str> = changed.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
    (!names.is_empty()).then(|| format!("a changed {} takes effect at the next start", names.join(" and ")))
}

/// How events are redacted is everyone's affair, and no endpoint shows it.
fn redaction(config: &Config, before: &Config) -> Option<String> {
    let changed = config.redaction != before.redaction;
    changed.then(|| format!("redaction has changed: its mode is `{}` now", config.redaction.mode.as_str()))
}

/// What applying a file changed, for the log.
fn in_words(applied: &Applied) -> String {
    let mut parts = Vec::new();
    if !applied.added.is_empty() {
        parts.push(format!("added {}", applied.added.join(", ")));
    }
    if !applied.changed.is_empty() {
        parts.push(format!("changed {}", applied.changed.join(", ")));
    }
    let removed = applied.removed.iter().map(|(name, held)| match held {
        0 => name.clone(),
        held => format!("{name} ({held} held)"),
    });
    let removed: Vec<String> = removed.collect();
    if !removed.is_empty() {
        parts.push(format!("removed {}", removed.join(", ")));
    }
    if applied.routed > 0 {
        parts.push(format!("routed {} that had waited for a file", applied.routed));
    }
    if parts.is_empty() {
        parts.push("no endpoint changed".to_owned());
    }
    format!("file applied: {}", parts.join("; "))
}
