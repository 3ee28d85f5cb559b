//! Clocks of the process and the machine, read from `/proc`; where there is none they read 0.

use std::fs::read_to_string;
use std::time::Instant;

/// Linux counts these ticks a second in `/proc` on every architecture.
const TICKS: f64 = 100.0;

/// When the process started.
#[derive(Clone, Copy, Debug)]
pub struct Started {
    main: Instant,
    /// Seconds the process had lived when `main` began.
    before: f64,
}

impl Started {
    /// To be called first of all.
    pub fn now() -> Started {
        Started { main: Instant::now(), before: process_age() }
    }

    /// Seconds since the process started.
    pub fn age(&self) -> f64 {
        self.before + self.main.elapsed().as_secs_f64()
    }
}

fn process_age() -> f64 {
    let read = || {
        let stat = read_to_string("/proc/self/stat").ok()?;
        let start: f64 = stat[stat.rfind(')')? + 2..].split(' ').nth(19)?.parse().ok()?;
        let uptime: f64 = read_to_string("/proc/uptime").ok()?.split(' ').next()?.parse().ok()?;
        Some((uptime - start / TICKS).max(0.0))
    };
    read().unwrap_or(0.0)
}

/// Processor seconds that the threads of this process have used, to the nanosecond.
pub fn cpu_seconds() -> f64 {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0.0 };
    let nanoseconds = |t: std::fs::DirEntry| -> Option<f64> {
        read_to_string(t.path().join("schedstat")).ok()?.split(' ').next()?.parse().ok()
    };
    tasks.flatten().filter_map(nanoseconds).sum::<f64>() * 1e-9
}

/// Processor seconds that this process has used, those of threads that have ended included, to a hundredth.
pub fn all_cpu_seconds() -> f64 {
    let read = || {
        let stat = read_to_string("/proc/self/stat").ok()?;
        let mut fields = stat[stat.rfind(')')? + 2..].split(' ').skip(11);
        let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some((user + system) / TICKS)
    };
    read().unwrap_or(0.0)
}

/// Processor seconds of programs that this one started and that have ended.
fn children_seconds() -> f64 {
    let read = || {
        let stat = read_to_string("/proc/self/stat").ok()?;
        let mut fields = stat[stat.rfind(')')? + 2..].split(' ').skip(13);
        let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some((user + system) / TICKS)
    };
    read().unwrap_or(0.0)
}

/// Processor seconds of this program and of those that it started and that have ended.
fn own_seconds() -> f64 {
    cpu_seconds() + children_seconds()
}

/// Processor seconds that the whole machine has been busy.
fn busy_seconds() -> f64 {
    let read = || {
        let stat = read_to_string("/proc/stat").ok()?;
        let fields: Vec<f64> =
            stat.lines().next()?.split_whitespace().skip(1).filter_map(|f| f.parse().ok()).collect();
        Some((fields.iter().sum::<f64>() - fields.get(3)? - fields.get(4)?) / TICKS)
    };
    read().unwrap_or(0.0)
}

/// A number of KiB from the process's status.
fn status_kib(field: &str) -> f64 {
    let read = || {
        let status = read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|l| l.starts_with(field))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok()
    };
    read().unwrap_or(0.0)
}

/// The largest amount of memory the process has had, in MiB.
pub fn peak_rss_mib() -> f64 {
    (status_kib("VmHWM:") / 1024.0 * 10.0).round() / 10.0
}

/// How much memory the process has now, in KiB.
pub fn rss_kib() -> f64 {
    status_kib("VmRSS:")
}

/// How much of the machine others used meanwhile.
pub struct Noise {
    start: Instant,
    busy: f64,
    own: f64,
}

impl Noise {
    pub fn start() -> Noise {
        Noise { start: Instant::now(), busy: busy_seconds(), own: own_seconds() }
    }

    /// The share of all cores' time, from 0 to 1.
    pub fn share(&self) -> f64 {
        let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
        let others = busy_seconds() - self.busy - (own_seconds() - self.own);
        let share = others / (self.start.elapsed().as_secs_f64() * cores);
        (share.clamp(0.0, 1.0) * 1000.0).round() / 1000.0
    }
}
