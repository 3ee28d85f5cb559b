#![forbid(unsafe_code)]
//! Rhyton's models: Sequential, compile, fit, evaluate, predict, callbacks and model files
