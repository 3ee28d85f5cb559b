//! What the runs of all rounds say together: figures, and ratios of runs of one round.

use super::super::{extremes, median};
use super::process::Run;
use serde_json::{Value, json};

/// A figure of a workload, as everyone reached it.
pub struct Figure {
    pub workload: String,
    pub name: String,
    pub unit: String,
    /// Whether more is better.
    pub higher: bool,
    pub entries: Vec<Entry>,
    /// Whether it is the `median` of the programs' objects, and not one of their further figures.
    main: bool,
}

/// One who takes part.
pub struct Entry {
    pub name: String,
    /// Whether it is this program.
    pub own: bool,
    /// Rounds and what was reached in them.
    pub values: Vec<(usize, f64)>,
    /// The share of the machine that others used, a number a run.
    pub foreign: Vec<f64>,
    /// Nanoseconds from core to core and back, before and after each run.
    pub latency: Vec<f64>,
    /// The most memory a run had, in MiB.
    pub memory: Option<f64>,
    pub error: Option<String>,
}

impl Entry {
    pub fn median(&self) -> Option<f64> {
        (!self.values.is_empty()).then(|| median(&self.numbers()))
    }

    pub fn numbers(&self) -> Vec<f64> {
        self.values.iter().map(|v| v.1).collect()
    }
}

/// Figures that programs may print beside the median: name, unit, whether more is better.
const FURTHER: [(&str, &str, bool); 2] =
    [("call1_ms", "ms", false), ("predict10k_samples_per_s", "samples/s", true)];

/// The figures of a workload after some runs.
#[derive(Default)]
pub struct Figures(pub Vec<Figure>);

impl Figures {
    /// Adds a run of `name` in a round.
    pub fn add(&mut self, workload: &str, name: &str, own: bool, round: usize, run: &Run) {
        let lines = match &run.lines {
            Ok(lines) => lines,
            Err(error) => {
                self.entry((workload, "", "", false, true), name, own).error = Some(error.clone());
                return;
            }
        };
        for (i, line) in lines.iter().enumerate() {
            let name = match (lines.len(), line["mode"].as_str()) {
                (1, _) => name.to_string(),
                (_, Some(mode)) => format!("{name}-{mode}"),
                _ => format!("{name}-{}", i + 1),
            };
            for (figure, unit, higher, main, value) in figures_of(line) {
                let entry = self.entry((workload, figure, unit, higher, main), &name, own);
                entry.values.push((round, value));
                entry.foreign.push(run.foreign);
                entry.latency.extend(run.latency.iter().flatten());
                let memory = line["peak_rss_mib"].as_f64();
                entry.memory = entry.memory.into_iter().chain(memory).reduce(f64::max);
            }
        }
    }

    fn entry(&mut self, kind: (&str, &str, &str, bool, bool), name: &str, own: bool) -> &mut Entry {
        let (workload, figure, unit, higher, main) = kind;
        let same = |f: &Figure| f.workload == workload && f.main == main && (main || f.name == figure);
        let at = self.0.iter().position(same).unwrap_or_else(|| {
            self.0.push(Figure {
                workload: workload.to_string(),
                name: String::new(),
                unit: String::new(),
                higher,
                entries: Vec::new(),
                main,
            });
            self.0.len() - 1
        });
        let found = &mut self.0[at];
        // The first that knows says what the figure is; an error does not.
        if found.name.is_empty() {
            (found.name, found.unit, found.higher) = (figure.to_string(), unit.to_string(), higher);
        }
        let at = found.entries.iter().position(|e| e.name == name).unwrap_or_else(|| {
            found.entries.push(Entry {
                name: name.to_string(),
                own,
                values: Vec::new(),
                foreign: Vec::new(),
                latency: Vec::new(),
                memory: None,
                error: None,
            });
            found.entries.len() - 1
        });
        &mut found.entries[at]
    }
}

/// Name, unit, whether more is better, whether it is the main one, and the number.
fn figures_of(line: &Value) -> Vec<(&str, &str, bool, bool, f64)> {
    let text = |name: &str, default: &'static str| line[name].as_str().unwrap_or(default);
    let (metric, better) = (text("metric", "median"), text("better", "lower"));
    let mut all = Vec::new();
    if let Some(value) = line["median"].as_f64() {
        all.push((metric, text("unit", "s"), better == "higher", true, value));
    }
    for (name, unit, higher) in FURTHER {
        if let Some(value) = line[name].as_f64() {
            all.push((name, unit, higher, false, value));
        }
    }
    for (name, value) in line["ops"].as_object().into_iter().flatten().filter(|(name, _)| *name != metric) {
        let value = value.as_f64().or_else(|| value.get(0)?.as_f64());
        let higher = name.ends_with("_gflops");
        let unit = if higher {
            "GFLOP/s"
        } else if name.ends_with("_ms") {
            "ms"
        } else {
            "s"
        };
        all.extend(value.map(|value| (name.as_str(), unit, higher, false, value)));
    }
    all
}

/// How often faster this program is than another, round by round.
pub struct Ratios(Vec<f64>);

impl Ratios {
    pub fn median(&self) -> f64 {
        median(&self.0)
    }

    pub fn extremes(&self) -> (f64, f64) {
        extremes(&self.0)
    }
}

impl Figure {
    /// Everyone who reached something, the best first, then those who failed.
    pub fn ranked(&self) -> Vec<&Entry> {
        let mut all: Vec<&Entry> = self.entries.iter().collect();
        let key = |e: &Entry| e.median().map_or(f64::INFINITY, |m| if self.higher { -m } else { m });
        all.sort_by(|a, b| key(a).total_cmp(&key(b)));
        all
    }

    /// The best way of this program.
    pub fn own(&self) -> Option<&Entry> {
        self.ranked().into_iter().find(|e| e.own && e.median().is_some())
    }

    /// The best peer.
    pub fn fastest_peer(&self) -> Option<&Entry> {
        self.ranked().into_iter().find(|e| !e.own && e.median().is_some())
    }

    /// How often faster this program's best way is than `other`, in rounds that both have.
    pub fn ratios(&self, other: &Entry) -> Option<Ratios> {
        let own = self.own()?;
        let ratio = |&(round, theirs): &(usize, f64)| {
            let &(_, ours) = own.values.iter().find(|v| v.0 == round)?;
            Some(if self.higher { ours / theirs } else { theirs / ours })
        };
        let all: Vec<f64> = other.values.iter().filter_map(ratio).collect();
        (!all.is_empty()).then_some(Ratios(all))
    }

    /// The figure as an object.
    pub fn json(&self, threads: usize) -> Value {
        let entries = self.ranked().into_iter().map(|e| {
            let mut object = json!({ "name": e.name });
            if let Some(median) = e.median() {
                let (min, max) = extremes(&e.numbers());
                object["median"] = json!(median);
                object["min"] = json!(min);
                object["max"] = json!(max);
                object["rounds"] = json!(e.numbers());
                object["foreign_cpu"] = json!(e.foreign);
                object["round_trip_ns"] = json!(e.latency);
                object["peak_rss_mib"] = json!(e.memory);
            }
            if let Some(r) = self.ratios(e) {
                let (min, max) = r.extremes();
                object["times_as_fast"] = json!({ "median": r.median(), "min": min, "max": max });
            }
            if let Some(error) = &e.error {
                object["error"] = json!(error);
            }
            object
        });
        json!({
            "workload": self.workload, "figure": self.name, "unit": self.unit, "threads": threads,
            "better": if self.higher { "higher" } else { "lower" },
            "fastest_peer": self.fastest_peer().map(|e| &e.name), "entries": entries.collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(median: f64) -> Run {
        Run {
            lines: Ok(vec![json!({ "median": median, "metric": "s_per_epoch", "call1_ms": 10.0 * median })]),
            foreign: 0.01,
            latency: [Some(60.0), None],
        }
    }

    #[test]
    fn ratios_are_of_runs_of_one_round() {
        let mut all = Figures::default();
        // The machine is half as fast in the second round.
        for (round, slow) in [(0, 1.0), (1, 2.0), (2, 1.1)] {
            all.add("W1", "rhyton", true, round, &run(0.5 * slow));
            all.add("W1", "near", false, round, &run(0.75 * slow));
            if round != 1 {
                all.add("W1", "far", false, round, &run(2.0 * slow));
            }
        }
        let broken = Run { lines: Err("no such file".to_string()), foreign: 0.0, latency: [None, None] };
        all.add("W1", "broken", false, 0, &broken);
        assert_eq!(all.0.len(), 2);
        let main = &all.0[0];
        assert_eq!((main.name.as_str(), main.unit.as_str(), main.higher), ("s_per_epoch", "s", false));
        let names: Vec<&str> = main.ranked().iter().map(|e| e.name.as_str()).collect();
        assert_eq!(names, ["rhyton", "near", "far", "broken"]);
        let near = main.fastest_peer().expect("a peer");
        assert_eq!(near.name, "near");
        let (low, high) = main.ratios(near).expect("ratios").extremes();
        assert!((low - 1.5).abs() < 1e-9 && (high - 1.5).abs() < 1e-9);
        let far = main.ratios(main.ranked()[2]).expect("ratios");
        assert!((far.median() - 4.0).abs() < 1e-9);
        let object = main.json(2);
        assert_eq!(object["entries"][3]["error"], "no such file");
        assert_eq!(object["entries"][0]["round_trip_ns"], json!([60.0, 60.0, 60.0]));
    }

    #[test]
    fn more_is_better_where_the_object_says_so() {
        let line = |rate: f64| json!({ "median": rate, "metric": "rate", "better": "higher", "ops": { "rate": 1.0, "sum_ms": [2.0, 1.0] } });
        let run = |rate| Run { lines: Ok(vec![line(rate)]), foreign: 0.0, latency: [None, None] };
        let mut all = Figures::default();
        all.add("W10", "rhyton", true, 0, &run(300.0));
        all.add("W10", "peer", false, 0, &run(200.0));
        assert_eq!(all.0.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["rate", "sum_ms"]);
        let peer = all.0[0].fastest_peer().expect("a peer");
        assert!((all.0[0].ratios(peer).expect("a ratio").median() - 1.5).abs() < 1e-9);
    }
}
