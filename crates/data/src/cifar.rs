//! What CIFAR-10 and CIFAR-100 have in common: pickled batches of pictures, in an archive or unpacked.

use crate::lookup::find;
use crate::registry::Dataset;
use crate::{Options, Split};
use rhyton_base::{Context, DType, Error, Result, Shape, did_you_mean};
use rhyton_io::pickle::{self, Value};
use rhyton_io::tar;
use rhyton_tensor::Tensor;

/// Numbers of a picture: 3 colours, each 32 by 32.
const PICTURE: usize = 3 * 32 * 32;

/// Where the files of a data set lie inside of its archive, and what they hold.
pub(crate) struct Format {
    pub folder: &'static str,
    /// The key of the labels in a batch.
    pub labels: &'static str,
    /// How many pictures each file holds.
    pub per_file: usize,
    pub classes: i64,
    /// The type of the labels that Keras returns.
    pub label_type: DType,
}

/// Where a picture's colours lie: together at each place, or each by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channels {
    Last,
    First,
}

impl Channels {
    pub(crate) fn parse(name: &str) -> Result<Channels> {
        match name {
            "channels_last" => Ok(Channels::Last),
            "channels_first" => Ok(Channels::First),
            other => Err(Error::value(format!(
                "expected data_format \"channels_last\" or \"channels_first\", received {other:?}{}",
                did_you_mean(other, &["channels_last", "channels_first"])
            ))),
        }
    }
}

/// The contents of files of a data set, out of its archive or where that has been unpacked.
pub(crate) fn files(
    dataset: &Dataset,
    format: &Format,
    names: &[&str],
    options: &Options,
) -> Result<Vec<Vec<u8>>> {
    let archive = &dataset.files[0];
    let path = find(dataset, archive, options).map_err(Error::from)?;
    if path.file_name().is_some_and(|name| name == archive.name) {
        let members: Vec<String> = names.iter().map(|name| format!("{}/{name}", format.folder)).collect();
        return tar::read_gz(&path, &members.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let read = |name: &&str| {
        let file = path.with_file_name(name);
        std::fs::read(&file).map_err(Error::from).at(|| format!("{:?}", file.display().to_string()))
    };
    names.iter().map(read).collect()
}

/// Pictures and labels of some files together: x of shape (n, 32, 32, 3) or (n, 3, 32, 32), y of shape (n, 1).
pub(crate) fn split(
    files: &[(&str, Vec<u8>)],
    format: &Format,
    channels: Channels,
    dataset: &Dataset,
) -> Result<Split> {
    let count = files.len() * format.per_file;
    let (mut pixels, mut labels) = (Vec::with_capacity(count * PICTURE), Vec::with_capacity(count));
    for (name, bytes) in files {
        let foreign = || format!("this is not Keras's {}, move it away or look elsewhere", dataset.name);
        batch(bytes, format, channels, &mut pixels, &mut labels)
            .map_err(|e| Error::new(e.kind(), format!("{e}; {}", foreign())))
            .at(|| format!("file {name:?}"))?;
    }
    let shape = match channels {
        Channels::Last => [labels.len(), 32, 32, 3],
        Channels::First => [labels.len(), 3, 32, 32],
    };
    let y = Tensor::from_slice(&labels, [labels.len(), 1])?.cast(format.label_type);
    Ok((Tensor::from_bytes(&pixels, DType::U8, &shape)?, y))
}

/// Adds one file's pictures and labels.
fn batch(
    bytes: &[u8],
    format: &Format,
    channels: Channels,
    pixels: &mut Vec<u8>,
    labels: &mut Vec<i64>,
) -> Result<()> {
    let dict = pickle::from_bytes(bytes)?;
    let entry = |key: &str| {
        dict.get(key).ok_or_else(|| {
            Error::format(format!("expected a dictionary with {key:?}, received {}", dict.kind()))
        })
    };
    let shape = [format.per_file, PICTURE];
    let data = match entry("data")? {
        Value::Array(a) if a.dtype == DType::U8 && a.shape == shape => a,
        other => {
            let expected = Shape::from(shape);
            return Err(Error::format(format!(
                "\"data\": expected uint8 {expected}, received {}",
                other.kind()
            )));
        }
    };
    let ints = match entry(format.labels)? {
        Value::Ints(ints) if ints.len() == format.per_file => ints,
        other => {
            return Err(Error::format(format!(
                "{:?}: expected a list of {} whole numbers, received {}",
                format.labels,
                format.per_file,
                other.kind()
            )));
        }
    };
    for (at, label) in ints.iter().enumerate() {
        let label = i64::from(*label);
        if !(0..format.classes).contains(&label) {
            return Err(Error::value(format!(
                "{:?}: expected labels from 0 to {}, received {label} at position {at}",
                format.labels,
                format.classes - 1
            )));
        }
        labels.push(label);
    }
    match channels {
        Channels::First => pixels.extend_from_slice(&data.data),
        Channels::Last => {
            for picture in data.data.chunks_exact(PICTURE) {
                let (red, rest) = picture.split_at(PICTURE / 3);
                let (green, blue) = rest.split_at(PICTURE / 3);
                for ((r, g), b) in red.iter().zip(green).zip(blue) {
                    pixels.extend_from_slice(&[*r, *g, *b]);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
