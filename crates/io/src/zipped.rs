//! Zip members read and written with bounds: what `npz` and `.keras` have in common.

use rhyton_base::{Context, Error, Result, did_you_mean};
use std::io::{Read, Seek, SeekFrom, Write};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// Deflate cannot do better than this (zlib's technical notes).
const MAX_DEFLATE_RATIO: u64 = 1032;
/// Up to here a size is nothing to worry about.
const UNSUSPECTED: u64 = 1 << 30;
/// Beyond that, members that shrink more than this are taken for bombs, as Keras takes them.
const SUSPECT_RATIO: u64 = 100;

/// Refuses a declared size that `stored` compressed bytes cannot hold, or that only a bomb would have.
pub(crate) fn check_ratio(declared: u64, stored: u64) -> Result<()> {
    if declared > stored.saturating_mul(MAX_DEFLATE_RATIO).saturating_add(1024) {
        return Err(Error::format(format!(
            "declares {declared} bytes but stores only {stored}, which cannot hold them; the file is damaged"
        )));
    }
    if declared > UNSUSPECTED && declared / SUSPECT_RATIO > stored {
        return Err(Error::format(format!(
            "declares {declared} bytes but stores only {stored}; refused as a decompression bomb"
        )));
    }
    Ok(())
}

/// Where the bytes of a member lie in the file, and what they are.
pub(crate) struct Place {
    pub start: u64,
    /// How many there are, as they are stored.
    pub stored: u64,
    pub deflated: bool,
}

/// A zip archive opened for reading.
pub(crate) struct Zip<R> {
    archive: ZipArchive<R>,
    length: u64,
}

impl<R: Read + Seek> Zip<R> {
    pub(crate) fn open(mut reader: R) -> Result<Zip<R>> {
        let length = reader.seek(SeekFrom::End(0))?;
        let mut start = [0; 4];
        reader.seek(SeekFrom::Start(0))?;
        let begins_as_zip =
            reader.read_exact(&mut start).is_ok() && (&start == b"PK\x03\x04" || &start == b"PK\x05\x06");
        let archive = ZipArchive::new(reader).map_err(|e| match explain(e) {
            e if begins_as_zip => Error::format(format!(
                "a zip archive without a readable directory at its end ({}); the file is truncated or damaged, \
                 copy or save it again",
                e.message()
            )),
            _ => Error::format("not a zip archive; check that this is the file you meant"),
        })?;
        Ok(Zip { archive, length })
    }

    /// The names of the members that are files, in the order of the archive.
    pub(crate) fn names(&self) -> Result<Vec<String>> {
        let names = self.archive.file_names().map(|n| n.map(|n| n.into_owned()).map_err(explain));
        Ok(names.collect::<Result<Vec<_>>>()?.into_iter().filter(|n| !n.ends_with('/')).collect())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    /// Where the bytes of a member lie.
    pub(crate) fn place(&mut self, name: &str) -> Result<Place> {
        if !self.has(name) {
            let names = self.names()?;
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            return Err(Error::name(format!("no member {name:?}{}", did_you_mean(name, &names))));
        }
        let member = self.archive.by_name(name).map_err(explain)?;
        let deflated = match member.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            other => {
                return Err(Error::unsupported(format!(
                    "compression method {other}; expected stored or deflated, zip it again with one of these"
                )));
            }
        };
        let start = member.data_start().ok_or_else(|| Error::format("the member lies nowhere"))?;
        Ok(Place { start, stored: member.compressed_size(), deflated })
    }

    /// A member's bytes, checked against its declared size and checksum.
    pub(crate) fn read(&mut self, name: &str) -> Result<Vec<u8>> {
        self.read_checked(name).at(|| format!("member {name:?}"))
    }

    fn read_checked(&mut self, name: &str) -> Result<Vec<u8>> {
        let mut member = self.archive.by_name(name).map_err(explain)?;
        let declared = member.size();
        let stored = member.compressed_size().min(self.length);
        check_ratio(declared, stored)?;
        // No more at once than the archive itself holds; the rest as it really comes.
        let capacity = usize::try_from(declared.min(self.length)).unwrap_or(0);
        let mut bytes = Vec::new();
        bytes.try_reserve(capacity).map_err(|_| {
            Error::format(format!("declares {declared} bytes, more than there is memory for"))
        })?;
        (&mut member).take(declared.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| {
            Error::format(format!("cannot be unpacked ({e}); the archive is damaged, copy or save it again"))
        })?;
        if bytes.len() as u64 != declared {
            return Err(Error::format(format!("expected {declared} bytes, received {}", bytes.len())));
        }
        Ok(bytes)
    }

    /// The sizes of all members together, refused where only a bomb would have them.
    pub(crate) fn check_total(&mut self) -> Result<()> {
        let mut total = 0u64;
        for index in 0..self.archive.len() {
            total = total.saturating_add(self.archive.by_index_data(index).map_err(explain)?.size());
        }
        check_ratio(total, self.length)
    }
}

/// Writes members in the order given. All carry the first moment that zip knows, so that the same content gives
/// the same bytes.
pub(crate) struct ZipOut<W: Write + Seek>(ZipWriter<W>);

impl<W: Write + Seek> ZipOut<W> {
    pub(crate) fn new(writer: W) -> ZipOut<W> {
        ZipOut(ZipWriter::new(writer))
    }

    pub(crate) fn add(&mut self, name: &str, content: &[u8], deflate: bool) -> Result<()> {
        self.add_with(name, content.len() as u64, deflate, &mut |w| Ok(w.write_all(content)?))
    }

    /// Adds a member of about `size` bytes that is written piece by piece.
    pub(crate) fn add_with(
        &mut self,
        name: &str,
        size: u64,
        deflate: bool,
        content: &mut dyn FnMut(&mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        let method = if deflate { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o600)
            .large_file(size >= u64::from(u32::MAX) - 4096);
        self.0.start_file(name, options).map_err(explain).at(|| format!("member {name:?}"))?;
        content(&mut self.0).at(|| format!("member {name:?}"))
    }

    pub(crate) fn finish(self) -> Result<W> {
        self.0.finish().map_err(explain)
    }
}

fn explain(e: ZipError) -> Error {
    match e {
        ZipError::Io(e) => Error::io(e.to_string()),
        ZipError::InvalidArchive(what) => Error::format(what.into_owned()),
        ZipError::UnsupportedArchive(what) => Error::unsupported(what),
        ZipError::CompressionMethodNotSupported(method) => Error::unsupported(format!(
            "compression method {method}; expected stored (0) or deflated (8), zip it again with one of these"
        )),
        ZipError::FileNotFound => Error::format("there is no such member"),
        other => Error::format(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn ratios() {
        assert!(check_ratio(1000, 0).is_ok());
        assert!(check_ratio(1 << 20, 10).is_err());
        assert!(check_ratio(1 << 30, 1 << 21).is_ok());
        assert!(check_ratio(8 << 30, 8 << 21).is_err());
        assert!(check_ratio(8 << 30, 8 << 30).is_ok());
        assert!(check_ratio(u64::MAX, 5).is_err());
    }

    #[test]
    fn what_is_no_archive_is_told_from_what_is_cut() {
        let mut out = ZipOut::new(Cursor::new(Vec::new()));
        out.add("a", &[7; 5000], true).unwrap();
        let bytes = out.finish().unwrap().into_inner();
        assert_eq!(Zip::open(Cursor::new(&bytes)).unwrap().read("a").unwrap(), [7; 5000]);
        let e = Zip::open(Cursor::new(&bytes[..bytes.len() - 10])).err().unwrap().to_string();
        assert!(e.contains("truncated"), "{e}");
        let e = Zip::open(Cursor::new(b"\x89HDF\r\n\x1a\n")).err().unwrap().to_string();
        assert!(e.starts_with("not a zip archive"), "{e}");
    }

    #[test]
    fn a_lying_size_is_refused() {
        let mut out = ZipOut::new(Cursor::new(Vec::new()));
        out.add("a", &[7; 5000], true).unwrap();
        let mut bytes = out.finish().unwrap().into_inner();
        // The uncompressed size in the central directory.
        let entry = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        bytes[entry + 24..entry + 28].copy_from_slice(&0xFFFF_0000u32.to_le_bytes());
        let e = Zip::open(Cursor::new(&bytes)).unwrap().read("a").unwrap_err().to_string();
        assert!(e.contains("cannot hold them"), "{e}");
        bytes[entry + 24..entry + 28].copy_from_slice(&4000u32.to_le_bytes());
        assert!(Zip::open(Cursor::new(&bytes)).unwrap().read("a").is_err());
    }
}
