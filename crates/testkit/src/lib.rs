#![forbid(unsafe_code)]
//! The golden values made with Keras (in `golden/`, beside the scripts that make them) and the tests that look at
//! the repository itself (in `tests/`). There is no code here for others to use.
