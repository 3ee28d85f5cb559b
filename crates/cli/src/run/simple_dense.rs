//! A layer of one's own.

use super::Cx;
use rhyton::prelude::*;
use rhyton::{Config, activations, layer_config};
use serde_json::json;

/// `activation(x · W + b)`.
#[derive(Default)]
struct SimpleDense {
    units: usize,
    activation: String,
    w: Weight,
    b: Weight,
}

fn simple_dense(units: usize, activation: &str) -> SimpleDense {
    SimpleDense { units, activation: activation.to_string(), ..SimpleDense::default() }
}

impl Layer for SimpleDense {
    // Called once, with the shape of the first input.
    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        self.w = cx.add_weight("W", [cx.last_axis(input)?, self.units], "random_normal")?;
        self.b = cx.add_weight("b", [self.units], "zeros")?;
        Ok(())
    }

    fn call(&self, x: &Tensor, _: &CallCx) -> Result<Tensor> {
        activations::get(&self.activation)?.call(&(x.matmul(&self.w.value()?)? + self.b.value()?))
    }

    // What a file says of it.
    fn config(&self) -> Config {
        layer_config!(self.units, self.activation)
    }
}

/// Calls the layer, then stacks it.
pub fn run(cx: &Cx) -> Result<()> {
    let dense = AnyLayer::from(simple_dense(32, "relu"));
    let x = ops::ones([2, 784], F32)?;
    let y = dense.call(&x)?;
    cx.report.line(format!("{:?} -> {:?}, weights made at the first call:", x.shape(), y.shape()));
    for w in dense.weights() {
        cx.report.line(format!("  {} {:?}", w.name(), w.shape()));
    }

    // Shapes follow from one layer to the next.
    let mut model = Sequential::new();
    for units in [32, 64, 32] {
        model.add(simple_dense(units, "relu"));
    }
    model.add(simple_dense(10, "softmax"));
    let p = model.call(&x)?;
    cx.report.line(model.summary());
    cx.report.object(&json!({ "shape": y.shape(), "stacked": p.shape(), "params": model.count_params() }));
    Ok(())
}
