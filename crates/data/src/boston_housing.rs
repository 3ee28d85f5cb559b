//! Boston Housing: 506 districts in the 1970s, 13 numbers each, and their median house price.
//!
//! One of the numbers, B, builds on the premise that segregation raises prices. Use these data to follow older texts
//! and for nothing else; [`crate::california_housing`] is a task of the same kind without it.
//!
//! Source: Harrison and Rubinfeld, "Hedonic prices and the demand for clean air", 1978; the file is the one that Keras
//! publishes.

use crate::TrainTest;
use crate::housing::{Format, Table, table_methods};
use crate::registry::{Dataset, dataset};
use rhyton_base::{Context, DType, Result};

/// The names of the columns of x.
pub const COLUMNS: [&str; 13] =
    ["CRIM", "ZN", "INDUS", "CHAS", "NOX", "RM", "AGE", "DIS", "RAD", "TAX", "PTRATIO", "B", "LSTAT"];

/// Loads the data with Keras's defaults: `((x_train, y_train), (x_test, y_test))`, 404 and 102 districts.
///
/// x has shapes (404, 13) and (102, 13), `float64`, columns [`COLUMNS`], not scaled; y has shapes (404,) and (102,),
/// `float64`, in thousands of dollars. The file `boston_housing.npz` is looked for as [`crate::lookup`] says. [`LoadData`]
/// takes Keras's arguments.
///
/// An error where the file is nowhere and cannot be downloaded, or is another one.
///
/// ```no_run
/// let ((x_train, y_train), (x_test, y_test)) = rhyton_data::boston_housing::load_data()?;
/// assert_eq!(x_train.shape(), [404, 13]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn load_data() -> Result<TrainTest> {
    LoadData::new().load()
}

/// The arguments of Keras's `boston_housing.load_data`.
///
/// ```no_run
/// use rhyton_data::boston_housing::LoadData;
/// let ((x_train, _), (x_test, _)) = LoadData::new().test_split(0.5).seed(7).load()?;
/// assert_eq!((x_train.shape(), x_test.shape()), (&[253, 13][..], &[253, 13][..]));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LoadData {
    table: Table,
}

table_methods!(LoadData);

impl LoadData {
    /// Keras's defaults.
    pub fn new() -> LoadData {
        LoadData { table: Table::new() }
    }

    /// Loads the data.
    ///
    /// An error where the file is nowhere and cannot be downloaded or is another one, and where `test_split` is no part.
    pub fn load(&self) -> Result<TrainTest> {
        let format = Format { dtype: DType::F64, rows: 506, columns: COLUMNS.len() };
        self.table.load(this(), &format, None).at(|| this().name)
    }
}

impl Default for LoadData {
    fn default() -> LoadData {
        LoadData::new()
    }
}

fn this() -> &'static Dataset {
    dataset("boston_housing").expect("the registry holds boston_housing")
}
