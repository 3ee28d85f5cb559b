//! What a profiler has taken down, as figures and as a table.

use super::program::full_name;
use super::{Event, Taken, Totals};
use crate::cost::Cost;
use crate::label::Label;
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

/// Where time went.
///
/// Shown as text it is a table of the kernels and of everything else, the longest first; [`Profile::write_trace`] writes
/// what happened when.
#[derive(Clone)]
pub struct Profile {
    /// From the start of the profiler to the report.
    pub wall: Duration,
    /// The kernels that ran, the longest first.
    pub kernels: Vec<KernelProfile>,
    /// The compiled functions that ran.
    pub functions: Vec<FunctionProfile>,
    /// What was named otherwise, the longest first.
    pub spans: Vec<SpanProfile>,
    /// What the thread that started the profiler did beside all that.
    pub rest: Duration,
    pub(super) events: Vec<Event>,
    pub(super) threads: Vec<(u32, String)>,
    /// The names of kernels, for events.
    pub(super) labels: HashMap<u64, Vec<(String, Cost)>>,
}

/// A kernel: a fused loop, a product or another instruction of a compiled function, or an operation by itself.
#[derive(Clone, Debug)]
pub struct KernelProfile {
    /// The compiled function that it belongs to; empty for operations by themselves, which are counted together where they
    /// are alike.
    pub program: String,
    /// Operations and layers.
    pub label: Label,
    /// Its size: `128x784x512` for a product, else the shape that it goes through.
    pub extent: String,
    /// How often it ran.
    pub calls: u64,
    /// How long it ran, all calls together.
    pub total: Duration,
    /// The longest call.
    pub longest: Duration,
    /// How long threads worked on it, all together.
    pub busy: Duration,
    /// What one call costs.
    pub cost: Cost,
    /// Bytes that the whole function works on: arguments, results, variables and working memory.
    pub memory: u64,
    /// Floating-point operations of all calls that were left out, since one factor was zero.
    pub skipped: u64,
}

/// A compiled function.
#[derive(Clone, Debug)]
pub struct FunctionProfile {
    /// Its name: `train step`, or `function` for what nobody has named.
    pub name: String,
    /// Bytes that it works on: arguments, results, variables and working memory.
    pub memory: u64,
    /// The variables that it reads or changes, and their bytes.
    pub variables: Vec<(String, u64)>,
}

/// Something named with [`span`](super::span).
#[derive(Clone, Debug)]
pub struct SpanProfile {
    /// Its name.
    pub name: &'static str,
    /// How often it was done.
    pub calls: u64,
    /// How long it took, without kernels and spans inside it.
    pub total: Duration,
    /// The longest call, with what is inside it.
    pub longest: Duration,
}

impl KernelProfile {
    /// Seconds a call.
    pub fn mean(&self) -> f64 {
        self.total.as_secs_f64() / self.calls.max(1) as f64
    }

    /// Floating-point operations of all calls that were really done.
    pub fn done(&self) -> u64 {
        (self.cost.flops * self.calls).saturating_sub(self.skipped)
    }

    /// Floating-point operations a second, in 10⁹, those left out not counted.
    pub fn gflops(&self) -> f64 {
        per_second(self.done(), self.total)
    }

    /// Bytes a second, in 10⁹.
    pub fn gbytes(&self) -> f64 {
        per_second(self.cost.bytes() * self.calls, self.total)
    }

    /// How many threads worked on it on average.
    pub fn threads(&self) -> f64 {
        let total = self.total.as_secs_f64();
        if total > 0.0 { self.busy.as_secs_f64() / total } else { 1.0 }
    }

    /// Layers, operations and size in a line: `dense: matmul+add+relu 128x784x512`.
    pub fn name(&self) -> String {
        full_name(&self.label, &self.extent)
    }
}

fn per_second(count: u64, time: Duration) -> f64 {
    let seconds = time.as_secs_f64();
    if seconds > 0.0 { count as f64 / seconds * 1e-9 } else { 0.0 }
}

impl Profile {
    pub(super) fn new(wall: Duration, thread: u32, taken: &Taken) -> Profile {
        let prefix = common_prefix(taken);
        let mut kernels: Vec<KernelProfile> = Vec::new();
        let mut known: HashMap<(Vec<String>, String, String), usize> = HashMap::new();
        let (mut functions, mut labels) = (Vec::new(), HashMap::new());
        let mut programs: Vec<_> = taken.programs.iter().collect();
        programs.sort_by_key(|(id, _)| **id);
        for (&id, program) in programs {
            let (info, mut names) = (&program.info, Vec::new());
            if !info.name().is_empty() {
                let (name, variables) = (info.name().to_string(), info.variables().to_vec());
                functions.push(FunctionProfile { name, memory: info.memory(), variables });
            }
            for (kernel, t) in info.kernels().iter().zip(&program.kernels) {
                let mut label = kernel.label.clone();
                for scope in &mut label.scopes {
                    if let Some(short) = scope.strip_prefix(&prefix) {
                        *scope = short.to_string();
                    }
                }
                names.push((full_name(&label, &kernel.extent), kernel.cost));
                if t.calls == 0 {
                    continue;
                }
                let mut row = KernelProfile {
                    program: info.name().to_string(),
                    label,
                    extent: kernel.extent.clone(),
                    calls: t.calls,
                    total: t.own,
                    longest: t.longest,
                    busy: (t.own + t.helped).saturating_sub(t.waited),
                    cost: kernel.cost,
                    memory: info.memory(),
                    skipped: t.skipped,
                };
                if row.program.is_empty() {
                    let key = (row.label.scopes.clone(), row.label.operations.clone(), row.extent.clone());
                    if let Some(same) = known.get(&key).map(|&i| &mut kernels[i]) {
                        row.join(same);
                        *same = row;
                        continue;
                    }
                    known.insert(key, kernels.len());
                }
                kernels.push(row);
            }
            labels.insert(id, names);
        }
        kernels.sort_by_key(|k| std::cmp::Reverse(k.total));
        let span = |(name, t): &(&'static str, Totals)| SpanProfile {
            name,
            calls: t.calls,
            total: t.own,
            longest: t.longest,
        };
        let mut spans: Vec<SpanProfile> = taken.spans.iter().map(span).collect();
        spans.sort_by_key(|s| std::cmp::Reverse(s.total));
        let mut threads = taken.threads.clone();
        threads.sort_by_key(|(number, _)| (*number != thread, *number));
        let events = taken.events.iter().copied().collect();
        let rest = wall.saturating_sub(taken.told);
        Profile { wall, kernels, functions, spans, rest, events, threads, labels }
    }

    /// Time in kernels.
    pub fn in_kernels(&self) -> Duration {
        self.kernels.iter().map(|k| k.total).sum()
    }

    /// The share of a time in the whole, from 0 to 1.
    pub fn share(&self, time: Duration) -> f64 {
        time.as_secs_f64() / self.wall.as_secs_f64().max(1e-12)
    }

    /// Floating-point operations of all kernels, and those of them that were left out.
    pub fn flops(&self) -> (u64, u64) {
        let all = self.kernels.iter().map(|k| k.cost.flops * k.calls).sum();
        (all, self.kernels.iter().map(|k| k.skipped).sum())
    }

    /// Bytes that all kernels read and wrote.
    pub fn bytes(&self) -> u64 {
        self.kernels.iter().map(|k| k.cost.bytes() * k.calls).sum()
    }
}

impl KernelProfile {
    fn join(&mut self, other: &KernelProfile) {
        self.calls += other.calls;
        self.total += other.total;
        self.longest = self.longest.max(other.longest);
        self.busy += other.busy;
        self.skipped += other.skipped;
    }
}

/// What the names of all layers begin with: the model that they are in, for instance.
fn common_prefix(taken: &Taken) -> String {
    let infos = taken.programs.values().flat_map(|p| p.info.kernels());
    let mut first = None;
    for scope in infos.flat_map(|k| &k.label.scopes).filter(|s| s.contains('/')) {
        let own = &scope[..=scope.find('/').unwrap_or_default()];
        if *first.get_or_insert(own) != own {
            return String::new();
        }
    }
    first.unwrap_or_default().to_string()
}

/// A number with a prefix of the size: `102.8 M`.
fn sized(x: f64) -> String {
    let steps = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    match steps.iter().find(|(size, _)| x >= *size) {
        Some((size, letter)) => format!("{:.1} {letter}", x / size),
        None => format!("{x:.0}  "),
    }
}

fn time(seconds: f64) -> String {
    let steps = [(1.0, "s "), (1e-3, "ms"), (1e-6, "us")];
    match steps.iter().find(|(size, _)| seconds >= *size) {
        Some((size, unit)) => format!("{:.1} {unit}", seconds / size),
        None => format!("{:.0} ns", seconds * 1e9),
    }
}

/// Kernels beyond these are counted together.
const SHOWN: usize = 24;

/// The table. `threads` is how many threads worked on a kernel on average; operations left out, since one factor was
/// zero, are told behind its name and not counted in the rate.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |t: Duration| 100.0 * self.share(t);
        writeln!(
            f,
            "{:>9} {:>6} {:>8} {:>9} {:>9} {:>9} {:>8} {:>7} {:>7}  kernel",
            "time", "share", "calls", "a call", "bytes", "flop", "GFLOP/s", "GB/s", "threads"
        )?;
        for k in self.kernels.iter().take(SHOWN) {
            write!(
                f,
                "{:>9} {:>5.1}% {:>8} {:>9} {:>9} {:>9} {:>8.1} {:>7.1} {:>7.2}  ",
                time(k.total.as_secs_f64()),
                percent(k.total),
                k.calls,
                time(k.mean()),
                sized(k.cost.bytes() as f64),
                sized(k.cost.flops as f64),
                k.gflops(),
                k.gbytes(),
                k.threads()
            )?;
            let of = if self.kernels.iter().any(|o| o.program != k.program) && !k.program.is_empty() {
                format!("[{}] ", k.program)
            } else {
                String::new()
            };
            write!(f, "{of}{}", k.name())?;
            if k.skipped > 0 {
                let part = k.skipped as f64 / (k.cost.flops * k.calls).max(1) as f64;
                write!(f, " ({:.0}% of the operations left out: zeros)", 100.0 * part)?;
            }
            writeln!(f)?;
        }
        let line = |f: &mut fmt::Formatter<'_>, t: Duration, calls: Option<u64>, what: &str| {
            let a_call = calls.map_or(String::new(), |n| time(t.as_secs_f64() / n.max(1) as f64));
            let calls = calls.map_or(String::new(), |n| n.to_string());
            let (total, share) = (time(t.as_secs_f64()), percent(t));
            writeln!(f, "{total:>9} {share:>5.1}% {calls:>8} {a_call:>9} {:>46}{what}", "")
        };
        let others = self.kernels.get(SHOWN..).unwrap_or_default();
        if !others.is_empty() {
            let calls = others.iter().map(|k| k.calls).sum();
            line(
                f,
                others.iter().map(|k| k.total).sum(),
                Some(calls),
                &format!("{} other kernels", others.len()),
            )?;
        }
        for s in &self.spans {
            line(f, s.total, Some(s.calls), &format!("outside of kernels: {}", s.name))?;
        }
        line(f, self.rest, None, "outside of kernels: the rest")?;
        let (flops, skipped) = self.flops();
        write!(
            f,
            "{:>9} in all, {:.1}% of it in kernels: {}flop",
            time(self.wall.as_secs_f64()),
            percent(self.in_kernels()),
            sized(flops as f64)
        )?;
        if skipped > 0 {
            write!(f, " ({}flop of them left out)", sized(skipped as f64))?;
        }
        writeln!(f, ", {}byte read and written", sized(self.bytes() as f64))
    }
}
