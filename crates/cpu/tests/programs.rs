//! Programs through the backend, against plain loops: every way that kernels touch memory, on two threads. Under Miri
//! (see `.ci/sanitize`) sizes are small, and so is the work from which threads take part.

use bytemuck::{Pod, cast_slice};
use rhyton_base::{DType, bf16, f16};
use rhyton_cpu::CpuBackend;
use rhyton_ops::{BinaryFn, Expr, Kernel, ReduceFn, UnaryFn};
use rhyton_runtime::{
    Access, Arg, Backend, KernelDesc, Loop, MatMul, Output, ProgramDesc, Slot, Storage, Whole, set_threads,
};

/// A size, or a smaller one where every access is watched.
const fn size(n: usize, watched: usize) -> usize {
    if cfg!(miri) { watched } else { n }
}

/// Numbers between -1 and 1.
fn numbers(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

fn floats(n: usize, seed: u64) -> Vec<f32> {
    numbers(n, seed).into_iter().map(|x| x as f32).collect()
}

fn access(buffer: usize, dtype: DType, first: usize, strides: &[isize]) -> Access {
    Access { buffer, dtype, offset: first * dtype.size(), strides: strides.to_vec() }
}

fn row_major(shape: &[usize]) -> Vec<isize> {
    (0..shape.len()).map(|a| shape[a + 1..].iter().product::<usize>() as isize).collect()
}

fn whole(buffer: usize, dtype: DType, shape: &[usize]) -> Whole {
    Whole { access: access(buffer, dtype, 0, &row_major(shape)), shape: shape.to_vec() }
}

fn bytes<T: Pod>(values: &[T]) -> Vec<u8> {
    cast_slice(values).to_vec()
}

/// Runs a kernel on inputs and on zeroed outputs of these sizes, with one thread and with two, which must agree.
fn run(kernel: KernelDesc, inputs: &[Vec<u8>], outputs: &[usize]) -> Vec<Vec<u8>> {
    let slot = |bytes: usize, writable: bool| Slot { bytes, writable };
    let slots = inputs.iter().map(|x| slot(x.len(), false)).chain(outputs.iter().map(|&n| slot(n, true)));
    let desc = ProgramDesc { slots: slots.collect(), kernels: vec![kernel], ..ProgramDesc::default() };
    let program = CpuBackend.compile(desc).expect("a program that fits");
    let inputs: Vec<Storage> = inputs.iter().map(|x| Storage::from_bytes(x).unwrap()).collect();
    let mut results = Vec::new();
    for threads in [1, 2] {
        set_threads(threads);
        let mut outputs: Vec<Storage> = outputs.iter().map(|&n| Storage::zeroed(n).unwrap()).collect();
        let mut args: Vec<Arg> =
            inputs.iter().map(|x| Arg::Read(x, 0)).chain(outputs.iter_mut().map(Arg::Write)).collect();
        program.run(&mut args).expect("nothing at fault");
        results.push(outputs.iter().map(|o| o.bytes().to_vec()).collect::<Vec<_>>());
    }
    assert!(results[0] == results[1], "the number of threads changes results");
    results.swap_remove(0)
}

fn close(got: &[u8], want: &[f64], tolerance: f64) {
    let got: &[f32] =
        &got.chunks_exact(4).map(|b| f32::from_ne_bytes(b.try_into().unwrap())).collect::<Vec<_>>();
    assert_eq!(got.len(), want.len());
    for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
        let error = (f64::from(g) - w).abs();
        assert!(error <= tolerance * w.abs().max(1.0), "element {i}: got {g}, expected {w}");
    }
}

#[test]
fn loops_over_every_layout() {
    let shape = [3, size(2500, 700)];
    let [rows, columns] = shape;
    let n = rows * columns;
    // The input as it lies, from its end to its start, one row for all, one element for all, every other element.
    let layouts: [(usize, [isize; 2]); 5] = [
        (0, [columns as isize, 1]),
        (n - 1, [-(columns as isize), -1]),
        (0, [0, 1]),
        (5, [0, 0]),
        (1, [2 * columns as isize, 2]),
    ];
    let x = floats(2 * n, 1);
    for (first, strides) in layouts {
        let (a, b) = (Expr::input(0, DType::F32), Expr::input(1, DType::F32));
        let expr = (a.clone() + b) * a.unary(UnaryFn::Exp);
        let inputs =
            vec![access(0, DType::F32, first, &strides), access(1, DType::F32, 0, &row_major(&shape))];
        let output = Output { expr, access: access(2, DType::F32, 0, &row_major(&shape)), reduce: None };
        let l = Loop { shape: shape.to_vec(), reduced: vec![false; 2], inputs, outputs: vec![output] };
        let got = run(KernelDesc::Loop(l), &[bytes(&x), bytes(&x[..n])], &[4 * n]);
        let want: Vec<f64> = (0..n)
            .map(|i| {
                let place = first as isize
                    + (i / columns) as isize * strides[0]
                    + (i % columns) as isize * strides[1];
                let (a, b) = (f64::from(x[place as usize]), f64::from(x[i]));
                (a + b) * a.exp()
            })
            .collect();
        close(&got[0], &want, 1e-6);
    }
}

#[test]
fn narrow_types_are_widened_and_narrowed() {
    let n = size(3000, 600);
    for dtype in
        [DType::Bool, DType::U8, DType::I8, DType::U16, DType::I16, DType::U32, DType::BF16, DType::F16]
    {
        let bits: Vec<u8> = match dtype {
            DType::Bool => (0..n).map(|i| (i % 2) as u8).collect(),
            DType::BF16 => {
                bytes(&floats(n, 2).iter().map(|&x| bf16::from_f32(x).to_bits()).collect::<Vec<_>>())
            }
            _ => (0..n * dtype.size()).map(|i| (i % 59) as u8).collect(),
        };
        for step in [1isize, -1] {
            let first = if step < 0 { n - 1 } else { 0 };
            let from = access(0, dtype, first, &[step]);
            let to = access(1, dtype, first, &[step]);
            let output =
                Output { expr: Expr::input(0, dtype).max(Expr::input(0, dtype)), access: to, reduce: None };
            let l = Loop { shape: vec![n], reduced: vec![false], inputs: vec![from], outputs: vec![output] };
            assert_eq!(
                run(KernelDesc::Loop(l), std::slice::from_ref(&bits), &[bits.len()])[0],
                bits,
                "{dtype}"
            );
        }
    }
}

/// What a reduction makes of a matrix, in `float64`.
fn reduced(f: ReduceFn, x: &[f32], [rows, columns]: [usize; 2], along: [bool; 2]) -> Vec<f64> {
    let start = match f {
        ReduceFn::Sum => 0.0,
        ReduceFn::Prod => 1.0,
        ReduceFn::Max => f64::NEG_INFINITY,
        ReduceFn::Min => f64::INFINITY,
    };
    let kept = [if along[0] { 1 } else { rows }, if along[1] { 1 } else { columns }];
    let mut out = vec![start; kept[0] * kept[1]];
    for i in 0..rows {
        for j in 0..columns {
            let at = (if along[0] { 0 } else { i }) * kept[1] + if along[1] { 0 } else { j };
            let v = f64::from(x[i * columns + j]);
            out[at] = match f {
                ReduceFn::Sum => out[at] + v,
                ReduceFn::Prod => out[at] * v,
                ReduceFn::Max => out[at].max(v),
                ReduceFn::Min => out[at].min(v),
            };
        }
    }
    out
}

#[test]
fn reductions_of_every_kind() {
    let shapes = [
        [3, size(5000, 600)],
        [size(5000, 60), 3],
        [size(40, 12), 65],
        [1, size(200_000, 900)],
        [size(3000, 40), 20],
    ];
    for shape in shapes {
        let n = shape[0] * shape[1];
        let x: Vec<f32> = floats(n, 3).iter().map(|x| 1.0 + x / 64.0).collect();
        for f in [ReduceFn::Sum, ReduceFn::Prod, ReduceFn::Max, ReduceFn::Min] {
            for along in [[false, true], [true, false], [true, true]] {
                let want = reduced(f, &x, shape, along);
                let kept = [if along[0] { 1 } else { shape[0] }, if along[1] { 1 } else { shape[1] }];
                let mut strides = row_major(&kept);
                (0..2).filter(|&a| along[a]).for_each(|a| strides[a] = 0);
                // As it lies in memory, and computed first: the same bits.
                let mut seen = Vec::new();
                let plain = Expr::input(0, DType::F32);
                for expr in [plain.clone(), plain.clone().max(plain.clone())] {
                    let access_out = access(1, DType::F32, 0, &strides);
                    let outputs = vec![Output { expr, access: access_out, reduce: Some(f) }];
                    let inputs = vec![access(0, DType::F32, 0, &row_major(&shape))];
                    let l = Loop { shape: shape.to_vec(), reduced: along.to_vec(), inputs, outputs };
                    seen.push(run(KernelDesc::Loop(l), &[bytes(&x)], &[4 * want.len()]).swap_remove(0));
                    let largest = want.iter().fold(1.0f64, |a, b| a.max(b.abs()));
                    if largest.is_finite() && largest < 1e30 {
                        close(&seen[seen.len() - 1], &want, 1e-6);
                    }
                }
                assert!(seen[0] == seen[1], "{f:?} of {shape:?} along {along:?}");
            }
        }
    }
}

#[test]
fn softmax_of_rows() {
    for [rows, length] in [
        [size(300, 9), size(700, 70)],
        [size(70, 4), size(1003, 101)],
        [3, size(40_000, 600)],
        [size(900, 40), 3],
    ] {
        let n = rows * length;
        let mut x: Vec<f32> = floats(n, 4).iter().map(|x| 20.0 * x).collect();
        x[length..length + 2].copy_from_slice(&[f32::NEG_INFINITY, -1e30]);
        for log in [false, true] {
            let kernel = KernelDesc::Special {
                kernel: Kernel::Softmax { log },
                inputs: vec![whole(0, DType::F32, &[rows, length])],
                outputs: vec![whole(1, DType::F32, &[rows, length])],
            };
            let got = run(kernel, &[bytes(&x)], &[4 * n]).swap_remove(0);
            let mut want = Vec::new();
            for row in x.chunks_exact(length) {
                let top = row.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(f64::from(b)));
                let total: f64 = row.iter().map(|&v| (f64::from(v) - top).exp()).sum();
                let value = |&v: &f32| match log {
                    true => f64::from(v) - top - total.ln(),
                    false => (f64::from(v) - top).exp() / total,
                };
                want.extend(row.iter().map(value));
            }
            if log {
                let infinite =
                    got.chunks_exact(4).position(|b| f32::from_ne_bytes(b.try_into().unwrap()).is_infinite());
                assert_eq!(infinite, Some(length));
                let mut finite = got.clone();
                finite[4 * length..4 * length + 4].fill(0);
                want[length] = 0.0;
                close(&finite, &want, 1e-6);
            } else {
                close(&got, &want, 1e-6);
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "bits are compared, and Miri's NaNs have any")]
fn softmax_of_odd_rows() {
    let length = 1000;
    let rows = 40;
    let mut x = floats(rows * length, 5);
    x[3] = f32::NAN;
    x[length + 999] = f32::INFINITY;
    x[2 * length..3 * length].fill(f32::NEG_INFINITY);
    x[3 * length..4 * length].fill(7.0);
    let kernel = KernelDesc::Special {
        kernel: Kernel::Softmax { log: false },
        inputs: vec![whole(0, DType::F32, &[rows, length])],
        outputs: vec![whole(1, DType::F32, &[rows, length])],
    };
    let got = run(kernel, &[bytes(&x)], &[4 * rows * length]).swap_remove(0);
    let got: Vec<f32> = got.chunks_exact(4).map(|b| f32::from_ne_bytes(b.try_into().unwrap())).collect();
    assert!(got[..length].iter().all(|v| v.is_nan()));
    // As the formula has it: zero over infinity, and no number where the infinity stands.
    assert!(got[length + 999].is_nan());
    assert!(got[2 * length..3 * length].iter().all(|v| v.is_nan()));
    assert!(got[3 * length..4 * length].iter().all(|&v| (v - 1e-3).abs() < 1e-9));
}

#[test]
fn copies_that_turn_axes() {
    let (rows, columns) = (size(300, 37), size(500, 45));
    let n = rows * columns;
    for dtype in [DType::U8, DType::I16, DType::F32, DType::F64] {
        let width = dtype.size();
        let x: Vec<u8> = (0..n * width).map(|i| (i * 7 % 251) as u8).collect();
        let shape = vec![columns, rows];
        let from = access(0, dtype, 0, &[1, columns as isize]);
        let output = Output {
            expr: Expr::input(0, dtype),
            access: access(1, dtype, 0, &row_major(&shape)),
            reduce: None,
        };
        let l = Loop { shape, reduced: vec![false; 2], inputs: vec![from], outputs: vec![output] };
        let got = run(KernelDesc::Loop(l), std::slice::from_ref(&x), &[x.len()]).swap_remove(0);
        for i in 0..rows {
            for j in 0..columns {
                let (a, b) = ((i * columns + j) * width, (j * rows + i) * width);
                assert_eq!(x[a..a + width], got[b..b + width], "{dtype}: {i}, {j}");
            }
        }
    }
}

#[test]
fn products_with_work_behind_them() {
    let shapes = [
        ((size(40, 9), 30, size(50, 21)), false),
        ((size(33, 17), size(784, 40), size(64, 32)), true),
        ((1, 20, 70), false),
    ];
    for ((m, k, n), zeros) in shapes {
        for (turned, stored) in [(false, true), (true, true), (false, false)] {
            let mut a = floats(m * k, 6);
            a.iter_mut().enumerate().filter(|(i, _)| zeros && i % 7 != 0).for_each(|(_, x)| *x = 0.0);
            let (b, bias) = (floats(k * n, 7), floats(n, 8));
            let a_strides = if turned { [1, m as isize] } else { [k as isize, 1] };
            let shape = vec![m, n];
            let product = Expr::input(0, DType::F32);
            let expr = (product + Expr::input(1, DType::F32)).max(Expr::constant(0.0, DType::F32));
            let out = access(3, DType::F32, 0, &[n as isize, 1]);
            let epilogue = Loop {
                shape,
                reduced: vec![false; 2],
                inputs: vec![out.clone(), access(2, DType::F32, 0, &[0, 1])],
                outputs: vec![Output {
                    expr,
                    access: access(4, DType::F32, 0, &[n as isize, 1]),
                    reduce: None,
                }],
            };
            let kernel = KernelDesc::MatMul(MatMul {
                batch: vec![],
                m,
                n,
                k,
                a: access(0, DType::F32, 0, &a_strides),
                b: access(1, DType::F32, 0, &[n as isize, 1]),
                out: stored.then_some(out),
                constant_b: false,
                dtype: DType::F32,
                epilogue: Some(epilogue),
            });
            let place = |i: usize, x: usize| if turned { x * m + i } else { i * k + x };
            let sum = |i: usize, j: usize| -> f64 {
                (0..k).map(|x| f64::from(a[place(i, x)]) * f64::from(b[x * n + j])).sum()
            };
            let products: Vec<f64> = (0..m * n).map(|e| sum(e / n, e % n)).collect();
            let want: Vec<f64> =
                products.iter().enumerate().map(|(e, p)| (p + f64::from(bias[e % n])).max(0.0)).collect();
            let got = run(kernel, &[bytes(&a), bytes(&b), bytes(&bias)], &[4 * m * n, 4 * m * n]);
            if stored {
                close(&got[0], &products, 1e-5);
            }
            close(&got[1], &want, 1e-5);
        }
    }
}

#[test]
fn products_of_other_types() {
    let (batch, m, k, n) = (2, 5, 9, 21);
    let (a, b) = (numbers(batch * m * k, 9), numbers(k * n, 10));
    for dtype in [DType::F64, DType::BF16, DType::I64, DType::I32, DType::I8, DType::Bool] {
        let narrow = |values: &[f64]| -> (Vec<u8>, Vec<f64>) {
            let mut exact = Vec::new();
            let mut memory = Vec::new();
            for v in values {
                let whole = (v * 3.0).round();
                match dtype {
                    DType::F64 => (memory.extend(v.to_ne_bytes()), exact.push(*v)),
                    DType::BF16 => {
                        let x = bf16::from_f64(*v);
                        (memory.extend(x.to_bits().to_ne_bytes()), exact.push(x.to_f64()))
                    }
                    DType::I64 => (memory.extend((whole as i64).to_ne_bytes()), exact.push(whole)),
                    DType::I32 => (memory.extend((whole as i32).to_ne_bytes()), exact.push(whole)),
                    DType::I8 => (memory.extend((whole as i8).to_ne_bytes()), exact.push(whole)),
                    _ => (memory.push(u8::from(*v > 0.0)), exact.push(f64::from(u8::from(*v > 0.0)))),
                };
            }
            (memory, exact)
        };
        let ((a_bytes, a), (b_bytes, b)) = (narrow(&a), narrow(&b));
        let kernel = KernelDesc::MatMul(MatMul {
            batch: vec![batch],
            m,
            n,
            k,
            a: access(0, dtype, 0, &[(m * k) as isize, k as isize, 1]),
            b: access(1, dtype, 0, &[0, n as isize, 1]),
            out: Some(access(2, dtype, 0, &[(m * n) as isize, n as isize, 1])),
            constant_b: false,
            dtype,
            epilogue: None,
        });
        let got = run(kernel, &[a_bytes, b_bytes], &[batch * m * n * dtype.size()]).swap_remove(0);
        for (e, element) in got.chunks_exact(dtype.size()).enumerate() {
            let (row, j) = (e / n, e % n);
            let want: f64 = (0..k).map(|x| a[row * k + x] * b[x * n + j]).sum();
            let (got, tolerance) = match dtype {
                DType::F64 => (f64::from_ne_bytes(element.try_into().unwrap()), 1e-14),
                DType::BF16 => {
                    (f64::from(bf16::from_bits(u16::from_ne_bytes(element.try_into().unwrap()))), 0.02)
                }
                DType::I64 => (i64::from_ne_bytes(element.try_into().unwrap()) as f64, 0.0),
                DType::I32 => (f64::from(i32::from_ne_bytes(element.try_into().unwrap())), 0.0),
                DType::I8 => (f64::from(element[0] as i8), 0.0),
                _ => (f64::from(element[0]), 0.0),
            };
            let want = if dtype == DType::Bool { want.min(1.0) } else { want };
            assert!((got - want).abs() <= tolerance, "{dtype}: got {got}, expected {want}");
        }
    }
}

/// Products of half floats lie any way in memory, and the work behind them sees them rounded whether they are stored or not.
#[test]
fn products_of_half_floats() {
    let shapes = [
        (5, 9, 21, false),
        (size(128, 9), size(784, 20), size(96, 18), true),
        (64, 33, 70, true),
        (1, 40, 130, false),
    ];
    for (m, k, n, zeros) in shapes.into_iter().take(size(4, 2)) {
        for (dtype, epsilon) in [(DType::BF16, 1.0 / 256.0), (DType::F16, 1.0 / 2048.0)] {
            let half = |x: f32| match dtype {
                DType::BF16 => (bf16::from_f32(x).to_bits(), bf16::from_f32(x).to_f32()),
                _ => (f16::from_f32(x).to_bits(), f16::from_f32(x).to_f32()),
            };
            let mut a = floats(m * k, 6);
            a.iter_mut().enumerate().filter(|(i, _)| zeros && i % 7 != 0).for_each(|(_, x)| *x = 0.0);
            let of = |x: &[f32]| -> (Vec<u16>, Vec<f32>) { x.iter().map(|x| half(*x)).unzip() };
            let (a_wide, b_wide) = (a, floats(k * n, 7));
            let ((a_bits, a), (b_bits, b)) = (of(&a_wide), of(&b_wide));
            let strides = |turned: bool, rows: usize, columns: usize| {
                if turned { [1, rows as isize] } else { [columns as isize, 1] }
            };
            let turned = [(true, false), (false, true), (false, false), (true, true)];
            for (a_turned, b_turned) in turned.into_iter().take(size(4, 2)) {
                let (x, y) = (strides(a_turned, m, k), strides(b_turned, k, n));
                let mut last: Option<Vec<u8>> = None;
                for (stored, rounds) in [(true, false), (false, false), (true, true), (false, true)] {
                    if rounds && dtype != DType::BF16 {
                        continue;
                    }
                    let of = if rounds { DType::F32 } else { dtype };
                    let out = access(2, dtype, 0, &[n as isize, 1]);
                    let expr = Expr::input(0, dtype).cast(DType::F32) * Expr::constant(2.0, DType::F32);
                    let epilogue = Loop {
                        shape: vec![m, n],
                        reduced: vec![false; 2],
                        inputs: vec![out.clone()],
                        outputs: vec![Output {
                            expr,
                            access: access(3, DType::F32, 0, &[n as isize, 1]),
                            reduce: None,
                        }],
                    };
                    let kernel = KernelDesc::MatMul(MatMul {
                        batch: vec![],
                        m,
                        n,
                        k,
                        a: access(0, of, 0, &x),
                        b: access(1, of, 0, &y),
                        out: stored.then_some(out),
                        constant_b: false,
                        dtype,
                        epilogue: Some(epilogue),
                    });
                    let inputs = match rounds {
                        true => [bytes(&a_wide), bytes(&b_wide)],
                        false => [bytes(&a_bits), bytes(&b_bits)],
                    };
                    let got = run(kernel, &inputs, &[2 * m * n, 4 * m * n]);
                    let doubled = got[1].chunks_exact(4).map(|x| f32::from_ne_bytes(x.try_into().unwrap()));
                    for (e, doubled) in doubled.enumerate() {
                        let at = |s: [isize; 2], i: usize, j: usize| i * s[0] as usize + j * s[1] as usize;
                        let term = |l: usize| f64::from(a[at(x, e / n, l)]) * f64::from(b[at(y, l, e % n)]);
                        let (want, size): (f64, f64) =
                            (0..k).fold((0.0, 0.0), |(s, t), l| (s + term(l), t + term(l).abs()));
                        let off = (f64::from(doubled) / 2.0 - want).abs();
                        assert!(
                            off <= epsilon * want.abs() + 1e-6 * size,
                            "{dtype}: {doubled} / 2, not {want}"
                        );
                        if stored {
                            let product = u16::from_ne_bytes([got[0][2 * e], got[0][2 * e + 1]]);
                            assert_eq!(half(doubled / 2.0), (product, doubled / 2.0), "{dtype}");
                        }
                    }
                    assert!(
                        last.replace(got[1].clone()).is_none_or(|l| l == got[1]),
                        "{dtype}: stored or not, rounded or not"
                    );
                }
            }
        }
    }
}

#[test]
fn kernels_on_whole_tensors() {
    let (rows, columns) = (size(400, 6), 50);
    let n = rows * columns;
    let x = floats(n, 11);
    let special = |kernel: Kernel, inputs: &[(&[u8], DType, &[usize])], outputs: &[(DType, &[usize])]| {
        let ins = inputs.iter().enumerate().map(|(i, x)| whole(i, x.1, x.2)).collect();
        let at = inputs.len();
        let outs = outputs.iter().enumerate().map(|(i, o)| whole(at + i, o.0, o.1)).collect();
        let sizes: Vec<usize> = outputs.iter().map(|o| o.1.iter().product::<usize>() * o.0.size()).collect();
        let memory: Vec<Vec<u8>> = inputs.iter().map(|x| x.0.to_vec()).collect();
        run(KernelDesc::Special { kernel, inputs: ins, outputs: outs }, &memory, &sizes).swap_remove(0)
    };
    let (memory, shape) = (bytes(&x), [rows, columns]);
    let of_x: &[(&[u8], DType, &[usize])] = &[(&memory, DType::F32, &shape)];
    let sorted = special(Kernel::Sort, of_x, &[(DType::F32, &shape)]);
    let order = special(Kernel::ArgSort { descending: true }, of_x, &[(DType::I64, &shape)]);
    let largest = special(Kernel::ArgReduce { largest: true, axis: 1 }, of_x, &[(DType::I64, &[rows])]);
    let order: Vec<i64> = order.chunks_exact(8).map(|b| i64::from_ne_bytes(b.try_into().unwrap())).collect();
    let largest: Vec<i64> =
        largest.chunks_exact(8).map(|b| i64::from_ne_bytes(b.try_into().unwrap())).collect();
    let mut want = x.clone();
    for (i, row) in want.chunks_exact_mut(columns).enumerate() {
        row.sort_by(f32::total_cmp);
        assert_eq!(x[i * columns + order[i * columns] as usize], row[columns - 1]);
        assert_eq!(largest[i], order[i * columns]);
    }
    close(&sorted, &want.iter().map(|&v| f64::from(v)).collect::<Vec<_>>(), 0.0);

    let places: Vec<i64> = (0..rows).map(|i| if i % 3 == 0 { -1 } else { (i * 5 % rows) as i64 }).collect();
    let indices = bytes(&places);
    let taken = special(
        Kernel::Gather { axis: 0 },
        &[(&memory, DType::F32, &shape), (&indices, DType::I64, &[rows])],
        &[(DType::F32, &shape)],
    );
    let back = special(
        Kernel::ScatterAdd { axis: 0, size: rows },
        &[(&indices, DType::I64, &[rows]), (&taken, DType::F32, &shape)],
        &[(DType::F32, &shape)],
    );
    let (mut gathered, mut scattered) = (Vec::new(), vec![0.0; n]);
    for &place in &places {
        let row = place.rem_euclid(rows as i64) as usize * columns;
        for j in 0..columns {
            gathered.push(f64::from(x[row + j]));
            scattered[row + j] += f64::from(x[row + j]);
        }
    }
    close(&taken, &gathered, 0.0);
    close(&back, &scattered, 1e-4);

    let sums =
        special(Kernel::Scan { axis: 1, product: false, reverse: true }, of_x, &[(DType::F32, &shape)]);
    let mut want = Vec::new();
    for row in x.chunks_exact(columns) {
        want.extend((0..columns).map(|j| row[j..].iter().map(|&v| f64::from(v)).sum::<f64>()));
    }
    close(&sums, &want, 1e-5);
}

#[test]
fn an_input_may_be_the_output() {
    // In place: `x = x * 2 + x` over a buffer that is written.
    let n = size(5000, 700);
    let x = floats(n, 12);
    let e = Expr::input(0, DType::F32);
    let expr = e.clone().binary(BinaryFn::Mul, e.like(2.0)) + e;
    let own = access(0, DType::F32, 0, &[1]);
    let l = Loop {
        shape: vec![n],
        reduced: vec![false],
        inputs: vec![own.clone()],
        outputs: vec![Output { expr, access: own, reduce: None }],
    };
    let desc = ProgramDesc {
        slots: vec![Slot { bytes: 4 * n, writable: true }],
        kernels: vec![KernelDesc::Loop(l)],
        ..ProgramDesc::default()
    };
    let program = CpuBackend.compile(desc).unwrap();
    let mut memory = Storage::from_bytes(cast_slice(&x)).unwrap();
    set_threads(2);
    program.run(&mut [Arg::Write(&mut memory)]).unwrap();
    close(memory.bytes(), &x.iter().map(|&v| 3.0 * f64::from(v)).collect::<Vec<_>>(), 1e-6);
}

/// Runs a loop of one axis over numbers of which the program may write all, and gives them afterwards.
fn run_in_place(inputs: &[Vec<f32>], written: &[(usize, Expr)]) -> Vec<Vec<f32>> {
    let n = inputs[0].len();
    let own = |i: usize| access(i, DType::F32, 0, &[1]);
    let output = |(i, expr): &(usize, Expr)| Output { expr: expr.clone(), access: own(*i), reduce: None };
    let l = Loop {
        shape: vec![n],
        reduced: vec![false],
        inputs: (0..inputs.len()).map(own).collect(),
        outputs: written.iter().map(output).collect(),
    };
    let slots = inputs.iter().map(|x| Slot { bytes: 4 * x.len(), writable: true }).collect();
    let desc = ProgramDesc { slots, kernels: vec![KernelDesc::Loop(l)], ..ProgramDesc::default() };
    let program = CpuBackend.compile(desc).unwrap();
    let mut memory: Vec<Storage> =
        inputs.iter().map(|x| Storage::from_bytes(cast_slice(x)).unwrap()).collect();
    program.run(&mut memory.iter_mut().map(Arg::Write).collect::<Vec<_>>()).unwrap();
    let floats =
        |s: &Storage| s.bytes().chunks_exact(4).map(|b| f32::from_ne_bytes(b.try_into().unwrap())).collect();
    memory.iter().map(floats).collect()
}

#[test]
fn updates_of_optimizers_in_place() {
    set_threads(2);
    let input = |i| Expr::input(i, DType::F32);
    let number = |k: f64| Expr::constant(k, DType::F32);
    for n in [1, 15, 16, 50, 512, 530, size(70_000, 1100)] {
        let [g, w, m] = [1, 2, 3].map(|seed| floats(n, seed));
        let [v, rate] = [4, 5].map(|seed| floats(n, seed).iter().map(|x| x.abs()).collect::<Vec<f32>>());
        let before = [g, w, m, v, rate];
        let [g, w, m, v, rate] = [0, 1, 2, 3, 4].map(input);
        let sqrt = |e: Expr| e.unary(UnaryFn::Sqrt);
        // RMSprop: a mean of squares, and a step from the new one.
        let mean = v.clone() * number(0.9) + g.clone() * g.clone() * number(0.1);
        let next = w.clone() - rate.clone() * g.clone() / sqrt(mean.clone() + number(1e-7));
        let rmsprop = run_in_place(&before, &[(3, mean), (1, next)]);
        // Adam: two means.
        let mean = m.clone() + (g.clone() - m.clone()) * number(0.1);
        let squares = v.clone() + (g.clone() * g.clone() - v.clone()) * number(0.001);
        let next = w.clone() - mean.clone() * rate.clone() / (sqrt(squares.clone()) + number(1e-7));
        let adam = run_in_place(&before, &[(2, mean), (3, squares), (1, next)]);
        // The step is taken from the old mean, which must not be gone by then.
        let mean = v.clone() * number(0.9) + g.clone() * number(0.1);
        let next = w - rate * g / sqrt(v + number(1e-7));
        let late = run_in_place(&before, &[(3, mean), (1, next)]);
        for i in 0..n {
            let [g, w, m, v, rate] = before.each_ref().map(|x| x[i]);
            let mean = v * 0.9 + g * g * 0.1;
            assert_eq!(rmsprop[3][i].to_bits(), mean.to_bits(), "{n} {i}");
            assert_eq!(rmsprop[1][i].to_bits(), (w - rate * g / (mean + 1e-7).sqrt()).to_bits(), "{n} {i}");
            let (mean, squares) = (m + (g - m) * 0.1, v + (g * g - v) * 0.001);
            assert_eq!(adam[2][i].to_bits(), mean.to_bits(), "{n} {i}");
            assert_eq!(adam[3][i].to_bits(), squares.to_bits(), "{n} {i}");
            assert_eq!(
                adam[1][i].to_bits(),
                (w - mean * rate / (squares.sqrt() + 1e-7)).to_bits(),
                "{n} {i}"
            );
            assert_eq!(late[3][i].to_bits(), (v * 0.9 + g * 0.1).to_bits(), "{n} {i}");
            assert_eq!(late[1][i].to_bits(), (w - rate * g / (v + 1e-7).sqrt()).to_bits(), "{n} {i}");
        }
        assert!(rmsprop[0] == before[0] && adam[4] == before[4]);
    }
}

#[test]
#[cfg_attr(miri, ignore = "too large")]
fn results_larger_than_caches() {
    // Stored past the caches, beside a sum over rows that are no whole lines.
    for (shape, along) in [([7, 1_000_003], [false, true]), ([1_000_003, 7], [true, false])] {
        let [rows, columns] = shape;
        let n = rows * columns;
        let x = floats(n, 13);
        let expr = Expr::input(0, DType::F32) + Expr::constant(1.0, DType::F32);
        let own = |buffer| access(buffer, DType::F32, 0, &row_major(&shape));
        let kept = if along[0] { columns } else { rows };
        let strides = if along[0] { [0, 1] } else { [1, 0] };
        let outputs = vec![
            Output { expr: expr.clone(), access: own(1), reduce: None },
            Output { expr, access: access(2, DType::F32, 0, &strides), reduce: Some(ReduceFn::Sum) },
        ];
        let l = Loop {
            shape: shape.to_vec(),
            reduced: along.to_vec(),
            inputs: vec![own(0)],
            outputs: outputs.clone(),
        };
        let got = run(KernelDesc::Loop(l), &[bytes(&x)], &[4 * n, 4 * kept]);
        let mut sums = vec![0.0; kept];
        for (i, &v) in x.iter().enumerate() {
            let stored = f32::from_ne_bytes(got[0][4 * i..4 * i + 4].try_into().unwrap());
            assert_eq!(stored, v + 1.0);
            sums[if along[0] { i % columns } else { i / columns }] += f64::from(v + 1.0);
        }
        close(&got[1], &sums, 1e-6);
        let l = Loop {
            shape: shape.to_vec(),
            reduced: vec![false; 2],
            inputs: vec![own(0)],
            outputs: outputs[..1].to_vec(),
        };
        assert!(run(KernelDesc::Loop(l), &[bytes(&x)], &[4 * n])[0] == got[0]);
    }
}
