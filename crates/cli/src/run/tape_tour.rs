//! More of the gradient tape: constants, nested and persistent tapes.

use super::Cx;
use rhyton::prelude::*;
use serde_json::json;

/// Squares, constants, the acceleration of a falling apple.
pub fn run(cx: &Cx) -> Result<()> {
    let x = Variable::new(Tensor::from(3.0f32));
    let tape = GradientTape::new();
    let square = x.value().square();
    let by_variable = tape.gradient(&square, &x)?;
    cx.report.line(format!("the gradient of x² at 3: {by_variable}"));

    // Variables are followed; a constant has to be watched.
    let c = Tensor::from(3.0f32);
    let tape = GradientTape::new();
    let refused = tape.gradient(&c.square(), &c).map(|g| g.to_string()).unwrap_or_else(|e| e.to_string());
    cx.report.line(format!("of a constant that is not watched: {refused}"));
    let tape = GradientTape::new();
    tape.watch(&c);
    let by_constant = tape.gradient(&c.square(), &c)?;
    cx.report.line(format!("of a constant that is watched: {by_constant}"));

    // The gradient of a gradient: position, speed, acceleration.
    let time = Variable::new(Tensor::from(0.0f32));
    let outer = GradientTape::new();
    let inner = GradientTape::new();
    let position = 4.9 * time.value().square();
    let speed = inner.gradient(&position, &time)?;
    let acceleration = outer.gradient(&speed, &time)?;
    cx.report.line(format!("position 4.9 t²: speed at 0 is {speed}, acceleration {acceleration}"));

    // A persistent tape answers more than once.
    let tape = GradientTape::persistent();
    let square = x.value().square();
    let fourth = square.square();
    let (first, second) = (tape.gradient(&square, &x)?, tape.gradient(&fourth, &x)?);
    cx.report.line(format!("one persistent tape: d(x²)/dx = {first}, d(x⁴)/dx = {second} at 3"));
    cx.report.object(&json!({
        "square": by_variable.item::<f32>()?, "watched": by_constant.item::<f32>()?,
        "acceleration": acceleration.item::<f32>()?, "fourth": second.item::<f32>()?,
    }));
    Ok(())
}
