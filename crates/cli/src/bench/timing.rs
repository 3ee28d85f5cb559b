//! Seconds a call of something short.

use super::Cx;
use rhyton::Result;
use std::hint::black_box;
use std::time::Instant;

/// A repetition lasts so many seconds at least.
const ROUND: f64 = 0.3;

/// Seconds a call, one figure a repetition, after some calls to warm up.
pub fn time<T>(cx: &Cx, mut f: impl FnMut() -> Result<T>) -> Result<Vec<f64>> {
    let mut round = |times: usize| -> Result<f64> {
        let start = Instant::now();
        for _ in 0..times {
            black_box(f()?);
        }
        Ok(start.elapsed().as_secs_f64() / times as f64)
    };
    round(2)?;
    let times = ((ROUND / round(1)?.max(1e-8)) as usize).max(1);
    round(times.min(3))?;
    (0..cx.repeat).map(|_| round(times)).collect()
}
