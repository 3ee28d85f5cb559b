//! Products of pairs of `bfloat16`s against the definition of the machine's instruction, number by number.

use super::kernel::Isa;
use super::plan::{K_BLOCK, cut};
use super::tests::{Matrix, Random, THREADS, problem};
use super::*;
use crate::isa::FlushSubnormals;
use std::sync::Mutex;

/// The kernels of this machine, those in plain code last.
fn isas() -> Vec<&'static Isa<f32>> {
    let mut all = vec![];
    #[cfg(target_arch = "x86_64")]
    {
        if avx512::has_pairs() {
            all.push(&avx512::PAIRS);
        }
        if avx512::available() {
            all.push(&avx512::TWO_PAIRS);
        }
        if avx2::available() {
            all.push(&avx2::PAIRS);
        }
    }
    all.push(isa_bf16());
    all.push(&portable::PAIRS);
    all
}

/// A number with eight bits of precision.
fn short(x: f64) -> u32 {
    (x as f32).to_bits() >> 16
}

fn pair(even: f64, odd: f64) -> f32 {
    f32::from_bits(short(even) | short(odd) << 16)
}

/// The even and the odd number of a pair.
fn numbers(pair: f32) -> (f32, f32) {
    (f32::from_bits(pair.to_bits() << 16), f32::from_bits(pair.to_bits() & 0xffff_0000))
}

/// An element of a product by the definition.
fn element(a: &Matrix<f32>, b: &Matrix<f32>, (i, j, k): (usize, usize, usize)) -> f32 {
    let blocks = k.div_ceil(K_BLOCK).max(1);
    let mut sum = 0.0;
    for block in 0..blocks {
        let mut part = 0f32;
        for x in cut(k, blocks, block) {
            let ((a0, a1), (b0, b1)) = (numbers(a.at(i, x)), numbers(b.at(x, j)));
            part = a0.mul_add(b0, a1.mul_add(b1, part));
        }
        sum = if block == 0 { part + 0.0 } else { sum + (part + 0.0) };
    }
    sum
}

/// With so many percent of A zeros.
fn matrices(
    (m, n, k): (usize, usize, usize),
    forms: (usize, usize),
    zeros: usize,
) -> (Matrix<f32>, Matrix<f32>) {
    let mut random = Random((m * 1009 + n * 31 + k) as u64);
    let mut value = |zeros: usize| match random.below(100) < zeros {
        true => [0.0, -0.0][random.below(2)],
        false => random.value(),
    };
    let a = Matrix::new(m, k, forms.0, || pair(value(zeros), value(zeros)));
    let b = Matrix::new(k, n, forms.1, || pair(value(0), value(0)));
    (a, b)
}

fn bits(c: &Matrix<f32>, (m, n): (usize, usize)) -> Vec<u32> {
    (0..m * n).map(|e| c.at(e / n, e % n).to_bits()).collect()
}

#[test]
fn sums_are_those_of_the_instruction() {
    let _guard = THREADS.lock().unwrap();
    let shapes = match cfg!(miri) {
        false => &[
            (1, 1, 1),
            (5, 17, 3),
            (35, 50, 19),
            (5, 257, 40),
            (140, 33, 20),
            (128, 10, 256),
            (70, 65, 1100),
            (1, 130, 600),
            (33, 64, 0),
        ][..],
        true => &[(9, 10, 7), (2, 21, 6)],
    };
    for (round, &(m, n, k)) in shapes.iter().enumerate() {
        rhyton_runtime::set_threads(1 + round % 3);
        for forms in [(0, 0, 0), (1, 0, 1), (0, 1, 0), (1, 1, 2), (5, 2, 5)] {
            let (a, b) = matrices((m, n, k), (forms.0, forms.1), 0);
            let expected: Vec<u32> =
                (0..m * n).map(|e| element(&a, &b, (e / n, e % n, k)).to_bits()).collect();
            for isa in isas() {
                let mut c = Matrix::new(m, n, forms.2, || f32::NAN);
                // SAFETY: the matrices are as large as the problem says, and the machine has `isa`.
                unsafe { drive::run(isa, &problem(m, n, k, &a, &b, &mut c), None) };
                assert_eq!(bits(&c, (m, n)), expected, "{} lanes, {m}x{k}x{n} {forms:?}", isa.lanes);
            }
        }
    }
}

#[test]
fn lists_change_no_bit() {
    let _guard = THREADS.lock().unwrap();
    let large = [(128, 512, 392), (784, 512, 64), (130, 257, 300), (100, 16, 1500), (33, 70, 1100)];
    let shapes = if cfg!(miri) { &[(17, 5, 26), (16, 9, 15)][..] } else { &large };
    for isa in isas().into_iter().take(if cfg!(miri) { 1 } else { 9 }) {
        for ((m, n, k), threads) in shapes.iter().copied().zip([1, 2, 3, 2, 5]) {
            rhyton_runtime::set_threads(threads);
            for forms in [(0, 0), (1, 1), (5, 2)] {
                let (a, b) = matrices((m, n, k), forms, 80);
                let (mut c, mut d) = (Matrix::new(m, n, 0, || f32::NAN), Matrix::new(m, n, 5, || f32::NAN));
                let p = problem(m, n, k, &a, &b, &mut c);
                let seen = Mutex::new(vec![0; m * n]);
                let look = |rows: Range<usize>, columns: Range<usize>, tile: Finished<f32>| {
                    let mut seen = seen.lock().unwrap();
                    for (i, row) in rows.enumerate() {
                        for (j, column) in columns.clone().enumerate() {
                            let place = i as isize * tile.strides.0 + j as isize * tile.strides.1;
                            // SAFETY: inside the tile.
                            seen[row * n + column] = unsafe { (*tile.data.offset(place)).to_bits() };
                        }
                    }
                };
                // SAFETY: the matrices are as large as the problems say, and the machine has `isa`.
                unsafe {
                    let unseen = Problem { c: std::ptr::null_mut(), ..p };
                    assert!(sparse::run(isa, &unseen, Some(&look)), "{m}x{k}x{n} is not seen to be sparse");
                    assert!(sparse::run(isa, &problem(m, n, k, &a, &b, &mut d), None));
                    drive::dense(isa, &p, None);
                }
                let dense = bits(&c, (m, n));
                assert_eq!(bits(&d, (m, n)), dense, "{m}x{k}x{n}");
                assert_eq!(seen.into_inner().unwrap(), dense, "{m}x{k}x{n}");
            }
        }
    }
}

/// What the instruction does to numbers near the smallest, whatever the mode, others do in the mode of kernels.
#[test]
#[cfg(target_arch = "x86_64")]
#[cfg_attr(miri, ignore = "knows no such mode")]
fn small_numbers_are_flushed_alike() {
    let _guard = THREADS.lock().unwrap();
    rhyton_runtime::set_threads(1);
    if !avx512::has_pairs() {
        return;
    }
    let (m, n, k) = (40, 60, 2);
    let mut random = Random(11);
    // Products around the smallest normal number, and a few factors below it.
    let mut value = |low: i32| random.value() * f64::powi(2.0, random.below(12) as i32 + low);
    let a = Matrix::new(m, k, 0, || pair(value(-66), value(-66)));
    let mut b = Matrix::new(k, n, 0, || pair(value(-68), value(-70)));
    (0..5).for_each(|j| b.memory[7 * j] = pair(f64::powi(2.0, -128), 1.0));
    let product = |isa| {
        let _mode = FlushSubnormals::on();
        let mut c = Matrix::new(m, n, 0, || f32::NAN);
        // SAFETY: the matrices are as large as the problem says, and the machine has `isa`.
        unsafe { drive::run(isa, &problem(m, n, k, &a, &b, &mut c), None) };
        bits(&c, (m, n))
    };
    let machine = product(&avx512::PAIRS);
    assert!(machine.iter().filter(|x| **x == 0).count() > 10);
    assert!(machine.iter().filter(|x| **x << 1 != 0).count() > 10);
    assert_eq!(machine, product(&avx512::TWO_PAIRS));
    assert_eq!(machine, product(&avx2::PAIRS));
}
