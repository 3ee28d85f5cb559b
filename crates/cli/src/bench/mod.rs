//! `rhyton bench`: the benchmark workloads, with the fields that other frameworks' programs print.

mod clock;
mod compare;
mod data;
mod latency;
mod memory;
mod pipeline;
mod roofline;
mod scale;
mod timing;
mod training;
mod w10;
mod w5;
mod w9;

pub use clock::Started;

use crate::report::Report;
use clap::ArgMatches;
use clock::Noise;
use rhyton::{Context, Error, Result, set_random_seed};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What a workload can be told.
pub struct Cx {
    /// How often to measure.
    pub repeat: usize,
    /// How many megabytes of files `npy` and `png` train from.
    pub megabytes: usize,
    /// Where these files are, or will be.
    pub folder: Option<PathBuf>,
    /// When the process started.
    pub started: Started,
}

/// What a workload measured.
#[derive(Default)]
pub struct Measured {
    pub workload: &'static str,
    /// Which of several ways to do the work, if there are several.
    pub mode: &'static str,
    pub metric: &'static str,
    /// Seconds unless `more` says otherwise, a figure a repetition.
    pub wall: Vec<f64>,
    /// Processor seconds of the same spans.
    pub cpu: Vec<f64>,
    /// Other fields.
    pub more: Value,
    /// What people read besides.
    pub lines: Vec<String>,
}

type Workload = fn(&Cx) -> Result<Vec<Measured>>;

const WORKLOADS: &[(&str, Workload)] = &[
    ("W1", training::w1),
    ("W1bf16", training::w1bf16),
    ("W1first", training::w1first),
    ("W2", training::w2),
    ("W3", training::w3),
    ("W4", training::w4),
    ("W5", w5::run),
    ("W6", training::w6),
    ("W7", training::w7),
    ("W8", training::w8),
    ("W9", w9::run),
    ("W10", w10::run),
    ("scale", scale::run),
    ("memory", memory::run),
    ("npy", pipeline::npy),
    ("png", pipeline::png),
];

/// Runs the command.
pub fn run(matches: &ArgMatches, started: Started) -> Result<()> {
    if let Some(("compare", matches)) = matches.subcommand() {
        return compare::run(matches).at(|| "bench compare");
    }
    let report = Report::new(matches.get_flag("json"));
    if let Some(&threads) = matches.get_one::<usize>("threads") {
        rhyton::set_threads(threads);
    }
    let number = |name: &str, otherwise| matches.get_one::<usize>(name).copied().unwrap_or(otherwise);
    let cx = Cx {
        repeat: number("repeat", 5).max(1),
        megabytes: number("megabytes", 100),
        folder: matches.get_one("folder").cloned(),
        started,
    };
    if matches.get_flag("roofline") {
        return roofline::run(&cx, matches.get_many::<String>("names").into_iter().flatten(), report);
    }
    for name in matches.get_many::<String>("names").into_iter().flatten() {
        let (_, workload) = workload(name)?;
        set_random_seed(0);
        let noise = Noise::start();
        for measured in workload(&cx)? {
            tell(report, measured, &noise);
        }
    }
    Ok(())
}

/// A workload and its name, written in any case.
fn workload(name: &str) -> Result<&'static (&'static str, Workload)> {
    WORKLOADS.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).ok_or_else(|| {
        let names: Vec<String> = WORKLOADS.iter().map(|(n, _)| n.to_lowercase()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let hint = rhyton::did_you_mean(&name.to_lowercase(), &names);
        Error::name(format!("there is no workload {name:?}{hint}")).at("bench")
    })
}

/// Says what was measured.
fn tell(report: Report, m: Measured, noise: &Noise) {
    let (median, (low, high)) = (median(&m.wall), extremes(&m.wall));
    let peer = if m.mode.is_empty() { "rhyton".to_string() } else { format!("rhyton-{}", m.mode) };
    let mut object = json!({
        "workload": m.workload, "peer": peer, "threads": rhyton::threads(), "metric": m.metric, "unit": "s",
        "better": "lower", "median": median, "min": low, "max": high, "reps": m.wall,
        "peak_rss_mib": clock::peak_rss_mib(), "foreign_cpu": noise.share(),
        "versions": {"rhyton": env!("CARGO_PKG_VERSION")},
    });
    if !m.mode.is_empty() {
        object["mode"] = json!(m.mode);
    }
    if !m.cpu.is_empty() {
        object["cpu_median"] = json!(self::median(&m.cpu));
        object["cpu_min"] = json!(extremes(&m.cpu).0);
    }
    if let Value::Object(more) = m.more {
        more.into_iter().for_each(|(k, v)| object[k] = v);
    }
    report.object(&object);
    report.line(format!(
        "{}{}{}: {median:.4} {} [{low:.4} - {high:.4}], {} threads, peak memory {:.0} MiB",
        m.workload,
        if m.mode.is_empty() { "" } else { " " },
        m.mode,
        m.metric,
        rhyton::threads(),
        clock::peak_rss_mib()
    ));
    m.lines.iter().for_each(|line| report.line(format!("  {line}")));
}

/// The smallest and the largest.
fn extremes(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::MAX, f64::MIN), |(low, high), &x| (low.min(x), high.max(x)))
}

fn median(values: &[f64]) -> f64 {
    let mut v = values.to_vec();
    v.sort_by(f64::total_cmp);
    let middle = v.len() / 2;
    if v.len() % 2 == 1 { v[middle] } else { (v[middle - 1] + v[middle]) / 2.0 }
}
