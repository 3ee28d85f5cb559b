//! Tensors from Rust values and back.

use crate::eager;
use crate::tensor::{Data, Tensor};
use rhyton_base::{DType, Element, Error, Layout, Result, Scalar, Shape, element_count};
use rhyton_runtime::Storage;
use std::sync::Arc;

/// A target shape in which at most one size is left open with -1.
pub trait ShapeSpec {
    /// The sizes, `None` for the open one.
    ///
    /// # Errors
    /// For sizes below -1.
    fn sizes(&self) -> Result<Vec<Option<usize>>>;
}

fn signed(sizes: impl Iterator<Item = i64>) -> Result<Vec<Option<usize>>> {
    sizes
        .map(|n| match n {
            -1 => Ok(None),
            n => usize::try_from(n)
                .map(Some)
                .map_err(|_| Error::shape(format!("a size of {n}; use -1 or a size"))),
        })
        .collect()
}

macro_rules! shape_spec {
    ($($t:ty),*) => {$(
        impl<const N: usize> ShapeSpec for [$t; N] {
            fn sizes(&self) -> Result<Vec<Option<usize>>> {
                signed(self.iter().map(|&n| n as i64))
            }
        }
        impl ShapeSpec for &[$t] {
            fn sizes(&self) -> Result<Vec<Option<usize>>> {
                signed(self.iter().map(|&n| n as i64))
            }
        }
        impl ShapeSpec for Vec<$t> {
            fn sizes(&self) -> Result<Vec<Option<usize>>> {
                signed(self.iter().map(|&n| n as i64))
            }
        }
        impl ShapeSpec for &Vec<$t> {
            fn sizes(&self) -> Result<Vec<Option<usize>>> {
                signed(self.iter().map(|&n| n as i64))
            }
        }
    )*};
}
shape_spec!(i32, i64, isize, usize);

impl Tensor {
    /// A tensor of the given shape from its elements in row-major order.
    ///
    /// # Errors
    /// Where the number of elements is not the product of the sizes.
    ///
    /// ```
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from_slice(&[1, 2, 3, 4, 5, 6], [2, 3]).unwrap();
    /// assert_eq!(x.shape(), [2, 3]);
    /// let e = Tensor::from_slice(&[1, 2, 3], [2, 3]).unwrap_err();
    /// assert_eq!(e.to_string(), "Tensor::from_slice: expected 6 elements for shape (2, 3), got 3");
    /// ```
    pub fn from_slice<T: Element>(values: &[T], shape: impl AsRef<[usize]>) -> Result<Tensor> {
        let shape = shape.as_ref();
        let expected = element_count(shape).map_err(|e| e.at("Tensor::from_slice"))?;
        if values.len() != expected {
            let shape = Shape::from(shape);
            let message = format!("expected {expected} elements for shape {shape}, got {}", values.len());
            return Err(Error::shape(message).at("Tensor::from_slice"));
        }
        let storage = Storage::from_bytes(bytemuck::cast_slice(values))?;
        Ok(Tensor::from_storage(Arc::new(storage), T::DTYPE, Layout::contiguous(shape)))
    }

    /// A tensor in memory full of one number, also while a function is being traced.
    ///
    /// # Errors
    /// Where there is no memory.
    pub fn filled(value: impl Into<Scalar>, dtype: DType, shape: &[usize]) -> Result<Tensor> {
        let op = rhyton_ops::shape::Full { shape: shape.to_vec(), value: value.into(), dtype };
        let outputs = rhyton_ops::Op::infer(&op, &[])?;
        Ok(eager::execute(&op, &[], &[], &outputs)?.swap_remove(0))
    }

    /// A tensor of one element.
    pub(crate) fn of_one(value: Scalar, dtype: DType, shape: &[usize]) -> Result<Tensor> {
        macro_rules! each {
            ($($t:ty => $d:ident),*) => {
                match dtype {
                    $(DType::$d => Tensor::from_slice(&[<$t as Element>::from_scalar(value)], shape),)*
                }
            };
        }
        each!(bool => Bool, u8 => U8, u16 => U16, u32 => U32, u64 => U64, i8 => I8, i16 => I16, i32 => I32,
            i64 => I64, rhyton_base::f16 => F16, rhyton_base::bf16 => BF16, f32 => F32, f64 => F64)
    }

    /// A tensor from little-endian bytes, row-major.
    ///
    /// # Errors
    /// Where the number of bytes does not fit the shape, or a `bool` is neither 0 nor 1.
    pub fn from_bytes(bytes: &[u8], dtype: DType, shape: &[usize]) -> Result<Tensor> {
        let expected = element_count(shape)? * dtype.size();
        if bytes.len() != expected {
            let message =
                format!("expected {expected} bytes for {dtype}{}, got {}", Shape::from(shape), bytes.len());
            return Err(Error::shape(message).at("Tensor::from_bytes"));
        }
        if dtype == DType::Bool && bytes.iter().any(|&b| b > 1) {
            return Err(Error::value("a bool byte is neither 0 nor 1").at("Tensor::from_bytes"));
        }
        let storage = Arc::new(Storage::from_bytes(bytes)?);
        Ok(Tensor::from_storage(storage, dtype, Layout::contiguous(shape)))
    }

    /// A tensor whose little-endian bytes, row-major, are read straight into its memory.
    ///
    /// # Errors
    /// Where the reader ends early or fails, or a `bool` is neither 0 nor 1.
    ///
    /// ```
    /// use rhyton_tensor::{DType, Tensor};
    /// let x = Tensor::from_reader(&mut &[1u8, 0, 2, 0][..], DType::U16, &[2]).unwrap();
    /// assert_eq!(x.to_vec::<u16>().unwrap(), [1, 2]);
    /// ```
    pub fn from_reader(reader: &mut dyn std::io::Read, dtype: DType, shape: &[usize]) -> Result<Tensor> {
        let mut storage = Storage::new(element_count(shape)? * dtype.size())?;
        reader.read_exact(storage.bytes_mut()).map_err(Error::from)?;
        if dtype == DType::Bool && storage.bytes().iter().any(|&b| b > 1) {
            return Err(Error::value("a bool byte is neither 0 nor 1").at("Tensor::from_reader"));
        }
        Ok(Tensor::from_storage(Arc::new(storage), dtype, Layout::contiguous(shape)))
    }

    /// The elements as little-endian bytes, row-major.
    ///
    /// # Errors
    /// For a tensor of a function being traced, which has no numbers yet.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.with_bytes(<[u8]>::to_vec)
    }

    /// Calls `f` with the elements as little-endian bytes, row-major, without a copy where they lie so.
    ///
    /// # Errors
    /// As [`Tensor::to_bytes`].
    pub fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R> {
        self.expect_numbers()?;
        let x = eager::contiguous(self)?;
        let (storage, layout) = eager::parts(&x);
        let start = layout.offset() * self.dtype().size();
        Ok(f(&storage.bytes()[start..start + self.nbytes()]))
    }

    /// The elements in row-major order.
    ///
    /// # Errors
    /// Where `T` is not the element type (cast first), and as [`Tensor::to_bytes`].
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        if self.dtype() != T::DTYPE {
            return Err(Error::dtype(format!(
                "expected {}, got {}; cast the tensor first",
                T::DTYPE,
                self.dtype()
            ))
            .at("to_vec"));
        }
        self.with_bytes(|bytes| {
            // Memory begins on a cache line and views begin at whole elements, so the cast only checks values.
            bytemuck::checked::try_cast_slice::<u8, T>(bytes).map(<[T]>::to_vec)
        })?
        .map_err(|e| Error::format(format!("the memory does not hold {}: {e}", T::DTYPE)))
    }

    /// The elements as `f64`, whatever their type.
    ///
    /// # Errors
    /// As [`Tensor::to_bytes`].
    pub fn to_f64s(&self) -> Result<Vec<f64>> {
        crate::ops::cast(self, DType::F64)?.to_vec()
    }

    /// Memory that holds this tensor's elements in row-major order, and the byte at which they begin: its own where it
    /// does, else a copy.
    ///
    /// # Errors
    /// As [`Tensor::to_bytes`].
    pub fn memory(&self) -> Result<(Arc<Storage>, usize)> {
        self.expect_numbers()?;
        let (storage, layout) = eager::parts(self);
        if layout.is_contiguous() {
            // Without elements a view may begin anywhere.
            let start = if self.is_empty() { 0 } else { layout.offset() * self.dtype().size() };
            return Ok((storage.clone(), start));
        }
        let mut own = Storage::new(self.nbytes())?;
        eager::copy_into(self, &mut own)?;
        Ok((Arc::new(own), 0))
    }

    /// The only element.
    ///
    /// # Errors
    /// Where there is more than one element or none, and as [`Tensor::to_vec`].
    pub fn item<T: Element>(&self) -> Result<T> {
        match self.len() {
            1 => Ok(self.to_vec::<T>()?[0]),
            n => Err(Error::shape(format!(
                "expected one element, got {n} (shape {})",
                Shape::from(self.shape())
            ))
            .at("item")),
        }
    }

    /// Whether the numbers are in memory (not traced) and there is exactly one.
    pub fn is_concrete_scalar(&self) -> bool {
        self.len() == 1 && matches!(self.data(), Data::Concrete { .. })
    }
}

macro_rules! from_numbers {
    ($($t:ty)*) => {$(
        /// A tensor of rank 0.
        impl From<$t> for Tensor {
            fn from(value: $t) -> Tensor {
                Tensor::from_slice(&[value], []).expect("one element")
            }
        }

        /// A tensor of rank 1.
        impl From<&[$t]> for Tensor {
            fn from(values: &[$t]) -> Tensor {
                Tensor::from_slice(values, [values.len()]).expect("one size for all elements")
            }
        }

        /// A tensor of rank 1.
        impl From<Vec<$t>> for Tensor {
            fn from(values: Vec<$t>) -> Tensor {
                Tensor::from(values.as_slice())
            }
        }

        /// A tensor of rank 1.
        impl From<&Vec<$t>> for Tensor {
            fn from(values: &Vec<$t>) -> Tensor {
                Tensor::from(values.as_slice())
            }
        }

        /// A tensor of rank 1.
        impl<const A: usize> From<[$t; A]> for Tensor {
            fn from(values: [$t; A]) -> Tensor {
                Tensor::from(values.as_slice())
            }
        }

        /// A tensor of rank 2.
        impl<const A: usize, const B: usize> From<[[$t; B]; A]> for Tensor {
            fn from(values: [[$t; B]; A]) -> Tensor {
                Tensor::from_slice(values.as_flattened(), [A, B]).expect("sizes of the array")
            }
        }

        /// A tensor of rank 3.
        impl<const A: usize, const B: usize, const C: usize> From<[[[$t; C]; B]; A]> for Tensor {
            fn from(values: [[[$t; C]; B]; A]) -> Tensor {
                Tensor::from_slice(values.as_flattened().as_flattened(), [A, B, C]).expect("sizes of the array")
            }
        }
    )*};
}
from_numbers!(bool u8 u16 u32 u64 i8 i16 i32 i64 rhyton_base::f16 rhyton_base::bf16 f32 f64);

impl From<&Tensor> for Tensor {
    fn from(x: &Tensor) -> Tensor {
        x.clone()
    }
}

/// One element of the given type from its bytes.
pub fn scalar_from_bytes(dtype: DType, bytes: &[u8]) -> Option<Scalar> {
    macro_rules! each {
        ($($t:ty => $d:ident),*) => {
            match dtype {
                $(DType::$d => bytemuck::checked::try_pod_read_unaligned::<$t>(bytes).ok().map(Scalar::from),)*
            }
        };
    }
    each!(bool => Bool, u8 => U8, u16 => U16, u32 => U32, u64 => U64, i8 => I8, i16 => I16, i32 => I32, i64 => I64,
        rhyton_base::f16 => F16, rhyton_base::bf16 => BF16, f32 => F32, f64 => F64)
}
