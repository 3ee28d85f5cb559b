//! Layers that lay the numbers of their input out in another way.

mod cropping;
mod flatten;
mod margins;
mod permute;
mod repeat_vector;
mod reshape;
mod up_sampling;
mod zero_padding;

pub use cropping::{Cropping1D, Cropping2D, Cropping3D};
pub use flatten::Flatten;
pub use margins::Margins;
pub use permute::Permute;
pub use repeat_vector::RepeatVector;
pub use reshape::Reshape;
pub use up_sampling::{UpSampling1D, UpSampling2D, UpSampling3D};
pub use zero_padding::{ZeroPadding1D, ZeroPadding2D, ZeroPadding3D};

use crate::config::DataFormat;

/// The first of the axes between batch and channels.
pub(super) fn first_spatial(format: DataFormat) -> usize {
    match format {
        DataFormat::ChannelsLast => 1,
        DataFormat::ChannelsFirst => 2,
    }
}

/// The axes of an input with so many spatial axes, for errors.
pub(super) fn axes_of(spatial: usize, format: DataFormat) -> &'static str {
    match (spatial, format) {
        (1, DataFormat::ChannelsLast) => "(batch, steps, features)",
        (1, DataFormat::ChannelsFirst) => "(batch, features, steps)",
        (2, DataFormat::ChannelsLast) => "(batch, rows, columns, channels)",
        (2, DataFormat::ChannelsFirst) => "(batch, channels, rows, columns)",
        (_, DataFormat::ChannelsLast) => "(batch, depth, rows, columns, channels)",
        (_, DataFormat::ChannelsFirst) => "(batch, channels, depth, rows, columns)",
    }
}
