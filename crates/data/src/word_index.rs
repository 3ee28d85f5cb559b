//! Words and their ranks.

use rhyton_base::{Context, Error, Result};
use std::collections::HashMap;
use std::path::Path;

/// The words of a data set with their ranks: 1 for the most frequent word, and so on.
///
/// ```
/// use rhyton_data::WordIndex;
/// let index: WordIndex = [("film", 17), ("this", 11), ("brilliant", 527)].into_iter().collect();
/// assert_eq!((index.get("film"), index.get("cinema"), index.word(11)), (Some(17), None, Some("this")));
/// assert_eq!(index.decode(&[1, 14, 20, 2, 530]), "[START] this film [OOV] brilliant");
/// assert_eq!(index.encode("This FILM, so brilliant!"), [1, 14, 20, 530]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct WordIndex {
    ranks: HashMap<String, usize>,
    words: HashMap<usize, String>,
}

impl WordIndex {
    /// The rank of a word.
    pub fn get(&self, word: &str) -> Option<usize> {
        self.ranks.get(word).copied()
    }

    /// The word of a rank.
    pub fn word(&self, rank: usize) -> Option<&str> {
        self.words.get(&rank).map(String::as_str)
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.ranks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ranks.is_empty()
    }

    /// All words with their ranks, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        self.ranks.iter().map(|(word, rank)| (word.as_str(), *rank))
    }

    /// A text from ids that were loaded with Keras's defaults: the word of rank r has the id r + 3, 1 is `[START]`, 2
    /// `[OOV]` (a word that is not kept), and `?` stands for ids without a word, such as padding.
    pub fn decode(&self, ids: &[i32]) -> String {
        self.decode_with(ids, 1, 2, 3)
    }

    /// [`WordIndex::decode`] of ids that were loaded with other arguments.
    pub fn decode_with(
        &self,
        ids: &[i32],
        start_char: impl Into<Option<i32>>,
        oov_char: impl Into<Option<i32>>,
        index_from: i32,
    ) -> String {
        let (start, oov) = (start_char.into(), oov_char.into());
        let word = |id: &i32| {
            if Some(*id) == start {
                return "[START]";
            }
            if Some(*id) == oov {
                return "[OOV]";
            }
            let rank = usize::try_from(i64::from(*id) - i64::from(index_from)).ok();
            rank.and_then(|rank| self.word(rank)).unwrap_or("?")
        };
        ids.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    /// The ids of a text of one's own, as the data set's were made: a start mark, then for each word its rank plus 3.
    ///
    /// Words are what is between spaces once capitals A to Z are small and punctuation other than `'` is a space. Words
    /// that are not in the index are left out; replace ids that a model does not know by 2.
    pub fn encode(&self, text: &str) -> Vec<i32> {
        let space = |c: char| (c.is_ascii_punctuation() && c != '\'') || matches!(c, '\t' | '\n');
        let text: String =
            text.chars().map(|c| if space(c) { ' ' } else { c.to_ascii_lowercase() }).collect();
        let ids = text.split(' ').filter_map(|word| self.get(word)?.checked_add(3)?.try_into().ok());
        std::iter::once(1).chain(ids).collect()
    }

    /// Reads a file of one JSON object: words and their ranks.
    pub(crate) fn load(path: &Path) -> Result<WordIndex> {
        let who = || format!("{:?}", path.display().to_string());
        let text = std::fs::read(path).map_err(Error::from).at(who)?;
        let ranks: HashMap<String, usize> = serde_json::from_slice(&text)
            .map_err(|e| {
                Error::format(format!(
                    "expected a JSON object of words and their ranks: {e}; the file is damaged or another one, move it \
                     away or look elsewhere"
                ))
            })
            .at(who)?;
        Ok(ranks.into_iter().collect())
    }
}

impl<S: Into<String>> FromIterator<(S, usize)> for WordIndex {
    fn from_iter<I: IntoIterator<Item = (S, usize)>>(words: I) -> WordIndex {
        let ranks: HashMap<String, usize> = words.into_iter().map(|(w, r)| (w.into(), r)).collect();
        let words = ranks.iter().map(|(word, rank)| (*rank, word.clone())).collect();
        WordIndex { ranks, words }
    }
}
