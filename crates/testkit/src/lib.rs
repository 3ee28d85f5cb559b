#![forbid(unsafe_code)]
//! Rhyton's test helpers: golden values and gradient checks
