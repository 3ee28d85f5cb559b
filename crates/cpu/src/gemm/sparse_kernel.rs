//! The kernels of products with a sparse A, written once over the vector operations of every instruction set.

use super::kernel::{Element, Simd};

/// Rows of C whose entries of A are listed together.
pub(super) const PANEL: usize = 16;

/// Up to [`PANEL`] rows of a strip of C, over a segment of `k`.
pub(super) struct Rows<T> {
    pub rows: usize,
    /// `rows + 1` numbers: entries `starts[i]` to `starts[i + 1]` are those of row `i`, in the order of `k`.
    pub starts: *const u32,
    /// What A holds at the entries.
    pub values: *const T,
    /// Which row of B belongs to an entry, as the distance of its first element from `b`.
    pub places: *const u32,
    /// A packed strip of B, as wide as the vectors of the kernel.
    pub b: *const T,
    /// The sums so far, `rows` times the strip's width.
    pub sums: *mut T,
    /// Go on with the sums rather than begin at zero.
    pub resume: bool,
    /// Where the sums belong when the block of `k` ends here; null if more of it comes.
    pub c: *mut T,
    /// From one row of C to the next; columns are contiguous.
    pub c_row: isize,
    /// Columns of C in the strip.
    pub width: usize,
    /// Add to C rather than overwrite it.
    pub accumulate: bool,
}

/// What an instruction set offers for sparse products.
pub(super) struct Sparse<T: 'static> {
    /// Kernels for strips of 1, 2, 4 vectors and so on.
    pub rows: &'static [unsafe fn(&Rows<T>)],
    /// How many numbers of how many may be other than zero.
    pub thin: (usize, usize),
    /// Numbers that an element stands for.
    pub numbers: usize,
    /// `(dst, width of dst, src, step of src, columns, rows) -> finite`: copies rows of contiguous columns, filled up
    /// with zeros, and tells whether all numbers are finite.
    pub pack: unsafe fn(*mut T, usize, *const T, isize, usize, usize) -> bool,
    /// `(src, length, step, runs) -> count` of numbers other than zero in runs of contiguous numbers.
    pub count: unsafe fn(*const T, usize, isize, usize) -> usize,
    /// `(src, length, first place, step of places, values, places) -> count`: lists the numbers other than zero.
    /// May write, but not keep, a vector more than it counts.
    pub list: unsafe fn(*const T, usize, u32, u32, *mut T, *mut u32) -> usize,
    /// `(x, y, sums, length)`: adds contiguous numbers.
    pub add: unsafe fn(*const T, *const T, *mut T, usize),
}

/// See [`Rows`].
///
/// # Safety
/// The machine must have the instruction set; entries must lie in the lists, their places in B, and the rows in `sums`
/// and C.
#[inline(always)]
pub(super) unsafe fn rows<S: Simd, const VECTORS: usize>(t: &Rows<S::T>) {
    let strip = VECTORS * S::LANES;
    // SAFETY: the caller's promise.
    unsafe {
        for i in 0..t.rows {
            let sums = t.sums.add(i * strip);
            let mut acc = [S::zero(); VECTORS];
            if t.resume {
                acc.iter_mut().enumerate().for_each(|(j, v)| *v = S::load(sums.add(j * S::LANES)));
            }
            for e in *t.starts.add(i) as usize..*t.starts.add(i + 1) as usize {
                let x = S::splat(t.values.add(e));
                let b = t.b.add(*t.places.add(e) as usize);
                for (j, v) in acc.iter_mut().enumerate() {
                    *v = S::fma(x, S::load(b.add(j * S::LANES)), *v);
                }
            }
            if t.c.is_null() {
                acc.iter().enumerate().for_each(|(j, &v)| S::store(sums.add(j * S::LANES), v));
                continue;
            }
            let c = t.c.offset(i as isize * t.c_row);
            for (j, v) in acc.into_iter().enumerate() {
                // Past the last column where the strip is wider than what is left of C.
                let (c, left) = (c.wrapping_add(j * S::LANES), t.width.saturating_sub(j * S::LANES));
                // As in dense products: no sum is a negative zero.
                let v = S::add(v, S::zero());
                if left >= S::LANES {
                    S::store(c, if t.accumulate { S::add(S::load(c), v) } else { v });
                } else if left > 0 {
                    let mask = S::mask(left);
                    S::store_part(c, if t.accumulate { S::add(S::load_part(c, mask), v) } else { v }, mask);
                }
            }
        }
    }
}

/// See [`Sparse::pack`].
///
/// # Safety
/// The machine must have the instruction set, and both matrices must be there; `width` is whole vectors.
#[inline(always)]
pub(super) unsafe fn pack<S: Simd>(
    dst: *mut S::T,
    width: usize,
    src: *const S::T,
    step: isize,
    columns: usize,
    rows: usize,
) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        // Zero times a number is zero unless the number is infinite or none.
        let mut poison = S::zero();
        for i in 0..rows {
            let (src, dst) = (src.offset(i as isize * step), dst.add(i * width));
            for j in (0..width).step_by(S::LANES) {
                let v = match columns.saturating_sub(j) {
                    left if left >= S::LANES => S::load(src.add(j)),
                    0 => S::zero(),
                    left => S::load_part(src.add(j), S::mask(left)),
                };
                S::store(dst.add(j), v);
                poison = S::fma(v, S::zero(), poison);
            }
        }
        let mut lanes = [S::T::ZERO; 64];
        S::store(lanes.as_mut_ptr(), poison);
        lanes.iter().all(|&x| x == S::T::ZERO)
    }
}

/// See [`Sparse::count`].
///
/// # Safety
/// All numbers must be readable.
#[inline(always)]
pub(super) unsafe fn count<S: Simd>(src: *const S::T, length: usize, step: isize, runs: usize) -> usize {
    let mut found = 0;
    for run in 0..runs {
        let src = src.wrapping_offset(run as isize * step);
        // SAFETY: the caller's promise.
        found += (0..length).map(|i| u32::from(!S::is_zero(unsafe { *src.add(i) }))).sum::<u32>() as usize;
    }
    found
}

/// See [`Sparse::list`].
///
/// # Safety
/// All numbers must be readable, and the lists have room for one more than are found.
#[inline(always)]
pub(super) unsafe fn list<S: Simd>(
    src: *const S::T,
    length: usize,
    first: u32,
    step: u32,
    values: *mut S::T,
    places: *mut u32,
) -> usize {
    let mut found = 0;
    let mut place = first;
    for i in 0..length {
        // SAFETY: the caller's promise.
        unsafe {
            let x = *src.add(i);
            values.add(found).write(x);
            places.add(found).write(place);
            found += usize::from(!S::is_zero(x));
        }
        place = place.wrapping_add(step);
    }
    found
}

/// See [`Sparse::add`].
///
/// # Safety
/// The machine must have the instruction set; `x` and `y` must be readable, `sums`, which may be `x`, writable.
#[inline(always)]
pub(super) unsafe fn add<S: Simd>(x: *const S::T, y: *const S::T, sums: *mut S::T, length: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        for i in (0..length).step_by(S::LANES) {
            if length - i >= S::LANES {
                S::store(sums.add(i), S::add(S::load(x.add(i)), S::load(y.add(i))));
            } else {
                let mask = S::mask(length - i);
                S::store_part(
                    sums.add(i),
                    S::add(S::load_part(x.add(i), mask), S::load_part(y.add(i), mask)),
                    mask,
                );
            }
        }
    }
}

/// The functions of an instruction set; `$feature` enables it.
macro_rules! sparse {
    ($(#[$feature:meta])* $simd:ty, $t:ty, $($vectors:literal)*) => {{
        use $crate::gemm::sparse_kernel as k;
        $(#[$feature])*
        unsafe fn rows<const VECTORS: usize>(t: &k::Rows<$t>) {
            // SAFETY: the instruction set is enabled here; the rest is the caller's promise.
            unsafe { k::rows::<$simd, VECTORS>(t) }
        }
        $(#[$feature])*
        unsafe fn pack(d: *mut $t, w: usize, s: *const $t, step: isize, c: usize, r: usize) -> bool {
            // SAFETY: the instruction set is enabled here; the rest is the caller's promise.
            unsafe { k::pack::<$simd>(d, w, s, step, c, r) }
        }
        $(#[$feature])*
        unsafe fn count(s: *const $t, length: usize, step: isize, runs: usize) -> usize {
            // SAFETY: the instruction set is enabled here; the rest is the caller's promise.
            unsafe { k::count::<$simd>(s, length, step, runs) }
        }
        $(#[$feature])*
        unsafe fn list(s: *const $t, n: usize, first: u32, step: u32, v: *mut $t, p: *mut u32) -> usize {
            // SAFETY: the instruction set is enabled here; the rest is the caller's promise.
            unsafe { k::list::<$simd>(s, n, first, step, v, p) }
        }
        $(#[$feature])*
        unsafe fn add(x: *const $t, y: *const $t, sums: *mut $t, length: usize) {
            // SAFETY: the instruction set is enabled here; the rest is the caller's promise.
            unsafe { k::add::<$simd>(x, y, sums, length) }
        }
        k::Sparse { rows: &[$(rows::<$vectors>),*], thin: (1, 3), numbers: 1, pack, count, list, add }
    }};
}
pub(super) use sparse;
