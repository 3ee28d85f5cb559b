#![forbid(unsafe_code)]
//! Rhyton's operations: one file an op, with shape rule, lowering, gradient rule and sample domain
