//! The largest or smallest of neighbours.

/// Lanes that are compared side by side.
const WIDE: usize = 64;

/// A float whose extremes are looked for.
pub trait Number: Copy + PartialOrd + Into<f64> {
    const INFINITY: Self;
    const NEG_INFINITY: Self;
    /// An integer of its size.
    type Bits: Copy + Ord;
    /// The bits without the sign, which are above those of infinity for NaN only.
    fn magnitude(self) -> Self::Bits;
}

macro_rules! number {
    ($($t:ident $bits:ident)*) => {$(
        impl Number for $t {
            const INFINITY: $t = $t::INFINITY;
            const NEG_INFINITY: $t = $t::NEG_INFINITY;
            type Bits = $bits;
            #[inline(always)]
            fn magnitude(self) -> $bits {
                self.abs().to_bits()
            }
        }
    )*};
}
number! { f32 u32 f64 u64 }

/// The largest number (or the smallest), `None` if one is NaN. Of nothing it is the infinity that every number beats.
#[inline(always)]
pub fn extreme<T: Number, const LEAST: bool>(values: &[T]) -> Option<T> {
    let worst = if LEAST { T::INFINITY } else { T::NEG_INFINITY };
    let better = |a: T, b: T| if LEAST { b < a } else { b > a };
    let infinite = worst.magnitude();
    let (mut best, mut largest) = ([worst; WIDE], [infinite; WIDE]);
    // Plain loops over the lanes, which become vectors.
    macro_rules! take {
        ($block:expr) => {
            let block: &[T; WIDE] = $block;
            for k in 0..WIDE {
                best[k] = if better(best[k], block[k]) { block[k] } else { best[k] };
            }
            for k in 0..WIDE {
                let m = block[k].magnitude();
                largest[k] = if m > largest[k] { m } else { largest[k] };
            }
        };
    }
    let (blocks, rest) = values.as_chunks::<WIDE>();
    for block in blocks {
        take!(block);
    }
    if !rest.is_empty() {
        let mut last = [worst; WIDE];
        last[..rest.len()].copy_from_slice(rest);
        take!(&last);
    }
    macro_rules! halve {
        ($($half:literal)*) => {$(
            for k in 0..$half {
                best[k] = if better(best[k], best[k + $half]) { best[k + $half] } else { best[k] };
                largest[k] = largest[k].max(largest[k + $half]);
            }
        )*};
    }
    halve!(32 16 8 4 2 1);
    (largest[0] <= infinite).then_some(best[0])
}
