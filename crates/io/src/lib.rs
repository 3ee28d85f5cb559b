#![forbid(unsafe_code)]
//! File formats as plain data: arrays in and out of `.npy`, `.npz`, HDF5 weight trees, `.keras` archives and IDX.
//!
//! | module | reads | writes |
//! |---|---|---|
//! | [`npy`] | versions 1 to 3, both byte orders, both memory orders | version 1 (2 for long headers) |
//! | [`npz`] | stored and deflated members | stored or deflated |
//! | [`NpyRows`], [`NpzStream`] | rows of arrays larger than memory | nothing |
//! | [`hdf5`] | a tree of groups, datasets and text attributes | the same, contiguous and little-endian |
//! | [`archive`] | `.keras` containers, stored or deflated | stored, byte for byte reproducible |
//! | [`safetensors`] | arrays and texts | the same |
//! | [`events`] | TensorBoard's event files | the same, as they grow |
//! | [`idx`] | IDX, plain or gzipped | nothing |
//! | [`pickle`] | lists, dictionaries and arrays in Python's pickles | nothing |
//! | [`tar`] | the files of `.tar.gz` archives | nothing |
//!
//! Every reader takes its input as hostile: sizes are checked against what the input can hold before memory is
//! taken, nothing is followed outside the file, and a damaged file is an error and never a panic.
//!
//! This crate knows arrays, names and bytes. It knows nothing of layers, of tensors on devices, or of what the
//! JSON inside an archive means.

pub mod archive;
mod array;
mod atomic;
pub mod events;
mod files;
pub mod hdf5;
pub mod idx;
pub mod npy;
pub mod npz;
pub mod pickle;
mod picture;
mod rows;
pub mod safetensors;
pub mod tar;
mod zipped;

pub use archive::KerasArchive;
pub use array::Array;
pub use atomic::write_atomic;
pub use hdf5::{WeightsFile, WeightsWriter};
pub use npz::{Compression, Npz, write_npz};
pub use picture::encode_png;
pub use rows::{NpyRows, NpzStream};
pub use safetensors::Safetensors;
