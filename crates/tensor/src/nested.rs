//! Tensors from nested vectors, arrays and iterators, and nested vectors back.

use crate::tensor::Tensor;
use rhyton_base::{Element, Error, Result, Shape, bf16, f16};

/// Rows of one length, one after another.
fn joined<T: Copy>(what: &str, rows: &[impl AsRef<[T]>]) -> Result<(Vec<T>, usize)> {
    let width = rows.first().map_or(0, |r| r.as_ref().len());
    if let Some(i) = rows.iter().position(|r| r.as_ref().len() != width) {
        let length = rows[i].as_ref().len();
        let message = format!("{what} {i} has {length} elements and {what} 0 has {width}; all must be equal");
        return Err(Error::shape(message).at("Tensor::try_from"));
    }
    Ok((rows.iter().flat_map(|r| r.as_ref()).copied().collect(), width))
}

macro_rules! nested {
    ($($t:ty)*) => {$(
        /// A tensor of rank 2; rows of different lengths are an error.
        impl TryFrom<&[Vec<$t>]> for Tensor {
            type Error = Error;
            fn try_from(rows: &[Vec<$t>]) -> Result<Tensor> {
                let (values, width) = joined("row", rows)?;
                Tensor::from_slice(&values, [rows.len(), width])
            }
        }

        /// A tensor of rank 2; rows of different lengths are an error.
        impl TryFrom<Vec<Vec<$t>>> for Tensor {
            type Error = Error;
            fn try_from(rows: Vec<Vec<$t>>) -> Result<Tensor> {
                Tensor::try_from(rows.as_slice())
            }
        }

        /// A tensor of rank 3; parts of different lengths are an error.
        impl TryFrom<Vec<Vec<Vec<$t>>>> for Tensor {
            type Error = Error;
            fn try_from(parts: Vec<Vec<Vec<$t>>>) -> Result<Tensor> {
                let height = parts.first().map_or(0, Vec::len);
                if let Some(i) = parts.iter().position(|p| p.len() != height) {
                    let message = format!(
                        "part {i} has {} rows and part 0 has {height}; all must be equal",
                        parts[i].len()
                    );
                    return Err(Error::shape(message).at("Tensor::try_from"));
                }
                let count = parts.len();
                let rows: Vec<Vec<$t>> = parts.into_iter().flatten().collect();
                let (values, width) = joined("row", &rows)?;
                Tensor::from_slice(&values, [count, height, width])
            }
        }

        /// A tensor of rank 2.
        impl<const N: usize> From<Vec<[$t; N]>> for Tensor {
            fn from(rows: Vec<[$t; N]>) -> Tensor {
                Tensor::from_slice(rows.as_flattened(), [rows.len(), N]).expect("rows of one length")
            }
        }

        /// A tensor of rank 4.
        impl<const A: usize, const B: usize, const C: usize, const D: usize> From<[[[[$t; D]; C]; B]; A]> for Tensor {
            fn from(values: [[[[$t; D]; C]; B]; A]) -> Tensor {
                let flat = values.as_flattened().as_flattened().as_flattened();
                Tensor::from_slice(flat, [A, B, C, D]).expect("sizes of the array")
            }
        }
    )*};
}
nested!(bool u8 u16 u32 u64 i8 i16 i32 i64 f16 bf16 f32 f64);

/// A tensor of rank 1 from what an iterator gives.
///
/// ```
/// use rhyton_tensor::Tensor;
/// let squares: Tensor = (1..4).map(|i| i * i).collect();
/// assert_eq!(squares.to_vec::<i32>().unwrap(), [1, 4, 9]);
/// ```
impl<T: Element> FromIterator<T> for Tensor {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Tensor {
        let values: Vec<T> = values.into_iter().collect();
        Tensor::from_slice(&values, [values.len()]).expect("one size for all elements")
    }
}

impl Tensor {
    /// The rows of a matrix.
    ///
    /// ```
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::try_from(vec![vec![1i32, 2], vec![3, 4]]).unwrap();
    /// assert_eq!(x.to_vec2::<i32>().unwrap(), [[1, 2], [3, 4]]);
    /// let e = Tensor::try_from(vec![vec![1i32, 2], vec![3]]).unwrap_err();
    /// assert_eq!(
    ///     e.to_string(),
    ///     "Tensor::try_from: row 1 has 1 elements and row 0 has 2; all must be equal"
    /// );
    /// ```
    ///
    /// # Errors
    /// For other ranks than 2, and as [`Tensor::to_vec`].
    pub fn to_vec2<T: Element>(&self) -> Result<Vec<Vec<T>>> {
        let [rows, columns] = self.sizes_of("to_vec2")?;
        let values = self.to_vec::<T>()?;
        Ok((0..rows).map(|i| values[i * columns..(i + 1) * columns].to_vec()).collect())
    }

    /// The rows of the matrices along the first of three axes.
    ///
    /// # Errors
    /// For other ranks than 3, and as [`Tensor::to_vec`].
    pub fn to_vec3<T: Element>(&self) -> Result<Vec<Vec<Vec<T>>>> {
        let [count, rows, columns] = self.sizes_of("to_vec3")?;
        let values = self.to_vec::<T>()?;
        let row = |i: usize| values[i * columns..(i + 1) * columns].to_vec();
        Ok((0..count).map(|k| (0..rows).map(|i| row(k * rows + i)).collect()).collect())
    }

    fn sizes_of<const N: usize>(&self, who: &str) -> Result<[usize; N]> {
        self.expect_numbers().map_err(|e| e.at(who))?;
        self.shape().try_into().map_err(|_| {
            Error::shape(format!("expected {N} axes, got shape {}", Shape::from(self.shape()))).at(who)
        })
    }
}
