//! Parts of images: cropping, padding, patches.

use crate::ops::patches::{PatchOptions, from_patches, pad_zeros, patches};
use crate::ops::spatial::{DataFormat, check_images};
use crate::ops::{Padding, Sizes, narrow};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Error, Result};

/// What is cut from, or added to, the sides of images: for each direction two of its two sides and the size that is
/// left. Default: channels last.
///
/// ```
/// use rhyton_tensor::ops::image::Frame;
/// let frame = Frame::new().top(2).left(3).target_height(20).target_width(30);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame {
    rows: [Option<usize>; 3],
    columns: [Option<usize>; 3],
    data_format: DataFormat,
}

macro_rules! sides {
    ($($(#[$doc:meta])* $name:ident $field:ident $place:literal;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: usize) -> Frame {
            self.$field[$place] = Some($name);
            self
        }
    )*};
}

impl Frame {
    /// Nothing given yet.
    pub fn new() -> Frame {
        Frame::default()
    }

    sides! {
        /// Rows above.
        top rows 0;
        /// Rows below.
        bottom rows 1;
        /// The height of the result.
        target_height rows 2;
        /// Columns on the left.
        left columns 0;
        /// Columns on the right.
        right columns 1;
        /// The width of the result.
        target_width columns 2;
    }

    /// Where the channels stand.
    #[must_use]
    pub fn data_format(self, data_format: DataFormat) -> Frame {
        Frame { data_format, ..self }
    }

    /// The axis of the rows.
    fn axis(&self, rank: usize) -> usize {
        if self.data_format == DataFormat::ChannelsLast { rank - 3 } else { rank - 2 }
    }
}

/// The first side and the size of the result, where `larger - smaller` is shared out between the two sides.
fn sides(given: [Option<usize>; 3], names: [&str; 3], n: usize, grows: bool) -> Result<(usize, usize)> {
    let result =
        |sides: Option<usize>| sides.and_then(|s| if grows { n.checked_add(s) } else { n.checked_sub(s) });
    let found = match given {
        [Some(first), Some(second), None] => result(first.checked_add(second)).map(|size| (first, size)),
        [Some(first), None, Some(size)] => Some((first, size)),
        [None, Some(second), Some(size)] => {
            let both = if grows { size.checked_sub(n) } else { n.checked_sub(size) };
            both.and_then(|both| both.checked_sub(second)).map(|first| (first, size))
        }
        _ => {
            return Err(Error::value(format!(
                "expected exactly two of {}, {} and {}",
                names[0], names[1], names[2]
            )));
        }
    };
    let size = found.map_or(0, |f| f.1);
    let (larger, smaller) = if grows { (size, n) } else { (n, size) };
    match found {
        Some((first, size)) if smaller.checked_add(first).is_some_and(|end| end <= larger) => {
            Ok((first, size))
        }
        _ => {
            let given = names.iter().zip(given).filter_map(|(name, n)| n.map(|n| format!("{name} {n}")));
            let given = given.collect::<Vec<_>>().join(" and ");
            Err(Error::value(format!("{given} do not fit images of size {n} there")))
        }
    }
}

const ROWS: [&str; 3] = ["top", "bottom", "target_height"];
const COLUMNS: [&str; 3] = ["left", "right", "target_width"];

/// Images with rows and columns of zeros around them.
///
/// ```
/// use rhyton_tensor::{Tensor, ops::image};
/// let x = Tensor::from([[[7]]]);
/// let frame = image::Frame::new().top(1).bottom(0).left(0).target_width(2);
/// assert_eq!(image::pad_images(&x, frame).unwrap().to_vec::<i32>().unwrap(), [0, 0, 7, 0]);
/// ```
///
/// # Errors
/// Where the rank is not 3 or 4, not exactly two numbers are given in a direction, or they do not fit.
pub fn pad_images(images: &Tensor, frame: Frame) -> Result<Tensor> {
    operation("pad_images", &[images], move |x| {
        check_images(x[0])?;
        let axis = frame.axis(x[0].rank());
        let (height, width) = (x[0].shape()[axis], x[0].shape()[axis + 1]);
        let (top, rows) = sides(frame.rows, ROWS, height, true)?;
        let (left, columns) = sides(frame.columns, COLUMNS, width, true)?;
        pad_zeros(x[0], &[(axis, top, rows - height - top), (axis + 1, left, columns - width - left)])
    })
}

/// A part of images.
///
/// # Errors
/// Where the rank is not 3 or 4, not exactly two numbers are given in a direction, or they do not fit.
pub fn crop_images(images: &Tensor, frame: Frame) -> Result<Tensor> {
    operation("crop_images", &[images], move |x| {
        check_images(x[0])?;
        let axis = frame.axis(x[0].rank());
        let (top, rows) = sides(frame.rows, ROWS, x[0].shape()[axis], false)?;
        let (left, columns) = sides(frame.columns, COLUMNS, x[0].shape()[axis + 1], false)?;
        let axis = axis as isize;
        narrow(&narrow(x[0], axis, top, top + rows)?, axis + 1, left, left + columns)
    })
}

/// The patches of images, or of volumes where three sizes are given: windows whose elements become the channels of
/// the result, row by row with the channels of the image last.
///
/// ```
/// use rhyton_tensor::{Tensor, ops::image};
/// let x = Tensor::from([[[1], [2]], [[3], [4]]]);
/// let y = image::extract_patches(&x, [1, 2], image::PatchOptions::new()).unwrap();
/// assert_eq!(y.shape(), [2, 1, 2]);
/// ```
///
/// # Errors
/// Where the rank does not fit, a size or step is 0, or no patch fits into the image.
pub fn extract_patches(images: &Tensor, size: impl Into<Sizes>, options: PatchOptions) -> Result<Tensor> {
    let size = size.into();
    operation("extract_patches", &[images], move |x| {
        patches(x[0], if size.given() == Some(3) { 3 } else { 2 }, &size, &options)
    })
}

/// The patches of volumes; see [`extract_patches`].
///
/// # Errors
/// As [`extract_patches`].
pub fn extract_patches_3d(volumes: &Tensor, size: impl Into<Sizes>, options: PatchOptions) -> Result<Tensor> {
    let size = size.into();
    operation("extract_patches_3d", &[volumes], move |x| patches(x[0], 3, &size, &options))
}

/// The images (two output sizes) or volumes (three) whose patches without overlap these are: what
/// [`extract_patches`] with the same size and padding took apart. With padding "valid" the output size is that of all
/// patches together, with "same" that of the images.
///
/// # Errors
/// Where ranks or sizes do not fit.
pub fn reconstruct_patches(
    patches: &Tensor,
    size: impl Into<Sizes>,
    output_size: &[usize],
    padding: Padding,
    data_format: DataFormat,
) -> Result<Tensor> {
    let (size, output_size) = (size.into(), output_size.to_vec());
    operation("reconstruct_patches", &[patches], move |x| {
        let size = size.along(if size.given() == Some(3) { 3 } else { 2 })?;
        from_patches(x[0], &size, &output_size, padding, data_format)
    })
}
