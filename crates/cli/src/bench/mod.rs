//! `rhyton bench`: the benchmark workloads, with the fields that other frameworks' programs print.

mod clock;
mod w1;
mod w10;

pub use clock::Started;

use crate::report::Report;
use clap::ArgMatches;
use clock::Noise;
use rhyton::{Error, Result};
use serde_json::{Value, json};

/// What a workload can be told.
pub struct Cx {
    /// How often to measure.
    pub repeat: usize,
    /// When the process started.
    pub started: Started,
}

/// What a workload measured.
pub struct Measured {
    pub workload: &'static str,
    pub metric: &'static str,
    /// Seconds, a figure a repetition.
    pub wall: Vec<f64>,
    /// Processor seconds of the same spans.
    pub cpu: Vec<f64>,
    /// Other fields.
    pub more: Value,
}

type Workload = fn(&Cx) -> Result<Measured>;

const WORKLOADS: &[(&str, Workload)] =
    &[("w1", w1::epochs), ("w1bf16", w1::half), ("w1first", w1::first), ("w10", w10::run)];

/// Runs the command.
pub fn run(matches: &ArgMatches, started: Started) -> Result<()> {
    let report = Report::new(matches.get_flag("json"));
    if let Some(&threads) = matches.get_one::<usize>("threads") {
        rhyton::set_threads(threads);
    }
    let cx = Cx { repeat: matches.get_one::<usize>("repeat").copied().unwrap_or(5).max(1), started };
    for name in matches.get_many::<String>("names").into_iter().flatten() {
        let wanted = name.to_lowercase();
        let (_, workload) = WORKLOADS.iter().find(|(n, _)| *n == wanted).ok_or_else(|| {
            let names: Vec<&str> = WORKLOADS.iter().map(|(n, _)| *n).collect();
            Error::name(format!("there is no workload {name:?}{}", rhyton::did_you_mean(&wanted, &names)))
                .at("bench")
        })?;
        let noise = Noise::start();
        let m = workload(&cx)?;
        let median = median(&m.wall);
        let (low, high) = m.wall.iter().fold((f64::MAX, f64::MIN), |(l, h), &x| (l.min(x), h.max(x)));
        let mut object = json!({
            "workload": m.workload, "peer": "rhyton", "threads": rhyton::threads(), "metric": m.metric, "unit": "s",
            "better": "lower", "median": median, "min": low, "max": high, "reps": m.wall,
            "peak_rss_mib": clock::peak_rss_mib(), "foreign_cpu": noise.share(),
            "versions": {"rhyton": env!("CARGO_PKG_VERSION")},
        });
        if !m.cpu.is_empty() {
            object["cpu_median"] = json!(self::median(&m.cpu));
            object["cpu_min"] = json!(m.cpu.iter().copied().fold(f64::MAX, f64::min));
        }
        if let Value::Object(more) = m.more {
            more.into_iter().for_each(|(k, v)| object[k] = v);
        }
        report.object(&object);
        report.line(format!(
            "{}: {median:.4} {} [{low:.4} - {high:.4}], {} threads, peak memory {:.0} MiB",
            m.workload,
            m.metric,
            rhyton::threads(),
            clock::peak_rss_mib()
        ));
    }
    Ok(())
}

fn median(values: &[f64]) -> f64 {
    let mut v = values.to_vec();
    v.sort_by(f64::total_cmp);
    let middle = v.len() / 2;
    if v.len() % 2 == 1 { v[middle] } else { (v[middle - 1] + v[middle]) / 2.0 }
}
