//! Numbers as integers of the same order, which sort faster than they do.

use super::Plain;
use rhyton_base::{bf16, f16};

/// A number that has a place in the order of its type: NaN behind all others, zeros of either sign equal.
pub trait Key: Plain {
    /// An unsigned integer of the same size.
    type Bits: Ord + Copy + Into<u64> + Send;
    /// The number's place.
    fn key(self) -> Self::Bits;
    /// The number at a place; of equal ones the positive zero and one NaN.
    fn from_key(key: Self::Bits) -> Self;
    /// Whether it is a zero with a sign, which its key does not show.
    fn is_negative_zero(self) -> bool;
}

macro_rules! unsigned {
    ($($t:ty)*) => {$(
        impl Key for $t {
            type Bits = $t;
            fn key(self) -> $t {
                self
            }
            fn from_key(key: $t) -> $t {
                key
            }
            fn is_negative_zero(self) -> bool {
                false
            }
        }
    )*};
}
unsigned! { u8 u16 u32 u64 }

macro_rules! signed {
    ($($t:ty as $bits:ty;)*) => {$(
        impl Key for $t {
            type Bits = $bits;
            fn key(self) -> $bits {
                (self ^ <$t>::MIN) as $bits
            }
            fn from_key(key: $bits) -> $t {
                key as $t ^ <$t>::MIN
            }
            fn is_negative_zero(self) -> bool {
                false
            }
        }
    )*};
}
signed! { i8 as u8; i16 as u16; i32 as u32; i64 as u64; }

macro_rules! floats {
    ($($t:ty as $bits:ty, $top:expr;)*) => {$(
        impl Key for $t {
            type Bits = $bits;
            #[inline(always)]
            fn key(self) -> $bits {
                let bits = self.to_bits();
                match bits {
                    _ if self.is_nan() => <$t>::NAN.to_bits() & !$top | $top,
                    _ if bits == $top => $top,
                    // Negative numbers fall with rising bits and stand before the others.
                    _ if bits & $top != 0 => !bits,
                    _ => bits | $top,
                }
            }
            fn from_key(key: $bits) -> $t {
                <$t>::from_bits(if key & $top != 0 { key & !$top } else { !key })
            }
            fn is_negative_zero(self) -> bool {
                self.to_bits() == $top
            }
        }
    )*};
}
floats! { f16 as u16, 1 << 15; bf16 as u16, 1 << 15; f32 as u32, 1 << 31; f64 as u64, 1 << 63; }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_the_order() {
        let rising = [f32::NEG_INFINITY, -2.5, -1e-40, 0.0, 1e-40, 1.0, f32::MAX, f32::INFINITY, f32::NAN];
        for pair in rising.windows(2) {
            assert!(pair[0].key() < pair[1].key(), "{pair:?}");
        }
        for x in rising {
            assert_eq!(f32::from_key(x.key()).to_bits(), x.to_bits());
        }
        assert_eq!((-0.0f32).key(), 0.0f32.key());
        assert_eq!((-f64::NAN).key(), f64::NAN.key());
        assert!(f16::NAN.key() > f16::INFINITY.key() && bf16::NAN.key() > bf16::INFINITY.key());
        for x in [i8::MIN, -1, 0, i8::MAX] {
            assert_eq!(i8::from_key(x.key()), x);
        }
    }
}
