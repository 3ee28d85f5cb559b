//! Layers that take one number a channel from all places.

mod global;

pub use global::{
    GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D, GlobalMaxPooling1D,
    GlobalMaxPooling2D, GlobalMaxPooling3D,
};

/// Another name of [`GlobalAveragePooling1D`].
pub type GlobalAvgPool1D = GlobalAveragePooling1D;
/// Another name of [`GlobalAveragePooling2D`].
pub type GlobalAvgPool2D = GlobalAveragePooling2D;
/// Another name of [`GlobalAveragePooling3D`].
pub type GlobalAvgPool3D = GlobalAveragePooling3D;
/// Another name of [`GlobalMaxPooling1D`].
pub type GlobalMaxPool1D = GlobalMaxPooling1D;
/// Another name of [`GlobalMaxPooling2D`].
pub type GlobalMaxPool2D = GlobalMaxPooling2D;
/// Another name of [`GlobalMaxPooling3D`].
pub type GlobalMaxPool3D = GlobalMaxPooling3D;
