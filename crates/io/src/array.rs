//! The array that every format of this crate reads into and writes from.

use rhyton_base::{DType, Element, Error, Result, Shape, bf16, element_count, f16};
use std::any::Any;
use std::fmt;

/// Numbers of one type with a shape: what is left of a tensor when it is written down.
///
/// The bytes are little-endian and row-major on every machine; `float16` and `bfloat16` take two bytes, `bool` one
/// byte that is 0 or 1.
///
/// ```
/// use rhyton_io::Array;
/// let a = Array::from_slice([2, 3], &[1f32, 2.0, 3.0, 4.0, 5.0, 6.0])?;
/// assert_eq!(a.data.len(), 24);
/// assert_eq!(a.to_vec::<f32>()?[4], 5.0);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Array {
    /// The type of the elements.
    pub dtype: DType,
    /// The sizes, outermost first; empty for a single number.
    pub shape: Vec<usize>,
    /// The elements, little-endian and row-major.
    pub data: Vec<u8>,
}

impl Array {
    /// An array of bytes that are already little-endian and row-major. Every `bool` byte other than 0 becomes 1.
    ///
    /// An error where the number of bytes does not fit the shape.
    pub fn new(dtype: DType, shape: impl Into<Vec<usize>>, data: Vec<u8>) -> Result<Array> {
        let mut array = Array { dtype, shape: shape.into(), data };
        array.check()?;
        if dtype == DType::Bool {
            array.data.iter_mut().for_each(|b| *b = u8::from(*b != 0));
        }
        Ok(array)
    }

    /// An array of the given numbers. An error where their count does not fit the shape.
    pub fn from_slice<T: Element>(shape: impl Into<Vec<usize>>, values: &[T]) -> Result<Array> {
        let shape = shape.into();
        let count = element_count(&shape)?;
        if count != values.len() {
            return Err(Error::shape(format!(
                "shape {} holds {count} elements, received {}",
                Shape::from(&shape),
                values.len()
            )));
        }
        let mut data = vec![0; count * T::DTYPE.size()];
        let fits = with_type!(T::DTYPE, U => {
            let cells = data.chunks_exact_mut(U::SIZE);
            values.iter().zip(cells).all(|(x, cell)| {
                (x as &dyn Any).downcast_ref::<U>().map(|x| x.put(cell)).is_some()
            })
        });
        if !fits {
            return Err(Error::dtype(format!("{} is stored by its own Rust type only", T::DTYPE)));
        }
        Ok(Array { dtype: T::DTYPE, shape, data })
    }

    /// An array without axes that holds one number.
    ///
    /// ```
    /// assert!(rhyton_io::Array::scalar(7i64).shape.is_empty());
    /// ```
    pub fn scalar<T: Element>(value: T) -> Array {
        Array::from_slice(Vec::new(), &[value]).expect("one number fits the shape of one number")
    }

    /// The number of elements, or an error where the shape has more than memory can hold.
    pub fn count(&self) -> Result<usize> {
        element_count(&self.shape)
    }

    /// Whether shape and bytes fit together, as every writer of this crate asks first.
    pub fn check(&self) -> Result<()> {
        let count = self.count()?;
        let expected = count.checked_mul(self.dtype.size());
        if expected == Some(self.data.len()) {
            return Ok(());
        }
        Err(Error::shape(format!(
            "expected {} bytes for {} elements of {} (shape {}), received {}",
            expected.map_or("too many".to_string(), |n| n.to_string()),
            count,
            self.dtype,
            Shape::from(&self.shape),
            self.data.len()
        )))
    }

    /// The elements as Rust numbers of exactly this type; [`Array::cast`] first where another type is wanted.
    ///
    /// ```
    /// use rhyton_io::Array;
    /// let e = Array::scalar(1i32).to_vec::<f32>().unwrap_err();
    /// assert_eq!(e.to_string(), "expected float32, received int32; cast it first");
    /// ```
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        let mismatch =
            || Error::dtype(format!("expected {}, received {}; cast it first", T::DTYPE, self.dtype));
        if T::DTYPE != self.dtype {
            return Err(mismatch());
        }
        self.check()?;
        let values: Box<dyn Any> =
            with_type!(self.dtype, U => Box::new(decode::<U>(&self.data).collect::<Vec<_>>()));
        values.downcast::<Vec<T>>().map(|v| *v).map_err(|_| mismatch())
    }

    /// The same numbers in another type: floats rounded to nearest, floats to integers truncated and saturated,
    /// integers wrapped, `bool` by "not zero".
    ///
    /// ```
    /// use rhyton_base::DType;
    /// let a = rhyton_io::Array::from_slice([2], &[1.5f64, -2.0])?.cast(DType::F32)?;
    /// assert_eq!(a.to_vec::<f32>()?, [1.5, -2.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn cast(&self, dtype: DType) -> Result<Array> {
        self.check()?;
        if dtype == self.dtype {
            return Ok(self.clone());
        }
        let mut data = vec![0; self.count()? * dtype.size()];
        with_type!(self.dtype, T => with_type!(dtype, U => {
            for (x, cell) in decode::<T>(&self.data).zip(data.chunks_exact_mut(U::SIZE)) {
                U::from_scalar(x.into()).put(cell);
            }
        }));
        Ok(Array { dtype, shape: self.shape.clone(), data })
    }
}

/// Type and shape; the numbers would fill the screen.
impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Array({} {})", self.dtype, Shape::from(&self.shape))
    }
}

/// An element that knows its little-endian bytes.
trait Stored: Element {
    const SIZE: usize = Self::DTYPE.size();
    fn get(bytes: &[u8]) -> Self;
    fn put(self, cell: &mut [u8]);
}

macro_rules! stored {
    ($($t:ty),*) => {$(
        impl Stored for $t {
            fn get(bytes: &[u8]) -> $t {
                <$t>::from_le_bytes(bytes.try_into().expect("a cell of the element's size"))
            }
            fn put(self, cell: &mut [u8]) {
                cell.copy_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}
stored!(u8, u16, u32, u64, i8, i16, i32, i64, f16, bf16, f32, f64);

impl Stored for bool {
    fn get(bytes: &[u8]) -> bool {
        bytes[0] != 0
    }
    fn put(self, cell: &mut [u8]) {
        cell[0] = u8::from(self);
    }
}

fn decode<T: Stored>(data: &[u8]) -> impl Iterator<Item = T> + '_ {
    data.chunks_exact(T::SIZE).map(T::get)
}

/// Evaluates `$body` with `$t` standing for the Rust type of `$dtype`.
macro_rules! with_type {
    ($dtype:expr, $t:ident => $body:expr) => {{
        macro_rules! arm {
            ($rust:ty) => {{
                type $t = $rust;
                $body
            }};
        }
        match $dtype {
            DType::Bool => arm!(bool),
            DType::U8 => arm!(u8),
            DType::U16 => arm!(u16),
            DType::U32 => arm!(u32),
            DType::U64 => arm!(u64),
            DType::I8 => arm!(i8),
            DType::I16 => arm!(i16),
            DType::I32 => arm!(i32),
            DType::I64 => arm!(i64),
            DType::F16 => arm!(f16),
            DType::BF16 => arm!(bf16),
            DType::F32 => arm!(f32),
            DType::F64 => arm!(f64),
        }
    }};
}
use with_type;

/// Turns big-endian elements of `size` bytes into little-endian ones, or back.
pub(crate) fn swap_bytes(data: &mut [u8], size: usize) {
    if size > 1 {
        data.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_survives_the_trip() {
        for dtype in DType::ALL {
            let a = Array::from_slice([3], &[0u8, 1, 2]).unwrap().cast(dtype).unwrap();
            assert_eq!(a.data.len(), 3 * dtype.size());
            let back = a.cast(DType::I64).unwrap().to_vec::<i64>().unwrap();
            assert_eq!(back, if dtype == DType::Bool { [0, 1, 1] } else { [0, 1, 2] }, "{dtype}");
            with_type!(dtype, T => {
                let again = Array::from_slice([3], &a.to_vec::<T>().unwrap()).unwrap();
                assert_eq!(again, a);
            });
        }
    }

    #[test]
    fn lengths_are_checked() {
        let e = Array::new(DType::F32, [2, 2], vec![0; 15]).unwrap_err();
        assert_eq!(e.to_string(), "expected 16 bytes for 4 elements of float32 (shape (2, 2)), received 15");
        assert!(Array::from_slice([3], &[1f32]).is_err());
        assert!(Array::new(DType::U8, [usize::MAX, 2], vec![]).is_err());
        assert!(Array::new(DType::F64, [isize::MAX as usize / 8], vec![]).is_err());
        assert_eq!(Array::new(DType::Bool, [2], vec![0, 7]).unwrap().data, [0, 1]);
    }

    #[test]
    fn empty_and_scalar() {
        assert_eq!(Array::from_slice::<f32>([0, 4], &[]).unwrap().count().unwrap(), 0);
        assert_eq!(Array::scalar(true).to_vec::<bool>().unwrap(), [true]);
        assert_eq!(format!("{:?}", Array::scalar(2f64)), "Array(float64 ())");
    }

    #[test]
    fn casts_saturate_and_round() {
        let a = Array::from_slice([3], &[300.7f32, -5.0, f32::NAN]).unwrap();
        assert_eq!(a.cast(DType::U8).unwrap().to_vec::<u8>().unwrap(), [255, 0, 0]);
        let x = Array::scalar(0.1f32).cast(DType::BF16).unwrap();
        assert_eq!(x.to_vec::<bf16>().unwrap()[0].to_bits(), 0x3DCD);
    }
}
