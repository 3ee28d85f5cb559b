//! How far a download is: a bar on a terminal, a line at the start and at the end elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::Instant;

/// The progress of one file, on standard error.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    name: String,
    start: Instant,
}

impl Progress {
    /// Says that `total` bytes of `name` will come from `url`.
    pub(crate) fn start(name: &str, url: &str, total: u64) -> Progress {
        eprintln!("Downloading {name} ({}) from {url}", size(total));
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total);
            let style =
                ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Progress { bar, name: name.to_string(), start: Instant::now() }
    }

    /// Says that `bytes` more have come.
    pub(crate) fn advance(&self, bytes: usize) {
        if let Some(bar) = &self.bar {
            bar.inc(bytes as u64);
        }
    }

    /// Says that all is there.
    pub(crate) fn finish(self) {
        eprintln!("Downloaded {} in {:.1} s", self.name, self.start.elapsed().as_secs_f64());
    }
}

/// Leaves the terminal clean, also after a failure.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_readable() {
        assert_eq!([5, 57_026, 11_490_434].map(size), ["5 bytes", "57 kB", "11.5 MB"]);
    }
}
