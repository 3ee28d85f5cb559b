#![forbid(unsafe_code)]
//! Rhyton's layers, losses, metrics, optimizers, initializers and activations
