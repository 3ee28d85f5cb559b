//! FTRL: follow the regularised leader.

use super::define::prelude::*;

optimizer! {
    /// The weights that would have been best so far under penalties, with each number's own learning rate.
    ///
    /// ```text
    /// n' = n + g²
    /// z = z + g + 2 s w - (n'^-p - n^-p) w / η
    /// w = (clip(z, -l1, l1) - z) / (n'^-p / η + 2 (l2 + β / 2η))
    /// n = n'
    /// ```
    ///
    /// Defaults: learning rate `η` 0.001, its power `p` -0.5, first value of `n` 0.1, penalties `l1` and `l2` 0,
    /// shrinkage `s` 0, `β` 0. Further arguments: see [`Base`].
    ///
    /// # Errors
    /// `build` and `apply` fail where the power is positive or another argument negative.
    ///
    /// Source: McMahan et al. 2013, "Ad click prediction: a view from the trenches"; Keras's optimizers/ftrl.py.
    Ftrl "Ftrl" "ftrl" 0.001 {
        /// How the learning rate falls with the sum of squares; 0 for not at all.
        learning_rate_power(f64): f64 = -0.5;
        /// What the sums of squares start with.
        initial_accumulator_value(f64): f64 = 0.1;
        /// The penalty on sizes.
        l1_regularization_strength(f64): f64 = 0.0;
        /// The penalty on squares.
        l2_regularization_strength(f64): f64 = 0.0;
        /// The penalty on squares that counts towards the step alone.
        l2_shrinkage_regularization_strength(f64): f64 = 0.0;
        /// The `β` of the paper.
        beta(f64): f64 = 0.0;
    }
}

impl UpdateRule for Ftrl {
    fn base(&self) -> &Base {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Ftrl"
    }

    fn slots(&self, _: &Variable) -> Vec<Vec<Slot>> {
        let first = Initial::Number(self.initial_accumulator_value);
        vec![vec![Slot::starting_with("accumulator", first), Slot::new("linear")]]
    }

    fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
        let (sum, linear) = (&slots[0], &slots[1]);
        let old = sum.value();
        let new = ops::add(&old, &ops::square(g)?)?;
        let powered = |x: &Tensor| ops::power(x, &like(x, -self.learning_rate_power)?);
        let value = w.value();
        let shrunk = ops::add(g, &times(&value, 2.0 * self.l2_shrinkage_regularization_strength)?)?;
        let change = ops::divide(&ops::subtract(&powered(&new)?, &powered(&old)?)?, rate)?;
        linear.assign_add(&ops::subtract(&shrunk, &ops::multiply(&change, &value)?)?)?;
        let beta = ops::divide(&like(rate, self.beta)?, &times(rate, 2.0)?)?;
        let l2 = plus(&beta, self.l2_regularization_strength)?;
        let quadratic = ops::add(&ops::divide(&powered(&new)?, rate)?, &times(&l2, 2.0)?)?;
        let z = linear.value();
        let l1 = self.l1_regularization_strength;
        w.assign(&ops::divide(&ops::subtract(&ops::clip(&z, -l1, l1)?, &z)?, &quadratic)?)?;
        sum.assign(&new)
    }

    fn check(&self) -> Result<()> {
        let power = self.learning_rate_power;
        check("learning_rate_power", power, "a number of at most 0", power <= 0.0)?;
        let others = [
            ("initial_accumulator_value", self.initial_accumulator_value),
            ("l1_regularization_strength", self.l1_regularization_strength),
            ("l2_regularization_strength", self.l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", self.l2_shrinkage_regularization_strength),
            ("beta", self.beta),
        ];
        others.into_iter().try_for_each(|(name, n)| check(name, n, "a number of at least 0", n >= 0.0))
    }

    fn arguments(&self, config: &mut Config) {
        self.write(config);
    }
}
