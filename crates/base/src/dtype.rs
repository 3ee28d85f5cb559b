//! Element types and the rule by which two of them meet.

use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// The type of a tensor's elements.
///
/// The names are NumPy's and Keras's: `"float32"`, `"int64"`, `"bool"`.
///
/// ```
/// use rhyton_base::DType;
/// assert_eq!(DType::F32.to_string(), "float32");
/// assert_eq!("uint8".parse::<DType>().unwrap().size(), 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// Boolean, one byte, 0 or 1.
    Bool,
    /// Unsigned 8-bit integer.
    U8,
    /// Unsigned 16-bit integer.
    U16,
    /// Unsigned 32-bit integer.
    U32,
    /// Unsigned 64-bit integer.
    U64,
    /// Signed 8-bit integer.
    I8,
    /// Signed 16-bit integer.
    I16,
    /// Signed 32-bit integer.
    I32,
    /// Signed 64-bit integer.
    I64,
    /// IEEE half precision: 5 exponent bits, 10 fraction bits.
    F16,
    /// Brain float: 8 exponent bits, 7 fraction bits.
    BF16,
    /// IEEE single precision.
    F32,
    /// IEEE double precision.
    F64,
}

/// The families that promotion moves between, from narrowest to widest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `bool`.
    Bool,
    /// Signed and unsigned integers.
    Integer,
    /// Floating-point numbers.
    Float,
}

impl DType {
    /// Every element type, narrowest family first.
    pub const ALL: [DType; 13] = [
        DType::Bool,
        DType::U8,
        DType::U16,
        DType::U32,
        DType::U64,
        DType::I8,
        DType::I16,
        DType::I32,
        DType::I64,
        DType::F16,
        DType::BF16,
        DType::F32,
        DType::F64,
    ];

    /// Bytes an element takes.
    pub const fn size(self) -> usize {
        match self {
            DType::Bool | DType::U8 | DType::I8 => 1,
            DType::U16 | DType::I16 | DType::F16 | DType::BF16 => 2,
            DType::U32 | DType::I32 | DType::F32 => 4,
            DType::U64 | DType::I64 | DType::F64 => 8,
        }
    }

    /// NumPy's and Keras's name.
    pub const fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::U8 => "uint8",
            DType::U16 => "uint16",
            DType::U32 => "uint32",
            DType::U64 => "uint64",
            DType::I8 => "int8",
            DType::I16 => "int16",
            DType::I32 => "int32",
            DType::I64 => "int64",
            DType::F16 => "float16",
            DType::BF16 => "bfloat16",
            DType::F32 => "float32",
            DType::F64 => "float64",
        }
    }

    /// The family this type belongs to.
    pub const fn kind(self) -> Kind {
        match self {
            DType::Bool => Kind::Bool,
            DType::F16 | DType::BF16 | DType::F32 | DType::F64 => Kind::Float,
            _ => Kind::Integer,
        }
    }

    /// Whether this is one of the floating-point types.
    pub const fn is_float(self) -> bool {
        matches!(self.kind(), Kind::Float)
    }

    /// Whether this is a signed or unsigned integer type (not `bool`).
    pub const fn is_integer(self) -> bool {
        matches!(self.kind(), Kind::Integer)
    }

    /// Whether this is an unsigned integer type.
    pub const fn is_unsigned(self) -> bool {
        matches!(self, DType::U8 | DType::U16 | DType::U32 | DType::U64)
    }

    /// The type a function such as `exp` or a mean works in: floats stay, everything else becomes `float32`.
    pub const fn to_float(self) -> DType {
        if self.is_float() { self } else { DType::F32 }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for DType {
    type Err = Error;

    fn from_str(name: &str) -> Result<DType> {
        DType::ALL.into_iter().find(|d| d.name() == name).ok_or_else(|| {
            let names = DType::ALL.map(DType::name);
            Error::name(format!("unknown dtype {name:?}{}", crate::did_you_mean(name, &names)))
        })
    }
}

/// The type in which two tensors meet: the smallest one that holds both.
///
/// - `bool` gives way to anything.
/// - Two integers follow NumPy: the wider of two of one sign; `uintN` with a signed integer no wider than it
///   becomes the next signed width (`uint8` + `int8` is `int16`).
/// - An integer with a float takes the float's type, as in Keras and JAX (`int64` + `float32` is `float32`; NumPy
///   would widen to `float64`, which nobody who trains networks wants unasked). `uint64` with a signed
///   integer, which no integer holds, becomes `float32`.
/// - Two floats take the wider; `float16` with `bfloat16`, where neither holds the other, becomes `float32`.
///
/// ```
/// use rhyton_base::{DType::*, promote};
/// assert_eq!(promote(U8, I8), I16);
/// assert_eq!(promote(I32, F16), F16);
/// assert_eq!(promote(F16, BF16), F32);
/// ```
pub const fn promote(a: DType, b: DType) -> DType {
    use DType::*;
    let (low, high) = if (a as u8) <= (b as u8) { (a, b) } else { (b, a) };
    match (low, high) {
        (x, y) if x as u8 == y as u8 => x,
        (Bool, y) => y,
        (F16, BF16) => F32,
        (_, F16 | BF16 | F32 | F64) => high,
        (U8 | U16 | U32 | U64, U8 | U16 | U32 | U64) => high,
        (I8 | I16 | I32 | I64, _) => high,
        // The low one is unsigned, the high one signed.
        (U8, I8) => I16,
        (U8, y) => y,
        (U16, I8 | I16) => I32,
        (U16, y) => y,
        (U32, _) => I64,
        (_, _) => F32,
    }
}

/// [`promote`] over any number of types; `None` for no types at all.
pub fn promote_all(dtypes: impl IntoIterator<Item = DType>) -> Option<DType> {
    dtypes.into_iter().reduce(promote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promotion_is_symmetric_and_holds_both() {
        for a in DType::ALL {
            for b in DType::ALL {
                let p = promote(a, b);
                assert_eq!(p, promote(b, a), "{a} {b}");
                assert!(p.kind() >= a.kind() && p.kind() >= b.kind(), "{a} {b} {p}");
                assert_eq!(promote(p, a), p, "{a} {b} {p}");
            }
        }
    }

    #[test]
    fn names_parse_back() {
        for d in DType::ALL {
            assert_eq!(d.name().parse::<DType>().unwrap(), d);
        }
        let message = "flot32".parse::<DType>().unwrap_err().to_string();
        assert!(message.contains("did you mean \"float32\"?"), "{message}");
    }
}
