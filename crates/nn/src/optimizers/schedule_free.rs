//! Schedule-free AdamW: averages of weights in place of a falling learning rate.

use super::define::prelude::*;

optimizer! {
    /// Adam without momentum on weights `z`, whose running mean is `x`; gradients are taken between the two, at `w`.
    ///
    /// With `t` the number of this step, counted from 1:
    ///
    /// ```text
    /// v = v + (g² - v) (1 - β₂)
    /// x = (w - (1 - β₁) z) / β₁
    /// z = z - η min(t / warmup, 1) g / (√(v / (1 - β₂ᵗ)) + ε)
    /// x = (1 - 1/t) x + z / t
    /// w = (1 - β₁) z + β₁ x
    /// ```
    ///
    /// Defaults: learning rate `η` 0.0025, `β₁` 0.9, `β₂` 0.999, `ε` 1e-8, no warm-up. Further arguments: see [`Base`].
    ///
    /// # Errors
    /// `build` and `apply` fail where `β₁` is outside `(0, 1]`, `β₂` outside `[0, 1)`, or `ε` is negative.
    ///
    /// Source: Defazio et al. 2024, "The road less scheduled"; Keras's optimizers/schedule_free_adamw.py.
    ScheduleFreeAdamW "ScheduleFreeAdamW" "schedule_free_adam_w" 0.0025 {
        /// The share of the mean in the weights, above 0 and up to 1.
        beta_1(f64): f64 = 0.9;
        /// The weight of the old mean of squared gradients, from 0 to below 1.
        beta_2(f64): f64 = 0.999;
        /// What keeps the divisor from 0.
        epsilon(f64): f64 = 1e-8;
        /// Over how many steps the learning rate rises in a line.
        warmup_steps(u32): u32 = 0;
    }
}

impl UpdateRule for ScheduleFreeAdamW {
    fn base(&self) -> &Base {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "ScheduleFreeAdamW"
    }

    fn slots(&self, _: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::starting_with("momentum", Initial::Variable), Slot::new("velocity")]]
    }

    fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
        let (z, v) = (&slots[0], &slots[1]);
        let t = self.base.this_step(w.dtype())?;
        let (beta_1, beta_2) = (like(g, self.beta_1)?, like(g, self.beta_2)?);
        let rest = minus(1.0, &beta_1)?;
        let mut rate = rate.clone();
        if self.warmup_steps > 0 {
            let risen = ops::divide(&t, &like(&t, f64::from(self.warmup_steps))?)?;
            rate = ops::multiply(&rate, &ops::minimum(&risen, &like(&risen, 1.0)?)?)?;
        }
        let x = ops::divide(&ops::subtract(&w.value(), &ops::multiply(&rest, &z.value())?)?, &beta_1)?;
        let old = v.value();
        v.assign_add(&ops::multiply(&ops::subtract(&ops::square(g)?, &old)?, &minus(1.0, &beta_2)?)?)?;
        let correction = minus(1.0, &ops::power(&beta_2, &t)?)?;
        let divisor = plus(&ops::sqrt(&ops::divide(&v.value(), &correction)?)?, self.epsilon)?;
        z.assign_sub(&ops::divide(&ops::multiply(&rate, g)?, &divisor)?)?;
        let share = ops::reciprocal(&t)?;
        let z = z.value();
        let x = ops::add(&ops::multiply(&minus(1.0, &share)?, &x)?, &ops::multiply(&share, &z)?)?;
        w.assign(&ops::add(&ops::multiply(&rest, &z)?, &ops::multiply(&beta_1, &x)?)?)
    }

    fn check(&self) -> Result<()> {
        check("beta_1", self.beta_1, "in (0, 1]", self.beta_1 > 0.0 && self.beta_1 <= 1.0)?;
        check("beta_2", self.beta_2, "in [0, 1)", (0.0..1.0).contains(&self.beta_2))?;
        check("epsilon", self.epsilon, "a number of at least 0", self.epsilon >= 0.0)
    }

    fn arguments(&self, config: &mut Config) {
        self.write(config);
    }
}
