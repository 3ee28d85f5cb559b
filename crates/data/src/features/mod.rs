//! Columns of data before training: missing values, which columns say something about the target, and whether new data is still
//! like the data that a model learnt from.
//!
//! A table is a tensor of samples by features; NaN stands for a missing number.
//!
//! ```
//! use rhyton_data::features::{Drift, Imputer, SelectKBest, mutual_info_classif};
//! use rhyton_tensor::Tensor;
//! let x = Tensor::from([[1.0f32, 5.0], [f32::NAN, 5.0], [3.0, 5.0], [4.0, 5.0], [8.0, 5.0], [9.0, 5.0]]);
//! let y = Tensor::from([0i32, 0, 0, 1, 1, 1]);
//! let whole = Imputer::median().fit(&x)?.transform(&x)?;
//! let scores = mutual_info_classif(&whole, &y, Default::default())?;
//! let best = SelectKBest::new(&scores, 1)?;
//! assert_eq!(best.columns(), [0]);
//! let report = Drift::between(&whole, &(&whole + 10), &["size", "shape"])?;
//! println!("{report}");
//! # Ok::<(), rhyton_base::Error>(())
//! ```

mod drift;
mod kolmogorov;
mod missing;
mod mutual_information;
mod neighbors;
mod select;
mod stability;

pub use drift::{Drift, FeatureDrift};
pub use kolmogorov::{KsTest, ks_2samp};
pub use missing::{Imputer, own_category};
pub use mutual_information::{MutualInfo, mutual_info_classif, mutual_info_regression};
pub use select::SelectKBest;
pub use stability::population_stability_index;

use rhyton_base::{Error, Result, Shape};
use rhyton_tensor::Tensor;

/// The columns of a table of samples by features; a vector is one column.
fn columns(x: &Tensor) -> Result<Vec<Vec<f64>>> {
    let (rows, width) = match x.shape() {
        [rows] => (*rows, 1),
        [rows, width] => (*rows, *width),
        other => {
            return Err(Error::shape(format!(
                "expected a table of samples by features, got shape {}; flatten the samples first",
                Shape::from(other)
            )));
        }
    };
    let all = x.to_f64s()?;
    Ok((0..width).map(|c| (0..rows).map(|r| all[r * width + c]).collect()).collect())
}

/// An error at the first value that is no number.
fn no_missing(column: &[f64], name: impl std::fmt::Display) -> Result<()> {
    match column.iter().position(|v| v.is_nan()) {
        None => Ok(()),
        Some(row) => Err(Error::value(format!(
            "expected numbers, got NaN in row {row} of {name}; fill missing values first, with Imputer for example"
        ))),
    }
}
