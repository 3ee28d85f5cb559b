//! Learning rates that fall by a formula of the step.

use super::{LearningRateSchedule, as_number, check_steps, number, required};
use crate::arguments::{Argument, Arguments, finite};
use crate::numbers::{minus, plus, times};
use crate::spec::Config;
use rhyton_base::{Context, Result};
use rhyton_tensor::{Tensor, ops};

/// `step / steps`, in whole steps with a staircase.
fn progress(step: &Tensor, steps: f64, staircase: bool) -> Result<Tensor> {
    let p = ops::divide(&as_number(step)?, &number(steps)?)?;
    if staircase { ops::floor(&p) } else { Ok(p) }
}

schedules! {
    /// `initial_learning_rate · decay_rate^(step / decay_steps)`; with `staircase` (not by default) the exponent is
    /// rounded down.
    ///
    /// # Errors
    /// `call` of an optimizer fails where `decay_steps` is not positive.
    ///
    /// ```
    /// use rhyton_nn::optimizers::schedules::{ExponentialDecay, LearningRateSchedule};
    /// use rhyton_tensor::Tensor;
    /// let rate = ExponentialDecay::new(0.5, 10, 0.25).call(&Tensor::from(5)).unwrap();
    /// assert_eq!(rate.item::<f32>().unwrap(), 0.25);
    /// ```
    ExponentialDecay "ExponentialDecay" "ExponentialDecay" {
        initial_learning_rate: f64;
        decay_steps: f64;
        decay_rate: f64;
    } {
        /// Whether the rate falls in stairs.
        staircase(bool): bool = false;
    } |s| check_steps("decay_steps", s.decay_steps), |s, step| {
        let p = progress(step, s.decay_steps, s.staircase)?;
        times(&ops::power(&number(s.decay_rate)?, &p)?, s.initial_learning_rate)
    };
    /// `initial_learning_rate / (1 + decay_rate · step / decay_steps)`; with `staircase` (not by default) the quotient
    /// is rounded down.
    ///
    /// # Errors
    /// `call` of an optimizer fails where `decay_steps` is not positive.
    InverseTimeDecay "InverseTimeDecay" "InverseTimeDecay" {
        initial_learning_rate: f64;
        decay_steps: f64;
        decay_rate: f64;
    } {
        /// Whether the rate falls in stairs.
        staircase(bool): bool = false;
    } |s| check_steps("decay_steps", s.decay_steps), |s, step| {
        let p = progress(step, s.decay_steps, s.staircase)?;
        ops::divide(&number(s.initial_learning_rate)?, &plus(&times(&p, s.decay_rate)?, 1.0)?)
    };
    /// From `initial_learning_rate` to `end_learning_rate` (0.0001) in `decay_steps`:
    /// `(initial - end) (1 - step / decay_steps)^power + end`, with `power` 1.
    ///
    /// With `cycle` (not by default) `decay_steps` is multiplied so that it is never behind the step.
    ///
    /// # Errors
    /// `call` of an optimizer fails where `decay_steps` is not positive.
    PolynomialDecay "PolynomialDecay" "PolynomialDecay" {
        initial_learning_rate: f64;
        decay_steps: f64;
    } {
        /// The last learning rate.
        end_learning_rate(f64): f64 = 0.0001;
        /// The power of the polynomial.
        power(f64): f64 = 1.0;
        /// Whether it begins again.
        cycle(bool): bool = false;
    } |s| check_steps("decay_steps", s.decay_steps), |s, step| {
        let (mut step, mut steps) = (as_number(step)?, number(s.decay_steps)?);
        if s.cycle {
            let times = ops::ceil(&ops::divide(&step, &steps)?)?;
            steps = ops::multiply(&steps, &ops::maximum(&times, &number(1.0)?)?)?;
        } else {
            step = ops::minimum(&step, &steps)?;
        }
        let rest = minus(1.0, &ops::divide(&step, &steps)?)?;
        let span = ops::subtract(&number(s.initial_learning_rate)?, &number(s.end_learning_rate)?)?;
        plus(&ops::multiply(&span, &ops::power(&rest, &number(s.power)?)?)?, s.end_learning_rate)
    };
}
