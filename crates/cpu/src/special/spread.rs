//! Work on parts of a tensor, spread over threads.

use crate::isa::FlushSubnormals;
use rhyton_base::{Error, Result};
use rhyton_runtime::pool;
use std::sync::Mutex;

/// Operations below which one thread is faster than two.
const ALONE: usize = 1 << 16;

/// A slice in `count` equal parts.
pub fn parts<T>(mut x: &mut [T], count: usize) -> Vec<&mut [T]> {
    let size = x.len() / count.max(1);
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        let (part, rest) = x.split_at_mut(size);
        all.push(part);
        x = rest;
    }
    all
}

/// Calls `work` with every job, spread over threads if `cost` operations are worth it. The error is that of the first
/// job that fails.
pub fn each<J: Send>(jobs: Vec<J>, cost: usize, work: impl Fn(usize, J) -> Result<()> + Sync) -> Result<()> {
    if jobs.len() == 1 || cost.saturating_mul(jobs.len()) < ALONE {
        return jobs.into_iter().enumerate().try_for_each(|(i, job)| work(i, job));
    }
    let jobs: Vec<Mutex<Option<J>>> = jobs.into_iter().map(|j| Mutex::new(Some(j))).collect();
    let failed: Mutex<Option<(usize, Error)>> = Mutex::new(None);
    pool().run(jobs.len(), &|i| {
        let _mode = FlushSubnormals::on();
        let job = jobs[i].lock().unwrap_or_else(|e| e.into_inner()).take();
        let Some(Err(error)) = job.map(|job| work(i, job)) else { return };
        let mut failed = failed.lock().unwrap_or_else(|e| e.into_inner());
        if failed.as_ref().is_none_or(|(first, _)| i < *first) {
            *failed = Some((i, error));
        }
    });
    match failed.into_inner().unwrap_or_else(|e| e.into_inner()) {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}
