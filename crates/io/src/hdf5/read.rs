//! Reading a tree of groups and datasets.

use super::guard::{Budget, Guard, isolated};
use super::types::{Stored, stored_type};
use super::{MAX_DEPTH, join, natural, plain};
use crate::array::{Array, swap_bytes};
use crate::files::{read, shown};
use crate::zipped::check_ratio;
use hdf5_pure::{AttrValue, Dataset, File, FormatError, Group, Layout};
use rhyton_base::{Context, DType, Error, ErrorKind, Result, Shape, did_you_mean, element_count};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// An HDF5 file, opened: its groups, the names and shapes of its datasets, and its texts. Elements are read when
/// they are asked for.
///
/// ```
/// use rhyton_io::{Array, WeightsFile, WeightsWriter};
/// let mut out = WeightsWriter::new();
/// out.dataset("layers/dense/vars/0", Array::from_slice([1, 2], &[0.5f32, -1.0])?)?;
/// out.set_name("layers/dense/vars", "hidden")?;
///
/// let file = WeightsFile::from_bytes(out.finish()?)?;
/// assert_eq!(file.datasets().collect::<Vec<_>>(), ["layers/dense/vars/0"]);
/// assert_eq!(file.name("layers/dense/vars"), Some("hidden"));
/// assert_eq!(file.read("layers/dense/vars/0")?.to_vec::<f32>()?, [0.5, -1.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub struct WeightsFile {
    bytes: Arc<Vec<u8>>,
    budget: Arc<Budget>,
    who: Option<String>,
    groups: BTreeMap<String, Node>,
    datasets: BTreeMap<String, Leaf>,
    /// All datasets, in the order of the tree.
    order: Vec<String>,
}

/// The type and shape of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetInfo {
    /// The type of the elements.
    pub dtype: DType,
    /// The sizes, outermost first.
    pub shape: Vec<usize>,
}

#[derive(Default)]
struct Node {
    groups: Vec<String>,
    datasets: Vec<String>,
    texts: HashMap<String, Text>,
}

enum Text {
    One(String),
    Many(Vec<String>),
}

struct Leaf {
    shape: Vec<usize>,
    /// What the elements are and where, or why this reader does not read them.
    content: Result<(Stored, Place)>,
}

enum Place {
    /// Contiguous, at this offset.
    At(usize),
    /// Inside a header, chunked or never written: through the parser. With the bytes of an unpacked chunk.
    Parsed(Dataset, Option<u64>),
}

impl WeightsFile {
    /// Opens a file. Every later error names its path.
    pub fn open(path: impl AsRef<Path>) -> Result<WeightsFile> {
        let path = path.as_ref();
        let mut file = WeightsFile::from_bytes(read(path)?).at(|| shown(path))?;
        file.who = Some(shown(path));
        Ok(file)
    }

    /// Opens a file that is already in memory.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<WeightsFile> {
        let bytes = Arc::new(bytes.into());
        if !hdf5_pure::is_hdf5_bytes(&bytes) {
            return Err(Error::format(
                "not an HDF5 file (it does not begin with \\x89HDF); check that this is the file you meant",
            ));
        }
        let walk = isolated(|| {
            let (guard, budget) = Guard::new(Arc::clone(&bytes));
            let file = File::from_source(guard).map_err(damaged)?;
            let mut walk = Walk::new(&bytes);
            walk.group(&file.root(), String::new(), 0)?;
            Ok((walk.groups, walk.datasets, budget))
        });
        let (mut groups, datasets, budget) = walk?;
        for node in groups.values_mut() {
            node.groups.sort_by(|a, b| natural(a, b));
            node.datasets.sort_by(|a, b| natural(a, b));
        }
        let mut file =
            WeightsFile { bytes: Arc::clone(&bytes), budget, who: None, groups, datasets, order: Vec::new() };
        let mut order = Vec::with_capacity(file.datasets.len());
        file.list("", &mut order);
        file.order = order;
        Ok(file)
    }

    /// The paths of all groups, sorted; the root is `""`.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }

    /// The paths of all datasets. Within a group, numbers come first and in their order (`9` before `10`), then
    /// other names, then the groups inside.
    pub fn datasets(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str)
    }

    /// The names of the datasets right inside a group, `9` before `10`; none where there is no such group.
    pub fn datasets_in(&self, group: &str) -> &[String] {
        self.groups.get(plain(group)).map_or(&[], |node| &node.datasets)
    }

    /// The names of the groups right inside a group; none where there is no such group.
    pub fn groups_in(&self, group: &str) -> &[String] {
        self.groups.get(plain(group)).map_or(&[], |node| &node.groups)
    }

    /// Whether there is such a group.
    pub fn has_group(&self, path: &str) -> bool {
        self.groups.contains_key(plain(path))
    }

    /// Whether there is such a dataset.
    pub fn has_dataset(&self, path: &str) -> bool {
        self.datasets.contains_key(plain(path))
    }

    /// The text attribute `name` of a group, where Keras writes the name of the layer.
    pub fn name(&self, group: &str) -> Option<&str> {
        self.text(group, "name")
    }

    /// A text attribute of a group, such as `model_config` of an old `.h5` model.
    pub fn text(&self, group: &str, attribute: &str) -> Option<&str> {
        match self.groups.get(plain(group))?.texts.get(attribute)? {
            Text::One(text) => Some(text),
            Text::Many(_) => None,
        }
    }

    /// An attribute of a group that holds a list of texts, such as `weight_names` of an old `.h5` model.
    pub fn texts(&self, group: &str, attribute: &str) -> Option<&[String]> {
        match self.groups.get(plain(group))?.texts.get(attribute)? {
            Text::One(_) => None,
            Text::Many(texts) => Some(texts),
        }
    }

    /// The type and shape of a dataset. An error where there is none, or where its elements are no numbers.
    pub fn info(&self, path: &str) -> Result<DatasetInfo> {
        let info = self.leaf(path).and_then(|leaf| {
            let (stored, _) = leaf.content.as_ref().map_err(Clone::clone)?;
            Ok(DatasetInfo { dtype: stored.dtype, shape: leaf.shape.clone() })
        });
        self.named(path, info)
    }

    /// The elements of a dataset.
    pub fn read(&self, path: &str) -> Result<Array> {
        let array = self.leaf(path).and_then(|leaf| self.read_leaf(leaf));
        self.named(path, array)
    }

    /// The elements of a dataset in another type, see [`Array::cast`].
    pub fn read_as(&self, path: &str, dtype: DType) -> Result<Array> {
        let array = self.read(path)?;
        if array.dtype == dtype { Ok(array) } else { array.cast(dtype) }
    }

    fn read_leaf(&self, leaf: &Leaf) -> Result<Array> {
        let (stored, place) = leaf.content.as_ref().map_err(Clone::clone)?;
        let size = stored.dtype.size();
        let length = element_count(&leaf.shape)? * size;
        let mut data = match place {
            _ if length == 0 => Vec::new(),
            Place::At(start) => self.bytes[*start..*start + length].to_vec(),
            Place::Parsed(dataset, chunk) => isolated(|| {
                self.budget.refill(self.bytes.len());
                if let Some(chunk) = chunk {
                    check_chunks(dataset, &leaf.shape, *chunk, self.bytes.len() as u64)?;
                }
                dataset.read_raw().map_err(damaged)
            })?,
        };
        if stored.big_endian {
            swap_bytes(&mut data, size);
        }
        Array::new(stored.dtype, leaf.shape.clone(), data)
    }

    fn leaf(&self, path: &str) -> Result<&Leaf> {
        self.datasets.get(plain(path)).ok_or_else(|| {
            if self.has_group(path) {
                return Error::name("this is a group, not a dataset");
            }
            let paths: Vec<&str> = self.order.iter().map(String::as_str).take(1000).collect();
            let hint = match rhyton_base::nearest(plain(path), &paths) {
                None if paths.len() > 8 => format!("; the file has {} others", self.order.len()),
                _ => did_you_mean(plain(path), &paths),
            };
            Error::name(format!("no such dataset{hint}"))
        })
    }

    fn named<T>(&self, path: &str, result: Result<T>) -> Result<T> {
        let result = result.at(|| format!("dataset {:?}", plain(path)));
        match &self.who {
            Some(who) => result.at(|| who.clone()),
            None => result,
        }
    }

    fn list(&self, group: &str, order: &mut Vec<String>) {
        order.extend(self.datasets_in(group).iter().map(|name| join(group, name)));
        for name in self.groups_in(group) {
            self.list(&join(group, name), order);
        }
    }
}

/// Whether all chunks lie in the file and in the dataset, and unpack to no more than the file can hold. The parser
/// trusts their places and sizes.
fn check_chunks(dataset: &Dataset, shape: &[usize], chunk: u64, file_length: u64) -> Result<()> {
    let chunks = dataset.chunks().map_err(damaged)?;
    let mut stored = 0u64;
    for piece in &chunks {
        if piece.address.checked_add(piece.storage_size).is_none_or(|end| end > file_length) {
            return Err(Error::format(format!(
                "a chunk of {} bytes at {} ends behind the file of {file_length} bytes; it is truncated or damaged",
                piece.storage_size, piece.address
            )));
        }
        if piece.offset.iter().zip(shape).any(|(&start, &n)| start >= n as u64) {
            return Err(Error::format(format!(
                "a chunk at {:?}, outside shape {}; the file is damaged",
                piece.offset,
                Shape::from(shape)
            )));
        }
        stored = stored.saturating_add(piece.storage_size);
    }
    if stored > file_length.saturating_mul(8) {
        return Err(Error::format("the chunks overlap one another; the file is damaged"));
    }
    check_ratio(chunk.saturating_mul(chunks.len() as u64), file_length).at(|| "chunks")
}

fn damaged(e: impl std::fmt::Display) -> Error {
    Error::format(format!("HDF5: {e}; the file is damaged, or uses what this reader does not know"))
}

/// Collects the tree.
struct Walk<'a> {
    bytes: &'a [u8],
    groups: BTreeMap<String, Node>,
    datasets: BTreeMap<String, Leaf>,
    /// Bytes of contiguous datasets so far.
    contiguous: u64,
    /// Bytes of all other datasets so far.
    parsed: u64,
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8]) -> Walk<'a> {
        Walk { bytes, groups: BTreeMap::new(), datasets: BTreeMap::new(), contiguous: 0, parsed: 0 }
    }

    fn group(&mut self, group: &Group, path: String, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            let start: String = path.chars().take(40).collect();
            return Err(Error::format(format!(
                "HDF5: groups nested deeper than {MAX_DEPTH} (or one that contains itself) below {start:?}"
            )));
        }
        let mut node = Node::default();
        for (name, value) in group.attrs().map_err(damaged).at(|| format!("group {path:?}"))? {
            if let Some(text) = text_of(&value) {
                node.texts.insert(name, text);
            }
        }
        for (name, dataset) in group.iter_datasets().map_err(damaged).at(|| format!("group {path:?}"))? {
            let here = child(&path, &name)?;
            let leaf = self.leaf(dataset).at(|| format!("dataset {here:?}"))?;
            if self.datasets.insert(here, leaf).is_none() {
                node.datasets.push(name);
            }
        }
        for (name, group) in group.iter_groups().map_err(damaged).at(|| format!("group {path:?}"))? {
            let here = child(&path, &name)?;
            if self.groups.contains_key(&here) {
                continue;
            }
            self.group(&group, here, depth + 1)?;
            node.groups.push(name);
        }
        self.groups.insert(path, node);
        Ok(())
    }

    fn leaf(&mut self, dataset: Dataset) -> Result<Leaf> {
        let dims = dataset.shape().map_err(damaged)?;
        let shape = dims.iter().map(|&d| usize::try_from(d)).collect::<Result<Vec<_>, _>>();
        let shape =
            shape.map_err(|_| Error::format(format!("shape {dims:?} is too large for this machine")))?;
        match self.content(dataset, &shape) {
            // One dataset of a kind unknown here is no reason to refuse the others.
            Err(e) if e.kind() != ErrorKind::Unsupported => Err(e),
            content => Ok(Leaf { shape, content }),
        }
    }

    fn content(&mut self, dataset: Dataset, shape: &[usize]) -> Result<(Stored, Place)> {
        let file_length = self.bytes.len() as u64;
        let datatype = dataset.datatype().map_err(damaged)?;
        let tag = || match dataset.attrs().ok()?.get("dtype").and_then(text_of)? {
            Text::One(text) => Some(text),
            Text::Many(_) => None,
        };
        let stored = stored_type(&datatype, tag).ok_or_else(|| {
            let other: String = datatype.to_string().chars().take(80).collect();
            Error::unsupported(format!(
                "expected numbers, received elements of type {other}; save them as numbers"
            ))
        })?;
        let length = element_count(shape)? as u64 * stored.dtype.size() as u64;
        let layout = dataset.layout().map_err(|e| match e {
            hdf5_pure::Error::Format(FormatError::InvalidLayoutVersion(v)) => Error::unsupported(format!(
                "data layout of version {v}, from a newer HDF5; write the file again without libver=\"latest\""
            )),
            e => damaged(e),
        })?;
        let chunk = match layout {
            Layout::Contiguous { address: Some(start), size } => {
                let inside = start.checked_add(length).is_some_and(|end| end <= file_length);
                if !inside || size < length {
                    return Err(Error::format(format!(
                        "expected {length} bytes of shape {} at {start}, received a file of {file_length} bytes; \
                         it is truncated or damaged",
                        Shape::from(shape)
                    )));
                }
                self.contiguous = self.contiguous.saturating_add(length);
                if self.contiguous > file_length.saturating_mul(8) {
                    return Err(Error::format(
                        "the datasets so far overlap one another; the file is damaged",
                    ));
                }
                return Ok((stored, Place::At(start as usize)));
            }
            Layout::Virtual => {
                return Err(Error::unsupported(
                    "a virtual dataset, whose elements are in other files; copy them in",
                ));
            }
            Layout::Chunked { chunk_shape, .. } => {
                let chunk = chunk_shape.iter().try_fold(stored.dtype.size() as u64, |n, &d| n.checked_mul(d));
                let chunk = chunk.unwrap_or(u64::MAX);
                check_ratio(chunk, file_length).at(|| "chunks")?;
                if let Some(filter) = dataset.filter_pipeline().iter().find(|f| !(1..=3).contains(&f.id)) {
                    return Err(Error::unsupported(format!(
                        "compression {filter}; expected deflate and shuffle"
                    )));
                }
                Some(chunk)
            }
            _ => None,
        };
        self.parsed = self.parsed.saturating_add(length);
        check_ratio(self.parsed, file_length)?;
        Ok((stored, Place::Parsed(dataset, chunk)))
    }
}

fn text_of(value: &AttrValue) -> Option<Text> {
    match value.as_str() {
        Some(text) => Some(Text::One(text.to_string())),
        None => match value.as_strings() {
            Some(texts) => Some(Text::Many(texts.to_vec())),
            // NumPy's list of no texts is a list of no numbers.
            None => value.to_f64s().filter(Vec::is_empty).map(|_| Text::Many(Vec::new())),
        },
    }
}

/// The path of a child whose name comes from a file.
fn child(parent: &str, name: &str) -> Result<String> {
    if name.is_empty() || name == "." || name.contains(['/', '\0']) {
        return Err(Error::format(format!("HDF5: {name:?} cannot be a name, in group {parent:?}")));
    }
    Ok(join(parent, name))
}
