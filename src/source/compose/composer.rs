//! Events to the raw tree: scalars resolved, aliases expanded, keys checked, merge keys still in place.

use super::{MAX_ALIASED, MAX_ALIASED_BYTES, MAX_DEPTH};
use super::{ordinary, syntax};
use crate::diagnostic::Diagnostic;
use crate::persona::Location;
use crate::source::node::{Content, Member, Node, Style, Tag};
use crate::source::scalar::{self, Plain};
use crate::source::text::SourceText;
use granit_parser::{Event, Parser, ScalarStyle, Span, options};
use std::collections::HashMap;
use std::ops::Range;

/// The key that stands for a merge in the raw tree: no file can hold it, as YAML allows no such character.
pub(super) const MERGE_KEY: &str = "\u{0}<<";

/// Reads the text. Also gives what those who check the reading need to know of it.
pub(super) fn run(source: &SourceText) -> (Option<Node>, Vec<Diagnostic>, Scalars) {
    let options = options! {
        block_scalar_eof_without_line_feed: true,
        emit_comments: false,
        simple_key_max_lookahead: 65_536,
    };
    let mut composer = Composer {
        parser: Parser::new_from_str_with_options(&source.text, options),
        source,
        anchors: HashMap::new(),
        open: Vec::new(),
        aliased: 0,
        aliased_bytes: 0,
        scalars: Scalars { ordinary: ordinary::text(&source.text), ..Scalars::default() },
        found: Vec::new(),
    };
    let root = composer.document().unwrap_or(None);
    (root, composer.found, composer.scalars)
}

/// What is noted on the way.
#[derive(Default)]
pub(super) struct Scalars {
    /// The byte ranges of those in double quotation marks.
    pub(super) quoted: Vec<Range<usize>>,
    /// The byte ranges of the texts of `|` blocks.
    pub(super) literals: Vec<Range<usize>>,
    /// Whether there is nothing in the text that readers could differ in.
    pub(super) ordinary: bool,
}

/// The text cannot be read on; why is already in `found`.
struct Stop;

struct Composer<'s> {
    parser: Parser<'s, granit_parser::StrInput<'s>>,
    source: &'s SourceText,
    anchors: HashMap<usize, Anchor>,
    /// Opening brackets of the flow collections being read.
    open: Vec<Location>,
    aliased: usize,
    aliased_bytes: usize,
    scalars: Scalars,
    found: Vec<Diagnostic>,
}

struct Anchor {
    node: Node,
    height: usize,
    count: usize,
    bytes: usize,
}

type Step<'s> = (Event<'s>, Span);

impl<'s> Composer<'s> {
    fn document(&mut self) -> Result<Option<Node>, Stop> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(root),
                Event::DocumentStart(..) if root.is_some() => {
                    let at = self.place(&span);
                    self.found.push(
                        Diagnostic::error("second-document", "a second document starts here", Some(at))
                            .hint("write one document to a file, and remove the `---`"),
                    );
                    return Ok(root);
                }
                Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_) => {
                    root = Some(self.node((event, span), 1)?);
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<Step<'s>, Stop> {
        match self.parser.next_event() {
            Some(Ok(step)) => Ok(step),
            Some(Err(error)) => {
                self.found.push(syntax::explain(self.source, &error, &self.open));
                Err(Stop)
            }
            None => Err(Stop),
        }
    }

    fn node(&mut self, (event, span): Step<'s>, depth: usize) -> Result<Node, Stop> {
        let mut at = self.place(&span);
        if let (Some(start), Some(range)) = (span.tag_start(), span.byte_range()) {
            at.line = start.line();
            at.column = start.col() + 1;
            at.span = start.byte_offset().unwrap_or(range.start)..range.end;
        }
        if depth > MAX_DEPTH {
            self.found.push(
                Diagnostic::error(
                    "too-deep",
                    format!("values are nested more than {MAX_DEPTH} deep"),
                    Some(at),
                )
                .hint("check for a mistake in the indentation; a persona needs a few levels only"),
            );
            return Err(Stop);
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if style == ScalarStyle::DoubleQuoted {
                    self.scalars.quoted.extend(span.byte_range());
                }
                if style == ScalarStyle::Literal {
                    self.scalars.literals.extend(span.byte_range());
                }
                let text = written(text.into_owned(), style, &span);
                let place = span.byte_range().unwrap_or_default();
                self.scalars.ordinary &=
                    tag.is_none() && anchor == 0 && ordinary::scalar(&self.source.text, place, style, &text);
                let mut node = self.scalar(text, style, tag.as_deref(), at);
                node.shared = anchor != 0;
                self.remember(anchor, &node)?;
                Ok(node)
            }
            Event::SequenceStart(style, anchor, tag) => {
                let flow = style == granit_parser::StructureStyle::Flow;
                self.scalars.ordinary &= tag.is_none() && anchor == 0;
                let tag = self.collection_tag(tag.as_deref(), "seq", &at);
                if flow {
                    self.open.push(at.clone());
                }
                let mut elements: Vec<Node> = Vec::new();
                loop {
                    let step = self.next()?;
                    if let Event::SequenceEnd = step.0 {
                        let last = elements.last().map(|element| element.at.span.end);
                        at.span.end = end_of(&step.1, flow, last, at.span.end);
                        break;
                    }
                    elements.push(self.node(step, depth + 1)?);
                }
                if flow {
                    self.open.pop();
                }
                self.scalars.ordinary &= ordinary::collection(&self.source.text, at.span.clone(), style, '[');
                let style = if flow { Style::Flow } else { Style::Indented };
                let shared = anchor != 0;
                let node = Node { content: Content::List(elements), at, tag, style, shared };
                self.remember(anchor, &node)?;
                Ok(node)
            }
            Event::MappingStart(style, anchor, tag) => {
                let flow = style == granit_parser::StructureStyle::Flow;
                self.scalars.ordinary &= tag.is_none() && anchor == 0;
                let tag = self.collection_tag(tag.as_deref(), "map", &at);
                if flow {
                    self.open.push(at.clone());
                }
                let (members, end) = self.members(depth, &at)?;
                let last = members.last().map(|member| member.value.at.span.end);
                at.span.end = end_of(&end, flow, last, at.span.end);
                if flow {
                    self.open.pop();
                }
                self.scalars.ordinary &= ordinary::collection(&self.source.text, at.span.clone(), style, '{');
                let style = if flow { Style::Flow } else { Style::Indented };
                let shared = anchor != 0;
                let node = Node { content: Content::Map(members), at, tag, style, shared };
                self.remember(anchor, &node)?;
                Ok(node)
            }
            Event::Alias(id) => {
                self.scalars.ordinary = false;
                self.alias(id, at, depth)
            }
            _ => {
                self.found.push(Diagnostic::error("yaml-syntax", "a value is missing here", Some(at)));
                Err(Stop)
            }
        }
    }

    /// The members up to the end of the mapping, and the place of that end.
    fn members(&mut self, depth: usize, at: &Location) -> Result<(Vec<Member>, Span), Stop> {
        let mut members: Vec<Member> = Vec::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        loop {
            let step = self.next()?;
            if let Event::MappingEnd = step.0 {
                return Ok((members, step.1));
            }
            let key = self.key(step, depth, at)?;
            let value_step = self.next()?;
            let value = self.node(value_step, depth + 1)?;
            let Some((key, key_at)) = key else { continue };
            match seen.get(&key) {
                Some(&first) => {
                    let first = members[first].key_at.clone();
                    let shown = if key == MERGE_KEY { "<<" } else { key.as_str() };
                    let finding = Diagnostic::error(
                        "repeated-key",
                        format!("`{shown}` is given twice, on lines {} and {}", first.line, key_at.line),
                        Some(key_at),
                    )
                    .related(first, "first given here");
                    self.found.push(if key == MERGE_KEY {
                        finding.hint("merge several at once: `<<: [*one, *two]`")
                    } else {
                        finding.hint("keep one of the two")
                    });
                }
                None => {
                    seen.insert(key.clone(), members.len());
                    members.push(Member { key, key_at, value });
                }
            }
        }
    }

    /// A key; None if it is none, which is then reported.
    fn key(
        &mut self,
        (event, span): Step<'s>,
        depth: usize,
        above: &Location,
    ) -> Result<Option<(String, Location)>, Stop> {
        let at = self.place(&span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if style == ScalarStyle::DoubleQuoted {
                    self.scalars.quoted.extend(span.byte_range());
                }
                let text = written(text.into_owned(), style, &span);
                let place = span.byte_range().unwrap_or_default();
                self.scalars.ordinary &=
                    tag.is_none() && anchor == 0 && ordinary::key(&self.source.text, place, style, &text);
                if tag.as_deref().is_some_and(|tag| tag.core_suffix() != Some("str")) {
                    self.found.push(
                        Diagnostic::error("tag-on-key", "a key cannot have a tag", Some(at.clone()))
                            .hint("put the tag after the colon"),
                    );
                    return Ok(None);
                }
                if style == ScalarStyle::Plain && tag.is_none() {
                    if text == "<<" {
                        return Ok(Some((MERGE_KEY.to_owned(), at)));
                    }
                    let kind = match scalar::plain(&text) {
                        Plain::Text => None,
                        Plain::Null => Some("null"),
                        Plain::Bool(_) => Some("a boolean"),
                        Plain::Number(_) | Plain::Refused(_) => Some("a number"),
                    };
                    if let Some(kind) = kind {
                        let finding = Diagnostic::error(
                            "key-not-text",
                            format!("the key `{text}` is {kind}, not text"),
                            Some(at),
                        );
                        self.found.push(if text.is_empty() {
                            finding.hint("write the key before the colon")
                        } else {
                            finding.hint(format!("quote it: `\"{text}\"`"))
                        });
                        return Ok(None);
                    }
                }
                let node = Node {
                    content: Content::Text(text.clone()),
                    at: at.clone(),
                    tag: None,
                    style: Style::Plain,
                    shared: anchor != 0,
                };
                self.remember(anchor, &node)?;
                Ok(Some((text, at)))
            }
            Event::Alias(id) => {
                self.scalars.ordinary = false;
                let text = self.anchors.get(&id).and_then(|anchor| anchor.node.text().map(str::to_owned));
                if text.is_none() {
                    self.found.push(Diagnostic::error(
                        "key-not-text",
                        "this key is not text",
                        Some(at.clone()),
                    ));
                }
                Ok(text.map(|text| (text, at)))
            }
            event => {
                let template =
                    self.source.text.get(above.span.start..).is_some_and(|text| text.starts_with("{{"));
                let node = self.node((event, span), depth + 1)?;
                self.found.push(if template {
                    Diagnostic::error(
                        "template-braces",
                        "`{{` starts an object in YAML, not a template",
                        Some(Location { span: above.span.start..node.at.span.end, ..above.clone() }),
                    )
                    .hint("quote the whole text: `\"{{ name }}\"`")
                } else {
                    Diagnostic::error(
                        "key-not-text",
                        format!("the key is {}, not text", node.kind()),
                        Some(at),
                    )
                });
                Ok(None)
            }
        }
    }

    fn alias(&mut self, id: usize, at: Location, depth: usize) -> Result<Node, Stop> {
        let Some(anchor) = self.anchors.get(&id) else {
            self.found.push(Diagnostic::error(
                "alias-in-itself",
                "an alias stands inside the value that it repeats",
                Some(at),
            ));
            return Err(Stop);
        };
        if depth + anchor.height > MAX_DEPTH + 1 {
            self.found.push(Diagnostic::error(
                "too-deep",
                format!("with this alias, values are nested more than {MAX_DEPTH} deep"),
                Some(at),
            ));
            return Err(Stop);
        }
        let (count, bytes, node) = (anchor.count, anchor.bytes, anchor.node.clone());
        self.charge(count, bytes, &at)?;
        Ok(Node { at, shared: true, ..node })
    }

    /// Keeps the value of an anchor for its aliases.
    fn remember(&mut self, anchor: usize, node: &Node) -> Result<(), Stop> {
        if anchor != 0 {
            let (count, bytes) = size_of(node);
            self.charge(count, bytes, &node.at)?;
            let anchored = Anchor { node: node.clone(), height: height_of(node), count, bytes };
            self.anchors.insert(anchor, anchored);
        }
        Ok(())
    }

    /// Counts copied values, so that a short file cannot grow without bound.
    fn charge(&mut self, count: usize, bytes: usize, at: &Location) -> Result<(), Stop> {
        self.aliased += count;
        self.aliased_bytes += bytes;
        if self.aliased <= MAX_ALIASED && self.aliased_bytes <= MAX_ALIASED_BYTES {
            return Ok(());
        }
        self.found.push(
            Diagnostic::error("alias-bomb", "anchors and aliases repeat too much", Some(at.clone())).hint(
                format!(
                    "a file may repeat up to {MAX_ALIASED} values and {} MiB of text",
                    MAX_ALIASED_BYTES / 1024 / 1024
                ),
            ),
        );
        Err(Stop)
    }

    fn scalar(
        &mut self,
        text: String,
        style: ScalarStyle,
        tag: Option<&granit_parser::Tag>,
        at: Location,
    ) -> Node {
        let written = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        let node = |content, tag| Node { content, at: at.clone(), tag, style: written, shared: false };
        if let Some(tag) = tag {
            if let Some(ours) = self.our_tag(tag, &at) {
                return node(Content::Text(text), Some(ours));
            }
            let content = match (tag.core_suffix(), scalar::plain(&text)) {
                (Some("str"), _) => Content::Text(text),
                (Some("int" | "float"), Plain::Number(number)) => Content::Number(number),
                (Some("bool"), Plain::Bool(flag)) => Content::Bool(flag),
                (Some("null"), Plain::Null) => Content::Null,
                (Some(kind), _) => {
                    self.found.push(Diagnostic::error(
                        "tag-mismatch",
                        format!("`{text}` is no value of the type `!!{kind}`"),
                        Some(at.clone()),
                    ));
                    Content::Null
                }
                // `!` alone: text. Any other tag was reported.
                (None, _) if tag.original() == "!" => Content::Text(text),
                (None, _) => Content::Null,
            };
            return node(content, None);
        }
        if style != ScalarStyle::Plain {
            return node(Content::Text(text), None);
        }
        let content = match scalar::plain(&text) {
            Plain::Null => Content::Null,
            Plain::Bool(flag) => Content::Bool(flag),
            Plain::Number(number) => Content::Number(number),
            Plain::Text => {
                if let Some(older) = scalar::older_reading(&text) {
                    self.found.push(
                        Diagnostic::warning(
                            "older-yaml",
                            format!("`{text}` is text here; older YAML readers take it for {older}"),
                            Some(at.clone()),
                        )
                        .hint(format!("quote it: `\"{text}\"`")),
                    );
                }
                Content::Text(text)
            }
            Plain::Refused(refusal) => {
                self.found.push(
                    Diagnostic::error("bad-number", format!("`{text}` {}", refusal.what()), Some(at.clone()))
                        .hint(format!("quote it if text is meant: `\"{text}\"`")),
                );
                Content::Null
            }
        };
        node(content, None)
    }

    /// The tag, if it is one of ours; any that is neither ours nor of YAML's core is reported.
    fn our_tag(&mut self, tag: &granit_parser::Tag, at: &Location) -> Option<Tag> {
        if tag.core_suffix().is_some() || tag.original() == "!" {
            return None;
        }
        let written = tag.original();
        if let Some((_, ours, _)) = Tag::ALL.iter().find(|(name, ..)| *name == written) {
            return Some(*ours);
        }
        let names = Tag::ALL.map(|(name, ..)| name);
        let finding =
            Diagnostic::error("unknown-tag", format!("the tag `{written}` is unknown"), Some(at.clone()));
        self.found.push(match crate::diagnostic::suggest::nearest(&written, names) {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint(format!("known tags: {}", names.map(|name| format!("`{name}`")).join(", "))),
        });
        None
    }

    fn collection_tag(&mut self, tag: Option<&granit_parser::Tag>, kind: &str, at: &Location) -> Option<Tag> {
        let tag = tag?;
        if tag.core_suffix() == Some(kind) || tag.original() == "!" {
            return None;
        }
        if let Some(ours) = self.our_tag(tag, at) {
            let takes = Tag::ALL.iter().find(|(_, tag, _)| *tag == ours).map_or("", |(_, _, takes)| *takes);
            self.found.push(
                Diagnostic::error(
                    "tag-mismatch",
                    format!("`{}` takes a single value", ours.written()),
                    Some(at.clone()),
                )
                .hint(format!("write {takes} after it")),
            );
        } else if tag.core_suffix().is_some() {
            self.found.push(Diagnostic::error(
                "tag-mismatch",
                format!("the tag `{}` does not fit this value", tag.original()),
                Some(at.clone()),
            ));
        }
        None
    }

    fn place(&self, span: &Span) -> Location {
        Location {
            file: self.source.file.clone(),
            line: span.start.line(),
            column: span.start.col() + 1,
            span: span.byte_range().unwrap_or(0..0),
        }
    }
}

/// The parser gives a value that is not written as `~`; here it is nothing.
fn written(text: String, style: ScalarStyle, span: &Span) -> String {
    let nothing = style == ScalarStyle::Plain && span.byte_range().is_some_and(|range| range.is_empty());
    if nothing { String::new() } else { text }
}

/// Where a collection ends. A block collection's end event stands where the next token starts, so what counts is
/// its last value.
fn end_of(event: &Span, flow: bool, last: Option<usize>, start: usize) -> usize {
    let event = event.byte_range().map_or(start, |range| range.end);
    if flow { event } else { last.unwrap_or(start) }
}

fn height_of(node: &Node) -> usize {
    match &node.content {
        Content::List(elements) => elements.iter().map(height_of).max().unwrap_or(0) + 1,
        Content::Map(members) => members.iter().map(|member| height_of(&member.value)).max().unwrap_or(0) + 1,
        _ => 1,
    }
}

/// How many values a node holds, and how many bytes of text.
fn size_of(node: &Node) -> (usize, usize) {
    let add = |(count, bytes): (usize, usize), (more, more_bytes): (usize, usize)| {
        (count + more, bytes + more_bytes)
    };
    match &node.content {
        Content::Text(text) => (1, text.len()),
        Content::List(elements) => elements.iter().map(size_of).fold((1, 0), add),
        Content::Map(members) => {
            members.iter().map(|member| add((0, member.key.len()), size_of(&member.value))).fold((1, 0), add)
        }
        _ => (1, 0),
    }
}
