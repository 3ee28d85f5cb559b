//! Philox for whole chunks.

use rhyton_runtime::philox4x32;

/// Blocks computed side by side, so that the rounds vectorise.
const SIDE: usize = 16;

/// `dst[i]` becomes word `index[i] % 4` of the block `index[i] / 4`, as `uint32` in 64 bits.
///
/// # Safety
/// Both pointers reach over `n` elements.
#[inline(always)]
pub unsafe fn fill(dst: *mut i64, index: *const i64, n: usize, key: [u32; 2], counter: u32) {
    // SAFETY: the caller's promise.
    let (dst, index) =
        unsafe { (std::slice::from_raw_parts_mut(dst, n), std::slice::from_raw_parts(index, n)) };
    let first = index.first().copied().unwrap_or(0);
    let consecutive = index.iter().enumerate().all(|(i, &x)| x == first + i as i64);
    let word = |x: i64| {
        let block = x as u64 / 4;
        philox4x32(key, [block as u32, (block >> 32) as u32, counter, 0])[x as usize % 4]
    };
    if !consecutive {
        dst.iter_mut().zip(index).for_each(|(d, &x)| *d = i64::from(word(x)));
        return;
    }
    // Up to the first whole block, then many blocks at a time, then the rest.
    let head = ((4 - first as usize % 4) % 4).min(n);
    for (i, d) in dst.iter_mut().enumerate().take(head) {
        *d = i64::from(word(first + i as i64));
    }
    let mut i = head;
    while i + 4 * SIDE <= n {
        let start = (first as u64 + i as u64) / 4;
        let mut words = [[0u32; 4]; SIDE];
        for (k, w) in words.iter_mut().enumerate() {
            let block = start + k as u64;
            *w = philox4x32(key, [block as u32, (block >> 32) as u32, counter, 0]);
        }
        for (d, w) in dst[i..i + 4 * SIDE].iter_mut().zip(words.as_flattened()) {
            *d = i64::from(*w);
        }
        i += 4 * SIDE;
    }
    for (k, d) in dst.iter_mut().enumerate().skip(i) {
        *d = i64::from(word(first + k as i64));
    }
}
