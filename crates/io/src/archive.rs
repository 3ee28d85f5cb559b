//! The `.keras` container: a zip archive of JSON texts, an HDF5 file and assets.
//!
//! | member | content |
//! |---|---|
//! | `metadata.json` | the version that wrote it, and when; never needed to read |
//! | `config.json` | the model's description |
//! | `model.weights.h5` | the weights, see [`crate::hdf5`] |
//! | `assets/...` | files of layers that keep some, such as vocabularies |
//!
//! Source: `keras/src/saving/saving_lib.py` in Keras.

use crate::atomic::write_atomic;
use crate::files::{open, shown};
use crate::zipped::{Zip, ZipOut};
use rhyton_base::{Context, Error, Result};
use std::io::{BufReader, Cursor, Read, Seek, Write};
use std::path::Path;

const METADATA: &str = "metadata.json";
const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.weights.h5";
const ASSETS: &str = "assets/";

/// The content of a `.keras` file, unpacked and not interpreted.
///
/// ```
/// use rhyton_io::KerasArchive;
/// let archive = KerasArchive {
///     config: r#"{"class_name": "Sequential"}"#.into(),
///     metadata: Some(r#"{"keras_version": "3.15.1"}"#.into()),
///     weights: Some(rhyton_io::WeightsWriter::new().finish()?),
///     assets: vec![],
/// };
/// let bytes = archive.to_bytes()?;
/// assert_eq!(KerasArchive::from_bytes(&bytes)?, archive);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KerasArchive {
    /// `config.json`.
    pub config: String,
    /// `metadata.json`, if there is one.
    pub metadata: Option<String>,
    /// `model.weights.h5`, an HDF5 file, if there is one; [`KerasArchive::weights`] where it must be there.
    pub weights: Option<Vec<u8>>,
    /// Files under `assets/`, named by their paths without it.
    pub assets: Vec<(String, Vec<u8>)>,
}

impl KerasArchive {
    /// Reads a file. An error names its path.
    ///
    /// Members may be stored or deflated; `metadata.json` and the weights may be missing. Errors: not a zip
    /// archive, a truncated one, one without `config.json`, text that is not UTF-8, assets whose paths lead
    /// outside, members whose sizes only a decompression bomb would have.
    pub fn load(path: impl AsRef<Path>) -> Result<KerasArchive> {
        let path = path.as_ref();
        KerasArchive::read(BufReader::new(open(path)?)).at(|| shown(path))
    }

    /// Reads an archive that is already in memory, as [`KerasArchive::load`] does.
    pub fn from_bytes(bytes: &[u8]) -> Result<KerasArchive> {
        KerasArchive::read(Cursor::new(bytes))
    }

    /// Reads an archive from any reader that can seek.
    pub fn read(reader: impl Read + Seek) -> Result<KerasArchive> {
        let mut zip = Zip::open(reader)?;
        if !zip.has(CONFIG) {
            return Err(foreign(&zip.names()?));
        }
        zip.check_total()?;
        let config = text(&mut zip, CONFIG)?;
        let metadata = if zip.has(METADATA) { Some(text(&mut zip, METADATA)?) } else { None };
        let weights = if zip.has(WEIGHTS) { Some(zip.read(WEIGHTS)?) } else { None };
        if weights.is_none() && zip.has("model.weights.npz") {
            return Err(Error::unsupported(
                "weights as model.weights.npz, which holds pickled code; save with HDF5 weights, the default",
            ));
        }
        let mut assets = Vec::new();
        for member in zip.names()? {
            if let Some(name) = member.strip_prefix(ASSETS) {
                check_asset(name)?;
                assets.push((name.to_string(), zip.read(&member)?));
            }
        }
        Ok(KerasArchive { config, metadata, weights, assets })
    }

    /// The weights, or an error that says what their absence means.
    pub fn weights(&self) -> Result<&[u8]> {
        self.weights.as_deref().ok_or_else(|| {
            Error::format(format!(
                "there is no member {WEIGHTS:?}; the model was saved before it was built, or the archive is not \
                 complete"
            ))
        })
    }

    /// Writes a file, beside it first and then renamed. The same content gives the same bytes.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        write_atomic(path, |w| self.write(w))
    }

    /// The bytes of the file that [`KerasArchive::save`] writes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Cursor::new(Vec::new());
        self.write(&mut bytes)?;
        Ok(bytes.into_inner())
    }

    /// Writes the archive: members stored, in Keras's order, all dated 1980-01-01.
    pub fn write(&self, writer: impl Write + Seek) -> Result<()> {
        let mut zip = ZipOut::new(writer);
        if let Some(metadata) = &self.metadata {
            zip.add(METADATA, metadata.as_bytes(), false)?;
        }
        zip.add(CONFIG, self.config.as_bytes(), false)?;
        if let Some(weights) = &self.weights {
            zip.add(WEIGHTS, weights, false)?;
        }
        for (name, content) in &self.assets {
            check_asset(name)?;
            zip.add(&format!("{ASSETS}{name}"), content, false)?;
        }
        zip.finish()?.flush()?;
        Ok(())
    }
}

fn text<R: Read + Seek>(zip: &mut Zip<R>, name: &str) -> Result<String> {
    String::from_utf8(zip.read(name)?).map_err(|e| {
        Error::format(format!("member {name:?}: expected UTF-8 text ({e}); the archive is damaged"))
    })
}

fn foreign(names: &[String]) -> Error {
    let mut shown: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
    if names.len() > shown.len() {
        shown.push("...");
    }
    let hint = match names.iter().find(|n| n.ends_with("/config.json")) {
        Some(inner) => format!("zip the content of folder {:?}, not the folder", &inner[..inner.len() - 12]),
        None if names.iter().any(|n| n.ends_with(".npy")) => {
            "this is an npz file, read it as one".to_string()
        }
        None => "check that Keras or Rhyton wrote it".to_string(),
    };
    Error::format(format!("a zip archive without {CONFIG:?}, so no Keras model (it holds {shown:?}); {hint}"))
}

/// Paths that stay inside the folder they are unpacked to, on every system.
fn check_asset(name: &str) -> Result<()> {
    let inside =
        name.split('/').all(|part| !matches!(part, "" | "." | "..")) && !name.contains(['\\', ':', '\0']);
    if inside {
        return Ok(());
    }
    Err(Error::format(format!("asset path {name:?} leads outside the archive; refused")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> KerasArchive {
        KerasArchive {
            config: "{\"name\": \"köln\"}".into(),
            metadata: Some("{}".into()),
            weights: Some(vec![1, 2, 3]),
            assets: vec![("lookup/vocabulary.txt".into(), b"a\nb".to_vec())],
        }
    }

    fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipOut::new(Cursor::new(Vec::new()));
        for (name, content) in members {
            zip.add(name, content, true).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn survives_and_is_reproducible() {
        let bytes = sample().to_bytes().unwrap();
        assert_eq!(bytes, sample().to_bytes().unwrap());
        assert_eq!(KerasArchive::from_bytes(&bytes).unwrap(), sample());
        let names = Zip::open(Cursor::new(&bytes)).unwrap().names().unwrap();
        assert_eq!(names, [METADATA, CONFIG, WEIGHTS, "assets/lookup/vocabulary.txt"]);
    }

    #[test]
    fn the_smallest_archive_is_read() {
        let archive = KerasArchive::from_bytes(&zip_of(&[(CONFIG, b"{}")])).unwrap();
        assert_eq!(archive.metadata, None);
        assert!(archive.weights().unwrap_err().to_string().contains("no member \"model.weights.h5\""));
    }

    #[test]
    fn foreign_archives_are_explained() {
        for (members, word) in [
            (&[("x.npy", &b""[..])][..], "npz"),
            (&[("model/config.json", b"{}")], "folder \"model\""),
            (&[], "Rhyton"),
            (&[(CONFIG, b"\xFF")], "UTF-8"),
            (&[(CONFIG, b"{}"), ("model.weights.npz", b"")], "pickled"),
            (&[(CONFIG, b"{}"), ("assets/../../etc/passwd", b"")], "outside"),
        ] {
            let e = KerasArchive::from_bytes(&zip_of(members)).unwrap_err().to_string();
            assert!(e.contains(word), "{e}");
        }
        assert!(KerasArchive::from_bytes(b"").unwrap_err().to_string().contains("not a zip"));
    }

    #[test]
    fn cuts_and_flips_never_panic() {
        let bytes = sample().to_bytes().unwrap();
        for at in 0..bytes.len() {
            assert!(KerasArchive::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
            for bit in [0x01, 0x80, 0xFF] {
                let mut bad = bytes.clone();
                bad[at] ^= bit;
                let _ = KerasArchive::from_bytes(&bad);
            }
        }
    }

    #[test]
    fn errors_name_the_path() {
        let path = std::env::temp_dir().join(format!("rhyton-archive-{}.keras", std::process::id()));
        sample().save(&path).unwrap();
        assert_eq!(KerasArchive::load(&path).unwrap(), sample());
        std::fs::write(&path, b"hello").unwrap();
        let e = KerasArchive::load(&path).unwrap_err().to_string();
        assert!(e.starts_with('"') && e.contains(".keras\": not a zip archive"), "{e}");
        std::fs::remove_file(&path).unwrap();
    }
}
