//! NTM's own receivers; the default.

use super::{DEFAULTS, Dialect};
use crate::wire::sign::Scheme;

/// What NTM's webhook package sends, but for success (NTM says under 400, here 2xx).
pub static NTM: Dialect = Dialect {
    name: "ntm",
    id_header: Some("X-NTM-Delivery-ID"),
    type_header: Some("X-NTM-Event-Type"),
    attempt_header: Some("X-NTM-Attempt"),
    signature: Scheme { header: "X-NTM-Signature", ..DEFAULTS.signature },
    sends_as_stored: true,
    ..DEFAULTS
};
