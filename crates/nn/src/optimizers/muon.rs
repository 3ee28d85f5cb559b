//! Muon: momentum made orthogonal, for matrices; Adam for the rest.

use super::adam::adam_step;
use super::define::prelude::*;

optimizer! {
    /// For the matrices among the weights, gradient descent with a momentum whose singular values are brought near 1;
    /// for all others, and for embeddings, Adam.
    ///
    /// ```text
    /// m = m + g + (μ - 1) m
    /// x = g + μ m, or m without nesterov, over its norm (and transposed if it is tall)
    /// five times:  a = x xᵀ,  x = 3.4445 x + (-4.775 a + 2.0315 a a) x
    /// w = w - η x √max(rows, columns) rms_rate
    /// ```
    ///
    /// Defaults: learning rate `η` 0.001, `μ` 0.95 with nesterov, `rms_rate` 0.2, weight decay 0.004 (also Adam's), Adam with
    /// `β₁` 0.9, `β₂` 0.999, `ε` 1e-7 and the same learning rate. Further arguments: see [`Base`].
    ///
    /// # Errors
    /// `build` and `apply` fail where an argument is outside its range.
    ///
    /// Source: Jordan 2024, "Muon: an optimizer for hidden layers in neural networks"; Liu et al. 2025, "Muon is scalable
    /// for LLM training"; Keras's optimizers/muon.py.
    Muon "Muon" "muon" 0.001 decay 0.004 {
        /// Adam's weight of the old mean of gradients.
        adam_beta_1(f64): f64 = 0.9;
        /// Adam's weight of the old mean of squared gradients.
        adam_beta_2(f64): f64 = 0.999;
        /// The weight decay of what Adam changes.
        adam_weight_decay(impl Into<Option<f64>>): Option<f64> = Some(0.004);
        /// What keeps Adam's divisor from 0.
        epsilon(f64): f64 = 1e-7;
        /// Words; a matrix whose path contains one of them is left to Adam. (Keras takes regular expressions.)
        exclude_layers(impl Into<Vec<String>>): Vec<String> = Vec::new();
        /// Whether matrices with "embedding" in their path are left to Adam.
        exclude_embeddings(bool): bool = true;
        /// The factor of `x`.
        muon_a(f64): f64 = 3.4445;
        /// The factor of `a`.
        muon_b(f64): f64 = -4.7750;
        /// The factor of `a a`.
        muon_c(f64): f64 = 2.0315;
        /// Adam's learning rate over this one.
        adam_lr_ratio(f64): f64 = 1.0;
        /// The share of the old momentum.
        momentum(f64): f64 = 0.95;
        /// How many times `x` is brought nearer.
        ns_steps(usize): usize = 5;
        /// Whether the momentum looks ahead.
        nesterov(bool): bool = true;
        /// The size of steps in units of Adam's, or none for steps as they come.
        rms_rate(impl Into<Option<f64>>): Option<f64> = Some(0.2);
    }
}

impl Muon {
    fn left_to_adam(&self, v: &Variable) -> bool {
        let name = v.name();
        v.shape().len() != 2
            || (self.exclude_embeddings && name.to_lowercase().contains("embedding"))
            || self.exclude_layers.iter().any(|word| name.contains(word.as_str()))
    }

    /// The matrix with singular values near 1.
    fn orthogonal(&self, x: &Tensor) -> Result<Tensor> {
        let transposed = |x: &Tensor| ops::transpose(x, None);
        let tall = x.shape()[0] > x.shape()[1];
        let mut x = if tall { transposed(x)? } else { x.clone() };
        let norm = ops::sqrt(&ops::sum(&ops::square(&x)?, ..)?)?;
        x = ops::divide(&x, &plus(&norm, 1e-7)?)?;
        for _ in 0..self.ns_steps {
            let a = ops::matmul(&x, &transposed(&x)?)?;
            let aa = ops::matmul(&times(&a, self.muon_c)?, &a)?;
            let b = ops::add(&times(&a, self.muon_b)?, &aa)?;
            x = ops::add(&times(&x, self.muon_a)?, &ops::matmul(&b, &x)?)?;
        }
        if tall { transposed(&x) } else { Ok(x) }
    }
}

impl UpdateRule for Muon {
    fn base(&self) -> &Base {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Muon"
    }

    fn slots(&self, v: &Variable) -> Vec<Vec<Slot>> {
        let mut slots = vec![Slot::new("momentum")];
        if self.left_to_adam(v) {
            slots.push(Slot::new("velocity"));
        }
        vec![slots]
    }

    fn decay(&self, v: &Variable) -> Option<f64> {
        if self.left_to_adam(v) { self.adam_weight_decay } else { self.base.decay() }
    }

    fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
        if let [m, v] = slots {
            let t = self.base.this_step(w.dtype())?;
            let rate = times(rate, self.adam_lr_ratio)?;
            return adam_step(g, w, &rate, &t, (m, v), (self.adam_beta_1, self.adam_beta_2, self.epsilon));
        }
        let m = &slots[0];
        m.assign_add(&ops::add(g, &times(&m.value(), self.momentum - 1.0)?)?)?;
        let ahead = match self.nesterov {
            true => ops::add(g, &times(&m.value(), self.momentum)?)?,
            false => m.value(),
        };
        let step = ops::multiply(rate, &self.orthogonal(&ahead)?)?;
        let side = w.shape()[0].max(w.shape()[1]) as f64;
        w.assign_sub(&times(&step, self.rms_rate.map_or(1.0, |rms| side.sqrt() * rms))?)
    }

    fn check(&self) -> Result<()> {
        super::check_betas(self.adam_beta_1, self.adam_beta_2, self.epsilon)?;
        let others = [
            ("muon_a", self.muon_a),
            ("muon_b", self.muon_b),
            ("muon_c", self.muon_c),
            ("adam_lr_ratio", self.adam_lr_ratio),
            ("rms_rate", self.rms_rate.unwrap_or(0.0)),
        ];
        others.into_iter().try_for_each(|(name, n)| check(name, n, "a finite number", true))?;
        check("momentum", self.momentum, "in [0, 1]", (0.0..=1.0).contains(&self.momentum))
    }

    fn arguments(&self, config: &mut Config) {
        self.write(config);
    }
}
