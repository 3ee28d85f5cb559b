//! Watching a quantity: whether it has become better.

use super::CallbackCx;
use crate::training::Logs;
use rhyton_base::{DType, Error, Result};
use rhyton_nn::floatx;
use rhyton_nn::metrics::Direction;

/// What several callbacks have in common: the quantity that they watch, and the best it has been.
///
/// Source: `keras/src/callbacks/monitor_callback.py`.
#[derive(Clone, Debug)]
pub(super) struct Monitor {
    /// The name of the quantity in logs.
    pub name: String,
    /// `auto`, `min` or `max`.
    pub mode: String,
    pub min_delta: f64,
    pub best: Option<f64>,
    /// Known once the model's metrics are.
    direction: Option<Direction>,
    /// That the quantity is missing is told once.
    missed: bool,
}

impl Monitor {
    /// Watches the validation loss for changes of more than this.
    pub fn new(min_delta: f64) -> Monitor {
        Monitor {
            name: "val_loss".to_string(),
            mode: "auto".to_string(),
            min_delta,
            best: None,
            direction: None,
            missed: false,
        }
    }

    /// Whether the mode is one, and changes can be measured.
    pub fn check(&self) -> Result<()> {
        if !self.min_delta.is_finite() {
            let message = format!("expected min_delta to be a finite number, got {}", self.min_delta);
            return Err(Error::value(message));
        }
        match self.mode.as_str() {
            "auto" | "min" | "max" => Ok(()),
            other => Err(Error::value(format!("expected mode \"auto\", \"min\" or \"max\", got {other:?}"))),
        }
    }

    /// The quantity; nothing, and a warning, where logs do not have it.
    pub fn value(&mut self, logs: &Logs, what: &str) -> Option<f64> {
        let value = logs.get(&self.name);
        if value.is_none() && !self.missed {
            self.missed = true;
            let known: Vec<&str> = logs.iter().map(|(name, _)| name).collect();
            eprintln!(
                "warning: {what} {:?}, which is not available; there are {}",
                self.name,
                known.join(", ")
            );
        }
        value
    }

    /// Whether a value is better than another by more than `min_delta`; everything is better than nothing.
    pub fn is_improvement(&mut self, cx: &CallbackCx, value: f64, reference: Option<f64>) -> Result<bool> {
        let direction = match self.direction {
            Some(direction) => direction,
            None => *self.direction.insert(self.find_direction(cx)?),
        };
        let Some(reference) = reference else { return Ok(true) };
        let delta = self.min_delta.abs();
        let moved = if direction == Direction::Up { value - delta } else { value + delta };
        // Compared in the precision that quantities have.
        let (moved, reference) = match floatx() {
            DType::F64 => (moved, reference),
            _ => (f64::from(moved as f32), f64::from(reference as f32)),
        };
        Ok(if direction == Direction::Up { moved > reference } else { moved < reference })
    }

    fn find_direction(&self, cx: &CallbackCx) -> Result<Direction> {
        match self.mode.as_str() {
            "min" => return Ok(Direction::Down),
            "max" => return Ok(Direction::Up),
            _ => (),
        }
        let name = self.name.strip_prefix("val_").unwrap_or(&self.name);
        cx.model().direction_of(name).ok_or_else(|| {
            Error::value(format!(
                "cannot tell whether {:?} is better when it is larger or smaller; set mode to \"max\" or \"min\"",
                self.name
            ))
        })
    }
}

/// The builder methods of callbacks that watch a quantity.
macro_rules! monitor_methods {
    ($Callback:ident) => {
        /// The quantity watched, by its name in logs; by default `val_loss`.
        #[must_use]
        pub fn monitor(mut self, name: impl Into<String>) -> $Callback {
            self.monitor.name = name.into();
            self
        }

        /// `"min"` if smaller is better, `"max"` if larger is; by default `"auto"`: what the metric says of itself.
        #[must_use]
        pub fn mode(mut self, mode: impl Into<String>) -> $Callback {
            self.monitor.mode = mode.into();
            self
        }

        /// 1 prints a line when something is done; by default 0.
        #[must_use]
        pub fn verbose(self, verbose: usize) -> $Callback {
            $Callback { verbose: verbose > 0, ..self }
        }
    };
}
pub(super) use monitor_methods;
