//! Sounds in folders.

use super::options::DirectoryOptions;
use super::{DirectoryDataset, Index, both_parts, one_part, shown};
use crate::dataset::parallel::guarded;
use crate::dataset::{AUTOTUNE, Dataset, Element};
use rhyton_base::{Context, DType, Error, Layout, Result, element_count};
use rhyton_runtime::Storage;
use rhyton_tensor::{Tensor, ops};
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

const ENDINGS: [&str; 1] = [".wav"];

/// The sounds (`.wav`) of a folder with labels, in batches of shape `(batch, samples, channels)`, `float32` from -1 to 1.
///
/// Each folder in it is a class: their names, sorted, are numbered from 0. Files are decoded by all threads while others are
/// used. Shorter sounds of a batch end in zeros; with
/// [`output_sequence_length`](DirectoryOptions::output_sequence_length) all have one length. Whole numbers of b bits are divided
/// by `2^(b - 1)`. Sounds keep their sampling rate.
///
/// # Errors
/// Where there is no such folder or no sound in it, or options do not fit each other; in the place of a batch, where a
/// file is damaged or sounds of a batch differ in their channels.
///
/// ```
/// use rhyton_data::{DirectoryOptions, audio_dataset_from_directory};
/// # let folder = std::env::temp_dir().join(format!("rhyton-doc-audio-{}", std::process::id()));
/// # for (class, samples) in [("high", &[0i16, 16384, -32768][..]), ("low", &[8192])] {
/// #     std::fs::create_dir_all(folder.join(class)).unwrap();
/// #     let length = samples.len() as u32 * 2;
/// #     let mut wav = [&b"RIFF"[..], &(36 + length).to_le_bytes(), b"WAVEfmt \x10\0\0\0\x01\0\x01\0"].concat();
/// #     wav.extend([8000u32.to_le_bytes(), 16000u32.to_le_bytes()].concat());
/// #     wav.extend([&b"\x02\0\x10\0data"[..], &length.to_le_bytes()].concat());
/// #     wav.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
/// #     std::fs::write(folder.join(class).join("1.wav"), wav).unwrap();
/// # }
/// let options = DirectoryOptions::new().shuffle(false).verbose(false);
/// let sounds = audio_dataset_from_directory(&folder, options)?;
/// assert_eq!(sounds.class_names(), ["high", "low"]);
/// let batch = sounds.iter().next().unwrap()?;
/// assert_eq!(batch[0].shape(), [2, 3, 1]);
/// assert_eq!(batch[0].to_vec::<f32>()?, [0.0, 0.5, -1.0, 0.25, 0.0, 0.0]);
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/utils/audio_dataset_utils.py`.
pub fn audio_dataset_from_directory(
    directory: impl AsRef<Path>,
    options: DirectoryOptions,
) -> Result<DirectoryDataset> {
    one_part("audio_dataset_from_directory", directory.as_ref(), &ENDINGS, &options, dataset)
}

/// The sounds to train with and those held out, as [`audio_dataset_from_directory`] with `subset` "both" in Keras.
///
/// # Errors
/// As [`audio_dataset_from_directory`].
pub fn audio_datasets_from_directory(
    directory: impl AsRef<Path>,
    options: DirectoryOptions,
) -> Result<(DirectoryDataset, DirectoryDataset)> {
    both_parts("audio_datasets_from_directory", directory.as_ref(), &ENDINGS, &options, dataset)
}

fn dataset(index: Index, o: &DirectoryOptions, seed: u32) -> Result<DirectoryDataset> {
    if o.output_sequence_length == Some(0) {
        return Err(Error::value("expected an output_sequence_length of at least 1, got 0"));
    }
    let (class_names, file_paths) = (index.class_names.clone(), index.paths.clone());
    let mut numbers = Dataset::range(index.paths.len());
    if o.shuffle {
        numbers = numbers.shuffle(o.shuffle_buffer(), seed);
    }
    let (length, single) = (o.output_sequence_length, o.batch_size == 0);
    let load = move |numbers: Tensor| {
        let places: Vec<usize> = numbers.to_vec::<i64>()?.into_iter().map(|i| i as usize).collect();
        let mut element = batch(&index, &places, length)?;
        if single {
            element = element.iter().map(|x| ops::squeeze(x, 0)).collect::<Result<_>>()?;
        }
        Ok(element)
    };
    // The threads decode.
    let dataset = numbers.batch(o.batch_size.max(1)).map_parallel(load, AUTOTUNE).prefetch(AUTOTUNE);
    Ok(DirectoryDataset { dataset, class_names, file_paths })
}

/// Some sounds of one length, and their labels where there are some.
fn batch(index: &Index, places: &[usize], length: Option<usize>) -> Result<Element> {
    let load = |&i: &usize| {
        let path = &index.paths[i];
        guarded(|| decode(&std::fs::read(path)?)).at(|| shown(path))
    };
    let sounds = places.iter().map(load).collect::<Result<Vec<_>>>()?;
    let channels = sounds.first().map_or(1, |s| s.0);
    if let Some(i) = sounds.iter().position(|s| s.0 != channels) {
        return Err(Error::shape(format!(
            "expected {channels} channels as in {}, got {}; batch sounds of one kind",
            shown(&index.paths[places[0]]),
            sounds[i].0
        ))
        .at(shown(&index.paths[places[i]])));
    }
    let longest = sounds.iter().map(|s| s.1.len() / channels).max().unwrap_or(0);
    let shape = [sounds.len(), length.unwrap_or(longest), channels];
    let mut storage = Storage::zeroed(element_count(&shape)? * size_of::<f32>())?;
    let row = shape[1] * channels;
    if row > 0 {
        let numbers: &mut [f32] = bytemuck::cast_slice_mut(storage.bytes_mut());
        for ((_, sound), to) in sounds.iter().zip(numbers.chunks_exact_mut(row)) {
            let n = sound.len().min(row);
            to[..n].copy_from_slice(&sound[..n]);
        }
    }
    let mut element = vec![Tensor::from_storage(Arc::new(storage), DType::F32, Layout::contiguous(&shape))];
    element.extend(index.labels_of(places)?);
    Ok(element)
}

/// How many channels, and the samples of all of them in turn.
fn decode(bytes: &[u8]) -> Result<(usize, Vec<f32>)> {
    let damaged = |e: hound::Error| {
        Error::format(format!("cannot be read as WAV ({e}); the file is damaged or of another kind"))
    };
    let mut reader = hound::WavReader::new(Cursor::new(bytes)).map_err(damaged)?;
    let spec = reader.spec();
    let channels = usize::from(spec.channels);
    if channels == 0 {
        return Err(Error::format("a sound without channels"));
    }
    let samples: std::result::Result<Vec<f32>, hound::Error> = match spec.sample_format {
        hound::SampleFormat::Float => reader.samples::<f32>().collect(),
        hound::SampleFormat::Int => {
            let whole = 2f64.powi(i32::from(spec.bits_per_sample) - 1);
            reader.samples::<i32>().map(|s| s.map(|s| (f64::from(s) / whole) as f32)).collect()
        }
    };
    let mut samples = samples.map_err(damaged)?;
    samples.truncate(samples.len() / channels * channels);
    Ok((channels, samples))
}
