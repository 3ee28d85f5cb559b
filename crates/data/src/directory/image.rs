//! Images in folders.

mod jpeg;

use super::options::{DirectoryOptions, named};
use super::{DirectoryDataset, Index, both_parts, one_part, shown};
use crate::dataset::parallel::guarded;
use crate::dataset::{AUTOTUNE, All, Dataset, Element, Indexed, TensorSpec};
use ::image::{DynamicImage, ImageReader};
use rhyton_base::{Context, DType, Error, Result};
use rhyton_tensor::ops::image::{Interpolation, ResizeOptions, resize};
use rhyton_tensor::{Tensor, ops};
use std::io::Cursor;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

const ENDINGS: [&str; 5] = [".bmp", ".gif", ".jpeg", ".jpg", ".png"];

named! {
    /// The channels of images.
    ColorMode "a color mode":
    /// One: brightness.
    Grayscale "grayscale"
    /// Three.
    Rgb "rgb"
    /// Four, the last of which is opacity.
    Rgba "rgba"
}

impl ColorMode {
    fn channels(self) -> usize {
        match self {
            ColorMode::Grayscale => 1,
            ColorMode::Rgb => 3,
            ColorMode::Rgba => 4,
        }
    }
}

/// The images of a folder (BMP, GIF, JPEG, PNG) with labels, in batches.
///
/// Each folder in it is a class: their names, sorted, are numbered from 0. Batches are `float32` of shape
/// `(batch, height, width, channels)` with numbers from 0 to 255, then labels. Files are read and decoded by all threads
/// while others are used, in an order that follows from the seed. Of animations the first picture counts.
///
/// JPEG is decoded with the accurate transform, as Pillow does it; TensorFlow's default is a faster one that may be a dozen
/// levels off.
///
/// An image that cannot be read is an error in the place of its batch, which names the file.
///
/// # Errors
/// Where there is no such folder or no image in it, or options do not fit each other.
///
/// ```
/// use rhyton_data::{DirectoryOptions, image_dataset_from_directory};
/// # let folder = std::env::temp_dir().join(format!("rhyton-doc-images-{}", std::process::id()));
/// # for class in ["cats", "dogs"] {
/// #     std::fs::create_dir_all(folder.join(class)).unwrap();
/// #     // One white pixel.
/// #     let mut bmp = b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0".to_vec();
/// #     bmp.extend([0; 24]);
/// #     bmp.extend([255, 255, 255, 0]);
/// #     std::fs::write(folder.join(class).join("1.bmp"), bmp).unwrap();
/// # }
/// let options = DirectoryOptions::new().image_size([180, 180]).batch_size(16).verbose(false);
/// let images = image_dataset_from_directory(&folder, options)?;
/// assert_eq!(images.class_names(), ["cats", "dogs"]);
/// let batch = images.iter().next().unwrap()?;
/// assert_eq!((batch[0].shape(), batch[1].shape()), (&[2, 180, 180, 3][..], &[2][..]));
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/utils/image_dataset_utils.py`.
pub fn image_dataset_from_directory(
    directory: impl AsRef<Path>,
    options: DirectoryOptions,
) -> Result<DirectoryDataset> {
    one_part("image_dataset_from_directory", directory.as_ref(), &ENDINGS, &options, dataset)
}

/// The images to train with and those held out, as [`image_dataset_from_directory`] with `subset` "both" in Keras.
///
/// # Errors
/// As [`image_dataset_from_directory`].
pub fn image_datasets_from_directory(
    directory: impl AsRef<Path>,
    options: DirectoryOptions,
) -> Result<(DirectoryDataset, DirectoryDataset)> {
    both_parts("image_datasets_from_directory", directory.as_ref(), &ENDINGS, &options, dataset)
}

fn dataset(index: Index, o: &DirectoryOptions, seed: u32) -> Result<DirectoryDataset> {
    if o.crop_to_aspect_ratio && o.pad_to_aspect_ratio {
        return Err(Error::value("expected one of crop_to_aspect_ratio and pad_to_aspect_ratio, got both"));
    }
    if o.image_size.contains(&0) {
        return Err(Error::value(format!(
            "expected an image_size of at least [1, 1], got {:?}",
            o.image_size
        )));
    }
    let (class_names, file_paths) = (index.class_names.clone(), index.paths.clone());
    let mut dataset = Dataset::new(All(Arc::new(Images { index, options: o.clone() })));
    if o.shuffle {
        dataset = dataset.shuffle(o.shuffle_buffer(), seed);
    }
    // The threads decode.
    dataset = dataset.map_parallel(|e: Element| Ok(e), AUTOTUNE);
    if o.batch_size > 0 {
        dataset = dataset.batch(o.batch_size);
    }
    Ok(DirectoryDataset { dataset: dataset.prefetch(AUTOTUNE), class_names, file_paths })
}

struct Images {
    index: Index,
    options: DirectoryOptions,
}

impl Indexed for Images {
    fn count(&self) -> usize {
        self.index.paths.len()
    }

    fn get(&self, place: usize) -> Result<Element> {
        let path = &self.index.paths[place];
        let image = guarded(|| self.load(path)).at(|| shown(path))?;
        let mut element = vec![image];
        if let Some(label) = self.index.labels_of(&[place])? {
            element.push(ops::squeeze(&label, 0)?);
        }
        Ok(element)
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        None
    }
}

impl Images {
    /// A file's image in the size asked for.
    fn load(&self, path: &Path) -> Result<Tensor> {
        let o = &self.options;
        let bytes = std::fs::read(path)?;
        let image = decode(&bytes, o.color_mode)?;
        let (height, width) = (image.shape()[0], image.shape()[1]);
        let how = ResizeOptions::new().interpolation(o.interpolation);
        if o.pad_to_aspect_ratio {
            return padded(&float(&image, o.interpolation)?, [height, width], o.image_size, how);
        }
        let how = how.crop_to_aspect_ratio(o.crop_to_aspect_ratio);
        resize(&float(&image, o.interpolation)?, o.image_size, how)
    }
}

/// Numbers to be weighed; nearest neighbours are taken as they are.
fn float(image: &Tensor, interpolation: Interpolation) -> Result<Tensor> {
    if interpolation == Interpolation::Nearest { Ok(image.clone()) } else { ops::cast(image, DType::F32) }
}

/// The whole image in the middle, black around it.
fn padded(image: &Tensor, [height, width]: [usize; 2], to: [usize; 2], how: ResizeOptions) -> Result<Tensor> {
    let ratio = (width as f32 / to[1] as f32).max(height as f32 / to[0] as f32);
    let inner = [height, width].map(|n| n as f32 / ratio);
    let sizes = [0, 1].map(|i| (inner[i].floor() as usize).clamp(1, to[i]));
    let before =
        [0, 1].map(|i| (((to[i] as f32 - inner[i]) / 2.0).floor().max(0.0) as usize).min(to[i] - sizes[i]));
    let small = resize(image, sizes, how)?;
    let widths = [0, 1].map(|i| (before[i], to[i] - sizes[i] - before[i]));
    let mut y = small;
    for (axis, (before, after)) in widths.into_iter().enumerate() {
        let bar = |n: usize, y: &Tensor| {
            let mut shape = y.shape().to_vec();
            shape[axis] = n;
            ops::zeros(shape, y.dtype())
        };
        y = ops::concatenate(&[&bar(before, &y)?, &y, &bar(after, &y)?], axis as isize)?;
    }
    Ok(y)
}

/// The pixels of an image file's bytes, `uint8` of shape `(height, width, channels)`.
fn decode(bytes: &[u8], mode: ColorMode) -> Result<Tensor> {
    if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        let (size, channels, pixels) = jpeg::decode(bytes)?;
        return pixels_of(size, channels, pixels, mode);
    }
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    if reader.format().is_none() {
        return Err(Error::format("not an image (BMP, GIF, JPEG or PNG); check what the file is"));
    }
    let image = reader.decode().map_err(damaged)?;
    let size = [image.height() as usize, image.width() as usize];
    let (channels, pixels) = eight_bits(image)?;
    pixels_of(size, channels, pixels, mode)
}

fn damaged(e: impl std::fmt::Display) -> Error {
    Error::format(format!("cannot be read as an image ({e}); the file is damaged or of another kind"))
}

fn pixels_of([height, width]: [usize; 2], from: usize, pixels: Vec<u8>, mode: ColorMode) -> Result<Tensor> {
    if height == 0 || width == 0 {
        return Err(Error::format("an image without pixels"));
    }
    let pixels = with_channels(pixels, from, mode);
    Tensor::from_bytes(&pixels, DType::U8, &[height, width, mode.channels()]).map_err(damaged)
}

/// The channels, and bytes of pixels. Of wider numbers the upper bytes count.
fn eight_bits(image: DynamicImage) -> Result<(usize, Vec<u8>)> {
    let upper = |words: Vec<u16>| words.into_iter().map(|w| (w >> 8) as u8).collect::<Vec<u8>>();
    Ok(match image {
        DynamicImage::ImageLuma8(i) => (1, i.into_raw()),
        DynamicImage::ImageLumaA8(i) => (2, i.into_raw()),
        DynamicImage::ImageRgb8(i) => (3, i.into_raw()),
        DynamicImage::ImageRgba8(i) => (4, i.into_raw()),
        DynamicImage::ImageLuma16(i) => (1, upper(i.into_raw())),
        DynamicImage::ImageLumaA16(i) => (2, upper(i.into_raw())),
        DynamicImage::ImageRgb16(i) => (3, upper(i.into_raw())),
        DynamicImage::ImageRgba16(i) => (4, upper(i.into_raw())),
        _ => return Err(Error::unsupported("images of floating-point numbers")),
    })
}

/// Pixels with other channels: grey is copied to all colours, colours are weighed (0.299, 0.587, 0.114), what has no
/// opacity is opaque.
fn with_channels(pixels: Vec<u8>, from: usize, mode: ColorMode) -> Vec<u8> {
    let channels = mode.channels();
    if from == channels {
        return pixels;
    }
    let mut out = Vec::with_capacity(pixels.len() / from * channels);
    for p in pixels.chunks_exact(from) {
        let (rgb, alpha) = match *p {
            [y] => ([y; 3], 255),
            [y, a] => ([y; 3], a),
            [r, g, b] => ([r, g, b], 255),
            [r, g, b, a] => ([r, g, b], a),
            _ => continue,
        };
        match mode {
            ColorMode::Grayscale if from <= 2 => out.push(rgb[0]),
            ColorMode::Grayscale => {
                let [r, g, b] = rgb.map(u32::from);
                out.push(((19595 * r + 38470 * g + 7471 * b + (1 << 15)) >> 16) as u8);
            }
            ColorMode::Rgb => out.extend(rgb),
            ColorMode::Rgba => out.extend([rgb[0], rgb[1], rgb[2], alpha]),
        }
    }
    out
}
