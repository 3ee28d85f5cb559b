//! Adamax: Adam with the largest gradient in place of the mean square.

use super::define::prelude::*;

optimizer! {
    /// Gradient descent along the running mean of gradients, divided by the largest of them, which fades.
    ///
    /// With `t` the number of this step, counted from 1:
    ///
    /// ```text
    /// m = m + (g - m) (1 - β₁)
    /// u = max(β₂ u, |g|)
    /// w = w - η m / ((1 - β₁ᵗ) (u + ε))
    /// ```
    ///
    /// Defaults: learning rate `η` 0.001, `β₁` 0.9, `β₂` 0.999, `ε` 1e-7. Further arguments: see [`Base`].
    ///
    /// # Errors
    /// `build` and `apply` fail where `β₁` or `β₂` is outside `[0, 1)`, or `ε` is negative.
    ///
    /// Source: Kingma and Ba 2014, "Adam: a method for stochastic optimization", section 7; Keras's
    /// optimizers/adamax.py.
    Adamax "Adamax" "adamax" 0.001 {
        /// The weight of the old mean of gradients, from 0 to below 1.
        beta_1(f64): f64 = 0.9;
        /// How much of the largest gradient is left in the next step, from 0 to below 1.
        beta_2(f64): f64 = 0.999;
        /// What keeps the divisor from 0.
        epsilon(f64): f64 = 1e-7;
    }
}

impl UpdateRule for Adamax {
    fn base(&self) -> &Base {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Adamax"
    }

    fn slots(&self, _: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::new("momentum"), Slot::new("norm")]]
    }

    fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
        let (m, u) = (&slots[0], &slots[1]);
        let t = self.base.this_step(w.dtype())?;
        towards(m, g, 1.0 - self.beta_1)?;
        u.assign(&ops::maximum(&times(&u.value(), self.beta_2)?, &ops::abs(g)?)?)?;
        let correction = minus(1.0, &ops::power(&like(g, self.beta_1)?, &t)?)?;
        let divisor = ops::multiply(&correction, &plus(&u.value(), self.epsilon)?)?;
        w.assign_sub(&ops::divide(&ops::multiply(rate, &m.value())?, &divisor)?)
    }

    fn check(&self) -> Result<()> {
        super::check_betas(self.beta_1, self.beta_2, self.epsilon)
    }

    fn arguments(&self, config: &mut Config) {
        self.write(config);
    }
}
