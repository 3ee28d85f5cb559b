//! Gradients of one's own, and products with Jacobians.

use crate::control::record_with;
use crate::dispatch::apply;
use crate::symbolic::Results;
use crate::tape::{GradientTape, Source, Unconnected};
use crate::tensor::Tensor;
use rhyton_base::{Context, Error, Result};
use rhyton_ops::Meta;
use rhyton_ops::control::Custom;
use std::sync::Arc;

/// A function whose gradient is what another function says.
///
/// `f` gives the results and a function from the gradients of the results to those of the arguments, one each. Both
/// are written down on tensors without numbers, so they must be made of operations; the gradient function can then
/// itself be differentiated. No gradient flows to tensors and variables that they take from around them.
///
/// ```
/// use rhyton_tensor::{GradientTape, Tensor, ops};
/// // log(1 + e^x), whose gradient by the ordinary rules is NaN for large x.
/// let f = |x: &[Tensor]| {
///     let e = x[0].exp();
///     let y = (&e + 1.0).log();
///     Ok((y, move |dy: &[Tensor]| Ok(vec![&dy[0] * (1.0 - 1.0 / (&e + 1.0))])))
/// };
/// let x = Tensor::from(100.0f32);
/// let tape = GradientTape::new();
/// tape.watch(&x);
/// let y: Tensor = ops::custom_gradient(f, &[&x]).unwrap();
/// assert_eq!(tape.gradient(&y, &x).unwrap().item::<f32>().unwrap(), 1.0);
/// ```
///
/// # Errors
/// Where the gradient function does not give one gradient an argument, of its type and shape, or a variable is
/// assigned.
pub fn custom_gradient<R, G>(f: impl FnOnce(&[Tensor]) -> Result<(R, G)>, inputs: &[&Tensor]) -> Result<R>
where
    R: Results,
    G: FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
{
    let who = || "custom_gradient";
    if inputs.iter().any(|x| x.is_symbolic()) {
        return Err(Error::state(
            "an argument is symbolic; wrap the call in operation(\"name\", &[inputs], |x| ..)",
        )
        .at(who()));
    }
    let takes: Vec<Meta> = inputs.iter().map(|x| x.meta()).collect();
    let mut results = 0;
    let (recorder, arguments, (ys, grads)) = record_with(&takes, |recorder, x| {
        let (y, gradient) = f(x)?;
        let ys = y.into_vec();
        results = ys.len();
        let given = recorder.placeholders(&ys.iter().map(Tensor::meta).collect::<Vec<_>>());
        let grads = gradient(&given)?;
        if grads.len() != takes.len() {
            let (expected, got) = (takes.len(), grads.len());
            return Err(Error::value(format!(
                "the gradient function must give {expected} gradients, one an argument, got {got}"
            )));
        }
        if let Some(i) = (0..grads.len()).find(|&i| grads[i].meta() != takes[i]) {
            return Err(Error::shape(format!(
                "the gradient function gives {} for argument {i}, which is {}; it must have the same type and shape",
                grads[i].meta(),
                takes[i]
            )));
        }
        Ok(((ys, given), grads))
    })
    .at(who)?;
    if let Some(o) = recorder.assigned().first() {
        let name = o.variable.as_ref().map(|v| v.name()).unwrap_or_default();
        return Err(Error::state(format!(
            "it assigns variable {name:?}; return the value and assign it afterwards"
        ))
        .at(who()));
    }
    let (ys, given) = ys;
    let values = |all: &[Tensor]| all.iter().map(|x| recorder.value_of(x)).collect::<Result<Vec<_>>>();
    let (ys, given, grads) = (values(&ys)?, values(&given)?, values(&grads)?);
    let outers = recorder.outers();
    let mut takes = arguments.clone();
    takes.extend(outers.iter().map(|o| recorder.input_for(o)));
    // What the gradient needs of the function's work is kept.
    let kept = recorder.between(&given, &grads);
    let forward: Vec<_> = ys.iter().chain(&kept).copied().collect();
    let back: Vec<_> = takes.iter().chain(&kept).chain(&given).copied().collect();
    let op = Custom {
        forward: recorder.finish(&takes, &forward),
        backward: recorder.finish(&back, &grads),
        arguments: arguments.len(),
        results,
    };
    let inputs: Vec<Tensor> =
        inputs.iter().map(|&x| x.clone()).chain(outers.iter().map(|o| o.tensor.clone())).collect();
    let mut out = apply(Arc::new(op), &inputs).at(who)?;
    out.truncate(results);
    Ok(R::from_vec(out))
}

/// A function's results, and the product of its Jacobian and a tangent for each argument: how the results change when
/// the arguments move along the tangents.
///
/// It goes back over the function twice. Results that do not depend on the arguments have tangent 0.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let (x, t) = (Tensor::from(0.1f32), Tensor::from(0.2f32));
/// let (y, dy) = ops::jvp(|x| ops::sin(&x[0]), &[&x], &[&t]).unwrap();
/// assert!((y.item::<f32>().unwrap() - 0.09983342).abs() < 1e-7);
/// assert!((dy.item::<f32>().unwrap() - 0.19900084).abs() < 1e-7);
/// ```
///
/// # Errors
/// Where a tangent does not have its argument's shape, or a result is not a float.
pub fn jvp<R: Results>(
    fun: impl FnOnce(&[Tensor]) -> Result<R>,
    primals: &[&Tensor],
    tangents: &[&Tensor],
) -> Result<(R, R)> {
    let aux = |x: &[Tensor]| Ok((fun(x)?, ()));
    let (y, t, ()) = jvp_with_aux(aux, primals, tangents)?;
    Ok((y, t))
}

/// [`jvp`] of a function that gives something besides, which is passed on; `has_aux` in Keras.
///
/// # Errors
/// As [`jvp`].
pub fn jvp_with_aux<R: Results, A>(
    fun: impl FnOnce(&[Tensor]) -> Result<(R, A)>,
    primals: &[&Tensor],
    tangents: &[&Tensor],
) -> Result<(R, R, A)> {
    let who = || "jvp";
    if primals.len() != tangents.len() {
        let message = format!("expected {} tangents, one a primal, got {}", primals.len(), tangents.len());
        return Err(Error::value(message).at(who()));
    }
    for (i, (p, t)) in primals.iter().zip(tangents).enumerate() {
        if p.is_symbolic() || t.is_symbolic() {
            let message = "an argument is symbolic; wrap the call in operation(\"name\", &[inputs], |x| ..)";
            return Err(Error::state(message).at(who()));
        }
        if p.shape() != t.shape() {
            let message = format!("expected a tangent like primal {i}, {}, got {}", p.meta(), t.meta());
            return Err(Error::shape(message).at(who()));
        }
    }
    // Other handles to the same values, so that an argument given twice counts twice.
    let x = primals.iter().map(|p| super::reshape(p, p.shape().to_vec())).collect::<Result<Vec<_>>>()?;
    let sources: Vec<Source> = x.iter().map(Source::from).collect();
    let inner = GradientTape::new();
    x.iter().for_each(|x| inner.watch(x));
    let (y, aux) = fun(&x).at(who)?;
    let y = y.into_vec();
    let outer = GradientTape::new();
    // The product with the Jacobian's transpose is linear in its weights; its derivative by them is the Jacobian.
    let weights = y.iter().map(super::zeros_like).collect::<Result<Vec<_>>>()?;
    weights.iter().for_each(|w| outer.watch(w));
    let grads = inner.gradients_with(&y, &weights, &sources, Unconnected::None).at(who)?;
    let (mut targets, mut along) = (Vec::new(), Vec::new());
    for (g, &t) in grads.into_iter().zip(tangents) {
        if let Some(g) = g {
            targets.push(g);
            along.push(t.clone());
        }
    }
    let sources: Vec<Source> = weights.iter().map(Source::from).collect();
    let t = match targets.is_empty() {
        true => weights,
        false => {
            let found = outer.gradients_with(&targets, &along, &sources, Unconnected::Zero).at(who)?;
            found.into_iter().map(|t| t.expect("zeros at least")).collect()
        }
    };
    Ok((R::from_vec(y), R::from_vec(t), aux))
}

/// The product of the Hessian of a function and one vector for each argument. The function's result counts as the sum
/// of its elements.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let (x, v) = (Tensor::from([1.0f64, 2.0]), Tensor::from([1.0f64, 0.0]));
/// let cubes = |x: &[Tensor]| Ok(&x[0] * x[0].square());
/// let product = ops::hvp(cubes, &[&x], &[&v]).unwrap();
/// assert_eq!(product[0].to_vec::<f64>().unwrap(), [6.0, 0.0]);
/// ```
///
/// # Errors
/// Where a vector does not have its argument's shape, or the result is not a float.
pub fn hvp(
    fun: impl FnOnce(&[Tensor]) -> Result<Tensor>,
    primals: &[&Tensor],
    vectors: &[&Tensor],
) -> Result<Vec<Tensor>> {
    let gradient = |x: &[Tensor]| {
        let tape = GradientTape::new();
        x.iter().for_each(|x| tape.watch(x));
        let y = fun(x)?;
        let sources: Vec<Source> = x.iter().map(Source::from).collect();
        let grads = tape.gradients_of(&y, &sources, Unconnected::Zero)?;
        Ok(grads.into_iter().map(|g| g.expect("zeros at least")).collect::<Vec<_>>())
    };
    Ok(jvp(gradient, primals, vectors).at(|| "hvp")?.1)
}
