//! Ids: of events, endpoints and deliveries.
