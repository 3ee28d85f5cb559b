//! MNIST: 70,000 handwritten digits.
//!
//! Source: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings
//! of the IEEE, 1998; the file is the one that Keras publishes.

use crate::images::{COUNTS, foreign, labels, pictures};
use crate::lookup::{NotFound, Options, find};
use crate::registry::{Dataset, dataset};
use crate::{Split, TrainTest, digits};
use rhyton_base::{Context, Error, ErrorKind, Result};
use rhyton_io::Npz;
use std::fmt;
use std::path::{Path, PathBuf};

/// Loads MNIST: `((x_train, y_train), (x_test, y_test))`.
///
/// x has shapes (60000, 28, 28) and (10000, 28, 28), `uint8`, 0 for paper to 255 for ink; y has shapes (60000,) and
/// (10000,), `uint8`, 0 to 9. The file `mnist.npz` is looked for as [`crate::lookup`] says.
///
/// An error where the file is nowhere and cannot be downloaded, or is not MNIST.
///
/// ```no_run
/// let ((x_train, y_train), (x_test, y_test)) = rhyton_data::mnist::load_data()?;
/// assert_eq!(x_train.shape(), [60000, 28, 28]);
/// assert_eq!(y_test.shape(), [10000]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn load_data() -> Result<TrainTest> {
    load_data_with(&Options::new())
}

/// [`load_data`] with options.
pub fn load_data_with(options: &Options) -> Result<TrainTest> {
    let path = locate(options).at(|| "mnist")?;
    load_file(&path).at(|| "mnist")
}

/// Loads MNIST, or draws digits in its place where it cannot be had; [`Origin`] says which. Print it: results on
/// drawn digits are not results on MNIST.
///
/// An error where MNIST is there and damaged.
///
/// ```no_run
/// let (((x_train, y_train), (x_test, y_test)), origin) = rhyton_data::mnist::load_or_draw()?;
/// println!("{origin}");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn load_or_draw() -> Result<(TrainTest, Origin)> {
    load_or_draw_with(&Options::new())
}

/// [`load_or_draw`] with options.
pub fn load_or_draw_with(options: &Options) -> Result<(TrainTest, Origin)> {
    match locate(options) {
        Ok(path) => Ok((load_file(&path).at(|| "mnist")?, Origin::Real(path))),
        Err(not_found) => Ok((digits::load_data()?, Origin::Drawn(not_found))),
    }
}

/// Where the digits of [`load_or_draw`] come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// They are MNIST, from this file.
    Real(PathBuf),
    /// The program drew them, since MNIST was not found where it was looked for.
    Drawn(NotFound),
}

impl Origin {
    /// Whether they are MNIST.
    pub fn is_real(&self) -> bool {
        matches!(self, Origin::Real(_))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Real(path) => write!(f, "MNIST from {}", path.display()),
            Origin::Drawn(not_found) => {
                write!(f, "NOT MNIST but digits that this program drew itself, because {not_found}")
            }
        }
    }
}

fn this() -> &'static Dataset {
    dataset("mnist").expect("the registry holds mnist")
}

fn locate(options: &Options) -> std::result::Result<PathBuf, NotFound> {
    find(this(), &this().files[0], options)
}

fn load_file(path: &Path) -> Result<TrainTest> {
    let mut npz = Npz::open(path)?;
    let who = |member: &str| format!("{:?}: member {member:?}", path.display().to_string());
    let mut half = |x_name: &str, y_name: &str, count| -> Result<Split> {
        let x = npz.read(x_name).map_err(with_foreign)?;
        let x = pictures(x, count, this()).at(|| who(x_name))?;
        let y = npz.read(y_name).map_err(with_foreign)?;
        Ok((x, labels(y, count, this()).at(|| who(y_name))?))
    };
    Ok((half("x_train", "y_train", COUNTS[0])?, half("x_test", "y_test", COUNTS[1])?))
}

/// A member that is missing means another file; the other errors say what to do.
fn with_foreign(e: Error) -> Error {
    match e.kind() {
        ErrorKind::Name => Error::format(format!("{e}; {}", foreign(this()))),
        _ => e,
    }
}
