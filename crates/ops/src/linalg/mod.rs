//! Linear algebra.

mod cholesky;
mod det;
mod eigh;
mod matmul;
mod parts;
mod pinv;
mod qr;
mod solve;
mod svd;

pub use cholesky::Cholesky;
pub use det::{Det, LuFactor, SlogDet};
pub use eigh::Eigh;
pub use matmul::MatMul;
pub use parts::Factorization;
pub use pinv::Pinv;
pub use qr::Qr;
pub use solve::{Solve, SolveTriangular};
pub use svd::Svd;
