//! What the table says of one field, and the words the table is written in.

use super::sibling::Sibling;

/// One row of the schema table.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The pointer, with `*` for any list index.
    pub pattern: &'static str,
    /// The JSON type.
    pub kind: Kind,
    /// One sentence for people: reference page, JSON Schema.
    pub doc: &'static str,
    /// What values a text may have.
    pub values: Values,
    /// Values that are still read but should no longer be written.
    pub stale: &'static [&'static str],
    /// Least and greatest number, both allowed.
    pub range: Option<(f64, f64)>,
    /// Longest text, in characters; for a list of texts, of each.
    pub max_chars: Option<usize>,
    /// Longest list.
    pub max_items: Option<usize>,
    /// What the server fills in, or acts on, where nothing is set.
    pub default: Option<DefaultValue>,
    /// `""`, `{}` and `[]` mean the same as absent.
    pub empty_is_absent: bool,
    /// What of it must not be shown.
    pub secrecy: Secrecy,
    /// The server does not give back what it was sent.
    pub lossy: bool,
    /// Only the server sets it; never compared, never sent.
    pub read_only: bool,
    /// Must be patched in a request of its own.
    pub sent_alone: bool,
    /// The order of the list means nothing.
    pub unordered: bool,
    /// Why it should no longer be used, and what instead.
    pub deprecated: Option<&'static str>,
    /// The pointer that took its place.
    pub renamed_to: Option<&'static str>,
    /// The kind of sibling whose id it holds.
    pub sibling: Option<Sibling>,
    /// A pointer that must be sent in the same request whenever this one is.
    pub requires: Option<&'static str>,
}

/// JSON types as the table names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// true or false.
    Bool,
    /// A number.
    Number,
    /// A list of strings.
    TextList,
    /// A list of objects; the rows with `*` say what is in them.
    ObjectList,
    /// An object.
    Object(Members),
    /// Anything.
    Any,
}

/// Whether an object may have members that the table does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Members {
    /// A member that is not listed is reported as unknown.
    Listed,
    /// Any member is welcome.
    Free,
}

/// What values a text may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// Any text.
    Any,
    /// One of these: anything else is an error.
    Closed(&'static [&'static str]),
    /// One of these, or a newer one: anything else is a warning.
    Open(&'static [&'static str]),
}

/// A documented default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DefaultValue {
    /// null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A text.
    Text(&'static str),
    /// Filled in, but which value is not documented or changes with time.
    Unstated,
}

impl DefaultValue {
    /// As JSON, where it is stated.
    #[must_use]
    pub fn value(self) -> Option<serde_json::Value> {
        match self {
            DefaultValue::Null => Some(serde_json::Value::Null),
            DefaultValue::Bool(flag) => Some(flag.into()),
            DefaultValue::Text(text) => Some(text.into()),
            DefaultValue::Unstated => None,
        }
    }
}

/// What of a value must not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// Nothing is secret.
    Open,
    /// It and all below it.
    Whole,
    /// What stands under a telling name (`token`, `api_key`) below it.
    ByName,
}

const fn field(pattern: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field {
        pattern,
        kind,
        doc,
        values: Values::Any,
        stale: &[],
        range: None,
        max_chars: None,
        max_items: None,
        default: None,
        empty_is_absent: false,
        secrecy: Secrecy::Open,
        lossy: false,
        read_only: false,
        sent_alone: false,
        unordered: false,
        deprecated: None,
        renamed_to: None,
        sibling: None,
        requires: None,
    }
}

pub(super) const fn text(pattern: &'static str, doc: &'static str) -> Field {
    field(pattern, Kind::Text, doc)
}

pub(super) const fn flag(pattern: &'static str, doc: &'static str) -> Field {
    field(pattern, Kind::Bool, doc)
}

pub(super) const fn number(pattern: &'static str, doc: &'static str) -> Field {
    field(pattern, Kind::Number, doc)
}

pub(super) const fn any(pattern: &'static str, doc: &'static str) -> Field {
    field(pattern, Kind::Any, doc)
}

pub(super) const fn object(pattern: &'static str, doc: &'static str) -> Field {
    field(pattern, Kind::Object(Members::Listed), doc)
}

pub(super) const fn free(pattern: &'static str, doc: &'static str) -> Field {
    let mut row = field(pattern, Kind::Object(Members::Free), doc);
    row.secrecy = Secrecy::ByName;
    row
}

/// A list of texts; an empty one is the same as none.
pub(super) const fn texts(pattern: &'static str, doc: &'static str) -> Field {
    field(pattern, Kind::TextList, doc).empty_is_absent()
}

/// A list of objects; an empty one is the same as none.
pub(super) const fn objects(pattern: &'static str, doc: &'static str) -> Field {
    field(pattern, Kind::ObjectList, doc).empty_is_absent()
}

/// Set by the server.
pub(super) const fn server(pattern: &'static str, doc: &'static str) -> Field {
    let mut row = field(pattern, Kind::Any, doc);
    row.read_only = true;
    row
}

impl Field {
    pub(super) const fn closed(mut self, values: &'static [&'static str]) -> Self {
        self.values = Values::Closed(values);
        self
    }

    pub(super) const fn open(mut self, values: &'static [&'static str]) -> Self {
        self.values = Values::Open(values);
        self
    }

    pub(super) const fn stale(mut self, values: &'static [&'static str]) -> Self {
        self.stale = values;
        self
    }

    pub(super) const fn range(mut self, least: f64, greatest: f64) -> Self {
        self.range = Some((least, greatest));
        self
    }

    pub(super) const fn max_chars(mut self, most: usize) -> Self {
        self.max_chars = Some(most);
        self
    }

    pub(super) const fn max_items(mut self, most: usize) -> Self {
        self.max_items = Some(most);
        self
    }

    pub(super) const fn default(mut self, value: DefaultValue) -> Self {
        self.default = Some(value);
        self
    }

    pub(super) const fn default_text(self, value: &'static str) -> Self {
        self.default(DefaultValue::Text(value))
    }

    pub(super) const fn empty_is_absent(mut self) -> Self {
        self.empty_is_absent = true;
        self
    }

    pub(super) const fn secret(mut self) -> Self {
        self.secrecy = Secrecy::Whole;
        self
    }

    pub(super) const fn lossy(mut self) -> Self {
        self.lossy = true;
        self
    }

    pub(super) const fn sent_alone(mut self) -> Self {
        self.sent_alone = true;
        self
    }

    pub(super) const fn unordered(mut self) -> Self {
        self.unordered = true;
        self
    }

    pub(super) const fn deprecated(mut self, advice: &'static str) -> Self {
        self.deprecated = Some(advice);
        self
    }

    pub(super) const fn renamed_to(mut self, pointer: &'static str) -> Self {
        self.renamed_to = Some(pointer);
        self
    }

    pub(super) const fn sibling(mut self, sibling: Sibling) -> Self {
        self.sibling = Some(sibling);
        self
    }

    pub(super) const fn requires(mut self, pointer: &'static str) -> Self {
        self.requires = Some(pointer);
        self
    }

    /// The pattern's segments.
    pub fn segments(&self) -> impl Iterator<Item = &'static str> {
        self.pattern.split('/').skip(1)
    }

    /// One sentence about why it should no longer be used.
    #[must_use]
    pub fn deprecation(&self) -> Option<String> {
        let advice = self.deprecated?;
        Some(match advice.strip_prefix("deprecated") {
            Some(rest) => format!("Deprecated{rest}."),
            None => format!("Deprecated: {advice}."),
        })
    }

    /// The last segment: what the field is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.pattern.rsplit('/').next().unwrap_or(self.pattern)
    }
}
