//! What keeps a hostile file from hanging the parser, exhausting memory or overflowing the stack.

use hdf5_pure::{FormatError, Source};
use rhyton_base::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file in memory whose reads are counted against a budget.
///
/// A few bytes of HDF5 can describe a walk without an end: a B-tree whose nodes share their children, a group that
/// contains itself. Every step of such a walk reads something, so a budget of reads, many times what an honest
/// file of the same size needs, ends it.
pub(super) struct Guard {
    bytes: Arc<Vec<u8>>,
    budget: Arc<Budget>,
}

impl Guard {
    pub(super) fn new(bytes: Arc<Vec<u8>>) -> (Guard, Arc<Budget>) {
        let budget = Arc::new(Budget { reads: AtomicU64::new(0), bytes: AtomicU64::new(0) });
        budget.refill(bytes.len());
        (Guard { bytes, budget: Arc::clone(&budget) }, budget)
    }
}

/// What may still be read.
pub(super) struct Budget {
    reads: AtomicU64,
    bytes: AtomicU64,
}

impl Budget {
    /// Starts anew, for a file of `length` bytes.
    pub(super) fn refill(&self, length: usize) {
        let length = length as u64;
        // An object takes some hundred bytes and some ten reads, each of some hundred bytes.
        self.reads.store(10_000 + length.min(10_000_000), Ordering::Relaxed);
        self.bytes.store((64 << 20) + length.saturating_mul(16), Ordering::Relaxed);
    }

    fn spend(&self, bytes: usize) -> Result<(), FormatError> {
        let take = |from: &AtomicU64, n: u64| {
            from.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(n)).is_ok()
        };
        if take(&self.reads, 1) && take(&self.bytes, bytes as u64) {
            return Ok(());
        }
        Err(FormatError::Source("its structures refer to one another without an end".to_string()))
    }
}

impl Source for Guard {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), FormatError> {
        self.budget.spend(buf.len())?;
        let piece = usize::try_from(offset)
            .ok()
            .and_then(|start| self.bytes.get(start..start.checked_add(buf.len())?))
            .ok_or(FormatError::UnexpectedEof {
                expected: usize::try_from(offset).unwrap_or(usize::MAX).saturating_add(buf.len()),
                available: self.bytes.len(),
            })?;
        buf.copy_from_slice(piece);
        Ok(())
    }

    fn read_metadata_at(&self, offset: u64, len: usize) -> Result<Vec<u8>, FormatError> {
        let block = self.read_exact_at(offset, len)?;
        // Messages shared through a heap may be of any size, and so describe types nested to any depth. Neither
        // Keras nor h5py writes them.
        if block.starts_with(b"SMTB") {
            return Err(FormatError::Source("messages shared in a table are not supported".to_string()));
        }
        // The depth of a B-tree of version 2; sixteen levels would hold more links than any disk.
        if block.starts_with(b"BTHD")
            && block.get(12..14).is_some_and(|d| u16::from_le_bytes([d[0], d[1]]) > 16)
        {
            return Err(FormatError::Source("a B-tree deeper than 16 levels".to_string()));
        }
        Ok(block)
    }
}

/// The parser descends into nested element types by recursion. A header holds at most 8191 levels (65535 bytes, 8
/// a level), which take 4 MB of stack in an optimized build and about 100 MB without optimization. The system
/// hands out only what is used.
const STACKS: [usize; 2] =
    if cfg!(target_pointer_width = "64") { [192 << 20, 16 << 20] } else { [48 << 20, 16 << 20] };

/// Runs the parser where it cannot overflow the caller's stack, and turns a panic into an error.
pub(super) fn isolated<T: Send>(parse: impl Fn() -> Result<T> + Sync) -> Result<T> {
    if cfg!(target_family = "wasm") {
        // No threads there, and an overflow is a trap inside the sandbox.
        return parse();
    }
    for stack in STACKS {
        let outcome = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .name("rhyton-hdf5".to_string())
                .stack_size(stack)
                .spawn_scoped(scope, &parse);
            thread.ok().map(|t| t.join())
        });
        match outcome {
            None => continue,
            Some(Ok(result)) => return result,
            Some(Err(panic)) => {
                let what = panic
                    .downcast_ref::<String>()
                    .map(String::as_str)
                    .or_else(|| panic.downcast_ref::<&str>().copied())
                    .unwrap_or("unknown cause");
                return Err(Error::format(format!("HDF5: the file is damaged (the parser gave up: {what})")));
            }
        }
    }
    Err(Error::io("HDF5: the system has no memory for a thread to read in; free some and try again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_ends() {
        let (guard, budget) = Guard::new(Arc::new(vec![1, 2, 3, 4]));
        let mut reads = 0;
        while guard.read_at(1, &mut [0; 2]).is_ok() {
            reads += 1;
        }
        assert_eq!(reads, 10_004);
        budget.refill(4);
        assert_eq!(guard.read_exact_at(1, 2).unwrap(), [2, 3]);
        assert!(guard.read_at(3, &mut [0; 2]).is_err());
        assert!(guard.read_at(u64::MAX, &mut [0; 2]).is_err());
    }

    #[test]
    fn tables_and_towers_are_refused() {
        let tower = |depth: u8| [&b"BTHD\0\x05"[..], &[0; 6], &[depth, 0], &[0; 8]].concat();
        for (block, refused) in [(b"SMTB0000".to_vec(), true), (tower(17), true), (tower(2), false)] {
            let (guard, _) = Guard::new(Arc::new(block.clone()));
            assert_eq!(guard.read_metadata_at(0, block.len()).is_err(), refused);
        }
    }

    #[test]
    fn panics_become_errors() {
        let e = isolated(|| -> Result<()> { panic!("test of the guard") }).unwrap_err().to_string();
        assert!(e.contains("test of the guard"), "{e}");
    }
}
