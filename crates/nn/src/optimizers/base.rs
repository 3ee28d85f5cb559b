//! Learning rate, iterations, slots and the arguments that all optimizers have.

use super::clip::Clipping;
use super::rate::{LearningRate, Rate};
use super::slots::{Slots, Wanted};
use crate::arguments::{Arguments, config};
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;
use std::collections::HashSet;

/// Learning rate, iterations, slots and the arguments that all optimizers have.
///
/// Weight decay takes `weight_decay · learning_rate · w` away from each weight before the step (AdamW's decoupled
/// decay). At most one of `clipnorm` (norm of each gradient), `global_clipnorm` (norm of all together) and
/// `clipvalue` (each number) may be set. With `use_ema`, running averages of the weights are kept:
/// `average = ema_momentum · average + (1 - ema_momentum) · w`; they replace the weights every
/// `ema_overwrite_frequency` steps, and when training ends.
///
/// With `gradient_accumulation_steps`, the weights are changed every so many steps by the mean of the gradients since
/// the last change. `loss_scale_factor` is what the loss is multiplied by before gradients are taken
/// ([`Optimizer::scale_loss`](super::Optimizer::scale_loss)), and gradients are divided by. All of this in the order
/// scale, gather, clip, decay, step, averages.
///
/// Source: Keras's optimizers/base_optimizer.py.
#[derive(Debug)]
pub struct Base {
    name: String,
    rate: Rate,
    iterations: Variable,
    weight_decay: Option<f64>,
    undecayed_names: Vec<String>,
    undecayed: HashSet<u64>,
    clipnorm: Option<f64>,
    clipvalue: Option<f64>,
    global_clipnorm: Option<f64>,
    use_ema: bool,
    ema_momentum: f64,
    ema_overwrite_frequency: Option<i64>,
    loss_scale_factor: Option<f64>,
    gradient_accumulation_steps: Option<i64>,
    slots: Slots,
}

impl Base {
    /// Without decay, clipping and averages. The learning rate is a number, which is kept in the default float type,
    /// or a schedule.
    pub fn new(name: impl Into<String>, learning_rate: impl Into<LearningRate>) -> Base {
        Base {
            name: name.into(),
            rate: Rate::new(learning_rate.into()),
            iterations: Variable::named(Tensor::from(0i32), "iteration", false),
            weight_decay: None,
            undecayed_names: Vec::new(),
            undecayed: HashSet::new(),
            clipnorm: None,
            clipvalue: None,
            global_clipnorm: None,
            use_ema: false,
            ema_momentum: 0.99,
            ema_overwrite_frequency: None,
            loss_scale_factor: None,
            gradient_accumulation_steps: None,
            slots: Slots::default(),
        }
    }

    /// Another name.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Base {
        Base { name: name.into(), ..self }
    }

    /// Sets the weight decay per step and unit of learning rate.
    #[must_use]
    pub fn weight_decay(self, weight_decay: f64) -> Base {
        Base { weight_decay: Some(weight_decay), ..self }
    }

    /// Limits the norm of each gradient.
    #[must_use]
    pub fn clipnorm(self, clipnorm: f64) -> Base {
        Base { clipnorm: Some(clipnorm), ..self }
    }

    /// Limits each number of the gradients.
    #[must_use]
    pub fn clipvalue(self, clipvalue: f64) -> Base {
        Base { clipvalue: Some(clipvalue), ..self }
    }

    /// Limits the norm of all gradients together.
    #[must_use]
    pub fn global_clipnorm(self, global_clipnorm: f64) -> Base {
        Base { global_clipnorm: Some(global_clipnorm), ..self }
    }

    /// Keeps averages of the weights.
    #[must_use]
    pub fn use_ema(self, use_ema: bool) -> Base {
        Base { use_ema, ..self }
    }

    /// The weight of the old average, from 0 to 1; 0.99 by default.
    #[must_use]
    pub fn ema_momentum(self, ema_momentum: f64) -> Base {
        Base { ema_momentum, ..self }
    }

    /// After how many steps the averages replace the weights, again and again.
    #[must_use]
    pub fn ema_overwrite_frequency(self, steps: u32) -> Base {
        Base { ema_overwrite_frequency: Some(i64::from(steps)), ..self }
    }

    /// Leaves variables out of the weight decay: those whose name (the last part, such as `bias`) contains one of
    /// these words.
    #[must_use]
    pub fn exclude_from_weight_decay<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Base {
        Base { undecayed_names: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// Leaves these variables out of the weight decay.
    #[must_use]
    pub fn exclude_variables_from_weight_decay(self, variables: &[Variable]) -> Base {
        Base { undecayed: variables.iter().map(Variable::id).collect(), ..self }
    }

    /// What the loss is multiplied by, and gradients are divided by.
    #[must_use]
    pub fn loss_scale_factor(self, factor: f64) -> Base {
        Base { loss_scale_factor: Some(factor), ..self }
    }

    /// After how many steps the weights are changed, by the mean of the gradients since the last change.
    #[must_use]
    pub fn gradient_accumulation_steps(self, steps: u32) -> Base {
        Base { gradient_accumulation_steps: Some(i64::from(steps)), ..self }
    }

    /// Reads the arguments that all optimizers have.
    pub(super) fn read(a: &mut Arguments<'_>, name: &str, learning_rate: f64) -> Result<Base> {
        let rate = match a.value("learning_rate") {
            Some(schedule @ Value::Object(_)) => {
                super::schedules::from_envelope(schedule).at(|| a.class_name().to_string())?.into()
            }
            _ => LearningRate::Number(a.number("learning_rate", learning_rate)?),
        };
        let base = Base {
            weight_decay: a.optional_number("weight_decay")?,
            clipnorm: a.optional_number("clipnorm")?,
            clipvalue: a.optional_number("clipvalue")?,
            global_clipnorm: a.optional_number("global_clipnorm")?,
            use_ema: a.flag("use_ema", false)?,
            ema_momentum: a.number("ema_momentum", 0.99)?,
            ema_overwrite_frequency: a.optional_integer("ema_overwrite_frequency")?,
            loss_scale_factor: a.optional_number("loss_scale_factor")?,
            gradient_accumulation_steps: a.optional_integer("gradient_accumulation_steps")?,
            ..Base::new(a.optional_text("name")?.unwrap_or(name), rate)
        };
        a.ignore(&["decay"]);
        base.check().map_err(|e| e.at(a.class_name()))?;
        Ok(base)
    }

    /// Whether all arguments are inside their ranges.
    pub(super) fn check(&self) -> Result<()> {
        self.rate.check()?;
        if let Some(d) = self.weight_decay {
            check("weight_decay", d, "a number of at least 0", d >= 0.0)?;
        }
        let clips = [
            ("clipnorm", self.clipnorm),
            ("clipvalue", self.clipvalue),
            ("global_clipnorm", self.global_clipnorm),
        ];
        for (name, value) in clips {
            if let Some(v) = value {
                check(name, v, "a number greater than 0", v > 0.0)?;
            }
        }
        let set: Vec<_> = clips.iter().filter_map(|(name, v)| v.map(|v| format!("{name} = {v}"))).collect();
        if set.len() > 1 {
            let message = format!("{} are set; set at most one way of clipping", set.join(" and "));
            return Err(Error::value(message));
        }
        let momentum = self.ema_momentum;
        check("ema_momentum", momentum, "in [0, 1]", (0.0..=1.0).contains(&momentum))?;
        let steps = self.ema_overwrite_frequency.unwrap_or(1);
        check(
            "ema_overwrite_frequency",
            steps as f64,
            "at least 1",
            (1..=i64::from(i32::MAX)).contains(&steps),
        )?;
        let gathered = self.gradient_accumulation_steps.unwrap_or(2);
        let fine = (2..=i64::from(i32::MAX)).contains(&gathered);
        check("gradient_accumulation_steps", gathered as f64, "at least 2", fine)?;
        let factor = self.loss_scale_factor.unwrap_or(1.0);
        check("loss_scale_factor", factor, "a number greater than 0", factor > 0.0)
    }

    /// The arguments that all optimizers have.
    pub(super) fn config(&self) -> Config {
        config([
            ("name", Value::from(self.name.as_str())),
            ("learning_rate", self.rate.config()),
            ("weight_decay", Value::from(self.weight_decay)),
            ("clipnorm", Value::from(self.clipnorm)),
            ("global_clipnorm", Value::from(self.global_clipnorm)),
            ("clipvalue", Value::from(self.clipvalue)),
            ("use_ema", Value::from(self.use_ema)),
            ("ema_momentum", Value::from(self.ema_momentum)),
            ("ema_overwrite_frequency", Value::from(self.ema_overwrite_frequency)),
            ("loss_scale_factor", Value::from(self.loss_scale_factor)),
            ("gradient_accumulation_steps", Value::from(self.gradient_accumulation_steps)),
        ])
    }

    /// The name.
    pub fn given_name(&self) -> &str {
        &self.name
    }

    /// How many gradients have been taken, `int32`; while a step is being made, those before it.
    pub fn iterations(&self) -> &Variable {
        &self.iterations
    }

    /// How many times the weights have been changed, `int32`; while a step is being made, the times before it. This is
    /// what rules count by.
    ///
    /// # Errors
    /// Where there is no memory.
    pub fn steps(&self) -> Result<Tensor> {
        let taken = self.iterations.value();
        match self.gradient_accumulation_steps {
            Some(n) => ops::floor_divide(&taken, &ops::full([], n, DType::I32)?),
            None => Ok(taken),
        }
    }

    /// [`Base::steps`] and one: the number of this step counted from 1, in another type.
    ///
    /// # Errors
    /// Where there is no memory.
    pub fn this_step(&self, dtype: DType) -> Result<Tensor> {
        let steps = self.steps()?;
        ops::cast(&ops::add(&steps, &like(&steps, 1.0)?)?, dtype)
    }

    /// The learning rate of the step being made.
    ///
    /// # Errors
    /// Where a schedule fails.
    pub fn learning_rate(&self) -> Result<Tensor> {
        self.rate.value(&self.iterations.value())
    }

    /// Whether the learning rate follows a schedule.
    pub fn has_schedule(&self) -> bool {
        matches!(self.rate, Rate::Schedule(_))
    }

    pub(super) fn read_learning_rate(&self) -> Result<f64> {
        self.rate.read(&self.iterations.concrete_value())
    }

    pub(super) fn write_learning_rate(&self, rate: f64) -> Result<()> {
        self.rate.write(rate)
    }

    /// The weight decay that was asked for.
    pub fn decay(&self) -> Option<f64> {
        self.weight_decay
    }

    /// Whether the weight decay applies to a variable.
    pub(super) fn decays(&self, v: &Variable) -> bool {
        let name = v.name();
        let last = name.rsplit('/').next().unwrap_or(&name);
        !self.undecayed.contains(&v.id()) && !self.undecayed_names.iter().any(|n| last.contains(n.as_str()))
    }

    pub(super) fn scale_factor(&self) -> Option<f64> {
        self.loss_scale_factor
    }

    pub(super) fn accumulation(&self) -> Option<i64> {
        self.gradient_accumulation_steps
    }

    pub(super) fn clipping(&self) -> Clipping {
        match (self.clipnorm, self.global_clipnorm, self.clipvalue) {
            (Some(limit), _, _) => Clipping::Norm(limit),
            (_, Some(limit), _) => Clipping::GlobalNorm(limit),
            (_, _, Some(limit)) => Clipping::Value(limit),
            _ => Clipping::None,
        }
    }

    pub(super) fn is_built(&self) -> bool {
        self.slots.is_built()
    }

    /// Makes the slots, or makes sure that they are for the same variables.
    pub(super) fn make_slots(&self, wanted: Wanted<'_>, variables: &[Variable]) -> Result<()> {
        let (averages, gradients) = (self.use_ema, self.gradient_accumulation_steps.is_some());
        self.slots.make(Wanted { averages, gradients, ..wanted }, variables)
    }

    /// The slots of each variable.
    pub(super) fn slots_of(&self, variables: &[Variable]) -> Result<Vec<Vec<Variable>>> {
        self.slots.of(variables)
    }

    /// What is kept once for all variables.
    pub(super) fn shared_slots(&self) -> Vec<Variable> {
        self.slots.shared()
    }

    /// Where gradients are gathered.
    pub(super) fn gathered(&self, variables: &[Variable]) -> Result<Vec<Variable>> {
        self.slots.gradients_of(variables)
    }

    /// Iteration, learning rate unless it is a schedule, averages, slots.
    pub(super) fn state(&self) -> Vec<Variable> {
        let mut all = vec![self.iterations.clone()];
        all.extend(self.rate.variable().cloned());
        all.extend(self.slots.in_order());
        all
    }

    pub(super) fn averages(&self) -> Vec<(Variable, Variable)> {
        self.slots.averages()
    }

    /// Takes the weights into the averages, and every so often the averages into the weights.
    pub(super) fn update_averages(&self) -> Result<()> {
        let steps = self.steps()?;
        for (v, average) in self.slots.averages() {
            let w = v.value();
            // In the first step the weights are copied.
            let later = ops::cast(&ops::not_equal(&steps, &like(&steps, 0.0)?)?, w.dtype())?;
            let momentum = ops::multiply(&later, &like(&w, self.ema_momentum)?)?;
            let old = ops::multiply(&momentum, &average.value())?;
            let new = ops::multiply(&ops::subtract(&like(&w, 1.0)?, &momentum)?, &w)?;
            average.assign(&ops::add(&old, &new)?)?;
            if let Some(every) = self.ema_overwrite_frequency {
                let next = ops::add(&steps, &like(&steps, 1.0)?)?;
                let rest = ops::r#mod(&next, &ops::full([], every, DType::I32)?)?;
                let due = ops::equal(&rest, &like(&rest, 0.0)?)?;
                v.assign(&ops::r#where(&due, &average.value(), &w)?)?;
            }
        }
        Ok(())
    }

    /// Gives the variables their averages.
    pub(super) fn take_averages(&self, variables: &[Variable]) -> Result<()> {
        let averaged = self.slots.averages();
        for v in variables.iter().filter(|_| self.use_ema) {
            let (_, average) = averaged
                .iter()
                .find(|(known, _)| known.id() == v.id())
                .ok_or_else(|| Error::state(format!("it keeps no average of variable {:?}", v.name())))?;
            v.assign(&average.value())?;
        }
        Ok(())
    }
}

/// An error unless an argument is what it should be.
pub(crate) fn check(name: &str, value: f64, expected: &str, fine: bool) -> Result<()> {
    if fine && value.is_finite() {
        Ok(())
    } else {
        Err(Error::value(format!("expected {name} to be {expected}, got {value}")))
    }
}

/// The builder methods that all optimizers have.
macro_rules! base_methods {
    ($Name:ident) => {
        base_methods! { @each $Name
            /// Another name.
            name(name: impl Into<String>);
            /// Takes `weight_decay · learning_rate · w` away from each weight before each step.
            weight_decay(weight_decay: f64);
            /// Limits the norm of each gradient.
            clipnorm(clipnorm: f64);
            /// Limits each number of the gradients.
            clipvalue(clipvalue: f64);
            /// Limits the norm of all gradients together.
            global_clipnorm(global_clipnorm: f64);
            /// Keeps averages of the weights; see [`Base`].
            use_ema(use_ema: bool);
            /// The weight of the old average, from 0 to 1; 0.99 by default.
            ema_momentum(ema_momentum: f64);
            /// After how many steps the averages replace the weights, again and again.
            ema_overwrite_frequency(steps: u32);
            /// What the loss is multiplied by, and gradients are divided by; see [`Base`].
            loss_scale_factor(factor: f64);
            /// After how many steps the weights are changed; see [`Base`].
            gradient_accumulation_steps(steps: u32);
            /// Leaves these variables out of the weight decay.
            exclude_variables_from_weight_decay(variables: &[Variable]);
        }

        /// Leaves variables out of the weight decay: those whose name (the last part, such as `bias`) contains one of
        /// these words.
        #[must_use]
        pub fn exclude_from_weight_decay<S: Into<String>>(
            self,
            names: impl IntoIterator<Item = S>,
        ) -> $Name {
            $Name { base: self.base.exclude_from_weight_decay(names), ..self }
        }
    };
    (@each $Name:ident $($(#[$doc:meta])* $method:ident($argument:ident: $t:ty);)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $method(self, $argument: $t) -> $Name {
            $Name { base: self.base.$method($argument), ..self }
        }
    )*};
}
pub(crate) use base_methods;
