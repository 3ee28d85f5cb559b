//! Rhyton's CPU backend: fused loops, matrix products and other kernels
