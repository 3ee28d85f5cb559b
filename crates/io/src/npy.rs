//! NumPy's `.npy`: one array with a header in Python's notation.
//!
//! A file is `\x93NUMPY`, two version bytes, the length of the header (2 bytes in version 1, 4 in versions 2 and
//! 3), the header `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }` and the elements. Format:
//! `numpy/lib/format.py` in NumPy.

use crate::array::{Array, swap_bytes};
use crate::atomic::write_atomic;
use crate::files::{open, read_exactly, shown};
use rhyton_base::{Context, DType, Error, Result, Shape, element_count};
use std::io::{BufReader, Read, Write};
use std::path::Path;

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// NumPy's own limit on ranks.
const MAX_RANK: usize = 64;
/// Far above any header of plain numbers, which stays below 300 bytes.
const MAX_HEADER: usize = 1 << 20;

/// Reads one array from a `.npy` file.
///
/// ```no_run
/// let x = rhyton_io::npy::load("x_train.npy")?;
/// println!("{x:?}");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn load(path: impl AsRef<Path>) -> Result<Array> {
    let path = path.as_ref();
    read(BufReader::new(open(path)?)).at(|| shown(path))
}

/// Writes one array to a `.npy` file, beside it first and then renamed.
pub fn save(path: impl AsRef<Path>, array: &Array) -> Result<()> {
    write_atomic(path, |w| write(w, array))
}

/// Reads one array from bytes; what follows it is left alone.
///
/// ```
/// use rhyton_io::{Array, npy};
/// let a = Array::from_slice([2, 2], &[1i16, 2, 3, 4])?;
/// assert_eq!(npy::from_bytes(&npy::to_bytes(&a)?)?, a);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn from_bytes(bytes: &[u8]) -> Result<Array> {
    read(bytes)
}

/// The bytes of a `.npy` file.
pub fn to_bytes(array: &Array) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(array.data.len() + 128);
    write(&mut bytes, array)?;
    Ok(bytes)
}

/// Reads one array from a stream and leaves the stream behind it.
///
/// Takes floats, integers, `bool` and the two-byte void that `bfloat16` arrays are saved as, in either byte order
/// and either memory order; the result is little-endian and row-major. Everything else is an error that names the
/// type. Memory grows with what the stream holds and not with what the header says.
pub fn read(mut reader: impl Read) -> Result<Array> {
    let reader: &mut dyn Read = &mut reader;
    let header = read_header(reader)?;
    let (dtype, big_endian) = parse_descr(&header.descr).at(|| "npy header")?;
    let bytes = element_count(&header.shape)?
        .checked_mul(dtype.size())
        .ok_or_else(|| Error::shape(format!("shape {} is too large", Shape::from(&header.shape))))?;
    let data = read_exactly(reader, bytes, "npy data")?;
    row_major_little_endian(dtype, big_endian, header.fortran_order, header.shape, data)
}

/// The lists in a `.npy` file of an array of lists of whole numbers, which NumPy writes as a pickle.
pub(crate) fn ragged(bytes: &[u8]) -> Result<Vec<Vec<i32>>> {
    let mut rest = bytes;
    let header = read_header(&mut rest)?;
    if !matches!(header.descr.as_str(), "|O" | "O") {
        let (dtype, _) = parse_descr(&header.descr).at(|| "npy header")?;
        return Err(Error::dtype(format!(
            "expected lists of whole numbers (dtype object), received {dtype} {}",
            Shape::from(&header.shape)
        )));
    }
    crate::pickle::ragged(rest, &header.shape).at(|| "pickle")
}

/// An array of what a file holds, in whatever order of bytes and axes it does.
pub(crate) fn row_major_little_endian(
    dtype: DType,
    big_endian: bool,
    fortran_order: bool,
    shape: Vec<usize>,
    mut data: Vec<u8>,
) -> Result<Array> {
    if big_endian {
        swap_bytes(&mut data, dtype.size());
    }
    if fortran_order && shape.len() > 1 {
        data = row_major(&data, &shape, dtype.size());
    }
    Array::new(dtype, shape, data)
}

pub(crate) fn read_header(reader: &mut dyn Read) -> Result<Header> {
    let start = read_exactly(reader, 8, "the npy signature")?;
    if &start[..6] != MAGIC {
        return Err(Error::format(
            "not an npy file (it does not begin with \\x93NUMPY); check what wrote it",
        ));
    }
    let length = match start[6] {
        1 => usize::from(u16::from_le_bytes(array_of(&read_exactly(reader, 2, "npy header length")?))),
        2 | 3 => u32::from_le_bytes(array_of(&read_exactly(reader, 4, "npy header length")?)) as usize,
        v => return Err(Error::unsupported(format!("npy version {v}.{}; expected 1, 2 or 3", start[7]))),
    };
    if length > MAX_HEADER {
        return Err(Error::format(format!("npy header of {length} bytes; expected at most {MAX_HEADER}")));
    }
    Header::parse(&read_exactly(reader, length, "npy header")?).at(|| "npy header")
}

/// Writes one array to a stream, little-endian and row-major; the elements begin at a multiple of 64 bytes.
///
/// NumPy has no `bfloat16`, so such an array is written as the two-byte void (`<V2`) that `ml_dtypes` writes.
pub fn write(writer: &mut dyn Write, array: &Array) -> Result<()> {
    array.check()?;
    if array.shape.len() > MAX_RANK {
        return Err(Error::shape(format!("rank {}; npy holds at most {MAX_RANK}", array.shape.len())));
    }
    let mut header = format!(
        "{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
        descr_of(array.dtype),
        Shape::from(&array.shape)
    );
    // Signature, version and the two bytes of the length come first, a line feed last.
    header.push_str(&" ".repeat((64 - (10 + header.len() + 1) % 64) % 64));
    header.push('\n');
    // 64 axes of 20 digits take 1408 bytes: version 1 always suffices.
    let length = u16::try_from(header.len()).map_err(|_| Error::shape("npy header is too long"))?;
    writer.write_all(MAGIC)?;
    writer.write_all(&[1, 0])?;
    writer.write_all(&length.to_le_bytes())?;
    writer.write_all(header.as_bytes())?;
    writer.write_all(&array.data)?;
    Ok(())
}

fn array_of<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("read_exactly gave what was asked")
}

/// Elements in column-major order put into row-major order.
fn row_major(data: &[u8], shape: &[usize], size: usize) -> Vec<u8> {
    if data.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(data.len());
    let strides: Vec<usize> = shape
        .iter()
        .scan(1, |stride, &n| {
            let this = *stride;
            *stride *= n;
            Some(this)
        })
        .collect();
    let mut index = vec![0; shape.len()];
    let mut at = 0;
    while out.len() < data.len() {
        out.extend_from_slice(&data[at * size..(at + 1) * size]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    out
}

fn descr_of(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool => "|b1",
        DType::U8 => "|u1",
        DType::U16 => "<u2",
        DType::U32 => "<u4",
        DType::U64 => "<u8",
        DType::I8 => "|i1",
        DType::I16 => "<i2",
        DType::I32 => "<i4",
        DType::I64 => "<i8",
        DType::F16 => "<f2",
        DType::BF16 => "<V2",
        DType::F32 => "<f4",
        DType::F64 => "<f8",
    }
}

/// The type and whether its bytes are big-endian.
pub(crate) fn parse_descr(descr: &str) -> Result<(DType, bool)> {
    let (order, kind) = match descr.as_bytes().first() {
        Some(b'<' | b'>' | b'|' | b'=') => descr.split_at(1),
        _ => ("=", descr),
    };
    let big_endian = order == ">" || (order == "=" && cfg!(target_endian = "big"));
    let dtype = match kind {
        "b1" | "?" => DType::Bool,
        "u1" => DType::U8,
        "u2" => DType::U16,
        "u4" => DType::U32,
        "u8" => DType::U64,
        "i1" => DType::I8,
        "i2" => DType::I16,
        "i4" => DType::I32,
        "i8" => DType::I64,
        "f2" => DType::F16,
        "f4" => DType::F32,
        "f8" => DType::F64,
        "V2" => DType::BF16,
        _ => {
            let what = match kind.as_bytes().first() {
                Some(b'O') => "Python objects (which are pickled code)",
                Some(b'S' | b'a' | b'U') => "strings",
                Some(b'c') => "complex numbers",
                Some(b'M' | b'm') => "dates",
                Some(b'V') => "raw records",
                Some(b'f' | b'g') => "long doubles",
                _ => "elements of an unknown type",
            };
            return Err(Error::unsupported(format!(
                "dtype {descr:?} holds {what}; save numbers instead, for instance with .astype(\"float32\")"
            )));
        }
    };
    Ok((dtype, big_endian))
}

pub(crate) struct Header {
    pub descr: String,
    pub fortran_order: bool,
    pub shape: Vec<usize>,
}

impl Header {
    fn parse(text: &[u8]) -> Result<Header> {
        let mut text = Cursor(text);
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        text.expect(b'{')?;
        while !text.take(b'}') {
            let key = text.string()?;
            text.expect(b':')?;
            match key.as_str() {
                "descr" if text.peek() == Some(b'[') || text.peek() == Some(b'(') => {
                    return Err(Error::unsupported(
                        "structured dtype; save each field as an array of its own",
                    ));
                }
                "descr" => descr = Some(text.string()?),
                "fortran_order" => fortran_order = Some(text.boolean()?),
                "shape" => shape = Some(text.tuple()?),
                _ => return Err(Error::format(format!("unknown key {key:?}"))),
            }
            if !text.take(b',') {
                text.expect(b'}')?;
                break;
            }
        }
        let missing = |key: &str| Error::format(format!("key {key:?} is missing"));
        Ok(Header {
            descr: descr.ok_or_else(|| missing("descr"))?,
            fortran_order: fortran_order.ok_or_else(|| missing("fortran_order"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }
}

/// What is left to read of the header; every step skips white space first.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn peek(&mut self) -> Option<u8> {
        self.0 = self.0.trim_ascii_start();
        self.0.first().copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.take(byte) {
            return Ok(());
        }
        let near: String = String::from_utf8_lossy(self.0).chars().take(20).collect();
        Err(Error::format(format!("expected {:?}, received {near:?}", char::from(byte))))
    }

    fn string(&mut self) -> Result<String> {
        let quote = if self.peek() == Some(b'"') { b'"' } else { b'\'' };
        self.expect(quote)?;
        let end = self.0.iter().position(|&b| b == quote);
        let end = end.ok_or_else(|| Error::format("a string without an end"))?;
        let text = String::from_utf8_lossy(&self.0[..end]).into_owned();
        self.0 = &self.0[end + 1..];
        Ok(text)
    }

    fn boolean(&mut self) -> Result<bool> {
        self.peek();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.0.strip_prefix(word.as_bytes()) {
                self.0 = rest;
                return Ok(value);
            }
        }
        Err(Error::format("expected True or False for \"fortran_order\""))
    }

    /// `()`, `(3,)`, `(2, 3)`; Python 2 wrote `3L`.
    fn tuple(&mut self) -> Result<Vec<usize>> {
        let mut shape = Vec::new();
        self.expect(b'(')?;
        while !self.take(b')') {
            self.peek();
            let digits = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
            let number = String::from_utf8_lossy(&self.0[..digits]).into_owned();
            let n = number.parse::<usize>().map_err(|_| {
                Error::format(format!(
                    "expected a size in \"shape\", received {number:?} at axis {}",
                    shape.len()
                ))
            })?;
            self.0 = &self.0[digits..];
            self.take(b'L');
            shape.push(n);
            if shape.len() > MAX_RANK {
                return Err(Error::format(format!("shape has more than {MAX_RANK} axes")));
            }
            if !self.take(b',') {
                self.expect(b')')?;
                break;
            }
        }
        Ok(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([version, 0]);
        match version {
            1 => bytes.extend((header.len() as u16).to_le_bytes()),
            _ => bytes.extend((header.len() as u32).to_le_bytes()),
        }
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn every_dtype_and_rank_survives() {
        for dtype in DType::ALL {
            for shape in [vec![], vec![0], vec![3], vec![2, 3], vec![2, 0, 3], vec![1; 40]] {
                let count = element_count(&shape).unwrap();
                let a = Array::from_slice(shape, &(0..count as u8).collect::<Vec<_>>()).unwrap();
                let a = a.cast(dtype).unwrap();
                let bytes = to_bytes(&a).unwrap();
                assert_eq!((bytes.len() - a.data.len()) % 64, 0);
                assert_eq!(from_bytes(&bytes).unwrap(), a);
            }
        }
    }

    #[test]
    fn versions_orders_and_spellings() {
        let big = 258i32.to_be_bytes();
        for version in 1..=3 {
            for header in [
                "{'descr': '>i4', 'fortran_order': False, 'shape': (1,), }",
                "{\"shape\": (1L,), \"fortran_order\": True, \"descr\": \">i4\"}   \n",
            ] {
                let a = from_bytes(&file(version, header, &big)).unwrap();
                assert_eq!(a.to_vec::<i32>().unwrap(), [258]);
            }
        }
        let a =
            from_bytes(&file(1, "{'descr':'|u1','fortran_order':True,'shape':(2,3)}", &[1, 4, 2, 5, 3, 6]));
        assert_eq!(a.unwrap().data, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn what_is_not_numbers_is_named() {
        for (descr, word) in [
            ("|O", "objects"),
            ("<U3", "strings"),
            ("|S4", "strings"),
            ("<c8", "complex"),
            ("<M8[s]", "dates"),
        ] {
            let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (1,), }}");
            let e = from_bytes(&file(1, &header, &[0; 16])).unwrap_err().to_string();
            assert!(e.contains(word) && e.contains(descr), "{e}");
        }
        let header = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }";
        assert!(from_bytes(&file(1, header, &[])).unwrap_err().to_string().contains("structured"));
    }

    #[test]
    fn truncation_names_both_counts() {
        let bytes = to_bytes(&Array::from_slice([4], &[1f64, 2.0, 3.0, 4.0]).unwrap()).unwrap();
        let e = from_bytes(&bytes[..bytes.len() - 5]).unwrap_err();
        assert_eq!(e.to_string(), "expected 32 bytes of npy data, received 27; the file is truncated");
        for cut in 0..bytes.len() {
            assert!(from_bytes(&bytes[..cut]).is_err());
        }
    }

    #[test]
    fn absurd_headers_are_errors() {
        for shape in ["(99999999999999999999,)", "(4294967296, 4294967296)", "(-1,)", "(1", "1", "(1, x)"] {
            let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
            assert!(from_bytes(&file(1, &header, &[0; 64])).is_err(), "{shape}");
        }
        // A terabyte is declared, nothing is there: the error comes without the memory.
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (137438953472,), }";
        assert!(from_bytes(&file(1, header, &[0; 64])).is_err());
        assert!(from_bytes(&file(4, "{}", &[])).is_err());
        assert!(from_bytes(b"PK\x03\x04 a zip file").unwrap_err().to_string().contains("not an npy file"));
    }
}
