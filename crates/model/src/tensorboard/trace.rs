//! How long steps take, as a file of trace events, which Perfetto (ui.perfetto.dev) and Chrome's `chrome://tracing` draw.
//! Source: the "Trace Event Format" of the Chromium project.

use rhyton_base::Result;
use rhyton_io::write_atomic;
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// The steps of training between two batches.
#[derive(Debug)]
pub(crate) struct Trace {
    began: Instant,
    /// Number of a batch; when it began and how long it took.
    steps: Vec<(i64, Duration, Duration)>,
}

impl Trace {
    /// Nothing has been traced.
    pub fn new() -> Trace {
        Trace { began: Instant::now(), steps: Vec::new() }
    }

    /// A batch that began then has just ended. How many seconds it took.
    pub fn step(&mut self, batch: i64, began: Instant) -> f64 {
        let took = began.elapsed();
        self.steps.push((batch, began.saturating_duration_since(self.began), took));
        took.as_secs_f64()
    }

    /// Writes the file into a folder of its own below that of a run, where TensorBoard looks for profiles.
    pub fn save(&self, run: &Path) -> Result<PathBuf> {
        let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |t| t.as_secs());
        let folder = run.join("plugins").join("profile").join(seconds.to_string());
        std::fs::create_dir_all(&folder)?;
        let micros = |d: Duration| d.as_secs_f64() * 1e6;
        let name = |kind: &str, name: &str| json!({"ph": "M", "pid": 1, "tid": 1, "name": kind, "args": {"name": name}});
        let mut events = vec![name("process_name", "training"), name("thread_name", "steps")];
        events.extend(self.steps.iter().map(|(batch, at, took)| {
            json!({
                "ph": "X", "pid": 1, "tid": 1, "cat": "step", "name": format!("train step {batch}"),
                "ts": micros(*at), "dur": micros(*took), "args": {"batch": batch},
            })
        }));
        let text = json!({"displayTimeUnit": "ms", "traceEvents": events}).to_string();
        let path = folder.join("steps.trace.json");
        write_atomic(&path, |out| Ok(out.write_all(text.as_bytes())?))?;
        Ok(path)
    }
}
