//! The desired side: what one persona file says.

use super::{Document, Pattern, schema::Sibling, secret::SecretPaths};
use jsonptr::PointerBuf;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// What a persona file asks for, with the place every value came from.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    /// The persona file, relative to the root, with `/`.
    pub file: Arc<str>,
    /// `persona_id`, if the file (or the environment's overlay) pins one.
    pub id: Option<String>,
    /// `persona_name`, if given.
    pub name: Option<String>,
    /// The persona's body as it would be sent: without `persona_id` and `reconcile`, tags resolved. At a path in
    /// [`Desired::unset`] it holds null. An explicit null in the file is null here and asks for removal.
    pub document: Document,
    /// Paths whose value came from `!env`, with the variable's name: secret whatever the schema says.
    pub env: BTreeMap<PointerBuf, String>,
    /// Those of [`Desired::env`] whose variable is not set.
    pub unset: BTreeMap<PointerBuf, String>,
    /// Paths whose value was refused: they hold null, and nothing is concluded from that.
    pub refused: BTreeSet<PointerBuf>,
    /// Paths whose value is the id of a sibling that `!ref` names. They hold null until the account was asked.
    pub references: BTreeMap<PointerBuf, Reference>,
    /// Paths whose text came from a file by `!file`, with that file.
    pub includes: BTreeMap<PointerBuf, Arc<str>>,
    /// Where each value stands.
    pub locations: Locations,
    /// Paths that an earlier revision of the file named and this one does not: they are removed from live.
    pub removed: BTreeSet<PointerBuf>,
    /// The persona's name at the earlier revision, where it was another.
    pub former_name: Option<String>,
    /// The `reconcile:` block, joined with the settings of the project.
    pub reconcile: Reconcile,
}

impl Desired {
    /// What messages call this persona: its name, else its id, else its file.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().or(self.id.as_deref()).unwrap_or(&self.file)
    }

    /// The paths whose values must not be shown.
    #[must_use]
    pub fn secrets(&self) -> SecretPaths {
        SecretPaths::with_env(self.env.keys())
    }
}

/// What a `!ref` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The kind of sibling.
    pub sibling: Sibling,
    /// Its name.
    pub name: String,
}

/// Rules of one persona; pattern lists hold the project's patterns too.
#[derive(Debug, Clone, Default)]
pub struct Reconcile {
    /// Paths that are in neither plan nor patch.
    pub ignore: Vec<Pattern>,
    /// Paths that cannot be compared.
    pub opaque: Vec<Pattern>,
    /// Never deleted, and written only when named on the command line.
    pub protect: bool,
    /// What happens to live values that the file does not name.
    pub unlisted: Unlisted,
}

/// What happens to live values at paths that the file does not name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unlisted {
    /// They stay.
    #[default]
    Keep,
    /// Those that the schema table knows and that differ from their default are removed.
    Remove,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Location {
    /// The file, relative to the root, with `/`.
    pub file: Arc<str>,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// Bytes of the file that the value takes.
    pub span: Range<usize>,
}

/// The place of every value of a document, by pointer, and of the keys of members.
#[derive(Debug, Clone, Default)]
pub struct Locations {
    values: BTreeMap<PointerBuf, Location>,
    keys: BTreeMap<PointerBuf, Location>,
}

impl Locations {
    /// Notes where the value at `pointer` stands.
    pub fn insert(&mut self, pointer: PointerBuf, location: Location) {
        self.values.insert(pointer, location);
    }

    /// Notes where the key of the member at `pointer` stands.
    pub fn insert_key(&mut self, pointer: PointerBuf, location: Location) {
        self.keys.insert(pointer, location);
    }

    /// The place of the key of the member at `pointer`; of an element, the element's.
    #[must_use]
    pub fn key(&self, pointer: &jsonptr::Pointer) -> Option<&Location> {
        self.keys.get(pointer).or_else(|| self.nearest(pointer))
    }

    /// The place of the value at `pointer`, or of the nearest value above it.
    #[must_use]
    pub fn nearest(&self, pointer: &jsonptr::Pointer) -> Option<&Location> {
        let mut at = pointer.to_buf();
        loop {
            if let Some(location) = self.values.get(&at) {
                return Some(location);
            }
            at.pop_back()?;
        }
    }

    /// The place of exactly this value.
    #[must_use]
    pub fn get(&self, pointer: &jsonptr::Pointer) -> Option<&Location> {
        self.values.get(pointer)
    }

    /// All places, in the order of the pointers.
    pub fn iter(&self) -> impl Iterator<Item = (&PointerBuf, &Location)> {
        self.values.iter()
    }
}
