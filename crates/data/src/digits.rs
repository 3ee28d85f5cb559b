//! Handwritten-looking digits that the program draws itself.
//!
//! Where MNIST cannot be had, these stand in for it: the same shapes and types, 60,000 pictures to train with and
//! 10,000 to test, every class equally often. A digit is one of several ways to write it, as strokes of a pen,
//! bent, slanted, turned, stretched, shaken, drawn with a line of random width and soft edge, and placed as MNIST
//! places its digits. The task is about as hard: the nearest mean of a class is right for 0.80 of the test pictures
//! (MNIST: 0.82), and a dense layer of 512 with `relu` and a softmax for 0.98 after three epochs (MNIST: 0.98). Still
//! they are not MNIST, and results on one are no results on the other.
//!
//! The pictures are the same for any number of threads and on any machine.

mod pen;
mod templates;

use crate::{Split, TrainTest};
use pen::{Hand, SIDE};
use rhyton_base::{Error, Result};
use rhyton_runtime::{Generator, Pool, pool};
use rhyton_tensor::Tensor;
use std::ops::Range;
use std::sync::Mutex;

/// Pictures to train with.
pub const TRAIN: usize = 60_000;
/// Pictures to test with.
pub const TEST: usize = 10_000;

const SEED: u32 = 0x5268_7974;
/// Pictures that a thread draws at a time.
const PIECE: usize = 100;

/// Draws the digits: x of shape (60000, 28, 28) and (10000, 28, 28), `uint8` with 0 for paper and 255 for ink; y of
/// shape (60000,) and (10000,), `uint8`, 0 to 9. Takes a second or two, on all threads.
///
/// ```no_run
/// let ((x_train, y_train), (x_test, y_test)) = rhyton_data::digits::load_data()?;
/// assert_eq!(x_train.shape(), [60000, 28, 28]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn load_data() -> Result<TrainTest> {
    Ok((draw(0..TRAIN)?, draw(TRAIN..TRAIN + TEST)?))
}

/// Draws some of the digits: pictures and labels of the given numbers, of which the first 60,000 are the ones to
/// train with and the other 10,000 the ones to test with. Among every 10,000, each class comes 1,000 times.
///
/// ```
/// let (x, y) = rhyton_data::digits::draw(0..20)?;
/// assert_eq!(x.shape(), [20, 28, 28]);
/// assert_eq!(y.shape(), [20]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn draw(numbers: Range<usize>) -> Result<Split> {
    if numbers.start > numbers.end || numbers.end > TRAIN + TEST {
        return Err(Error::value(format!(
            "expected a range within 0..{}, received {numbers:?}",
            TRAIN + TEST
        ))
        .at("digits::draw"));
    }
    draw_on(&pool(), numbers)
}

fn draw_on(pool: &Pool, numbers: Range<usize>) -> Result<Split> {
    let labels = labels(numbers.clone());
    let mut pixels = vec![0u8; labels.len() * SIDE * SIDE];
    {
        let pieces: Vec<_> = pixels.chunks_mut(PIECE * SIDE * SIDE).map(Mutex::new).collect();
        pool.run(pieces.len(), &|piece| {
            // Every piece is taken once, so the lock is free.
            let mut pictures = pieces[piece].lock().unwrap_or_else(|e| e.into_inner());
            for (i, picture) in pictures.chunks_mut(SIDE * SIDE).enumerate() {
                let index = piece * PIECE + i;
                draw_one(labels[index], numbers.start + index, picture);
            }
        });
    }
    let x = Tensor::from_slice(&pixels, [labels.len(), SIDE, SIDE])?;
    Ok((x, Tensor::from_slice(&labels, [labels.len()])?))
}

fn draw_one(label: u8, number: usize, picture: &mut [u8]) {
    let mut hand = Hand(Generator::new(u64::from(SEED) << 32 | number as u64 & 0xFFFF_FFFF));
    let way = hand.choose(templates::DIGITS[usize::from(label)]);
    pen::draw(way, &mut hand, picture);
}

/// The labels of the given numbers: blocks of 10,000, each with a thousand of every class in random order.
fn labels(numbers: Range<usize>) -> Vec<u8> {
    const BLOCK: usize = 10_000;
    let (first, last) = (numbers.start / BLOCK, numbers.end.div_ceil(BLOCK));
    let mut labels = Vec::with_capacity(last.saturating_sub(first) * BLOCK);
    for block in first..last {
        let mut order: Vec<u8> = (0..BLOCK).map(|i| (i % 10) as u8).collect();
        Generator::new(!u64::from(SEED) << 32 | block as u64).shuffle(&mut order);
        labels.extend(order);
    }
    labels[numbers.start - first * BLOCK..][..numbers.len()].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST_LABELS: [u8; 10] = [8, 5, 7, 5, 6, 7, 6, 6, 5, 7];
    const PIXEL_HASH: u64 = 0xDB19_432F_8D1D_188A;

    #[test]
    fn any_number_of_threads_and_any_range_draw_the_same() {
        let (x, y) = draw_on(&Pool::new(1), 9_900..10_250).unwrap();
        for threads in [2, 5] {
            let (x2, y2) = draw_on(&Pool::new(threads), 9_900..10_250).unwrap();
            assert!(x.bit_equal(&x2) && y.bit_equal(&y2), "{threads} threads");
        }
        let (x3, y3) = draw(10_000..10_250).unwrap();
        assert_eq!(x3.to_bytes().unwrap(), x.to_bytes().unwrap()[100 * SIDE * SIDE..]);
        assert_eq!(y3.to_bytes().unwrap(), y.to_bytes().unwrap()[100..]);
    }

    #[test]
    fn the_same_pixels_on_every_machine() {
        let (x, y) = draw(0..500).unwrap();
        assert_eq!(y.to_bytes().unwrap()[..10], FIRST_LABELS);
        // FNV-1a, 64 bits.
        let hash = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0xCBF2_9CE4_8422_2325u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01B3))
        };
        assert_eq!(x.with_bytes(hash).unwrap(), PIXEL_HASH);
    }

    #[test]
    fn classes_are_balanced_and_pictures_look_like_mnist() {
        let (x, y) = draw(TRAIN..TRAIN + TEST).unwrap();
        let labels = y.to_vec::<u8>().unwrap();
        for class in 0..10 {
            assert_eq!(labels.iter().filter(|l| **l == class).count(), 1_000);
        }
        let pixels = x.to_vec::<u8>().unwrap();
        for picture in pixels.chunks(SIDE * SIDE) {
            let ink = picture.iter().filter(|p| **p > 127).count();
            assert!((15..350).contains(&ink), "{ink} pixels of ink");
            let edge = (0..SIDE).flat_map(|i| [i, (SIDE - 1) * SIDE + i, i * SIDE, i * SIDE + SIDE - 1]);
            assert!(edge.into_iter().all(|i| picture[i] == 0), "ink at the edge");
        }
        // MNIST's mean is 0.13.
        let mean = pixels.iter().map(|p| f64::from(*p)).sum::<f64>() / 255.0 / pixels.len() as f64;
        assert!((0.10..0.16).contains(&mean), "{mean}");
    }

    #[test]
    fn the_task_is_neither_trivial_nor_hopeless() {
        let (x, y) = draw(0..8_000).unwrap();
        let (x, y) = (x.to_vec::<u8>().unwrap(), y.to_vec::<u8>().unwrap());
        let pictures: Vec<&[u8]> = x.chunks(SIDE * SIDE).collect();
        let mut means = vec![[0f32; SIDE * SIDE]; 10];
        for (picture, label) in pictures[..6_000].iter().zip(&y) {
            let count = y[..6_000].iter().filter(|l| *l == label).count() as f32;
            means[usize::from(*label)]
                .iter_mut()
                .zip(*picture)
                .for_each(|(m, p)| *m += f32::from(*p) / count);
        }
        let distance = |picture: &[u8], mean: &[f32]| -> f32 {
            picture.iter().zip(mean).map(|(p, m)| (f32::from(*p) - m) * (f32::from(*p) - m)).sum()
        };
        let nearest = |picture: &[u8]| {
            (0..10).min_by(|a, b| distance(picture, &means[*a]).total_cmp(&distance(picture, &means[*b])))
        };
        let right = (6_000..8_000).filter(|i| nearest(pictures[*i]) == Some(usize::from(y[*i]))).count();
        // MNIST: 0.82.
        assert!((1_400..1_860).contains(&right), "nearest mean is right for {right} of 2000");
    }

    #[test]
    fn odd_ranges() {
        assert!(draw(500..500).unwrap().0.is_empty());
        #[expect(clippy::reversed_empty_ranges)]
        let e = draw(7..2).unwrap_err();
        assert_eq!(e.to_string(), "digits::draw: expected a range within 0..70000, received 7..2");
        assert!(draw(0..usize::MAX).is_err());
    }
}
