//! The arrays of the workloads: the shared ones in `$BENCH_DATA`, or made ones of the same shapes and statistics.

use rhyton::prelude::*;
use rhyton::random::Generator;
use rhyton::{Context, SeedGenerator};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Pixels of an image of 28 x 28.
pub const PIXELS: usize = 784;
/// Words of the table of reviews.
pub const WORDS: usize = 10_000;

/// Samples and targets.
pub type Samples = (Tensor, Tensor);

/// Where the shared arrays are.
fn folder() -> Option<PathBuf> {
    std::env::var_os("BENCH_DATA").map(PathBuf::from)
}

/// The first rows of a file of little-endian numbers.
fn read(folder: &Path, name: &str, dtype: DType, shape: &[usize]) -> Result<Tensor> {
    let path = folder.join(format!("{name}.bin"));
    let who = || format!("BENCH_DATA {}", path.display());
    Tensor::from_reader(&mut File::open(&path).at(who)?, dtype, shape).at(who)
}

/// Two arrays from the shared folder, or else made ones.
fn load(
    x: (&str, DType, &[usize]),
    y: (&str, DType, &[usize]),
    made: impl FnOnce() -> Result<Samples>,
) -> Result<Samples> {
    match folder() {
        Some(folder) => Ok((read(&folder, x.0, x.1, x.2)?, read(&folder, y.0, y.1, y.2)?)),
        None => made(),
    }
}

/// Images of digits and their classes: 60,000 at most.
pub fn digits(samples: usize) -> Result<Samples> {
    load(("w1_x", F32, &[samples, PIXELS]), ("w1_y", I32, &[samples]), || made_digits(1, samples))
}

/// 15,000 reviews as zeros and ones, and whether they please.
pub fn reviews() -> Result<Samples> {
    reviews_of("w3_x", "w3_y", 15_000, 3)
}

/// 10,000 other reviews.
pub fn other_reviews() -> Result<Samples> {
    reviews_of("w3_vx", "w3_vy", 10_000, 4)
}

fn reviews_of(x: &str, y: &str, samples: usize, seed: u64) -> Result<Samples> {
    load((x, F32, &[samples, WORDS]), (y, F32, &[samples, 1]), || made_reviews(seed, samples))
}

/// 404 houses of 13 numbers, and their prices.
pub fn houses() -> Result<Samples> {
    load(("w4_x", F32, &[404, 13]), ("w4_y", F32, &[404, 1]), || {
        let mut g = Generator::new(4);
        let x = drawn(&[404, 13], || g.normal() as f32)?;
        let weights = drawn(&[13, 1], || g.normal() as f32)?;
        let y = x.matmul(&weights)? * 3.0 + 22.0;
        Ok((x, y))
    })
}

/// Two clouds of 1000 points each: 0 and 1.
pub fn points() -> Result<Samples> {
    load(("w5_x", F32, &[2000, 2]), ("w5_y", F32, &[2000, 1]), || {
        // The covariance [[1, 0.5], [0.5, 1]] is L·Lᵀ with this L.
        let l = Tensor::from([[1.0f32, 0.0], [0.5, 0.75f32.sqrt()]]);
        let seeds = SeedGenerator::new(Some(5));
        let cloud = |mean: [f32; 2]| -> Result<Tensor> {
            Ok(seeds.normal([1000, 2], 0.0, 1.0, F32)?.matmul(&l.t())? + Tensor::from(mean))
        };
        let x = ops::concatenate(&[&cloud([0.0, 3.0])?, &cloud([3.0, 0.0])?], 0)?;
        let y = ops::concatenate(&[&ops::zeros([1000, 1], F32)?, &ops::ones([1000, 1], F32)?], 0)?;
        Ok((x, y))
    })
}

/// 10,000 images of 28 x 28 pixels with one channel, and their classes.
pub fn images() -> Result<Samples> {
    load(("w6_x", F32, &[10_000, 28, 28, 1]), ("w6_y", I32, &[10_000]), || {
        let (x, y) = made_digits(6, 10_000)?;
        Ok((ops::reshape(&x, [10_000, 28, 28, 1])?, y))
    })
}

/// 4096 sequences of 120 steps of 14 numbers, and the mean of the second of them over the last 24 steps.
pub fn sequences() -> Result<Samples> {
    load(("w7_x", F32, &[4096, 120, 14]), ("w7_y", F32, &[4096, 1]), || {
        let x = SeedGenerator::new(Some(7)).normal([4096, 120, 14], 0.0, 1.0, F32)?;
        let y = x.i((.., -24.., 1))?.mean(Axes::from(1).keepdims())?;
        Ok((x, y))
    })
}

/// 4096 texts of 100 words of 10,000, and whether they please.
pub fn texts() -> Result<Samples> {
    load(("w8_x", I32, &[4096, 100]), ("w8_y", F32, &[4096, 1]), || {
        let mut g = Generator::new(8);
        let words: Vec<i32> = (0..4096 * 100).map(|_| g.below(WORDS) as i32).collect();
        let worth: Vec<f64> = (0..WORDS).map(|_| g.normal()).collect();
        let pleases = |text: &[i32]| f32::from(text.iter().map(|&w| worth[w as usize]).sum::<f64>() > 0.0);
        let y: Vec<f32> = words.chunks(100).map(pleases).collect();
        Ok((Tensor::from_slice(&words, [4096, 100])?, Tensor::from_slice(&y, [4096, 1])?))
    })
}

/// An array of numbers drawn one after the other, straight into its memory.
fn drawn(shape: &[usize], draw: impl FnMut() -> f32) -> Result<Tensor> {
    struct Drawn<F>(F);
    impl<F: FnMut() -> f32> Read for Drawn<F> {
        fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
            let (numbers, _) = bytes.as_chunks_mut::<4>();
            numbers.iter_mut().for_each(|n| *n = (self.0)().to_le_bytes());
            Ok(4 * numbers.len())
        }
    }
    Tensor::from_reader(&mut Drawn(draw), F32, shape)
}

/// Ten prototypes, about a fifth of their pixels lit and the border dark. A sample has seven tenths of its prototype's
/// pixels, at some brightness, and stray ones; 8 percent of the classes are wrong. So losses fall and no unit dies out.
fn made_digits(seed: u64, samples: usize) -> Result<Samples> {
    let mut g = Generator::new(seed);
    let inner = |i: usize| (3..25).contains(&(i / 28)) && (3..25).contains(&(i % 28));
    let prototypes: Vec<f32> = (0..10 * PIXELS)
        .map(|i| if inner(i % PIXELS) && g.uniform() < 0.3 { 0.3 + 0.7 * g.uniform() as f32 } else { 0.0 })
        .collect();
    let mut classes: Vec<i32> = (0..samples).map(|_| g.below(10) as i32).collect();
    let share = |g: &mut Generator| g.next_u32() as f32 * 2f32.powi(-32);
    let (mut at, mut brightness) = (0, 0.0);
    let x = drawn(&[samples, PIXELS], || {
        let (row, pixel) = (at / PIXELS, at % PIXELS);
        at += 1;
        if pixel == 0 {
            brightness = 0.6 + 0.4 * share(&mut g);
        }
        if !inner(pixel) {
            return 0.0;
        }
        let prototype = prototypes[classes[row] as usize * PIXELS + pixel];
        let lit = if prototype > 0.0 && share(&mut g) < 0.7 { prototype * brightness } else { 0.0 };
        let stray = if share(&mut g) < 0.05 { share(&mut g) } else { 0.0 };
        (lit + stray).min(1.0)
    })?;
    for class in &mut classes {
        if g.uniform() < 0.08 {
            *class = g.below(10) as i32;
        }
    }
    Ok((x, Tensor::from(classes)))
}

/// Rows with 2 percent ones; the target is the sign of a random weighted sum, the same for all seeds.
fn made_reviews(seed: u64, samples: usize) -> Result<Samples> {
    let mut g = Generator::new(seed);
    let limit = (0.02 * 2f64.powi(32)) as u32;
    let x = drawn(&[samples, WORDS], || f32::from(g.next_u32() < limit))?;
    let mut g = Generator::new(0);
    let weights = drawn(&[WORDS, 1], || g.normal() as f32)?;
    let y = x.matmul(&weights)?.greater(0.0f32)?.cast(F32);
    Ok((x, y))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(x: &Tensor) -> f64 {
        x.cast(F64).mean(..).and_then(|m| m.item::<f64>()).expect("a mean")
    }

    #[test]
    fn made_digits_are_sparse_in_a_dark_frame() {
        let (x, y) = made_digits(1, 500).expect("data");
        assert_eq!((x.shape(), y.shape(), y.dtype()), (&[500, PIXELS][..], &[500][..], I32));
        let lit = mean(&x.greater(0.0f32).expect("booleans").cast(F32));
        assert!((0.1..0.25).contains(&lit), "{lit}");
        let images = x.reshape([500, 28, 28]).expect("images");
        let frame = images.i((.., ..3, ..)).expect("rows");
        assert_eq!(mean(&frame), 0.0);
        let classes = y.to_vec::<i32>().expect("classes");
        assert!((0..10).all(|c| classes.contains(&c)) && classes.iter().all(|c| (0..10).contains(c)));
        let largest = x.max(..).and_then(|m| m.item::<f32>()).expect("a number");
        assert!(largest <= 1.0 && largest > 0.9, "{largest}");
    }

    #[test]
    fn made_reviews_have_two_words_in_a_hundred() {
        let (x, y) = made_reviews(3, 100).expect("data");
        assert_eq!((x.shape(), y.shape()), (&[100, WORDS][..], &[100, 1][..]));
        assert!((mean(&x) - 0.02).abs() < 0.001, "{}", mean(&x));
        assert!((0.2..0.8).contains(&mean(&y)), "{}", mean(&y));
    }
}
