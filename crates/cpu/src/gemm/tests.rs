//! Products against plain triple loops, in all shapes, layouts and instruction sets.

use super::kernel::{Element, Isa};
use super::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// The number of threads is one for the whole process.
pub(super) static THREADS: Mutex<()> = Mutex::new(());

pub(super) struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % n
    }
    pub fn value(&mut self) -> f64 {
        self.below(2001) as f64 / 1000.0 - 1.0
    }
}

/// A matrix somewhere in a piece of memory.
#[derive(Clone)]
pub(super) struct Matrix<T> {
    pub memory: Vec<T>,
    first: usize,
    strides: (isize, isize),
}

impl<T: Copy> Matrix<T> {
    /// Layouts: row-major, transposed, spread out, backwards, transposed and spread out, and with repeats.
    pub fn new(rows: usize, columns: usize, form: usize, mut value: impl FnMut() -> T) -> Matrix<T> {
        let (r, c) = (rows as isize, columns as isize);
        let (strides, first) = match form {
            0 => ((c, 1), 0),
            1 => ((1, r), 0),
            2 => ((2 * c + 3, 2), 5),
            3 => ((-c, -1), (r * c - 1).max(0)),
            4 => ((3, 3 * r + 1), 1),
            5 => ((c + 7, 1), 3),
            6 => ((1, -(r + 5)), ((c - 1) * (r + 5)).max(0)),
            7 => ((0, 1), 0),
            8 => ((1, 0), 0),
            _ => ((0, 0), 0),
        };
        let reach = |n: isize, s: isize| if s > 0 { (n - 1).max(0) * s } else { 0 };
        let len = first + reach(r, strides.0) + reach(c, strides.1) + 1;
        Matrix { memory: (0..len).map(|_| value()).collect(), first: first as usize, strides }
    }
    pub fn place(&self, i: usize, j: usize) -> usize {
        (self.first as isize + i as isize * self.strides.0 + j as isize * self.strides.1) as usize
    }
    pub fn at(&self, i: usize, j: usize) -> T {
        self.memory[self.place(i, j)]
    }
}

pub(super) fn problem<T>(
    m: usize,
    n: usize,
    k: usize,
    a: &Matrix<T>,
    b: &Matrix<T>,
    c: &mut Matrix<T>,
) -> Problem<T> {
    Problem {
        m,
        n,
        k,
        a: a.memory.as_ptr().wrapping_add(a.first),
        a_strides: a.strides,
        b: b.memory.as_ptr().wrapping_add(b.first),
        b_strides: b.strides,
        c: c.memory.as_mut_ptr().wrapping_add(c.first),
        c_strides: c.strides,
    }
}

/// The instruction sets of this machine.
pub(super) fn isas() -> Vec<&'static Isa<f32>> {
    f32::isas()
}

trait Real: Element + Into<f64> + PartialEq + std::fmt::Debug {
    const EPSILON: f64;
    const NAN: Self;
    fn of(x: f64) -> Self;
    fn bits(self) -> u64;
    fn isas() -> Vec<&'static Isa<Self>>;
}

impl Real for f32 {
    const EPSILON: f64 = f32::EPSILON as f64;
    const NAN: f32 = f32::NAN;
    fn of(x: f64) -> f32 {
        x as f32
    }
    fn bits(self) -> u64 {
        self.to_bits().into()
    }
    fn isas() -> Vec<&'static Isa<f32>> {
        let mut all = vec![isa_f32(), &portable::F32];
        #[cfg(target_arch = "x86_64")]
        if avx2::available() {
            all.push(&avx2::F32);
        }
        all
    }
}

impl Real for f64 {
    const EPSILON: f64 = f64::EPSILON;
    const NAN: f64 = f64::NAN;
    fn of(x: f64) -> f64 {
        x
    }
    fn bits(self) -> u64 {
        self.to_bits()
    }
    fn isas() -> Vec<&'static Isa<f64>> {
        let mut all = vec![isa_f64(), &portable::F64];
        #[cfg(target_arch = "x86_64")]
        if avx2::available() {
            all.push(&avx2::F64);
        }
        all
    }
}

/// So many rounds; few where every access is watched, so that each takes a thousand times as long.
fn rounds(n: usize) -> usize {
    if cfg!(miri) { n.div_ceil(60) } else { n }
}

/// Computes a product, checks it, its surroundings and the epilogue's tiles, and returns C.
fn checked<T: Real>(isa: &Isa<T>, m: usize, n: usize, k: usize, forms: (usize, usize, usize)) -> Vec<u64> {
    checked_with(isa, (m, n, k), forms, 0)
}

/// The same, with so many percent of A zeros.
fn checked_with<T: Real>(
    isa: &Isa<T>,
    (m, n, k): (usize, usize, usize),
    forms: (usize, usize, usize),
    zeros: usize,
) -> Vec<u64> {
    let mut random = Random((m * 1000003 + n * 1009 + k) as u64);
    let a = Matrix::new(m, k, forms.0, || match random.below(100) < zeros {
        true => T::of(0.0),
        false => T::of(random.value()),
    });
    let b = Matrix::new(k, n, forms.1, || T::of(random.value()));
    let mut c = Matrix::new(m, n, forms.2, || T::NAN);
    let p = problem(m, n, k, &a, &b, &mut c);
    let visits: Vec<AtomicU32> = (0..m * n).map(|_| AtomicU32::new(0)).collect();
    let epilogue = |rows: Range<usize>, columns: Range<usize>, _: Finished<_>| {
        for i in rows {
            for j in columns.clone() {
                visits[i * n + j].fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    // SAFETY: the matrices are as large as the problem says, and the machine has `isa`.
    unsafe { drive::run(isa, &p, Some(&epilogue)) };
    let what = format!("{} lanes, {m}x{k}x{n} {forms:?}", isa.lanes);
    assert!(visits.iter().all(|v| v.load(Ordering::Relaxed) == 1), "{what}: tiles");
    let mut inside = vec![false; c.memory.len()];
    for i in 0..m {
        for j in 0..n {
            let (mut sum, mut size) = (0.0, 0.0);
            for x in 0..k {
                let product = a.at(i, x).into() * b.at(x, j).into();
                sum += product;
                size += f64::abs(product);
            }
            let got: f64 = c.at(i, j).into();
            // A chain of k roundings, each of at most half an epsilon of the partial sum.
            let bound = T::EPSILON * size * (2.0 + 0.5 * (k as f64)) + 1e-300;
            assert!((got - sum).abs() <= bound, "{what}: C[{i}, {j}] is {got}, not {sum}");
            inside[c.place(i, j)] = true;
        }
    }
    assert!(
        inside.iter().zip(&c.memory).all(|(&i, &x)| i || f64::is_nan(x.into())),
        "{what}: wrote beside C"
    );
    (0..m * n).map(|e| c.at(e / n, e % n).bits()).collect()
}

const EDGES: [usize; 12] = [0, 1, 2, 7, 15, 16, 17, 31, 33, 63, 65, 129];

fn random_shapes<T: Real>() {
    let _guard = THREADS.lock().unwrap();
    rhyton_runtime::set_threads(2);
    for isa in T::isas().into_iter().take(if cfg!(miri) { 1 } else { 3 }) {
        let mut random = Random(5);
        for _ in 0..rounds(300) {
            let mut pick = || EDGES[random.below(if cfg!(miri) { 6 } else { 12 })];
            let (m, n, k) = (pick(), pick(), pick());
            checked(isa, m, n, k, (random.below(10), random.below(10), random.below(7)));
        }
    }
}

#[test]
fn random_shapes_f32() {
    random_shapes::<f32>();
}

#[test]
fn random_shapes_f64() {
    random_shapes::<f64>();
}

/// All layouts at shapes that use whole and partial vectors, several tiles, blocks of `k` and packing.
#[test]
fn all_layouts() {
    let _guard = THREADS.lock().unwrap();
    rhyton_runtime::set_threads(2);
    for isa in f32::isas().into_iter().take(if cfg!(miri) { 1 } else { 3 }) {
        let shapes = match cfg!(miri) {
            false => [(35, 50, 19), (5, 257, 40), (140, 33, 20)],
            true => [(9, 10, 7), (2, 21, 6), (20, 9, 5)],
        };
        for forms in (0..700).step_by(700 / rounds(700)) {
            let (m, n, k) = shapes[forms % 3];
            checked(isa, m, n, k, (forms / 70, forms / 7 % 10, forms % 7));
        }
        if cfg!(miri) {
            continue;
        }
        for forms in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 1), (2, 4, 6), (3, 3, 3), (0, 0, 1)] {
            checked(isa, 70, 130, 1100, forms);
            checked(isa, 300, 160, 256, forms);
            checked(isa, 1, 130, 1100, forms);
            checked(isa, 130, 1, 1100, forms);
            checked(isa, 64, 512, 512, forms);
        }
    }
}

/// The number of threads, the layout, the rest of the batch and the vectors' width leave no trace in C.
#[test]
#[cfg_attr(miri, ignore = "too slow; the kernels are those of the other tests")]
fn bits_depend_on_nothing_else() {
    let _guard = THREADS.lock().unwrap();
    for (m, n, k) in [
        (128, 96, 784),
        (2, 512, 784),
        (300, 70, 40),
        (512, 10, 600),
        (10, 300, 520),
        (3, 700, 513),
        (257, 1, 700),
    ] {
        let isas = f32::isas();
        let mut all = vec![];
        for threads in [1, 2, 3] {
            rhyton_runtime::set_threads(threads);
            all.push(checked(isas[0], m, n, k, (0, 0, 0)));
            all.push(checked(isas[0], m, n, k, (0, 0, 1)));
        }
        #[cfg(target_arch = "x86_64")]
        if avx2::available() {
            all.push(checked(&avx2::F32, m, n, k, (0, 0, 0)));
        }
        assert!(all.iter().all(|c| *c == all[0]), "{m}x{k}x{n}");
        let mut random = Random(9);
        let a = Matrix::new(m, k, 0, || random.value() as f32);
        let b = Matrix::new(k, n, 0, || random.value() as f32);
        let mut c = Matrix::new(m, n, 0, || f32::NAN);
        let p = problem(m, n, k, &a, &b, &mut c);
        // SAFETY: the matrices are as large as the problem says.
        unsafe { gemm_f32(&p, None) };
        let mut last = Matrix::new(1, n, 0, || f32::NAN);
        let one = Problem { a: p.a.wrapping_add((m - 1) * k), c: last.memory.as_mut_ptr(), m: 1, ..p };
        // SAFETY: as before, for the last row alone.
        unsafe { gemm_f32(&one, None) };
        assert!(
            (0..n).all(|j| last.at(0, j).to_bits() == c.at(m - 1, j).to_bits()),
            "one row of {m}x{k}x{n}"
        );
    }
}

/// Sparse products: right, and bit for bit what the dense kernels make, stored or not, with any number of threads.
fn sparse_as_dense<T: Real>() {
    let _guard = THREADS.lock().unwrap();
    let large = [(128, 512, 784), (784, 512, 128), (130, 257, 300), (100, 16, 1500), (33, 70, 1100)];
    let shapes = if cfg!(miri) { &[(17, 5, 26), (16, 9, 15)][..] } else { &large };
    for isa in T::isas().into_iter().take(if cfg!(miri) { 1 } else { 3 }) {
        for ((m, n, k), threads) in shapes.iter().copied().zip([1, 2, 3, 2, 5]) {
            rhyton_runtime::set_threads(threads);
            for forms in [(0, 0, 0), (1, 1, 0), (5, 2, 5)] {
                checked_with(isa, (m, n, k), forms, 85);
                let mut random = Random(7);
                // Zeros of both signs, and numbers whose products vanish.
                let mut value = || match random.below(20) {
                    0 => T::of(random.value()),
                    1 => T::of(random.value() * 1e-30),
                    2 => T::of(-0.0),
                    _ => T::of(0.0),
                };
                let a = Matrix::new(m, k, forms.0, &mut value);
                let mut random = Random(8);
                let mut b = Matrix::new(k, n, forms.1, || T::of(random.value() * 1e-10));
                let (mut c, mut d) = (Matrix::new(m, n, 0, || T::NAN), Matrix::new(m, n, forms.2, || T::NAN));
                let p = problem(m, n, k, &a, &b, &mut c);
                let only_seen = Mutex::new(vec![T::NAN; m * n]);
                let epilogue = |rows: Range<usize>, columns: Range<usize>, tile: Finished<T>| {
                    let mut seen = only_seen.lock().unwrap();
                    for (i, row) in rows.enumerate() {
                        for (j, column) in columns.clone().enumerate() {
                            let place = i as isize * tile.strides.0 + j as isize * tile.strides.1;
                            // SAFETY: inside the tile.
                            seen[row * n + column] = unsafe { *tile.data.offset(place) };
                        }
                    }
                };
                // SAFETY: the matrices are as large as the problems say.
                unsafe {
                    let unseen = Problem { c: std::ptr::null_mut(), ..p };
                    assert!(
                        sparse::run(isa, &unseen, Some(&epilogue)),
                        "{m}x{k}x{n} is not seen to be sparse"
                    );
                    assert!(sparse::run(isa, &problem(m, n, k, &a, &b, &mut d), None));
                    drive::dense(isa, &p, None);
                }
                let seen = only_seen.into_inner().unwrap();
                for (e, seen) in seen.into_iter().enumerate() {
                    let dense = c.at(e / n, e % n).bits();
                    assert_eq!(d.at(e / n, e % n).bits(), dense);
                    assert_eq!(seen.bits(), dense);
                }
                // Zero times no number is no number.
                let place = b.place(k / 2, n - 1);
                b.memory[place] = T::NAN;
                // SAFETY: as before.
                unsafe { drive::run(isa, &problem(m, n, k, &a, &b, &mut c), None) };
                assert!((0..m).all(|i| f64::is_nan(c.at(i, n - 1).into())));
            }
        }
    }
}

#[test]
fn sparse_as_dense_f32() {
    sparse_as_dense::<f32>();
}

#[test]
fn sparse_as_dense_f64() {
    sparse_as_dense::<f64>();
}

#[test]
fn integers_wrap() {
    let _guard = THREADS.lock().unwrap();
    let mut random = Random(3);
    for round in 0..rounds(200) {
        rhyton_runtime::set_threads(1 + round % 3);
        let edges = &EDGES[..if cfg!(miri) { 6 } else { 12 }];
        let mut edge = || edges[random.below(edges.len())];
        let (m, n, k) = (edge(), edge(), edge());
        let forms = (random.below(10), random.below(10), random.below(7));
        let a = Matrix::new(m, k, forms.0, || (random.value() * 1e16) as i64);
        let b = Matrix::new(k, n, forms.1, || (random.value() * 1e16) as i64);
        let mut c = Matrix::new(m, n, forms.2, || -1i64);
        let p = problem(m, n, k, &a, &b, &mut c);
        let visited = AtomicU32::new(0);
        let epilogue = |rows: Range<usize>, columns: Range<usize>, _: Finished<_>| {
            visited.fetch_add((rows.len() * columns.len()) as u32, Ordering::Relaxed);
        };
        // SAFETY: the matrices are as large as the problem says.
        unsafe { gemm_generic(&p, Some(&epilogue)) };
        assert_eq!(visited.load(Ordering::Relaxed) as usize, m * n);
        for i in 0..m {
            for j in 0..n {
                let sum = (0..k).fold(0i64, |s, x| s.wrapping_add(a.at(i, x).wrapping_mul(b.at(x, j))));
                assert_eq!(c.at(i, j), sum);
            }
        }
    }
}

/// A sparse row times finite numbers: bit for bit what the dense kernels make, stored or not.
#[test]
fn sparse_row_as_dense() {
    let shapes = [(16, 2100), (512, 784), (240, 300)];
    for isa in f32::isas().into_iter().take(if cfg!(miri) { 1 } else { 3 }) {
        for (n, k) in shapes.into_iter().take(if cfg!(miri) { 1 } else { 3 }) {
            let mut random = Random(5);
            let a = Matrix::new(1, k, 0, || match random.below(5) {
                0 => random.value() as f32,
                _ => 0.0,
            });
            let b = Matrix::new(k, n, 0, || random.value() as f32);
            let mut dense = Matrix::new(1, n, 0, || f32::NAN);
            let mut row = Matrix::new(1, n, 0, || f32::NAN);
            let p = problem(1, n, k, &a, &b, &mut row);
            let seen = Mutex::new(vec![0u32; n]);
            let keep = |_: Range<usize>, columns: Range<usize>, tile: Finished<f32>| {
                for j in columns {
                    // SAFETY: the tile reaches over these columns.
                    seen.lock().unwrap()[j] = unsafe { (*tile.data.add(j)).to_bits() };
                }
            };
            // SAFETY: the matrices are as large as the problems say, and all numbers are finite.
            unsafe {
                drive::dense(isa, &problem(1, n, k, &a, &b, &mut dense), None);
                assert!(row::run(isa, &p, None));
                assert!(row::run(isa, &Problem { c: std::ptr::null_mut(), ..p }, Some(&keep)));
            }
            let bits = |c: &Matrix<f32>| (0..n).map(|j| c.at(0, j).to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&dense), bits(&row), "{n} columns, {k} rows");
            assert_eq!(bits(&dense), seen.into_inner().unwrap(), "{n} columns, {k} rows");
        }
    }
}
