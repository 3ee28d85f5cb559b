//! Compiled functions give the same bits as eager ones.

use rhyton_graph::{Function, compiled};
use rhyton_ops::{Domain, Meta, registry};
use rhyton_runtime::Generator;
use rhyton_tensor::{DType, GradientTape, SeedGenerator, Tensor, Variable, apply, ops};

fn random(shape: &[usize], seed: u64) -> Tensor {
    let mut g = Generator::new(seed);
    let n = shape.iter().product();
    let values: Vec<f32> = (0..n).map(|_| (2.0 * g.uniform() - 1.0) as f32).collect();
    Tensor::from_slice(&values, shape).unwrap()
}

fn same(what: &str, a: &Tensor, b: &Tensor) {
    assert!(a.bit_equal(b), "{what}: {:?} and {:?}", a.to_f64s().unwrap(), b.to_f64s().unwrap());
}

/// Runs `f` eagerly and compiled on the same arguments and compares all results.
fn check(what: &str, inputs: &[Tensor], f: impl Fn(&[Tensor]) -> Vec<Tensor>) -> Function {
    let eager = f(inputs);
    let metas: Vec<Meta> = inputs.iter().map(Tensor::meta).collect();
    let function = Function::trace(&metas, |x| Ok(f(x))).unwrap_or_else(|e| panic!("{what}: {e}"));
    for _ in 0..2 {
        let got = function.call(&inputs.iter().collect::<Vec<_>>()).unwrap();
        for (i, (a, b)) in got.iter().zip(&eager).enumerate() {
            same(&format!("{what}, result {i}"), a, b);
        }
    }
    function
}

#[test]
fn every_operation() {
    for entry in registry::ALL {
        for sample in (entry.samples)() {
            let mut g = Generator::new(3);
            let inputs: Vec<Tensor> = sample
                .inputs
                .iter()
                .map(|d| match d {
                    Domain::Uniform { shape, low, high } => {
                        let n = shape.iter().product();
                        let v: Vec<f64> = (0..n).map(|_| low + (high - low) * g.uniform()).collect();
                        Tensor::from_slice(&v, shape).unwrap()
                    }
                    Domain::Exact { dtype, shape, values } => {
                        Tensor::from_slice(values, shape).unwrap().cast(DType::I64).cast(*dtype)
                    }
                })
                .collect();
            check(entry.name, &inputs, |x| apply(sample.op.clone(), x).unwrap());
        }
    }
}

#[test]
fn softmax_of_large_tensors() {
    // Rows that fill blocks and some that are left, rows longer than a block, one row, special numbers.
    for shape in [[301, 500], [3, 70_001], [1, 40_000], [40_000, 1]] {
        let mut x = random(&shape, 11) * 20.0;
        if shape[0] == 301 {
            let row = Tensor::from_slice(&[f32::INFINITY, f32::NEG_INFINITY, 0.0, f32::NAN], [4]).unwrap();
            x = ops::slice_update(&x, &[7, 0], &row.reshape([1, 4]).unwrap()).unwrap();
        }
        let log = ops::log_softmax(&x, -1).unwrap();
        check("softmax", &[x.clone()], |x| {
            vec![ops::softmax(&x[0], -1).unwrap(), ops::log_softmax(&x[0], -1).unwrap()]
        });
        let (x, y) = (x.to_f64s().unwrap(), ops::softmax(&x, -1).unwrap().to_f64s().unwrap());
        let log = log.to_f64s().unwrap();
        for (row, x) in x.chunks(shape[1]).enumerate() {
            let top = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let total: f64 = x.iter().map(|v| (v - top).exp()).sum();
            for (k, v) in x.iter().enumerate() {
                let (p, l) = ((v - top).exp() / total, v - top - total.ln());
                let (got, got_log) = (y[row * shape[1] + k], log[row * shape[1] + k]);
                if total.is_nan() {
                    assert!(got.is_nan() && got_log.is_nan());
                    continue;
                }
                // The difference from the largest is rounded once.
                let near = 1e-6 + 6e-8 * (v - top).abs();
                assert!((got - p).abs() <= near * p + 1e-30, "{shape:?} {row} {k}: {got} and {p}");
                assert!(
                    (got_log - l).abs() <= near * l.abs() + 2e-6,
                    "{shape:?} {row} {k}: {got_log} and {l}"
                );
            }
        }
    }
}

#[test]
fn elementwise_chains_become_one_kernel() {
    let x = random(&[33, 70], 1);
    let f = check("chain", &[x], |x| vec![((&x[0] * 2.0 + 1.0).exp() / 3.0).tanh()]);
    assert_eq!(f.kernels().len(), 1, "{f}");
    let x = random(&[40, 10], 2);
    let f = check("softmax", &[x], |x| vec![x[0].softmax(-1).unwrap()]);
    assert_eq!(f.kernels().len(), 3, "{f}");
}

#[test]
fn bounds_join_steps_with_numbers() {
    let special = [f32::NAN, -0.0, 0.0, f32::INFINITY, f32::NEG_INFINITY, 1e-40, -1e-40, 0.5, 2.0, -2.0];
    let x = ops::concatenate(&[&random(&[1000], 4), &Tensor::from(&special[..])], 0).unwrap();
    for dtype in [DType::F32, DType::F64] {
        let x = [x.cast(dtype)];
        check("bounds of the result", &x, |x| vec![(&x[0] * 1.5 - 0.25).relu()]);
        check("both bounds of the result", &x, |x| vec![ops::clip(&(1.0 - &x[0] * 3.0), -0.5, 0.5).unwrap()]);
        check("bounds before", &x, |x| vec![x[0].maximum(0.1).unwrap() * 0.5 + 2.0]);
        check("bounds before and behind", &x, |x| {
            vec![(x[0].minimum(0.3).unwrap() * -2.0 + 0.5).relu().maximum(0.25).unwrap()]
        });
        // Behind one another they count in their order: everything becomes 0.75, or -0.75.
        check("bounds that exclude each other", &x, |x| {
            let steps = &x[0] * 2.0 + 0.125;
            let low = |x: &Tensor| x.maximum(0.75).unwrap();
            let high = |x: &Tensor| x.minimum(-0.75).unwrap();
            vec![low(&high(&steps)), high(&low(&(&x[0] * 4.0 + 0.5)))]
        });
        check("bounds that others read", &x, |x| {
            let y = (&x[0] * 2.0 + 0.125).relu();
            let z = y.maximum(0.5).unwrap();
            vec![&z * 3.0 - 1.0, &y * &z]
        });
    }
}

#[test]
fn bias_and_activation_join_the_product() {
    let (x, w, b) = (random(&[37, 50], 1), random(&[50, 65], 2), random(&[65], 3));
    let f = check("dense", &[x, w, b], |v| vec![(v[0].matmul(&v[1]).unwrap() + &v[2]).relu()]);
    assert_eq!(f.kernels().len(), 1, "{f}");
}

/// What only products read is rounded by them; what others read as well is rounded once.
#[test]
fn casts_join_the_products() {
    let (x, w, b) = (random(&[37, 51], 1), random(&[51, 65], 2), random(&[65], 3));
    let half = |x: &Tensor| x.cast(DType::BF16);
    let args = [x, w, b];
    let f = check("dense", &args, |v| vec![half(&v[0]).matmul(&half(&v[1])).unwrap() + half(&v[2])]);
    assert_eq!(f.kernels().len(), 2, "{f}");
    let f = check("a cast that is needed", &args, |v| {
        let x = half(&v[0]);
        vec![x.matmul(&half(&v[1])).unwrap(), x.sum(..).unwrap(), half(&v[2])]
    });
    assert_eq!(f.kernels().len(), 3, "{f}");
    let f = check("turned and cut", &args, |v| {
        let (x, w) = (half(&v[0]), half(&v[1]));
        let part = x.i((3..20, 1..50)).unwrap();
        vec![part.t().matmul(&part).unwrap(), w.t().matmul(&w.i((.., 5..)).unwrap()).unwrap()]
    });
    assert_eq!(f.kernels().len(), 2, "{f}");
}

#[test]
fn views_broadcasts_and_reductions_mix() {
    let (x, y) = (random(&[6, 5, 4], 4), random(&[4, 1, 6], 5));
    check("mix", &[x, y], |v| {
        let t = v[0].transpose(&[2, 1, 0]).unwrap();
        let s = &t + &v[1];
        let centred = &s - s.mean(rhyton_tensor::Axes::from([0, 2]).keepdims()).unwrap();
        let flat = centred.reshape([-1, 3]).unwrap();
        vec![
            flat.sum(0).unwrap(),
            centred.max(1).unwrap(),
            flat.t().matmul(&flat).unwrap(),
            s.sum(..).unwrap(),
        ]
    });
}

/// One training step of a two-layer network, written by hand.
struct Net {
    /// What products are computed in.
    compute: DType,
    weights: Vec<Variable>,
    velocity: Vec<Variable>,
    count: Variable,
}

impl Net {
    fn new(compute: DType) -> Net {
        let shapes: [&[usize]; 4] = [&[20, 64], &[64], &[64, 5], &[5]];
        let weights =
            shapes.iter().enumerate().map(|(i, s)| Variable::new(random(s, 10 + i as u64) * 0.3)).collect();
        let velocity = shapes.iter().map(|s| Variable::new(ops::zeros(s, DType::F32).unwrap())).collect();
        Net { compute, weights, velocity, count: Variable::named(Tensor::from(0i32), "count", false) }
    }

    fn step(&self, x: &Tensor, y: &Tensor) -> Tensor {
        let w = &self.weights;
        let cast = |x: &Tensor| x.cast(self.compute);
        let tape = GradientTape::new();
        let h = (cast(x).matmul(&cast(&w[0].value())).unwrap() + cast(&w[1].value())).relu();
        let p = h.matmul(&cast(&w[2].value())).unwrap() + cast(&w[3].value());
        let p = p.cast(DType::F32).softmax(-1).unwrap();
        let hot = ops::one_hot(y, 5, -1, DType::F32).unwrap();
        let loss = -(hot * p.log()).sum(-1).unwrap().mean(..).unwrap();
        let grads = tape.gradients(&loss, w).unwrap();
        for ((w, v), g) in w.iter().zip(&self.velocity).zip(&grads) {
            let velocity = v.value() * 0.9 + g.square() * 0.1;
            v.assign(&velocity).unwrap();
            w.assign_sub(&(g * 0.01 / (velocity + 1e-7).sqrt())).unwrap();
        }
        self.count.assign_add(&Tensor::from(1i32)).unwrap();
        loss
    }
}

#[test]
fn a_training_step_gives_the_same_bits_eager_and_compiled_with_any_number_of_threads() {
    let (x, y) = (random(&[32, 20], 1), (random(&[32], 2).abs() * 5.0).cast(DType::I32));
    for compute in [DType::F32, DType::BF16] {
        let eager = Net::new(compute);
        let losses: Vec<Tensor> = (0..20).map(|_| eager.step(&x, &y)).collect();
        for threads in [1, 2, 3] {
            rhyton_runtime::set_threads(threads);
            let net = Net::new(compute);
            let step = compiled(|v: &[Tensor]| Ok(vec![net.step(&v[0], &v[1])]));
            for expected in &losses {
                let got = step.call(&[x.clone(), y.clone()]).unwrap();
                same("loss", &got[0], expected);
            }
            let (weights, expected) = (&net.weights, &eager.weights);
            let (velocity, expected_velocity) = (&net.velocity, &eager.velocity);
            let pairs = weights.iter().chain(velocity).zip(expected.iter().chain(expected_velocity));
            pairs.for_each(|(a, b)| same("weight", &a.value(), &b.value()));
            assert_eq!(net.count.value().item::<i32>().unwrap(), 20);
        }
    }
}

#[test]
fn state_is_read_and_assigned_in_order() {
    let (a, b) = (Variable::from([1.0f32, 2.0]), Variable::from([10.0f32, 20.0]));
    // Swap, and return what both held before.
    let f = compiled(|_: &[Tensor]| {
        let (x, y) = (a.value(), b.value());
        a.assign(&y)?;
        b.assign(&x)?;
        Ok(vec![x, y, a.value() * 2.0])
    });
    let out = f.call(&[]).unwrap();
    assert_eq!(out[0].to_vec::<f32>().unwrap(), [1.0, 2.0]);
    assert_eq!(out[1].to_vec::<f32>().unwrap(), [10.0, 20.0]);
    assert_eq!(out[2].to_vec::<f32>().unwrap(), [20.0, 40.0]);
    assert_eq!(a.value().to_vec::<f32>().unwrap(), [10.0, 20.0]);
    assert_eq!(b.value().to_vec::<f32>().unwrap(), [1.0, 2.0]);
    // A handle taken before an update keeps its numbers.
    let kept = a.value();
    f.call(&[]).unwrap();
    assert_eq!(kept.to_vec::<f32>().unwrap(), [10.0, 20.0]);
    assert_eq!(a.value().to_vec::<f32>().unwrap(), [1.0, 2.0]);
}

#[test]
fn work_on_one_element_is_one_kernel() {
    // A loss of one sample through views of several ranks, a mean over batches, and a counter that has nothing to do with it.
    let run = |times: usize, step: &dyn Fn(&Tensor) -> Tensor| -> Vec<Tensor> {
        (0..times).map(|i| step(&random(&[1, 1], i as u64))).collect()
    };
    let states = || (Variable::from(0.5f32), Variable::from([0.25f32]), Variable::from(0i32));
    let step = |x: &Tensor, (total, last, count): &(Variable, Variable, Variable)| {
        let loss = (x - 0.25).square().mean(-1).unwrap().mean(..).unwrap();
        total.assign_add(&(&loss * 2.0 + last.value().reshape([0i64; 0]).unwrap())).unwrap();
        last.assign(&loss.reshape([1]).unwrap()).unwrap();
        count.assign_add(&Tensor::from(1i32)).unwrap();
        loss * total.value()
    };
    let (a, b) = (states(), states());
    let eager = run(3, &|x| step(x, &a));
    let f = Function::trace(&[Meta::new(DType::F32, [1, 1])], |x| Ok(vec![step(&x[0], &b)])).unwrap();
    let got = run(3, &|x| f.call(&[x]).unwrap().remove(0));
    got.iter().zip(&eager).for_each(|(a, b)| same("loss", a, b));
    same("total", &b.0.value(), &a.0.value());
    same("last", &b.1.value(), &a.1.value());
    assert_eq!(b.2.value().item::<i32>().unwrap(), 3);
    assert!(f.kernels().len() <= 2, "{:?}", f.kernels());
}

#[test]
fn sums_of_one_element_each_keep_its_bits() {
    let x = Tensor::from([[-0.0f32, 1.5, f32::INFINITY, f32::NEG_INFINITY, 1e-30]]);
    let sum = |x: &[Tensor]| {
        vec![x[0].sum(0).unwrap(), x[0].sum(..).unwrap(), x[0].reshape([5, 1]).unwrap().sum(1).unwrap()]
    };
    check("sum", std::slice::from_ref(&x), sum);
    let sums = sum(&[x]);
    let want = [0.0f32, 1.5, f32::INFINITY, f32::NEG_INFINITY, 1e-30];
    for got in [&sums[0], &sums[2]] {
        let bits = |x: &[f32]| x.iter().map(|v| v.to_bits()).collect::<Vec<u32>>();
        assert_eq!(bits(&got.to_vec::<f32>().unwrap()), bits(&want));
    }
    let narrow = Tensor::from([[true, false]]).sum(0).unwrap();
    assert_eq!(narrow.to_vec::<i32>().unwrap(), [1, 0]);
}

#[test]
fn a_weight_used_by_the_product_that_updates_it() {
    // w <- w + w·w: the product reads what its epilogue would overwrite.
    let w = Variable::new(random(&[8, 8], 7));
    let before = w.value();
    let expected = &before + before.matmul(&before).unwrap();
    let f = compiled(|_: &[Tensor]| {
        let x = w.value();
        w.assign(&(&x + x.matmul(&x)?))?;
        Ok(vec![])
    });
    f.call(&[]).unwrap();
    same("w", &w.value(), &expected);
}

#[test]
fn random_numbers_are_new_each_run_and_the_same_as_eager() {
    let draw = |g: &SeedGenerator| g.normal([50], 0.0, 1.0, DType::F32).unwrap();
    let (eager, traced) = (SeedGenerator::new(Some(5)), SeedGenerator::new(Some(5)));
    let f = compiled(|_: &[Tensor]| Ok(vec![draw(&traced)]));
    let mut last: Option<Tensor> = None;
    for _ in 0..3 {
        let got = f.call(&[]).unwrap().swap_remove(0);
        same("draw", &got, &draw(&eager));
        assert!(last.is_none_or(|l| !l.bit_equal(&got)));
        last = Some(got);
    }
}

#[test]
fn wrong_arguments_are_errors() {
    let f = Function::trace(&[Meta::new(DType::F32, [3])], |x| Ok(vec![x[0].exp()])).unwrap();
    let e = f.call(&[&Tensor::from([1.0f32])]).unwrap_err();
    assert_eq!(e.to_string(), "compiled function: expected float32(3,) as argument 0, got float32(1,)");
    let e = f.call(&[]).unwrap_err();
    assert_eq!(e.to_string(), "compiled function: expected 1 arguments, got 0");
    let g = Function::trace(&[Meta::new(DType::I32, [2])], |x| {
        Ok(vec![ops::take(&Tensor::from([1.0f32, 2.0]), &x[0], 0)?])
    });
    let e = g.unwrap().call(&[&Tensor::from([0, 7])]).unwrap_err();
    assert!(e.to_string().contains("index 7 is out of range for an axis of size 2"), "{e}");
}

#[test]
fn products_of_every_narrow_shape_with_work_behind_them() {
    for dtype in [DType::F32, DType::F64] {
        for (m, k, n) in [
            (1, 13, 64),
            (13, 1, 64),
            (1, 64, 64),
            (64, 1, 64),
            (1, 64, 1),
            (64, 1, 1),
            (3, 5, 200),
            (200, 3, 65),
        ] {
            let (x, w, b) =
                (random(&[m, k], 1).cast(dtype), random(&[k, n], 2).cast(dtype), random(&[n], 3).cast(dtype));
            let what = format!("{dtype} {m}x{k}x{n}");
            check(&what, &[x.clone(), w.clone(), b.clone()], |v| {
                vec![(v[0].matmul(&v[1]).unwrap() + &v[2]).relu()]
            });
            let (xt, wt) = (x.t().reshape([k, m]).unwrap(), w.t().reshape([n, k]).unwrap());
            check(&format!("{what}, transposed"), &[xt, wt, b], |v| {
                let z = v[0].t().matmul(&v[1].t()).unwrap();
                vec![(&z + &v[2]).exp(), z.square() - 1.0]
            });
        }
    }
}
