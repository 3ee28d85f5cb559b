//! Data as a sequence of elements that is gone through again and again.

mod batch;
mod cache;
mod element;
mod indexed;
mod named;
mod order;
pub(crate) mod parallel;
mod several;
mod source;
mod sources;
#[cfg(test)]
mod tests;

pub use element::{Element, FromElement, IntoElement};
pub use indexed::Sequence;
pub use named::Named;
pub use parallel::AUTOTUNE;
pub use source::{Cardinality, Elements, TensorSpec};

pub(crate) use indexed::All;
pub(crate) use several::Generated;
pub(crate) use source::{Indexed, Source};

use element::spec_of;
use named::{Names, Seen, note};
use order::{How, Reordered};
use rhyton_base::{Context, Error, Result};
use rhyton_tensor::next_seed;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A sequence of elements that can be gone through any number of times, each element a list of tensors.
///
/// Each step returns a new dataset; nothing is computed before elements are asked for. `fit`, `evaluate` and `predict` of
/// models take datasets whose elements are batches: inputs, then targets, then sample weights.
///
/// | | |
/// |---|---|
/// | sources | [`from_tensor_slices`](Dataset::from_tensor_slices), [`from_tensors`](Dataset::from_tensors), [`from_generator`](Dataset::from_generator), [`from_sequence`](Dataset::from_sequence), [`range`](Dataset::range), [`from_npy`](Dataset::from_npy), [`from_npz`](Dataset::from_npz), [`Csv`](crate::Csv) |
/// | names | [`Named`], [`named`](Dataset::named), [`names`](Dataset::names) |
/// | elements | [`map`](Dataset::map), [`map_parallel`](Dataset::map_parallel), [`filter`](Dataset::filter), [`enumerate`](Dataset::enumerate), [`check_numerics`](Dataset::check_numerics) |
/// | batches | [`batch`](Dataset::batch), [`batch_exact`](Dataset::batch_exact), [`unbatch`](Dataset::unbatch), [`window`](Dataset::window) |
/// | order | [`shuffle`](Dataset::shuffle), [`repeat`](Dataset::repeat), [`take`](Dataset::take), [`skip`](Dataset::skip), [`shard`](Dataset::shard) |
/// | several | [`zip`](Dataset::zip), [`concatenate`](Dataset::concatenate), [`interleave`](Dataset::interleave), [`flat_map`](Dataset::flat_map) |
/// | speed | [`cache`](Dataset::cache), [`cache_file`](Dataset::cache_file), [`prefetch`](Dataset::prefetch) |
///
/// Elements come in one order, whatever the number of threads. What is random follows from its seed and from the number of
/// the pass: going through a dataset again is the next pass, with another order; [`pass`](Dataset::pass) is a given one.
///
/// ```
/// use rhyton_data::{AUTOTUNE, Dataset};
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]]);
/// let y = Tensor::from([0i32, 1, 0]);
/// let dataset = Dataset::from_tensor_slices((&x, &y))?
///     .shuffle(3, 7)
///     .map(|(x, y): (Tensor, Tensor)| Ok((x / 6.0, y)))
///     .batch(2)
///     .prefetch(AUTOTUNE);
/// assert_eq!(dataset.len(), Some(2));
/// for batch in &dataset {
///     let [inputs, targets] = &batch?[..] else { unreachable!("two tensors went in") };
///     assert_eq!(inputs.shape()[0], targets.shape()[0]);
/// }
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `tf.data.Dataset`.
#[derive(Clone)]
pub struct Dataset {
    source: Arc<dyn Source>,
    /// The pass that is next; clones count together.
    passes: Arc<AtomicU64>,
    /// What the first tensors of elements are called.
    names: Names,
}

impl Dataset {
    pub(crate) fn new(source: impl Source + 'static) -> Dataset {
        Dataset { source: Arc::new(source), passes: Arc::default(), names: Names::default() }
    }

    /// Other elements whose tensors are called as those of this one.
    fn with(&self, source: impl Source + 'static) -> Dataset {
        Dataset { names: self.names.clone(), ..Dataset::new(source) }
    }

    /// Elements whose names are seen as they are made.
    fn naming(source: impl Source + 'static, seen: Seen) -> Dataset {
        let dataset = Dataset::new(source);
        Dataset { names: Names::OfFirst(seen, dataset.of()), ..dataset }
    }

    fn of(&self) -> Arc<dyn Source> {
        self.source.clone()
    }

    fn reordered(&self, how: How) -> Dataset {
        self.with(Reordered { of: self.of(), how })
    }

    /// What a function makes of each element. It takes a tensor, a tuple of them or an [`Element`], and returns one.
    ///
    /// It is called where elements are read. An error, or a panic, takes the place of the element.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// use rhyton_tensor::Tensor;
    /// let squares = Dataset::range(4).map(|x: Tensor| Ok(&x * &x));
    /// let numbers: Vec<i64> = squares.iter().map(|x| x?[0].item::<i64>()).collect::<Result<_, _>>()?;
    /// assert_eq!(numbers, [0, 1, 4, 9]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    #[must_use]
    pub fn map<A: FromElement, R: IntoElement>(
        &self,
        f: impl Fn(A) -> Result<R> + Send + Sync + 'static,
    ) -> Dataset {
        self.mapped(f, None)
    }

    /// [`Dataset::map`] by so many threads, or by as many as the library has ([`AUTOTUNE`]); results come in order.
    ///
    /// Where the elements can be had by number (slices, files, a [`Sequence`]), the threads read them, too.
    #[must_use]
    pub fn map_parallel<A: FromElement, R: IntoElement>(
        &self,
        f: impl Fn(A) -> Result<R> + Send + Sync + 'static,
        num_parallel_calls: usize,
    ) -> Dataset {
        self.mapped(f, Some(num_parallel_calls))
    }

    fn mapped<A: FromElement, R: IntoElement>(
        &self,
        f: impl Fn(A) -> Result<R> + Send + Sync + 'static,
        threads: Option<usize>,
    ) -> Dataset {
        let (names, seen) = (self.names.clone(), Seen::default());
        let noted = seen.clone();
        let call = move |e: Element| {
            let result = A::from_named(e, &names.get()?).and_then(&f)?;
            if R::NAMED {
                note(&noted, result.names())?;
            }
            Ok::<Element, Error>(result.into_element())
        };
        let f = move |e: Element| call(e).at(|| "map");
        let map = parallel::Map { of: self.of(), f: Arc::new(f), threads };
        if R::NAMED { Dataset::naming(map, seen) } else { Dataset::new(map) }
    }

    /// The elements for which a function says yes.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// use rhyton_tensor::Tensor;
    /// let odd = Dataset::range(10).filter(|x: Tensor| Ok(x.item::<i64>()? % 2 == 1));
    /// assert_eq!(odd.iter().count(), 5);
    /// ```
    #[must_use]
    pub fn filter<A: FromElement>(
        &self,
        keep: impl Fn(A) -> Result<bool> + Send + Sync + 'static,
    ) -> Dataset {
        let names = self.names.clone();
        let keep = move |e: Element| A::from_named(e, &names.get()?).and_then(&keep);
        self.with(several::Filter { of: self.of(), keep: Arc::new(keep) })
    }

    /// Elements put together, so many at a time along a new first axis; the last batch may be smaller.
    ///
    /// Of slices of tensors that come in order, batches are views of the same memory; of shuffled ones, each number is
    /// copied once. A size of 0 is an error when elements are asked for, as are elements of different shapes or types.
    #[must_use]
    pub fn batch(&self, size: usize) -> Dataset {
        self.with(batch::Batch { of: self.of(), size, drop_remainder: false })
    }

    /// [`Dataset::batch`] without the smaller last batch (`drop_remainder`).
    #[must_use]
    pub fn batch_exact(&self, size: usize) -> Dataset {
        self.with(batch::Batch { of: self.of(), size, drop_remainder: true })
    }

    /// The slices of each element along the first axes of its tensors: batches taken apart.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// assert_eq!(Dataset::range(10).batch(4).unbatch().iter().count(), 10);
    /// ```
    #[must_use]
    pub fn unbatch(&self) -> Dataset {
        self.with(batch::Unbatch(self.of()))
    }

    /// Runs of `size` elements, `stride` apart, put together; the next one begins `shift` elements later.
    ///
    /// Unlike TensorFlow's, a window is a tensor at once and not a dataset to be put together.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// let windows = Dataset::range(7).window(3, 2, 1, true);
    /// let all: Vec<Vec<i64>> = windows.iter().map(|w| w?[0].to_vec()).collect::<Result<_, _>>()?;
    /// assert_eq!(all, [[0, 1, 2], [2, 3, 4], [4, 5, 6]]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    #[must_use]
    pub fn window(&self, size: usize, shift: usize, stride: usize, drop_remainder: bool) -> Dataset {
        self.with(batch::Window { of: self.of(), size, shift, stride, drop_remainder })
    }

    /// The elements in another order, a new one in each pass: each is drawn from the next `buffer_size`.
    ///
    /// With a buffer of at least as many as there are, all orders are equally likely. A smaller one keeps memory small, and
    /// elements near where they were. Where the elements can be had by number (slices, files, a [`Sequence`]), the buffer
    /// holds numbers alone, so that it may always be large. Without a seed, one is drawn from the process's own stream.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// let dataset = Dataset::range(100).shuffle(100, 1);
    /// let order = |pass| dataset.pass(pass).map(|x| x.unwrap()[0].item::<i64>().unwrap()).collect::<Vec<_>>();
    /// assert_ne!(order(0), order(1));
    /// assert_eq!(order(1), order(1));
    /// ```
    #[must_use]
    pub fn shuffle(&self, buffer_size: usize, seed: impl Into<Option<u32>>) -> Dataset {
        self.shuffled(buffer_size, seed.into(), true)
    }

    /// [`Dataset::shuffle`] into the same order in each pass (`reshuffle_each_iteration` false).
    #[must_use]
    pub fn shuffle_once(&self, buffer_size: usize, seed: impl Into<Option<u32>>) -> Dataset {
        self.shuffled(buffer_size, seed.into(), false)
    }

    fn shuffled(&self, buffer: usize, seed: Option<u32>, reshuffle: bool) -> Dataset {
        self.reordered(How::Shuffle { buffer, seed: seed.unwrap_or_else(next_seed), reshuffle })
    }

    /// All elements, so many times; for ever without a number.
    ///
    /// ```
    /// use rhyton_data::{Cardinality, Dataset};
    /// assert_eq!(Dataset::range(3).repeat(2).len(), Some(6));
    /// assert_eq!(Dataset::range(3).repeat(None).cardinality(), Cardinality::Infinite);
    /// ```
    #[must_use]
    pub fn repeat(&self, count: impl Into<Option<usize>>) -> Dataset {
        self.with(order::Repeat { of: self.of(), count: count.into() })
    }

    /// The first so many elements.
    #[must_use]
    pub fn take(&self, count: usize) -> Dataset {
        self.reordered(How::Take(count))
    }

    /// All but the first so many elements.
    #[must_use]
    pub fn skip(&self, count: usize) -> Dataset {
        self.reordered(How::Skip(count))
    }

    /// One element in `num_shards`, beginning with number `index`: a share of the data.
    ///
    /// # Errors
    /// Where there is no such share.
    pub fn shard(&self, num_shards: usize, index: usize) -> Result<Dataset> {
        if index >= num_shards {
            let message =
                format!("expected an index below num_shards, got index {index} and num_shards {num_shards}");
            return Err(Error::value(message).at("shard"));
        }
        Ok(self.reordered(How::Shard(num_shards, index)))
    }

    /// The tensors of several datasets side by side, element by element, until one of them ends.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// let pairs = Dataset::zip([&Dataset::range(3), &Dataset::range(10)]);
    /// assert_eq!((pairs.len(), pairs.iter().next().unwrap()?.len()), (Some(3), 2));
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn zip<'a>(datasets: impl IntoIterator<Item = &'a Dataset>) -> Dataset {
        let all: Vec<&Dataset> = datasets.into_iter().collect();
        let names = Names::side_by_side(all.iter().map(|d| (&d.names, &d.source)));
        Dataset { names, ..Dataset::new(several::Zip(all.into_iter().map(Dataset::of).collect())) }
    }

    /// The elements of another dataset after these.
    #[must_use]
    pub fn concatenate(&self, other: &Dataset) -> Dataset {
        self.with(several::Concatenate(self.of(), other.of()))
    }

    /// The elements of datasets that a function makes of each element: `block_length` from each in turn, `cycle_length` of
    /// them open at a time.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// use rhyton_tensor::Tensor;
    /// let twice = |x: Tensor| Ok(Dataset::from_tensors(x).repeat(2));
    /// let all = Dataset::range(3).interleave(twice, 2, 1);
    /// let numbers: Vec<i64> = all.iter().map(|x| x?[0].item::<i64>()).collect::<Result<_, _>>()?;
    /// assert_eq!(numbers, [0, 1, 0, 1, 2, 2]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    #[must_use]
    pub fn interleave<A: FromElement>(
        &self,
        f: impl Fn(A) -> Result<Dataset> + Send + Sync + 'static,
        cycle_length: usize,
        block_length: usize,
    ) -> Dataset {
        let names = self.names.clone();
        let f = move |e: Element| A::from_named(e, &names.get()?).and_then(&f);
        Dataset::new(several::Interleave {
            of: self.of(),
            f: Arc::new(f),
            cycle: cycle_length,
            block: block_length,
        })
    }

    /// The elements of datasets that a function makes of each element, one dataset after the other.
    #[must_use]
    pub fn flat_map<A: FromElement>(
        &self,
        f: impl Fn(A) -> Result<Dataset> + Send + Sync + 'static,
    ) -> Dataset {
        self.interleave(f, 1, 1)
    }

    /// Elements with their numbers in front, counted from `start`, as `int64`.
    #[must_use]
    pub fn enumerate(&self, start: i64) -> Dataset {
        Dataset::new(several::Enumerate { of: self.of(), first: start })
    }

    /// Keeps all elements in memory once a pass has come to its end; later passes read them there.
    ///
    /// What was random before is so only once: shuffle after this.
    #[must_use]
    pub fn cache(&self) -> Dataset {
        self.with(cache::Memory::new(self.of()))
    }

    /// Keeps all elements in a file once a pass has come to its end; later passes, and later runs of the program, read them
    /// there.
    ///
    /// The file is written beside its place and moved there when it is whole. A file that is there is taken for that of
    /// this dataset: delete it where the dataset has changed.
    #[must_use]
    pub fn cache_file(&self, path: impl Into<PathBuf>) -> Dataset {
        self.with(cache::OnDisk { of: self.of(), path: path.into() })
    }

    /// Has a thread of its own make elements ready, so many ahead ([`AUTOTUNE`]: 4), while others are used.
    ///
    /// The thread ends with the elements, or when the iterator is dropped.
    #[must_use]
    pub fn prefetch(&self, buffer_size: usize) -> Dataset {
        self.with(parallel::Prefetch { of: self.of(), ready: buffer_size })
    }

    /// The same elements; an error in the place of one that has a NaN or an infinity in it.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([[1.0f32, 2.0], [3.0, f32::NAN]]);
    /// let told = Dataset::from_tensor_slices(&x)?.check_numerics().iter().last().unwrap().unwrap_err();
    /// assert_eq!(told.to_string(), "check_numerics: element 1: tensor 0 has NaN at [1]");
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    #[must_use]
    pub fn check_numerics(&self) -> Dataset {
        let f = |e: Element| -> Result<Element> {
            let (number, element) = (e[0].item::<i64>()?, e[1..].to_vec());
            element::finite(&element).at(|| format!("element {number}")).at(|| "check_numerics")?;
            Ok(element)
        };
        self.with(parallel::Map { of: self.enumerate(0).of(), f: Arc::new(f), threads: None })
    }

    /// The same elements, of which there are so many: for sources that cannot tell. An error comes last where they are
    /// more or fewer.
    #[must_use]
    pub fn assert_cardinality(&self, count: usize) -> Dataset {
        self.with(several::Asserted { of: self.of(), count })
    }

    /// Gives names to the first tensors of elements, as [`Named`] ones have them.
    ///
    /// # Errors
    /// Where two names are the same.
    ///
    /// ```
    /// use rhyton_data::{Dataset, Named};
    /// let counted = Dataset::range(3).enumerate(10).named(["number", "value"])?;
    /// let sums = counted.map(|x: Named| Ok(x.get("number")? + x.get("value")?));
    /// assert_eq!(sums.iter().last().unwrap()?[0].item::<i64>()?, 14);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn named<S: Into<String>>(&self, names: impl IntoIterator<Item = S>) -> Result<Dataset> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if let Some(twice) = (1..names.len()).find(|&i| names[..i].contains(&names[i])) {
            return Err(Error::name(format!("the name {:?} is given twice", names[twice])).at("named"));
        }
        Ok(Dataset { names: Names::known(names), ..self.clone() })
    }

    /// The names of the first tensors of elements; none where elements are lists.
    ///
    /// Where a function gives them, the first element is computed to see them.
    ///
    /// # Errors
    /// That of the first element.
    pub fn names(&self) -> Result<Vec<String>> {
        self.names.get().map(|names| names.to_vec()).at(|| "names")
    }

    /// How many elements there are.
    pub fn cardinality(&self) -> Cardinality {
        self.source.cardinality()
    }

    /// How many elements there are, where that is known and finite.
    #[allow(clippy::len_without_is_empty)] // A question for data of known size, which this may not be.
    pub fn len(&self) -> Option<usize> {
        self.cardinality().known()
    }

    /// Types and shapes of the tensors of an element; sizes that vary are unknown.
    ///
    /// Where a function has a part in them, the first element is computed to see them.
    ///
    /// # Errors
    /// That of the first element; and where there is none.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// let spec = Dataset::range(10).batch(4).element_spec()?;
    /// assert_eq!(spec[0].to_string(), "int64(None,)");
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn element_spec(&self) -> Result<Vec<TensorSpec>> {
        if let Some(spec) = self.source.spec() {
            return Ok(spec);
        }
        let first = self.pass(0).next();
        let none = || Error::value("there are no elements to see types and shapes of");
        first.ok_or_else(none).and_then(|e| e.map(|e| spec_of(&e))).at(|| "element_spec")
    }

    /// The elements of the next pass, from the first to the last.
    pub fn iter(&self) -> Elements {
        self.pass(self.passes.fetch_add(1, Ordering::Relaxed))
    }

    /// The elements of the pass of this number, counted from 0: the same ones in the same order whenever it is asked for.
    pub fn pass(&self, number: u64) -> Elements {
        self.pass_from(number, 0)
    }

    /// [`Dataset::pass`] without the first so many elements, which are not computed where that can be avoided.
    pub fn pass_from(&self, number: u64, start: usize) -> Elements {
        self.of().elements(number, start)
    }
}

impl IntoIterator for &Dataset {
    type Item = Result<Element>;
    type IntoIter = Elements;

    fn into_iter(self) -> Elements {
        self.iter()
    }
}

/// What it is made of is not shown; how many elements it has is.
impl std::fmt::Debug for Dataset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dataset").field("cardinality", &self.cardinality()).finish_non_exhaustive()
    }
}
