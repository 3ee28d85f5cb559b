//! Tensors and variables side by side.

use super::Cx;
use rhyton::SeedGenerator;
use rhyton::prelude::*;
use serde_json::json;

/// Makes tensors, changes variables, computes with both.
pub fn run(cx: &Cx) -> Result<()> {
    let seeds = SeedGenerator::new(None);
    cx.report.line(format!("ones: {:?}", ops::ones([2, 1], F32)?));
    cx.report.line(format!("zeros: {:?}", ops::zeros([2, 1], F32)?));
    cx.report.line(format!("random normal: {:?}", seeds.normal([3, 1], 0.0, 1.0, F32)?));
    cx.report.line(format!("random uniform: {:?}", seeds.uniform([3, 1], 0.0, 1.0, F32)?));

    // A tensor never changes, whatever is computed with it. What changes is a variable.
    let x = ops::ones([2, 2], F32)?;
    let y = &x * 2.0;
    cx.report.line(format!("x stays\n{x}\nand 2x is another tensor\n{y}"));
    let e = x.i((5, 0)).expect_err("there is no row 5");
    cx.report.line(format!("a place that is not there is an error: {e}"));

    let v = Variable::new(seeds.normal([3, 1], 0.0, 1.0, F32)?);
    cx.report.line(format!("a variable: {:?}", v.value()));
    v.assign(&ops::ones([3, 1], F32)?)?;
    cx.report.line(format!("assign ones: {}", v.value().t()));
    v.assign_at((0, 0), &Tensor::from(3.0f32))?;
    cx.report.line(format!("assign 3 to [0, 0]: {}", v.value().t()));
    v.assign_add(&ops::ones([3, 1], F32)?)?;
    cx.report.line(format!("add ones: {}", v.value().t()));
    v.assign_sub(&ops::ones([3, 1], F32)?)?;
    cx.report.line(format!("subtract ones: {}", v.value().t()));
    let e = v.assign(&ops::ones([2, 2], F32)?).expect_err("another shape");
    cx.report.line(format!("another shape is an error: {e}"));

    let a = ops::ones([2, 2], F32)? * 2.0;
    let b = a.square();
    let c = a.sqrt();
    let d = &b + &c;
    let e = a.matmul(&b)?;
    let f = &e * &d;
    for (name, x) in [("a²", &b), ("√a", &c), ("a² + √a", &d), ("a·a²", &e), ("(a·a²)(a² + √a)", &f)]
    {
        cx.report.line(format!("{name}:\n{x}"));
    }
    cx.report.object(&json!({ "variable": v.value().to_f64s()?, "product": f.to_f64s()? }));
    Ok(())
}
