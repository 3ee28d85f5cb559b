#![forbid(unsafe_code)]
//! Rhyton's datasets and data pipelines
