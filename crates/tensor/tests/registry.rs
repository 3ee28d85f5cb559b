//! Walks the registry of operations: known answers, and gradients against finite differences to second order.

use rhyton_ops::{Domain, Sample, registry};
use rhyton_runtime::Generator;
use rhyton_tensor::{DType, GradientTape, Tensor, apply, no_gradient, ops};

fn draw(domain: &Domain, g: &mut Generator) -> Tensor {
    match domain {
        Domain::Uniform { shape, low, high } => {
            let n: usize = shape.iter().product();
            let values: Vec<f64> = (0..n).map(|_| low + (high - low) * g.uniform()).collect();
            Tensor::from_slice(&values, shape).unwrap()
        }
        Domain::Exact { dtype, shape, values } => {
            let x = Tensor::from_slice(values, shape).unwrap();
            // Through int64, so that large uint32 values survive.
            if dtype.is_integer() { x.cast(DType::I64).cast(*dtype) } else { x.cast(*dtype) }
        }
    }
}

fn differentiable(sample: &Sample, inputs: &[Tensor]) -> Vec<usize> {
    let _ = sample;
    (0..inputs.len())
        .filter(|&i| inputs[i].dtype() == DType::F64 && matches!(sample.inputs[i], Domain::Uniform { .. }))
        .collect()
}

/// `Σ w · op(x)` with fixed weights `w`, so that all outputs count differently.
fn scalar(sample: &Sample, inputs: &[Tensor]) -> Option<Tensor> {
    let outputs = apply(sample.op.clone(), inputs).unwrap();
    let mut total: Option<Tensor> = None;
    for y in outputs.iter().filter(|y| y.dtype().is_float()) {
        let w: Vec<f64> = (0..y.len()).map(|i| 0.5 + ((i * 7 + 3) % 11) as f64 / 11.0).collect();
        let w = Tensor::from_slice(&w, y.shape()).unwrap();
        let part = (y * w).sum(..).unwrap();
        total = Some(match total {
            Some(t) => t + part,
            None => part,
        });
    }
    total
}

fn with(inputs: &[Tensor], which: usize, x: Tensor) -> Vec<Tensor> {
    let mut out = inputs.to_vec();
    out[which] = x;
    out
}

/// The gradient by central differences, of fourth order in the step.
fn numeric(x: &Tensor, h: f64, f: impl Fn(Tensor) -> f64) -> Vec<f64> {
    let values = x.to_vec::<f64>().unwrap();
    (0..values.len())
        .map(|i| {
            let at = |d: f64| {
                let mut v = values.clone();
                v[i] += d;
                f(Tensor::from_slice(&v, x.shape()).unwrap())
            };
            (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h)
        })
        .collect()
}

fn assert_close(what: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (g, e)) in got.iter().zip(expected).enumerate() {
        let scale = 1f64.max(e.abs());
        assert!((g - e).abs() <= tolerance * scale, "{what}: element {i}: got {g}, expected {e}");
    }
}

/// The gradient of the sample's scalar by input `i`, on a tape.
fn gradient(sample: &Sample, inputs: &[Tensor], i: usize) -> Option<Tensor> {
    let tape = GradientTape::new();
    tape.watch(&inputs[i]);
    let y = scalar(sample, inputs)?;
    tape.gradients_of(&y, &[(&inputs[i]).into()], rhyton_tensor::Unconnected::None).unwrap().swap_remove(0)
}

#[test]
fn known_answers() {
    for entry in registry::ALL {
        for sample in (entry.samples)() {
            let Some(expected) = &sample.expected else { continue };
            let inputs: Vec<Tensor> = sample.inputs.iter().map(|d| draw(d, &mut Generator::new(1))).collect();
            let y = apply(sample.op.clone(), &inputs).unwrap().swap_remove(0);
            assert_close(entry.name, &y.to_f64s().unwrap(), expected, 1e-14);
        }
    }
}

#[test]
fn gradients_agree_with_finite_differences_to_second_order() {
    for (number, entry) in registry::ALL.iter().enumerate() {
        for sample in (entry.samples)() {
            let mut g = Generator::new(100 + number as u64);
            let inputs: Vec<Tensor> = sample.inputs.iter().map(|d| draw(d, &mut g)).collect();
            for i in differentiable(&sample, &inputs) {
                let what = format!("{} by input {i}", entry.name);
                let first = gradient(&sample, &inputs, i);
                let by_difference = numeric(&inputs[i], 1e-3, |x| {
                    let y = scalar(&sample, &with(&inputs, i, x));
                    y.map_or(0.0, |y| y.item::<f64>().unwrap())
                });
                let Some(first) = first else {
                    assert_close(&what, &vec![0.0; by_difference.len()], &by_difference, 1e-9);
                    continue;
                };
                assert_close(&what, &first.to_vec().unwrap(), &by_difference, 1e-8);
                // Second order: the gradient of a weighted sum of the first gradient, by every input.
                for j in differentiable(&sample, &inputs) {
                    let what = format!("{what}, then by input {j}");
                    let weighted = |inputs: &[Tensor]| -> Option<Tensor> {
                        let g = gradient(&sample, inputs, i)?;
                        let w: Vec<f64> = (0..g.len()).map(|k| 1.0 + (k % 5) as f64 / 3.0).collect();
                        Some((&g * Tensor::from_slice(&w, g.shape()).unwrap()).sum(..).unwrap())
                    };
                    let outer = GradientTape::new();
                    outer.watch(&inputs[j]);
                    let target = weighted(&inputs).unwrap();
                    let sources = [(&inputs[j]).into()];
                    let second =
                        outer.gradients_of(&target, &sources, rhyton_tensor::Unconnected::Zero).unwrap();
                    let by_difference = numeric(&inputs[j], 1e-3, |x| {
                        weighted(&with(&inputs, j, x)).unwrap().item::<f64>().unwrap()
                    });
                    let second = second[0].as_ref().unwrap().to_vec().unwrap();
                    assert_close(&what, &second, &by_difference, 1e-7);
                }
            }
        }
    }
}

#[test]
fn integers_and_half_floats_agree_with_double() {
    // Elementwise operations on small whole numbers have the same answers in every type that can hold them.
    for name in ["add", "subtract", "multiply", "maximum", "minimum", "floor_divide", "mod", "equal", "less"]
    {
        let entry = registry::ALL.iter().find(|e| e.name == name).unwrap();
        let op = (entry.samples)()[0].op.clone();
        let (a, b) = ([7.0f64, 2.0, 100.0, 5.0], [3.0f64, 2.0, 4.0, 1.0]);
        let expected = apply(op.clone(), &[a.into(), b.into()]).unwrap()[0].to_f64s().unwrap();
        for dtype in DType::ALL.into_iter().filter(|d| *d != DType::Bool) {
            let inputs = [Tensor::from(a).cast(dtype), Tensor::from(b).cast(dtype)];
            let got = apply(op.clone(), &inputs).unwrap()[0].to_f64s().unwrap();
            let wrap = |x: f64| if dtype == DType::I8 && x > 127.0 { x - 512.0 } else { x };
            let wrap8 = |x: f64| if dtype == DType::U8 && x > 255.0 { x - 256.0 } else { wrap(x) };
            let expected: Vec<f64> = expected.iter().map(|&x| wrap8(x)).collect();
            if name == "multiply" && dtype == DType::I8 {
                assert_eq!(got[2], (400i32 as i8) as f64);
                continue;
            }
            assert_eq!(got, expected, "{name} {dtype}");
        }
    }
}

#[test]
fn a_third_derivative() {
    let x = Tensor::from(0.7f64);
    let tapes: Vec<GradientTape> = (0..3).map(|_| GradientTape::new()).collect();
    tapes.iter().for_each(|t| t.watch(&x));
    let mut y = x.sin() * x.exp();
    for t in tapes.iter().rev() {
        y = t.gradient(&y, &x).unwrap();
    }
    // (sin x eˣ)''' = 2 eˣ (cos x - sin x)
    let expected = 2.0 * 0.7f64.exp() * (0.7f64.cos() - 0.7f64.sin());
    assert!((y.item::<f64>().unwrap() - expected).abs() < 1e-13);
    assert!(no_gradient(|| ops::exp(&x)).is_ok());
}
