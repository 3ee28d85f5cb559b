//! Lists of word ids, each of its own length.

use std::fmt;
use std::ops::{Index, Range};

/// Lists of whole numbers of any lengths, such as texts as word ids.
///
/// All numbers lie in one piece of memory, list after list. `x[i]` is the i-th list.
///
/// ```
/// use rhyton_data::Sequences;
/// let x = Sequences::from(vec![vec![1, 14, 22], vec![1, 194]]);
/// assert_eq!((x.len(), x[0][1], &x[1]), (2, 14, &[1, 194][..]));
/// assert_eq!(x.lengths().max(), Some(3));
/// assert_eq!(x.iter().map(|s| s[0]).collect::<Vec<_>>(), [1, 1]);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Sequences {
    ids: Vec<i32>,
    /// Where each list ends; a 0 comes before the first.
    ends: Vec<usize>,
}

impl Sequences {
    /// No lists.
    pub fn new() -> Sequences {
        Sequences::with_capacity(0, 0)
    }

    /// No lists, with room for so many, and for so many numbers in all.
    pub(crate) fn with_capacity(lists: usize, ids: usize) -> Sequences {
        let mut ends = Vec::with_capacity(lists + 1);
        ends.push(0);
        Sequences { ids: Vec::with_capacity(ids), ends }
    }

    /// Adds a list.
    pub fn push(&mut self, ids: impl IntoIterator<Item = i32>) {
        self.ids.extend(ids);
        self.ends.push(self.ids.len());
    }

    /// How many lists there are.
    pub fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// Whether there is no list.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The i-th list, or `None` where there are fewer.
    pub fn get(&self, i: usize) -> Option<&[i32]> {
        let end = *self.ends.get(i.checked_add(1)?)?;
        Some(&self.ids[self.ends[i]..end])
    }

    /// The lists, one after the other.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[i32]> + DoubleEndedIterator + Clone {
        self.ends.windows(2).map(|ends| &self.ids[ends[0]..ends[1]])
    }

    /// How many numbers each list has.
    pub fn lengths(&self) -> impl ExactSizeIterator<Item = usize> + Clone {
        self.ends.windows(2).map(|ends| ends[1] - ends[0])
    }

    /// The numbers of all lists, one list after the other.
    ///
    /// ```
    /// use rhyton_data::Sequences;
    /// let x = Sequences::from(vec![vec![1, 14], vec![1, 194]]);
    /// assert_eq!(x.ids().iter().max(), Some(&194));
    /// ```
    pub fn ids(&self) -> &[i32] {
        &self.ids
    }

    /// Some of the lists, copied; the range is cut to what is there.
    ///
    /// ```
    /// use rhyton_data::Sequences;
    /// let x = Sequences::from(vec![vec![1], vec![2, 3], vec![4]]);
    /// assert_eq!(x.slice(1..3).to_vecs(), [vec![2, 3], vec![4]]);
    /// ```
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Sequences {
        let end = range.end.min(self.len());
        let start = range.start.min(end);
        let (from, to) = (self.ends[start], self.ends[end]);
        let ends = self.ends[start..=end].iter().map(|e| e - from).collect();
        Sequences { ids: self.ids[from..to].to_vec(), ends }
    }

    /// The lists as vectors.
    pub fn to_vecs(&self) -> Vec<Vec<i32>> {
        self.iter().map(<[i32]>::to_vec).collect()
    }
}

impl Default for Sequences {
    fn default() -> Sequences {
        Sequences::new()
    }
}

impl Index<usize> for Sequences {
    type Output = [i32];

    /// The i-th list; panics where there are fewer, as slices do.
    fn index(&self, i: usize) -> &[i32] {
        &self.ids[self.ends[i]..self.ends[i + 1]]
    }
}

impl<T: AsRef<[i32]>> FromIterator<T> for Sequences {
    fn from_iter<I: IntoIterator<Item = T>>(lists: I) -> Sequences {
        let mut sequences = Sequences::new();
        lists.into_iter().for_each(|list| sequences.push(list.as_ref().iter().copied()));
        sequences
    }
}

impl From<Vec<Vec<i32>>> for Sequences {
    fn from(lists: Vec<Vec<i32>>) -> Sequences {
        lists.iter().collect()
    }
}

impl fmt::Debug for Sequences {
    /// The first lists, and how many there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sequences({} of {} ids: ", self.len(), self.ids.len())?;
        f.debug_list().entries(self.iter().take(3)).finish()?;
        f.write_str(if self.len() > 3 { " ..)" } else { ")" })
    }
}
