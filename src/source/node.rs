//! A value as a file says it: with its place, its key's place and its tag.

use crate::persona::Location;
use serde_json::{Number, Value};

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub content: Content,
    /// Where it stands, its tag included.
    pub at: Location,
    /// A tag of ours, to be resolved.
    pub tag: Option<Tag>,
    /// How it is written.
    pub style: Style,
    /// It has an anchor, or came here by an alias or a merge key: changing its text would change other places, too.
    pub shared: bool,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A scalar without quotation marks.
    Plain,
    /// In single quotation marks.
    Single,
    /// In double quotation marks.
    Double,
    /// A `|` or `>` block; its place is that of its text, below the mark.
    Block,
    /// A collection in brackets.
    Flow,
    /// A collection by indentation.
    Indented,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// null, or a value that was refused: the refusal is reported, and nothing further about it.
    Null,
    /// true or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text; under a tag, its argument.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// An object, in the order of the file.
    Map(Vec<Member>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_at: Location,
    /// The value.
    pub value: Node,
}

/// The tags that have a meaning here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// `!file path`: the text of a file.
    File,
    /// `!env NAME`: a secret from the environment.
    Env,
    /// `!var NAME`: a value of the environment's `vars:`.
    Var,
    /// `!ref NAME`: the id of a sibling with this name.
    Ref,
}

impl Tag {
    /// All tags, as they are written, with what they take.
    pub const ALL: [(&'static str, Tag, &'static str); 4] = [
        ("!file", Tag::File, "a path relative to the file"),
        ("!env", Tag::Env, "the name of an environment variable"),
        ("!var", Tag::Var, "the name of one of the environment's `vars`"),
        ("!ref", Tag::Ref, "the name of a sibling"),
    ];

    /// As it is written.
    #[must_use]
    pub fn written(self) -> &'static str {
        match self {
            Tag::File => "!file",
            Tag::Env => "!env",
            Tag::Var => "!var",
            Tag::Ref => "!ref",
        }
    }
}

impl Node {
    /// A null at a place.
    #[must_use]
    pub fn null(at: Location) -> Self {
        Node { content: Content::Null, at, tag: None, style: Style::Plain, shared: false }
    }

    /// The members, of an object.
    #[must_use]
    pub fn members(&self) -> Option<&[Member]> {
        match &self.content {
            Content::Map(members) if self.tag.is_none() => Some(members),
            _ => None,
        }
    }

    /// The elements, of a list.
    #[must_use]
    pub fn elements(&self) -> Option<&[Node]> {
        match &self.content {
            Content::List(elements) if self.tag.is_none() => Some(elements),
            _ => None,
        }
    }

    /// The text, of a text without a tag.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) if self.tag.is_none() => Some(text),
            _ => None,
        }
    }

    /// The member with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Member> {
        self.members()?.iter().find(|member| member.key == key)
    }

    /// What kind of value it is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match (&self.content, self.tag) {
            (_, Some(tag)) => tag.written(),
            (Content::Null, None) => "null",
            (Content::Bool(_), None) => "a boolean",
            (Content::Number(_), None) => "a number",
            (Content::Text(_), None) => "a text",
            (Content::List(_), None) => "a list",
            (Content::Map(_), None) => "an object",
        }
    }

    /// As JSON; a tagged value as its argument.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(flag) => Value::Bool(*flag),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(elements) => Value::Array(elements.iter().map(Node::to_json).collect()),
            Content::Map(members) => Value::Object(
                members.iter().map(|member| (member.key.clone(), member.value.to_json())).collect(),
            ),
        }
    }
}
