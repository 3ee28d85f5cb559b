//! A learning rate that changes at certain steps.

use super::{LearningRateSchedule, number, required};
use crate::arguments::{Argument, Arguments, finite};
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result};
use rhyton_tensor::{Tensor, ops};

schedules! {
    /// `values[0]` up to and including step `boundaries[0]`, then `values[1]` up to and including `boundaries[1]`, and so
    /// on; the last value for all steps after the last boundary.
    ///
    /// # Errors
    /// `call` of an optimizer fails where there is not one value more than boundaries.
    ///
    /// ```
    /// use rhyton_nn::optimizers::schedules::{LearningRateSchedule, PiecewiseConstantDecay};
    /// use rhyton_tensor::Tensor;
    /// let schedule = PiecewiseConstantDecay::new([10, 20], [1.0, 0.5, 0.25]);
    /// let rate = |step: i32| schedule.call(&Tensor::from(step)).unwrap().item::<f32>().unwrap();
    /// assert_eq!((rate(10), rate(11), rate(21)), (1.0, 0.5, 0.25));
    /// ```
    PiecewiseConstantDecay "PiecewiseConstantDecay" "PiecewiseConstant" {
        boundaries: Vec<i64>;
        values: Vec<f64>;
    } {} |s| {
        if s.values.len() == s.boundaries.len() + 1 {
            return Ok(());
        }
        let (values, boundaries) = (s.values.len(), s.boundaries.len());
        Err(Error::value(format!(
            "expected one value more than boundaries, got {values} values and {boundaries} boundaries"
        )))
    }, |s, step| {
        s.check()?;
        let step = ops::cast(step, DType::I64)?;
        let mut rate = number(s.values[0])?;
        for (boundary, value) in s.boundaries.iter().zip(&s.values[1..]) {
            let after = ops::greater(&step, &ops::full([], *boundary, DType::I64)?)?;
            rate = ops::r#where(&after, &number(*value)?, &rate)?;
        }
        Ok(rate)
    };
}
