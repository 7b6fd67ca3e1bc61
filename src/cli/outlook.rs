//! What happens next to deliveries, for the commands that tell it.

use crate::event::Millis;
use crate::journal::{DeliveryRow, Overview};
use crate::present::next::{Outlook, Rules};

use super::place::Context;

/// All that is the same for every delivery of one answer.
pub struct Outlooks<'a> {
    context: &'a Context,
    overview: &'a Overview,
    dispatching: bool,
    now: Millis,
}

impl<'a> Outlooks<'a> {
    /// Looks whether somebody dispatches.
    #[must_use]
    pub fn new(context: &'a Context, overview: &'a Overview, now: Millis) -> Self {
        Self { context, overview, dispatching: context.dispatcher_lives(), now }
    }

    /// The outlook of one delivery.
    #[must_use]
    pub fn of(&self, delivery: &'a DeliveryRow) -> Outlook<'a> {
        Outlook {
            delivery,
            endpoint: self.overview.endpoints.iter().find(|endpoint| endpoint.key == delivery.endpoint_key),
            rules: self.rules(&delivery.endpoint_id),
            dispatching: self.dispatching,
            now: self.now,
        }
    }

    /// The rules of an endpoint by the file as it stands; unknown where the file is invalid or has no such endpoint.
    #[must_use]
    pub fn rules(&self, endpoint_id: &str) -> Rules {
        let config = self.context.loaded.config.as_ref();
        let endpoint =
            config.and_then(|config| config.endpoints.iter().find(|endpoint| endpoint.route.endpoint == endpoint_id));
        endpoint.map_or_else(Rules::default, |endpoint| Rules::from(&endpoint.policy))
    }
}
