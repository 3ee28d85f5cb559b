//! What is said of a folder of files.

use super::image::ColorMode;
use rhyton_base::{Error, Result};
use rhyton_tensor::next_seed;
use rhyton_tensor::ops::image::Interpolation;
use std::str::FromStr;

/// Where the labels of files come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileLabels {
    /// From the folders in which files lie, one a class (`"inferred"`).
    Inferred,
    /// There are none.
    None,
    /// They are given, one a file, in the order of the paths.
    List(Vec<i64>),
}

macro_rules! named {
    ($(#[$doc:meta])* $Type:ident $what:literal: $($(#[$each:meta])* $Variant:ident $name:literal)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $Type {
            $($(#[$each])* $Variant,)*
        }

        impl FromStr for $Type {
            type Err = Error;

            fn from_str(text: &str) -> Result<$Type> {
                match text {
                    $($name => Ok($Type::$Variant),)*
                    _ => Err(Error::name(format!(
                        concat!("expected ", $what, " of {}, got {:?}"),
                        [$(concat!("\"", $name, "\"")),*].join(", "),
                        text
                    ))),
                }
            }
        }
    };
}
pub(super) use named;

named! {
    /// The form of labels.
    LabelMode "a label mode":
    /// `int32` numbers of classes, shape `(batch,)`.
    Int "int"
    /// `float32` rows of zeros with a single one, shape `(batch, classes)`.
    Categorical "categorical"
    /// `float32` zeros and ones, shape `(batch, 1)`, for two classes.
    Binary "binary"
    /// No labels.
    None "none"
}

named! {
    /// Part of the files, where some are held out.
    Subset "a subset":
    /// All but those held out.
    Training "training"
    /// Those held out.
    Validation "validation"
}

/// How a folder is read: Keras's arguments, with its defaults.
///
/// | option | default |
/// |---|---|
/// | `labels` | inferred from the folders |
/// | `label_mode` | `Int` |
/// | `class_names` | the folders' names, sorted |
/// | `batch_size` | 32; 0 for single files |
/// | `shuffle`, `seed` | true, drawn from the process's own stream |
/// | `validation_split`, `subset` | none |
/// | `follow_links` | false |
/// | `verbose` | true: says how many files it found |
/// | images: `color_mode`, `image_size`, `interpolation` | rgb, 256 by 256, bilinear |
/// | images: `crop_to_aspect_ratio`, `pad_to_aspect_ratio` | false |
/// | texts: `max_length` | none |
/// | sounds: `output_sequence_length` | none |
#[derive(Clone, Debug)]
pub struct DirectoryOptions {
    pub(super) labels: FileLabels,
    pub(super) label_mode: LabelMode,
    pub(super) class_names: Option<Vec<String>>,
    pub(super) batch_size: usize,
    pub(super) shuffle: bool,
    pub(super) seed: Option<u32>,
    pub(super) validation_split: f64,
    pub(super) subset: Option<Subset>,
    pub(super) follow_links: bool,
    pub(super) verbose: bool,
    pub(super) color_mode: ColorMode,
    pub(super) image_size: [usize; 2],
    pub(super) interpolation: Interpolation,
    pub(super) crop_to_aspect_ratio: bool,
    pub(super) pad_to_aspect_ratio: bool,
    pub(super) max_length: Option<usize>,
    pub(super) output_sequence_length: Option<usize>,
}

impl Default for DirectoryOptions {
    fn default() -> DirectoryOptions {
        DirectoryOptions {
            labels: FileLabels::Inferred,
            label_mode: LabelMode::Int,
            class_names: None,
            batch_size: 32,
            shuffle: true,
            seed: None,
            validation_split: 0.0,
            subset: None,
            follow_links: false,
            verbose: true,
            color_mode: ColorMode::Rgb,
            image_size: [256, 256],
            interpolation: Interpolation::Bilinear,
            crop_to_aspect_ratio: false,
            pad_to_aspect_ratio: false,
            max_length: None,
            output_sequence_length: None,
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident $t:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(self, $name: $t) -> DirectoryOptions {
            DirectoryOptions { $name, ..self }
        }
    )*};
}

impl DirectoryOptions {
    /// The defaults.
    pub fn new() -> DirectoryOptions {
        DirectoryOptions::default()
    }

    setters! {
        /// Where labels come from.
        labels FileLabels;
        /// The form of labels.
        label_mode LabelMode;
        /// Files a batch; 0 for single files without a first axis.
        batch_size usize;
        /// Whether files come in a new order in each pass; else they come in the order of their paths.
        shuffle bool;
        /// The fraction of the files that is held out, the last ones after shuffling.
        validation_split f64;
        /// Whether links to folders are followed.
        follow_links bool;
        /// Whether the number of files found is printed.
        verbose bool;
        /// The channels of images.
        color_mode ColorMode;
        /// The `[height, width]` that all images are brought to.
        image_size [usize; 2];
        /// How images are brought to it. Nearest neighbours keep `uint8`, as they do in Keras.
        interpolation Interpolation;
        /// Whether images are cut, evenly on both sides, to the wanted aspect ratio before.
        crop_to_aspect_ratio bool;
        /// Whether images are kept whole, between black bars where their aspect ratio is another.
        pad_to_aspect_ratio bool;
    }

    /// The classes in the order of their labels: names of folders, all of them or some.
    #[must_use]
    pub fn class_names<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> DirectoryOptions {
        DirectoryOptions { class_names: Some(names.into_iter().map(Into::into).collect()), ..self }
    }

    /// Fixes the order of files and what is held out: the one that Keras has with this seed.
    #[must_use]
    pub fn seed(self, seed: u32) -> DirectoryOptions {
        DirectoryOptions { seed: Some(seed), ..self }
    }

    /// Which part of the files: goes with `validation_split`.
    #[must_use]
    pub fn subset(self, subset: Subset) -> DirectoryOptions {
        DirectoryOptions { subset: Some(subset), ..self }
    }

    /// Texts are cut to so many bytes, or fewer so as not to cut a character.
    #[must_use]
    pub fn max_length(self, bytes: usize) -> DirectoryOptions {
        DirectoryOptions { max_length: Some(bytes), ..self }
    }

    /// Sounds are cut to so many samples, or end in zeros.
    #[must_use]
    pub fn output_sequence_length(self, samples: usize) -> DirectoryOptions {
        DirectoryOptions { output_sequence_length: Some(samples), ..self }
    }

    /// What is wrong with how files are held out; the seed to go on with.
    pub(super) fn check(&self, both: bool) -> Result<u32> {
        let split = self.validation_split;
        if !(0.0..1.0).contains(&split) {
            return Err(Error::value(format!("expected validation_split in [0, 1), got {split}")));
        }
        let part = both || self.subset.is_some();
        if part != (split != 0.0) {
            return Err(Error::value(
                "a subset goes with a validation_split above 0, and the other way round; give both or neither",
            ));
        }
        if part && !both && self.shuffle && self.seed.is_none() {
            return Err(Error::value(
                "files are held out after shuffling, so that both parts need one seed; give a seed, or do not shuffle",
            ));
        }
        Ok(self.seed.unwrap_or_else(|| next_seed() % 1_000_000))
    }

    /// The buffer that files are shuffled in, within the order that they were brought into before.
    pub(super) fn shuffle_buffer(&self) -> usize {
        if self.batch_size == 0 { 1024 } else { self.batch_size.saturating_mul(8) }
    }
}
