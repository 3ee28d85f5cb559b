//! Working memory of a program.

/// Places in the arena begin at multiples of this.
const ALIGN: usize = 64;

/// Working memory: blocks are given back and taken again, the best fit first.
#[derive(Default)]
pub struct Arena {
    pub size: usize,
    /// Free blocks as (offset, bytes), by offset, never touching each other.
    free: Vec<(usize, usize)>,
}

impl Arena {
    pub fn take(&mut self, bytes: usize) -> usize {
        let bytes = bytes.max(1).div_ceil(ALIGN) * ALIGN;
        let fit = self
            .free
            .iter()
            .enumerate()
            .filter(|(_, b)| b.1 >= bytes)
            .min_by_key(|(_, b)| b.1)
            .map(|(i, _)| i);
        if let Some(i) = fit {
            let (offset, size) = self.free[i];
            if size == bytes {
                self.free.remove(i);
            } else {
                self.free[i] = (offset + bytes, size - bytes);
            }
            return offset;
        }
        // The last free block may be grown at the end.
        let offset = match self.free.last() {
            Some(&(offset, size)) if offset + size == self.size => {
                self.free.pop();
                offset
            }
            _ => self.size,
        };
        self.size = offset + bytes;
        offset
    }

    pub fn give_back(&mut self, offset: usize, bytes: usize) {
        let bytes = bytes.max(1).div_ceil(ALIGN) * ALIGN;
        let at = self.free.partition_point(|b| b.0 < offset);
        self.free.insert(at, (offset, bytes));
        if at + 1 < self.free.len() && self.free[at].0 + self.free[at].1 == self.free[at + 1].0 {
            self.free[at].1 += self.free.remove(at + 1).1;
        }
        if at > 0 && self.free[at - 1].0 + self.free[at - 1].1 == self.free[at].0 {
            self.free[at - 1].1 += self.free.remove(at).1;
        }
    }
}
