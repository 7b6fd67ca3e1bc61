//! What the figures were taken on.

use std::path::Path;

use serde::Serialize;

use crate::present::clock::rfc3339;

use super::super::place::now;

/// The machine, as far as it tells.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// Cores that this process may use.
    pub cores: usize,
    /// The processor's name.
    pub cpu: Option<String>,
    /// Name and release of the kernel.
    pub kernel: String,
    /// Type of the file system of the bench's directory.
    pub file_system: Option<String>,
    /// Version of hooktui.
    pub version: &'static str,
    /// Compiled without optimisation: the figures mean nothing.
    pub debug: bool,
    /// When, RFC 3339.
    pub date: String,
}

impl Machine {
    /// Looks around.
    pub fn here(directory: &Path) -> Self {
        let uname = rustix::system::uname();
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            cpu: std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| model(&text)),
            kernel: format!("{} {}", uname.sysname().to_string_lossy(), uname.release().to_string_lossy()),
            file_system: std::fs::read_to_string("/proc/self/mountinfo").ok().and_then(|text| {
                let directory = directory.canonicalize().ok()?;
                file_system(&text, &directory)
            }),
            version: env!("CARGO_PKG_VERSION"),
            debug: cfg!(debug_assertions),
            date: rfc3339(now()),
        }
    }

    /// Whether a commit costs nothing here, which flatters everything that commits.
    pub fn is_in_memory(&self) -> bool {
        matches!(self.file_system.as_deref(), Some("tmpfs" | "ramfs"))
    }
}

fn model(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The type of the file system that holds the directory: of the longest mount point above it, the last one mounted.
fn file_system(mountinfo: &str, directory: &Path) -> Option<String> {
    let mounts = mountinfo.lines().filter_map(|line| {
        let (place, kind) = line.split_once(" - ")?;
        Some((place.split(' ').nth(4)?, kind.split(' ').next()?))
    });
    let above = mounts.filter(|(point, _)| directory.starts_with(point.replace("\\040", " ")));
    above.max_by_key(|(point, _)| point.len()).map(|(_, kind)| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_system_is_that_of_the_nearest_mount_point() {
        let mounts = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw\n\
                      25 22 0:22 / /dev/shm rw,nosuid shared:3 - tmpfs shm rw\n\
                      26 22 0:40 / /with\\040space rw - xfs /dev/b rw\n";
        for (directory, kind) in
            [("/home/amy", "ext4"), ("/dev/shm/x", "tmpfs"), ("/dev/shmoo", "ext4"), ("/with space/x", "xfs")]
        {
            assert_eq!(file_system(mounts, Path::new(directory)).as_deref(), Some(kind), "{directory}");
        }
        assert_eq!(file_system("", Path::new("/")), None);
    }

    #[test]
    fn the_processor_is_named_as_the_kernel_names_it() {
        assert_eq!(model("processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n").as_deref(), Some("Some CPU @ 2 GHz"));
        assert_eq!(model("processor\t: 0\n"), None);
    }
}
