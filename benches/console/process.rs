//! What the system tells of the console's process: memory, and processor time by thread. Linux only; elsewhere nothing.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::{Result, go_on};

/// Processor time is told in hundredths of a second everywhere (`getconf CLK_TCK`).
const TICKS: f64 = 100.0;

/// The console's own threads: the loop, which has the name of the program, and those that read for it.
const CONSOLE: [&str; 3] = ["hooktui", "feed", "count"];

/// A process.
#[derive(Debug, Clone, Copy)]
pub struct Process(pub u32);

impl Process {
    fn folder(self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.0))
    }

    /// Memory that is its own, and its most so far, in MB.
    pub fn memory(self) -> Option<[f64; 2]> {
        let status = std::fs::read_to_string(self.folder().join("status")).ok()?;
        let kib = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        };
        Some([kib("VmRSS:")? * 1024.0 / 1e6, kib("VmHWM:")? * 1024.0 / 1e6])
    }

    /// Shares of a core, in per cent, over so long: of the console's own threads, and of the whole process.
    pub fn share(self, over: Duration) -> Result<Option<[f64; 2]>> {
        let (before, begun) = (self.ticks(), Instant::now());
        while begun.elapsed() < over {
            go_on()?;
            std::thread::sleep(Duration::from_millis(50));
        }
        let seconds = begun.elapsed().as_secs_f64();
        let share = |before: f64, after: f64| (after - before) / TICKS / seconds * 100.0;
        Ok(before.zip(self.ticks()).map(|(before, after)| [share(before[0], after[0]), share(before[1], after[1])]))
    }

    /// Ticks so far: of the console's own threads, and of all that live.
    fn ticks(self) -> Option<[f64; 2]> {
        let mut ticks = [0.0, 0.0];
        for thread in std::fs::read_dir(self.folder().join("task")).ok()?.flatten() {
            // `pid (name) state ...`, user and system time being the 12th and 13th field after the name.
            let Ok(stat) = std::fs::read_to_string(thread.path().join("stat")) else { continue };
            let Some((head, rest)) = stat.rsplit_once(") ") else { continue };
            let used: f64 = rest.split(' ').skip(11).take(2).filter_map(|one| one.parse::<f64>().ok()).sum();
            ticks[1] += used;
            if head.split_once('(').is_some_and(|(_, name)| CONSOLE.contains(&name)) {
                ticks[0] += used;
            }
        }
        Some(ticks)
    }
}
