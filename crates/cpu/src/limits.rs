//! What the machine could do at best: arithmetic, and bytes from each level of memory.
//!
//! Source of the method: S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model for
//! multicore architectures", Communications of the ACM 52 (4), 2009; J. McCalpin's STREAM for the triad.

use crate::isa::{Isa, isa};
use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

/// The caches of a core, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caches {
    /// The second level, each core's own.
    pub l2: usize,
    /// The third level, which cores share.
    pub l3: usize,
}

impl Caches {
    /// Those of the first core, as the system tells; 1 and 16 MiB where it does not.
    pub fn of_this_machine() -> Caches {
        let read = |level: usize| -> Option<usize> {
            let folder = format!("/sys/devices/system/cpu/cpu0/cache/index{level}");
            let text = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).ok();
            let found: usize = text("level")?.trim().parse().ok()?;
            let size = text("size")?;
            let size: usize = size.trim().strip_suffix('K')?.parse().ok()?;
            (found == level).then_some(size << 10)
        };
        Caches { l2: read(2).unwrap_or(1 << 20), l3: read(3).unwrap_or(16 << 20) }
    }
}

/// What a number of threads reach together; medians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// How many threads.
    pub threads: usize,
    /// Fused multiply-adds of `float32` in registers: 10⁹ operations a second, two each.
    pub gflops: f64,
    /// Divisions of `float32` in registers: 10⁹ a second. Roots take as long.
    pub gdivisions: f64,
    /// 10⁹ bytes a second read from each core's second-level cache.
    pub l2: f64,
    /// 10⁹ bytes a second read from the third-level cache.
    pub l3: f64,
    /// 10⁹ bytes a second to and from main memory, in `x = y + a z`.
    pub memory: f64,
    /// The sizes of the caches.
    pub caches: Caches,
}

/// A median is of so many tries.
const TRIES: usize = 5;
/// Iterations of the loops over registers.
const ITERATIONS: usize = 8_000_000;
/// Vectors in flight: more than any machine's latency times its units.
const CHAINS: usize = 12;

impl Limits {
    /// Measures, for about two seconds. Nothing else should run.
    pub fn measure(threads: usize) -> Limits {
        let caches = Caches::of_this_machine();
        let threads = threads.max(1);
        let register = |f: fn(usize) -> f64, iterations: usize| {
            rate(threads, &|_| (), &|_: &mut ()| {
                black_box(f(black_box(iterations)));
            }) * (iterations * CHAINS * lanes()) as f64
        };
        let reading = |bytes: usize| {
            let (floats, times) = (bytes / 4, ((1 << 29) / bytes).max(1));
            let sum = |x: &mut Vec<f32>| {
                for _ in 0..times {
                    black_box(sum(black_box(x)));
                }
            };
            rate(threads, &|_| vec![1.0f32; floats], &sum) * (4 * floats * times) as f64
        };
        // Four times the cache, so that nothing is found there.
        let floats = (4 * caches.l3).max(64 << 20) / 4 / threads;
        let arrays = |_: usize| [vec![1.0f32; floats], vec![2.0; floats], vec![3.0; floats]];
        let memory = rate(threads, &arrays, &|[x, y, z]: &mut [Vec<f32>; 3]| {
            x.iter_mut().zip(&*y).zip(&*z).for_each(|((x, y), z)| *x = y + 1.5 * z);
            black_box(x);
        });
        Limits {
            threads,
            gflops: 2e-9 * register(fused, ITERATIONS),
            gdivisions: 1e-9 * register(divided, ITERATIONS / 8),
            l2: 1e-9 * reading(caches.l2 / 2),
            l3: 1e-9 * reading((4 * caches.l2).max(caches.l3 / 4)),
            memory: 1e-9 * memory * (12 * floats) as f64,
            caches,
        }
    }

    /// 10⁹ bytes a second for something of this size that is used again and again: from the nearest level that holds it.
    pub fn bandwidth(&self, bytes: u64) -> f64 {
        match bytes {
            b if b <= (self.caches.l2 * self.threads) as u64 => self.l2,
            b if b <= self.caches.l3 as u64 => self.l3,
            _ => self.memory,
        }
    }
}

/// How often a second all threads together do some work, each on what it has made itself; the median of some tries.
fn rate<T>(threads: usize, make: &(dyn Fn(usize) -> T + Sync), work: &(dyn Fn(&mut T) + Sync)) -> f64 {
    let (begin, end) = (Barrier::new(threads + 1), Barrier::new(threads + 1));
    let mut seconds: Vec<f64> = std::thread::scope(|scope| {
        for number in 0..threads {
            let (begin, end) = (&begin, &end);
            scope.spawn(move || {
                let mut own = make(number);
                for _ in 0..=TRIES {
                    begin.wait();
                    work(&mut own);
                    end.wait();
                }
            });
        }
        let once = |_| {
            begin.wait();
            let start = Instant::now();
            end.wait();
            start.elapsed().as_secs_f64()
        };
        // The first one warms up.
        (0..=TRIES).map(once).skip(1).collect()
    });
    seconds.sort_by(f64::total_cmp);
    threads as f64 / seconds[TRIES / 2]
}

/// Numbers in a vector of the instructions used.
fn lanes() -> usize {
    match isa() {
        Isa::Avx512 => 16,
        Isa::Avx2 => 8,
        Isa::Portable => 4,
    }
}

/// A loop over `CHAINS` vectors in registers, for each family of instructions.
macro_rules! registers {
    ($(#[$doc:meta])* $name:ident, $wide:ident, $narrow:ident, $plain:expr) => {
        $(#[$doc])*
        fn $name(iterations: usize) -> f64 {
            #[cfg(target_arch = "x86_64")]
            {
                use std::arch::x86_64::*;
                #[target_feature(enable = "avx512f")]
                unsafe fn wide(iterations: usize) -> f64 {
                    let (m, c) = (_mm512_set1_ps(0.999_999), _mm512_set1_ps(1e-6));
                    let mut v = black_box([_mm512_set1_ps(1.0); CHAINS]);
                    for _ in 0..iterations {
                        v.iter_mut().for_each(|x| *x = $wide!(*x, m, c));
                    }
                    v.iter().map(|x| f64::from(_mm512_reduce_add_ps(*x))).sum()
                }
                #[target_feature(enable = "avx2,fma")]
                unsafe fn narrow(iterations: usize) -> f64 {
                    let (m, c) = (_mm256_set1_ps(0.999_999), _mm256_set1_ps(1e-6));
                    let mut v = black_box([_mm256_set1_ps(1.0); CHAINS]);
                    for _ in 0..iterations {
                        v.iter_mut().for_each(|x| *x = $narrow!(*x, m, c));
                    }
                    v.iter().map(|x| f64::from(_mm256_cvtss_f32(*x))).sum()
                }
                match isa() {
                    // SAFETY: the machine has been found to have these instructions.
                    Isa::Avx512 => return unsafe { wide(iterations) },
                    // SAFETY: as above.
                    Isa::Avx2 => return unsafe { narrow(iterations) },
                    Isa::Portable => {}
                }
            }
            let mut v = black_box([[1.0f32; 4]; CHAINS]);
            for _ in 0..iterations {
                v.iter_mut().flatten().for_each(|x| *x = $plain(*x, 0.999_999, 1e-6));
            }
            v.iter().flatten().map(|&x| f64::from(x)).sum()
        }
    };
}

#[cfg(target_arch = "x86_64")]
macro_rules! fma512 {
    ($x:expr, $m:expr, $c:expr) => {
        _mm512_fmadd_ps($x, $m, $c)
    };
}
#[cfg(target_arch = "x86_64")]
macro_rules! fma256 {
    ($x:expr, $m:expr, $c:expr) => {
        _mm256_fmadd_ps($x, $m, $c)
    };
}
#[cfg(target_arch = "x86_64")]
macro_rules! div512 {
    ($x:expr, $m:expr, $c:expr) => {{
        let _ = $c;
        _mm512_div_ps($x, $m)
    }};
}
#[cfg(target_arch = "x86_64")]
macro_rules! div256 {
    ($x:expr, $m:expr, $c:expr) => {{
        let _ = $c;
        _mm256_div_ps($x, $m)
    }};
}

registers!(
    /// `CHAINS` multiply-adds an iteration.
    fused, fma512, fma256, |x: f32, m: f32, c: f32| x * m + c
);
registers!(
    /// `CHAINS` divisions an iteration.
    divided, div512, div256, |x: f32, m: f32, _: f32| x / m
);

/// The sum of many numbers, in parts so that only memory limits it.
fn sum(x: &[f32]) -> f32 {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::*;
        #[target_feature(enable = "avx512f")]
        unsafe fn wide(x: &[f32]) -> f32 {
            let mut sums = [_mm512_setzero_ps(); 4];
            for block in x.as_chunks::<64>().0 {
                for (i, s) in sums.iter_mut().enumerate() {
                    // SAFETY: a block has four times sixteen numbers.
                    *s = _mm512_add_ps(*s, unsafe { _mm512_loadu_ps(block.as_ptr().add(16 * i)) });
                }
            }
            sums.iter().map(|s| _mm512_reduce_add_ps(*s)).sum()
        }
        if isa() == Isa::Avx512 {
            // SAFETY: the machine has been found to have these instructions.
            return unsafe { wide(x) };
        }
    }
    let mut sums = [0.0f32; 32];
    for block in x.as_chunks::<32>().0 {
        sums.iter_mut().zip(block).for_each(|(s, x)| *s += x);
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_sums() {
        assert_eq!(sum(&vec![0.5; 6400]), 3200.0);
    }

    #[test]
    fn the_nearest_level_that_holds_it() {
        let caches = Caches { l2: 1 << 20, l3: 16 << 20 };
        let limits =
            Limits { threads: 2, gflops: 1.0, gdivisions: 1.0, l2: 3.0, l3: 2.0, memory: 1.0, caches };
        assert_eq!([2 << 20, (2 << 20) + 1, 17 << 20].map(|b| limits.bandwidth(b)), [3.0, 2.0, 1.0]);
    }
}
