//! Where elements come from: tensors, numbers, functions, types of the user's, arrays in files.

use super::element::IntoElement;
use super::indexed::{All, List, OfUser, Range, Sequence, Slices};
use super::named::{Names, Seen, note};
use super::several::Generated;
use super::source::{Cardinality, Elements, Indexed, TensorSpec};
use super::{Dataset, Element};
use crate::rows::Rows;
use rhyton_base::{Context, DType, Error, Layout, Result, Shape, element_count};
use rhyton_io::{NpyRows, NpzStream};
use rhyton_runtime::Storage;
use rhyton_tensor::Tensor;
use std::path::Path;
use std::sync::Arc;

impl Dataset {
    /// The slices of tensors along their first axes, which are of one size: `x[0], y[0]`, then `x[1], y[1]`, …
    ///
    /// # Errors
    /// Where there is no tensor, one is a scalar, or sizes differ.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// use rhyton_tensor::Tensor;
    /// let dataset = Dataset::from_tensor_slices(Tensor::from([1i32, 2, 3]))?;
    /// let numbers: Vec<i32> = dataset.iter().map(|x| x?[0].item::<i32>()).collect::<Result<_, _>>()?;
    /// assert_eq!(numbers, [1, 2, 3]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn from_tensor_slices(tensors: impl IntoElement) -> Result<Dataset> {
        let names = tensors.names();
        let slices = Slices::new(tensors.into_element()).at(|| "from_tensor_slices")?;
        Dataset::new(All(Arc::new(slices))).named(names)
    }

    /// A single element.
    pub fn from_tensors(tensors: impl IntoElement) -> Dataset {
        let names = Names::known(tensors.names());
        Dataset { names, ..Dataset::new(All(Arc::new(List(vec![tensors.into_element()])))) }
    }

    /// The numbers from 0 to `stop - 1`, as scalars of `int64`.
    pub fn range(stop: usize) -> Dataset {
        let range = Range::new(0, i64::try_from(stop).unwrap_or(i64::MAX), 1).expect("a step of one");
        Dataset::new(All(Arc::new(range)))
    }

    /// The numbers from `start`, `step` apart, up to but not including `stop`, as scalars of `int64`.
    ///
    /// # Errors
    /// Where the step is 0.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// assert_eq!(Dataset::range_with(5, 1, -2)?.len(), Some(2)); // 5, 3
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn range_with(start: i64, stop: i64, step: i64) -> Result<Dataset> {
        Ok(Dataset::new(All(Arc::new(Range::new(start, stop, step).at(|| "range")?))))
    }

    /// The elements of an iterator that a function makes anew for each pass: tensors, tuples of them, or lists.
    ///
    /// How many there are is unknown; [`assert_cardinality`](Dataset::assert_cardinality) says it. A generator that keeps
    /// its reader waiting keeps its thread waiting, too, where it is read by [`prefetch`](Dataset::prefetch).
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// use rhyton_tensor::Tensor;
    /// let halves = Dataset::from_generator(|| {
    ///     let mut x = 1.0f32;
    ///     std::iter::repeat_with(move || {
    ///         x /= 2.0;
    ///         (Tensor::from(x), Tensor::from(-x))
    ///     })
    /// });
    /// let batches = halves.take(5).batch(2);
    /// assert_eq!(batches.iter().next().unwrap()?[1].to_vec::<f32>()?, [-0.5, -0.25]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn from_generator<I>(f: impl Fn() -> I + Send + Sync + 'static) -> Dataset
    where
        I: IntoIterator<Item: IntoElement + 'static, IntoIter: Send + 'static>,
    {
        Dataset::from_fallible_generator(move || f().into_iter().map(Ok))
    }

    /// [`Dataset::from_generator`] of elements that may be errors, such as those of files.
    pub fn from_fallible_generator<I, E>(f: impl Fn() -> I + Send + Sync + 'static) -> Dataset
    where
        I: IntoIterator<Item = Result<E>, IntoIter: Send + 'static>,
        E: IntoElement + 'static,
    {
        let seen = Seen::default();
        let noted = seen.clone();
        let f = move || {
            let noted = noted.clone();
            let element = move |e: E| {
                if E::NAMED {
                    note(&noted, e.names())?;
                }
                Ok(e.into_element())
            };
            Ok(Elements::new(f().into_iter().map(move |e| e.and_then(&element).at(|| "from_generator"))))
        };
        let generated = Generated { f: Box::new(f), cardinality: Cardinality::Unknown };
        if E::NAMED { Dataset::naming(generated, seen) } else { Dataset::new(generated) }
    }

    /// The elements of a type of the user's, in order: see [`Sequence`].
    ///
    /// ```
    /// use rhyton_base::Result;
    /// use rhyton_data::{AUTOTUNE, Dataset, Element, Sequence};
    /// use rhyton_tensor::{DType, Tensor, ops};
    ///
    /// /// Pictures that are all of one brightness.
    /// struct Greys;
    /// impl Sequence for Greys {
    ///     fn len(&self) -> usize {
    ///         256
    ///     }
    ///     fn get(&self, index: usize) -> Result<Element> {
    ///         Ok(vec![ops::full([8, 8], index as f64, DType::U8)?, Tensor::from(index as i32)])
    ///     }
    /// }
    ///
    /// let batches = Dataset::from_sequence(Greys).shuffle(256, 3).map_parallel(|e: Element| Ok(e), AUTOTUNE).batch(32);
    /// assert_eq!(batches.iter().next().unwrap()?[0].shape(), [32, 8, 8]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn from_sequence(sequence: impl Sequence + 'static) -> Dataset {
        Dataset::new(All(Arc::new(OfUser(sequence))))
    }

    /// The rows of arrays in `.npy` files, one file a tensor of the elements. Nothing but what is asked for is read, so that
    /// the files may be larger than memory.
    ///
    /// # Errors
    /// Where a file is not such an array, lies column by column, or has another number of rows than the first.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// use rhyton_io::{Array, npy};
    /// let path = std::env::temp_dir().join(format!("rhyton-from-npy-{}.npy", std::process::id()));
    /// npy::save(&path, &Array::from_slice([4, 2], &[0i32, 1, 2, 3, 4, 5, 6, 7])?)?;
    /// let batches = Dataset::from_npy(&[&path])?.shuffle(4, 1).batch(3);
    /// assert_eq!(batches.element_spec()?[0].to_string(), "int32(None, 2)");
    /// assert_eq!(batches.iter().next().unwrap()?[0].shape(), [3, 2]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn from_npy(paths: &[impl AsRef<Path>]) -> Result<Dataset> {
        let files = paths.iter().map(NpyRows::open).collect::<Result<Vec<_>>>().at(|| "from_npy")?;
        let rows = FileRows::new(files).at(|| "from_npy")?;
        Ok(Dataset::new(All(Arc::new(rows))))
    }

    /// The rows of these arrays of an `.npz` file, one array a tensor of the elements, read when they are asked for.
    ///
    /// Rows of stored arrays (`numpy.savez`) are read in any order. Those of compressed ones (`numpy.savez_compressed`) come
    /// in order, unpacked anew in each pass.
    ///
    /// # Errors
    /// Where the file is not such an archive, has no array of one of the names, or they differ in their numbers of rows.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// use rhyton_io::{Array, Compression, write_npz};
    /// let path = std::env::temp_dir().join(format!("rhyton-from-npz-{}.npz", std::process::id()));
    /// let (x, y) = (Array::from_slice([3, 2], &[1f32, 2.0, 3.0, 4.0, 5.0, 6.0])?, Array::from_slice([3], &[0u8, 1, 0])?);
    /// write_npz(&path, &[("x", &x), ("y", &y)], Compression::Deflated)?;
    /// let rows = Dataset::from_npz(&path, &["x", "y"])?;
    /// assert_eq!((rows.len(), rows.iter().last().unwrap()?[0].to_vec::<f32>()?), (Some(3), vec![5.0, 6.0]));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn from_npz(path: impl AsRef<Path>, names: &[&str]) -> Result<Dataset> {
        let path = path.as_ref();
        let files = names.iter().map(|n| NpyRows::open_npz(path, n)).collect::<Result<Option<Vec<_>>>>();
        if let Some(files) = files.at(|| "from_npz")? {
            return Ok(Dataset::new(All(Arc::new(FileRows::new(files).at(|| "from_npz")?))));
        }
        let (path, names) = (path.to_path_buf(), names.iter().map(|n| n.to_string()).collect::<Vec<_>>());
        let open = move || {
            let arrays = names.iter().map(|n| NpzStream::open(&path, n)).collect::<Result<Vec<_>>>()?;
            same_rows(arrays.iter().map(|a| a.shape()))?;
            Ok::<_, Error>(arrays)
        };
        let rows = same_rows(open().at(|| "from_npz")?.iter().map(|a| a.shape())).at(|| "from_npz")?;
        let f = move || {
            let mut arrays = open()?;
            let mut rows = 0..rows;
            Ok(Elements::new(std::iter::from_fn(move || {
                rows.next()?;
                let next = arrays.iter_mut().map(|a| {
                    let shape = a.shape()[1..].to_vec();
                    let mut storage = Storage::new(a.row_bytes())?;
                    a.read(storage.bytes_mut())?;
                    Ok(Tensor::from_storage(Arc::new(storage), a.dtype(), Layout::contiguous(&shape)))
                });
                let element = next.collect::<Result<Element>>().at(|| "from_npz");
                if element.is_err() {
                    // Nothing can be unpacked behind damage.
                    rows = 0..0;
                }
                Some(element)
            })))
        };
        Ok(Dataset::new(Generated { f: Box::new(f), cardinality: Cardinality::Known(rows) }))
    }
}

/// The number of rows that all arrays have.
fn same_rows<'a>(shapes: impl Iterator<Item = &'a [usize]>) -> Result<usize> {
    let mut first = None;
    for (i, shape) in shapes.enumerate() {
        let rows = shape[0];
        let expected = *first.get_or_insert(rows);
        if rows != expected {
            return Err(Error::shape(format!("array 0 has {expected} rows, array {i} has {rows}")));
        }
    }
    first.ok_or_else(|| Error::value("expected at least one array, got none"))
}

/// Rows of arrays in files.
struct FileRows {
    files: Vec<NpyRows>,
    rows: usize,
}

impl FileRows {
    fn new(files: Vec<NpyRows>) -> Result<FileRows> {
        let rows = same_rows(files.iter().map(NpyRows::shape))?;
        Ok(FileRows { files, rows })
    }
}

/// Rows of a file as a tensor of some shape.
fn read_rows(file: &NpyRows, places: &[usize], shape: &[usize]) -> Result<Tensor> {
    let row = file.row_bytes();
    let mut storage = Storage::new(element_count(shape)? * DType::size(file.dtype()))?;
    let out = &mut storage.bytes_mut()[..row * places.len()];
    match Rows::At(places).run() {
        Some(first) => file.read(first, out)?,
        None => file.read_each(places, out)?,
    }
    Ok(Tensor::from_storage(Arc::new(storage), file.dtype(), Layout::contiguous(shape)))
}

impl Indexed for FileRows {
    fn count(&self) -> usize {
        self.rows
    }

    fn get(&self, place: usize) -> Result<Element> {
        self.files.iter().map(|f| read_rows(f, &[place], &f.shape()[1..])).collect()
    }

    fn gather(&self, places: &[usize]) -> Result<Element> {
        let rows = |f: &NpyRows| read_rows(f, places, &[&[places.len()], &f.shape()[1..]].concat());
        self.files.iter().map(rows).collect()
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        let spec = |f: &NpyRows| TensorSpec { dtype: f.dtype(), shape: Shape::from(&f.shape()[1..]) };
        Some(self.files.iter().map(spec).collect())
    }
}
