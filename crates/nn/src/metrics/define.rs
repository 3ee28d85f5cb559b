//! Metrics that are the mean of a function with arguments.

/// Metrics from functions of themselves, targets and predictions: the type, its builder, its file form.
macro_rules! mean_metrics {
    ($($(#[$doc:meta])* $Name:ident $class:literal $name:literal {
        $($(#[$about:meta])* $field:ident: $t:ty = $default:expr;)*
    } $values:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name {
            mean: Mean,
            $($field: $t,)*
        }

        impl Default for $Name {
            fn default() -> $Name {
                $Name { mean: Mean::new($name), $($field: $default,)* }
            }
        }

        impl $Name {
            metric_methods!($Name);

            $(
                $(#[$about])*
                #[must_use]
                pub fn $field(self, $field: $t) -> $Name {
                    $Name { $field, ..self }
                }
            )*

            pub(super) fn from_config(config: &Config) -> Result<$Name> {
                let mut a = Arguments::new($class, config);
                let mean = Mean::read(&mut a, $name)?;
                let new = $Name { mean, $($field: Argument::read(&mut a, stringify!($field), $default)?,)* };
                a.finish()?;
                Ok(new)
            }
        }

        impl MeanMetric for $Name {
            fn mean(&self) -> &Mean {
                &self.mean
            }

            fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
                $(crate::arguments::finite(stringify!($field), &self.$field)?;)*
                let values: fn(&$Name, &Tensor, &Tensor) -> Result<Tensor> = $values;
                values(self, y_true, y_pred)
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            fn arguments(&self, config: &mut Config) {
                $(config.insert(stringify!($field).to_string(), self.$field.write());)*
            }
        }
    )*};
}
pub(super) use mean_metrics;
