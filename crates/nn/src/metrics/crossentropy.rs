//! Crossentropies as metrics.

use super::wrapper::metric_methods;
use super::{Mean, MeanMetric};
use crate::losses::{self, Loss};
use crate::spec::Config;
use rhyton_base::Result;
use rhyton_tensor::Tensor;

macro_rules! crossentropies {
    ($($(#[$doc:meta])* $Name:ident $class:literal $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name {
            mean: Mean,
            of: losses::$Name,
        }

        impl Default for $Name {
            fn default() -> $Name {
                $Name { mean: Mean::new($name), of: losses::$Name::new() }
            }
        }

        impl $Name {
            metric_methods!($Name);

            /// Whether predictions are logits instead of probabilities.
            #[must_use]
            pub fn from_logits(self, from_logits: bool) -> $Name {
                $Name { of: self.of.from_logits(from_logits), ..self }
            }

            /// The axis of the loss.
            #[must_use]
            pub fn axis(self, axis: isize) -> $Name {
                $Name { of: self.of.axis(axis), ..self }
            }

            pub(super) fn from_config(config: &Config) -> Result<$Name> {
                let mut given = Config::new();
                let mut others = Config::new();
                for (key, value) in config {
                    let to = if key == "name" || key == "dtype" { &mut given } else { &mut others };
                    to.insert(key.clone(), value.clone());
                }
                let mut a = crate::arguments::Arguments::new($class, &given);
                let mean = Mean::read(&mut a, $name)?;
                Ok($Name { mean, of: losses::$Name::from_config(&others)? })
            }
        }

        impl MeanMetric for $Name {
            fn mean(&self) -> &Mean {
                &self.mean
            }

            fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
                self.of.call(y_true, y_pred)
            }

            fn mask(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Option<Tensor>> {
                self.of.mask(y_true, y_pred)
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            /// Keras's `BinaryCrossentropy` has no axis; the loss of class numbers leaves out that it is the last one.
            fn arguments(&self, config: &mut Config) {
                for (key, value) in self.of.config() {
                    let left_out = $class == "BinaryCrossentropy" && key == "axis" && value == -1;
                    if !left_out && key != "name" && key != "reduction" {
                        config.insert(key, value);
                    }
                }
                if $class == "SparseCategoricalCrossentropy" {
                    config.entry("axis").or_insert_with(|| (-1).into());
                }
            }
        }
    )*};
}

crossentropies! {
    /// The mean crossentropy of yes-or-no targets; see [`losses::BinaryCrossentropy`].
    ///
    /// # Errors
    /// `update_state` fails as the loss does.
    BinaryCrossentropy "BinaryCrossentropy" "binary_crossentropy";
    /// The mean crossentropy of targets with a probability per class; see [`losses::CategoricalCrossentropy`].
    ///
    /// # Errors
    /// `update_state` fails as the loss does.
    CategoricalCrossentropy "CategoricalCrossentropy" "categorical_crossentropy";
    /// The mean crossentropy of class numbers; see [`losses::SparseCategoricalCrossentropy`].
    ///
    /// With a class to ignore, the mean is over the other samples. (Keras divides by all samples where no sample
    /// weights are given.)
    ///
    /// # Errors
    /// `update_state` fails as the loss does.
    SparseCategoricalCrossentropy "SparseCategoricalCrossentropy" "sparse_categorical_crossentropy";
}

impl BinaryCrossentropy {
    /// How far targets are moved towards even probabilities, from 0 to 1.
    #[must_use]
    pub fn label_smoothing(self, label_smoothing: f64) -> BinaryCrossentropy {
        BinaryCrossentropy { of: self.of.label_smoothing(label_smoothing), ..self }
    }
}

impl CategoricalCrossentropy {
    /// How far targets are moved towards even probabilities, from 0 to 1.
    #[must_use]
    pub fn label_smoothing(self, label_smoothing: f64) -> CategoricalCrossentropy {
        CategoricalCrossentropy { of: self.of.label_smoothing(label_smoothing), ..self }
    }
}

impl SparseCategoricalCrossentropy {
    /// The class number whose targets do not count.
    #[must_use]
    pub fn ignore_class(self, class: i64) -> SparseCategoricalCrossentropy {
        SparseCategoricalCrossentropy { of: self.of.ignore_class(class), ..self }
    }
}
