//! Numbers of rows.

use std::ops::Range;

/// Numbers of rows.
#[derive(Clone, Debug)]
pub enum Rows<'a> {
    /// One after another.
    Run(Range<usize>),
    /// By their numbers.
    At(&'a [usize]),
}

impl<'a> Rows<'a> {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Rows::Run(run) => run.len(),
            Rows::At(indices) => indices.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at a place.
    ///
    /// # Panics
    /// Where there is no such place.
    pub fn at(&self, place: usize) -> usize {
        match self {
            Rows::Run(run) => {
                assert!(place < run.len(), "place {place} of {} rows", run.len());
                run.start + place
            }
            Rows::At(indices) => indices[place],
        }
    }

    /// Whether all numbers lie in a range.
    pub fn within(&self, range: &Range<usize>) -> bool {
        match self {
            Rows::Run(run) => run.is_empty() || range.start <= run.start && run.end <= range.end,
            Rows::At(indices) => indices.iter().all(|i| range.contains(i)),
        }
    }

    /// The first row, where the others follow it one after another.
    pub fn run(&self) -> Option<usize> {
        match self {
            Rows::Run(run) => Some(run.start),
            Rows::At(indices) => indices
                .first()
                .copied()
                .filter(|first| indices.iter().enumerate().all(|(i, &at)| first.checked_add(i) == Some(at))),
        }
    }

    /// Some of them, by their places.
    ///
    /// # Panics
    /// Where there are no such places.
    pub fn part(&self, places: Range<usize>) -> Rows<'a> {
        match self {
            Rows::Run(run) => {
                assert!(places.end <= run.len(), "places {places:?} of {} rows", run.len());
                Rows::Run(run.start + places.start..run.start + places.end)
            }
            Rows::At(indices) => Rows::At(&indices[places]),
        }
    }
}
