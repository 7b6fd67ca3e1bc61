//! Figures: counts, ages, durations, rates, sizes, shares. Fixed forms, so that columns do not jump.

/// Stands where a figure is not known. Never 0 for unknown.
pub const UNKNOWN: &str = "–";

/// Of a sparkline.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// `1,204,331`.
#[must_use]
pub fn count(number: impl Into<u64>) -> String {
    let digits = number.into().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The count in at most `cells`: `300,000` as it is where it fits, else `300k`, `1.2M`. A figure that is cut would be a
/// wrong one; a rounded one (down) is not.
#[must_use]
pub fn count_within(number: u64, cells: usize) -> String {
    const SCALES: &[(u64, &str)] = &[(1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")];
    let whole = count(number);
    if whole.len() <= cells {
        return whole;
    }
    let scale = SCALES.iter().rev().find(|(unit, _)| number >= *unit);
    scale.map_or(whole, |(unit, letter)| match number / unit {
        few @ 0..10 if cells > 3 => format!("{few}.{}{letter}", number % unit * 10 / unit),
        many => format!("{many}{letter}"),
    })
}

/// `1 delivery`, `31 deliveries`.
#[must_use]
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// The figure, or [`UNKNOWN`].
#[must_use]
pub fn known<T>(figure: Option<T>, show: impl FnOnce(T) -> String) -> String {
    figure.map_or_else(|| UNKNOWN.to_owned(), show)
}

/// Milliseconds from `from` to `to`; 0 where the clock went back: no age is negative.
#[must_use]
pub fn elapsed(from: i64, to: i64) -> u64 {
    u64::try_from(to.saturating_sub(from)).unwrap_or(0)
}

/// An age in one unit, for columns: `0.2s`, `41s`, `3m`, `3h`, `5d`.
#[must_use]
pub fn age(ms: u64) -> String {
    match ms {
        0..10_000 => format!("{}.{}s", ms / SECOND, ms % SECOND / 100),
        10_000..MINUTE => format!("{}s", ms / SECOND),
        MINUTE..HOUR => format!("{}m", ms / MINUTE),
        HOUR..DAY => format!("{}h", ms / HOUR),
        DAY.. => format!("{}d", count(ms / DAY)),
    }
}

/// An age in two units: `0.2s`, `41s`, `2m14s`, `3h12m`, `5d04h`.
#[must_use]
pub fn long_age(ms: u64) -> String {
    match ms {
        0..MINUTE => age(ms),
        MINUTE..HOUR => format!("{}m{:02}s", ms / MINUTE, ms % MINUTE / SECOND),
        HOUR..DAY => format!("{}h{:02}m", ms / HOUR, ms % HOUR / MINUTE),
        DAY.. => format!("{}d{:02}h", count(ms / DAY), ms % DAY / HOUR),
    }
}

/// A stretch of time in a sentence: `0.4 s`, `3.2 s`, `28 s`, `2m14s`, `3h12m`.
#[must_use]
pub fn span(ms: u64) -> String {
    match ms {
        0..10_000 => format!("{}.{} s", ms / SECOND, ms % SECOND / 100),
        10_000..MINUTE => format!("{} s", ms / SECOND),
        MINUTE.. => long_age(ms),
    }
}

/// What is left until `at`: `in 3.2 s`, or `now` when it has come.
#[must_use]
pub fn countdown(at: i64, now: i64) -> String {
    match elapsed(now, at) {
        0..100 => "now".to_owned(),
        left => format!("in {}", span(left)),
    }
}

/// How long something took, from microseconds: `0.4ms`, `84ms`, `1.2s`, `10.0s`, `2m05s`.
#[must_use]
pub fn took(us: u64) -> String {
    match us {
        0..1000 => format!("0.{}ms", us / 100),
        1000..999_500 => format!("{}ms", (us + 500) / 1000),
        999_500..99_950_000 => {
            let tenths = (us + 50_000) / 100_000;
            format!("{}.{}s", tenths / 10, tenths % 10)
        }
        _ => long_age(us / 1000),
    }
}

/// As [`took`], from milliseconds. A whole 0 ms is `<1ms`.
#[must_use]
pub fn took_ms(ms: u64) -> String {
    if ms == 0 { "<1ms".to_owned() } else { took(ms.saturating_mul(1000)) }
}

/// `12.4/s`, `0.0/s`, `1,204/s`; what is little but not nothing is `<0.1/s`.
#[must_use]
pub fn rate(per_second: f64) -> String {
    if per_second > 0.0 && per_second < 0.1 {
        return "<0.1/s".to_owned();
    }
    if per_second < 99.95 {
        return format!("{:.1}/s", per_second.max(0.0));
    }
    format!("{}/s", count(whole(per_second)))
}

/// A limit of so many per this long: `50/s`, `4/h`, `10 per 30 s`.
#[must_use]
pub fn pace(count: u32, per: std::time::Duration) -> String {
    let per = u64::try_from(per.as_millis()).unwrap_or(u64::MAX);
    match per {
        SECOND => format!("{count}/s"),
        MINUTE => format!("{count}/m"),
        HOUR => format!("{count}/h"),
        DAY => format!("{count}/d"),
        _ => format!("{count} per {}", span(per)),
    }
}

/// `512 B`, `1.2 KiB`, `22.6 MiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut rest = bytes;
    let mut unit = "B";
    let mut tenths = 0;
    for larger in UNITS {
        if rest < 1024 {
            break;
        }
        tenths = rest % 1024 * 10 / 1024;
        rest /= 1024;
        unit = larger;
    }
    format!("{rest}.{tenths} {unit}")
}

/// A share in per cent with one digit, rounded down: `100.0%` means all of it. Unknown where there is nothing to share.
#[must_use]
pub fn percent(part: u64, whole: u64) -> String {
    known(per_mille(part, whole), |share| format!("{}.{}%", share / 10, share % 10))
}

fn per_mille(part: u64, whole: u64) -> Option<u128> {
    (whole > 0).then(|| u128::from(part) * 1000 / u128::from(whole))
}

/// A series as blocks of eight heights, scaled to its own peak; nothing happened shows as the lowest block.
#[must_use]
pub fn sparkline(series: &[u64]) -> String {
    let peak = series.iter().copied().max().unwrap_or(0).max(1);
    let height = |value: u64| usize::try_from(u128::from(value) * 7 / u128::from(peak)).unwrap_or(0);
    series.iter().map(|value| BLOCKS.get(height(*value)).copied().unwrap_or('█')).collect()
}

/// Shares of the whole as blocks of eight heights, the highest only where it was all of it; a blank where there was nothing.
#[must_use]
pub fn shareline(shares: &[(u64, u64)]) -> String {
    let height = |part: u64, whole: u64| usize::try_from(u128::from(part) * 7 / u128::from(whole)).unwrap_or(7);
    let block = |(part, whole): &(u64, u64)| match whole {
        0 => ' ',
        _ => BLOCKS.get(height(*part, *whole)).copied().unwrap_or('█'),
    };
    shares.iter().map(block).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; saturates at u64::MAX")]
fn whole(number: f64) -> u64 {
    number.max(0.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_does_not_fit_is_rounded_and_never_cut() {
        for (number, cells, shown) in [
            (0, 1, "0"),
            (99_999, 6, "99,999"),
            (300_000, 6, "300k"),
            (300_000, 7, "300,000"),
            (1_204_331, 6, "1.2M"),
            (9_999, 4, "9.9k"),
            (9_999, 3, "9k"),
            (12_345_678_901, 6, "12G"),
        ] {
            assert_eq!(count_within(number, cells), shown);
        }
    }

    #[test]
    fn counts_are_separated_by_thousands() {
        for (number, shown) in
            [(0_u64, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (1_204_331, "1,204,331"), (100_000, "100,000")]
        {
            assert_eq!(count(number), shown);
        }
        assert_eq!(counted(1, "delivery", "deliveries"), "1 delivery");
        assert_eq!(counted(1200, "delivery", "deliveries"), "1,200 deliveries");
    }

    #[test]
    fn ages_have_one_unit_or_two() {
        for (ms, short, long, words) in [
            (0, "0.0s", "0.0s", "0.0 s"),
            (249, "0.2s", "0.2s", "0.2 s"),
            (9_999, "9.9s", "9.9s", "9.9 s"),
            (41_300, "41s", "41s", "41 s"),
            (59_999, "59s", "59s", "59 s"),
            (134_000, "2m", "2m14s", "2m14s"),
            (11_520_000, "3h", "3h12m", "3h12m"),
            (5 * DAY + 4 * HOUR, "5d", "5d04h", "5d04h"),
            (u64::MAX, "213,503,982,334d", "213,503,982,334d14h", "213,503,982,334d14h"),
        ] {
            assert_eq!(age(ms), short);
            assert_eq!(long_age(ms), long);
            assert_eq!(span(ms), words);
        }
    }

    #[test]
    fn no_age_is_negative() {
        assert_eq!(elapsed(5_000, 3_000), 0);
        assert_eq!(elapsed(3_000, 5_000), 2_000);
        assert_eq!(elapsed(i64::MIN, i64::MAX), u64::try_from(i64::MAX).unwrap());
    }

    #[test]
    fn a_countdown_ends_in_now() {
        assert_eq!(countdown(13_200, 10_000), "in 3.2 s");
        assert_eq!(countdown(10_050, 10_000), "now");
        assert_eq!(countdown(9_000, 10_000), "now");
    }

    #[test]
    fn durations_keep_three_digits() {
        for (us, shown) in [
            (0, "0.0ms"),
            (430, "0.4ms"),
            (84_000, "84ms"),
            (999_499, "999ms"),
            (999_500, "1.0s"),
            (1_240_000, "1.2s"),
            (10_000_000, "10.0s"),
            (125_000_000, "2m05s"),
        ] {
            assert_eq!(took(us), shown);
        }
        assert_eq!(took_ms(0), "<1ms");
        assert_eq!(took_ms(140), "140ms");
    }

    #[test]
    fn rates_say_little_apart_from_nothing() {
        for (per_second, shown) in
            [(0.0, "0.0/s"), (0.02, "<0.1/s"), (12.44, "12.4/s"), (99.96, "100/s"), (1204.4, "1,204/s")]
        {
            assert_eq!(rate(per_second), shown);
        }
    }

    #[test]
    fn a_limit_is_told_as_the_file_has_it() {
        for (count, ms, shown) in [(50, SECOND, "50/s"), (4, HOUR, "4/h"), (10, 30 * SECOND, "10 per 30 s")] {
            assert_eq!(pace(count, std::time::Duration::from_millis(ms)), shown);
        }
    }

    #[test]
    fn sizes_have_one_digit_after_the_point() {
        for (bytes, shown) in
            [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_300, "1.2 KiB"), (23_697_817, "22.5 MiB")]
        {
            assert_eq!(size(bytes), shown);
        }
    }

    #[test]
    fn a_hundred_per_cent_means_all() {
        for (part, whole, shown) in
            [(0, 0, UNKNOWN), (0, 5, "0.0%"), (9_999, 10_000, "99.9%"), (10, 10, "100.0%"), (987, 1000, "98.7%")]
        {
            assert_eq!(percent(part, whole), shown);
        }
    }

    #[test]
    fn a_sparkline_is_scaled_to_its_peak() {
        assert_eq!(sparkline(&[0, 1, 2, 7]), "▁▂▃█");
        assert_eq!(sparkline(&[0, 0]), "▁▁");
        assert_eq!(sparkline(&[]), "");
        assert_eq!(sparkline(&[u64::MAX, 0]), "█▁");
    }

    #[test]
    fn only_all_of_it_is_a_full_block() {
        assert_eq!(shareline(&[(0, 0), (0, 4), (2, 4), (999, 1000), (4, 4), (u64::MAX, u64::MAX)]), " ▁▄▇██");
    }
}
