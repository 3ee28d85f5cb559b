//! What gradients are, and what descending along them does.

use super::Cx;
use rhyton::optimizers::Optimizer;
use rhyton::prelude::*;
use rhyton::viz::{Contour, GraphPlot, LinePlot, Panels};
use serde_json::json;

/// `n` steps of gradient descent on a function of one variable, with momentum.
fn descend(f: impl Fn(&Tensor) -> Tensor, [start, rate, momentum]: [f64; 3], n: u8) -> Result<Vec<f64>> {
    let x = Variable::new(Tensor::from(start));
    let (mut path, mut velocity) = (vec![start], 0.0);
    for _ in 0..n {
        let tape = GradientTape::new();
        let gradient = tape.gradient(&f(&x.value()), &x)?.item::<f64>()?;
        velocity = velocity * momentum - rate * gradient;
        x.assign_add(&Tensor::from(velocity))?;
        path.push(x.value().item::<f64>()?);
    }
    Ok(path)
}

/// Twenty steps of gradient descent on 0.4 x² + 2 y², by an optimizer.
fn descend_valley(momentum: f64) -> Result<(Vec<f64>, Vec<f64>)> {
    let w = Variable::new(Tensor::from([2.5f64, 1.8]));
    let optimizer = SGD::new(0.2).momentum(momentum);
    let (mut xs, mut ys) = (vec![2.5], vec![1.8]);
    for _ in 0..20 {
        let tape = GradientTape::new();
        let loss = (w.value().square() * Tensor::from([0.4f64, 2.0])).sum(..)?;
        optimizer.apply(&[tape.gradient(&loss, &w)?], std::slice::from_ref(&w))?;
        let at = w.value().to_vec::<f64>()?;
        xs.push(at[0]);
        ys.push(at[1]);
    }
    Ok((xs, ys))
}

fn curve(title: &str, f: &impl Fn(&Tensor) -> Tensor, path: &[f64], low: f64, high: f64) -> Result<LinePlot> {
    let xs: Vec<f64> = (0..=200).map(|i| low + (high - low) * f64::from(i) / 200.0).collect();
    let ys = f(&Tensor::from(&xs[..])).to_vec::<f64>()?;
    let heights = f(&Tensor::from(path)).to_vec::<f64>()?;
    let plot = LinePlot::new().title(title).x_label("parameter").y_label("loss").size(420, 320);
    Ok(plot.line("loss", &ys).x(&xs).dots("steps", &heights).x(path))
}

/// Differences against the tape, descents with and without momentum, and the worked graph of a tiny network.
pub fn run(cx: &Cx) -> Result<()> {
    // The slope between two near points tends to the derivative.
    let f = |x: &Tensor| x.sin() * x + x.square() * 0.1;
    let x = Variable::new(Tensor::from(1.3f64));
    let tape = GradientTape::new();
    let exact = tape.gradient(&f(&x.value()), &x)?.item::<f64>()?;
    let at = |x: f64| f(&Tensor::from(x)).item::<f64>();
    let mut errors = Vec::new();
    for h in [1e-1, 1e-2, 1e-3, 1e-4] {
        let slope = (at(1.3 + h)? - at(1.3 - h)?) / (2.0 * h);
        errors.push((slope - exact).abs());
        cx.report.line(format!("h = {h}: slope {slope:.9}, tape {exact:.9}"));
    }

    // A loss with a dip before its lowest point.
    let hills = |x: &Tensor| (x * 3.0).sin() * 0.35 + (x - 2.2).square() * 0.12;
    let bowl = |x: &Tensor| (x - 1.0).square();
    let down = descend(bowl, [-1.5, 0.15, 0.0], 12)?;
    let plain = descend(hills, [-1.6, 0.05, 0.0], 60)?;
    let heavy = descend(hills, [-1.6, 0.05, 0.9], 60)?;
    let end = |path: &[f64]| path[path.len() - 1];
    let (plain_end, heavy_end) = (end(&plain), end(&heavy));
    cx.report.line(format!("plain descent ends at {plain_end:.3}, with momentum 0.9 at {heavy_end:.3}"));
    Panels::new(3)
        .panel(curve("Gradient descent", &bowl, &down, -2.0, 3.0)?)
        .panel(curve("Plain: stays in the local minimum", &hills, &plain, -2.0, 4.0)?)
        .panel(curve("Momentum: rolls out of it", &hills, &heavy, -2.0, 4.0)?)
        .save(cx.out.join("descent.png"))?;

    // Two parameters: a narrow valley, which momentum rolls along.
    let (plain_x, plain_y) = descend_valley(0.0)?;
    let (heavy_x, heavy_y) = descend_valley(0.7)?;
    let valley = Contour::of((-1.0, 3.0), (-2.0, 2.2), |x, y| 0.4 * x * x + 2.0 * y * y)
        .title("Twenty steps in a narrow valley: 0.4 x² + 2 y²")
        .x_label("first parameter")
        .y_label("second parameter")
        .levels(&[0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 7.0, 10.0])
        .path("SGD", &plain_x, &plain_y)
        .path("SGD with momentum 0.7", &heavy_x, &heavy_y);
    cx.picture(&valley, "two-parameters.png")?;

    // loss = |y_true - (x·w + b)|, forwards and backwards.
    let (x, w, b) = (Variable::from(2.0f64), Variable::from(3.0f64), Variable::from(1.0f64));
    let y_true = Tensor::from(4.0f64);
    for (variable, name) in [(&x, "x"), (&w, "w"), (&b, "b")] {
        variable.set_name(name);
    }
    let tape = GradientTape::persistent();
    let x1 = x.value() * w.value();
    let x2 = &x1 + b.value();
    let loss = (&y_true - &x2).abs();
    let number = |t: Tensor| t.item::<f64>();
    let chain = json!({
        "x1": number(x1.clone())?, "x2": number(x2.clone())?, "loss": number(loss.clone())?,
        "loss_by_x2": number(tape.gradient(&loss, &x2)?)?, "x2_by_b": number(tape.gradient(&x2, &b)?)?,
        "x1_by_w": number(tape.gradient(&x1, &w)?)?, "loss_by_w": number(tape.gradient(&loss, &w)?)?,
        "loss_by_b": number(tape.gradient(&loss, &b)?)?,
    });
    cx.report.line(format!("x = 2, w = 3, b = 1, y_true = 4: {chain}"));
    let graph = tape.diagram(&loss, &[(&y_true, "y_true"), (&x1, "x1"), (&x2, "x2"), (&loss, "loss")])?;
    cx.report.line(format!("{graph}"));
    let picture = GraphPlot::new(&graph).title("Values forwards, gradients backwards").left_to_right();
    picture.save(cx.out.join("graph.png"))?;
    picture.save(cx.out.join("graph.svg"))?;
    cx.report.line(format!("pictures: {}", cx.out.display()));
    cx.report.object(&json!({
        "difference_errors": errors, "plain": plain_end, "momentum": heavy_end, "chain": chain,
    }));
    Ok(())
}
