#![forbid(unsafe_code)]
//! Rhyton's file formats: npy, npz, HDF5, zip
