//! Reuters: 11,228 newswires as word ids, in 46 topics.
//!
//! Source: the collection Reuters-21578; the files are the ones that Keras publishes.

use crate::housing::{self, count_of};
use crate::registry::{Dataset, dataset};
use crate::words::{self, Rows, Words, word_methods};
use crate::{Options, TextTrainTest, WordIndex};
use rhyton_base::{Context, Result};

/// The names of the topics 0 to 45.
#[rustfmt::skip]
const LABEL_NAMES: [&str; 46] = [
    "cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply", "coffee", "sugar",
    "trade", "reserves", "ship", "cotton", "carcass", "crude", "nat-gas", "cpi", "money-fx", "interest", "gnp",
    "meal-feed", "alum", "oilseed", "gold", "tin", "strategic-metal", "livestock", "retail", "ipi", "iron-steel",
    "rubber", "heat", "jobs", "lei", "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog", "lead",
];

/// Loads the newswires with Keras's defaults: `((x_train, y_train), (x_test, y_test))`, 8,982 and 2,246.
///
/// x is [`Sequences`](crate::Sequences) of word ids as in [`crate::imdb`]; y has shapes (8982,) and (2246,), `int64`, 0 to
/// 45 for [`get_label_names`]. The file `reuters.npz` is looked for as [`crate::lookup`] says. [`LoadData`] takes Keras's
/// arguments.
///
/// An error where the file is nowhere and cannot be downloaded, or is not Reuters'.
///
/// ```no_run
/// use rhyton_data::reuters;
/// let ((x_train, y_train), (x_test, y_test)) = reuters::load_data()?;
/// let topic = y_train.to_vec::<i64>()?[0];
/// println!("{}: {}", reuters::get_label_names()[topic as usize], reuters::get_word_index()?.decode(&x_train[0]));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn load_data() -> Result<TextTrainTest> {
    LoadData::new().load()
}

/// The arguments of Keras's `reuters.load_data`.
///
/// ```no_run
/// use rhyton_data::reuters;
/// let ((x_train, y_train), (x_test, y_test)) = reuters::LoadData::new().num_words(10_000).test_split(0.1).load()?;
/// assert_eq!(x_train.len(), 10_105);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LoadData {
    words: Words,
    test_split: f64,
    options: Options,
}

word_methods!(LoadData);

impl LoadData {
    /// Keras's defaults.
    pub fn new() -> LoadData {
        LoadData { words: Words::new(), test_split: 0.2, options: Options::new() }
    }

    /// Which part of the newswires is to test with, from 0 to 1; 0.2 unless changed.
    #[must_use]
    pub fn test_split(mut self, fraction: f64) -> LoadData {
        self.test_split = fraction;
        self
    }

    /// Loads the newswires.
    ///
    /// An error where the file is nowhere and cannot be downloaded or is not Reuters', and where `test_split` is no fraction.
    pub fn load(&self) -> Result<TextTrainTest> {
        self.load_rows().at(|| this().name)
    }

    fn load_rows(&self) -> Result<TextTrainTest> {
        housing::check_fraction(self.test_split, true)?;
        let path = words::locate(this(), &this().files[0], &self.options)?;
        self.arrange(&words::read(&path, "x", "y", this(), LABEL_NAMES.len() as i64)?)
    }

    fn arrange(&self, rows: &Rows) -> Result<TextTrainTest> {
        let order = self.words.order(rows, &mut self.words.random_state());
        let bound = self.words.bound(&[(rows, &order)])?;
        let (train, test) = order.split_at(count_of(order.len(), self.test_split));
        Ok((self.words.split(rows, train, bound)?, self.words.split(rows, test, bound)?))
    }
}

impl Default for LoadData {
    fn default() -> LoadData {
        LoadData::new()
    }
}

/// The 30,979 words and their ranks, from `reuters_word_index.json`.
pub fn get_word_index() -> Result<WordIndex> {
    get_word_index_with(&Options::new())
}

/// [`get_word_index`] with options.
pub fn get_word_index_with(options: &Options) -> Result<WordIndex> {
    words::locate(this(), &this().files[1], options)
        .and_then(|path| WordIndex::load(&path))
        .at(|| this().name)
}

/// The names of the topics 0 to 45.
///
/// ```
/// assert_eq!(rhyton_data::reuters::get_label_names()[3], "earn");
/// ```
pub fn get_label_names() -> [&'static str; 46] {
    LABEL_NAMES
}

fn this() -> &'static Dataset {
    dataset("reuters").expect("the registry holds reuters")
}
