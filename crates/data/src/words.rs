//! What `imdb` and `reuters` have in common: the arguments, and what they do to the ids in the files.

use crate::random_state::RandomState;
use crate::registry::{DataFile, Dataset};
use crate::{Sequences, lookup};
use rhyton_base::{Context, DType, Error, ErrorKind, Result, Shape};
use rhyton_io::Npz;
use rhyton_tensor::Tensor;
use std::path::Path;

/// The arguments of both loaders, with Keras's defaults.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub num_words: Option<usize>,
    pub skip_top: usize,
    pub maxlen: Option<usize>,
    pub seed: Option<u32>,
    pub start_char: Option<i32>,
    pub oov_char: Option<i32>,
    pub index_from: i32,
}

/// Lists of ids with their labels, as a file holds them.
pub(crate) struct Rows {
    pub x: Vec<Vec<i32>>,
    pub y: Vec<i64>,
}

/// Gives a builder with the fields `words: Words` and `options: Options` the methods that both loaders have.
macro_rules! word_methods {
    ($loader:ty) => {
        impl $loader {
            /// Keeps the ids below this; others become `oov_char`. `None`, the default, and 0 stand for the largest id there
            /// is, which itself is not kept, as in Keras.
            #[must_use]
            pub fn num_words(mut self, num_words: impl Into<Option<usize>>) -> Self {
                self.words.num_words = num_words.into().filter(|n| *n != 0);
                self
            }

            /// Makes the ids below this `oov_char`, the start mark among them; 0 unless changed.
            #[must_use]
            pub fn skip_top(mut self, skip_top: usize) -> Self {
                self.words.skip_top = skip_top;
                self
            }

            /// Drops the texts that are this long or longer, the start mark counted. `None`, the default, and 0 keep all.
            #[must_use]
            pub fn maxlen(mut self, maxlen: impl Into<Option<usize>>) -> Self {
                self.words.maxlen = maxlen.into().filter(|n| *n != 0);
                self
            }

            /// The seed of the order that the texts come in, as NumPy's `RandomState` draws it; 113 unless changed. `None` takes
            /// a new one from the seed of the process.
            #[must_use]
            pub fn seed(mut self, seed: impl Into<Option<u32>>) -> Self {
                self.words.seed = seed.into();
                self
            }

            /// The id before the first word of each text; 1 unless changed, `None` for none.
            #[must_use]
            pub fn start_char(mut self, start_char: impl Into<Option<i32>>) -> Self {
                self.words.start_char = start_char.into();
                self
            }

            /// What stands for words that are not kept; 2 unless changed. `None` leaves them out.
            #[must_use]
            pub fn oov_char(mut self, oov_char: impl Into<Option<i32>>) -> Self {
                self.words.oov_char = oov_char.into();
                self
            }

            /// What is added to the rank of a word to make its id; 3 unless changed.
            #[must_use]
            pub fn index_from(mut self, index_from: i32) -> Self {
                self.words.index_from = index_from;
                self
            }

            /// Where to look for the file, and whether to download it.
            #[must_use]
            pub fn options(mut self, options: $crate::Options) -> Self {
                self.options = options;
                self
            }
        }
    };
}
pub(crate) use word_methods;

impl Words {
    pub(crate) fn new() -> Words {
        Words {
            num_words: None,
            skip_top: 0,
            maxlen: None,
            seed: Some(113),
            start_char: Some(1),
            oov_char: Some(2),
            index_from: 3,
        }
    }

    pub(crate) fn random_state(&self) -> RandomState {
        RandomState::new(self.seed.unwrap_or_else(rhyton_tensor::next_seed))
    }

    /// A random order of the rows without those that are too long.
    pub(crate) fn order(&self, rows: &Rows, random: &mut RandomState) -> Vec<usize> {
        let mut order = random.permutation(rows.x.len());
        if let Some(maxlen) = self.maxlen {
            let start = usize::from(self.start_char.is_some());
            order.retain(|i| rows.x[*i].len() + start < maxlen);
        }
        order
    }

    /// The bound of the ids to keep: `num_words`, or the largest id of all these rows.
    pub(crate) fn bound(&self, parts: &[(&Rows, &[usize])]) -> Result<i64> {
        let ids = parts.iter().flat_map(|(rows, order)| order.iter().flat_map(|i| &rows.x[*i]));
        let (mut low, mut high) = (0, i64::MIN);
        for id in ids.map(|w| i64::from(*w) + i64::from(self.index_from)) {
            (low, high) = (id.min(low), id.max(high));
        }
        if low < i64::from(i32::MIN) || high > i64::from(i32::MAX) {
            return Err(Error::value(format!(
                "index_from {} takes ids beyond 32 bits; use a smaller one",
                self.index_from
            )));
        }
        match (self.num_words, self.start_char) {
            (Some(n), _) => Ok(i64::try_from(n).unwrap_or(i64::MAX)),
            (None, start) if parts.iter().any(|(_, order)| !order.is_empty()) => {
                Ok(high.max(start.map_or(i64::MIN, i64::from)))
            }
            (None, _) => Err(Error::value(format!(
                "no text is shorter than maxlen {}, so that there is no largest word; increase maxlen or give num_words",
                self.maxlen.unwrap_or(0)
            ))),
        }
    }

    /// The rows in this order, with their marks, without the words that are not kept.
    pub(crate) fn split(&self, rows: &Rows, order: &[usize], bound: i64) -> Result<(Sequences, Tensor)> {
        let mark = usize::from(self.start_char.is_some());
        let total = order.iter().map(|i| rows.x[*i].len() + mark).sum();
        let mut sequences = Sequences::with_capacity(order.len(), total);
        let skip = i64::try_from(self.skip_top).unwrap_or(i64::MAX);
        for i in order {
            let ids = rows.x[*i].iter().map(|w| w.wrapping_add(self.index_from));
            let all = self.start_char.into_iter().chain(ids);
            let known = |id: i32| (skip..bound).contains(&i64::from(id));
            match self.oov_char {
                Some(oov) => sequences.push(all.map(|id| if known(id) { id } else { oov })),
                None => sequences.push(all.filter(|id| known(*id))),
            }
        }
        let labels: Vec<i64> = order.iter().map(|i| rows.y[*i]).collect();
        Ok((sequences, Tensor::from_slice(&labels, [labels.len()])?))
    }
}

/// The lists of one array of a file and their labels, which are whole numbers below `classes`.
pub(crate) fn read(path: &Path, x: &str, y: &str, dataset: &Dataset, classes: i64) -> Result<Rows> {
    let foreign = || format!("this is not Keras's {}, move it away or look elsewhere", dataset.name);
    let named = |e: Error| match e.kind() {
        ErrorKind::Name | ErrorKind::DType => Error::new(e.kind(), format!("{e}; {}", foreign())),
        _ => e,
    };
    let mut npz = Npz::open(path)?;
    let rows = npz.read_ragged(x).map_err(named)?;
    let labels = npz.read(y).map_err(named)?;
    let who = || format!("{:?}: member {y:?}", path.display().to_string());
    if labels.dtype != DType::I64 || labels.shape != [rows.len()] {
        return Err(Error::format(format!(
            "expected int64 ({},), a label for each of {x:?}, received {} {}; {}",
            rows.len(),
            labels.dtype,
            Shape::from(&labels.shape),
            foreign()
        )))
        .at(who);
    }
    let labels = labels.to_vec::<i64>()?;
    if let Some((at, label)) = labels.iter().enumerate().find(|(_, l)| !(0..classes).contains(*l)) {
        return Err(Error::value(format!(
            "expected labels from 0 to {}, received {label} at position {at}; {}",
            classes - 1,
            foreign()
        )))
        .at(who);
    }
    Ok(Rows { x: rows, y: labels })
}

/// The path of a file, downloaded first where it is nowhere.
pub(crate) fn locate(
    dataset: &Dataset,
    file: &DataFile,
    options: &crate::Options,
) -> Result<std::path::PathBuf> {
    lookup::find(dataset, file, options).map_err(Error::from)
}
