//! Counting tokens, which is what vocabularies are learnt from.

use super::token::Token;
use std::collections::HashMap;

/// How often tokens occur, and in how many samples.
pub(super) struct Counter<T> {
    pub counts: HashMap<T, Occurrences>,
    pub samples: u64,
}

/// The figures of one token.
#[derive(Default)]
pub(super) struct Occurrences {
    pub times: u64,
    pub samples: u64,
    /// The number of the last sample that has it.
    last: u64,
}

impl<T: Token> Counter<T> {
    pub fn new() -> Counter<T> {
        Counter { counts: HashMap::new(), samples: 0 }
    }

    /// Counts the tokens of one sample.
    pub fn sample(&mut self, tokens: &[T]) {
        self.samples += 1;
        for token in tokens {
            let count = match self.counts.get_mut(token) {
                Some(count) => count,
                None => self.counts.entry(token.clone()).or_default(),
            };
            count.times += 1;
            if count.last != self.samples {
                count.last = self.samples;
                count.samples += 1;
            }
        }
    }

    /// Counts the tokens of an array: of a whole data set each element of a vector is a sample, of a batch the vector is
    /// one. Further axes belong to the samples.
    pub fn array(&mut self, tokens: &[T], shape: &[usize], whole: bool) {
        match shape {
            [] => self.sample(tokens),
            [_] if whole => tokens.iter().for_each(|t| self.sample(std::slice::from_ref(t))),
            [_] => self.sample(tokens),
            [samples, ..] => {
                let size = tokens.len().checked_div(*samples).unwrap_or(0);
                (0..*samples).for_each(|i| self.sample(&tokens[i * size..][..size]));
            }
        }
    }
}
