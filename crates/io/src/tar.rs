//! The files of a gzipped tar archive, in which CIFAR is published.
//!
//! A tar is a row of blocks of 512 bytes: a header with name, size and checksum, then the file, filled up to whole
//! blocks; two blocks of zeros end it. Format: POSIX.1-1988 `ustar`.

use crate::files::{open, read_exactly, shown};
use crate::zipped::check_ratio;
use flate2::read::MultiGzDecoder;
use rhyton_base::{Context, Error, Result};
use std::io::{BufReader, Read, copy, sink};
use std::path::Path;

const BLOCK: usize = 512;

/// The contents of these files of a `.tar.gz` archive, in the order asked for; reading ends with the last of them.
///
/// An error where one is not there or the archive is damaged. Memory grows with what the archive really holds, and
/// sizes that only a bomb would have are refused.
///
/// ```no_run
/// let batches = rhyton_io::tar::read_gz("cifar-100-python.tar.gz", &["cifar-100-python/train"])?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn read_gz(path: impl AsRef<Path>, names: &[&str]) -> Result<Vec<Vec<u8>>> {
    let path = path.as_ref();
    let file = open(path)?;
    let load = || {
        let packed = file.metadata()?.len();
        read(&mut MultiGzDecoder::new(BufReader::with_capacity(1 << 16, file)), packed, names)
    };
    load().at(|| shown(path))
}

fn read(reader: &mut dyn Read, packed: u64, names: &[&str]) -> Result<Vec<Vec<u8>>> {
    let mut found: Vec<Option<Vec<u8>>> = vec![None; names.len()];
    let mut total = 0u64;
    while found.iter().any(Option::is_none) {
        let header = read_exactly(reader, BLOCK, "a tar header").map_err(damaged)?;
        let Some(entry) = Entry::parse(&header)? else { break };
        total = total.saturating_add(entry.size);
        check_ratio(total, packed).at(|| format!("member {:?}", entry.name))?;
        let wanted = names.iter().position(|n| *n == entry.name).filter(|_| entry.is_file);
        let rest = (BLOCK as u64 - entry.size % BLOCK as u64) % BLOCK as u64;
        let skipped = match wanted {
            Some(at) => {
                let size = usize::try_from(entry.size).unwrap_or(usize::MAX);
                let content = read_exactly(reader, size, "the member").map_err(damaged);
                found[at] = Some(content.at(|| format!("member {:?}", entry.name))?);
                rest
            }
            None => entry.size + rest,
        };
        let passed = copy(&mut reader.take(skipped), &mut sink()).map_err(|e| damaged(e.into()))?;
        if passed != skipped {
            return Err(damaged(Error::format("it ends in the middle of a member")));
        }
    }
    let missing = |(content, name): (Option<Vec<u8>>, &&str)| {
        content.ok_or_else(|| {
            Error::name(format!("there is no member {name:?}; check that this is the file you meant"))
        })
    };
    found.into_iter().zip(names).map(missing).collect()
}

fn damaged(e: Error) -> Error {
    Error::format(format!("not a whole .tar.gz archive ({}); copy or download it again", e.message()))
}

struct Entry {
    name: String,
    size: u64,
    is_file: bool,
}

impl Entry {
    /// What a header says; `None` for the zeros at the end.
    fn parse(header: &[u8]) -> Result<Option<Entry>> {
        if header.iter().all(|b| *b == 0) {
            return Ok(None);
        }
        // The sum of all bytes, those of the checksum itself counted as spaces.
        let sum: u64 = header.iter().map(|b| u64::from(*b)).sum();
        let own: u64 = header[148..156].iter().map(|b| u64::from(*b)).sum();
        let size = octal(&header[124..136]);
        let (Some(size), true) = (size, octal(&header[148..156]) == Some(sum - own + 8 * 32)) else {
            return Err(damaged(Error::format("a header with a wrong checksum or size")));
        };
        let text = |field: &[u8]| {
            let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
            String::from_utf8_lossy(&field[..end]).into_owned()
        };
        let mut name = text(&header[..100]);
        let prefix = if &header[257..262] == b"ustar" { text(&header[345..500]) } else { String::new() };
        if !prefix.is_empty() {
            name = format!("{prefix}/{name}");
        }
        Ok(Some(Entry { name, size, is_file: matches!(header[156], 0 | b'0') }))
    }
}

/// An octal number with spaces or zeros around it. Sizes in another notation, of 8 GiB and more, are refused.
fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?;
    u64::from_str_radix(text.trim_matches([' ', '\0']), 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn member(name: &str, content: &[u8]) -> Vec<u8> {
        let mut header = vec![0; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = b'0';
        let sum: u64 = header.iter().map(|b| u64::from(*b)).sum();
        header[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
        header.extend(content);
        header.resize(header.len().next_multiple_of(BLOCK), 0);
        header
    }

    fn packed(tar: &[u8]) -> Vec<u8> {
        let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
        gz.write_all(tar).unwrap();
        gz.finish().unwrap()
    }

    fn unpack(bytes: &[u8], names: &[&str]) -> Result<Vec<Vec<u8>>> {
        read(&mut MultiGzDecoder::new(bytes), bytes.len() as u64, names)
    }

    #[test]
    fn members_in_the_order_asked_for() {
        let tar = [member("d/a", b"one"), member("d/skipped", &[7; 1000]), member("d/b", &[9; 512])].concat();
        let bytes = packed(&[tar, vec![0; 1024]].concat());
        assert_eq!(unpack(&bytes, &["d/b", "d/a"]).unwrap(), [vec![9; 512], b"one".to_vec()]);
        let e = unpack(&bytes, &["d/c"]).unwrap_err().to_string();
        assert_eq!(e, "there is no member \"d/c\"; check that this is the file you meant");
    }

    #[test]
    fn damage_is_an_error() {
        let bytes = packed(&[member("a", &[1; 3000]), member("b", b"end"), vec![0; 1024]].concat());
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 0xFF;
            let _ = unpack(&bad, &["a", "b"]);
        }
        for at in 0..bytes.len() - 60 {
            assert!(unpack(&bytes[..at], &["a", "b"]).is_err(), "cut at {at}");
        }
        let e = unpack(b"<html>404</html>", &["a"]).unwrap_err().to_string();
        assert!(e.contains("not a whole .tar.gz archive"), "{e}");
        let mut lying = member("a", b"x");
        lying[124..135].copy_from_slice(b"77777777777");
        assert!(unpack(&packed(&lying), &["a"]).is_err());
    }
}
