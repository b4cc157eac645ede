//! Files to desired personas: finding, reading, composing, overlays, tags, settings.
//!
//! Pure but for [`disk`], which implements [`Files`] on the file system; a Git revision or a table in a test are
//! other implementations. Knows nothing of the API, of live personas or of output.

mod ahead;
pub mod compose;
pub mod disk;
pub mod edit;
pub mod emit;
pub mod files;
mod find;
mod interpret;
mod load;
pub mod memory;
pub mod node;
pub mod overlay;
pub mod references;
pub mod scalar;
pub mod settings;
pub mod settings_schema;
pub mod text;
mod typed;
pub mod variables;
pub mod vocabulary;

pub use disk::Disk;
pub use files::{FileError, Files, Listing};
pub use load::{LoadRequest, Loaded, load, load_personas, load_settings};
pub use memory::Memory;
pub use settings::Settings;
pub use variables::Variables;
