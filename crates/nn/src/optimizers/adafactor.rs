//! Adafactor: mean squares kept as rows and columns.

use super::define::prelude::*;

optimizer! {
    /// Steps measured by mean squared gradients of which, for a matrix, only those of rows and of columns are kept.
    ///
    /// With `t` the number of this step, counted from 1, `rms(x) = √mean(x²)` and the means over the last two axes:
    ///
    /// ```text
    /// ρ = min(η, 1/√t)        α = max(ε₂, rms(w)) ρ        β = 1 - t^decay
    /// r = β r + (1 - β) mean(g² + ε₁, last axis)
    /// c = β c + (1 - β) mean(g² + ε₁, last but one)
    /// v = (r / mean(r)) c                                  β v + (1 - β) (g² + ε₁) for a vector
    /// u = g / √v
    /// w = w - α u / max(1, rms(u) / threshold)
    /// ```
    ///
    /// Defaults: learning rate `η` 0.001, decay -0.8, `ε₁` 1e-30, `ε₂` 0.001, threshold 1. `relative_step` changes nothing
    /// (nor does it in Keras): `ρ` is at most `1/√t` in any case. Further arguments: see [`Base`].
    ///
    /// # Errors
    /// `build` and `apply` fail where an `ε` is negative or the threshold is not positive.
    ///
    /// Source: Shazeer and Stern 2018, "Adafactor: adaptive learning rates with sublinear memory cost"; Keras's
    /// optimizers/adafactor.py.
    Adafactor "Adafactor" "adafactor" 0.001 {
        /// The power of the step by which means fade.
        beta_2_decay(f64): f64 = -0.8;
        /// What is added to squares.
        epsilon_1(f64): f64 = 1e-30;
        /// What the size of weights counts as at least.
        epsilon_2(f64): f64 = 1e-3;
        /// The root mean square above which a step is shortened.
        clip_threshold(f64): f64 = 1.0;
        /// Kept for files.
        relative_step(bool): bool = true;
    }
}

fn rms(x: &Tensor) -> Result<Tensor> {
    ops::sqrt(&ops::mean(&ops::square(x)?, ..)?)
}

impl UpdateRule for Adafactor {
    fn base(&self) -> &Base {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Adafactor"
    }

    fn slots(&self, v: &Variable) -> Vec<Vec<Slot>> {
        let shape = v.shape();
        let (rows, columns) = match shape {
            [.., _, columns] => {
                let mut c = shape[..shape.len() - 2].to_vec();
                c.push(*columns);
                (
                    Slot::of_shape("row_means", shape[..shape.len() - 1].to_vec()),
                    Slot::of_shape("column_means", c),
                )
            }
            _ => {
                let place = |name| Slot::starting_with(name, Initial::Nothing);
                (place("row_means"), place("column_means"))
            }
        };
        vec![vec![rows, columns, Slot::new("velocity")]]
    }

    fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
        let (rows, columns, v) = (&slots[0], &slots[1], &slots[2]);
        let t = self.base.this_step(w.dtype())?;
        let rho = ops::minimum(rate, &ops::reciprocal(&ops::sqrt(&t)?)?)?;
        let size = rms(&w.value())?;
        let alpha = ops::multiply(&ops::maximum(&like(&size, self.epsilon_2)?, &size)?, &rho)?;
        let squares = plus(&ops::square(g)?, self.epsilon_1)?;
        let beta = minus(1.0, &ops::power(&t, &like(&t, self.beta_2_decay)?)?)?;
        let mean = |old: &Variable, new: &Tensor| -> Result<()> {
            let kept = ops::multiply(&beta, &old.value())?;
            old.assign(&ops::add(&kept, &ops::multiply(&minus(1.0, &beta)?, new)?)?)
        };
        if w.shape().len() >= 2 {
            mean(rows, &ops::mean(&squares, -1)?)?;
            mean(columns, &ops::mean(&squares, -2)?)?;
            let r = rows.value();
            let r = ops::divide(&r, &ops::mean(&r, Axes::from(-1).keepdims())?)?;
            let (r, c) = (ops::expand_dims(&r, -1)?, ops::expand_dims(&columns.value(), -2)?);
            v.assign(&ops::multiply(&r, &c)?)?;
        } else {
            mean(v, &squares)?;
        }
        let step = ops::divide(g, &ops::sqrt(&v.value())?)?;
        let excess = times(&rms(&step)?, 1.0 / self.clip_threshold)?;
        let step = ops::divide(&step, &ops::maximum(&like(&excess, 1.0)?, &excess)?)?;
        w.assign_sub(&ops::multiply(&alpha, &step)?)
    }

    fn check(&self) -> Result<()> {
        check("beta_2_decay", self.beta_2_decay, "a finite number", true)?;
        check("epsilon_1", self.epsilon_1, "a number of at least 0", self.epsilon_1 >= 0.0)?;
        check("epsilon_2", self.epsilon_2, "a number of at least 0", self.epsilon_2 >= 0.0)?;
        check("clip_threshold", self.clip_threshold, "a number greater than 0", self.clip_threshold > 0.0)
    }

    fn arguments(&self, config: &mut Config) {
        self.write(config);
    }
}
