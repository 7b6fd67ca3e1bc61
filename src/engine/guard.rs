//! The address guard: which addresses may be delivered to. Pure.
//!
//! Link-local addresses and those of cloud metadata services are refused always; `network.deny_private` refuses private
//! ones too, save what `network.allow` names.

use std::net::{IpAddr, Ipv6Addr};

use url::{Host, Url};

use crate::config::{Cidr, Network};

/// The metadata service of EC2 over IPv6.
const EC2_METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254);

/// Names of metadata services, refused whatever they resolve to.
const METADATA_NAMES: [&str; 2] = ["metadata.google.internal", "metadata.google.com"];

/// An address that the guard refuses, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("blocked: {what} is {why}")]
pub struct Blocked {
    what: String,
    why: &'static str,
}

/// Judges addresses by a project's `network:`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guard {
    network: Network,
}

impl Guard {
    /// A guard with these settings.
    #[must_use]
    pub const fn new(network: Network) -> Self {
        Self { network }
    }

    /// Judges what a URL says by itself: a literal address in whatever spelling, or a name that is never allowed. Names
    /// that pass are judged again by what they resolve to.
    ///
    /// # Errors
    /// [`Blocked`].
    pub fn judge_url(&self, url: &Url) -> Result<(), Blocked> {
        match url.host() {
            Some(Host::Domain(name)) => Self::judge_name(name),
            Some(Host::Ipv4(address)) => self.judge(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => self.judge(IpAddr::V6(address)),
            None => Err(Blocked { what: "a URL without a host".to_owned(), why: "no address" }),
        }
    }

    /// Judges a name before it is resolved.
    ///
    /// # Errors
    /// [`Blocked`].
    pub fn judge_name(name: &str) -> Result<(), Blocked> {
        let name = name.trim_end_matches('.');
        if METADATA_NAMES.iter().any(|metadata| name.eq_ignore_ascii_case(metadata)) {
            return Err(Blocked { what: name.to_owned(), why: "a cloud metadata service" });
        }
        Ok(())
    }

    /// Judges an address that would be connected to.
    ///
    /// # Errors
    /// [`Blocked`].
    pub fn judge(&self, address: IpAddr) -> Result<(), Blocked> {
        let blocked = |why| Err(Blocked { what: address.to_string(), why });
        let inner = innermost(address);
        if is_link_local(inner) {
            return blocked("link-local (cloud metadata lives there), which is never delivered to");
        }
        if inner == IpAddr::V6(EC2_METADATA) {
            return blocked("a cloud metadata service");
        }
        if self.network.deny_private && is_private(inner) && !self.network.allow.iter().any(|net| contains(net, inner))
        {
            return blocked("private, and hooktui.network.deny_private is set; name it in hooktui.network.allow");
        }
        Ok(())
    }
}

/// The IPv4 address that an IPv6 address carries or leads to, else the address itself.
fn innermost(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let IpAddr::V4(mapped) = v6.to_canonical() {
        return IpAddr::V4(mapped);
    }
    match v6.octets() {
        // NAT64 (RFC 6052).
        [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, v4 @ ..] => IpAddr::V4(v4.into()),
        // IPv4-compatible, which is no longer in use; `::` and `::1` are themselves.
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, v4 @ ..] if v4 > [0, 0, 255, 255] => IpAddr::V4(v4.into()),
        // 6to4 (RFC 3056).
        [0x20, 0x02, first, second, third, fourth, ..] => IpAddr::V4([first, second, third, fourth].into()),
        _ => address,
    }
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let carrier_grade_nat = a == 100 && b & 0b1100_0000 == 64;
            // 0.0.0.0/8 means this host.
            a == 0 || v4.is_loopback() || v4.is_private() || carrier_grade_nat || v4.is_multicast() || v4.is_broadcast()
        }
        IpAddr::V6(v6) => v6.is_unspecified() || v6.is_loopback() || v6.is_unique_local() || v6.is_multicast(),
    }
}

fn contains(net: &Cidr, address: IpAddr) -> bool {
    let (net_bits, bits, width) = match (net.address.to_canonical(), address) {
        (IpAddr::V4(net), IpAddr::V4(address)) => (u128::from(net.to_bits()), u128::from(address.to_bits()), 32_u32),
        (IpAddr::V6(net), IpAddr::V6(address)) => (net.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let shift = width.saturating_sub(u32::from(net.prefix));
    net_bits.checked_shr(shift).unwrap_or(0) == bits.checked_shr(shift).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(deny_private: bool, allow: &[(&str, u8)]) -> Guard {
        let allow = allow.iter().map(|(net, prefix)| Cidr { address: net.parse().unwrap(), prefix: *prefix }).collect();
        Guard::new(Network { allow, deny_private })
    }

    fn passes(guard: &Guard, url: &str) -> bool {
        guard.judge_url(&Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn link_local_and_metadata_are_refused_always_in_every_spelling() {
        let open = guard(false, &[("0.0.0.0", 0), ("::", 0)]);
        for url in [
            "http://169.254.169.254/",
            "http://169.254.0.1/",
            "http://169.254.255.255/",
            "http://2852039166/",
            "http://0xa9fea9fe/",
            "http://0251.0376.0251.0376/",
            "http://169.254.43518/",
            "http://[::ffff:169.254.169.254]/",
            "http://[::ffff:a9fe:a9fe]/",
            "http://[::169.254.169.254]/",
            "http://[64:ff9b::a9fe:a9fe]/",
            "http://[2002:a9fe:a9fe::1]/",
            "http://[fe80::1]/",
            "http://[febf::1]/",
            "http://[fd00:ec2::254]/",
            "http://metadata.google.internal/",
            "http://METADATA.Google.Internal/",
            "http://metadata.google.internal./",
            "http://metadata.google.com/computeMetadata/v1/",
        ] {
            assert!(!passes(&open, url), "{url}");
        }
    }

    #[test]
    fn everything_else_passes_unless_private_addresses_are_denied() {
        let open = guard(false, &[]);
        let closed = guard(true, &[]);
        for url in [
            "http://127.0.0.1/",
            "http://127.9.9.9/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0/",
            "http://[::]/",
            "http://10.0.0.1/",
            "http://172.16.0.1/",
            "http://172.31.255.255/",
            "http://192.168.1.1/",
            "http://100.64.0.1/",
            "http://[fc00::1]/",
            "http://[fd12:3456::1]/",
            "http://[64:ff9b::a00:1]/",
            "http://224.0.0.1/",
        ] {
            assert!(passes(&open, url), "{url} without deny_private");
            assert!(!passes(&closed, url), "{url} with deny_private");
        }
        for url in [
            "https://93.184.216.34/",
            "http://172.15.0.1/",
            "http://172.32.0.1/",
            "http://100.128.0.1/",
            "http://169.253.0.1/",
            "http://[2606:4700::1111]/",
            "http://[fec0::1]/",
            "https://hooks.example.com/",
            "https://metadata.google.internal.example.com/",
        ] {
            assert!(passes(&closed, url), "{url}");
        }
    }

    #[test]
    fn an_allowed_network_passes_where_private_ones_are_denied() {
        let guard = guard(true, &[("10.1.0.0", 16), ("fd12::", 16), ("127.0.0.1", 32)]);
        for (url, expected) in [
            ("http://10.1.255.1/", true),
            ("http://10.2.0.1/", false),
            ("http://[::ffff:10.1.2.3]/", true),
            ("http://[fd12::5]/", true),
            ("http://[fd13::5]/", false),
            ("http://127.0.0.1/", true),
            ("http://127.0.0.2/", false),
        ] {
            assert_eq!(passes(&guard, url), expected, "{url}");
        }
    }

    #[test]
    fn a_refusal_says_what_and_why() {
        let text = guard(true, &[]).judge("10.0.0.1".parse().unwrap()).unwrap_err().to_string();
        assert_eq!(
            text,
            "blocked: 10.0.0.1 is private, and hooktui.network.deny_private is set; name it in hooktui.network.allow"
        );
    }
}
