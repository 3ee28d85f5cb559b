//! Connectionist temporal classification: the probability of a sequence of labels under all its alignments.

use super::{
    add, cast, concatenate, equal, expand_dims, less, log_softmax, logaddexp, matmul, maximum, multiply,
    narrow, negative, one_hot, squeeze, subtract, sum, transpose, weak, r#where,
};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Shape, promote};

/// What stands for the logarithm of 0: small, and far from overflow in sums.
const NEVER: f64 = -1e5;

/// The scores before each label and after the last, with something added to all but the first.
fn reach(between: &Tensor, score: &Tensor) -> Result<Tensor> {
    let n = between.shape()[1];
    let first = narrow(between, 1, 0, 1)?;
    concatenate(&[&first, &logaddexp(&narrow(between, 1, 1, n)?, score)?], 1)
}

/// Connectionist temporal classification loss: minus the logarithm of the probability that the outputs spell the
/// target, summed over all ways to align them.
///
/// `target` is `[batch, labels]` of class numbers, `output` `[batch, time, classes]` of logits, the lengths are `[batch]`;
/// what lies behind them does not count. `mask_index` is the class that stands for "no label" (Keras's default is 0).
/// The result is `[batch]`, in at least `float32`. Two equal labels in a row need such a mask between them; a target
/// that does not fit into its output has a loss of about 1e5.
///
/// ```
/// use rhyton_tensor::{DType, Tensor, ops};
/// // Two steps, two classes: of 4 equally likely ways, "1" is spelled by 1 1, 0 1 and 1 0.
/// let output = ops::zeros([1, 2, 2], DType::F64).unwrap();
/// let one = Tensor::from([1]);
/// let loss = ops::ctc_loss(&Tensor::from([[1]]), &output, &one, &Tensor::from([2]), 0).unwrap();
/// assert!((loss.item::<f64>().unwrap() + 0.75f64.ln()).abs() < 1e-12);
/// ```
///
/// # Errors
/// Where ranks or batch sizes differ, there is no time step, or the mask is not one of the classes.
pub fn ctc_loss(
    target: &Tensor,
    output: &Tensor,
    target_length: &Tensor,
    output_length: &Tensor,
    mask_index: usize,
) -> Result<Tensor> {
    operation("ctc_loss", &[target, output, target_length, output_length], move |x| {
        let fail = |what: String| Err(Error::shape(what));
        let (&[batch, labels], &[b, steps, classes]) = (x[0].shape(), x[1].shape()) else {
            return fail(format!(
                "expected a target [batch, labels] and an output [batch, time, classes], got shapes {} and {}",
                Shape::from(x[0].shape()),
                Shape::from(x[1].shape())
            ));
        };
        if b != batch || x[2].shape() != [batch] || x[3].shape() != [batch] {
            return fail(format!(
                "expected one batch size, got target {}, output {}, target_length {} and output_length {}",
                Shape::from(x[0].shape()),
                Shape::from(x[1].shape()),
                Shape::from(x[2].shape()),
                Shape::from(x[3].shape())
            ));
        }
        if steps == 0 {
            return fail("expected an output of at least one time step, got none".into());
        }
        if mask_index >= classes {
            return Err(Error::value(format!("mask_index {mask_index} is not one of the {classes} classes")));
        }
        let target = cast(x[0], DType::I64)?;
        let lengths = expand_dims(&cast(x[2], DType::I64)?, 1)?;
        let times = expand_dims(&cast(x[3], DType::I64)?, 1)?;
        let output = cast(x[1], promote(x[1].dtype().to_float(), DType::F32))?;
        let dtype = output.dtype();
        let log_p = log_softmax(&output, -1)?;
        let spelled = one_hot(&target, classes, -1, dtype)?;
        let emitted = matmul(&log_p, &transpose(&spelled, Some(&[0, 2, 1]))?)?;
        let masked = narrow(&log_p, 2, mask_index, mask_index + 1)?;
        // 1 where a label is followed by itself.
        let repeats = match labels {
            0 => super::zeros([batch, 0], dtype)?,
            n => {
                let same = equal(&narrow(&target, 1, 0, n - 1)?, &narrow(&target, 1, 1, n)?)?;
                concatenate(&[&cast(&same, dtype)?, &super::zeros([batch, 1], dtype)?], 1)?
            }
        };
        let never = weak(&output, NEVER)?;
        let on_repeat = multiply(&repeats, &never)?;
        let unless_repeat = multiply(&subtract(&weak(&output, 1.0)?, &repeats)?, &never)?;
        // Scores of having come between two labels, and of standing on one.
        let open = super::full([batch, labels], NEVER, dtype)?;
        let mut between = concatenate(&[&super::zeros([batch, 1], dtype)?, &open], 1)?;
        let mut on = open;
        for t in 0..steps {
            let emit = squeeze(&narrow(&emitted, 1, t, t + 1)?, 1)?;
            let mask = squeeze(&narrow(&masked, 1, t, t + 1)?, 1)?;
            let from = reach(&between, &add(&on, &on_repeat)?)?;
            let before = narrow(&from, 1, 0, labels)?;
            let next_on = logaddexp(&add(&before, &emit)?, &add(&on, &emit)?)?;
            let after = add(&add(&on, &mask)?, &unless_repeat)?;
            let next_between = reach(&add(&from, &mask)?, &after)?;
            let counts = less(&weak(&times, t as f64)?, &times)?;
            on = r#where(&counts, &next_on, &on)?;
            between = r#where(&counts, &next_between, &between)?;
        }
        let last = reach(&between, &on)?;
        let zero = weak(&lengths, 0.0)?;
        let lengths = super::minimum(&maximum(&lengths, &zero)?, &weak(&lengths, labels as f64)?)?;
        let chosen = one_hot(&squeeze(&lengths, 1)?, labels + 1, -1, dtype)?;
        negative(&sum(&multiply(&last, &chosen)?, 1)?)
    })
}
