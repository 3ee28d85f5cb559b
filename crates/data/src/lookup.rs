//! Where the files of datasets are looked for, and fetching those that are nowhere.
//!
//! In this order:
//!
//! 1. the folder given, by [`Options::data_dir`] or for the whole process by [`set_data_dir`];
//! 2. the folder that the environment variable `RHYTON_DATA_DIR` names;
//! 3. `~/.rhyton/datasets`;
//! 4. `~/.keras/datasets`, so that what Keras has downloaded serves here too;
//! 5. the published address, from which the file goes to `~/.rhyton/datasets`.
//!
//! A file found in a folder is used as it is: its loader checks what it holds. A file that is downloaded must have
//! the published SHA-256.

use crate::download;
use crate::registry::{DataFile, Dataset, dataset};
use rhyton_base::{Error, Result};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, RwLock};

static DATA_DIR: RwLock<Option<PathBuf>> = RwLock::new(None);

/// Makes every loader of this process look into `folder` first; `None` takes that back.
pub fn set_data_dir(folder: Option<PathBuf>) {
    *DATA_DIR.write().unwrap_or_else(|e| e.into_inner()) = folder;
}

/// Where to look, and whether to download.
///
/// ```no_run
/// use rhyton_data::{Options, fashion_mnist};
/// let options = Options::new().data_dir("/srv/data").download(false);
/// let (train, test) = fashion_mnist::load_data_with(&options)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    data_dir: Option<PathBuf>,
    variable: Option<PathBuf>,
    home: Option<PathBuf>,
    download: bool,
    /// Stands for the published address in tests.
    address: Option<String>,
}

impl Default for Options {
    fn default() -> Options {
        Options::new()
    }
}

impl Options {
    /// The folder of [`set_data_dir`], the environment as it is, and downloads allowed.
    pub fn new() -> Options {
        let filled = |p: &PathBuf| !p.as_os_str().is_empty();
        Options {
            data_dir: DATA_DIR.read().unwrap_or_else(|e| e.into_inner()).clone(),
            variable: std::env::var_os("RHYTON_DATA_DIR").map(PathBuf::from).filter(filled),
            home: std::env::home_dir().filter(filled),
            download: true,
            address: None,
        }
    }

    /// Looks into this folder first.
    #[must_use]
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Options {
        self.data_dir = Some(folder.into());
        self
    }

    /// Whether a file that is nowhere may be downloaded; `true` unless said otherwise.
    #[must_use]
    pub fn download(mut self, allowed: bool) -> Options {
        self.download = allowed;
        self
    }

    fn folder(&self, place: Place) -> Option<PathBuf> {
        match place {
            Place::DataDir => self.data_dir.clone(),
            Place::Variable => self.variable.clone(),
            Place::Rhyton => Some(self.home.as_ref()?.join(".rhyton").join("datasets")),
            Place::Keras => Some(self.home.as_ref()?.join(".keras").join("datasets")),
        }
    }
}

/// The folders that are looked into, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The folder given in the program.
    DataDir,
    /// The folder that `RHYTON_DATA_DIR` names.
    Variable,
    /// `~/.rhyton/datasets`.
    Rhyton,
    /// `~/.keras/datasets`.
    Keras,
}

impl Place {
    const ALL: [Place; 4] = [Place::DataDir, Place::Variable, Place::Rhyton, Place::Keras];
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Place::DataDir => "data dir",
            Place::Variable => "$RHYTON_DATA_DIR",
            Place::Rhyton => "~/.rhyton/datasets",
            Place::Keras => "~/.keras/datasets",
        })
    }
}

/// One look for one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The file's name.
    pub file: &'static str,
    /// Which folder it was.
    pub place: Place,
    /// The path that was tried; `None` where the place is not set.
    pub path: Option<PathBuf>,
    /// What was there.
    pub outcome: Outcome,
}

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The file, of so many bytes.
    Found(u64),
    /// A folder without the file.
    NoFile,
    /// No folder.
    NoFolder,
    /// The place is not set.
    NotSet,
    /// Something else, for the reason given.
    Unreadable(String),
}

impl Looked {
    /// Whether the file was there.
    pub fn found(&self) -> bool {
        matches!(self.outcome, Outcome::Found(_))
    }
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if let Some(path) = &self.path {
            write!(f, "{} ", path.display())?;
        }
        match &self.outcome {
            Outcome::Found(bytes) => write!(f, "({bytes} bytes)"),
            Outcome::NoFile => f.write_str("(no such file)"),
            Outcome::NoFolder => f.write_str("(no such folder)"),
            Outcome::NotSet => f.write_str("(not set)"),
            Outcome::Unreadable(why) => write!(f, "({why})"),
        }
    }
}

/// A file that is in no folder and could not be downloaded. It becomes an [`Error`] that lists every place tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFound {
    /// The file's name.
    pub file: &'static str,
    /// Where it was looked for.
    pub looked: Vec<Looked>,
    /// Its published address.
    pub url: String,
    /// Why it could not be downloaded.
    pub download: String,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} was not found. Looked in", self.file)?;
        for looked in &self.looked {
            writeln!(f, "  {looked}")?;
        }
        writeln!(f, "  {} ({})", self.url, self.download)?;
        write!(
            f,
            "Put the file into one of these folders, or set RHYTON_DATA_DIR to the folder that holds it."
        )
    }
}

impl From<NotFound> for Error {
    fn from(e: NotFound) -> Error {
        Error::io(e.to_string())
    }
}

/// Every place where the files of a dataset are looked for, in order, and what is there. Nothing is downloaded.
///
/// ```
/// for looked in rhyton_data::lookup::describe("mnist", &rhyton_data::Options::new())? {
///     println!("{looked}");
/// }
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn describe(name: &str, options: &Options) -> Result<Vec<Looked>> {
    let dataset = dataset(name)?;
    Ok(dataset.files.iter().flat_map(|file| looks(dataset, file, options)).collect())
}

/// The paths of all files of a dataset; those that are nowhere are downloaded first.
pub fn fetch(name: &str, options: &Options) -> Result<Vec<PathBuf>> {
    let dataset = dataset(name)?;
    let find = |file| find(dataset, file, options).map_err(|e| Error::from(e).at(dataset.name));
    dataset.files.iter().map(find).collect()
}

/// The path of one file of a dataset, downloaded first where it is nowhere.
pub(crate) fn find(
    dataset: &Dataset,
    file: &DataFile,
    options: &Options,
) -> std::result::Result<PathBuf, NotFound> {
    // One download at a time; who waited finds the file.
    static DOWNLOADING: Mutex<()> = Mutex::new(());
    let (path, _) = first(dataset, file, options);
    if let Some(path) = path {
        return Ok(path);
    }
    let _one = DOWNLOADING.lock().unwrap_or_else(|e| e.into_inner());
    let (path, looked) = first(dataset, file, options);
    if let Some(path) = path {
        return Ok(path);
    }
    let url = options.address.clone().unwrap_or_else(|| file.url());
    let fetched = match options.folder(Place::Rhyton) {
        _ if !options.download => Err("downloads were not asked for".to_string()),
        None => Err("not tried, since there is no home folder to keep it in".to_string()),
        Some(folder) => {
            let target = folder.join(dataset.folder.unwrap_or("")).join(file.name);
            download::fetch(&url, file, &target).map(|()| target).map_err(|e| e.to_string())
        }
    };
    fetched.map_err(|download| NotFound { file: file.name, looked, url, download })
}

/// The first path that is a file, and all looks.
fn first(dataset: &Dataset, file: &DataFile, options: &Options) -> (Option<PathBuf>, Vec<Looked>) {
    let looked = looks(dataset, file, options);
    (looked.iter().find(|l| l.found()).and_then(|l| l.path.clone()), looked)
}

/// A file in every place: in the dataset's sub-folder, if it has one, and in the folder itself; an archive also where it
/// may have been unpacked.
fn looks(dataset: &Dataset, file: &DataFile, options: &Options) -> Vec<Looked> {
    let mut looked = Vec::new();
    for place in Place::ALL {
        let Some(folder) = options.folder(place) else {
            // A folder that could have been given and was not is no news.
            if place != Place::DataDir {
                looked.push(Looked { file: file.name, place, path: None, outcome: Outcome::NotSet });
            }
            continue;
        };
        let names = || [file.name].into_iter().chain(file.unpacked.iter().copied());
        let folders = dataset.folder.map(|sub| folder.join(sub)).into_iter().chain([folder]);
        for path in folders.flat_map(|folder| names().map(move |name| folder.join(name))) {
            looked.push(Looked { file: file.name, place, outcome: look(&path), path: Some(path) });
        }
    }
    looked
}

fn look(path: &Path) -> Outcome {
    match std::fs::metadata(path) {
        Ok(there) if there.is_file() => Outcome::Found(there.len()),
        Ok(_) => Outcome::Unreadable("not a file".to_string()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => match path.parent() {
            Some(folder) if !folder.is_dir() => Outcome::NoFolder,
            _ => Outcome::NoFile,
        },
        Err(e) => Outcome::Unreadable(e.to_string()),
    }
}

#[cfg(test)]
mod tests;
