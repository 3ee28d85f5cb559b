//! Texts in folders.

use super::options::DirectoryOptions;
use super::{Index, both_parts, one_part, shown};
use crate::dataset::{AUTOTUNE, Dataset, IntoElement};
use rhyton_base::{Context, Error, Result};
use rhyton_tensor::Tensor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const ENDINGS: [&str; 1] = [".txt"];

/// The text files of a folder with labels, in batches.
///
/// Texts are no element type of tensors, so that what is gone through are lists of texts; [`map`](TextDataset::map) makes a
/// [`Dataset`] of them, for instance with a layer that turns texts into numbers.
#[derive(Clone, Debug)]
pub struct TextDataset {
    /// Batches of numbers of files.
    numbers: Dataset,
    files: Arc<Files>,
}

#[derive(Debug)]
struct Files {
    index: Index,
    max_length: Option<usize>,
    single: bool,
}

/// A batch of texts, and their labels where there are some.
pub type Texts = (Vec<String>, Option<Tensor>);

impl TextDataset {
    /// The names of the classes, in the order of the labels; none where there are no labels.
    pub fn class_names(&self) -> &[String] {
        &self.files.index.class_names
    }

    /// The files, in the order of the dataset before it is shuffled.
    pub fn file_paths(&self) -> &[PathBuf] {
        &self.files.index.paths
    }

    /// How many batches there are.
    #[allow(clippy::len_without_is_empty)] // There is always a file.
    pub fn len(&self) -> Option<usize> {
        self.numbers.len()
    }

    /// The batches of the next pass.
    pub fn iter(&self) -> impl Iterator<Item = Result<Texts>> + Send + 'static {
        let files = self.files.clone();
        self.numbers.iter().map(move |numbers| files.texts(&numbers?[0]))
    }

    /// The dataset of what a function makes of each batch of texts; labels follow its tensors. All threads take part.
    ///
    /// See [`text_dataset_from_directory`].
    pub fn map<R: IntoElement>(&self, f: impl Fn(&[String]) -> Result<R> + Send + Sync + 'static) -> Dataset {
        let files = self.files.clone();
        let f = move |numbers: Tensor| {
            let (texts, labels) = files.texts(&numbers)?;
            let mut element = f(&texts)?.into_element();
            element.extend(labels);
            Ok(element)
        };
        self.numbers.map_parallel(f, AUTOTUNE).prefetch(AUTOTUNE)
    }
}

impl IntoIterator for &TextDataset {
    type Item = Result<Texts>;
    type IntoIter = Box<dyn Iterator<Item = Result<Texts>> + Send>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl Files {
    fn texts(&self, numbers: &Tensor) -> Result<Texts> {
        let places: Vec<usize> = numbers.to_vec::<i64>()?.into_iter().map(|i| i as usize).collect();
        let texts = places.iter().map(|&i| self.text(&self.index.paths[i])).collect::<Result<_>>()?;
        let mut labels = self.index.labels_of(&places)?;
        if self.single {
            labels = labels.map(|l| rhyton_tensor::ops::squeeze(&l, 0)).transpose()?;
        }
        Ok((texts, labels))
    }

    fn text(&self, path: &Path) -> Result<String> {
        let bytes = std::fs::read(path).map_err(Error::from).at(|| shown(path))?;
        let mut text = String::from_utf8(bytes).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            Error::format(format!("not UTF-8 at byte {at}; convert the file")).at(shown(path))
        })?;
        if let Some(most) = self.max_length.filter(|n| *n < text.len()) {
            text.truncate(text.floor_char_boundary(most));
        }
        Ok(text)
    }
}

/// The text files (`.txt`, UTF-8) of a folder with labels, in batches.
///
/// Each folder in it is a class: their names, sorted, are numbered from 0. Files are read while others are used, in an order
/// that follows from the seed.
///
/// # Errors
/// Where there is no such folder or no text in it, or options do not fit each other.
///
/// ```
/// use rhyton_data::{DirectoryOptions, text_dataset_from_directory};
/// use rhyton_tensor::Tensor;
/// # let folder = std::env::temp_dir().join(format!("rhyton-doc-texts-{}", std::process::id()));
/// # for (class, text) in [("neg", "dull"), ("pos", "a delight")] {
/// #     std::fs::create_dir_all(folder.join(class)).unwrap();
/// #     std::fs::write(folder.join(class).join("1.txt"), text).unwrap();
/// # }
/// let texts = text_dataset_from_directory(&folder, DirectoryOptions::new().shuffle(false).verbose(false))?;
/// let (first, labels) = texts.iter().next().unwrap()?;
/// assert_eq!((first, labels.unwrap().to_vec::<i32>()?), (vec!["dull".to_string(), "a delight".to_string()], vec![0, 1]));
/// let lengths = texts.map(|texts| Ok(Tensor::from(texts.iter().map(|t| t.len() as f32).collect::<Vec<_>>())));
/// assert_eq!(lengths.iter().next().unwrap()?[0].to_vec::<f32>()?, [4.0, 9.0]);
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/utils/text_dataset_utils.py`.
pub fn text_dataset_from_directory(
    directory: impl AsRef<Path>,
    options: DirectoryOptions,
) -> Result<TextDataset> {
    one_part("text_dataset_from_directory", directory.as_ref(), &ENDINGS, &options, dataset)
}

/// The texts to train with and those held out, as [`text_dataset_from_directory`] with `subset` "both" in Keras.
///
/// # Errors
/// As [`text_dataset_from_directory`].
pub fn text_datasets_from_directory(
    directory: impl AsRef<Path>,
    options: DirectoryOptions,
) -> Result<(TextDataset, TextDataset)> {
    both_parts("text_datasets_from_directory", directory.as_ref(), &ENDINGS, &options, dataset)
}

fn dataset(index: Index, o: &DirectoryOptions, seed: u32) -> Result<TextDataset> {
    let mut numbers = Dataset::range(index.paths.len());
    if o.shuffle {
        numbers = numbers.shuffle(o.shuffle_buffer(), seed);
    }
    let numbers = numbers.batch(o.batch_size.max(1));
    let files = Files { index, max_length: o.max_length, single: o.batch_size == 0 };
    Ok(TextDataset { numbers, files: Arc::new(files) })
}
