//! Values that are computed again instead of being kept.

use rhyton_base::Result;
use rhyton_graph::Function;
use rhyton_ops::Meta;
use rhyton_runtime::Generator;
use rhyton_tensor::{DType, GradientTape, SeedGenerator, Tensor, Variable, ops};

const WIDTH: usize = 64;
const BATCH: usize = 256;
const BLOCKS: usize = 12;

fn random(shape: &[usize], seed: u64) -> Tensor {
    let mut g = Generator::new(seed);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| (g.uniform() - 0.5) as f32 * 0.5).collect();
    Tensor::from_slice(&values, shape).unwrap()
}

/// A block that has several values of its own for each that it passes on.
fn block(x: &Tensor, w: &[Variable; 2], seeds: &SeedGenerator) -> Result<Tensor> {
    let h = x.matmul(&w[0].value())?.tanh();
    let h = ops::sigmoid(&h)? * h.exp() + ops::sin(&h)?;
    let h = seeds.dropout(&h, 0.3, None)?;
    Ok(ops::sin(&h.matmul(&w[1].value())?)? + x)
}

/// The loss and gradients of a chain of blocks, and the bytes that computing them takes.
fn gradients(again: bool) -> (Vec<Vec<f32>>, usize, Function) {
    let weights: Vec<[Variable; 2]> = (0..BLOCKS as u64)
        .map(|i| [random(&[WIDTH, WIDTH], 2 * i), random(&[WIDTH, WIDTH], 2 * i + 1)].map(Variable::new))
        .collect();
    let seeds = SeedGenerator::new(Some(3));
    let x = random(&[BATCH, WIDTH], 99);
    let f = Function::trace(&[Meta::new(DType::F32, [BATCH, WIDTH])], |x| {
        let tape = GradientTape::new();
        let mut y = x[0].clone();
        for w in &weights {
            y = match again {
                true => ops::remat(|x: &[Tensor]| block(&x[0], w, &seeds))(&[&y])?,
                false => block(&y, w, &seeds)?,
            };
        }
        let loss = y.square().mean(..)?;
        let mut results = tape.gradients(&loss, weights.iter().flatten())?;
        results.push(loss);
        Ok(results)
    })
    .unwrap();
    let results = f.call(&[&x]).unwrap().iter().map(|r| r.to_vec::<f32>().unwrap()).collect();
    (results, f.working_memory(), f)
}

#[test]
fn the_same_bits_with_less_memory() {
    let (kept, memory, f) = gradients(false);
    let (again, less, g) = gradients(true);
    assert_eq!(kept, again);
    // Each block passes one tensor on; its own values live while it is gone through.
    let passed = BATCH * WIDTH * 4 * BLOCKS;
    assert!(less < memory / 2 && less < 3 * passed, "{less} of {memory} bytes, {passed} passed on\n{g}");
    assert!(g.cost().flops > f.cost().flops);
}

#[test]
fn eager_tapes_give_the_same_gradients() {
    let w = [random(&[8, 8], 1), random(&[8, 8], 2)].map(Variable::new);
    let x = random(&[4, 8], 3);
    let all = |again: bool| {
        let seeds = SeedGenerator::new(Some(1));
        let tape = GradientTape::new();
        tape.watch(&x);
        let y = match again {
            true => ops::remat(|x: &[Tensor]| block(&x[0], &w, &seeds))(&[&x]).unwrap(),
            false => block(&x, &w, &seeds).unwrap(),
        };
        let loss = y.square().sum(..).unwrap();
        let sources = [rhyton_tensor::Source::from(&x), (&w[0]).into(), (&w[1]).into()];
        let grads = tape.gradients(&loss, sources).unwrap();
        // The next draw shows that the generator went on by as much.
        let next = seeds.uniform([2], 0.0, 1.0, DType::F32).unwrap();
        grads.into_iter().chain([next]).map(|g| g.to_vec::<f32>().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(all(false), all(true));
}

#[test]
fn gradients_of_gradients() {
    let x = Tensor::from(0.7f64);
    let cube = ops::remat(|x: &[Tensor]| Ok(&x[0] * &x[0] * &x[0]));
    let (outer, inner) = (GradientTape::new(), GradientTape::new());
    outer.watch(&x);
    inner.watch(&x);
    let y: Tensor = cube(&[&x]).unwrap();
    let slope = inner.gradient(&y, &x).unwrap();
    let second = outer.gradient(&slope, &x).unwrap().item::<f64>().unwrap();
    assert!((second - 6.0 * 0.7).abs() < 1e-12, "{second}");
}
