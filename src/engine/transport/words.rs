//! Errors in words, which never hold the URL.

use std::error::Error as StdError;
use std::io;

use jiff::Timestamp;
use rustls::CertificateError;
use rustls::pki_types::UnixTime;

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
            rustls::Error::InvalidCertificate(why) => format!("certificate not trusted: {}", distrust(why)),
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

/// Why a certificate is not trusted, with the cure where there is one.
fn distrust(why: &CertificateError) -> String {
    let day = |time: &UnixTime| match i64::try_from(time.as_secs()).ok().and_then(|at| Timestamp::from_second(at).ok())
    {
        Some(time) => time.strftime("%Y-%m-%d").to_string(),
        None => "a day that no calendar has".to_owned(),
    };
    match why {
        // One of the same name with another key has not signed it either.
        CertificateError::UnknownIssuer
        | CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "nobody this system trusts has signed it; the receiver has to send all certificates \
             up to such an authority, or this system to trust its own (then start hooktui again)"
                .to_owned()
        }
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("it expired on {}; the receiver has to renew it", day(not_after))
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("it is not valid before {}; see whether the clock is right", day(not_before))
        }
        CertificateError::NotValidForNameContext { expected, .. } => {
            format!("it is not made for {}; the receiver has to show one that is", expected.to_str())
        }
        CertificateError::InvalidPurposeContext { .. } => {
            "it is not made for a server; the receiver has to show one that is".to_owned()
        }
        // Of a crate that only rustls names.
        CertificateError::Other(other) if other.to_string() == "CaUsedAsEndEntity" => {
            "it is an authority's own, not a receiver's; with `openssl req -x509` add \
             `-addext basicConstraints=critical,CA:FALSE`"
                .to_owned()
        }
        CertificateError::Other(other) => format!("it cannot be used ({other})"),
        other => format!("it cannot be used ({other})"),
    }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::pki_types::ServerName;

    use super::*;

    #[test]
    fn why_a_certificate_is_not_trusted_is_said_in_words_with_the_cure() {
        let time = UnixTime::since_unix_epoch(Duration::from_secs(1_700_000_000));
        let expected = ServerName::try_from("hooks.example").unwrap();
        for (why, words) in [
            (
                CertificateError::ExpiredContext { time, not_after: time },
                "it expired on 2023-11-14; the receiver has to renew it",
            ),
            (
                CertificateError::NotValidYetContext { time, not_before: time },
                "it is not valid before 2023-11-14; see whether the clock is right",
            ),
            (
                CertificateError::NotValidForNameContext { expected, presented: vec!["DnsName(\"a\")".to_owned()] },
                "it is not made for hooks.example; the receiver has to show one that is",
            ),
            (CertificateError::BadEncoding, "it cannot be used (BadEncoding)"),
        ] {
            let failed = io::Error::other(rustls::Error::InvalidCertificate(why));
            assert_eq!(failure(&failed), Failure::Network(format!("certificate not trusted: {words}")));
        }
    }
}
