//! The figures of a project: what the journal counts, and the endpoints of the file that it does not know yet.

use crate::config::Endpoint;
use crate::event::{EndpointState, Millis};
use crate::journal::{DISABLED_BY_FILE, EndpointRow, Overview, Reader};
use crate::present::summary::Summary;

use super::exit::Failure;
use super::place::Context;

/// The overview with its summary: one is made of the other, so they are read together.
#[derive(Debug)]
pub struct Figures {
    /// Counters, by endpoint.
    pub overview: Overview,
    /// Sums, rates, percentiles.
    pub summary: Summary,
    /// When they were read.
    pub now: Millis,
}

impl Figures {
    /// Reads them. A journal that does not exist yet has counted nothing.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn read(context: &Context, reader: Option<&Reader>, now: Millis) -> Result<Self, Failure> {
        let (mut overview, rollups) = match reader {
            Some(reader) => (reader.overview(now)?, reader.rollups(Summary::since_minute(now))?),
            None => (Overview::default(), Vec::new()),
        };
        if let Some(config) = &context.loaded.config {
            for endpoint in &config.endpoints {
                if !overview.endpoints.iter().any(|known| known.id == endpoint.route.endpoint) {
                    overview.endpoints.push(unused(endpoint));
                }
            }
        }
        let summary = Summary::new(&overview, &rollups, now);
        Ok(Self { overview, summary, now })
    }
}

/// An endpoint to which nothing was ever delivered: no dispatcher has seen it yet.
fn unused(endpoint: &Endpoint) -> EndpointRow {
    let route = &endpoint.route;
    EndpointRow {
        state: if route.enabled { EndpointState::Active } else { EndpointState::Disabled },
        disabled_by: (!route.enabled).then(|| DISABLED_BY_FILE.to_owned()),
        missing: endpoint.missing.clone(),
        ..EndpointRow::unused(&route.endpoint, &route.name, &route.host)
    }
}
