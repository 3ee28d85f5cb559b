//! Images: `keras.ops.image`.
//!
//! An image is `[height, width, channels]`, or `[channels, height, width]` with channels first; most functions take a
//! batch of them too. Those that interpolate have gradients with respect to the image.

mod color;
mod filters;
mod frame;
mod resample;
mod resize;
mod similarity;
mod transform;

pub use super::patches::PatchOptions;
pub use super::spatial::{DataFormat, Padding, Sizes};
pub use color::{hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv};
pub use filters::{gaussian_blur, sobel_edges};
pub use frame::{Frame, crop_images, extract_patches, extract_patches_3d, pad_images, reconstruct_patches};
pub use resample::{FillMode, Interpolation, map_coordinates};
pub use resize::{ResizeOptions, resize, scale_and_translate};
pub use similarity::{SsimOptions, ssim};
pub use transform::{TransformOptions, affine_transform, elastic_transform, perspective_transform};
