//! Learning rate, iterations, slots and the arguments that all optimizers have.

use super::clip::Clipping;
use super::slots::{Slot, Slots};
use crate::arguments::{Arguments, config};
use crate::numbers::{filled, like};
use crate::spec::Config;
use rhyton_base::{DType, Error, Result};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;

/// Learning rate, iterations, slots and the arguments that all optimizers have.
///
/// Weight decay takes `weight_decay · learning_rate · w` away from each weight before the step (AdamW's decoupled
/// decay). At most one of `clipnorm` (norm of each gradient), `global_clipnorm` (norm of all together) and
/// `clipvalue` (each number) may be set. With `use_ema`, running averages of the weights are kept:
/// `average = ema_momentum · average + (1 - ema_momentum) · w`; they replace the weights every
/// `ema_overwrite_frequency` steps, and when training ends.
///
/// Source: Keras's optimizers/base_optimizer.py.
#[derive(Debug)]
pub struct Base {
    name: String,
    rate: f64,
    learning_rate: Variable,
    iterations: Variable,
    weight_decay: Option<f64>,
    clipnorm: Option<f64>,
    clipvalue: Option<f64>,
    global_clipnorm: Option<f64>,
    use_ema: bool,
    ema_momentum: f64,
    ema_overwrite_frequency: Option<i64>,
    slots: Slots,
}

impl Base {
    /// Without decay, clipping and averages. The learning rate is kept in the default float type.
    pub fn new(name: impl Into<String>, learning_rate: f64) -> Base {
        let rate = filled(&[], learning_rate, crate::config::floatx()).expect("one float");
        Base {
            name: name.into(),
            rate: learning_rate,
            learning_rate: Variable::named(rate, "learning_rate", false),
            iterations: Variable::named(Tensor::from(0i32), "iteration", false),
            weight_decay: None,
            clipnorm: None,
            clipvalue: None,
            global_clipnorm: None,
            use_ema: false,
            ema_momentum: 0.99,
            ema_overwrite_frequency: None,
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

    /// Reads the arguments that all optimizers have.
    pub(super) fn read(a: &mut Arguments<'_>, name: &str, learning_rate: f64) -> Result<Base> {
        if let Some(schedule @ Value::Object(_)) = a.value("learning_rate") {
            let class = schedule.get("class_name").and_then(Value::as_str).unwrap_or("a schedule");
            let message = format!("learning rate schedules ({class}) are not in this version yet");
            return Err(Error::unsupported(message).at(a.class_name()));
        }
        let rate = a.number("learning_rate", learning_rate)?;
        let base = Base {
            weight_decay: a.optional_number("weight_decay")?,
            clipnorm: a.optional_number("clipnorm")?,
            clipvalue: a.optional_number("clipvalue")?,
            global_clipnorm: a.optional_number("global_clipnorm")?,
            use_ema: a.flag("use_ema", false)?,
            ema_momentum: a.number("ema_momentum", 0.99)?,
            ema_overwrite_frequency: a.optional_integer("ema_overwrite_frequency")?,
            ..Base::new(a.optional_text("name")?.unwrap_or(name), rate)
        };
        a.unsupported("loss_scale_factor")?;
        a.unsupported("gradient_accumulation_steps")?;
        a.ignore(&["decay"]);
        base.check().map_err(|e| e.at(a.class_name()))?;
        Ok(base)
    }

    /// Whether all arguments are inside their ranges.
    pub(super) fn check(&self) -> Result<()> {
        check("learning_rate", self.rate, "a finite number", self.rate.is_finite())?;
        if let Some(d) = self.weight_decay {
            check("weight_decay", d, "a number of at least 0", d.is_finite() && d >= 0.0)?;
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
        )
    }

    /// The arguments that all optimizers have.
    pub(super) fn config(&self) -> Config {
        config([
            ("name", Value::from(self.name.as_str())),
            ("learning_rate", Value::from(self.read_learning_rate().unwrap_or(self.rate))),
            ("weight_decay", Value::from(self.weight_decay)),
            ("clipnorm", Value::from(self.clipnorm)),
            ("global_clipnorm", Value::from(self.global_clipnorm)),
            ("clipvalue", Value::from(self.clipvalue)),
            ("use_ema", Value::from(self.use_ema)),
            ("ema_momentum", Value::from(self.ema_momentum)),
            ("ema_overwrite_frequency", Value::from(self.ema_overwrite_frequency)),
            ("loss_scale_factor", Value::Null),
            ("gradient_accumulation_steps", Value::Null),
        ])
    }

    /// The name.
    pub fn given_name(&self) -> &str {
        &self.name
    }

    /// How many steps have been made, `int32`; while a step is being made, those before it.
    pub fn iterations(&self) -> &Variable {
        &self.iterations
    }

    /// The learning rate as a variable.
    pub fn learning_rate_variable(&self) -> &Variable {
        &self.learning_rate
    }

    pub(super) fn read_learning_rate(&self) -> Result<f64> {
        Ok(self.learning_rate.concrete_value().to_f64s()?[0])
    }

    pub(super) fn write_learning_rate(&self, rate: f64) -> Result<()> {
        check("learning_rate", rate, "a finite number", rate.is_finite())?;
        self.learning_rate.assign(&filled(&[], rate, self.learning_rate.dtype())?)
    }

    pub(super) fn decay(&self) -> Option<f64> {
        self.weight_decay
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
    pub(super) fn make_slots(&self, groups: &[Vec<Slot>], variables: &[Variable]) -> Result<()> {
        self.slots.make(groups, variables, self.use_ema)
    }

    /// The slots of each variable.
    pub(super) fn slots_of(&self, variables: &[Variable]) -> Result<Vec<Vec<Variable>>> {
        self.slots.of(variables)
    }

    /// Iteration, learning rate, averages, slots.
    pub(super) fn state(&self) -> Vec<Variable> {
        let mut all = vec![self.iterations.clone(), self.learning_rate.clone()];
        all.extend(self.slots.in_order());
        all
    }

    /// Takes the weights into the averages, and every so often the averages into the weights.
    pub(super) fn update_averages(&self) -> Result<()> {
        let steps = self.iterations.value();
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
pub(super) fn check(name: &str, value: f64, expected: &str, fine: bool) -> Result<()> {
    if fine { Ok(()) } else { Err(Error::value(format!("expected {name} to be {expected}, got {value}"))) }
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
pub(super) use base_methods;
