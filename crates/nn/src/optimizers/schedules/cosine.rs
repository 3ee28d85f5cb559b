//! Learning rates that fall like half a wave of the cosine.

use super::{LearningRateSchedule, as_number, check_steps, number, required};
use crate::arguments::{Argument, Arguments, finite};
use crate::numbers::{minus, plus, times};
use crate::spec::Config;
use rhyton_base::{Context, Result};
use rhyton_tensor::{Tensor, ops};
use std::f64::consts::PI;

/// `(1 + cos(π x)) / 2`.
fn wave(x: &Tensor) -> Result<Tensor> {
    times(&plus(&ops::cos(&times(x, PI)?)?, 1.0)?, 0.5)
}

schedules! {
    /// From `initial_learning_rate` down to `alpha` (0) times that in `decay_steps`, along half a wave of the cosine.
    ///
    /// With a `warmup_target`, it first rises in a line from `initial_learning_rate` to that over `warmup_steps` (0), and
    /// falls from there to `alpha` times the target.
    ///
    /// # Errors
    /// `call` of an optimizer fails where `decay_steps` is not positive.
    ///
    /// Source: Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm restarts".
    ///
    /// ```
    /// use rhyton_nn::optimizers::schedules::{CosineDecay, LearningRateSchedule};
    /// use rhyton_tensor::Tensor;
    /// let schedule = CosineDecay::new(0.0, 100.0).warmup_target(1.0).warmup_steps(10.0);
    /// let rate = |step: i32| schedule.call(&Tensor::from(step)).unwrap().item::<f32>().unwrap();
    /// assert_eq!((rate(5), rate(10), rate(110)), (0.5, 1.0, 0.0));
    /// ```
    CosineDecay "CosineDecay" "CosineDecay" {
        initial_learning_rate: f64;
        decay_steps: f64;
    } {
        /// The share that is left at the end.
        alpha(f64): f64 = 0.0;
        /// What the learning rate first rises to.
        warmup_target(f64): Option<f64> = None;
        /// The steps of the rise.
        warmup_steps(f64): f64 = 0.0;
    } |s| check_steps("decay_steps", s.decay_steps), |s, step| {
        let (step, steps) = (as_number(step)?, number(s.decay_steps)?);
        let (start, top) = match s.warmup_target {
            Some(target) => (s.warmup_steps, target),
            None => (0.0, s.initial_learning_rate),
        };
        let start = number(start)?;
        let since = ops::minimum(&ops::subtract(&step, &start)?, &steps)?;
        let share = plus(&times(&wave(&ops::divide(&since, &steps)?)?, 1.0 - s.alpha)?, s.alpha)?;
        let falling = times(&share, top)?;
        if s.warmup_target.is_none() || s.warmup_steps <= 0.0 {
            return Ok(falling);
        }
        let done = ops::divide(&step, &start)?;
        let span = ops::subtract(&number(top)?, &number(s.initial_learning_rate)?)?;
        let rising = plus(&ops::multiply(&span, &done)?, s.initial_learning_rate)?;
        ops::r#where(&ops::less(&step, &start)?, &rising, &falling)
    };
    /// [`CosineDecay`] that begins again: the first fall takes `first_decay_steps`, each later one `t_mul` (2) times as
    /// long as the one before and from `m_mul` (1) times as high, down to `alpha` (0) times the first learning rate.
    ///
    /// # Errors
    /// `call` of an optimizer fails where `first_decay_steps` is not positive.
    ///
    /// Source: Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm restarts".
    CosineDecayRestarts "CosineDecayRestarts" "SGDRDecay" {
        initial_learning_rate: f64;
        first_decay_steps: f64;
    } {
        /// How much longer each fall takes than the one before.
        t_mul(f64): f64 = 2.0;
        /// How much higher each fall begins than the one before.
        m_mul(f64): f64 = 1.0;
        /// The share that is left at the end of a fall.
        alpha(f64): f64 = 0.0;
    } |s| check_steps("first_decay_steps", s.first_decay_steps), |s, step| {
        let done = ops::divide(&as_number(step)?, &number(s.first_decay_steps)?)?;
        let (restarts, done) = if s.t_mul == 1.0 {
            let restarts = ops::floor(&done)?;
            let done = ops::subtract(&done, &restarts)?;
            (restarts, done)
        } else {
            let t = number(s.t_mul)?;
            let length = minus(1.0, &times(&done, 1.0 - s.t_mul)?)?;
            let restarts = ops::floor(&ops::divide(&ops::log(&length)?, &ops::log(&t)?)?)?;
            let scale = ops::power(&t, &restarts)?;
            let before = ops::divide(&minus(1.0, &scale)?, &number(1.0 - s.t_mul)?)?;
            let done = ops::divide(&ops::subtract(&done, &before)?, &scale)?;
            (restarts, done)
        };
        let height = ops::multiply(&ops::power(&number(s.m_mul)?, &restarts)?, &wave(&done)?)?;
        times(&plus(&times(&height, 1.0 - s.alpha)?, s.alpha)?, s.initial_learning_rate)
    };
}
