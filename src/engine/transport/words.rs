//! Errors in words, which never hold the URL.

use std::error::Error as StdError;
use std::io;

use super::Failure;

/// How HTTP/2 begins to say that the receiver ended the connection without looking at the request (`GOAWAY`). Such errors are
/// of a crate that only hyper names.
const GOAWAY: &str = "connection error received: ";
/// How it begins to say that the receiver ended one request (`RST_STREAM`).
const RESET: &str = "stream error received: ";
/// What follows where the receiver has not looked at the request.
const REFUSED: &str = "refused stream before processing any application logic";
/// What follows where there is nothing to tell.
const NO_ERROR: &str = "not a result of an error";

/// Whether an error of HTTP/2 says that no receiver has begun to answer: it has not looked at the request, or is gone.
pub(super) fn is_untouched(error: &(dyn StdError + 'static)) -> bool {
    let said = innermost(error);
    find::<io::Error>(error).is_some() || said.starts_with(GOAWAY) || said.strip_prefix(RESET) == Some(REFUSED)
}

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
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => return "connection closed".to_owned(),
            _ => {}
        }
    }
    let said = innermost(error);
    let by_receiver =
        [(GOAWAY, "the receiver ended the HTTP/2 connection"), (RESET, "the receiver broke the request off")];
    for (begins, words) in by_receiver {
        match said.strip_prefix(begins) {
            Some(NO_ERROR) => return words.to_owned(),
            Some(why) => return format!("{words}: {why}"),
            None => {}
        }
    }
    said
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
