//! California Housing: 20,640 districts of the census of 1990, 8 numbers each, and their median house price.
//!
//! Source: Pace and Barry, "Sparse spatial autoregressions", 1997; the file is the one that Keras publishes.

use crate::TrainTest;
use crate::housing::{Format, Table, table_methods};
use crate::registry::{Dataset, dataset};
use rhyton_base::{Context, DType, Error, Result, did_you_mean};

/// The names of the columns of x, as Keras's documentation has them.
pub const COLUMNS: [&str; 8] =
    ["MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"];

/// Loads the data with Keras's defaults: `((x_train, y_train), (x_test, y_test))`, 16,512 and 4,128 districts.
///
/// x has shapes (16512, 8) and (4128, 8), `float32`; y has shapes (16512,) and (4128,), `float32`, in dollars. The file
/// `california_housing.npz` is looked for as [`crate::lookup`] says. [`LoadData`] takes Keras's arguments.
///
/// An error where the file is nowhere and cannot be downloaded, or is another one.
///
/// ```no_run
/// let ((x_train, y_train), (x_test, y_test)) = rhyton_data::california_housing::load_data()?;
/// assert_eq!(x_train.shape(), [16512, 8]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn load_data() -> Result<TrainTest> {
    LoadData::new().load()
}

/// The arguments of Keras's `california_housing.load_data`.
///
/// ```no_run
/// use rhyton_data::california_housing::LoadData;
/// let ((x_train, _), (x_test, _)) = LoadData::new().version("small").load()?;
/// assert_eq!((x_train.shape()[0], x_test.shape()[0]), (480, 120));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LoadData {
    table: Table,
    version: String,
}

table_methods!(LoadData);

impl LoadData {
    /// Keras's defaults.
    pub fn new() -> LoadData {
        LoadData { table: Table::new(), version: "large".to_string() }
    }

    /// `"large"`, all 20,640 districts, unless changed; or `"small"`, the first 600 of the file.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> LoadData {
        self.version = version.into();
        self
    }

    /// Loads the data.
    ///
    /// An error where the file is nowhere and cannot be downloaded or is another one, and where `test_split` is no part or
    /// there is no such version.
    pub fn load(&self) -> Result<TrainTest> {
        let take = match self.version.as_str() {
            "large" => Ok(None),
            "small" => Ok(Some(600)),
            other => Err(Error::value(format!(
                "expected version \"small\" or \"large\", received {other:?}{}",
                did_you_mean(other, &["small", "large"])
            ))),
        };
        let format = Format { dtype: DType::F32, rows: 20_640, columns: COLUMNS.len() };
        take.and_then(|take| self.table.load(this(), &format, take)).at(|| this().name)
    }
}

impl Default for LoadData {
    fn default() -> LoadData {
        LoadData::new()
    }
}

fn this() -> &'static Dataset {
    dataset("california_housing").expect("the registry holds california_housing")
}
