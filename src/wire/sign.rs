//! Signatures. HMAC-SHA256 in the shapes of the dialects.
