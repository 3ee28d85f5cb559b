//! The progress bar, drawn as Keras draws it.

use super::{Callback, CallbackCx, Verbose};
use crate::training::Logs;
use rhyton_base::Result;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Cells of the bar.
const WIDTH: usize = 20;
/// The bar is drawn again at most this often.
const INTERVAL: Duration = Duration::from_millis(50);

/// Prints how far training has come: a bar on a terminal, a line an epoch elsewhere.
///
/// ```text
/// Epoch 1/5
/// 469/469 ━━━━━━━━━━━━━━━━━━━━ 2s 3ms/step - accuracy: 0.9256 - loss: 0.2612
/// ```
///
/// `fit`, `evaluate` and `predict` have one of their own; how much it says is their `verbose`.
///
/// Source: `keras/src/callbacks/progbar_logger.py`, `keras/src/utils/progbar.py`.
pub struct ProgbarLogger {
    verbose: Verbose,
    /// Inside `fit`, validation is silent.
    in_fit: bool,
    /// How many there will be, where that is known; and those that have been.
    steps: Option<usize>,
    seen: usize,
    /// What a line begins with.
    title: String,
    start: Instant,
    after_first: Option<Instant>,
    last_drawn: Option<Instant>,
    /// Cells of the last drawing, to be painted over.
    drawn: usize,
}

impl ProgbarLogger {
    /// A progress display; [`Verbose::Auto`] is settled by whether standard output is a terminal.
    pub fn new(verbose: Verbose) -> ProgbarLogger {
        let verbose = match verbose {
            Verbose::Auto if std::io::stdout().is_terminal() => Verbose::Bar,
            Verbose::Auto => Verbose::Line,
            given => given,
        };
        let start = Instant::now();
        ProgbarLogger {
            verbose,
            in_fit: false,
            steps: None,
            seen: 0,
            title: String::new(),
            start,
            after_first: None,
            last_drawn: None,
            drawn: 0,
        }
    }

    /// One for evaluation and prediction, which say nothing in a pipe unless asked to.
    pub(crate) fn quiet_in_pipes(verbose: Verbose) -> ProgbarLogger {
        match Self::is_quiet(verbose) {
            true => ProgbarLogger::new(Verbose::Silent),
            false => ProgbarLogger::new(verbose),
        }
    }

    /// Whether evaluation and prediction say nothing.
    pub(crate) fn is_quiet(verbose: Verbose) -> bool {
        match verbose {
            Verbose::Auto => !std::io::stdout().is_terminal(),
            given => given == Verbose::Silent,
        }
    }

    fn begin(&mut self, steps: Option<usize>) {
        // An epoch tells how many steps the next one has.
        self.steps = steps.or(self.steps);
        self.seen = 0;
        self.title.clear();
        self.start = Instant::now();
        (self.after_first, self.last_drawn, self.drawn) = (None, None, 0);
    }

    /// Seconds a step, without the first, which is not like the others.
    fn seconds_a_step(&mut self, done: usize, now: Instant) -> f64 {
        let each = match self.after_first {
            Some(first) if done > 1 => (now - first).as_secs_f64() / (done - 1) as f64,
            _ if done > 0 => (now - self.start).as_secs_f64() / done as f64,
            _ => 0.0,
        };
        if done == 1 {
            self.after_first = Some(now);
        }
        each
    }

    fn step_done(&mut self, batch: usize, logs: impl FnOnce() -> Result<Logs>) -> Result<()> {
        self.seen = batch + 1;
        if self.verbose != Verbose::Bar {
            // The first step's end is what later times count from.
            if batch == 0 {
                self.after_first = Some(Instant::now());
            }
            return Ok(());
        }
        let now = Instant::now();
        let each = self.seconds_a_step(batch + 1, now);
        if self.last_drawn.is_some_and(|t| now - t < INTERVAL) {
            return Ok(());
        }
        self.last_drawn = Some(now);
        let time = match self.steps {
            Some(steps) => Time::Left(each * steps.saturating_sub(batch + 1) as f64),
            None => Time::Elapsed((now - self.start).as_secs_f64()),
        };
        self.draw(&progress_bar(batch + 1, self.steps, time, each, &logs()?), false);
        Ok(())
    }

    fn finish(&mut self, logs: &Logs) {
        let now = Instant::now();
        let steps = *self.steps.get_or_insert(self.seen);
        let each = self.seconds_a_step(steps, now);
        let elapsed = (now - self.start).as_secs_f64();
        match self.verbose {
            Verbose::Bar => {
                self.draw(&progress_bar(steps, Some(steps), Time::Elapsed(elapsed), each, logs), true)
            }
            Verbose::Line => {
                print(&format!("{}{}\n", self.title, progress_line(steps, elapsed, each, logs)));
            }
            Verbose::Silent | Verbose::Auto => (),
        }
    }

    /// Paints over the last drawing.
    fn draw(&mut self, bar: &str, last: bool) {
        let cells = visible_width(bar);
        let rest = " ".repeat(self.drawn.saturating_sub(cells));
        self.drawn = if last { 0 } else { cells };
        print(&format!("\r{bar}{rest}{}", if last { "\n" } else { "" }));
    }
}

/// A run that ends in the middle leaves no half line behind.
impl Drop for ProgbarLogger {
    fn drop(&mut self) {
        if self.drawn > 0 {
            print("\n");
        }
    }
}

/// Writes to standard output. A closed pipe must not end training.
pub(super) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Cells that a text takes on a terminal: without the codes for colours.
fn visible_width(text: &str) -> usize {
    let mut cells = 0;
    let mut in_code = false;
    for c in text.chars() {
        match (in_code, c) {
            (false, '\x1b') => in_code = true,
            (false, _) => cells += 1,
            (true, 'm') => in_code = false,
            (true, _) => (),
        }
    }
    cells
}

/// The time that a bar shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Time {
    /// Seconds that it will take still.
    Left(f64),
    /// Seconds that it took.
    Elapsed(f64),
}

/// The bar as Keras draws it on a terminal, with codes for bold and colours.
///
/// The time is that left while there are steps to do, and that taken afterwards, or where nobody knows how many there are.
pub fn progress_bar(
    done: usize,
    steps: Option<usize>,
    time: Time,
    seconds_a_step: f64,
    logs: &Logs,
) -> String {
    let mut text = match steps {
        Some(steps) => {
            let cells = (WIDTH * done.min(steps)).checked_div(steps).unwrap_or(WIDTH);
            let mut text = format!("\x1b[1m{}\x1b[0m ", count(done, steps));
            if cells > 0 {
                text += &format!("\x1b[32m{}\x1b[0m", "━".repeat(cells));
            }
            text + &format!("\x1b[37m{}\x1b[0m", "━".repeat(WIDTH - cells))
        }
        None => format!("{done:>7}/Unknown"),
    };
    let time = match time {
        Time::Elapsed(s) => format!("{s:.0}s"),
        Time::Left(s) => {
            let whole = s.max(0.0) as u64;
            match s {
                _ if s > 3600.0 => format!("{}:{:02}:{:02}", whole / 3600, whole % 3600 / 60, whole % 60),
                _ if s > 60.0 => format!("{}:{:02}", whole / 60, whole % 60),
                _ => format!("{whole}s"),
            }
        }
    };
    text += &format!(" \x1b[1m{time}\x1b[0m {}{}", pace(seconds_a_step), values(logs));
    text
}

/// The line that Keras prints for an epoch without a bar.
///
/// ```
/// use rhyton_model::{Logs, progress_line};
/// let logs = Logs::from_iter([("accuracy", 0.9256), ("loss", 0.00025)]);
/// let line = progress_line(469, 2.1, 0.0032, &logs);
/// assert_eq!(line, "469/469 - 2s - 3ms/step - accuracy: 0.9256 - loss: 2.5000e-04");
/// ```
pub fn progress_line(steps: usize, elapsed: f64, seconds_a_step: f64, logs: &Logs) -> String {
    format!("{} - {elapsed:.0}s - {}{}", count(steps, steps), pace(seconds_a_step), values(logs))
}

/// `  3/469`: as wide as it will get.
fn count(done: usize, steps: usize) -> String {
    let width = steps.to_string().len();
    format!("{done:>width$}/{steps}")
}

/// `3ms/step`.
fn pace(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 || s == 0.0 => format!("{s:.0}s/step"),
        s if s >= 1e-3 => format!("{:.0}ms/step", s * 1e3),
        s => format!("{:.0}us/step", s * 1e6),
    }
}

/// ` - accuracy: 0.9256 - loss: 0.2612`.
fn values(logs: &Logs) -> String {
    logs.iter().map(|(name, value)| format!(" - {name}: {}", number(value))).collect()
}

/// Four decimals, or four and an exponent for what is too small for that.
pub(crate) fn number(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    if value.abs() > 1e-3 {
        return format!("{value:.4}");
    }
    // Rust writes `2.5000e-4` where C and Python write `2.5000e-04`.
    let text = format!("{value:.4e}");
    let (digits, exponent) = text.split_once('e').expect("the form has an exponent");
    let exponent: i32 = exponent.parse().expect("the exponent is a whole number");
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

impl Callback for ProgbarLogger {
    fn on_train_begin(&mut self, _cx: &CallbackCx) -> Result<()> {
        self.in_fit = true;
        Ok(())
    }

    fn on_epoch_begin(&mut self, cx: &CallbackCx, epoch: usize) -> Result<()> {
        self.begin(cx.params.steps);
        let title = format!("Epoch {}/{}", epoch + 1, cx.params.epochs);
        match self.verbose {
            Verbose::Bar if cx.params.epochs > 1 => print(&format!("{title}\n")),
            // One line tells all of an epoch.
            Verbose::Line if cx.params.epochs > 1 => self.title = format!("{title} - "),
            _ => (),
        }
        Ok(())
    }

    fn on_train_batch_end(&mut self, cx: &CallbackCx, batch: usize) -> Result<()> {
        self.step_done(batch, || cx.logs())
    }

    fn on_epoch_end(&mut self, _cx: &CallbackCx, _epoch: usize, logs: &mut Logs) -> Result<()> {
        self.finish(logs);
        Ok(())
    }

    fn on_test_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        if !self.in_fit {
            self.begin(cx.params.steps);
        }
        Ok(())
    }

    fn on_test_batch_end(&mut self, cx: &CallbackCx, batch: usize) -> Result<()> {
        if self.in_fit { Ok(()) } else { self.step_done(batch, || cx.logs()) }
    }

    fn on_test_end(&mut self, _cx: &CallbackCx, logs: &Logs) -> Result<()> {
        if !self.in_fit {
            self.finish(logs);
        }
        Ok(())
    }

    fn on_predict_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        self.begin(cx.params.steps);
        Ok(())
    }

    fn on_predict_batch_end(&mut self, _cx: &CallbackCx, batch: usize) -> Result<()> {
        self.step_done(batch, || Ok(Logs::new()))
    }

    fn on_predict_end(&mut self, _cx: &CallbackCx) -> Result<()> {
        self.finish(&Logs::new());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let mut out = String::new();
        let mut in_code = false;
        for c in text.chars() {
            match (in_code, c) {
                (false, '\x1b') => in_code = true,
                (false, c) => out.push(c),
                (true, 'm') => in_code = false,
                (true, _) => (),
            }
        }
        out
    }

    #[test]
    fn bars_as_keras_draws_them() {
        let logs = Logs::from_iter([("accuracy", 0.92561), ("loss", 0.26121)]);
        let bar = progress_bar(469, Some(469), Time::Elapsed(1.6), 0.0031, &logs);
        assert_eq!(plain(&bar), "469/469 ━━━━━━━━━━━━━━━━━━━━ 2s 3ms/step - accuracy: 0.9256 - loss: 0.2612");
        assert_eq!(visible_width(&bar), plain(&bar).chars().count());
        // Done green, the rest grey, numbers bold.
        let bar = progress_bar(3, Some(10), Time::Left(75.9), 12.4, &Logs::new());
        assert_eq!(
            bar,
            "\x1b[1m 3/10\x1b[0m \x1b[32m━━━━━━\x1b[0m\x1b[37m━━━━━━━━━━━━━━\x1b[0m \x1b[1m1:15\x1b[0m 12s/step"
        );
        let bar = progress_bar(12, None, Time::Elapsed(3.0), 0.25, &Logs::new());
        assert_eq!(plain(&bar), "     12/Unknown 3s 250ms/step");
        let bar = progress_bar(0, Some(10), Time::Left(0.0), 0.0, &Logs::new());
        assert!(bar.contains(" 0/10\x1b[0m \x1b[37m━"), "{bar}");
        assert!(
            plain(&progress_bar(1, Some(2), Time::Left(3725.0), 0.0, &Logs::new())).contains(" 1:02:05 ")
        );
    }

    #[test]
    fn lines_and_numbers() {
        let logs = Logs::from_iter([("loss", 1.0833), ("val_loss", f64::NAN)]);
        assert_eq!(progress_line(3, 0.2, 0.006, &logs), "3/3 - 0s - 6ms/step - loss: 1.0833 - val_loss: nan");
        for (value, text) in [
            (0.001, "1.0000e-03"),
            (-0.25, "-0.2500"),
            (0.0, "0.0000e+00"),
            (1.2345e-7, "1.2345e-07"),
            (f64::INFINITY, "inf"),
            (12345.678, "12345.6780"),
        ] {
            assert_eq!(number(value), text);
        }
        for (seconds, text) in
            [(2.4, "2s/step"), (0.0, "0s/step"), (0.0004, "400us/step"), (0.001, "1ms/step")]
        {
            assert_eq!(pace(seconds), text);
        }
    }
}
