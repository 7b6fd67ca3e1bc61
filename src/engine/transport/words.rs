//! Errors in words, which never hold the URL.

use std::error::Error as StdError;
use std::io;

use super::Failure;

/// Why there is no answer.
pub(super) fn failure(error: &(dyn StdError + 'static)) -> Failure {
    Failure::Network(in_words(error))
}

fn in_words(error: &(dyn StdError + 'static)) -> String {
    if let Some(tls) = find::<rustls::Error>(error) {
        return match tls {
            rustls::Error::InvalidCertificate(why) => format!("certificate not trusted: {why}"),
            other => format!("TLS failed: {other}"),
        };
    }
    if let Some(cause) = find::<io::Error>(error) {
        match cause.kind() {
            io::ErrorKind::ConnectionRefused => return "connection refused".to_owned(),
            io::ErrorKind::ConnectionReset => return "connection reset".to_owned(),
            io::ErrorKind::HostUnreachable => return "host unreachable".to_owned(),
            io::ErrorKind::NetworkUnreachable => return "network unreachable".to_owned(),
            io::ErrorKind::UnexpectedEof => return "connection closed".to_owned(),
            _ => {}
        }
    }
    innermost(error)
}

/// The text of the error that caused all others.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// The first error of this type in the chain of causes, also where one is packed into an I/O error.
fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut cause: Option<&'a (dyn StdError + 'static)> = Some(error);
    while let Some(one) = cause {
        if let Some(found) = one.downcast_ref::<E>() {
            return Some(found);
        }
        let packed = one.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = match packed {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => one.source(),
        };
    }
    None
}
