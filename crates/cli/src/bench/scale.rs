//! How cost grows: with the samples, with the layers, and what it costs to trace and compile.

use super::training::train;
use super::{Cx, Measured, median};
use rhyton::SeedGenerator;
use rhyton::prelude::*;
use serde_json::{Value, json};
use std::time::Instant;

/// Seconds by size.
type Points = Vec<(usize, f64)>;

/// All three.
pub fn run(cx: &Cx) -> Result<Vec<Measured>> {
    Ok(vec![samples(cx)?, layers(cx)?, compiling(cx)?])
}

fn uniform(shape: [usize; 2]) -> Result<Tensor> {
    SeedGenerator::new(Some(0)).uniform(shape, 0.0, 1.0, F32)
}

fn percent(x: f64, of: f64) -> f64 {
    (x / of - 1.0).abs() * 100.0
}

fn measured(
    mode: &'static str,
    metric: &'static str,
    unit: &str,
    worst: f64,
    points: &[(usize, f64)],
) -> Measured {
    Measured {
        workload: "scale",
        mode,
        metric,
        wall: vec![worst],
        more: json!({ "unit": unit, "points": points.iter().map(|(n, s)| json!([n, s])).collect::<Value>() }),
        lines: points.iter().map(|(n, s)| format!("{n:>9} {mode}: {:.3} ms", s * 1e3)).collect(),
        ..Measured::default()
    }
}

/// An epoch of 1,000 to 1,000,000 samples of 64 numbers, Dense 512 and 10, batch 100: how much the time of a sample
/// differs from that of a million.
fn samples(cx: &Cx) -> Result<Measured> {
    const ALL: usize = 1_000_000;
    let x = uniform([ALL, 64])?;
    let y = (x.i((.., 0))? * 10.0).cast(I32);
    let mut points = Points::new();
    for n in [1_000, 10_000, 100_000, ALL] {
        let mut model = Model::from(Sequential::from([
            Dense::new(512).activation("relu"),
            Dense::new(10).activation("softmax"),
        ]));
        model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])?;
        let epochs = cx.repeat.max(100_000 / n);
        let (times, _) = train(&mut model, &(x.i(..n)?, y.i(..n)?), 100, None, 1 + epochs)?;
        points.push((n, median(&times.wall[1..])));
    }
    let a_sample = |p: &(usize, f64)| p.1 / p.0 as f64;
    let last = a_sample(&points[points.len() - 1]);
    let worst = points.iter().map(|p| percent(a_sample(p), last)).fold(0.0, f64::max);
    Ok(measured("samples", "deviation_of_a_sample", "%", worst, &points))
}

/// A network of so many layers of 16 units, compiled.
fn deep(layers: usize) -> Result<Model> {
    let mut model = Sequential::new();
    for _ in 0..layers {
        model.add(Dense::new(16).activation("relu"));
    }
    model.compile("rmsprop", "mse", ())?;
    Ok(Model::from(model))
}

/// A step of 1 to 200 layers of 16 units, batch 32: the most microseconds that a step lies off the straight line
/// from the shallowest to the deepest.
fn layers(cx: &Cx) -> Result<Measured> {
    const STEPS: usize = 200;
    let x = uniform([32 * STEPS, 16])?;
    let mut points = Points::new();
    for n in [1, 2, 5, 10, 20, 50, 100, 200] {
        let (times, _) = train(&mut deep(n)?, &(x.clone(), x.clone()), 32, None, 1 + cx.repeat)?;
        points.push((n, median(&times.wall[1..]) / STEPS as f64));
    }
    let (first, last) = (points[0], points[points.len() - 1]);
    let slope = (last.1 - first.1) / (last.0 - first.0) as f64;
    let off = |p: &(usize, f64)| (p.1 - first.1 - slope * (p.0 - first.0) as f64).abs() * 1e6;
    let worst = points.iter().map(off).fold(0.0, f64::max);
    let mut m = measured("layers", "deviation_from_the_line", "us", worst, &points);
    m.more["us_per_layer"] = json!(slope * 1e6);
    m.lines.push(format!("{:.3} microseconds a layer", slope * 1e6));
    Ok(m)
}

/// The first step of models of 25 to 800 layers, which traces and compiles it: how many percent more or less than
/// those of 100 layers a layer of the others costs.
fn compiling(cx: &Cx) -> Result<Measured> {
    let x = uniform([32, 16])?;
    let mut points = Points::new();
    for n in [25, 50, 100, 200, 400, 800] {
        let mut seconds = Vec::new();
        for _ in 0..cx.repeat {
            let mut model = deep(n)?;
            model.build([32, 16])?;
            let start = Instant::now();
            model.train_on_batch(&x, &x)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        points.push((n, median(&seconds)));
    }
    let a_layer = |p: &(usize, f64)| p.1 / p.0 as f64;
    let middle = a_layer(&points[2]);
    let worst = points[2..].iter().map(|p| percent(a_layer(p), middle)).fold(0.0, f64::max);
    let mut m = measured("compile", "deviation_of_a_layer", "%", worst, &points);
    m.lines.extend(
        points.iter().map(|p| format!("{:>9} layers: {:.1} microseconds each", p.0, a_layer(p) * 1e6)),
    );
    Ok(m)
}
