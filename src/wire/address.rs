//! An endpoint's URL: a secret but for its host, and made ready for sending once.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use url::{Host, Position, Url};

use super::mask::MASK;

/// A URL whose `Debug` and [`SecretUrl::shown`] tell the host only.
#[derive(Clone)]
pub struct SecretUrl(Arc<Parts>);

struct Parts {
    url: Url,
    /// See [`SecretUrl::authorization`].
    authorization: Option<String>,
    /// None where no request can be made of it.
    sending: Option<Sending>,
}

/// The URL as requests need it, made once. As secret as the URL itself.
pub struct Sending {
    /// What a connection is made to.
    pub origin: Origin,
    /// Path and query: the target of a request over HTTP/1.1.
    pub path: Uri,
    /// Scheme, host, path and query: the target of a request over HTTP/2.
    pub whole: Uri,
    /// The `Host` header.
    pub host: HeaderValue,
}

/// What a connection is made to: requests to the same origin may share one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// TLS, or none.
    pub https: bool,
    /// A name, or a literal address.
    pub host: Host,
    /// The port.
    pub port: u16,
}

impl Sending {
    fn of(url: &Url, shown: &str) -> Option<Self> {
        let origin =
            Origin { https: url.scheme() == "https", host: url.host()?.to_owned(), port: url.port_or_known_default()? };
        let path = &url[Position::BeforePath..Position::AfterQuery];
        Some(Self {
            origin,
            path: path.parse().ok()?,
            whole: format!("{}://{shown}{path}", url.scheme()).parse().ok()?,
            host: HeaderValue::from_str(shown).ok()?,
        })
    }
}

impl SecretUrl {
    /// Wraps a URL that config has checked.
    #[must_use]
    pub fn new(url: Url) -> Self {
        let sending = Sending::of(&url, &shown(&url));
        let authorization = authorization(&url);
        Self(Arc::new(Parts { url, authorization, sending }))
    }

    /// The host, and the port where it is not the scheme's own: all that may be shown.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.0.url)
    }

    /// The URL with [`MASK`] for all but scheme and host: user info, path and query are secrets.
    #[must_use]
    pub fn masked(&self) -> String {
        let url = self.expose();
        let bare = matches!(url.path(), "" | "/") && url.query().is_none();
        let rest = if bare { String::new() } else { format!("/{MASK}") };
        format!("{}://{}{rest}", url.scheme(), self.shown())
    }

    /// The URL itself: for sending only.
    #[must_use]
    pub fn expose(&self) -> &Url {
        &self.0.url
    }

    /// The URL in the parts that a request is made of: for sending only. None where no request can be made of it.
    #[must_use]
    pub fn sending(&self) -> Option<&Sending> {
        self.0.sending.as_ref()
    }

    /// The `Authorization` header that its user info stands for, made as Go's `net/http` does. As secret as the URL itself.
    #[must_use]
    pub fn authorization(&self) -> Option<&str> {
        self.0.authorization.as_deref()
    }

    /// What of it a [`Scrubber`](super::mask::Scrubber) should know: the URL as a whole, user info (as it is written, as it
    /// is meant, and as it is sent: receivers echo headers), path and query, and those single parts of path and query that look
    /// like a token (a bare word such as `webhooks` would be masked wherever it is said).
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let url = self.expose();
        let whole = [
            url.as_str(),
            url.username(),
            url.password().unwrap_or_default(),
            url.path().trim_start_matches('/'),
            url.query().unwrap_or_default(),
        ];
        let user_info = [url.username(), url.password().unwrap_or_default()]
            .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned());
        let sent = self.authorization().and_then(|value| value.strip_prefix(BASIC)).map(str::to_owned);
        let single = url.path_segments().into_iter().flatten().map(Cow::Borrowed);
        let queried = url.query_pairs().map(|(_, value)| value);
        let bare_path = url.path_segments().is_some_and(|segments| segments.count() < 2);
        let parts = single.chain(queried).filter(|part| looks_like_token(part)).map(Cow::into_owned);
        let path_is_word = bare_path && !looks_like_token(url.path());
        whole
            .into_iter()
            .filter(|part| !(path_is_word && *part == url.path().trim_start_matches('/')))
            .map(str::to_owned)
            .chain(parts)
            .chain([user_info.join(":")])
            .chain(user_info)
            .chain(sent)
            .collect()
    }
}

fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// What stands before the user info where it is sent.
const BASIC: &str = "Basic ";

fn authorization(url: &Url) -> Option<String> {
    let (user, password) = (url.username(), url.password());
    if user.is_empty() && password.is_none() {
        return None;
    }
    let mut meant: Vec<u8> = percent_decode_str(user).collect();
    meant.push(b':');
    meant.extend(percent_decode_str(password.unwrap_or_default()));
    Some(format!("{BASIC}{}", STANDARD.encode(meant)))
}

/// Whether a part of a URL looks made by a machine: it has a digit or a capital.
fn looks_like_token(part: &str) -> bool {
    part.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

impl std::fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

impl PartialEq for SecretUrl {
    fn eq(&self, other: &Self) -> bool {
        self.0.url == other.0.url
    }
}

impl Eq for SecretUrl {}

#[cfg(test)]
mod tests {
    use super::super::mask::Scrubber;
    use super::*;

    #[test]
    fn of_a_url_the_host_is_shown_and_the_rest_is_a_secret() {
        let url = SecretUrl::new(
            "https://bob:pa55word!@hooks.example.com:8443/services/T0000AAAA/b1b1b1b1?key=k3yk3yk3y".parse().unwrap(),
        );
        assert_eq!(
            (url.shown().as_str(), format!("{url:?}").as_str()),
            ("hooks.example.com:8443", "hooks.example.com:8443")
        );
        assert_eq!(url.masked(), format!("https://hooks.example.com:8443/{MASK}"));
        assert_eq!(SecretUrl::new("http://localhost/".parse().unwrap()).masked(), "http://localhost");
        let scrubber = Scrubber::new(url.secrets());
        for secret in ["pa55word!", "services/T0000AAAA/b1b1b1b1", "T0000AAAA", "b1b1b1b1", "k3yk3yk3y"] {
            assert_eq!(scrubber.text(secret), MASK, "{secret}");
        }
        assert_eq!(scrubber.text("the services of hooks.example.com"), "the services of hooks.example.com");
    }

    #[test]
    fn a_path_of_one_plain_word_is_not_masked_in_prose() {
        let url = SecretUrl::new("https://hooks.example.com/notifications".parse().unwrap());
        assert_eq!(Scrubber::new(url.secrets()).text("notifications are off"), "notifications are off");
    }

    #[test]
    fn user_info_becomes_a_header_and_is_a_secret_in_every_shape() {
        for (user_info, sent) in [
            ("bob:p%40ss%3Aw0rd@", Some("Basic Ym9iOnBAc3M6dzByZA==")),
            ("bob@", Some("Basic Ym9iOg==")),
            (":t0ken-t0ken@", Some("Basic OnQwa2VuLXQwa2Vu")),
            ("", None),
        ] {
            let url = SecretUrl::new(format!("https://{user_info}hooks.example.com/").parse().unwrap());
            assert_eq!(url.authorization(), sent, "{user_info}");
        }
        let url = SecretUrl::new("https://bob:p%40ss%3Aw0rd@hooks.example.com/".parse().unwrap());
        let scrubber = Scrubber::new(url.secrets());
        for secret in ["p%40ss%3Aw0rd", "p@ss:w0rd", "bob:p@ss:w0rd", "Ym9iOnBAc3M6dzByZA=="] {
            assert_eq!(scrubber.text(secret), MASK, "{secret}");
        }
        assert_eq!(scrubber.text("bob of hooks.example.com"), "bob of hooks.example.com");
    }

    #[test]
    fn what_a_request_needs_of_a_url_is_made_once() {
        for (url, https, port, host, path, whole) in [
            ("https://hooks.example.com", true, 443, "hooks.example.com", "/", "https://hooks.example.com/"),
            (
                "http://bob:pass@127.1:80/a%20b/c?d=e f#g",
                false,
                80,
                "127.0.0.1",
                "/a%20b/c?d=e%20f",
                "http://127.0.0.1/a%20b/c?d=e%20f",
            ),
            ("https://[::1]:8443/x", true, 8443, "[::1]:8443", "/x", "https://[::1]:8443/x"),
            ("https://bücher.example/", true, 443, "xn--bcher-kva.example", "/", "https://xn--bcher-kva.example/"),
        ] {
            let url = SecretUrl::new(url.parse().unwrap());
            let sending = url.sending().unwrap();
            assert_eq!((sending.origin.https, sending.origin.port), (https, port));
            assert_eq!((sending.host.to_str().unwrap(), sending.path.to_string().as_str()), (host, path));
            assert_eq!(sending.whole, whole);
            assert_eq!(sending.origin.host, url.expose().host().unwrap().to_owned());
        }
    }
}
