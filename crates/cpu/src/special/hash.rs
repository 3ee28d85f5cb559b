//! Numbers into buckets.

use super::{Input, Output, each_part, rows_a_part};
use rhyton_ops::index::HashBucket;
use std::io::Write;

/// The bucket of each number's digits.
pub fn buckets(op: &HashBucket, x: &Input, out: &mut Output) {
    // A hash costs as much as several passes over memory.
    let (size, work) = (rows_a_part(128), 16 * x.bytes().len());
    let from = x.of::<i64>();
    each_part(out.of::<i64>().chunks_mut(size), work, |part, to| {
        // A number has 20 characters at most.
        let mut digits = [0u8; 20];
        for (to, x) in to.iter_mut().zip(&from[part * size..]) {
            let mut rest = &mut digits[..];
            write!(rest, "{x}").expect("20 characters have room for every number");
            let left = rest.len();
            *to = op.of(&digits[..20 - left]);
        }
    });
}
