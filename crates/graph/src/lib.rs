#![forbid(unsafe_code)]
//! Rhyton's graph compiler: tracing, fusion, buffer planning and compiled functions
