//! What layers do to points: moving, turning, scaling, bending.

use super::Cx;
use rhyton::SeedGenerator;
use rhyton::prelude::*;
use rhyton::viz::{Panels, Scatter};
use serde_json::json;

/// The outline of a house, as points in the plane.
fn house() -> Result<Tensor> {
    let corners = [[-1.0f32, -1.0], [1.0, -1.0], [1.0, 0.6], [0.0, 1.4], [-1.0, 0.6], [-1.0, -1.0]];
    let along = |a: [f32; 2], b: [f32; 2]| {
        (0..24).map(move |i| {
            let t = i as f32 / 24.0;
            [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]
        })
    };
    let points: Vec<f32> = corners.windows(2).flat_map(|w| along(w[0], w[1])).flatten().collect();
    Tensor::from_slice(&points, [points.len() / 2, 2])
}

fn picture(title: &str, before: &Tensor, after: &Tensor) -> Result<Scatter> {
    let column = |x: &Tensor, i: isize| x.i((.., i))?.to_vec::<f32>();
    Ok(Scatter::new()
        .title(title)
        .points("before", &column(before, 0)?, &column(before, 1)?)
        .points("after", &column(after, 0)?, &column(after, 1)?)
        .x_limits(-3.5, 3.5)
        .y_limits(-3.0, 3.0)
        .size(420, 360))
}

/// Draws six transformations, and shows that affine layers one after the other are one affine layer.
pub fn run(cx: &Cx) -> Result<()> {
    let points = house()?;
    let angle = std::f32::consts::FRAC_PI_6;
    let rotation = Tensor::from([[angle.cos(), -angle.sin()], [angle.sin(), angle.cos()]]);
    let scaling = Tensor::from([[1.0f32, 0.0], [0.0, -0.5]]);
    let linear = Tensor::from([[1.2f32, 0.6], [-0.3, 0.9]]);
    let moved = Tensor::from([1.2f32, 0.8]);
    // Points are rows, so a matrix acts from the right, transposed.
    let affine = |x: &Tensor| -> Result<Tensor> { Ok(x.matmul(&linear.t())? + &moved) };
    let all = [
        ("Translation", &points + &moved),
        ("Rotation by 30 degrees", points.matmul(&rotation.t())?),
        ("Scaling, one axis turned over", points.matmul(&scaling.t())?),
        ("Linear", points.matmul(&linear.t())?),
        ("Affine", affine(&points)?),
        ("Affine, then relu", affine(&points)?.relu()),
    ];
    let mut panels = Panels::new(3).title("What layers do to points");
    for (title, after) in &all {
        panels = panels.panel(picture(title, &points, after)?);
    }
    panels.save(cx.out.join("geometry.png"))?;
    panels.save(cx.out.join("geometry.svg"))?;

    // W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂): without activations, two layers are one.
    let seeds = SeedGenerator::new(None);
    let (w1, b1) = (seeds.normal([2, 16], 0.0, 1.0, F64)?, seeds.normal([16], 0.0, 1.0, F64)?);
    let (w2, b2) = (seeds.normal([16, 3], 0.0, 1.0, F64)?, seeds.normal([3], 0.0, 1.0, F64)?);
    let x = points.cast(F64);
    let stacked = (x.matmul(&w1)? + &b1).matmul(&w2)? + &b2;
    let (w, b) = (w1.matmul(&w2)?, b1.matmul(&w2)? + &b2);
    let single = x.matmul(&w)? + &b;
    let difference = (&stacked - &single).abs().max(..)?.item::<f64>()?;
    let with_relu = (x.matmul(&w1)? + &b1).relu().matmul(&w2)? + &b2;
    let bent = (&with_relu - &single).abs().max(..)?.item::<f64>()?;
    cx.report
        .line(format!("two affine layers differ from their one affine layer by {difference:.1e} at most"));
    cx.report.line(format!("with relu between them by {bent:.1}"));
    cx.report.line(format!("pictures: {}", cx.out.display()));
    cx.report.object(&json!({ "difference": difference, "with_relu": bent }));
    Ok(())
}
