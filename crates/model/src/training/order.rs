//! Where training is, and the order in which samples come.

use super::batches::Batches;
use super::options::{Fit, Shuffle};
use rhyton_runtime::Generator;
use rhyton_tensor::next_seed;
use std::ops::Range;

/// Where training is: what it goes on with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub epoch: usize,
    /// Steps of this epoch that are done.
    pub step: usize,
    /// How often all samples have been gone through, counted like epochs.
    pub pass: u64,
    /// The next batch of this pass.
    pub batch: usize,
    /// What the orders of samples are drawn from.
    pub seed: u64,
}

impl Place {
    /// The beginning of a run.
    pub fn first(options: &Fit) -> Place {
        let seed = match options.shuffle {
            Shuffle::No => 0,
            _ => u64::from(options.seed.unwrap_or_else(next_seed)),
        };
        let epoch = options.initial_epoch;
        Place { epoch, pass: epoch as u64, seed, ..Place::default() }
    }

    /// Goes one step on; whether that was the last batch of all samples, where it is known how many there are.
    pub fn step_done(&mut self, batches: Option<usize>) -> bool {
        self.step += 1;
        self.batch += 1;
        let all = batches == Some(self.batch);
        if all {
            self.pass_done();
        }
        all
    }

    /// Goes on to the next pass.
    pub fn pass_done(&mut self) {
        self.batch = 0;
        self.pass += 1;
    }

    pub fn epoch_done(&mut self) {
        self.epoch += 1;
        self.step = 0;
    }
}

/// The order of samples, a new one for each pass through them all. It depends on the seed and on the number of the
/// pass, and on nothing else.
pub(super) struct Order {
    samples: Range<usize>,
    rows: Vec<usize>,
    /// The size of the groups that samples stay in, where they do not go everywhere.
    within: Option<usize>,
    /// Seed and pass of the order that stands in `rows`.
    of: Option<(u64, u64)>,
}

impl Order {
    /// Nothing where samples come as they are.
    pub fn new(batches: &Batches, options: &Fit) -> Option<Order> {
        let within = match options.shuffle {
            Shuffle::No => return None,
            Shuffle::All => None,
            Shuffle::WithinBatches => Some(batches.size(0)),
        };
        Some(Order { samples: batches.range(), rows: Vec::new(), within, of: None })
    }

    /// The samples in the order of this pass.
    pub fn rows(&mut self, place: &Place) -> &[usize] {
        let wanted = Some((place.seed, place.pass));
        if self.of != wanted {
            self.rows.clear();
            self.rows.extend(self.samples.clone());
            let mut generator = Generator::new(place.seed | place.pass << 32);
            match self.within {
                None => generator.shuffle(&mut self.rows),
                Some(size) => self.rows.chunks_mut(size).for_each(|rows| generator.shuffle(rows)),
            }
            self.of = wanted;
        }
        &self.rows
    }
}
