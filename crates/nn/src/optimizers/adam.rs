//! Adam: steps measured by running means of the gradient and of its square.

use super::check_betas;
use super::define::prelude::*;
use rhyton_base::Error;

optimizer! {
    /// Gradient descent along the running mean of gradients, divided by the root of the running mean of their squares.
    ///
    /// With `t` the number of this step, counted from 1:
    ///
    /// ```text
    /// α = η √(1 - β₂ᵗ) / (1 - β₁ᵗ)
    /// m = m + (g - m) (1 - β₁)
    /// v = v + (g² - v) (1 - β₂)
    /// w = w - m α / (√v + ε)           with amsgrad, the largest v so far stands for v here
    /// ```
    ///
    /// Defaults: learning rate `η` 0.001, `β₁` 0.9, `β₂` 0.999, `ε` 1e-7, no amsgrad. This `ε` is the "epsilon hat" of the
    /// paper's section 2.1: it is outside the root and not corrected for bias. Further arguments: see [`Base`].
    ///
    /// # Errors
    /// `build` and `apply` fail where `β₁` or `β₂` is outside `[0, 1)`, or `ε` is negative.
    ///
    /// Source: Kingma and Ba 2014, "Adam: a method for stochastic optimization"; Reddi et al. 2018, "On the convergence of
    /// Adam and beyond" (amsgrad, there with bias correction); Keras's optimizers/adam.py.
    ///
    /// ```
    /// use rhyton_nn::optimizers::{Adam, Optimizer};
    /// use rhyton_tensor::{Tensor, Variable};
    /// let w = Variable::from([1.0f32, 1.0]);
    /// Adam::new(0.25).beta_1(0.8).apply(&[Tensor::from([8.0f32, -0.5])], &[w.clone()]).unwrap();
    /// // The first step is as long as the learning rate, whatever the gradient.
    /// let w = w.value().to_vec::<f32>().unwrap();
    /// assert!((w[0] - 0.75).abs() < 1e-5 && (w[1] - 1.25).abs() < 1e-5);
    /// ```
    Adam "Adam" "adam" 0.001 {
        /// The weight of the old mean of gradients, from 0 to below 1.
        beta_1(f64): f64 = 0.9;
        /// The weight of the old mean of squared gradients, from 0 to below 1.
        beta_2(f64): f64 = 0.999;
        /// What keeps the divisor from 0.
        epsilon(f64): f64 = 1e-7;
        /// Whether to divide by the root of the largest mean of squares so far.
        amsgrad(bool): bool = false;
    }
}

optimizer! {
    /// [`Adam`] whose weight decay, 0.004 by default, does not pass through the means: before each step,
    /// `w = w - weight_decay · η · w`.
    ///
    /// Other defaults: those of [`Adam`]. Further arguments: see [`Base`].
    ///
    /// # Errors
    /// As [`Adam`], and where a file says that there is no weight decay.
    ///
    /// Source: Loshchilov and Hutter 2019, "Decoupled weight decay regularization"; Keras's optimizers/adamw.py.
    ///
    /// ```
    /// use rhyton_nn::optimizers::{AdamW, Optimizer};
    /// use rhyton_tensor::{Tensor, Variable};
    /// let w = Variable::from([2.0f64]);
    /// let adamw = AdamW::new(0.5).weight_decay(0.25).exclude_from_weight_decay(["bias"]);
    /// adamw.apply(&[Tensor::from([0.0])], &[w.clone()]).unwrap();
    /// assert_eq!(w.value().to_vec::<f64>().unwrap(), [1.75]);
    /// ```
    AdamW "AdamW" "adam_w" 0.001 decay 0.004 {
        /// The weight of the old mean of gradients, from 0 to below 1.
        beta_1(f64): f64 = 0.9;
        /// The weight of the old mean of squared gradients, from 0 to below 1.
        beta_2(f64): f64 = 0.999;
        /// What keeps the divisor from 0.
        epsilon(f64): f64 = 1e-7;
        /// Whether to divide by the root of the largest mean of squares so far.
        amsgrad(bool): bool = false;
    }
}

/// `η √(1 - β₂ᵗ) / (1 - β₁ᵗ)`, in the type of the learning rate.
fn alpha(rate: &Tensor, t: &Tensor, beta_1: f64, beta_2: f64) -> Result<Tensor> {
    let rest = |beta: f64| minus(1.0, &ops::power(&like(rate, beta)?, t)?);
    ops::divide(&ops::multiply(rate, &ops::sqrt(&rest(beta_2)?)?)?, &rest(beta_1)?)
}

/// One step of Adam without amsgrad; `t` is its number, counted from 1.
pub(super) fn adam_step(
    g: &Tensor,
    w: &Variable,
    rate: &Tensor,
    t: &Tensor,
    (m, v): (&Variable, &Variable),
    (beta_1, beta_2, epsilon): (f64, f64, f64),
) -> Result<()> {
    let alpha = alpha(rate, t, beta_1, beta_2)?;
    towards(m, g, 1.0 - beta_1)?;
    towards(v, &ops::square(g)?, 1.0 - beta_2)?;
    let divisor = plus(&ops::sqrt(&v.value())?, epsilon)?;
    w.assign_sub(&ops::divide(&ops::multiply(&m.value(), &alpha)?, &divisor)?)
}

macro_rules! rules {
    ($($Name:ident $class:literal $needs_decay:literal;)*) => {$(
        impl UpdateRule for $Name {
            fn base(&self) -> &Base {
                &self.base
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            fn slots(&self, _: &Variable) -> Vec<Vec<Slot>> {
                let mut slots = vec![vec![Slot::new("momentum"), Slot::new("velocity")]];
                if self.amsgrad {
                    slots.push(vec![Slot::new("velocity_hat")]);
                }
                slots
            }

            fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
                let (m, v) = (&slots[0], &slots[1]);
                let t = self.base.this_step(rate.dtype())?;
                let [_, _, largest] = slots else {
                    return adam_step(g, w, rate, &t, (m, v), (self.beta_1, self.beta_2, self.epsilon));
                };
                let alpha = alpha(rate, &t, self.beta_1, self.beta_2)?;
                towards(m, g, 1.0 - self.beta_1)?;
                towards(v, &ops::square(g)?, 1.0 - self.beta_2)?;
                largest.assign(&ops::maximum(&largest.value(), &v.value())?)?;
                let divisor = plus(&ops::sqrt(&largest.value())?, self.epsilon)?;
                w.assign_sub(&ops::divide(&ops::multiply(&m.value(), &alpha)?, &divisor)?)
            }

            fn check(&self) -> Result<()> {
                check_betas(self.beta_1, self.beta_2, self.epsilon)?;
                let decay = self.base.decay();
                match decay {
                    None if $needs_decay => Err(Error::value("expected weight_decay to be a number, got none")),
                    _ => Ok(()),
                }
            }

            fn arguments(&self, config: &mut Config) {
                self.write(config);
            }
        }
    )*};
}

rules! {
    Adam "Adam" false;
    AdamW "AdamW" true;
}
