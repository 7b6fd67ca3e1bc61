//! How many a second: the ceiling, accepting, delivering, draining.

use std::time::Duration;

use super::super::exit::Failure;
use super::Bench;
use super::load::{KIND, event};
use super::metric::Metric;
use super::raw::{self, Plan};
use super::rig::{Endpoint, Rig};
use super::watch::{Lap, Stopwatch, float, limit_for};

/// Requests under way, unless a row says otherwise.
const IN_FLIGHT: u64 = 50;

/// Requests under way to the slow receiver.
const SLOW_IN_FLIGHT: u64 = 200;

/// How often it is looked whether nothing waits any more.
const LOOK: Duration = Duration::from_millis(5);

/// Endpoints of a fan-out.
pub const FAN_OUT: u64 = 10;

impl Bench {
    /// A project with one endpoint that answers at once, its journal as durable as `durability` says.
    fn plain(&mut self, durability: &str) -> Result<Rig, Failure> {
        let endpoint = Endpoint::new("plain", self.sink.url("plain"), IN_FLIGHT);
        self.rig(durability, &[endpoint])
    }

    /// A project whose events go to [`FAN_OUT`] endpoints.
    pub fn fan_out_rig(&mut self) -> Result<Rig, Failure> {
        let endpoints: Vec<Endpoint> = (1..=FAN_OUT)
            .map(|number| Endpoint::new(format!("fan-{number}"), self.sink.url(&format!("fan/{number}")), IN_FLIGHT))
            .collect();
        self.rig("full", &endpoints)
    }

    /// A project with a single endpoint that answers at once.
    pub fn plain_rig(&mut self) -> Result<Rig, Failure> {
        self.plain("full")
    }

    pub fn raw(&mut self) -> Result<(), Failure> {
        let plan = Plan {
            url: &self.sink.url("plain"),
            in_flight: IN_FLIGHT,
            warm_up: self.sizes.warm_up,
            requests: self.sizes.events,
        };
        let lap = raw::measure(plan, &self.alarm)?;
        self.samples.add(Metric::RawRate, lap.per_second);
        self.samples.add(Metric::RawCpu, lap.cpu_us);
        Ok(())
    }

    pub fn batches(&mut self) -> Result<(), Failure> {
        let lap = self.end_to_end("full")?;
        self.samples.add(Metric::BatchesRate, lap.per_second);
        self.samples.add(Metric::BatchesCpu, lap.cpu_us);
        Ok(())
    }

    pub fn normal(&mut self) -> Result<(), Failure> {
        let lap = self.end_to_end("normal")?;
        self.samples.add(Metric::NormalRate, lap.per_second);
        Ok(())
    }

    fn end_to_end(&mut self, durability: &str) -> Result<Lap, Failure> {
        let rig = self.plain(durability)?;
        let (warm_up, events) = (self.sizes.warm_up, self.sizes.events);
        delivering(rig, warm_up, events, 1, |rig, count| rig.emitter().batches(count))
    }

    pub fn emitters(&mut self) -> Result<(), Failure> {
        let rig = self.plain_rig()?;
        let (warm_up, events) = (self.sizes.warm_up, self.sizes.events);
        let lap = delivering(rig, warm_up, events, 1, |rig, count| rig.emitter().by_many(count))?;
        self.samples.add(Metric::EmittersRate, lap.per_second);
        Ok(())
    }

    pub fn fan_out(&mut self) -> Result<(), Failure> {
        let rig = self.fan_out_rig()?;
        let (warm_up, events) = (self.sizes.warm_up.div_ceil(FAN_OUT), self.sizes.events.div_ceil(FAN_OUT));
        let lap = delivering(rig, warm_up, events, FAN_OUT, |rig, count| rig.emitter().batches(count))?;
        self.samples.add(Metric::FanOutRate, lap.per_second);
        Ok(())
    }

    pub fn slow(&mut self) -> Result<(), Failure> {
        let (warm_up, events) = (SLOW_IN_FLIGHT, self.sizes.slow);
        let url = self.sink.url("slow");
        let plan = Plan { url: &url, in_flight: SLOW_IN_FLIGHT, warm_up, requests: events };
        let raw = raw::measure(plan, &self.alarm)?;
        let rig = self.rig("full", &[Endpoint::new("slow", url, SLOW_IN_FLIGHT)])?;
        // It begins with as many in flight as the raw client does: all of it waits already.
        let lap = draining(rig, warm_up, events)?;
        self.samples.add(Metric::SlowRawRate, raw.per_second);
        self.samples.add(Metric::SlowRate, lap.per_second);
        Ok(())
    }

    pub fn drain(&mut self) -> Result<(), Failure> {
        let rig = self.plain_rig()?;
        let lap = draining(rig, self.sizes.warm_up, self.sizes.events)?;
        self.samples.add(Metric::DrainRate, lap.per_second);
        self.samples.add(Metric::DrainCpu, lap.cpu_us);
        Ok(())
    }

    /// One slice of the large backlog; the last one of a whole bench ends with nothing waiting.
    pub fn backlog(&mut self) -> Result<(), Failure> {
        let mut rig = self.large()?;
        let delivered = rig.delivered("")?;
        let slice = if self.sizes.quick {
            self.sizes.slice
        } else {
            self.sizes.backlog.saturating_sub(delivered) / ((self.sizes.rounds - self.round + 1) as u64)
        };
        rig.top_up(slice)?;
        let warm_up = self.sizes.warm_up.min(slice / 2);
        rig.start()?;
        rig.wait_delivered(delivered + warm_up)?;
        let watch = Stopwatch::start();
        let from = rig.delivered("")?;
        rig.wait_delivered(delivered + slice)?;
        // What came beyond the slice before it was looked at counts as well.
        let lap = watch.stop(rig.delivered("")? - from);
        rig.stop();
        self.samples.add(Metric::BacklogRate, lap.per_second);
        self.large = Some(rig);
        Ok(())
    }

    /// The project with the large backlog, filled when it is first asked for.
    pub fn large(&mut self) -> Result<Rig, Failure> {
        if let Some(rig) = self.large.take() {
            return Ok(rig);
        }
        let rig = self.plain_rig()?;
        rig.emitter().fill(self.sizes.backlog)?;
        Ok(rig)
    }

    pub fn accept(&mut self) -> Result<(), Failure> {
        let rig = self.plain_rig()?;
        rig.emitter().batches(self.sizes.warm_up)?;
        let watch = Stopwatch::start();
        rig.emitter().batches(self.sizes.accepted)?;
        self.samples.add(Metric::AcceptBatches, watch.stop(self.sizes.accepted).per_second);
        let watch = Stopwatch::start();
        rig.emitter().one_by_one(self.sizes.single)?;
        self.samples.add(Metric::AcceptSingle, watch.stop(self.sizes.single).per_second);
        Ok(())
    }

    /// Everything in one call, to an endpoint that says nothing of its concurrency. Whatever is neither delivered nor
    /// waiting once nothing moves any more was dropped.
    pub fn burst(&mut self) -> Result<(), Failure> {
        let events = self.sizes.burst;
        let mut rig = self.rig("full", &[Endpoint::with("default", self.sink.url("plain"), KIND, "")])?;
        rig.start()?;
        rig.emitter().batch((0..events).map(|_| event()).collect())?;
        let limit = limit_for(events);
        self.alarm.wait("delivering what came at once", limit, LOOK, || {
            let endpoints = rig.reader().endpoints()?;
            let waits: u64 =
                endpoints.iter().map(|row| row.counts.queued + row.counts.scheduled + row.counts.in_flight).sum();
            Ok((waits == 0).then_some(()))
        })?;
        let delivered = rig.delivered("")?;
        self.samples.add(Metric::BurstDelivered, float(delivered));
        self.samples.add(Metric::BurstDropped, float(events.saturating_sub(delivered)));
        Ok(())
    }
}

/// Accepts while it delivers: from the first event accepted to the last arrival journaled.
fn delivering(
    mut rig: Rig,
    warm_up: u64,
    events: u64,
    endpoints: u64,
    emit: impl Fn(&Rig, u64) -> Result<(), Failure>,
) -> Result<Lap, Failure> {
    rig.start()?;
    emit(&rig, warm_up)?;
    rig.wait_delivered(warm_up * endpoints)?;
    let watch = Stopwatch::start();
    emit(&rig, events)?;
    rig.wait_delivered((warm_up + events) * endpoints)?;
    Ok(watch.stop(events * endpoints))
}

/// Delivers what was accepted before the engine started.
fn draining(mut rig: Rig, warm_up: u64, events: u64) -> Result<Lap, Failure> {
    rig.emitter().fill(warm_up + events)?;
    rig.start()?;
    rig.wait_delivered(warm_up)?;
    let watch = Stopwatch::start();
    let from = rig.delivered("")?;
    rig.wait_delivered(warm_up + events)?;
    Ok(watch.stop(warm_up + events - from))
}
