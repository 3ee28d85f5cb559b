//! Large blocks of memory straight from the system: zeros that cost nothing until they are touched, in large pages
//! where the system has them. (A page fault for every 4 KiB takes longer than most kernels need to fill them.)

use std::ptr::NonNull;

/// Blocks of this size are worth large pages.
#[cfg(target_os = "linux")]
const LARGE: usize = 4 << 20;

/// So many bytes of zeros, aligned for every vector; a whole number of pages is taken.
#[cfg(target_os = "linux")]
pub fn map(bytes: usize) -> Option<NonNull<u8>> {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new private mapping that belongs to nobody yet.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, kind, -1, 0) };
    if start == libc::MAP_FAILED {
        return None;
    }
    // Miri knows no large pages.
    if bytes >= LARGE && !cfg!(miri) {
        // SAFETY: the range was just mapped. It is a wish; whether it is granted changes no value.
        unsafe { libc::madvise(start, bytes, libc::MADV_HUGEPAGE) };
    }
    NonNull::new(start.cast())
}

/// Gives the block back.
///
/// # Safety
/// It must come from [`map`] with this size and not be used any more.
#[cfg(target_os = "linux")]
pub unsafe fn unmap(start: NonNull<u8>, bytes: usize) {
    // SAFETY: the caller's promise.
    let result = unsafe { libc::munmap(start.as_ptr().cast(), bytes) };
    debug_assert_eq!(result, 0, "a block that was mapped can be unmapped");
}

#[cfg(not(target_os = "linux"))]
fn layout(bytes: usize) -> Option<std::alloc::Layout> {
    std::alloc::Layout::from_size_align(bytes, 4096).ok()
}

/// So many bytes of zeros, aligned for every vector.
#[cfg(not(target_os = "linux"))]
pub fn map(bytes: usize) -> Option<NonNull<u8>> {
    // SAFETY: only large blocks are mapped, so the size is not 0.
    NonNull::new(unsafe { std::alloc::alloc_zeroed(layout(bytes)?) })
}

/// Gives the block back.
///
/// # Safety
/// It must come from [`map`] with this size and not be used any more.
#[cfg(not(target_os = "linux"))]
pub unsafe fn unmap(start: NonNull<u8>, bytes: usize) {
    if let Some(layout) = layout(bytes) {
        // SAFETY: the caller's promise.
        unsafe { std::alloc::dealloc(start.as_ptr(), layout) }
    }
}
