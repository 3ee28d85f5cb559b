//! Memory for tensors: aligned, always initialised, recycled.

use crate::pages;
use rhyton_base::{Error, Result};
use smallvec::SmallVec;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::collections::VecDeque;
use std::ptr::NonNull;
use std::sync::Mutex;

/// Every block begins on a cache line, which is also the widest vector.
const ALIGN: usize = 64;
/// Freed blocks up to this size in total wait for reuse; those that have waited longest go back to the system.
const KEEP_BYTES: usize = 96 << 20;
/// So many blocks wait at most, so that looking one up stays cheap.
const KEEP_BLOCKS: usize = 128;
/// Blocks of this size and more come as pages from the system.
const PAGES: usize = 1 << 20;

/// A block of host memory.
///
/// It is made for one tensor, a variable or the working memory of a compiled function. Blocks are recycled:
/// dropping one and making one of the same size costs no call to the system. Its bytes are always initialised
/// (with zeros or with what the block held before).
pub struct Storage {
    start: NonNull<u8>,
    bytes: usize,
    capacity: usize,
}

// SAFETY: a `Storage` owns its block like a `Box<[u8]>`; shared references only read.
unsafe impl Send for Storage {}
// SAFETY: as above.
unsafe impl Sync for Storage {}

struct Recycler {
    /// Blocks and their sizes, those freed last in front.
    free: VecDeque<(usize, NonNull<u8>)>,
    held: usize,
}

impl Recycler {
    /// A block of this size, if there is one: the one freed last, which may still be in a cache.
    fn take(&mut self, capacity: usize) -> Option<NonNull<u8>> {
        let at = self.free.iter().position(|(size, _)| *size == capacity)?;
        self.held -= capacity;
        self.free.remove(at).map(|(_, block)| block)
    }

    /// Keeps a block, and gives those up that there is no room for any more.
    fn keep(&mut self, capacity: usize, block: NonNull<u8>) -> SmallVec<[(usize, NonNull<u8>); 4]> {
        self.free.push_front((capacity, block));
        self.held += capacity;
        let mut out = SmallVec::new();
        while self.held > KEEP_BYTES || self.free.len() > KEEP_BLOCKS {
            let Some((size, block)) = self.free.pop_back() else { break };
            self.held -= size;
            out.push((size, block));
        }
        out
    }
}

// SAFETY: the pointers are owned blocks that nobody else knows.
unsafe impl Send for Recycler {}

static RECYCLER: Mutex<Recycler> = Mutex::new(Recycler { free: VecDeque::new(), held: 0 });

fn capacity_for(bytes: usize) -> usize {
    let lines = bytes.max(1).div_ceil(ALIGN) * ALIGN;
    // Large blocks are rounded to pages, so that nearly equal sizes can serve each other.
    if lines > 1 << 16 { lines.div_ceil(4096) * 4096 } else { lines }
}

impl Storage {
    /// A block of at least `bytes` bytes.
    ///
    /// # Errors
    /// Where the system has no memory of that size.
    pub fn new(bytes: usize) -> Result<Storage> {
        Storage::take(bytes).map(|(storage, _)| storage)
    }

    /// A block, and whether it holds zeros because it comes straight from the system.
    fn take(bytes: usize) -> Result<(Storage, bool)> {
        let fail =
            || Error::value(format!("there is no memory for {bytes} bytes; use smaller tensors or batches"));
        if bytes > isize::MAX as usize - 8192 {
            return Err(fail());
        }
        let capacity = capacity_for(bytes);
        let recycled = RECYCLER.lock().unwrap_or_else(|e| e.into_inner()).take(capacity);
        let start = recycled.or_else(|| from_system(capacity)).ok_or_else(fail)?;
        Ok((Storage { start, bytes, capacity }, recycled.is_none()))
    }

    /// A block of zeros.
    pub fn zeroed(bytes: usize) -> Result<Storage> {
        let (mut s, zeros) = Storage::take(bytes)?;
        if !zeros {
            s.bytes_mut().fill(0);
        }
        Ok(s)
    }

    /// A block with these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Storage> {
        let mut s = Storage::new(bytes.len())?;
        s.bytes_mut().copy_from_slice(bytes);
        Ok(s)
    }

    /// How many bytes it holds.
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// Whether it holds no bytes.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the block is owned, initialised and at least `self.bytes` long.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.bytes) }
    }

    /// The bytes, to write.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` makes it the only reference.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.bytes) }
    }

    /// The first byte's address, for kernels.
    pub fn as_ptr(&self) -> *const u8 {
        self.start.as_ptr()
    }

    /// The first byte's address, for kernels that write.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        let mut recycler = RECYCLER.lock().unwrap_or_else(|e| e.into_inner());
        let given_up = recycler.keep(self.capacity, self.start);
        drop(recycler);
        for (capacity, block) in given_up {
            // SAFETY: the block came from `from_system` with this size, and nobody knows it any more.
            unsafe { to_system(block, capacity) }
        }
    }
}

/// A block of zeros from the system.
fn from_system(capacity: usize) -> Option<NonNull<u8>> {
    if capacity >= PAGES {
        return pages::map(capacity);
    }
    let layout = Layout::from_size_align(capacity, ALIGN).ok()?;
    // SAFETY: the layout's size is not 0.
    NonNull::new(unsafe { alloc_zeroed(layout) })
}

/// Gives a block back.
///
/// # Safety
/// It must come from [`from_system`] with this size and not be used any more.
unsafe fn to_system(block: NonNull<u8>, capacity: usize) {
    if capacity >= PAGES {
        // SAFETY: the caller's promise.
        return unsafe { pages::unmap(block, capacity) };
    }
    let layout = Layout::from_size_align(capacity, ALIGN).expect("the layout it was made with");
    // SAFETY: the caller's promise.
    unsafe { dealloc(block.as_ptr(), layout) }
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Storage({} bytes)", self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_what_was_written_and_are_used_again() {
        // Small ones, rounded ones, pages and large pages.
        for bytes in [0, 1, 63, 64, 70_000, PAGES - 1, PAGES, 5 << 20] {
            let mut block = Storage::zeroed(bytes).unwrap();
            assert_eq!((block.len(), block.as_ptr() as usize % ALIGN), (bytes, 0));
            if let [first, .., last] = block.bytes_mut() {
                (*first, *last) = (7, 9);
            }
            let start = block.as_ptr() as usize;
            drop(block);
            let again = Storage::new(bytes).unwrap();
            // Another test may have taken the block meanwhile; if not, it is as it was left.
            if again.as_ptr() as usize == start && bytes > 1 {
                assert_eq!((again.bytes()[0], again.bytes()[bytes - 1]), (7, 9));
            }
            assert!(Storage::zeroed(bytes).unwrap().bytes().iter().step_by(509).all(|&b| b == 0));
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri ends where a system would refuse")]
    fn more_than_there_is_is_refused() {
        assert!(Storage::new(usize::MAX).is_err() && Storage::new(isize::MAX as usize - 9000).is_err());
    }

    #[test]
    fn the_recycler_gives_up_what_has_waited_longest() {
        let blocks: Vec<Storage> =
            (0..2 * KEEP_BLOCKS).map(|i| Storage::new(64 * (i + 1)).unwrap()).collect();
        drop(blocks);
        let recycler = RECYCLER.lock().unwrap_or_else(|e| e.into_inner());
        assert!(recycler.free.len() <= KEEP_BLOCKS && recycler.held <= KEEP_BYTES);
        assert_eq!(recycler.held, recycler.free.iter().map(|(size, _)| size).sum::<usize>());
    }
}
