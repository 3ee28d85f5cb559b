//! Rhyton's tensors, variables and gradient tape
