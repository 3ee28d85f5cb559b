//! Files that are either the old ones or the new ones, never half of each.

use crate::files::{explain, shown};
use rhyton_base::{Context, Error, Result};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes a file beside its target and renames it when everything has reached the disk.
///
/// A crash, a full disk or an error of `content` leaves the target as it was; the file beside it is removed. A
/// target that is a symbolic link stays one, and the file it names is replaced. Permissions of an existing target
/// are kept.
///
/// An error where the folder does not exist or may not be written.
///
/// ```
/// use std::io::Write;
/// let path = std::env::temp_dir().join(format!("rhyton-atomic-{}.txt", std::process::id()));
/// rhyton_io::write_atomic(&path, |w| Ok(w.write_all(b"horn")?))?;
/// assert_eq!(std::fs::read(&path)?, b"horn");
/// std::fs::remove_file(&path)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn write_atomic<T>(
    path: impl AsRef<Path>,
    content: impl FnOnce(&mut BufWriter<File>) -> Result<T>,
) -> Result<T> {
    let path = path.as_ref();
    write_beside(path, content).at(|| shown(path))
}

fn write_beside<T>(path: &Path, content: impl FnOnce(&mut BufWriter<File>) -> Result<T>) -> Result<T> {
    // Follow links, so that the rename replaces the file and not the link. A file that does not exist yet stays.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if target.is_dir() {
        return Err(Error::io("expected a file to write, received a folder; add a file name"));
    }
    let name = target.file_name().ok_or_else(|| Error::io("expected a path that ends in a file name"))?;
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(Error::io(format!("folder {} does not exist; create it first", shown(folder))));
    }
    let (file, draft) = create_beside(folder, name)?;
    let mut writer = BufWriter::new(file);
    let value = content(&mut writer)?;
    writer.flush().map_err(|e| explain(&e))?;
    let file = writer.into_inner().map_err(|e| explain(e.error()))?;
    if let Ok(old) = fs::metadata(&target) {
        // Best effort: a file system without permissions is no reason to lose the data.
        let _ = file.set_permissions(old.permissions());
    }
    file.sync_all().map_err(|e| explain(&e))?;
    drop(file);
    fs::rename(&draft.path, &target).map_err(|e| explain(&e))?;
    draft.keep();
    // The rename itself reaches the disk with the folder; not every system lets a folder be opened.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(value)
}

/// The unfinished file; removed when dropped, unless it was kept.
struct Draft {
    path: PathBuf,
    kept: bool,
}

impl Draft {
    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn create_beside(folder: &Path, name: &std::ffi::OsStr) -> Result<(File, Draft)> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    for _ in 0..100 {
        let mut beside = OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}-{}.part", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed)));
        let path = folder.join(beside);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, Draft { path, kept: false })),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => {
                return Err(Error::io(format!(
                    "folder {} cannot be written to ({e}); choose another one or change its permissions",
                    shown(folder)
                )));
            }
        }
    }
    Err(Error::io(format!("folder {} is full of unfinished .part files; remove them", shown(folder))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("rhyton-io-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn an_error_leaves_the_old_file_and_nothing_else() {
        let folder = folder("atomic");
        let path = folder.join("a.bin");
        write_atomic(&path, |w| Ok(w.write_all(b"old")?)).unwrap();
        let e = write_atomic(&path, |w| -> Result<()> {
            w.write_all(b"new")?;
            Err(Error::value("out of ideas"))
        });
        assert!(e.unwrap_err().to_string().ends_with("a.bin\": out of ideas"));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        write_atomic(&path, |w| Ok(w.write_all(b"new")?)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_panic_in_the_middle_removes_the_draft() {
        let folder = folder("panic");
        let path = folder.join("a.bin");
        let result = std::panic::catch_unwind(|| write_atomic(&path, |_| -> Result<()> { panic!("test") }));
        assert!(result.is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_missing_folder_is_named() {
        let path = std::env::temp_dir().join("rhyton-no-such-folder").join("x.npy");
        let e = write_atomic(&path, |_| Ok(())).unwrap_err().to_string();
        assert!(e.contains("rhyton-no-such-folder\" does not exist; create it first"), "{e}");
        let e = write_atomic(std::env::temp_dir(), |_| Ok(())).unwrap_err().to_string();
        assert!(e.contains("received a folder"), "{e}");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = folder("links");
        let (path, link) = (folder.join("a"), folder.join("b"));
        fs::write(&path, b"1").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        write_atomic(&link, |w| Ok(w.write_all(b"2")?)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"2");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        fs::remove_dir_all(folder).unwrap();
    }
}
