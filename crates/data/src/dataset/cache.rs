//! Elements kept after they have been computed once, in memory or in a file.

use super::element::Element;
use super::indexed::List;
use super::source::{Cardinality, Elements, Places, Source, TensorSpec, by_number};
use rhyton_base::{Context, Error, Result};
use rhyton_io::{Array, npy};
use rhyton_tensor::Tensor;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Elements kept in memory once all of them have been seen.
pub(crate) struct Memory {
    of: Arc<dyn Source>,
    kept: Arc<Mutex<Option<Arc<List>>>>,
}

impl Memory {
    pub fn new(of: Arc<dyn Source>) -> Memory {
        Memory { of, kept: Arc::default() }
    }

    fn kept(&self) -> Option<Arc<List>> {
        self.kept.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }
}

impl Source for Memory {
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements {
        if let Some(places) = self.places(pass) {
            return by_number(places, start);
        }
        let mut of = self.of.clone().elements(0, 0);
        let mut seen = Some(Vec::new());
        let kept = self.kept.clone();
        let all = std::iter::from_fn(move || match of.next() {
            Some(Ok(element)) => {
                if let Some(seen) = &mut seen {
                    seen.push(element.clone());
                }
                Some(Ok(element))
            }
            // What has an error in it is computed again.
            Some(Err(e)) => {
                seen = None;
                Some(Err(e))
            }
            None => {
                if let Some(seen) = seen.take() {
                    kept.lock().unwrap_or_else(|e| e.into_inner()).get_or_insert(Arc::new(List(seen)));
                }
                None
            }
        });
        Elements::new(all.skip(start))
    }

    fn places(&self, _pass: u64) -> Option<Places> {
        use super::source::Indexed;
        self.kept().map(|kept| Places { order: Box::new(0..kept.count()), of: kept })
    }

    fn cardinality(&self) -> Cardinality {
        self.of.cardinality()
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        self.of.spec()
    }
}

const MAGIC: &[u8; 8] = b"RHYCACHE";
/// What stands in the place of a number of tensors when there are no more elements.
const END: u32 = u32::MAX;
/// Far above what elements have.
const MOST_TENSORS: u32 = 1 << 16;

/// Elements kept in a file once all of them have been seen.
///
/// The file begins with `RHYCACHE`. An element is the number of its tensors (four bytes, little-endian) and each of them in
/// the format of NumPy's `.npy`; after the last one comes `0xFFFFFFFF` and the number of elements (eight bytes).
pub(crate) struct OnDisk {
    pub of: Arc<dyn Source>,
    pub path: PathBuf,
}

impl OnDisk {
    fn who(path: &Path) -> String {
        format!("cache {:?}", path.display().to_string())
    }
}

impl Source for OnDisk {
    fn elements(self: Arc<Self>, _pass: u64, start: usize) -> Elements {
        let who = Self::who(&self.path);
        match File::open(&self.path) {
            Ok(file) => match Stored::new(file) {
                Ok(stored) => Elements::new(stored.map(move |e| e.at(|| who.clone())).skip(start)),
                Err(e) => Elements::one(Err(e.at(who))),
            },
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let of = self.of.clone().elements(0, 0);
                match Writer::new(&self.path) {
                    Ok(writer) => Elements::new(Writing { of, writer: Some(writer), who }.skip(start)),
                    Err(e) => Elements::one(Err(e.at(who))),
                }
            }
            Err(e) => Elements::one(Err(Error::from(e).at(who))),
        }
    }

    fn cardinality(&self) -> Cardinality {
        self.of.cardinality()
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        self.of.spec()
    }
}

/// Elements on their way into a file.
struct Writing {
    of: Elements,
    writer: Option<Writer>,
    who: String,
}

impl Iterator for Writing {
    type Item = Result<Element>;

    fn next(&mut self) -> Option<Result<Element>> {
        match self.of.next() {
            Some(Ok(element)) => {
                if let Some(writer) = &mut self.writer
                    && let Err(e) = writer.push(&element)
                {
                    self.writer = None;
                    return Some(Err(e.at(self.who.clone())));
                }
                Some(Ok(element))
            }
            // What has an error in it is computed again.
            Some(Err(e)) => {
                self.writer = None;
                Some(Err(e))
            }
            None => self.writer.take()?.finish().err().map(|e| Err(e.at(self.who.clone()))),
        }
    }
}

/// A file that is written beside its place and moved there when it is whole.
struct Writer {
    out: BufWriter<File>,
    beside: PathBuf,
    path: PathBuf,
    elements: u64,
    finished: bool,
}

impl Writer {
    fn new(path: &Path) -> Result<Writer> {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}-{number}.partial", std::process::id()));
        let beside = path.with_file_name(name);
        let mut out = BufWriter::with_capacity(1 << 16, File::create(&beside)?);
        out.write_all(MAGIC)?;
        Ok(Writer { out, beside, path: path.to_path_buf(), elements: 0, finished: false })
    }

    fn push(&mut self, element: &Element) -> Result<()> {
        let count = u32::try_from(element.len()).ok().filter(|n| *n <= MOST_TENSORS);
        let count = count.ok_or_else(|| Error::value("an element of too many tensors to be kept"))?;
        self.out.write_all(&count.to_le_bytes())?;
        for x in element {
            npy::write(&mut self.out, &Array::new(x.dtype(), x.shape().to_vec(), x.to_bytes()?)?)?;
        }
        self.elements += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        self.out.write_all(&END.to_le_bytes())?;
        self.out.write_all(&self.elements.to_le_bytes())?;
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        std::fs::rename(&self.beside, &self.path)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.finished {
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}

/// Elements that come from a file.
struct Stored {
    from: Option<BufReader<File>>,
    read: u64,
}

impl Stored {
    fn new(file: File) -> Result<Stored> {
        let mut from = BufReader::with_capacity(1 << 16, file);
        let mut magic = [0; 8];
        match from.read_exact(&mut magic) {
            Ok(()) if &magic == MAGIC => Ok(Stored { from: Some(from), read: 0 }),
            _ => Err(Error::format("not a file of kept elements; choose another path or delete it")),
        }
    }

    fn element(&mut self) -> Result<Option<Element>> {
        let Some(from) = &mut self.from else { return Ok(None) };
        let mut word = [0; 4];
        from.read_exact(&mut word)?;
        let count = u32::from_le_bytes(word);
        if count == END {
            let mut elements = [0; 8];
            from.read_exact(&mut elements)?;
            if u64::from_le_bytes(elements) != self.read {
                return Err(Error::format("it has another number of elements than it says"));
            }
            return Ok(None);
        }
        if count > MOST_TENSORS {
            return Err(Error::format(format!("an element of {count} tensors")));
        }
        let mut element = Vec::new();
        for _ in 0..count {
            let array = npy::read(&mut *from)?;
            element.push(Tensor::from_bytes(&array.data, array.dtype, &array.shape)?);
        }
        self.read += 1;
        Ok(Some(element))
    }
}

impl Iterator for Stored {
    type Item = Result<Element>;

    fn next(&mut self) -> Option<Result<Element>> {
        let read = self.read;
        let element = self.element().transpose();
        if !matches!(element, Some(Ok(_))) {
            // Nothing can be read behind damage.
            self.from = None;
        }
        element.map(|e| {
            e.at(|| format!("element {read}"))
                .map_err(|e| Error::format(format!("{e}; the file is damaged, delete it")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_an_error() {
        let path = std::env::temp_dir().join(format!("rhyton-cache-damage-{}", std::process::id()));
        let mut writer = Writer::new(&path).unwrap();
        writer.push(&vec![Tensor::from([1.0f32, 2.0]), Tensor::from(3i32)]).unwrap();
        writer.finish().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let all = || {
            Stored::new(File::open(&path).unwrap()).map_or_else(|e| vec![Err(e)], |s| s.take(10).collect())
        };
        let whole = all();
        assert_eq!((whole.len(), whole[0].as_ref().unwrap()[0].shape()), (1, &[2][..]));
        for at in 0..bytes.len() {
            std::fs::write(&path, &bytes[..at]).unwrap();
            assert!(all().iter().any(Result::is_err), "{at}");
            let mut bad = bytes.clone();
            bad[at] ^= 0x5A;
            std::fs::write(&path, bad).unwrap();
            all();
        }
        std::fs::remove_file(&path).unwrap();
    }
}
