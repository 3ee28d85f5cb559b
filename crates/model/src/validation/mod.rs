//! Judging models: samples put aside, folds, scores over folds, what one gets without a model, and mistakes at
//! a threshold.
//!
//! ```
//! use rhyton_model::validation::KFold;
//! use rhyton_model::{Fit, Sequential};
//! use rhyton_nn::layers::Dense;
//! use rhyton_tensor::{DType, ops};
//! let (x, y) = (ops::ones([60, 4], DType::F32)?, ops::ones([60, 1], DType::F32)?);
//!
//! let scores = KFold::new(3).evaluate(&x, &y, |fold| {
//!     let mut model = Sequential::from([Dense::new(1)]); // a new model for each fold
//!     model.compile("rmsprop", "mse", ["mae"])?;
//!     model.fit(&fold.x_train, &fold.y_train, Fit::epochs(2).verbose(0))?;
//!     model.evaluate(&fold.x_val, &fold.y_val)
//! })?;
//! println!("{scores}"); // loss: 0.3127 ± 0.0402 - mae: 0.4711 ± 0.0345 (3 folds)
//! assert_eq!(scores.values("mae")?.len(), 3);
//! # Ok::<(), rhyton_base::Error>(())
//! ```

mod baseline;
mod scores;
mod split;
mod threshold;

pub use baseline::Baseline;
pub use scores::Scores;
pub use split::{Fold, Folds, HoldOut, KFold};
pub use threshold::ThresholdRates;
