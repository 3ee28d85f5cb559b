//! The gradient tape in three lines each.

use super::Cx;
use rhyton::prelude::*;
use serde_json::json;

/// Gradients of 2x + 3 at a number and at a matrix, and of a layer by its weights.
pub fn run(cx: &Cx) -> Result<()> {
    let x = Variable::new(Tensor::from(0.0f32));
    let tape = GradientTape::new();
    let y = 2.0 * x.value() + 3.0;
    let scalar = tape.gradient(&y, &x)?;
    cx.report.line(format!("d(2x + 3)/dx at a number: {scalar}"));

    let x = Variable::new(Tensor::from([[0.3f32, 0.7], [0.1, 0.9]]));
    let tape = GradientTape::new();
    let y = 2.0 * x.value() + 3.0;
    let matrix = tape.gradient(&y, &x)?;
    cx.report.line(format!("d(2x + 3)/dx at a matrix:\n{matrix}"));

    let w = Variable::new(Tensor::from([[0.1f32, 0.9], [0.5, 0.2]]));
    let b = Variable::new(ops::zeros([2], F32)?);
    let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    let tape = GradientTape::new();
    let y = x.matmul(&w.value())? + b.value();
    let gradients = tape.gradients(&y, [&w, &b])?;
    cx.report.line(format!("d(x·W + b)/dW:\n{}\nd(x·W + b)/db: {}", gradients[0], gradients[1]));
    cx.report.object(&json!({
        "scalar": scalar.item::<f32>()?, "matrix": matrix.to_f64s()?,
        "w": gradients[0].to_f64s()?, "b": gradients[1].to_f64s()?,
    }));
    Ok(())
}
