//! Writing a tree of groups and datasets.

use super::types::datatype_of;
use super::{MAX_DEPTH, plain};
use crate::array::Array;
use crate::atomic::write_atomic;
use hdf5_pure::{AttrValue, DatasetBuilder, FileBuilder, FinishedGroup, GroupBuilder, LibVer};
use rhyton_base::{Context, DType, Error, Result};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

/// A tree of groups, datasets and texts that becomes an HDF5 file.
///
/// Groups on the way to a path are made as they are needed. Datasets are contiguous and little-endian, texts are
/// UTF-8 of variable length (h5py gives them as `str`), names are sorted, and the same tree gives the same bytes.
/// HDF5 1.8 and every later version reads the file.
///
/// ```
/// use rhyton_io::{Array, WeightsWriter};
/// let mut out = WeightsWriter::new();
/// out.group("layers/dropout/vars")?;
/// out.dataset("optimizer/vars/0", Array::scalar(100i32))?;
/// out.set_name("optimizer/vars", "rm_sprop")?;
/// assert!(out.finish()?.starts_with(b"\x89HDF"));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Default)]
pub struct WeightsWriter {
    root: Node,
}

#[derive(Default)]
struct Node {
    texts: BTreeMap<String, String>,
    groups: BTreeMap<String, Node>,
    datasets: BTreeMap<String, Array>,
}

impl WeightsWriter {
    /// A tree that holds nothing yet but its root.
    pub fn new() -> WeightsWriter {
        WeightsWriter::default()
    }

    /// Makes a group, if it is not there yet. An error where a dataset has the name.
    pub fn group(&mut self, path: &str) -> Result<()> {
        self.node(plain(path)).map(|_| ()).at(|| format!("group {path:?}"))
    }

    /// Adds a dataset. An error where the path is taken, or where shape and bytes of the array do not fit.
    pub fn dataset(&mut self, path: &str, array: Array) -> Result<()> {
        self.put(path, array).at(|| format!("dataset {path:?}"))
    }

    /// Sets the attribute `name` of a group, where Keras writes the name of the layer; makes the group.
    pub fn set_name(&mut self, group: &str, name: &str) -> Result<()> {
        self.set_text(group, "name", name)
    }

    /// Sets a text attribute of a group; makes the group.
    pub fn set_text(&mut self, group: &str, attribute: &str, text: &str) -> Result<()> {
        if attribute.is_empty() || attribute.contains('\0') || text.contains('\0') {
            return Err(Error::value(format!("attribute {attribute:?} is empty or holds a zero byte")));
        }
        let node = self.node(plain(group)).at(|| format!("group {group:?}"))?;
        node.texts.insert(attribute.to_string(), text.to_string());
        Ok(())
    }

    /// The bytes of the file.
    pub fn finish(self) -> Result<Vec<u8>> {
        self.builder()?.finish().map_err(refused)
    }

    /// Writes the file to a stream, from front to back.
    pub fn write(self, writer: &mut dyn Write) -> Result<()> {
        self.builder()?.finish_to(Forward(writer)).map_err(|e| match e {
            hdf5_pure::Error::Io(e) => e.into(),
            e => refused(e),
        })
    }

    /// Writes the file, beside it first and then renamed.
    pub fn save(self, path: impl AsRef<Path>) -> Result<()> {
        write_atomic(path, |w| self.write(w))
    }

    fn put(&mut self, path: &str, array: Array) -> Result<()> {
        array.check()?;
        let (parent, name) = plain(path).rsplit_once('/').unwrap_or(("", plain(path)));
        check_name(name)?;
        let node = self.node(parent)?;
        if node.groups.contains_key(name) || node.datasets.contains_key(name) {
            return Err(Error::value("there is a dataset or group of this name already; give each its own"));
        }
        node.datasets.insert(name.to_string(), array);
        Ok(())
    }

    /// The group at a path without slashes at its ends, made where it is missing.
    fn node(&mut self, path: &str) -> Result<&mut Node> {
        let mut node = &mut self.root;
        let names = path.split('/').filter(|_| !path.is_empty());
        for (depth, name) in names.enumerate() {
            check_name(name)?;
            if depth >= MAX_DEPTH {
                return Err(Error::value(format!("groups nested deeper than {MAX_DEPTH}")));
            }
            if node.datasets.contains_key(name) {
                return Err(Error::value(format!("{name:?} is a dataset and cannot hold anything")));
            }
            node = node.groups.entry(name.to_string()).or_default();
        }
        Ok(node)
    }

    fn builder(self) -> Result<FileBuilder> {
        let mut builder = FileBuilder::new();
        builder.with_libver_bounds(LibVer::Earliest, LibVer::V18);
        fill(&mut builder, self.root)?;
        Ok(builder)
    }
}

fn check_name(name: &str) -> Result<()> {
    if name.is_empty() || name == "." || name.contains('\0') {
        return Err(Error::value(format!("{name:?} cannot be a name in an HDF5 file")));
    }
    Ok(())
}

fn refused(e: impl std::fmt::Display) -> Error {
    Error::format(format!("HDF5: cannot write this tree: {e}"))
}

/// The root and the groups below it are built alike, by types that share no trait.
trait Parent {
    fn new_dataset(&mut self, name: &str) -> &mut DatasetBuilder;
    fn new_group(&mut self, name: &str) -> GroupBuilder;
    fn adopt(&mut self, group: FinishedGroup);
    fn attribute(&mut self, name: &str, value: AttrValue);
}

macro_rules! parent {
    ($($t:ty),*) => {$(
        impl Parent for $t {
            fn new_dataset(&mut self, name: &str) -> &mut DatasetBuilder {
                self.create_dataset(name)
            }
            fn new_group(&mut self, name: &str) -> GroupBuilder {
                self.create_group(name)
            }
            fn adopt(&mut self, group: FinishedGroup) {
                self.add_group(group);
            }
            fn attribute(&mut self, name: &str, value: AttrValue) {
                self.set_attr(name, value);
            }
        }
    )*};
}
parent!(FileBuilder, GroupBuilder);

fn fill(parent: &mut dyn Parent, node: Node) -> Result<()> {
    for (name, text) in node.texts {
        parent.attribute(&name, AttrValue::VarLenString(text));
    }
    for (name, array) in node.datasets {
        let dims: Vec<u64> = array.shape.iter().map(|&d| d as u64).collect();
        let count = array.count()? as u64;
        let dataset = parent.new_dataset(&name);
        dataset.with_raw_data(datatype_of(array.dtype)?, array.data, count).with_shape(&dims);
        if array.dtype == DType::BF16 {
            dataset.set_attr("dtype", AttrValue::VarLenString("bfloat16".to_string()));
        }
    }
    for (name, inner) in node.groups {
        let mut group = parent.new_group(&name);
        fill(&mut group, inner)?;
        parent.adopt(group.finish());
    }
    Ok(())
}

/// A borrowed stream as the sized writer that the builder asks for.
struct Forward<'a>(&'a mut dyn Write);

impl Write for Forward<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.write(buf)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
