#![forbid(unsafe_code)]
//! Keras for Rust: define, train, inspect, save and deploy neural networks in one native program
