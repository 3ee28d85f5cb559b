//! Functions with variables as constants: the same numbers from fewer kernels.

use rhyton_graph::{Function, Snapshot};
use rhyton_ops::Meta;
use rhyton_runtime::Generator;
use rhyton_tensor::{DType, Tensor, Variable, ops};

fn random(shape: &[usize], seed: u64) -> Tensor {
    let mut g = Generator::new(seed);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| (g.uniform() - 0.5) as f32).collect();
    Tensor::from_slice(&values, shape).unwrap()
}

fn meta(x: &Tensor) -> Meta {
    Meta::new(x.dtype(), x.shape())
}

/// Traced and frozen results of `f`; the number of kernels of the frozen function.
fn both(x: &Tensor, f: impl Fn(&[Tensor]) -> rhyton_base::Result<Vec<Tensor>>) -> (Tensor, Tensor, usize) {
    let traced = Function::trace(&[meta(x)], &f).unwrap();
    let frozen = Function::frozen(&[meta(x)], &f, &Snapshot::default()).unwrap();
    assert!(frozen.graph().states().is_empty());
    let call = |f: &Function| f.call(&[x]).unwrap().remove(0);
    (call(&traced), call(&frozen), frozen.kernels().len())
}

fn close(a: &Tensor, b: &Tensor) {
    assert_eq!(a.shape(), b.shape());
    for (a, b) in a.to_f64s().unwrap().into_iter().zip(b.to_f64s().unwrap()) {
        assert!((a - b).abs() <= 1e-5 * b.abs().max(1.0), "{a} {b}");
    }
}

/// `(x - mean) / sqrt(variance + epsilon) * gamma + beta`, as normalization layers write it.
struct Normalization([Variable; 4]);

impl Normalization {
    fn new(n: usize) -> Normalization {
        let variance = random(&[n], 5).square() + 0.1;
        Normalization([random(&[n], 4), variance, random(&[n], 6) + 1.0, random(&[n], 7)].map(Variable::new))
    }

    fn call(&self, x: &Tensor) -> rhyton_base::Result<Tensor> {
        let [mean, variance, gamma, beta] = &self.0;
        let factor = ops::rsqrt(&(variance.value() + 1e-3))? * gamma.value();
        let offset = -mean.value() * &factor + beta.value();
        Ok(x * factor + offset)
    }
}

#[test]
fn scales_behind_a_product_become_weights() {
    let (w, b) = (Variable::new(random(&[40, 24], 1)), Variable::new(random(&[24], 2)));
    let n = Normalization::new(24);
    let x = random(&[9, 40], 3);
    let f = |x: &[Tensor]| Ok(vec![n.call(&(x[0].matmul(&w.value())? + b.value()))?.relu()]);
    let (traced, frozen, kernels) = both(&x, f);
    close(&frozen, &traced);
    assert_eq!(kernels, 1);
}

#[test]
fn scales_before_a_product_become_weights() {
    let (w, b) = (Variable::new(random(&[40, 24], 1)), Variable::new(random(&[24], 2)));
    let n = Normalization::new(40);
    let x = random(&[9, 40], 3);
    let f = |x: &[Tensor]| Ok(vec![n.call(&(&x[0] / 3.0))?.matmul(&w.value())? + b.value()]);
    let (traced, frozen, kernels) = both(&x, f);
    close(&frozen, &traced);
    assert_eq!(kernels, 1);
}

#[test]
fn what_is_used_twice_stays() {
    let (w, v) = (Variable::new(random(&[40, 24], 1)), Variable::new(random(&[24, 24], 2)));
    let n = Normalization::new(24);
    let x = random(&[9, 40], 3);
    let f = |x: &[Tensor]| {
        let h = x[0].matmul(&w.value())?;
        let y = n.call(&h)?;
        Ok(vec![y.matmul(&v.value())? + h + y])
    };
    let (traced, frozen, _) = both(&x, f);
    close(&frozen, &traced);
}

#[test]
fn convolutions_take_scales_over() {
    let w = Variable::new(random(&[3, 3, 4, 6], 1));
    let n = Normalization::new(6);
    let x = random(&[2, 8, 8, 4], 3);
    let f = |x: &[Tensor]| Ok(vec![n.call(&ops::conv(&x[0], &w.value(), ops::ConvOptions::new())?)?.relu()]);
    let (traced, frozen, _) = both(&x, f);
    close(&frozen, &traced);
}

#[test]
fn a_snapshot_keeps_what_variables_were() {
    let w = Variable::new(random(&[4, 3], 1));
    let snapshot = Snapshot::new(std::slice::from_ref(&w));
    let before = w.value();
    w.assign(&ops::zeros([4, 3], DType::F32).unwrap()).unwrap();
    for rows in [1, 7] {
        let x = random(&[rows, 4], 2);
        let f = |x: &[Tensor]| Ok(vec![x[0].matmul(&(w.value() * 2.0))?]);
        let frozen = Function::frozen(&[meta(&x)], f, &snapshot).unwrap();
        close(&frozen.call(&[&x]).unwrap()[0], &(x.matmul(&before).unwrap() * 2.0));
    }
}

#[test]
fn variables_that_are_assigned_stay_variables() {
    let count = Variable::from(0.0f32);
    let f = |x: &[Tensor]| {
        count.assign(&(count.value() + 1.0))?;
        Ok(vec![&x[0] + count.value()])
    };
    let x = Tensor::from([1.0f32, 2.0]);
    let frozen = Function::frozen(&[meta(&x)], f, &Snapshot::default()).unwrap();
    for i in 1..4 {
        let y = frozen.call(&[&x]).unwrap()[0].to_vec::<f32>().unwrap();
        assert_eq!(y, [1.0 + i as f32, 2.0 + i as f32]);
    }
    assert_eq!(count.value().item::<f32>().unwrap(), 3.0);
}
