//! Recomputation: memory saved for time.

use super::control::assign_all;
use crate::control::record;
use crate::dispatch::apply;
use crate::symbolic::Results;
use crate::tensor::Tensor;
use rhyton_base::{Context, Error, Result};
use rhyton_ops::Meta;
use rhyton_ops::control::Remat;
use std::sync::Arc;

/// A function whose values between arguments and results are not kept for its gradient but computed again when it is taken:
/// the same results and gradients, with less memory and more time. As `keras.remat`.
///
/// It is written down on tensors without numbers, so it must be made of operations. What it takes from around it may be
/// differentiated too. Random numbers are the same the second time; variables are assigned once.
///
/// ```
/// use rhyton_tensor::{GradientTape, Tensor, ops};
/// let deep = ops::remat(|x: &[Tensor]| (0..10).try_fold(x[0].clone(), |y, _| ops::sin(&y)));
/// let x = Tensor::from(1.0f64);
/// let tape = GradientTape::new();
/// tape.watch(&x);
/// let y = deep(&[&x])?;
/// let slope = tape.gradient(&y, &x)?.item::<f64>()?;
/// let mut product = 1.0;
/// (0..10).fold(1.0f64, |y, _| { product *= y.cos(); y.sin() });
/// assert!((slope - product).abs() < 1e-15);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// # Errors
/// The function that is returned gives what `f` gives, and an error where an argument is symbolic: there, wrap the call in
/// [`operation`](crate::operation).
pub fn remat<R: Results>(f: impl Fn(&[Tensor]) -> Result<R>) -> impl Fn(&[&Tensor]) -> Result<R> {
    move |inputs| call(&f, inputs).at(|| "remat")
}

fn call<R: Results>(f: &impl Fn(&[Tensor]) -> Result<R>, inputs: &[&Tensor]) -> Result<R> {
    if inputs.iter().any(|x| x.is_symbolic()) {
        return Err(Error::state(
            "an argument is symbolic; wrap the call in operation(\"name\", &[inputs], |x| ..)",
        ));
    }
    let takes: Vec<Meta> = inputs.iter().map(|x| x.meta()).collect();
    let (recorder, mut arguments, results) = record(&takes, |x| Ok(f(x)?.into_vec()))?;
    let mut outputs = results.iter().map(|y| recorder.value_of(y)).collect::<Result<Vec<_>>>()?;
    let (outers, assigned) = (recorder.outers(), recorder.assigned());
    arguments.extend(outers.iter().map(|o| recorder.input_for(o)));
    outputs.extend(assigned.iter().map(|o| recorder.current(o)));
    let op = Remat { body: recorder.finish(&arguments, &outputs) };
    let inputs: Vec<Tensor> =
        inputs.iter().map(|&x| x.clone()).chain(outers.into_iter().map(|o| o.tensor)).collect();
    let mut out = apply(Arc::new(op), &inputs)?;
    assign_all(&assigned, &out.split_off(results.len()))?;
    Ok(R::from_vec(out))
}
