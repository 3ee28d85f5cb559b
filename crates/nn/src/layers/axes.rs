//! Axes that a layer is told: one, or several.

use super::reader::ConfigReader;
use rhyton_base::{Result, Shape, normalize_axes};
use serde_json::{Value, json};

/// One axis (`-1`) or several (`[1, 2]`); negative ones count from the back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerAxes {
    axes: Vec<isize>,
    /// Whether it was given as one number, and is to be written so.
    single: bool,
}

impl LayerAxes {
    /// The axes of such an input, counted from the front and in order.
    pub(super) fn of(&self, input: &Shape) -> Result<Vec<usize>> {
        normalize_axes(&self.axes, input.rank()).map_err(|e| e.at(format!("axis of input shape {input}")))
    }

    pub(super) fn json(&self) -> Value {
        if self.single { json!(self.axes[0]) } else { json!(self.axes) }
    }

    /// As a list, however it was given.
    pub(super) fn list(&self) -> Value {
        json!(self.axes)
    }

    pub(super) fn read(r: &mut ConfigReader, key: &'static str) -> Result<Option<LayerAxes>> {
        let single = r.value(key).is_some_and(Value::is_number);
        Ok(r.integers(key)?.map(|axes| LayerAxes { axes, single }))
    }
}

impl From<isize> for LayerAxes {
    fn from(axis: isize) -> LayerAxes {
        LayerAxes { axes: vec![axis], single: true }
    }
}

impl<const N: usize> From<[isize; N]> for LayerAxes {
    fn from(axes: [isize; N]) -> LayerAxes {
        LayerAxes { axes: axes.to_vec(), single: false }
    }
}

impl From<Vec<isize>> for LayerAxes {
    fn from(axes: Vec<isize>) -> LayerAxes {
        LayerAxes { axes, single: false }
    }
}

/// Axes counted from the front, as the operations take them.
pub(super) fn signed(axes: &[usize]) -> Vec<isize> {
    axes.iter().map(|&a| a as isize).collect()
}
