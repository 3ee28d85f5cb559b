//! IDX, the big-endian format that MNIST was published in.
//!
//! Two zero bytes, a byte for the type, a byte for the rank, one 32-bit size for each axis, then the elements.
//! Source: <http://yann.lecun.com/exdb/mnist/>.

use crate::array::{Array, swap_bytes};
use crate::files::{read, read_exactly, shown};
use crate::zipped::check_ratio;
use flate2::read::MultiGzDecoder;
use rhyton_base::{Context, DType, Error, Result, Shape, element_count};
use std::io::Read;
use std::path::Path;

/// Reads an IDX file, plain or gzipped.
///
/// ```no_run
/// let images = rhyton_io::idx::load("train-images-idx3-ubyte.gz")?;
/// assert_eq!(images.shape, [60000, 28, 28]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn load(path: impl AsRef<Path>) -> Result<Array> {
    let path = path.as_ref();
    from_bytes(&read(path)?).at(|| shown(path))
}

/// Reads IDX bytes, plain or gzipped; gzip is told by its first two bytes.
///
/// ```
/// let a = rhyton_io::idx::from_bytes(&[0, 0, 0x0B, 1, 0, 0, 0, 2, 0x01, 0x02, 0xFF, 0xFF])?;
/// assert_eq!(a.to_vec::<i16>()?, [0x0102, -1]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn from_bytes(bytes: &[u8]) -> Result<Array> {
    if bytes.starts_with(&[0x1F, 0x8B]) {
        parse(&mut MultiGzDecoder::new(bytes), Some(bytes.len() as u64)).at(|| "gzipped IDX")
    } else {
        parse(&mut &bytes[..], None).at(|| "IDX")
    }
}

/// `packed` is the number of compressed bytes, if the elements are compressed.
fn parse(reader: &mut dyn Read, packed: Option<u64>) -> Result<Array> {
    let magic = read_exactly(reader, 4, "the signature").map_err(damaged)?;
    let dtype = match magic[2] {
        _ if magic[..2] != [0, 0] => None,
        0x08 => Some(DType::U8),
        0x09 => Some(DType::I8),
        0x0B => Some(DType::I16),
        0x0C => Some(DType::I32),
        0x0D => Some(DType::F32),
        0x0E => Some(DType::F64),
        _ => None,
    };
    let dtype = dtype.ok_or_else(|| {
        Error::format(format!(
            "expected the signature 00 00, a type (08, 09, 0B, 0C, 0D or 0E) and a rank, received {:02X} {:02X} \
             {:02X} {:02X}; check that this is an IDX file",
            magic[0], magic[1], magic[2], magic[3]
        ))
    })?;
    let sizes = read_exactly(reader, usize::from(magic[3]) * 4, "the sizes").map_err(damaged)?;
    let shape: Vec<usize> = sizes
        .chunks_exact(4)
        .map(|s| u32::from_be_bytes(s.try_into().expect("four bytes")) as usize)
        .collect();
    let bytes = element_count(&shape)?
        .checked_mul(dtype.size())
        .ok_or_else(|| Error::shape(format!("shape {} is too large", Shape::from(&shape))))?;
    if let Some(packed) = packed {
        check_ratio(bytes as u64, packed)?;
    }
    let mut data = read_exactly(reader, bytes, "elements").map_err(damaged)?;
    // Reading past the end also makes gzip compare its checksum.
    if reader.read(&mut [0]).map_err(|e| damaged(e.into()))? != 0 {
        return Err(Error::format(format!(
            "expected {bytes} bytes of elements for shape {}, received more; the file is damaged",
            Shape::from(&shape)
        )));
    }
    swap_bytes(&mut data, dtype.size());
    Array::new(dtype, shape, data)
}

/// What the decompressor calls an I/O error is damage in the file.
fn damaged(e: Error) -> Error {
    match e.kind() {
        rhyton_base::ErrorKind::Io => Error::format(format!("{}; the file is damaged", e.message())),
        _ => e,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn sample() -> Vec<u8> {
        [&[0, 0, 0x08, 2, 0, 0, 0, 2, 0, 0, 0, 3][..], &[1, 2, 3, 4, 5, 6]].concat()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gz = GzEncoder::new(Vec::new(), Compression::default());
        gz.write_all(bytes).unwrap();
        gz.finish().unwrap()
    }

    #[test]
    fn plain_and_gzipped() {
        for bytes in [sample(), gzip(&sample())] {
            let a = from_bytes(&bytes).unwrap();
            assert_eq!(
                (a.dtype, &a.shape[..], &a.data[..]),
                (DType::U8, &[2, 3][..], &[1, 2, 3, 4, 5, 6][..])
            );
        }
        let float = [&[0, 0, 0x0D, 1, 0, 0, 0, 1][..], &1.5f32.to_be_bytes()].concat();
        assert_eq!(from_bytes(&float).unwrap().to_vec::<f32>().unwrap(), [1.5]);
    }

    #[test]
    fn wrong_sizes_and_signatures() {
        let bytes = sample();
        let e = from_bytes(&bytes[..16]).unwrap_err().to_string();
        assert_eq!(e, "IDX: expected 6 bytes of elements, received 4; the file is truncated");
        assert!(from_bytes(&[bytes, vec![9]].concat()).unwrap_err().to_string().contains("received more"));
        let e = from_bytes(b"\x93NUMPY").unwrap_err().to_string();
        assert!(e.contains("received 93 4E 55 4D"), "{e}");
        // 255 axes of 4 billion elements.
        assert!(from_bytes(&[&[0, 0, 8, 255][..], &[0xFF; 1020]].concat()).is_err());
        // 16 exabytes in one packet of gzip.
        assert!(from_bytes(&gzip(&[&[0, 0, 8, 2][..], &[0x7F; 8]].concat())).is_err());
    }

    #[test]
    fn damaged_gzip() {
        let bytes = gzip(&sample());
        for at in 0..bytes.len() {
            assert!(from_bytes(&bytes[..at]).is_err(), "cut at {at}");
            let mut bad = bytes.clone();
            bad[at] ^= 0x55;
            let _ = from_bytes(&bad);
        }
        let mut bad = bytes.clone();
        let crc = bytes.len() - 8;
        bad[crc] ^= 1;
        assert!(from_bytes(&bad).unwrap_err().to_string().contains("damaged"));
    }
}
