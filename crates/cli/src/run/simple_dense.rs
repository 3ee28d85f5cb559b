//! A layer of one's own.

use super::Cx;
use rhyton::Spec;
use rhyton::layers::{AnyLayer, BuildCx, CallCx, Layer};
use rhyton::prelude::*;
use serde_json::json;

/// `activation(x · W + b)`.
struct SimpleDense {
    units: usize,
    activation: Option<fn(&Tensor) -> Result<Tensor>>,
    weights: Option<(Variable, Variable)>,
}

impl SimpleDense {
    fn new(units: usize) -> SimpleDense {
        SimpleDense { units, activation: None, weights: None }
    }

    fn activation(self, activation: fn(&Tensor) -> Result<Tensor>) -> SimpleDense {
        SimpleDense { activation: Some(activation), ..self }
    }
}

impl Layer for SimpleDense {
    fn class_name(&self) -> &'static str {
        "SimpleDense"
    }

    // Called once, with the shape of the first input.
    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        let inputs = cx.last_axis(input)?;
        let w = cx.weight("W", [inputs, self.units], &Spec::from("random_normal"))?;
        let b = cx.weight("b", [self.units], &Spec::from("zeros"))?;
        self.weights = Some((w, b));
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let (w, b) = self.weights.as_ref().ok_or_else(|| Error::state("called before it was built"))?;
        let y = x.matmul(&w.value())? + b.value();
        self.activation.map_or(Ok(y.clone()), |f| f(&y))
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.with_last(self.units))
    }
}

/// Calls the layer, then stacks it.
pub fn run(cx: &Cx) -> Result<()> {
    let dense = AnyLayer::from(SimpleDense::new(32).activation(ops::relu));
    let x = ops::ones([2, 784], F32)?;
    let y = dense.call(&x)?;
    cx.report.line(format!("{:?} -> {:?}, weights made at the first call:", x.shape(), y.shape()));
    for w in dense.weights() {
        cx.report.line(format!("  {} {:?}", w.name(), w.shape()));
    }

    // Shapes follow from one layer to the next.
    let mut model = Sequential::new();
    for units in [32, 64, 32] {
        model.add(SimpleDense::new(units).activation(ops::relu));
    }
    model.add(SimpleDense::new(10).activation(|x| ops::softmax(x, -1)));
    let p = model.call(&x)?;
    cx.report.line(model.summary());
    cx.report.object(&json!({ "shape": y.shape(), "stacked": p.shape(), "params": model.count_params() }));
    Ok(())
}
