//! What a layer is told about one of its weights.

use super::build::BuildCx;
use super::reader::{ConfigReader, constraint_json, initializer_json, regularizer_json};
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::regularizers::Regularizer;
use crate::spec::{Config, Spec};
use rhyton_base::Result;
use rhyton_tensor::Variable;

/// How a weight begins, what its size adds to the loss, and what it is brought back to after each update.
#[derive(Clone, Debug)]
pub(super) struct WeightSpec {
    pub initializer: Spec<dyn Initializer>,
    pub regularizer: Option<Spec<dyn Regularizer>>,
    pub constraint: Option<Spec<dyn Constraint>>,
}

/// The keys in files: of the initializer, the regularizer and the constraint.
pub(super) type Keys = [&'static str; 3];

impl WeightSpec {
    pub fn new(initializer: &str) -> WeightSpec {
        WeightSpec { initializer: Spec::from(initializer), regularizer: None, constraint: None }
    }

    /// Makes the weight.
    pub fn build(&self, cx: &mut BuildCx, name: &str, shape: impl AsRef<[usize]>) -> Result<Variable> {
        let weight = cx.weight(name, shape, &self.initializer)?;
        cx.regularize(&weight, self.regularizer.as_ref())?;
        cx.constrain(&weight, self.constraint.as_ref())?;
        Ok(weight)
    }

    /// Makes the weight, if it is wanted at all.
    pub fn build_if(
        &self,
        wanted: bool,
        cx: &mut BuildCx,
        name: &str,
        shape: impl AsRef<[usize]>,
    ) -> Result<Option<Variable>> {
        if wanted { self.build(cx, name, shape).map(Some) } else { Ok(None) }
    }

    /// Takes over what a file says.
    pub fn read(&mut self, r: &mut ConfigReader, [initializer, regularizer, constraint]: Keys) -> Result<()> {
        if let Some(given) = r.initializer(initializer)? {
            self.initializer = given;
        }
        self.regularizer = r.regularizer(regularizer);
        self.constraint = r.constraint(constraint);
        Ok(())
    }

    /// What a file says of it.
    pub fn write(&self, config: &mut Config, [initializer, regularizer, constraint]: Keys) {
        config.insert(initializer.into(), initializer_json(&self.initializer));
        config.insert(regularizer.into(), regularizer_json(self.regularizer.as_ref()));
        config.insert(constraint.into(), constraint_json(self.constraint.as_ref()));
    }
}

/// The three builder methods of a weight: `weight_setters!(Dense.kernel: kernel_initializer kernel_regularizer
/// kernel_constraint)`, or `Conv2D.core.kernel` where it is kept in a part of the layer.
macro_rules! weight_setters {
    ($Layer:ident.$field:ident: $($methods:ident)*) => {
        $crate::layers::weight_spec::weight_setters!(@methods $Layer ($field) $field $($methods)*);
    };
    ($Layer:ident.$part:ident.$field:ident: $($methods:ident)*) => {
        $crate::layers::weight_spec::weight_setters!(@methods $Layer ($part.$field) $field $($methods)*);
    };
    (@methods $Layer:ident ($($path:tt)*) $field:ident $initializer:ident $regularizer:ident $constraint:ident) => {
        impl $Layer {
            #[doc = concat!("How `", stringify!($field), "` begins: a name such as `\"he_normal\"` or an initializer.")]
            #[must_use]
            pub fn $initializer(
                mut self,
                initializer: impl Into<$crate::Spec<dyn $crate::initializers::Initializer>>,
            ) -> $Layer {
                self.$($path)*.initializer = initializer.into();
                self
            }

            #[doc = concat!("What the size of `", stringify!($field), "` adds to the loss: a name such as `\"l2\"` or a regularizer.")]
            #[must_use]
            pub fn $regularizer(
                mut self,
                regularizer: impl Into<$crate::Spec<dyn $crate::regularizers::Regularizer>>,
            ) -> $Layer {
                self.$($path)*.regularizer = Some(regularizer.into());
                self
            }

            #[doc = concat!("What `", stringify!($field), "` is brought back to after each update: a name such as `\"non_neg\"` or a constraint.")]
            #[must_use]
            pub fn $constraint(
                mut self,
                constraint: impl Into<$crate::Spec<dyn $crate::constraints::Constraint>>,
            ) -> $Layer {
                self.$($path)*.constraint = Some(constraint.into());
                self
            }
        }
    };
}
pub(super) use weight_setters;
