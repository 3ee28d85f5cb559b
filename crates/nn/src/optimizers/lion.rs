//! Lion: steps of one size in the direction of the momentum's sign.

use super::define::prelude::*;

optimizer! {
    /// Steps of the size of the learning rate in every number, along the sign of the momentum.
    ///
    /// ```text
    /// w = w - η sign(β₁ m + (1 - β₁) g)
    /// m = β₂ m + (1 - β₂) g
    /// ```
    ///
    /// Defaults: learning rate `η` 0.001, `β₁` 0.9, `β₂` 0.99. A learning rate 3 to 10 times smaller than Adam's does well.
    /// Further arguments: see [`Base`].
    ///
    /// # Errors
    /// `build` and `apply` fail where `β₁` is outside `(0, 1]` or `β₂` outside `[0, 1]`.
    ///
    /// Source: Chen et al. 2023, "Symbolic discovery of optimization algorithms"; Keras's optimizers/lion.py.
    ///
    /// ```
    /// use rhyton_nn::optimizers::{Lion, Optimizer};
    /// use rhyton_tensor::{Tensor, Variable};
    /// let w = Variable::from([1.0f32, 1.0]);
    /// Lion::new(0.25).apply(&[Tensor::from([8.0f32, -0.5])], &[w.clone()]).unwrap();
    /// assert_eq!(w.value().to_vec::<f32>().unwrap(), [0.75, 1.25]);
    /// ```
    Lion "Lion" "lion" 0.001 {
        /// The weight of the momentum in the step, above 0 and up to 1.
        beta_1(f64): f64 = 0.9;
        /// The weight of the old momentum, from 0 to 1.
        beta_2(f64): f64 = 0.99;
    }
}

impl UpdateRule for Lion {
    fn base(&self) -> &Base {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Lion"
    }

    fn slots(&self, _: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::new("momentum")]]
    }

    fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
        let m = &slots[0];
        // β is rounded to the weight's type before it is taken from 1, as in Keras.
        let mixed = |beta: f64| -> Result<Tensor> {
            let beta = like(g, beta)?;
            ops::add(&ops::multiply(&m.value(), &beta)?, &ops::multiply(g, &minus(1.0, &beta)?)?)
        };
        w.assign_sub(&ops::multiply(rate, &ops::sign(&mixed(self.beta_1)?)?)?)?;
        m.assign(&mixed(self.beta_2)?)
    }

    fn check(&self) -> Result<()> {
        check("beta_1", self.beta_1, "in (0, 1]", self.beta_1 > 0.0 && self.beta_1 <= 1.0)?;
        check("beta_2", self.beta_2, "in [0, 1]", (0.0..=1.0).contains(&self.beta_2))
    }

    fn arguments(&self, config: &mut Config) {
        self.write(config);
    }
}
