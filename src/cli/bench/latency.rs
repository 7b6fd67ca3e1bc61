//! How long it takes: from accepting to the sink, at a gentle rate; what a disk takes; what sick neighbours change.

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use super::super::exit::Failure;
use super::Bench;
use super::child::Question;
use super::load::{SICK_KIND, event, pace};
use super::metric::{Metric, percentile};
use super::rig::{Endpoint, Rig};
use super::watch::{Stopwatch, float, limit_for, monotonic_ns};

/// The gentle rate.
const GENTLE: u32 = 50;

/// The rate at which neighbours are watched.
const BUSY: u32 = 200;

/// What is appended between two fdatasync.
const PAGE: [u8; 4096] = [0x5a; 4096];

/// Between two fdatasync.
const SYNC_PAUSE: Duration = Duration::from_millis(2);

/// How many events wait for each endpoint that does not work.
const SICK_WAITING: u64 = 500;

impl Bench {
    pub fn latency(&mut self) -> Result<(), Failure> {
        let syncs = self.syncs()?;
        self.add_percentile(Metric::SyncP50, &syncs, 500);
        self.add_percentile(Metric::SyncP99, &syncs, 990);
        let mut rig = self.plain_rig()?;
        rig.start()?;
        let taken = self.paced(&rig, self.sizes.paced, GENTLE)?;
        drop(rig);
        self.add_percentile(Metric::LatencyP50, &taken, 500);
        self.add_percentile(Metric::LatencyP99, &taken, 990);
        self.add_percentile(Metric::LatencyP999, &taken, 999);
        let mut rig = self.fan_out_rig()?;
        rig.start()?;
        let taken = self.paced(&rig, self.sizes.paced.div_ceil(2), GENTLE)?;
        self.add_percentile(Metric::FanOutLatencyP50, &taken, 500);
        self.add_percentile(Metric::FanOutLatencyP99, &taken, 990);
        Ok(())
    }

    fn add_percentile(&mut self, metric: Metric, values: &[f64], per_mille: usize) {
        if let Some(value) = percentile(values, per_mille) {
            self.samples.add(metric, value);
        }
    }

    /// Milliseconds that each fdatasync after an append took.
    fn syncs(&self) -> Result<Vec<f64>, Failure> {
        let path = self.directory.path().join("fdatasync");
        let cannot = |error: std::io::Error| Failure::failed(format!("cannot write to {}: {error}", path.display()));
        let mut file = File::create(&path).map_err(cannot)?;
        let mut taken = Vec::new();
        for _ in 0..self.sizes.paced {
            self.alarm.sleep_until(Instant::now() + SYNC_PAUSE)?;
            let began = monotonic_ns();
            file.write_all(&PAGE).and_then(|()| file.sync_data()).map_err(cannot)?;
            taken.push(float(monotonic_ns() - began) / 1e6);
        }
        Ok(taken)
    }

    /// Milliseconds from the call that accepts an event to the arrival of each of its deliveries at the sink, at so many
    /// events a second. A tenth of them comes before and does not count.
    fn paced(&mut self, rig: &Rig, count: u64, per_second: u32) -> Result<Vec<f64>, Failure> {
        let warm_up = count.div_ceil(10);
        self.pour(rig, warm_up, per_second)?;
        self.sink.ask(Question::Note)?;
        let sent = self.pour(rig, count, per_second)?;
        let deliveries: Vec<(String, u64)> =
            sent.into_iter().flat_map(|(ids, at)| ids.into_iter().map(move |id| (id, at))).collect();
        let what = "the arrival of what was accepted";
        let (alarm, limit, pause) = (self.alarm.clone(), limit_for(count), Duration::from_millis(20));
        let arrivals = alarm.wait(what, limit, pause, || {
            let arrivals = self.sink.arrivals()?;
            Ok(deliveries.iter().all(|(id, _)| arrivals.contains_key(id)).then_some(arrivals))
        })?;
        self.sink.ask(Question::Count)?;
        let taken = deliveries.iter().filter_map(|(id, at)| Some(float(arrivals.get(id)?.saturating_sub(*at)) / 1e6));
        Ok(taken.collect())
    }

    /// Accepts at a steady rate; each event's deliveries with the time at which accepting was asked for. Only those to
    /// endpoints that work.
    fn pour(&self, rig: &Rig, count: u64, per_second: u32) -> Result<Vec<(Vec<String>, u64)>, Failure> {
        let mut sent = Vec::new();
        let mut next = Instant::now();
        for _ in 0..count {
            next += pace(per_second);
            self.alarm.sleep_until(next)?;
            let event = event();
            let at = monotonic_ns();
            let accepted = rig.emitter().batch(vec![event])?;
            sent.extend(accepted.into_iter().map(|one| (one.deliveries, at)));
        }
        Ok(sent)
    }

    pub fn neighbours(&mut self) -> Result<(), Failure> {
        let alone = self.healthy(&[])?;
        let refusing = format!("http://127.0.0.1:{}/", closed_port()?);
        let sick = [
            Endpoint::with("sick-hanging", self.sink.url("hang"), SICK_KIND, "timeout: 2s"),
            Endpoint::with("sick-refusing", refusing, SICK_KIND, ""),
        ];
        let beside = self.healthy(&sick)?;
        self.samples.add(Metric::AloneRate, alone.0);
        self.samples.add(Metric::HealthyRate, beside.0);
        self.samples.add(Metric::AloneP99, alone.1);
        self.samples.add(Metric::HealthyP99, beside.1);
        Ok(())
    }

    /// Deliveries a second and p99 of two endpoints that work, beside these that do not.
    fn healthy(&mut self, sick: &[Endpoint]) -> Result<(f64, f64), Failure> {
        const HEALTHY: u64 = 2;
        let mut endpoints: Vec<Endpoint> = (1..=HEALTHY)
            .map(|number| Endpoint::new(format!("healthy-{number}"), self.sink.url(&format!("healthy/{number}")), 25))
            .collect();
        endpoints.extend_from_slice(sick);
        let mut rig = self.rig("full", &endpoints)?;
        if !sick.is_empty() {
            rig.emitter().fill_sick(SICK_WAITING)?;
        }
        rig.start()?;
        let (warm_up, events) = (self.sizes.warm_up.div_ceil(HEALTHY), self.sizes.events.div_ceil(HEALTHY));
        rig.emitter().batches(warm_up)?;
        rig.wait_delivered_by("healthy", warm_up * HEALTHY)?;
        let watch = Stopwatch::start();
        rig.emitter().batches(events)?;
        rig.wait_delivered_by("healthy", (warm_up + events) * HEALTHY)?;
        let lap = watch.stop(events * HEALTHY);
        let taken = self.paced(&rig, self.sizes.paced, BUSY)?;
        Ok((lap.per_second, percentile(&taken, 990).unwrap_or_default()))
    }
}

/// A port that nobody listens on: one that was free a moment ago.
fn closed_port() -> Result<u16, Failure> {
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}
