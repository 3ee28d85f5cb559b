//! The best columns.

use rhyton_base::{Context, Error, Result};
use rhyton_tensor::{Tensor, ops};

/// Keeps the columns with the highest scores, such as those of [`super::mutual_info_classif`], in the order in which they stand.
///
/// ```
/// use rhyton_data::features::SelectKBest;
/// use rhyton_tensor::Tensor;
/// let best = SelectKBest::new(&[0.1, 0.7, 0.4], 2)?;
/// assert_eq!(best.columns(), [1, 2]);
/// assert_eq!(best.transform(&Tensor::from([[1, 2, 3]]))?.to_vec::<i32>()?, [2, 3]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SelectKBest {
    columns: Vec<usize>,
    width: usize,
}

impl SelectKBest {
    /// The `k` best of these scores, one a column; of equal scores the first.
    ///
    /// # Errors
    /// Where there are fewer scores than that, or one is no number.
    pub fn new(scores: &[f64], k: usize) -> Result<SelectKBest> {
        if k == 0 || k > scores.len() {
            let message =
                format!("SelectKBest: expected k from 1 to {}, the number of scores, got {k}", scores.len());
            return Err(Error::value(message));
        }
        if let Some(i) = scores.iter().position(|s| s.is_nan()) {
            return Err(Error::value(format!("SelectKBest: the score of column {i} is NaN")));
        }
        let mut columns: Vec<usize> = (0..scores.len()).collect();
        columns.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        columns.truncate(k);
        columns.sort_unstable();
        Ok(SelectKBest { columns, width: scores.len() })
    }

    /// The columns that are kept.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// The table with the columns that are kept.
    ///
    /// # Errors
    /// Where it has another number of columns than there were scores.
    pub fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let keep = || match x.shape() {
            [_, width] if *width == self.width => {
                let places: Vec<i64> = self.columns.iter().map(|&c| c as i64).collect();
                ops::take(x, &Tensor::from(places), 1)
            }
            _ => Err(Error::shape(format!(
                "expected a table of {} columns, one for each score, got shape {}",
                self.width,
                x.meta().shape
            ))),
        };
        keep().at(|| "SelectKBest: transform")
    }
}
