//! What happened when, for the viewers of Chrome and Perfetto.
//! Source: the "Trace Event Format" of the Chromium project.

use super::report::Profile;
use super::{Event, What};
use rhyton_base::Result;
use std::fmt::Write as _;
use std::io::Write;
use std::time::Duration;

/// The text as a JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out + "\""
}

impl Profile {
    /// Writes the last events as a trace that `chrome://tracing` and <https://ui.perfetto.dev> open: kernels and spans, a row
    /// a thread. How many events there are at most is said by [`Profiler::keeping`](super::Profiler::keeping).
    ///
    /// # Errors
    /// Where `out` cannot be written.
    pub fn write_trace(&self, out: &mut dyn Write) -> Result<()> {
        writeln!(out, "{{\"displayTimeUnit\": \"ns\", \"traceEvents\": [")?;
        write!(
            out,
            "{{\"ph\": \"M\", \"pid\": 1, \"name\": \"process_name\", \"args\": {{\"name\": \"rhyton\"}}}}"
        )?;
        for (row, (number, name)) in self.threads.iter().enumerate() {
            let mut meta = |kind: &str, value: &str| {
                write!(
                    out,
                    ",\n{{\"ph\": \"M\", \"pid\": 1, \"tid\": {number}, \"name\": \"{kind}\", \"args\": {{{value}}}}}"
                )
            };
            meta("thread_name", &format!("\"name\": {}", quoted(name)))?;
            meta("thread_sort_index", &format!("\"sort_index\": {row}"))?;
        }
        for event in &self.events {
            self.write_event(out, event)?;
        }
        Ok(writeln!(out, "\n]}}")?)
    }

    fn write_event(&self, out: &mut dyn Write, event: &Event) -> Result<()> {
        let micros = |d: Duration| d.as_nanos() as f64 / 1e3;
        let (category, name, arguments) = match event.what {
            What::Span(name, number) => {
                let numbered = number.map_or_else(|| name.to_string(), |n| format!("{name} {n}"));
                ("span", numbered, String::new())
            }
            What::Kernel(place) | What::Part(place) => {
                let known = self.labels.get(&place.program).and_then(|l| l.get(place.kernel as usize));
                let Some((name, cost)) = known else { return Ok(()) };
                let whole = matches!(event.what, What::Kernel(_));
                let figures = match whole {
                    true => format!(
                        "\"flops\": {}, \"bytes_read\": {}, \"bytes_written\": {}",
                        cost.flops, cost.read, cost.written
                    ),
                    false => String::new(),
                };
                (if whole { "kernel" } else { "part" }, name.clone(), figures)
            }
        };
        write!(
            out,
            ",\n{{\"ph\": \"X\", \"pid\": 1, \"tid\": {}, \"cat\": \"{category}\", \"name\": {}, \"ts\": {:.3}, \"dur\": \
             {:.3}, \"args\": {{{arguments}}}}}",
            event.thread,
            quoted(&name),
            micros(event.start),
            micros(event.took)
        )?;
        Ok(())
    }
}
