//! Sorting along the last axis, and searching in sorted vectors.

use super::key::Key;
use super::{Input, Output, each_part, each_type, rows_a_part};

/// Each row in rising order.
pub fn sort(x: &Input, out: &mut Output) {
    let size = x.shape[x.shape.len() - 1];
    if x.bytes().is_empty() {
        return;
    }
    // Sorting costs several passes over its memory.
    let (rows, work) = (rows_a_part(8 * size * x.dtype.size()), 8 * x.bytes().len());
    each_type!(x.dtype, T => {
        let from = x.of::<T>();
        each_part(out.of::<T>().chunks_mut(rows * size), work, |part, to| {
            let from = &from[part * rows * size..];
            let mut keys = Vec::with_capacity(size);
            for (from, to) in from.chunks_exact(size).zip(to.chunks_exact_mut(size)) {
                keys.clear();
                keys.extend(from.iter().map(|x| x.key()));
                keys.sort_unstable();
                for (to, &key) in to.iter_mut().zip(&keys) {
                    *to = T::from_key(key);
                }
                if from.iter().any(|x| x.is_negative_zero()) {
                    give_signs_back(from, to);
                }
            }
        });
    });
}

/// Writes the zeros of a sorted row in the order in which they came.
fn give_signs_back<T: Key>(from: &[T], to: &mut [T]) {
    let zero = from.iter().find(|x| x.is_negative_zero()).expect("the caller found one").key();
    let first = to.partition_point(|x| x.key() < zero);
    let zeros = from.iter().filter(|x| x.key() == zero);
    for (to, &x) in to[first..].iter_mut().zip(zeros) {
        *to = x;
    }
}

/// The places of the first elements of each row in stable order.
pub fn argsort(descending: bool, x: &Input, out: &mut Output) {
    let size = x.shape[x.shape.len() - 1];
    let count = out.shape[out.shape.len() - 1];
    if out.bytes().is_empty() {
        return;
    }
    let (rows, work) = (rows_a_part(64 * size), 8 * x.bytes().len());
    each_type!(x.dtype, T => {
        let from = x.of::<T>();
        each_part(out.of::<i64>().chunks_mut(rows * count), work, |part, to| {
            let from = &from[part * rows * size..];
            for (from, to) in from.chunks_exact(size).zip(to.chunks_exact_mut(count)) {
                order(from, to, descending);
            }
        });
    });
}

/// Keys and places in one integer sort stably without comparing twice.
fn order<T: Key>(from: &[T], to: &mut [i64], descending: bool) {
    let keys = from.iter().map(|x| {
        let key: u64 = x.key().into();
        if descending { !key } else { key }
    });
    if size_of::<T>() <= 4 && u32::try_from(from.len()).is_ok() {
        let mut all: Vec<u64> = keys.enumerate().map(|(i, key)| key << 32 | i as u64).collect();
        first(&mut all, to.len());
        for (to, pair) in to.iter_mut().zip(all) {
            *to = i64::from(pair as u32);
        }
    } else {
        let mut all: Vec<(u64, u64)> = keys.enumerate().map(|(i, key)| (key, i as u64)).collect();
        first(&mut all, to.len());
        for (to, pair) in to.iter_mut().zip(all) {
            *to = pair.1 as i64;
        }
    }
}

/// Brings the `count` smallest to the front, in order.
fn first<T: Ord>(all: &mut [T], count: usize) {
    if count < all.len() {
        all.select_nth_unstable(count);
    }
    all[..count].sort_unstable();
}

/// For each element how many of the sorted ones stand before it.
pub fn search(right: bool, sorted: &Input, x: &Input, out: &mut Output) {
    let work = 4 * x.bytes().len();
    let rows = rows_a_part(64);
    each_type!(x.dtype, T => {
        let keys: Vec<_> = sorted.of::<T>().iter().map(|x| x.key()).collect();
        let from = x.of::<T>();
        each_part(out.of::<i64>().chunks_mut(rows), work, |part, to| {
            for (to, x) in to.iter_mut().zip(&from[part * rows..]) {
                let key = x.key();
                *to = keys.partition_point(|&k| if right { k <= key } else { k < key }) as i64;
            }
        });
    });
}
