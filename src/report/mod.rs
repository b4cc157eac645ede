//! Turning plans and findings into output: every function writes to an `impl Write` that it is given.

pub mod escape;
