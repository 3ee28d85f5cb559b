//! Arrays of the `ndarray` crate to tensors and back.

use crate::tensor::Tensor;
use ndarray::{Array, ArrayBase, Data, Dimension, IxDyn};
use rhyton_base::{Element, Error, Shape};

/// A tensor of the same shape with a copy of the elements, in whatever order they lie.
impl<T: Element, S: Data<Elem = T>, D: Dimension> From<&ArrayBase<S, D>> for Tensor {
    fn from(array: &ArrayBase<S, D>) -> Tensor {
        match array.as_slice() {
            Some(values) => Tensor::from_slice(values, array.shape()),
            None => Tensor::from_slice(&array.iter().copied().collect::<Vec<T>>(), array.shape()),
        }
        .expect("an array has as many elements as its shape says")
    }
}

/// A tensor of the same shape with a copy of the elements.
impl<T: Element, S: Data<Elem = T>, D: Dimension> From<ArrayBase<S, D>> for Tensor {
    fn from(array: ArrayBase<S, D>) -> Tensor {
        Tensor::from(&array)
    }
}

/// An array with a copy of the elements. An error where the element type or the number of axes is another, or where
/// there are no numbers.
///
/// ```
/// use ndarray::{Array2, ArrayD, array};
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from(array![[1.0f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(Array2::<f32>::try_from(&x).unwrap(), array![[1.0, 2.0], [3.0, 4.0]]);
/// assert_eq!(ArrayD::<f32>::try_from(&x.t()).unwrap().shape(), [2, 2]);
/// let e = Array2::<f64>::try_from(&x).unwrap_err();
/// assert_eq!(e.to_string(), "Array::try_from: to_vec: expected float64, got float32; cast the tensor first");
/// ```
impl<T: Element, D: Dimension> TryFrom<&Tensor> for Array<T, D> {
    type Error = Error;

    fn try_from(x: &Tensor) -> Result<Array<T, D>, Error> {
        let who = "Array::try_from";
        let values = x.to_vec::<T>().map_err(|e| e.at(who))?;
        let array = Array::from_shape_vec(IxDyn(x.shape()), values)
            .map_err(|e| Error::shape(e.to_string()).at(who))?;
        array.into_dimensionality::<D>().map_err(|_| {
            let (got, expected) = (Shape::from(x.shape()), D::NDIM.unwrap_or(0));
            Error::shape(format!("expected {expected} axes, got shape {got}")).at(who)
        })
    }
}

impl<T: Element, D: Dimension> TryFrom<Tensor> for Array<T, D> {
    type Error = Error;

    fn try_from(x: Tensor) -> Result<Array<T, D>, Error> {
        Array::try_from(&x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array3, ArrayD, Axis, Slice};

    #[test]
    fn arrays_of_any_order_and_back() {
        let a = Array::from_shape_fn((2, 3, 4), |(i, j, k)| (100 * i + 10 * j + k) as i32);
        assert_eq!(Array3::<i32>::try_from(&Tensor::from(&a)).unwrap(), a);
        let turned = a.view().permuted_axes([2, 0, 1]);
        let x = Tensor::from(&turned);
        assert_eq!(x.shape(), [4, 2, 3]);
        assert_eq!(ArrayD::<i32>::try_from(x).unwrap(), turned.into_dyn());
        let mut part = a.slice_axis(Axis(2), Slice::from(1..3));
        part.invert_axis(Axis(1));
        assert_eq!(Array3::<i32>::try_from(&Tensor::from(part)).unwrap(), part);
        assert_eq!(Tensor::from(a.index_axis(Axis(0), 1)).shape(), [3, 4]);
    }

    #[test]
    fn empty_arrays_and_scalars() {
        let empty = Array::<f32, _>::zeros((0, 3));
        assert_eq!(Tensor::from(&empty).shape(), [0, 3]);
        assert_eq!(ndarray::Array2::<f32>::try_from(&Tensor::from(&empty)).unwrap(), empty);
        let scalar = ndarray::arr0(2.5f64);
        assert_eq!(ndarray::Array0::<f64>::try_from(&Tensor::from(&scalar)).unwrap(), scalar);
    }

    #[test]
    fn wrong_ranks_are_errors() {
        let x = Tensor::from([[1, 2], [3, 4]]);
        let e = Array1::<i32>::try_from(&x).unwrap_err().to_string();
        assert_eq!(e, "Array::try_from: expected 1 axes, got shape (2, 2)");
    }
}
