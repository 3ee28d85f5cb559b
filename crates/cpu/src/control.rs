//! Branches and loops: programs inside programs.

use crate::Kernels;
use rhyton_base::Result;
use rhyton_runtime::profile::ProgramInfo;
use rhyton_runtime::{Carried, Condition, ControlDesc, Nested, Place, Region};
use std::sync::Arc;

/// A branch or a loop that is ready to run.
pub enum ReadyControl {
    Cond {
        index: Region,
        branches: Vec<Ready>,
    },
    Loop {
        carried: Vec<Carried>,
        condition: Option<(Ready, Region)>,
        body: Ready,
        rounds: Option<usize>,
        reverse: bool,
    },
}

/// A nested program that is ready to run.
pub struct Ready {
    kernels: Kernels,
    places: Vec<Place>,
    /// The size of each of its slots.
    sizes: Vec<usize>,
}

impl Ready {
    fn new(nested: &Nested, next: &mut usize) -> Result<Ready> {
        let sizes = nested.program.slots.iter().map(|s| s.bytes).collect();
        Ok(Ready { kernels: Kernels::new(&nested.program, next)?, places: nested.places.clone(), sizes })
    }

    /// Where its slots lie in a round.
    ///
    /// # Safety
    /// The places lie inside the buffers of `bases`.
    unsafe fn bind(
        &self,
        own: &mut Vec<*mut u8>,
        bases: &[*mut u8],
        carried: &[Carried],
        round: usize,
        slice: usize,
    ) {
        own.clear();
        for (place, size) in self.places.iter().zip(&self.sizes) {
            // SAFETY: the caller's promise, and the program has been checked.
            own.push(unsafe {
                match place {
                    Place::Fixed(region) => start(region, bases),
                    Place::Slice(region) => start(region, bases).add(slice * size),
                    Place::Before(i) => start(&carried[*i].places[round % 2], bases),
                    Place::After(i) => start(&carried[*i].places[(round + 1) % 2], bases),
                }
            });
        }
    }
}

/// # Safety
/// The region lies inside the buffers.
unsafe fn start(region: &Region, bases: &[*mut u8]) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { bases[region.buffer].add(region.offset) }
}

impl ReadyControl {
    /// Prepares a branch or a loop whose program has been checked. `next` is the number of the first kernel inside.
    pub fn new(control: &ControlDesc, next: &mut usize) -> Result<ReadyControl> {
        Ok(match control {
            ControlDesc::Cond { index, branches } => ReadyControl::Cond {
                index: index.clone(),
                branches: branches.iter().map(|b| Ready::new(b, next)).collect::<Result<_>>()?,
            },
            ControlDesc::Loop { carried, condition, body, rounds, reverse } => ReadyControl::Loop {
                carried: carried.clone(),
                condition: match condition {
                    Some(Condition { nested, result }) => Some((Ready::new(nested, next)?, result.clone())),
                    None => None,
                },
                body: Ready::new(body, next)?,
                rounds: *rounds,
                reverse: *reverse,
            },
        })
    }

    /// Runs it.
    ///
    /// # Safety
    /// As [`crate::loops::ReadyLoop::run`].
    ///
    /// # Errors
    /// Where data is at fault.
    pub unsafe fn run(&self, bases: &[*mut u8], info: Option<&Arc<ProgramInfo>>) -> Result<()> {
        let mut own = Vec::new();
        match self {
            ReadyControl::Cond { index, branches } => {
                // SAFETY: the caller's promise; the index is an aligned `int32`.
                let index = unsafe { start(index, bases).cast::<i32>().read() };
                let branch = &branches[index.clamp(0, branches.len() as i32 - 1) as usize];
                // SAFETY: the caller's promise.
                unsafe {
                    branch.bind(&mut own, bases, &[], 0, 0);
                    branch.kernels.run(&own, &[], info)
                }
            }
            ReadyControl::Loop { carried, condition, body, rounds, reverse } => {
                let mut round = 0;
                while rounds.is_none_or(|n| round < n) {
                    let slice = match (reverse, rounds) {
                        (true, Some(n)) => n - 1 - round,
                        _ => round,
                    };
                    // SAFETY: the caller's promise; the carried places do not overlap each other nor what is kept.
                    unsafe {
                        if let Some((asks, result)) = condition {
                            asks.bind(&mut own, bases, carried, round, slice);
                            asks.kernels.run(&own, &[], info)?;
                            if start(result, bases).read() == 0 {
                                break;
                            }
                        }
                        for c in carried {
                            if let Some(kept) = &c.kept {
                                let bytes = c.places[0].bytes;
                                let to = start(kept, bases).add(slice * bytes);
                                to.copy_from_nonoverlapping(start(&c.places[round % 2], bases), bytes);
                            }
                        }
                        body.bind(&mut own, bases, carried, round, slice);
                        body.kernels.run(&own, &[], info)?;
                    }
                    round += 1;
                }
                for c in carried.iter().filter(|_| round % 2 == 1) {
                    // SAFETY: the caller's promise, as above.
                    unsafe {
                        start(&c.places[0], bases)
                            .copy_from_nonoverlapping(start(&c.places[1], bases), c.places[0].bytes);
                    }
                }
                Ok(())
            }
        }
    }
}
