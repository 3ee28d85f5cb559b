//! Single numbers of any element type, and the Rust types that are elements.

use crate::dtype::DType;
use half::{bf16, f16};
use std::fmt;

/// One number, wide enough to hold any element exactly.
#[derive(Clone, Copy, Debug)]
pub enum Scalar {
    /// A truth value.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer.
    UInt(u64),
    /// A floating-point number.
    Float(f64),
}

impl Scalar {
    /// The nearest `f64`.
    pub fn as_f64(self) -> f64 {
        match self {
            Scalar::Bool(b) => f64::from(u8::from(b)),
            Scalar::Int(i) => i as f64,
            Scalar::UInt(u) => u as f64,
            Scalar::Float(f) => f,
        }
    }

    /// The integer part, saturated to the range of `i64`; NaN gives 0.
    pub fn as_i64(self) -> i64 {
        match self {
            Scalar::Bool(b) => i64::from(b),
            Scalar::Int(i) => i,
            Scalar::UInt(u) => i64::try_from(u).unwrap_or(i64::MAX),
            Scalar::Float(f) => f as i64,
        }
    }

    /// The bits of an unsigned 64-bit integer: two's complement for negative integers.
    pub fn as_u64(self) -> u64 {
        match self {
            Scalar::Bool(b) => u64::from(b),
            Scalar::Int(i) => i as u64,
            Scalar::UInt(u) => u,
            Scalar::Float(f) => f as u64,
        }
    }

    /// Whether it is other than zero (NaN is).
    pub fn as_bool(self) -> bool {
        match self {
            Scalar::Bool(b) => b,
            Scalar::Int(i) => i != 0,
            Scalar::UInt(u) => u != 0,
            Scalar::Float(f) => f != 0.0,
        }
    }
}

/// Equal when they are the same number; floats by their bits, so that a NaN equals itself and -0 is not 0.
impl PartialEq for Scalar {
    fn eq(&self, other: &Scalar) -> bool {
        match (*self, *other) {
            (Scalar::Float(a), Scalar::Float(b)) => a.to_bits() == b.to_bits(),
            (Scalar::Bool(a), Scalar::Bool(b)) => a == b,
            (Scalar::Int(a), Scalar::Int(b)) => a == b,
            (Scalar::UInt(a), Scalar::UInt(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Scalar {}

impl std::hash::Hash for Scalar {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match *self {
            Scalar::Bool(b) => b.hash(state),
            Scalar::Int(i) => i.hash(state),
            Scalar::UInt(u) => u.hash(state),
            Scalar::Float(f) => f.to_bits().hash(state),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Bool(b) => b.fmt(f),
            Scalar::Int(i) => i.fmt(f),
            Scalar::UInt(u) => u.fmt(f),
            Scalar::Float(x) => x.fmt(f),
        }
    }
}

macro_rules! scalar_from {
    ($($t:ty => $variant:ident as $wide:ty),*) => {$(
        impl From<$t> for Scalar {
            fn from(x: $t) -> Scalar {
                Scalar::$variant(<$wide>::from(x))
            }
        }
    )*};
}
scalar_from!(bool => Bool as bool, u8 => UInt as u64, u16 => UInt as u64, u32 => UInt as u64, u64 => UInt as u64,
    i8 => Int as i64, i16 => Int as i64, i32 => Int as i64, i64 => Int as i64,
    f16 => Float as f64, bf16 => Float as f64, f32 => Float as f64, f64 => Float as f64);

impl From<usize> for Scalar {
    fn from(x: usize) -> Scalar {
        Scalar::UInt(x as u64)
    }
}

/// A Rust type that can be a tensor's element.
pub trait Element:
    Copy
    + Default
    + PartialEq
    + fmt::Debug
    + Into<Scalar>
    + bytemuck::NoUninit
    + bytemuck::CheckedBitPattern
    + Send
    + Sync
    + 'static
{
    /// The element type it stands for.
    const DTYPE: DType;

    /// The number rounded to this type: floats to nearest, integers wrapped, `bool` by "not zero".
    fn from_scalar(s: Scalar) -> Self;
}

macro_rules! element_int {
    ($($t:ty => $d:ident),*) => {$(
        impl Element for $t {
            const DTYPE: DType = DType::$d;
            fn from_scalar(s: Scalar) -> $t {
                match s {
                    Scalar::UInt(u) => u as $t,
                    Scalar::Float(f) => f as $t,
                    other => other.as_i64() as $t,
                }
            }
        }
    )*};
}
element_int!(u8 => U8, u16 => U16, u32 => U32, u64 => U64, i8 => I8, i16 => I16, i32 => I32, i64 => I64);

impl Element for bool {
    const DTYPE: DType = DType::Bool;
    fn from_scalar(s: Scalar) -> bool {
        s.as_bool()
    }
}

impl Element for f32 {
    const DTYPE: DType = DType::F32;
    fn from_scalar(s: Scalar) -> f32 {
        s.as_f64() as f32
    }
}

impl Element for f64 {
    const DTYPE: DType = DType::F64;
    fn from_scalar(s: Scalar) -> f64 {
        s.as_f64()
    }
}

impl Element for f16 {
    const DTYPE: DType = DType::F16;
    fn from_scalar(s: Scalar) -> f16 {
        f16::from_f64(s.as_f64())
    }
}

impl Element for bf16 {
    const DTYPE: DType = DType::BF16;
    fn from_scalar(s: Scalar) -> bf16 {
        bf16::from_f32(s.as_f64() as f32)
    }
}
