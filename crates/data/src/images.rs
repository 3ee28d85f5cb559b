//! What MNIST and Fashion-MNIST have in common: shapes, types and classes.

use crate::registry::Dataset;
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_io::Array;
use rhyton_tensor::Tensor;

/// Pictures to train with, and to test with.
pub(crate) const COUNTS: [usize; 2] = [60_000, 10_000];

/// A tensor of `count` pictures, or an error that says what came instead.
pub(crate) fn pictures(array: Array, count: usize, dataset: &Dataset) -> Result<Tensor> {
    tensor(array, &[count, 28, 28], dataset)
}

/// A tensor of `count` labels from 0 to 9.
pub(crate) fn labels(array: Array, count: usize, dataset: &Dataset) -> Result<Tensor> {
    if array.dtype == DType::U8
        && let Some((at, label)) = array.data.iter().enumerate().find(|(_, y)| **y > 9)
    {
        return Err(Error::value(format!(
            "expected labels from 0 to 9, received {label} at position {at}; {}",
            foreign(dataset)
        )));
    }
    tensor(array, &[count], dataset)
}

fn tensor(array: Array, shape: &[usize], dataset: &Dataset) -> Result<Tensor> {
    if array.dtype != DType::U8 || array.shape != shape {
        return Err(Error::format(format!(
            "expected uint8 {}, received {} {}; {}",
            Shape::from(shape),
            array.dtype,
            Shape::from(&array.shape),
            foreign(dataset)
        )));
    }
    Tensor::from_bytes(&array.data, array.dtype, shape)
}

pub(crate) fn foreign(dataset: &Dataset) -> String {
    format!("this is not Keras's {}, move it away or look elsewhere", dataset.name)
}
