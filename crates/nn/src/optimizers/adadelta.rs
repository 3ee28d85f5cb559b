//! Adadelta: steps in the units of the steps before.

use super::define::prelude::*;

optimizer! {
    /// Gradient descent with steps as large as the root of the mean square of the steps before, over that of the
    /// gradients.
    ///
    /// ```text
    /// a = ρ a + (1 - ρ) g²
    /// d = - g √(b + ε) / √(a + ε)
    /// b = ρ b + (1 - ρ) d²
    /// w = w + η d
    /// ```
    ///
    /// Defaults: learning rate `η` 0.001 (1 is the paper's), `ρ` 0.95, `ε` 1e-7. Further arguments: see [`Base`].
    ///
    /// # Errors
    /// `build` and `apply` fail where `ρ` is outside `[0, 1]` or `ε` is negative.
    ///
    /// Source: Zeiler 2012, "ADADELTA: an adaptive learning rate method"; Keras's optimizers/adadelta.py.
    ///
    /// ```
    /// use rhyton_nn::optimizers::{Adadelta, Optimizer};
    /// use rhyton_tensor::{Tensor, Variable};
    /// let w = Variable::from([1.0]);
    /// Adadelta::new(1.0).rho(0.0).epsilon(1.0).apply(&[Tensor::from([3.0f64.sqrt()])], &[w.clone()]).unwrap();
    /// assert!((w.value().to_vec::<f64>().unwrap()[0] - (1.0 - 3.0f64.sqrt() / 2.0)).abs() < 1e-12);
    /// ```
    Adadelta "Adadelta" "adadelta" 0.001 {
        /// The weight of the old means, from 0 to 1.
        rho(f64): f64 = 0.95;
        /// What keeps roots from 0.
        epsilon(f64): f64 = 1e-7;
    }
}

impl UpdateRule for Adadelta {
    fn base(&self) -> &Base {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Adadelta"
    }

    fn slots(&self, _: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::new("accumulated_grad"), Slot::new("accumulated_delta_var")]]
    }

    fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
        let (gradients, steps) = (&slots[0], &slots[1]);
        let mean = |old: &Variable, new: &Tensor| -> Result<()> {
            let new = times(&ops::square(new)?, 1.0 - self.rho)?;
            old.assign(&ops::add(&times(&old.value(), self.rho)?, &new)?)
        };
        let root = |mean: &Variable| ops::sqrt(&plus(&mean.value(), self.epsilon)?);
        mean(gradients, g)?;
        let step = ops::negative(&ops::divide(&ops::multiply(&root(steps)?, g)?, &root(gradients)?)?)?;
        mean(steps, &step)?;
        w.assign_add(&ops::multiply(rate, &step)?)
    }

    fn check(&self) -> Result<()> {
        check("rho", self.rho, "in [0, 1]", (0.0..=1.0).contains(&self.rho))?;
        check("epsilon", self.epsilon, "a number of at least 0", self.epsilon >= 0.0)
    }

    fn arguments(&self, config: &mut Config) {
        self.write(config);
    }
}
