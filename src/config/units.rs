//! Sizes (`1GiB`), rates (`50/s`) and address blocks (`10.0.0.0/8`).

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use super::{Cidr, Rate};

/// Units of sizes; letter case does not matter.
const SIZES: &[(&str, u64)] = &[
    ("", 1),
    ("b", 1),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
];

/// Reads a size in bytes.
///
/// # Errors
/// In words, with what would be right.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
    let unit = unit.trim().to_ascii_lowercase();
    let scale = SIZES.iter().find(|(name, _)| *name == unit).map(|(_, scale)| *scale);
    number
        .parse::<u64>()
        .ok()
        .zip(scale)
        .and_then(|(number, scale)| number.checked_mul(scale))
        .filter(|&bytes| i64::try_from(bytes).is_ok())
        .ok_or_else(|| "is no size; write 512KiB, 10MiB, 1GiB or a number of bytes".to_owned())
}

/// Reads a rate.
///
/// # Errors
/// In words, with what would be right.
pub fn rate(text: &str) -> Result<Rate, String> {
    let wrong = || "is no rate; write 50/s, 300/m or 1000/h".to_owned();
    let (count, per) = text.split_once('/').ok_or_else(wrong)?;
    let count: NonZeroU32 = count.trim().parse().map_err(|_| wrong())?;
    let per = match per.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err(wrong()),
    };
    Ok(Rate { count, per: Duration::from_secs(per) })
}

/// Reads an address block, or one address.
///
/// # Errors
/// In words, with what would be right.
pub(super) fn cidr(text: &str) -> Result<Cidr, String> {
    let wrong = || "is no address block; write 10.0.0.0/8 or fd00::/8".to_owned();
    let (address, prefix) = match text.trim().split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text.trim(), None),
    };
    let address: IpAddr = address.parse().map_err(|_| wrong())?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Ok(longest), |prefix| prefix.parse::<u8>().map_err(|_| wrong()))?;
    if prefix > longest {
        return Err(format!("has too long a prefix, at most /{longest} is possible"));
    }
    Ok(Cidr { address, prefix })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_binary_and_decimal_units() {
        for (text, bytes) in
            [("0", 0), ("1024", 1024), ("512KiB", 524_288), ("1GiB", 1 << 30), ("10 mb", 10_000_000), ("7B", 7)]
        {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "GiB", "-1", "1.5GiB", "1K", "99999999TiB", "1GiBx"] {
            assert!(size(text).unwrap_err().contains("1GiB"), "{text}");
        }
    }

    #[test]
    fn rates_count_per_second_minute_or_hour() {
        for (text, count, seconds) in [("50/s", 50, 1), (" 300 / m", 300, 60), ("1/h", 1, 3_600)] {
            let rate = rate(text).unwrap();
            assert_eq!((rate.count.get(), rate.per.as_secs()), (count, seconds), "{text}");
        }
        for text in ["", "50", "0/s", "-1/s", "1/d", "1.5/s", "1/s/s"] {
            assert!(rate(text).unwrap_err().contains("50/s"), "{text}");
        }
    }

    #[test]
    fn address_blocks_are_checked() {
        assert_eq!(cidr("10.0.0.0/8"), Ok(Cidr { address: IpAddr::from([10, 0, 0, 0]), prefix: 8 }));
        assert_eq!(cidr("::1").map(|block| block.prefix), Ok(128));
        for text in ["", "10.0.0/8", "10.0.0.0/33", "fd00::/129", "x/8", "10.0.0.0/-1", "10.0.0.0/8/8"] {
            assert!(cidr(text).is_err(), "{text}");
        }
    }
}
