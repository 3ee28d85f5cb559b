//! A product of which a result is the product itself: its norm is limited to 1, and multiplying by 1 changes nothing.

use rhyton_base::Result;
use rhyton_graph::Function;
use rhyton_ops::Meta;
use rhyton_tensor::{DType, Tensor, ops, random};

#[test]
fn a_product_that_is_also_a_result_is_kept() {
    for limit in [1.0f32, 2.0] {
        let step = |x: &[Tensor]| -> Result<Vec<Tensor>> {
            let g = ops::matmul(&x[0].t(), &x[1])?;
            let norm = ops::sqrt(&ops::sum(&ops::square(&g)?, ..)?)?;
            let limit = Tensor::from(limit);
            let g = ops::divide(&ops::multiply(&g, &limit)?, &ops::maximum(&norm, &limit)?)?;
            Ok(vec![ops::subtract(&x[2], &ops::multiply(&g, &Tensor::from(0.05f32))?)?])
        };
        let draw = |shape: [usize; 2], seed| random::normal(shape, 0.0, 1.0, DType::F32, Some(seed)).unwrap();
        let all = [draw([8, 5], 1), draw([8, 4], 2), draw([5, 4], 3)];
        let metas: Vec<Meta> = all.iter().map(Tensor::meta).collect();
        let function = Function::trace(&metas, step).unwrap();
        let compiled = function.call(&all.iter().collect::<Vec<_>>()).unwrap().swap_remove(0);
        assert_eq!(compiled.to_bytes().unwrap(), step(&all).unwrap()[0].to_bytes().unwrap(), "{limit}");
    }
}
