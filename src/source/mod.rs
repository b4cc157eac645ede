//! Files to desired personas: finding, reading, composing, tags, settings.
//!
//! Pure but for [`disk`], which implements [`Files`] on the file system; a Git revision or a table in a test are
//! other implementations. Knows nothing of the API, of live personas or of output.

pub mod compose;
pub mod disk;
pub mod files;
pub mod memory;
pub mod node;
pub mod scalar;
pub mod text;

pub use disk::Disk;
pub use files::{FileError, Files, Listing};
pub use memory::Memory;
