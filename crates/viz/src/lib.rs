#![forbid(unsafe_code)]
//! Rhyton's pictures: summaries, image grids and plots
