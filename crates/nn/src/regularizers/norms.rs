//! Penalties on the sizes of weights.

use super::Regularizer;
use crate::arguments::{Arguments, config};
use crate::numbers::{not_negative, times};
use crate::spec::Config;
use rhyton_base::{Context, Result};
use rhyton_tensor::{Tensor, ops};

fn absolute(x: &Tensor, factor: f64) -> Result<Tensor> {
    times(&ops::sum(&ops::abs(x)?, ..)?, factor)
}

fn squared(x: &Tensor, factor: f64) -> Result<Tensor> {
    times(&ops::sum(&ops::square(x)?, ..)?, factor)
}

macro_rules! one_factor {
    ($($(#[$doc:meta])* $Name:ident $class:literal $factor:ident $penalty:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Name {
            $factor: f64,
        }

        impl Default for $Name {
            fn default() -> $Name {
                $Name { $factor: 0.01 }
            }
        }

        impl $Name {
            /// With this factor.
            pub fn new($factor: f64) -> $Name {
                $Name { $factor }
            }

            pub(super) fn from_config(config: &Config) -> Result<$Name> {
                let mut a = Arguments::new($class, config);
                let $factor = a.number(stringify!($factor), 0.01)?;
                a.finish()?;
                not_negative(stringify!($factor), $factor).at(|| $class)?;
                Ok($Name { $factor })
            }
        }

        impl Regularizer for $Name {
            fn call(&self, x: &Tensor) -> Result<Tensor> {
                not_negative(stringify!($factor), self.$factor).and_then(|()| $penalty(x, self.$factor)).at(|| $class)
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            fn config(&self) -> Config {
                config([(stringify!($factor), self.$factor.into())])
            }
        }
    )*};
}

one_factor! {
    /// `l1 Σ |x|`; the factor is 0.01 by default.
    ///
    /// # Errors
    /// `call` fails where the factor is negative or not finite.
    ///
    /// ```
    /// use rhyton_nn::regularizers::{L1, Regularizer};
    /// use rhyton_tensor::Tensor;
    /// let penalty = L1::new(0.5).call(&Tensor::from([1.0f32, -3.0])).unwrap();
    /// assert_eq!(penalty.item::<f32>().unwrap(), 2.0);
    /// ```
    L1 "L1" l1 absolute;
    /// `l2 Σ x²`, without a half; the factor is 0.01 by default.
    ///
    /// # Errors
    /// `call` fails where the factor is negative or not finite.
    ///
    /// ```
    /// use rhyton_nn::regularizers::{L2, Regularizer};
    /// use rhyton_tensor::Tensor;
    /// let penalty = L2::new(0.5).call(&Tensor::from([1.0f32, -3.0])).unwrap();
    /// assert_eq!(penalty.item::<f32>().unwrap(), 5.0);
    /// ```
    L2 "L2" l2 squared;
}

/// `l1 Σ |x| + l2 Σ x²`; both factors are 0 by default.
///
/// # Errors
/// `call` fails where a factor is negative or not finite.
///
/// ```
/// use rhyton_nn::regularizers::{L1L2, Regularizer};
/// use rhyton_tensor::Tensor;
/// let penalty = L1L2::new(1.0, 0.5).call(&Tensor::from([1.0f32, -3.0])).unwrap();
/// assert_eq!(penalty.item::<f32>().unwrap(), 9.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct L1L2 {
    l1: f64,
    l2: f64,
}

impl L1L2 {
    /// With these factors.
    pub fn new(l1: f64, l2: f64) -> L1L2 {
        L1L2 { l1, l2 }
    }

    fn check(&self) -> Result<()> {
        not_negative("l1", self.l1).and_then(|()| not_negative("l2", self.l2)).at(|| "L1L2")
    }

    pub(super) fn from_config(config: &Config) -> Result<L1L2> {
        let mut a = Arguments::new("L1L2", config);
        let new = L1L2 { l1: a.number("l1", 0.0)?, l2: a.number("l2", 0.0)? };
        a.finish()?;
        new.check()?;
        Ok(new)
    }
}

impl Regularizer for L1L2 {
    fn call(&self, x: &Tensor) -> Result<Tensor> {
        self.check()?;
        match (self.l1 != 0.0, self.l2 != 0.0) {
            (true, true) => ops::add(&absolute(x, self.l1)?, &squared(x, self.l2)?),
            (true, false) => absolute(x, self.l1),
            (false, true) => squared(x, self.l2),
            (false, false) => ops::zeros([], x.dtype()),
        }
    }

    fn class_name(&self) -> &'static str {
        "L1L2"
    }

    fn config(&self) -> Config {
        config([("l1", self.l1.into()), ("l2", self.l2.into())])
    }
}
