//! Folders of files, one folder a class.

mod audio;
mod image;
mod options;
mod text;

pub use audio::{audio_dataset_from_directory, audio_datasets_from_directory};
pub use image::{ColorMode, image_dataset_from_directory, image_datasets_from_directory};
pub use options::{DirectoryOptions, FileLabels, LabelMode, Subset};
pub use text::{TextDataset, Texts, text_dataset_from_directory, text_datasets_from_directory};

use crate::dataset::Dataset;
use crate::random_state::RandomState;
use rhyton_base::{Context, DType, Error, Result};
use rhyton_tensor::{Tensor, ops};
use std::collections::BTreeSet;
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// A dataset of the files of a folder. It derefs to its [`Dataset`].
#[derive(Clone, Debug)]
pub struct DirectoryDataset {
    dataset: Dataset,
    class_names: Vec<String>,
    file_paths: Vec<PathBuf>,
}

impl DirectoryDataset {
    /// The dataset by itself.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// The names of the classes, in the order of the labels; none where there are no labels.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// The files, in the order of the dataset before it is shuffled.
    pub fn file_paths(&self) -> &[PathBuf] {
        &self.file_paths
    }
}

impl Deref for DirectoryDataset {
    type Target = Dataset;

    fn deref(&self) -> &Dataset {
        &self.dataset
    }
}

/// Files and what is known of them.
#[derive(Clone, Debug)]
struct Index {
    paths: Vec<PathBuf>,
    /// The label of each file; nothing where there are none.
    labels: Option<Vec<i64>>,
    class_names: Vec<String>,
    /// How labels become tensors; nothing where there are none.
    mode: LabelMode,
}

/// One part of a folder's files; `dataset` makes a dataset of the files that it is given.
fn one_part<T>(
    who: &str,
    directory: &Path,
    endings: &[&str],
    options: &DirectoryOptions,
    dataset: impl Fn(Index, &DirectoryOptions, u32) -> Result<T>,
) -> Result<T> {
    let make = || {
        let seed = options.check(false)?;
        let part = options.subset.unwrap_or(Subset::Training);
        let index = Index::new(directory, endings, options, seed)?;
        dataset(index.part(part, options.validation_split, directory, endings)?, options, seed)
    };
    make().at(|| who.to_string())
}

/// Both parts; what is held out is not shuffled.
fn both_parts<T>(
    who: &str,
    directory: &Path,
    endings: &[&str],
    options: &DirectoryOptions,
    dataset: impl Fn(Index, &DirectoryOptions, u32) -> Result<T>,
) -> Result<(T, T)> {
    let make = || {
        let seed = options.check(true)?;
        let index = Index::new(directory, endings, options, seed)?;
        let part = |part| index.part(part, options.validation_split, directory, endings);
        let training = dataset(part(Subset::Training)?, options, seed)?;
        Ok::<_, Error>((training, dataset(part(Subset::Validation)?, &options.clone().shuffle(false), seed)?))
    };
    make().at(|| who.to_string())
}

/// The path as errors print it.
fn shown(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}

/// The names in a folder, sorted as Python sorts them.
fn names_in(folder: &Path) -> Result<Vec<String>> {
    let read = || -> std::io::Result<Vec<String>> {
        std::fs::read_dir(folder)?.map(|e| Ok(e?.file_name().to_string_lossy().into_owned())).collect()
    };
    let mut names = read()
        .map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => Error::io("no such folder; check the path"),
            std::io::ErrorKind::NotADirectory => Error::io("expected a folder, received a file"),
            _ => Error::from(e),
        })
        .at(|| shown(folder))?;
    names.sort();
    Ok(names)
}

/// The files of a folder and of the folders in it that have one of these endings, as Keras orders them.
fn files_in(folder: &Path, follow_links: bool, endings: &[&str], depth: usize) -> Result<Vec<PathBuf>> {
    // Links may lead back up.
    if depth > 64 {
        return Err(Error::value("folders lie more than 64 deep; a link may lead back up").at(shown(folder)));
    }
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for name in names_in(folder)? {
        let path = folder.join(&name);
        if path.is_dir() {
            if follow_links || !path.is_symlink() {
                folders.push(path);
            }
        } else if endings.iter().any(|e| name.to_lowercase().ends_with(e)) {
            files.push(path);
        }
    }
    // Keras sorts whole paths of folders, which is not the order of a walk: `a-b` comes before `a/c`.
    let mut all = vec![(folder.to_path_buf(), files)];
    for folder in folders {
        let inner = files_in(&folder, follow_links, endings, depth + 1)?;
        for file in inner {
            let parent = file.parent().unwrap_or(&folder).to_path_buf();
            match all.iter_mut().find(|(f, _)| *f == parent) {
                Some((_, files)) => files.push(file),
                None => all.push((parent, vec![file])),
            }
        }
    }
    all.sort_by(|a, b| a.0.as_os_str().cmp(b.0.as_os_str()));
    Ok(all.into_iter().flat_map(|(_, files)| files).collect())
}

impl Index {
    /// Looks through a folder.
    fn new(folder: &Path, endings: &[&str], o: &DirectoryOptions, seed: u32) -> Result<Index> {
        let unlabelled = matches!(o.labels, FileLabels::None) || o.label_mode == LabelMode::None;
        if o.class_names.is_some() && (unlabelled || !matches!(o.labels, FileLabels::Inferred)) {
            return Err(Error::value("class_names can be given only where labels are inferred from folders"));
        }
        let mut paths = Vec::new();
        let mut labels = Vec::new();
        let class_names = match (&o.labels, unlabelled) {
            (FileLabels::Inferred, false) => {
                let found: Vec<String> = names_in(folder)?
                    .into_iter()
                    .filter(|n| !n.starts_with('.') && folder.join(n).is_dir())
                    .collect();
                let classes = o.class_names.clone().unwrap_or_else(|| found.clone());
                if let Some(unknown) = classes.iter().find(|c| !found.contains(c)) {
                    return Err(Error::value(format!(
                        "class_names has {unknown:?}, which is no folder of {}; the folders are {found:?}",
                        shown(folder)
                    )));
                }
                for (class, name) in classes.iter().enumerate() {
                    let files = files_in(&folder.join(name), o.follow_links, endings, 0)?;
                    labels.extend(std::iter::repeat_n(class as i64, files.len()));
                    paths.extend(files);
                }
                classes
            }
            (given, _) => {
                paths = files_in(folder, o.follow_links, endings, 0)?;
                match given {
                    FileLabels::List(list) if !unlabelled => {
                        if list.len() != paths.len() {
                            return Err(Error::value(format!(
                                "expected a label for each of the {} files of {}, got {}",
                                paths.len(),
                                shown(folder),
                                list.len()
                            )));
                        }
                        labels.clone_from(list);
                        list.iter().collect::<BTreeSet<_>>().into_iter().map(i64::to_string).collect()
                    }
                    _ => Vec::new(),
                }
            }
        };
        if o.label_mode == LabelMode::Binary && !unlabelled && class_names.len() != 2 {
            let message = format!("label mode \"binary\" takes exactly 2 classes, there are {class_names:?}");
            return Err(Error::value(message));
        }
        if o.verbose && unlabelled {
            println!("Found {} files.", paths.len());
        } else if o.verbose {
            println!("Found {} files belonging to {} classes.", paths.len(), class_names.len());
        }
        if o.shuffle {
            let order = RandomState::new(seed).permutation(paths.len());
            paths = order.iter().map(|&i| std::mem::take(&mut paths[i])).collect();
            if !labels.is_empty() {
                labels = order.iter().map(|&i| labels[i]).collect();
            }
        }
        let labels = (!unlabelled).then_some(labels);
        let mode = if unlabelled { LabelMode::None } else { o.label_mode };
        Ok(Index { paths, labels, class_names, mode })
    }

    /// The files to train with, or to validate with.
    fn part(&self, subset: Subset, split: f64, folder: &Path, endings: &[&str]) -> Result<Index> {
        let count = self.paths.len();
        let held_out = (split * count as f64) as usize;
        // Where too few are there to hold one out, Keras validates on all of them; here there are none.
        let range = match (subset, held_out) {
            _ if split == 0.0 => 0..count,
            (Subset::Training, 0) => 0..0,
            (Subset::Training, n) => 0..count - n,
            (Subset::Validation, n) => count - n..count,
        };
        if range.is_empty() {
            let which = match (split == 0.0, subset) {
                (true, _) => "",
                (false, Subset::Training) => "training ",
                (false, Subset::Validation) => "validation ",
            };
            return Err(Error::value(format!(
                "there are no {which}files in {}; files end in {}",
                shown(folder),
                endings.join(", ")
            )));
        }
        let labels = self.labels.as_ref().map(|l| l[range.clone()].to_vec());
        Ok(Index {
            paths: self.paths[range].to_vec(),
            labels,
            class_names: self.class_names.clone(),
            mode: self.mode,
        })
    }

    /// The labels of these files as a tensor, in the form asked for.
    fn labels_of(&self, places: &[usize]) -> Result<Option<Tensor>> {
        let Some(labels) = &self.labels else { return Ok(None) };
        let ints: Vec<i32> = places.iter().map(|&i| i32::try_from(labels[i]).unwrap_or(i32::MAX)).collect();
        let ints = Tensor::from(ints);
        match self.mode {
            LabelMode::None => Ok(None),
            LabelMode::Int => Ok(Some(ints)),
            LabelMode::Binary => ops::expand_dims(&ops::cast(&ints, DType::F32)?, -1).map(Some),
            LabelMode::Categorical => ops::one_hot(&ints, self.class_names.len(), -1, DType::F32).map(Some),
        }
    }
}
