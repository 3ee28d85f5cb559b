//! Control flow inside programs: branches and loops with programs of their own.

use crate::kernel::{KernelDesc, ProgramDesc, Slot};
use rhyton_base::{Error, Result};

/// Some bytes of a slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// Which slot of the program.
    pub buffer: usize,
    /// The first byte.
    pub offset: usize,
    /// How many there are.
    pub bytes: usize,
}

/// Where a slot of a nested program lies in the program around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// At the same bytes in every round.
    Fixed(Region),
    /// At the bytes of the round's number, of a region that has as many equal parts as there are rounds.
    Slice(Region),
    /// Where a carried value is before the round.
    Before(usize),
    /// Where a carried value goes.
    After(usize),
}

/// A program inside another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Nested {
    /// What runs.
    pub program: ProgramDesc,
    /// Where its slots lie.
    pub places: Vec<Place>,
}

/// A value that a loop carries from round to round.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Carried {
    /// Two places of one size that take turns. It begins in the first, and is there again when the loop has ended.
    pub places: [Region; 2],
    /// Where its values before each round are kept, one after another.
    pub kept: Option<Region>,
}

/// What decides whether a loop goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    /// Gives one byte; the loop goes on unless it is 0.
    pub nested: Nested,
    /// Where that byte is.
    pub result: Region,
}

/// A branch or a loop.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ControlDesc {
    /// One of several programs.
    Cond {
        /// An `int32`; the nearest number that has a branch counts.
        index: Region,
        /// At least one.
        branches: Vec<Nested>,
    },
    /// A program run again and again.
    Loop {
        /// What it carries along.
        carried: Vec<Carried>,
        /// Asked before each round.
        condition: Option<Condition>,
        /// What runs in a round.
        body: Box<Nested>,
        /// The number of rounds, or the most if there is a condition; needed unless there is one.
        rounds: Option<usize>,
        /// Whether slices are taken from the last on.
        reverse: bool,
    },
}

fn fail<T>(what: impl Into<String>) -> Result<T> {
    Err(Error::value(what))
}

impl Region {
    fn check(&self, slots: &[Slot], written: bool, align: usize) -> Result<()> {
        let Some(slot) = slots.get(self.buffer) else { return fail("names a slot that is not there") };
        if self.offset.checked_add(self.bytes).is_none_or(|end| end > slot.bytes) {
            return fail(format!("touches bytes outside a slot of {}", slot.bytes));
        }
        if written && !slot.writable {
            return fail(format!("writes to the read-only slot {}", self.buffer));
        }
        if !self.offset.is_multiple_of(align) {
            return fail("lies across elements");
        }
        Ok(())
    }
}

impl ControlDesc {
    /// The programs inside it.
    pub fn nested(&self) -> Vec<&Nested> {
        match self {
            ControlDesc::Cond { branches, .. } => branches.iter().collect(),
            ControlDesc::Loop { condition, body, .. } => {
                condition.iter().map(|c| &c.nested).chain([&**body]).collect()
            }
        }
    }

    /// Checks that everything that runs inside stays inside these slots.
    ///
    /// # Errors
    /// What does not.
    pub fn check(&self, slots: &[Slot]) -> Result<()> {
        match self {
            ControlDesc::Cond { index, branches } => {
                index.check(slots, false, 4)?;
                if index.bytes != 4 || branches.is_empty() {
                    return fail("has no int32 to choose by, or no branch");
                }
                branches.iter().try_for_each(|b| b.check(slots, &[], None))
            }
            ControlDesc::Loop { carried, condition, body, rounds, .. } => {
                for c in carried {
                    let bytes = c.places[0].bytes;
                    c.places.iter().try_for_each(|p| p.check(slots, true, 1))?;
                    if c.places[1].bytes != bytes {
                        return fail("has carried places of two sizes");
                    }
                    if let Some(kept) = &c.kept {
                        kept.check(slots, true, 1)?;
                        let all = rounds.and_then(|r| r.checked_mul(bytes));
                        if all.is_none_or(|all| kept.bytes < all) {
                            return fail("has no room for the carried values it keeps");
                        }
                    }
                }
                if let Some(c) = condition {
                    c.nested.check(slots, carried, None)?;
                    c.result.check(slots, false, 1)?;
                    if c.result.bytes != 1 {
                        return fail("has a condition of more than one byte");
                    }
                } else if rounds.is_none() {
                    return fail("has neither a condition nor a number of rounds");
                }
                body.check(slots, carried, *rounds)
            }
        }
    }
}

impl Nested {
    fn check(&self, slots: &[Slot], carried: &[Carried], rounds: Option<usize>) -> Result<()> {
        self.program.check()?;
        if self.places.len() != self.program.slots.len() {
            return fail("does not say where all slots of a nested program lie");
        }
        let aligned = self.program.alignments();
        for ((place, slot), &align) in self.places.iter().zip(&self.program.slots).zip(&aligned) {
            let room = match place {
                Place::Fixed(region) => {
                    region.check(slots, slot.writable, align)?;
                    region.bytes
                }
                Place::Slice(region) => {
                    region.check(slots, slot.writable, align)?;
                    let all = rounds.and_then(|r| r.checked_mul(slot.bytes));
                    if all.is_none_or(|all| region.bytes < all) || !slot.bytes.is_multiple_of(align) {
                        return fail("has too few slices, or slices across elements");
                    }
                    slot.bytes
                }
                Place::Before(i) | Place::After(i) => {
                    let Some(c) = carried.get(*i) else {
                        return fail("names a carried value that is not there");
                    };
                    c.places.iter().try_for_each(|p| p.check(slots, true, align))?;
                    if slot.writable && matches!(place, Place::Before(_)) {
                        return fail("writes to a carried value that it reads");
                    }
                    c.places[0].bytes
                }
            };
            if room < slot.bytes {
                return fail(format!("gives {room} bytes to a nested slot of {}", slot.bytes));
            }
        }
        Ok(())
    }
}

impl ProgramDesc {
    /// What the address of each slot must be a multiple of.
    pub fn alignments(&self) -> Vec<usize> {
        let mut all = vec![1; self.slots.len()];
        let mut need = |buffer: usize, align: usize| {
            if let Some(a) = all.get_mut(buffer) {
                *a = align.max(*a);
            }
        };
        for kernel in &self.kernels {
            for (access, ..) in kernel.accesses() {
                need(access.buffer, access.dtype.size());
            }
            let KernelDesc::Control(control) = kernel else { continue };
            if let ControlDesc::Cond { index, .. } = control {
                need(index.buffer, 4);
            }
            let carried = match control {
                ControlDesc::Loop { carried, .. } => &carried[..],
                ControlDesc::Cond { .. } => &[],
            };
            for nested in control.nested() {
                for (place, align) in nested.places.iter().zip(nested.program.alignments()) {
                    match place {
                        Place::Fixed(region) | Place::Slice(region) => need(region.buffer, align),
                        Place::Before(i) | Place::After(i) => {
                            for p in carried.get(*i).iter().flat_map(|c| &c.places) {
                                need(p.buffer, align);
                            }
                        }
                    }
                }
            }
        }
        all
    }
}
