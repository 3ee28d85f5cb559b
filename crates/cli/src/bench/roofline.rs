//! `rhyton bench --roofline`: what the machine could do at best, and how much of it a workload reaches.
//!
//! The bound of a workload is the sum of its kernels' bounds, and of the time that its data need to come from main memory.
//! A kernel's bound is the largest of three times: of its floating-point operations at the peak of fused multiply-adds, of
//! its divisions and roots at their own peak, and of its bytes at the bandwidth of the nearest level of memory that
//! holds all that the step works on.

use super::{Cx, Measured, data, median, training, w5, w9};
use crate::report::Report;
use rhyton::prelude::*;
use rhyton::profile::{FunctionProfile, KernelProfile, Limits, Profile, Profiler};
use rhyton::set_random_seed;
use serde_json::{Value, json};

/// A workload and how it is looked at.
struct Pass {
    name: &'static str,
    /// Measures seconds.
    measure: fn(&Cx) -> Result<Vec<Measured>>,
    /// What one of these seconds, times this, is a unit of work in.
    seconds: f64,
    unit: &'static str,
    /// Runs units of work, and says how many.
    work: Units,
    /// Which compiled functions do it.
    functions: &'static [&'static str],
    /// Bytes of samples that a unit takes from main memory.
    data: u64,
}

/// Units of work.
enum Units {
    /// The epochs of one round of what is measured.
    Epochs,
    /// Others, so many.
    Of(fn() -> Result<u64>),
}

/// A workload that trains with `fit`, on samples of so many bytes.
const fn by_epoch(name: &'static str, measure: fn(&Cx) -> Result<Vec<Measured>>, data: u64) -> Pass {
    let functions = &["train step", "test step"];
    Pass { name, measure, seconds: 1.0, unit: "an epoch", work: Units::Epochs, functions, data }
}

const PASSES: &[Pass] = &[
    by_epoch("W1", training::w1, 60_000 * (784 + 1) * 4),
    by_epoch("W2", training::w2, 60_000 * (784 + 1) * 4),
    by_epoch("W3", training::w3, 25_000 * (10_000 + 1) * 4),
    // Seconds are those of 100 epochs; the samples stay in the cache.
    Pass { seconds: 0.01, ..by_epoch("W4", training::w4, 0) },
    Pass {
        name: "W5",
        measure: w5::in_one,
        seconds: 1.0,
        unit: "1000 steps",
        // The first 1000 steps warm up.
        work: Units::Of(|| once(w5::in_one).map(|()| 2)),
        functions: &["function"],
        data: 0,
    },
    by_epoch("W6", training::w6, 10_000 * (784 + 1) * 4),
    by_epoch("W7", training::w7, 4096 * (120 * 14 + 1) * 4),
    by_epoch("W8", training::w8, 4096 * (100 + 1) * 4),
    Pass {
        name: "W9",
        measure: w9::run,
        seconds: 1e-3,
        unit: "a sample",
        work: Units::Of(|| predictions(2000)),
        functions: &["predict step"],
        data: 0,
    },
];

fn once(workload: fn(&Cx) -> Result<Vec<Measured>>) -> Result<()> {
    workload(&Cx { repeat: 1, megabytes: 0, folder: None, started: super::Started::now() }).map(|_| ())
}

/// Predicts one sample so many times.
fn predictions(count: u64) -> Result<u64> {
    let (x, _) = data::digits(1)?;
    let model = training::digits_model()?;
    (0..count).try_for_each(|_| model.predict_with(&x, Predict::new().verbose(0)).map(|_| ()))?;
    Ok(count)
}

/// Runs the command.
pub fn run<'a>(cx: &Cx, names: impl Iterator<Item = &'a String>, report: Report) -> Result<()> {
    let mut passes = Vec::new();
    for name in names {
        let all: Vec<String> = PASSES.iter().map(|p| p.name.to_lowercase()).collect();
        let known: Vec<&str> = all.iter().map(String::as_str).collect();
        passes.push(PASSES.iter().find(|p| p.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
            let hint = rhyton::did_you_mean(&name.to_lowercase(), &known);
            Error::name(format!("there is no roofline of {name:?}{hint}; there are {}", known.join(", ")))
                .at("bench")
        })?);
    }
    let threads = rhyton::threads();
    let counts = if threads > 1 { vec![1, threads] } else { vec![1] };
    let mut limits = Vec::new();
    for count in counts {
        let l = Limits::measure(count);
        report.object(&json!({
            "threads": l.threads, "fma_f32_gflops": l.gflops, "divide_f32_g": l.gdivisions, "l2_read_gbs": l.l2,
            "l3_read_gbs": l.l3, "triad_gbs": l.memory, "l2_bytes": l.caches.l2, "l3_bytes": l.caches.l3,
        }));
        report.line(format_args!(
            "{count} thread{}: {:.0} GFLOP/s, {:.1} G divisions/s, GB/s: {:.0} from L2 ({} each), {:.0} from L3 ({}), {:.1} \
             main memory",
            if count == 1 { "" } else { "s" },
            l.gflops,
            l.gdivisions,
            l.l2,
            bytes(l.caches.l2 as f64),
            l.l3,
            bytes(l.caches.l3 as f64),
            l.memory
        ));
        limits.push(l);
    }
    let limits = limits.swap_remove(limits.len() - 1);
    for pass in passes {
        set_random_seed(0);
        let measured = (pass.measure)(cx)?;
        let seconds = median(&measured[0].wall) * pass.seconds;
        set_random_seed(0);
        let profiler = Profiler::keeping(0);
        let units = match pass.work {
            Units::Epochs => once(pass.measure).map(|()| None)?,
            Units::Of(work) => Some(work()?),
        };
        let profile = profiler.report();
        drop(profiler);
        let epochs = || profile.spans.iter().find(|s| s.name == "epoch").map_or(1, |s| s.calls);
        let work = Work::of(pass, &profile, &limits, units.unwrap_or_else(epochs) as f64);
        tell(report, pass, seconds, &work, &limits);
    }
    Ok(())
}

/// What a unit of work consists of.
struct Work {
    flops: f64,
    /// Without those where one factor is zero.
    done: f64,
    divisions: f64,
    bytes: f64,
    data: f64,
    kernels: f64,
    /// Seconds at best, with all operations of dense products, and with those that are done.
    bound: [f64; 2],
    /// What limits the second bound: seconds of arithmetic, divisions, bytes.
    limited: [f64; 3],
    /// Bytes of weights, and of the optimizer's and other variables, for the function that works on most.
    variables: [u64; 2],
    memory: u64,
}

impl Work {
    fn of(pass: &Pass, profile: &Profile, limits: &Limits, units: f64) -> Work {
        let ours = |name: &str| pass.functions.contains(&name);
        let kernels: Vec<&KernelProfile> = profile.kernels.iter().filter(|k| ours(&k.program)).collect();
        let sum = |f: &dyn Fn(&KernelProfile) -> f64| kernels.iter().map(|k| f(k)).sum::<f64>() / units;
        let data = pass.data as f64;
        let from_memory = data * 1e-9 / limits.memory;
        let times = |k: &KernelProfile, flops: u64| {
            [
                flops as f64 * 1e-9 / limits.gflops,
                (k.cost.divisions * k.calls) as f64 * 1e-9 / limits.gdivisions,
                (k.cost.bytes() * k.calls) as f64 * 1e-9 / limits.bandwidth(k.memory),
            ]
        };
        let longest = |t: [f64; 3]| t.into_iter().fold(0.0, f64::max);
        let mut limited = [0.0, 0.0, from_memory];
        for k in &kernels {
            let t = times(k, k.done());
            let which = (0..3).max_by(|&a, &b| t[a].total_cmp(&t[b])).unwrap_or(0);
            limited[which] += t[which] / units;
        }
        let largest: Option<&FunctionProfile> =
            profile.functions.iter().filter(|f| ours(&f.name)).max_by_key(|f| f.memory);
        let mut variables = [0; 2];
        for (name, bytes) in largest.iter().flat_map(|f| &f.variables) {
            // Weights have the paths of their layers.
            variables[usize::from(!name.contains('/'))] += bytes;
        }
        Work {
            flops: sum(&|k| (k.cost.flops * k.calls) as f64),
            done: sum(&|k| k.done() as f64),
            divisions: sum(&|k| (k.cost.divisions * k.calls) as f64),
            bytes: sum(&|k| (k.cost.bytes() * k.calls) as f64),
            data,
            kernels: sum(&|k| k.calls as f64),
            bound: [
                from_memory + sum(&|k| longest(times(k, k.cost.flops * k.calls))),
                from_memory + sum(&|k| longest(times(k, k.done()))),
            ],
            limited,
            variables,
            memory: largest.map_or(0, |f| f.memory),
        }
    }
}

fn bytes(n: f64) -> String {
    match n {
        n if n >= 1e9 => format!("{:.2} GB", n / 1e9),
        n if n >= 1e6 => format!("{:.2} MB", n / 1e6),
        n if n >= 1e3 => format!("{:.1} kB", n / 1e3),
        n => format!("{n:.0} B"),
    }
}

fn tell(report: Report, pass: &Pass, seconds: f64, work: &Work, limits: &Limits) {
    let shares = work.bound.map(|bound| bound / seconds);
    let [weights, state] = work.variables;
    let cores = limits.threads as u64;
    let object: Value = json!({
        "workload": pass.name, "threads": limits.threads, "unit": pass.unit, "seconds": seconds,
        "flops": work.flops, "flops_done": work.done, "divisions": work.divisions, "bytes": work.bytes,
        "data_bytes": work.data, "kernels": work.kernels, "bound_dense_s": work.bound[0], "bound_s": work.bound[1],
        "share_dense": shares[0], "share": shares[1],
        "limited_s": {"arithmetic": work.limited[0], "divisions": work.limited[1], "bytes": work.limited[2]},
        "step_bytes": work.memory, "weight_bytes": weights, "state_bytes": state,
    });
    report.object(&object);
    let small = |t: f64| if t < 1e-3 { format!("{:.2} us", t * 1e6) } else { format!("{:.2} ms", t * 1e3) };
    report.line(format_args!(
        "{}, {}: {} of {:.4} Gflop ({:.4} really done), {:.4} G divisions, {} in {:.0} kernels, {} of data\n  \
         bound {} if products are dense: {:.0}% reached; {} for the operations done: {:.0}% reached\n  \
         that bound is {} arithmetic, {} divisions and roots, {} bytes\n  \
         a step works on {}; weights {}, optimizer's state {}: {} a core, whose own cache holds {}",
        pass.name,
        pass.unit,
        small(seconds),
        work.flops * 1e-9,
        work.done * 1e-9,
        work.divisions * 1e-9,
        bytes(work.bytes),
        work.kernels,
        bytes(work.data),
        small(work.bound[0]),
        100.0 * shares[0],
        small(work.bound[1]),
        100.0 * shares[1],
        small(work.limited[0]),
        small(work.limited[1]),
        small(work.limited[2]),
        bytes(work.memory as f64),
        bytes(weights as f64),
        bytes(state as f64),
        bytes(((weights + state) / cores.max(1)) as f64),
        bytes(limits.caches.l2 as f64)
    ));
}
