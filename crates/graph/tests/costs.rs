//! Operations and bytes of kernels against XLA's count of them (`golden_costs.py`) and by hand.

use rhyton_base::Result;
use rhyton_graph::Function;
use rhyton_ops::window::{Conv, Slide};
use rhyton_ops::{Meta, Op};
use rhyton_runtime::Cost;
use rhyton_tensor::{DType, Tensor, Variable, apply, ops};
use std::sync::Arc;

fn trace(inputs: &[&[usize]], f: impl Fn(&[Tensor]) -> Result<Tensor>) -> Function {
    let metas: Vec<Meta> = inputs.iter().map(|&s| Meta::new(DType::F32, s)).collect();
    Function::trace(&metas, |x| Ok(vec![f(x)?])).unwrap()
}

fn conv(slides: [Slide; 2], groups: usize) -> impl Fn(&[Tensor]) -> Result<Tensor> {
    let op: Arc<dyn Op> = Arc::new(Conv { slides: slides.to_vec(), groups });
    move |x| Ok(apply(op.clone(), x)?.swap_remove(0))
}

fn padded(low: isize, high: isize) -> Slide {
    Slide { low, high, ..Slide::PLAIN }
}

/// The same functions as in the script.
fn case(name: &str) -> Function {
    let same = padded(1, 1);
    match name {
        "matmul" => trace(&[&[128, 784], &[784, 512]], |x| x[0].matmul(&x[1])),
        "batched" => trace(&[&[6, 8, 32, 16], &[6, 8, 16, 24]], |x| x[0].matmul(&x[1])),
        "chain" => trace(&[&[1000]], |x| Ok((&x[0] * 1.5 - 0.25).relu())),
        "functions" => trace(&[&[30, 40]], |x| Ok(x[0].exp() / x[0].sqrt() + x[0].tanh() * x[0].log())),
        "sum" => trace(&[&[64, 100]], |x| x[0].sum(1)),
        "largest" => trace(&[&[64, 100]], |x| x[0].max(0)),
        "dense" => trace(&[&[128, 784], &[784, 512], &[512]], |x| Ok((x[0].matmul(&x[1])? + &x[2]).relu())),
        "squares" => trace(&[&[40, 50], &[40, 50]], |x| {
            let d = &x[0] - &x[1];
            (&d * &d).sum(..)
        }),
        "conv" => trace(&[&[2, 28, 28, 3], &[3, 3, 3, 8]], conv([Slide::PLAIN; 2], 1)),
        "conv_same" => trace(&[&[2, 28, 28, 3], &[3, 3, 3, 8]], conv([same, same], 1)),
        "conv_strided" => {
            let slides = [padded(2, 2), padded(0, 1)].map(|s| Slide { stride: 2, ..s });
            trace(&[&[2, 27, 30, 3], &[5, 3, 3, 8]], conv(slides, 1))
        }
        "conv_dilated" => {
            let slide = Slide { dilation: 2, ..padded(2, 2) };
            trace(&[&[1, 20, 20, 4], &[3, 3, 4, 4]], conv([slide; 2], 1))
        }
        "conv_spread" => {
            let slide = Slide { spread: 2, ..padded(2, 2) };
            trace(&[&[1, 9, 9, 4], &[3, 3, 4, 6]], conv([slide; 2], 1))
        }
        "conv_groups" => trace(&[&[2, 10, 10, 8], &[3, 3, 2, 12]], conv([same, same], 4)),
        other => panic!("{other}: the script has a case that the test does not know"),
    }
}

#[test]
fn costs_are_those_that_xla_counts() {
    for line in include_str!("golden_costs.txt").lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let (name, flops, bytes) = (fields[0], fields[1], fields[2]);
        let f = case(name);
        let cost = f.cost();
        assert_eq!(cost.flops, flops.parse::<u64>().unwrap(), "{name}\n{f}");
        assert_eq!(cost.bytes(), bytes.parse::<u64>().unwrap(), "{name}\n{f}");
    }
}

#[test]
fn updates_by_hand() {
    // w -= 0.1 g / (√v + ε) with v = 0.9 v + 0.1 g²: the gradient is a product, and is never stored.
    let (m, k, n) = (300, 64, 200);
    let w = Variable::new(ops::zeros([m, n], DType::F32).unwrap());
    let v = Variable::new(ops::zeros([m, n], DType::F32).unwrap());
    let f = Function::trace(&[Meta::new(DType::F32, [m, k]), Meta::new(DType::F32, [k, n])], |x| {
        let g = x[0].matmul(&x[1])?;
        let average = v.value() * 0.9 + g.square() * 0.1;
        v.assign(&average)?;
        w.assign_sub(&(g * 0.1 / (average.sqrt() + 1e-7)))?;
        Ok(vec![])
    })
    .unwrap();
    let (weights, factors) = ((m * n) as u64, (m * k + k * n) as u64);
    // Squared, two products and a sum, a root, a sum, a product, a division, a difference: nine.
    let flops = weights * (2 * k as u64 + 9);
    let expected =
        Cost { flops, divisions: 2 * weights, read: 4 * (factors + 2 * weights), written: 8 * weights };
    assert_eq!(f.cost(), expected, "{f}");
}

#[test]
fn gathered_rows_are_what_is_read() {
    let meta = [Meta::new(DType::F32, [1000, 64]), Meta::new(DType::I32, [7])];
    let f = Function::trace(&meta, |x| Ok(vec![x[0].take(&x[1], 0)?])).unwrap();
    let gather = f.kernels().iter().find(|k| k.label.operations == "gather").unwrap();
    assert_eq!((gather.cost.flops, gather.cost.written), (0, 7 * 64 * 4), "{f}");
    assert!(gather.cost.read <= 7 * 64 * 4 + 7 * 8, "{f}");
}

#[test]
fn kernels_say_where_they_come_from() {
    let w = Variable::new(ops::zeros([30, 20], DType::F32).unwrap());
    let f = Function::trace(&[Meta::new(DType::F32, [8, 30])], |x| {
        let tape = rhyton_tensor::GradientTape::new();
        let y = rhyton_tensor::scope("block", || {
            rhyton_tensor::scope("inner", || Ok::<_, rhyton_base::Error>(x[0].matmul(&w.value())?.tanh()))
        })?;
        let loss = rhyton_tensor::scope("loss", || y.square().sum(..))?;
        Ok(vec![tape.gradient(&loss, &w)?])
    })
    .unwrap();
    let of = |operation: &str| {
        let named = f.kernels().iter().filter(|k| k.label.operations.contains(operation));
        named.flat_map(|k| k.label.scopes.clone()).collect::<Vec<_>>()
    };
    assert!(of("tanh").contains(&"block/inner".to_string()), "{f}");
    assert!(of("matmul").contains(&"block/inner gradient".to_string()), "{f}");
}
