//! Nadam: Adam with Nesterov's momentum.

use super::define::prelude::*;
use rhyton_base::DType;

/// How fast the momentum grows to its full size.
const GROWTH: f64 = 0.96;

optimizer! {
    /// Adam that looks ahead along its momentum, which grows in the first steps.
    ///
    /// With `t` the number of this step, counted from 1:
    ///
    /// ```text
    /// μₜ = β₁ (1 - 0.96ᵗ / 2)        P = μ₁ μ₂ … μₜ
    /// m = m + (g - m) (1 - β₁)
    /// v = v + (g² - v) (1 - β₂)
    /// d = μₜ₊₁ m / (1 - P μₜ₊₁) + (1 - μₜ) g / (1 - P)
    /// w = w - η d / (√(v / (1 - β₂ᵗ)) + ε)
    /// ```
    ///
    /// Defaults: learning rate `η` 0.001, `β₁` 0.9, `β₂` 0.999, `ε` 1e-7. Further arguments: see [`Base`].
    ///
    /// # Errors
    /// `build` and `apply` fail where `β₁` or `β₂` is outside `[0, 1)`, or `ε` is negative.
    ///
    /// Source: Dozat 2015, "Incorporating Nesterov momentum into Adam"; Keras's optimizers/nadam.py.
    Nadam "Nadam" "nadam" 0.001 {
        /// The weight of the old mean of gradients, from 0 to below 1.
        beta_1(f64): f64 = 0.9;
        /// The weight of the old mean of squared gradients, from 0 to below 1.
        beta_2(f64): f64 = 0.999;
        /// What keeps the divisor from 0.
        epsilon(f64): f64 = 1e-7;
    }
}

impl Nadam {
    /// The momentum some steps after this one.
    fn momentum(&self, later: f64, dtype: DType) -> Result<Tensor> {
        let t = plus(&self.base.this_step(dtype)?, later)?;
        let growth = minus(1.0, &times(&ops::power(&like(&t, GROWTH)?, &t)?, 0.5)?)?;
        times(&growth, self.beta_1)
    }
}

impl UpdateRule for Nadam {
    fn base(&self) -> &Base {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Nadam"
    }

    fn slots(&self, _: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::new("momentum"), Slot::new("velocity")]]
    }

    fn shared(&self) -> Vec<Slot> {
        vec![Slot { initial: Initial::Number(1.0), ..Slot::of_shape("momentum_product", Vec::new()) }]
    }

    fn begin(&self, shared: &[Variable]) -> Result<()> {
        let product = &shared[0];
        product.assign(&ops::multiply(&product.value(), &self.momentum(0.0, product.dtype())?)?)
    }

    fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
        let (m, v) = (&slots[0], &slots[1]);
        let dtype = w.dtype();
        let (now, next) = (self.momentum(0.0, dtype)?, self.momentum(1.0, dtype)?);
        let product = ops::cast(&slots[2].value(), dtype)?;
        towards(m, g, 1.0 - self.beta_1)?;
        towards(v, &ops::square(g)?, 1.0 - self.beta_2)?;
        let ahead =
            ops::divide(&ops::multiply(&next, &m.value())?, &minus(1.0, &ops::multiply(&product, &next)?)?)?;
        let here = ops::divide(&ops::multiply(&minus(1.0, &now)?, g)?, &minus(1.0, &product)?)?;
        let direction = ops::add(&ahead, &here)?;
        let correction = minus(1.0, &ops::power(&like(g, self.beta_2)?, &self.base.this_step(dtype)?)?)?;
        let root = ops::sqrt(&ops::divide(&v.value(), &correction)?)?;
        w.assign_sub(&ops::divide(&ops::multiply(&direction, rate)?, &plus(&root, self.epsilon)?)?)
    }

    fn check(&self) -> Result<()> {
        super::check_betas(self.beta_1, self.beta_2, self.epsilon)
    }

    fn arguments(&self, config: &mut Config) {
        self.write(config);
    }
}
