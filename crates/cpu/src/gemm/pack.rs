//! Copies between layouts: operands into the order the kernels read them, transposed results out.

use super::kernel::Isa;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ptr::NonNull;

/// A matrix to copy from: `x` across, `k` along.
#[derive(Clone, Copy)]
pub(super) struct Source<T> {
    pub p: *const T,
    pub x_step: isize,
    pub k_step: isize,
}

/// `dst[k * stride + x] = src[x, k]` for `x` below `width` and `k` below `count`.
///
/// # Safety
/// All these elements must be readable and writable, without overlap, and the machine must have `isa`.
pub(super) unsafe fn copy<T: Copy>(
    isa: &Isa<T>,
    dst: *mut T,
    stride: isize,
    src: Source<T>,
    width: usize,
    count: usize,
) {
    let at = |x: usize, k: usize| src.p.wrapping_offset(x as isize * src.x_step + k as isize * src.k_step);
    let to = |x: usize, k: usize| dst.wrapping_offset(x as isize + k as isize * stride);
    // SAFETY: all indices are below `width` and `count`, for which the caller vouches.
    unsafe {
        if src.x_step == 1 {
            for k in 0..count {
                let (from, to) = (at(0, k), to(0, k));
                // Rows are too short for a call to be worth while.
                for x in (0..width - width % 8).step_by(8) {
                    to.add(x).cast::<[T; 8]>().write_unaligned(from.add(x).cast::<[T; 8]>().read_unaligned());
                }
                for x in width - width % 8..width {
                    *to.add(x) = *from.add(x);
                }
            }
            return;
        }
        if let Some(transpose) = isa.transpose
            && src.k_step == 1
            && count >= 4
        {
            for x in (0..width).step_by(isa.lanes) {
                let across = isa.lanes.min(width - x);
                for k in (0..count).step_by(4) {
                    // The last block begins earlier where fewer than 4 are left.
                    let k = k.min(count - 4);
                    transpose(to(x, k), stride, at(x, k), src.x_step, across);
                }
            }
            return;
        }
        for x0 in (0..width).step_by(8) {
            for k in 0..count {
                for x in x0..(x0 + 8).min(width) {
                    *to(x, k) = *at(x, k);
                }
            }
        }
    }
}

/// Aligned memory that grows when asked for more.
struct Buffer {
    p: NonNull<u8>,
    bytes: usize,
}

const ALIGN: usize = 64;

impl Buffer {
    const EMPTY: Buffer = Buffer { p: NonNull::dangling(), bytes: 0 };

    fn layout(bytes: usize) -> Layout {
        Layout::from_size_align(bytes, ALIGN).expect("a buffer smaller than the address space")
    }

    fn reserve(&mut self, bytes: usize) {
        if bytes <= self.bytes {
            return;
        }
        let bytes = bytes.next_multiple_of(4096);
        *self = Buffer::EMPTY;
        let layout = Buffer::layout(bytes);
        // SAFETY: the layout is not empty.
        let Some(p) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        *self = Buffer { p, bytes };
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.bytes > 0 {
            // SAFETY: it was allocated with the same layout.
            unsafe { dealloc(self.p.as_ptr(), Buffer::layout(self.bytes)) }
        }
    }
}

/// What a thread's buffers are for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// The packed B of the product this thread started.
    Shared,
    /// The packed A and the result of the tile this thread is at.
    Own,
    /// Where the lists of a sparse product begin.
    Heads,
    /// The lists of a sparse product.
    Lists,
    /// The blocks of `k` of a product.
    Parts,
}

thread_local! {
    static BUFFERS: [Cell<Buffer>; 5] = const { [const { Cell::new(Buffer::EMPTY) }; 5] };
}

/// Lends `body` this thread's memory for `len` elements, aligned for vectors. It holds anything. Memory is kept
/// for the next time; a product started inside another one gets its own.
pub(super) fn with_buffer<T, R>(purpose: Purpose, len: usize, body: impl FnOnce(*mut T) -> R) -> R {
    if len == 0 {
        return body(std::ptr::without_provenance_mut(ALIGN));
    }
    let mut buffer = BUFFERS.with(|b| b[purpose as usize].replace(Buffer::EMPTY));
    buffer.reserve(len * size_of::<T>());
    let result = body(buffer.p.as_ptr().cast());
    BUFFERS.with(|b| b[purpose as usize].set(buffer));
    result
}
