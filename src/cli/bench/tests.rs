use super::*;
use metric::{Metric, Spread, percentile};
use rows::{Against, Bar, LINES};

#[test]
fn the_median_of_rounds_is_their_middle_and_the_spread_their_ends() {
    for (values, expected) in [
        (&[][..], None),
        (&[3.0], Some((3.0, 3.0, 3.0))),
        (&[9.0, 1.0], Some((5.0, 1.0, 9.0))),
        (&[9.0, 1.0, 2.0], Some((2.0, 1.0, 9.0))),
        (&[4.0, 1.0, 3.0, 2.0], Some((2.5, 1.0, 4.0))),
    ] {
        let expected = expected.map(|(median, min, max)| Spread { median, min, max });
        assert_eq!(Spread::of(values), expected, "{values:?}");
    }
}

#[test]
fn a_percentile_is_a_value_that_was_measured() {
    let hundred: Vec<f64> = (1..=100_u32).rev().map(f64::from).collect();
    for (per_mille, expected) in [(0, 1.0), (500, 50.0), (990, 99.0), (999, 100.0), (1_000, 100.0)] {
        assert_eq!(percentile(&hundred, per_mille), Some(expected), "{per_mille}");
    }
    assert_eq!(percentile(&[7.0], 10), Some(7.0));
    assert_eq!(percentile(&[], 500), None);
}

#[test]
fn comparisons_are_made_within_a_round() {
    let mut samples = Samples::default();
    for (raw, batches) in [(100.0, 50.0), (10.0, 8.0), (1_000.0, 700.0)] {
        samples.add(Metric::RawRate, raw);
        samples.add(Metric::BatchesRate, batches);
    }
    let over = Against::Over(Metric::RawRate, "raw").values(Metric::BatchesRate, &samples);
    assert_eq!(over, Some(vec![0.5, 0.8, 0.7]));
    let beyond = Against::Beyond(Metric::RawRate, "raw").values(Metric::BatchesRate, &samples);
    assert_eq!(beyond, Some(vec![-50.0, -2.0, -300.0]));
    assert_eq!(Against::Nothing.values(Metric::BatchesRate, &samples), None);
    // The median of the ratios, which is not the ratio of the medians.
    assert_eq!(over.as_deref().and_then(Spread::of).map(|spread| spread.median), Some(0.7));
}

#[test]
fn a_bar_is_for_the_median() {
    let of = |median| Some(Spread { median, min: 0.0, max: 1_000.0 });
    for (bar, spread, met) in [
        (Bar::None, of(1.0), None),
        (Bar::Least(0.75), None, None),
        (Bar::Least(0.75), of(0.75), Some(true)),
        (Bar::Least(0.75), of(0.74), Some(false)),
        (Bar::Most(1.6), of(1.6), Some(true)),
        (Bar::Most(1.6), of(1.61), Some(false)),
        (Bar::Under(40.0), of(39.9), Some(true)),
        (Bar::Under(40.0), of(40.0), Some(false)),
    ] {
        assert_eq!(bar.is_met(spread), met, "{bar:?} {spread:?}");
    }
}

#[test]
fn every_row_has_a_line_and_a_part_that_measures_it() {
    for row in Row::value_variants() {
        assert!(LINES.iter().any(|line| line.row == *row), "{row:?} has no line");
        assert!(FIRST.iter().chain(ROUND).any(|part| part.1.contains(row)), "nothing measures {row:?}");
    }
}

#[test]
fn an_event_has_about_400_bytes() {
    let size = serde_json::to_vec(&load::event()).unwrap().len();
    assert!((360..=440).contains(&size), "{size} bytes");
}

#[test]
fn a_line_shows_value_comparison_and_bar_in_their_units() {
    let mut samples = Samples::default();
    for (metric, values) in [
        (Metric::RawRate, [30_000.0, 20_000.0, 25_000.0]),
        (Metric::BatchesRate, [21_000.0, 16_000.0, 19_500.4]),
        (Metric::SyncP50, [0.5, 0.25, 1.0]),
        (Metric::LatencyP50, [1.5, 0.75, 1.75]),
        (Metric::MemoryLarge, [21.04, 22.6, 22.0]),
    ] {
        for value in values {
            samples.add(metric, value);
        }
    }
    let table = [
        (
            "deliveries, events in batches of 64",
            ["19,500/s", "16,000..21,000", "0.78 x", "raw", "0.70..0.80", ">= 0.75 x"],
            Some(true),
        ),
        (
            "accepted to sink at 50/s, p50",
            ["1.50 ms", "0.75..1.75", "+0.75 ms", "beyond fdatasync", "0.50..1.00", "<= +0.80 ms"],
            Some(true),
        ),
        ("memory of run, large backlog", ["22.0 MB", "21.0..22.6", "", "", "", "< 40.0 MB"], Some(true)),
        ("raw client, 50 in flight", ["25,000/s", "20,000..30,000", "", "", "", "-"], None),
        ("draining what waits", ["-", "", "", "", "", ">= 0.85 x"], None),
    ];
    for (what, texts, met) in table {
        let line = LINES.iter().find(|line| line.what == what).unwrap();
        let told = report::told(line, &samples);
        assert_eq!((&told.texts[1..], told.met), (&texts.map(str::to_owned)[..], met), "{what}");
    }
}
