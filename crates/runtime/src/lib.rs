//! Rhyton's runtime: storage, thread pool, counter-based random numbers and the backend interface
