//! CIFAR-10: 60,000 small colour pictures in 10 classes.
//!
//! Source: Krizhevsky, "Learning multiple layers of features from tiny images", 2009; the archive is the one that its
//! author publishes and Keras uses.

use crate::cifar::{self, Channels, Format};
use crate::registry::{Dataset, dataset};
use crate::{Options, TrainTest};
use rhyton_base::{Context, DType, Result};

/// The names of the classes 0 to 9.
pub const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

const FORMAT: Format = Format {
    folder: "cifar-10-batches-py",
    labels: "labels",
    per_file: 10_000,
    classes: 10,
    label_type: DType::U8,
};

const FILES: [&str; 6] =
    ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"];

/// Loads CIFAR-10: `((x_train, y_train), (x_test, y_test))`.
///
/// x has shapes (50000, 32, 32, 3) and (10000, 32, 32, 3), `uint8`, 0 to 255 for red, green and blue; y has shapes
/// (50000, 1) and (10000, 1), `uint8`, 0 to 9 for [`CLASSES`]. The archive `cifar-10-python.tar.gz` is looked for as
/// [`crate::lookup`] says, and so is its folder `cifar-10-batches-py` where it has been unpacked.
///
/// An error where the archive is nowhere and cannot be downloaded, or is not CIFAR-10's.
///
/// ```no_run
/// let ((x_train, y_train), (x_test, y_test)) = rhyton_data::cifar10::load_data()?;
/// assert_eq!((x_train.shape(), y_train.shape()), (&[50000, 32, 32, 3][..], &[50000, 1][..]));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn load_data() -> Result<TrainTest> {
    LoadData::new().load()
}

/// The arguments of [`load_data`].
#[derive(Clone, Debug)]
pub struct LoadData {
    data_format: String,
    options: Options,
}

impl LoadData {
    /// Keras's defaults.
    pub fn new() -> LoadData {
        LoadData { data_format: "channels_last".to_string(), options: Options::new() }
    }

    /// `"channels_last"` unless changed; `"channels_first"` gives x of shape (n, 3, 32, 32), as Keras does where its
    /// `image_data_format` says so.
    #[must_use]
    pub fn data_format(mut self, data_format: impl Into<String>) -> LoadData {
        self.data_format = data_format.into();
        self
    }

    /// Where to look for the archive, and whether to download it.
    #[must_use]
    pub fn options(mut self, options: Options) -> LoadData {
        self.options = options;
        self
    }

    /// Loads the pictures.
    pub fn load(&self) -> Result<TrainTest> {
        self.load_files().at(|| this().name)
    }

    fn load_files(&self) -> Result<TrainTest> {
        let channels = Channels::parse(&self.data_format)?;
        let contents = cifar::files(this(), &FORMAT, &FILES, &self.options)?;
        let mut files: Vec<(&str, Vec<u8>)> = FILES.into_iter().zip(contents).collect();
        let test = files.split_off(5);
        Ok((
            cifar::split(&files, &FORMAT, channels, this())?,
            cifar::split(&test, &FORMAT, channels, this())?,
        ))
    }
}

impl Default for LoadData {
    fn default() -> LoadData {
        LoadData::new()
    }
}

fn this() -> &'static Dataset {
    dataset("cifar10").expect("the registry holds cifar10")
}
