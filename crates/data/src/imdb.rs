//! IMDB: 50,000 film reviews as word ids, half of them positive.
//!
//! Source: Maas et al., "Learning word vectors for sentiment analysis", ACL 2011; the files are the ones that Keras
//! publishes.

use crate::registry::{Dataset, dataset};
use crate::words::{self, Rows, Words, word_methods};
use crate::{Options, TextTrainTest, WordIndex};
use rhyton_base::{Context, Error, Result};

/// Loads the reviews with Keras's defaults: `((x_train, y_train), (x_test, y_test))`, 25,000 each.
///
/// x is [`Sequences`](crate::Sequences) of word ids: 1 begins a review, 2 stands for words that are not kept, the word of
/// rank r has the id r + 3. y has shape (25000,), `int64`, 1 for positive and 0 for negative. The file `imdb.npz` is looked
/// for as [`crate::lookup`] says. [`LoadData`] takes Keras's arguments.
///
/// An error where the file is nowhere and cannot be downloaded, or is not IMDB's.
///
/// ```no_run
/// use rhyton_data::imdb;
/// let ((x_train, y_train), (x_test, y_test)) = imdb::load_data()?;
/// println!("{}", imdb::get_word_index()?.decode(&x_train[0])); // [START] this film was just brilliant ..
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn load_data() -> Result<TextTrainTest> {
    LoadData::new().load()
}

/// The arguments of Keras's `imdb.load_data`.
///
/// ```no_run
/// use rhyton_data::imdb;
/// let ((x_train, y_train), (x_test, y_test)) = imdb::LoadData::new().num_words(10_000).load()?;
/// assert!(x_train.ids().iter().all(|id| *id < 10_000));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LoadData {
    words: Words,
    options: Options,
}

word_methods!(LoadData);

impl LoadData {
    /// Keras's defaults.
    pub fn new() -> LoadData {
        LoadData { words: Words::new(), options: Options::new() }
    }

    /// Loads the reviews.
    ///
    /// An error where the file is nowhere and cannot be downloaded or is not IMDB's, and where `maxlen` keeps no review.
    pub fn load(&self) -> Result<TextTrainTest> {
        self.load_rows().at(|| this().name)
    }

    fn load_rows(&self) -> Result<TextTrainTest> {
        let path = words::locate(this(), &this().files[0], &self.options)?;
        let half = |x, y| words::read(&path, x, y, this(), 2);
        // Each half takes as long as the other.
        let (train, test) = std::thread::scope(|scope| {
            let test = scope.spawn(|| half("x_test", "y_test"));
            let train = half("x_train", "y_train");
            (train, test.join().unwrap_or_else(|e| std::panic::resume_unwind(e)))
        });
        self.arrange(&train?, &test?)
    }

    /// One generator for both halves, which are cut at one bound.
    fn arrange(&self, train: &Rows, test: &Rows) -> Result<TextTrainTest> {
        let mut random = self.words.random_state();
        let train_order = self.words.order(train, &mut random);
        let test_order = self.words.order(test, &mut random);
        if let (Some(maxlen), true) = (self.words.maxlen, train_order.is_empty() || test_order.is_empty()) {
            return Err(Error::value(format!("no review is shorter than maxlen {maxlen}; increase maxlen")));
        }
        let bound = self.words.bound(&[(train, &train_order), (test, &test_order)])?;
        Ok((self.words.split(train, &train_order, bound)?, self.words.split(test, &test_order, bound)?))
    }
}

impl Default for LoadData {
    fn default() -> LoadData {
        LoadData::new()
    }
}

/// The 88,584 words and their ranks, from `imdb_word_index.json`.
pub fn get_word_index() -> Result<WordIndex> {
    get_word_index_with(&Options::new())
}

/// [`get_word_index`] with options.
pub fn get_word_index_with(options: &Options) -> Result<WordIndex> {
    words::locate(this(), &this().files[1], options)
        .and_then(|path| WordIndex::load(&path))
        .at(|| this().name)
}

fn this() -> &'static Dataset {
    dataset("imdb").expect("the registry holds imdb")
}
