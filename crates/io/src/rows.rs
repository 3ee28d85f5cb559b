//! Rows of an array in a file, read where they lie: for arrays larger than memory.

use crate::array::swap_bytes;
use crate::files::{explain, open, shown};
use crate::npy;
use crate::zipped::Zip;
use flate2::read::DeflateDecoder;
use rhyton_base::{Context, DType, Error, Result, Shape, element_count};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Seconds that reading a row from the system's memory takes at most, and more for each byte.
const CALL: f64 = 5e-6;
const BYTE: f64 = 1e-9;

/// An array in an `.npy` file, or in a stored member of an `.npz`, of which any row is read by itself.
///
/// Opening reads the header only. Rows, the slices along the first axis, are read from the file each time they are asked
/// for, little-endian and row-major, from any number of threads.
///
/// ```
/// use rhyton_io::{Array, NpyRows, npy};
/// let path = std::env::temp_dir().join(format!("rhyton-rows-{}.npy", std::process::id()));
/// npy::save(&path, &Array::from_slice([3, 2], &[1i16, 2, 3, 4, 5, 6])?)?;
/// let rows = NpyRows::open(&path)?;
/// let mut bytes = vec![0; 2 * rows.row_bytes()];
/// rows.read(1, &mut bytes)?;
/// assert_eq!((rows.shape(), bytes), (&[3, 2][..], vec![3, 0, 4, 0, 5, 0, 6, 0]));
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub struct NpyRows {
    file: Handle,
    who: String,
    /// Where the elements begin.
    start: u64,
    head: Head,
    /// Whether rows took so long lately that they must come from a disk.
    far: AtomicBool,
}

/// A file that several threads read from; without a position of its own where the system can do that.
#[cfg(unix)]
type Handle = File;
#[cfg(not(unix))]
type Handle = std::sync::Mutex<File>;

/// What a header says.
struct Head {
    dtype: DType,
    big_endian: bool,
    shape: Vec<usize>,
    row: usize,
}

impl Head {
    fn read(reader: &mut dyn Read) -> Result<Head> {
        let header = npy::read_header(reader)?;
        let (dtype, big_endian) = npy::parse_descr(&header.descr).at(|| "npy header")?;
        let shape = header.shape;
        if header.fortran_order && shape.len() > 1 {
            return Err(Error::unsupported(
                "the array lies column by column, so its rows cannot be read one by one; save \
                 numpy.ascontiguousarray(..) of it, or load it whole",
            ));
        }
        if shape.is_empty() {
            return Err(Error::shape("a scalar has no rows; expected an array with at least one axis"));
        }
        element_count(&shape)?
            .checked_mul(dtype.size())
            .ok_or_else(|| Error::shape(format!("shape {} is too large", Shape::from(&shape))))?;
        let row = shape[1..].iter().product::<usize>() * dtype.size();
        Ok(Head { dtype, big_endian, shape, row })
    }

    /// Makes bytes of rows, which begin with this one, those of this machine.
    fn finish(&self, first: usize, bytes: &mut [u8]) -> Result<()> {
        if self.big_endian {
            swap_bytes(bytes, self.dtype.size());
        }
        if self.dtype == DType::Bool
            && let Some(at) = bytes.iter().position(|b| *b > 1)
        {
            return Err(Error::format(format!(
                "row {}: a bool is neither 0 nor 1",
                first + at / self.row.max(1)
            )));
        }
        Ok(())
    }
}

impl NpyRows {
    /// Opens an `.npy` file; later errors name it.
    ///
    /// # Errors
    /// Where it is not such a file, is shorter than its header says, or lies column by column (`fortran_order`).
    pub fn open(path: impl AsRef<Path>) -> Result<NpyRows> {
        let path = path.as_ref();
        let file = open(path)?;
        NpyRows::within(file, 0, None, shown(path)).at(|| shown(path))
    }

    /// Opens a member of an `.npz`, where it is stored as it is; nothing where it is compressed.
    ///
    /// # Errors
    /// As [`NpyRows::open`], and where there is no such member.
    pub fn open_npz(path: impl AsRef<Path>, name: &str) -> Result<Option<NpyRows>> {
        let path = path.as_ref();
        let who = format!("{}: {name:?}", shown(path));
        let member =
            Zip::open(BufReader::new(open(path)?))?.place(&format!("{name}.npy")).at(|| who.clone())?;
        if member.deflated {
            return Ok(None);
        }
        NpyRows::within(open(path)?, member.start, Some(member.stored), who.clone()).at(|| who).map(Some)
    }

    fn within(mut file: File, start: u64, length: Option<u64>, who: String) -> Result<NpyRows> {
        let total = file.metadata()?.len().saturating_sub(start);
        file.seek(SeekFrom::Start(start))?;
        let head = Head::read(&mut file)?;
        let start_of_data = file.stream_position()?;
        let expected = head.shape[0] as u64 * head.row as u64;
        let there = length.unwrap_or(total).min(total).saturating_sub(start_of_data - start);
        if there < expected {
            return Err(Error::format(format!(
                "expected {expected} bytes of npy data, received {there}; the file is truncated"
            )));
        }
        Ok(NpyRows { file: Handle::from(file), who, start: start_of_data, head, far: AtomicBool::new(false) })
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.head.dtype
    }

    /// The shape of the whole array.
    pub fn shape(&self) -> &[usize] {
        &self.head.shape
    }

    /// The bytes of a row.
    pub fn row_bytes(&self) -> usize {
        self.head.row
    }

    /// Reads rows that follow each other into memory of exactly their size.
    ///
    /// # Errors
    /// Where there are no such rows, or the file cannot be read.
    pub fn read(&self, first: usize, out: &mut [u8]) -> Result<()> {
        let row = self.head.row;
        let count = out.len().checked_div(row).unwrap_or(0);
        if first.checked_add(count).is_none_or(|end| end > self.head.shape[0]) || count * row != out.len() {
            return Err(Error::value(format!(
                "expected rows below {}, got {count} rows ({} bytes) from row {first}",
                self.head.shape[0],
                out.len()
            ))
            .at(self.who.clone()));
        }
        let at = self.start + (first * row) as u64;
        self.read_at(at, out)
            .map_err(|e| explain(&e))
            .at(|| format!("row {first}"))
            .at(|| self.who.clone())?;
        self.head.finish(first, out).at(|| self.who.clone())
    }

    /// Reads rows that lie anywhere, one after the other, into memory of exactly their size.
    ///
    /// Where they come from a disk and not from the system's memory, it is told of all of them first, so that it need not
    /// be waited for row by row.
    ///
    /// # Errors
    /// As [`NpyRows::read`].
    pub fn read_each(&self, rows: &[usize], out: &mut [u8]) -> Result<()> {
        let row = self.head.row;
        if row == 0 {
            return Ok(());
        }
        let begin = Instant::now();
        if self.far.load(Ordering::Relaxed) {
            rows.iter().for_each(|&i| self.announce(i));
        }
        rows.iter().zip(out.chunks_exact_mut(row)).try_for_each(|(&i, to)| self.read(i, to))?;
        let near = (CALL + row as f64 * BYTE) * rows.len() as f64;
        self.far.store(begin.elapsed().as_secs_f64() > near, Ordering::Relaxed);
        Ok(())
    }

    /// Asks the system to read a row ahead; that it does not is no error.
    #[cfg(target_os = "linux")]
    fn announce(&self, i: usize) {
        let (row, advice) = (self.head.row as u64, rustix::fs::Advice::WillNeed);
        let at = self.start.saturating_add((i as u64).saturating_mul(row));
        let _ = rustix::fs::fadvise(&self.file, at, std::num::NonZeroU64::new(row), advice);
    }

    #[cfg(not(target_os = "linux"))]
    fn announce(&self, _i: usize) {}

    #[cfg(unix)]
    fn read_at(&self, at: u64, out: &mut [u8]) -> std::io::Result<()> {
        use std::os::unix::fs::FileExt;
        self.file.read_exact_at(out, at)
    }

    #[cfg(not(unix))]
    fn read_at(&self, at: u64, out: &mut [u8]) -> std::io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(|e| e.into_inner());
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(out)
    }
}

/// The rows of a compressed member of an `.npz`, read from the first to the last.
///
/// ```
/// use rhyton_io::{Array, Compression, NpzStream, write_npz};
/// let path = std::env::temp_dir().join(format!("rhyton-stream-{}.npz", std::process::id()));
/// write_npz(&path, &[("x", &Array::from_slice([3, 1], &[7u8, 8, 9])?)], Compression::Deflated)?;
/// let mut rows = NpzStream::open(&path, "x")?;
/// let mut bytes = [0; 2];
/// rows.read(&mut bytes)?;
/// assert_eq!((rows.shape(), rows.left(), bytes), (&[3, 1][..], 1, [7, 8]));
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub struct NpzStream {
    from: Box<dyn Read + Send>,
    who: String,
    head: Head,
    read: usize,
}

impl NpzStream {
    /// Opens a member, compressed or not; later errors name the file.
    ///
    /// # Errors
    /// Where there is no such file or member, or it is no array of plain numbers, row by row.
    pub fn open(path: impl AsRef<Path>, name: &str) -> Result<NpzStream> {
        let path = path.as_ref();
        let who = format!("{}: {name:?}", shown(path));
        let begin = || {
            let member = Zip::open(BufReader::new(open(path)?))?.place(&format!("{name}.npy"))?;
            let mut file = open(path)?;
            file.seek(SeekFrom::Start(member.start))?;
            let stored = BufReader::with_capacity(1 << 17, file).take(member.stored);
            let mut from: Box<dyn Read + Send> = match member.deflated {
                true => Box::new(BufReader::with_capacity(1 << 16, DeflateDecoder::new(stored))),
                false => Box::new(stored),
            };
            let head = Head::read(&mut from)?;
            Ok::<_, Error>((from, head))
        };
        let (from, head) = begin().at(|| who.clone())?;
        Ok(NpzStream { from, who, head, read: 0 })
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.head.dtype
    }

    /// The shape of the whole array.
    pub fn shape(&self) -> &[usize] {
        &self.head.shape
    }

    /// The bytes of a row.
    pub fn row_bytes(&self) -> usize {
        self.head.row
    }

    /// How many rows have not been read.
    pub fn left(&self) -> usize {
        self.head.shape[0] - self.read
    }

    /// Reads the next rows into memory of exactly their size.
    ///
    /// # Errors
    /// Where there are not so many left, or the file is damaged.
    pub fn read(&mut self, out: &mut [u8]) -> Result<()> {
        let (first, row) = (self.read, self.head.row);
        let count = out.len().checked_div(row).unwrap_or(0);
        if count > self.left() {
            let message = format!("expected at most {} rows, got memory for {count}", self.left());
            return Err(Error::value(message).at(self.who.clone()));
        }
        self.read += count;
        self.from
            .read_exact(out)
            .map_err(|e| Error::format(format!("cannot be unpacked ({e}); the file is damaged")))
            .and_then(|()| self.head.finish(first, out))
            .at(|| format!("row {first}"))
            .at(|| self.who.clone())
    }
}
