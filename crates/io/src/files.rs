//! Opening files, and saying plainly why one could not be opened.

use rhyton_base::{Context, Error, Result};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// The path as errors print it.
pub(crate) fn shown(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}

/// Opens a file for reading; an error names it and what to check.
pub(crate) fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|e| explain(&e)).at(|| shown(path))
}

/// The whole content of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let mut file = open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|e| explain(&e)).at(|| shown(path))?;
    Ok(bytes)
}

/// The operating system's error with a next step.
pub(crate) fn explain(e: &io::Error) -> Error {
    Error::io(match e.kind() {
        ErrorKind::NotFound => "no such file; check the path".to_string(),
        ErrorKind::PermissionDenied => "permission denied; check who may read and write it".to_string(),
        ErrorKind::IsADirectory => "expected a file, received a folder; name the file in it".to_string(),
        ErrorKind::StorageFull => "the disk is full; free some space and try again".to_string(),
        _ => e.to_string(),
    })
}

/// At most `count` bytes of a stream, and an error where it holds fewer. Memory grows with what really comes, so
/// that a header cannot ask for more than the stream holds.
pub(crate) fn read_exactly(reader: &mut dyn Read, count: usize, what: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(count as u64).read_to_end(&mut bytes)?;
    if bytes.len() < count {
        return Err(Error::format(format!(
            "expected {count} bytes of {what}, received {}; the file is truncated",
            bytes.len()
        )));
    }
    Ok(bytes)
}
