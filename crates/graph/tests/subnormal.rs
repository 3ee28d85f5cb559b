//! Kernels take subnormal numbers for zero, whoever computes.

use rhyton_graph::Function;
use rhyton_tensor::{DType, Tensor, Variable};

#[test]
fn subnormal_numbers_are_zero_to_kernels() {
    let tiny = Tensor::from([f32::MIN_POSITIVE / 4.0, -f32::MIN_POSITIVE / 2.0, f32::MIN_POSITIVE, 1.0]);
    let doubled = (&tiny * 2.0).to_vec::<f32>().unwrap();
    assert_eq!(doubled, [0.0, 0.0, 2.0 * f32::MIN_POSITIVE, 2.0]);
    // An average that decays ends at zero and not in ever smaller numbers.
    let average = Variable::from([1.0f32]);
    let decay = Function::trace(&[], |_| {
        average.assign(&(average.value() * 0.5))?;
        Ok(vec![])
    })
    .unwrap();
    for _ in 0..127 {
        decay.run([], &mut []).unwrap();
    }
    assert_eq!(average.value().item::<f32>().unwrap(), 0.0);
}

#[test]
fn products_are_flushed_alike_on_every_thread() {
    // Products of the smallest normal numbers with small ones are subnormal: zero for whoever computes them.
    let x = Tensor::filled(f32::MIN_POSITIVE, DType::F32, &[256, 64]).unwrap();
    let w = Tensor::filled(0.001f32, DType::F32, &[64, 512]).unwrap();
    for threads in [1, 2, 4] {
        rhyton_runtime::set_threads(threads);
        for _ in 0..20 {
            let y = x.matmul(&w).unwrap().to_vec::<f32>().unwrap();
            assert!(y.iter().all(|&v| v == 0.0), "{threads} threads");
        }
    }
}
