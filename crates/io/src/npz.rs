//! NumPy's `.npz`: a zip archive of `.npy` members.

use crate::array::Array;
use crate::atomic::write_atomic;
use crate::files::{open, shown};
use crate::npy;
use crate::zipped::{Zip, ZipOut};
use rhyton_base::{Context, Error, Result, did_you_mean};
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, Write};
use std::path::Path;

/// An `.npz` opened for reading. Opening reads the directory only; each array is read when it is asked for.
///
/// ```no_run
/// let mut mnist = rhyton_io::Npz::open("mnist.npz")?;
/// println!("{:?}", mnist.names()); // ["x_test", "x_train", "y_train", "y_test"]
/// let x = mnist.read("x_train")?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub struct Npz<R = BufReader<File>> {
    zip: Zip<R>,
    names: Vec<String>,
    who: Option<String>,
}

impl Npz {
    /// Opens a file. Every later error names its path.
    pub fn open(path: impl AsRef<Path>) -> Result<Npz> {
        let path = path.as_ref();
        let who = shown(path);
        let mut npz = Npz::new(BufReader::new(open(path)?)).at(|| who.clone())?;
        npz.who = Some(who);
        Ok(npz)
    }
}

impl Npz<Cursor<Vec<u8>>> {
    /// Opens an archive that is already in memory.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Npz<Cursor<Vec<u8>>>> {
        Npz::new(Cursor::new(bytes.into()))
    }
}

impl<R: Read + Seek> Npz<R> {
    /// Opens an archive behind any reader that can seek.
    pub fn new(reader: R) -> Result<Npz<R>> {
        let zip = Zip::open(reader)?;
        let names = zip
            .names()?
            .iter()
            .filter_map(|n| n.strip_suffix(".npy").map(str::to_string))
            .collect::<Vec<_>>();
        Ok(Npz { zip, names, who: None })
    }

    /// The names of the arrays, in the order of the archive and without `.npy`.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// One array. An error where the archive holds none of that name, and then the nearest name is suggested.
    pub fn read(&mut self, name: &str) -> Result<Array> {
        let array = self.read_member(name, npy::from_bytes);
        match &self.who {
            Some(who) => array.at(|| who.clone()),
            None => array,
        }
    }

    /// The lists in an array of lists of whole numbers (dtype object), as the data sets `imdb` and `reuters` have them.
    ///
    /// Such arrays are pickles. Nothing of a pickle is ever run: see [`crate::pickle`].
    pub fn read_ragged(&mut self, name: &str) -> Result<Vec<Vec<i32>>> {
        let lists = self.read_member(name, npy::ragged);
        match &self.who {
            Some(who) => lists.at(|| who.clone()),
            None => lists,
        }
    }

    /// All arrays with their names, in the order of the archive.
    pub fn read_all(&mut self) -> Result<Vec<(String, Array)>> {
        let who = self.who.clone();
        self.zip.check_total().map_err(|e| who.map_or(e.clone(), |who| e.at(who)))?;
        self.names.clone().into_iter().map(|name| self.read(&name).map(|a| (name, a))).collect()
    }

    fn read_member<T>(&mut self, name: &str, parse: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
        if !self.names.iter().any(|n| n == name) {
            let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
            return Err(Error::name(format!("no array {name:?}{}", did_you_mean(name, &names))));
        }
        let member = format!("{name}.npy");
        let bytes = self.zip.read(&member)?;
        parse(&bytes).at(|| format!("member {member:?}"))
    }
}

/// Whether the members of an archive are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Compression {
    /// As they are, like `numpy.savez`.
    #[default]
    Stored,
    /// Deflated, like `numpy.savez_compressed`.
    Deflated,
}

/// Writes named arrays to an `.npz` file, beside it first and then renamed. The same arrays give the same bytes.
///
/// An error where a name is empty or comes twice.
///
/// ```
/// use rhyton_io::{Array, Compression, Npz, write_npz};
/// let path = std::env::temp_dir().join(format!("rhyton-npz-{}.npz", std::process::id()));
/// let x = Array::from_slice([2], &[1f32, 2.0])?;
/// write_npz(&path, &[("x", &x), ("n", &Array::scalar(2i64))], Compression::Deflated)?;
/// let mut npz = Npz::open(&path)?;
/// assert_eq!(npz.names(), ["x", "n"]);
/// assert_eq!(npz.read("x")?, x);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn write_npz(path: impl AsRef<Path>, arrays: &[(&str, &Array)], compression: Compression) -> Result<()> {
    write_atomic(path, |w| write(w, arrays, compression).map(|_| ()))
}

/// The bytes of an `.npz` file.
pub fn to_bytes(arrays: &[(&str, &Array)], compression: Compression) -> Result<Vec<u8>> {
    Ok(write(Cursor::new(Vec::new()), arrays, compression)?.into_inner())
}

fn write<W: Write + Seek>(writer: W, arrays: &[(&str, &Array)], compression: Compression) -> Result<W> {
    let mut zip = ZipOut::new(writer);
    let mut seen = HashSet::new();
    for (name, array) in arrays {
        if name.is_empty() || !seen.insert(*name) {
            return Err(Error::name(format!(
                "array name {name:?} is empty or comes twice; give each its own"
            )));
        }
        let size = array.data.len() as u64;
        let deflate = compression == Compression::Deflated;
        zip.add_with(&format!("{name}.npy"), size, deflate, &mut |w| npy::write(w, array))?;
    }
    zip.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_compressions_and_reproducible_bytes() {
        let (x, y) = (Array::from_slice([1000], &[3u8; 1000]).unwrap(), Array::scalar(1.5f64));
        let arrays = [("x", &x), ("y", &y)];
        let stored = to_bytes(&arrays, Compression::Stored).unwrap();
        let deflated = to_bytes(&arrays, Compression::Deflated).unwrap();
        assert!(deflated.len() < stored.len() / 2);
        assert_eq!(stored, to_bytes(&arrays, Compression::Stored).unwrap());
        for bytes in [stored, deflated] {
            let all = Npz::from_bytes(bytes).unwrap().read_all().unwrap();
            assert_eq!(all, [("x".to_string(), x.clone()), ("y".to_string(), y.clone())]);
        }
    }

    #[test]
    fn names_are_helped_with() {
        let x = Array::scalar(1u8);
        let mut npz = Npz::from_bytes(to_bytes(&[("x_train", &x)], Compression::Stored).unwrap()).unwrap();
        let e = npz.read("x_trian").unwrap_err().to_string();
        assert_eq!(e, "no array \"x_trian\"; did you mean \"x_train\"?");
        assert!(to_bytes(&[("a", &x), ("a", &x)], Compression::Stored).is_err());
        assert!(
            to_bytes(&[], Compression::Stored).is_ok_and(|b| Npz::from_bytes(b).unwrap().names().is_empty())
        );
    }

    #[test]
    fn damage_is_an_error() {
        let x = Array::from_slice([64], &[1f32; 64]).unwrap();
        let bytes = to_bytes(&[("x", &x)], Compression::Deflated).unwrap();
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 0xFF;
            if let Ok(mut npz) = Npz::from_bytes(bad) {
                let _ = npz.read_all();
            }
            if let Ok(mut npz) = Npz::from_bytes(&bytes[..at]) {
                assert!(npz.read("x").is_err());
            }
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let e = Npz::open("no/such/file.npz").err().unwrap().to_string();
        assert_eq!(e, "\"no/such/file.npz\": no such file; check the path");
    }
}
