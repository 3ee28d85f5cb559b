//! CIFAR-100: 60,000 small colour pictures in 100 classes, which are grouped into 20.
//!
//! Source: Krizhevsky, "Learning multiple layers of features from tiny images", 2009; the archive is the one that its
//! author publishes and Keras uses.

use crate::cifar::{self, Channels, Format};
use crate::registry::{Dataset, dataset};
use crate::{Options, TrainTest};
use rhyton_base::{Context, DType, Error, Result, did_you_mean};

/// Loads CIFAR-100 with its 100 classes: `((x_train, y_train), (x_test, y_test))`.
///
/// x has shapes (50000, 32, 32, 3) and (10000, 32, 32, 3), `uint8`; y has shapes (50000, 1) and (10000, 1), `int64`, 0 to
/// 99. The archive `cifar-100-python.tar.gz` is looked for as [`crate::lookup`] says, and so is its folder
/// `cifar-100-python` where it has been unpacked. [`LoadData`] takes Keras's arguments.
///
/// An error where the archive is nowhere and cannot be downloaded, or is not CIFAR-100's.
///
/// ```no_run
/// let ((x_train, y_train), (x_test, y_test)) = rhyton_data::cifar100::load_data()?;
/// assert_eq!(y_train.shape(), [50000, 1]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn load_data() -> Result<TrainTest> {
    LoadData::new().load()
}

/// The arguments of Keras's `cifar100.load_data`.
///
/// ```no_run
/// use rhyton_data::cifar100::LoadData;
/// let ((x_train, y_train), _) = LoadData::new().label_mode("coarse").load()?;
/// assert!(y_train.to_vec::<i64>()?.iter().all(|class| *class < 20));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LoadData {
    label_mode: String,
    data_format: String,
    options: Options,
}

impl LoadData {
    /// Keras's defaults.
    pub fn new() -> LoadData {
        LoadData {
            label_mode: "fine".to_string(),
            data_format: "channels_last".to_string(),
            options: Options::new(),
        }
    }

    /// `"fine"`, 100 classes, unless changed; or `"coarse"`, 20 classes.
    #[must_use]
    pub fn label_mode(mut self, label_mode: impl Into<String>) -> LoadData {
        self.label_mode = label_mode.into();
        self
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
        let (labels, classes) = match self.label_mode.as_str() {
            "fine" => ("fine_labels", 100),
            "coarse" => ("coarse_labels", 20),
            other => {
                return Err(Error::value(format!(
                    "expected label_mode \"fine\" or \"coarse\", received {other:?}{}",
                    did_you_mean(other, &["fine", "coarse"])
                )));
            }
        };
        let channels = Channels::parse(&self.data_format)?;
        let format = |per_file| Format {
            folder: "cifar-100-python",
            labels,
            per_file,
            classes,
            label_type: DType::I64,
        };
        let names = ["train", "test"];
        let contents = cifar::files(this(), &format(0), &names, &self.options)?;
        let mut files = names.into_iter().zip(contents).map(|file| [file]);
        let mut half = |count| {
            let file = files.next().expect("two names, two files");
            cifar::split(&file, &format(count), channels, this())
        };
        Ok((half(50_000)?, half(10_000)?))
    }
}

impl Default for LoadData {
    fn default() -> LoadData {
        LoadData::new()
    }
}

fn this() -> &'static Dataset {
    dataset("cifar100").expect("the registry holds cifar100")
}
