//! Products with lists are bit for bit what dense products make.

use super::tests::{Matrix, Random, THREADS, isas, problem};
use super::*;
use rhyton_runtime::{Picked, Rows as Numbers, SparseRows};
use std::sync::Mutex;

/// A matrix with few numbers, and zeros of both signs.
fn few(rows: usize, columns: usize) -> Matrix<f32> {
    let mut random = Random(11);
    Matrix::new(rows, columns, 0, || match random.below(60) {
        0 => random.value() as f32,
        1 => random.value() as f32 * 1e-30,
        2 => -0.0,
        _ => 0.0,
    })
}

#[test]
fn listed_as_dense() {
    let _guard = THREADS.lock().unwrap();
    // The mode of programs: numbers too small for whole precision are zeros.
    let _mode = crate::isa::FlushSubnormals::on();
    let large = [(512, 1500, 16), (130, 700, 64), (700, 300, 46), (40, 2000, 1), (33, 1100, 200)];
    let shapes = if cfg!(miri) { &[(5, 256, 5), (4, 260, 1)][..] } else { &large };
    let others = if cfg!(miri) { 10 } else { 300 };
    for isa in isas().into_iter().take(if cfg!(miri) { 1 } else { 9 }) {
        for ((count, columns, n), threads) in shapes.iter().copied().zip([1, 2, 3, 2, 5]) {
            rhyton_runtime::set_threads(threads);
            let matrix = few(count + others, columns);
            // The first 7 rows are left out, and others come in any order.
            let sparse =
                SparseRows::new(&matrix.memory[7 * columns..], 7, columns, listed_blocks(columns)).unwrap();
            let mut random = Random(12);
            let numbers: Vec<usize> = (0..count).map(|_| 7 + random.below(count + others - 7)).collect();
            let from = &matrix;
            let mut next = numbers.iter().flat_map(|i| (0..columns).map(move |j| from.at(*i, j)));
            let gathered = Matrix::new(count, columns, 0, || next.next().unwrap_or(f32::NAN));
            let a = Picked { matrix: &sparse, rows: Numbers::At(&numbers) };
            for (turned, forms) in
                [false, true].into_iter().flat_map(|t| [(0, 0), (1, 1), (5, 2)].map(|f| (t, f)))
            {
                let (m, k) = if turned { (columns, count) } else { (count, columns) };
                let mut random = Random(13);
                let mut b = Matrix::new(k, n, forms.0, || (random.value() * 1e-10) as f32);
                let (mut c, mut d) =
                    (Matrix::new(m, n, 0, || f32::NAN), Matrix::new(m, n, forms.1, || f32::NAN));
                let mut dense = problem(m, n, k, &gathered, &b, &mut c);
                if turned {
                    dense.a_strides = (1, columns as isize);
                }
                let seen = Mutex::new(vec![f32::NAN; m * n]);
                let epilogue = |rows: Range<usize>, columns: Range<usize>, tile: Finished<f32>| {
                    let mut seen = seen.lock().unwrap();
                    for (i, row) in rows.enumerate() {
                        for (j, column) in columns.clone().enumerate() {
                            let place = i as isize * tile.strides.0 + j as isize * tile.strides.1;
                            // SAFETY: inside the tile.
                            seen[row * n + column] = unsafe { *tile.data.offset(place) };
                        }
                    }
                };
                let stored = problem(m, n, k, &gathered, &b, &mut d);
                // SAFETY: the matrices are as large as the problems say.
                unsafe {
                    drive::dense(isa, &dense, None);
                    listed::run(
                        isa,
                        &a,
                        turned,
                        &Problem { c: std::ptr::null_mut(), ..stored },
                        Some(&epilogue),
                    );
                    listed::run(isa, &a, turned, &stored, None);
                }
                let seen = seen.into_inner().unwrap();
                for (e, seen) in seen.into_iter().enumerate() {
                    let expected = c.at(e / n, e % n).to_bits();
                    assert_eq!(
                        d.at(e / n, e % n).to_bits(),
                        expected,
                        "{count}x{columns}x{n} {turned} {forms:?}"
                    );
                    assert_eq!(seen.to_bits(), expected);
                }
                // Zero times no number is no number.
                let place = b.place(k / 2, n - 1);
                b.memory[place] = f32::NAN;
                // SAFETY: as before.
                unsafe { listed::run(isa, &a, turned, &problem(m, n, k, &gathered, &b, &mut d), None) };
                assert!((0..m).all(|i| d.at(i, n - 1).is_nan()));
            }
        }
    }
}

#[test]
fn rows_in_a_run() {
    let matrix = few(50, 600);
    let sparse = SparseRows::new(&matrix.memory, 0, 600, listed_blocks(600)).unwrap();
    let a = Picked { matrix: &sparse, rows: Numbers::Run(10..30) };
    let mut random = Random(5);
    let b = Matrix::new(600, 10, 0, || random.value() as f32);
    let (mut c, mut d) = (Matrix::new(20, 10, 0, || 0.0), Matrix::new(20, 10, 0, || 1.0));
    let p = problem(20, 10, 600, &matrix, &b, &mut c);
    // SAFETY: the matrices are as large as the problems say.
    unsafe {
        gemm_f32(&Problem { a: p.a.wrapping_add(10 * 600), ..p }, None);
        gemm_listed(&a, false, &problem(20, 10, 600, &matrix, &b, &mut d), None);
    }
    assert_eq!(c.memory, d.memory);
}
