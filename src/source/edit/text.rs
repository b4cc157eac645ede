//! Edits to byte ranges: where a value's text begins and ends, and what is written in its place.

use super::{Edit, Patch, Refusal};
use crate::source::emit::{quoted, scalar_text, to_yaml};
use crate::source::node::{Content, Member, Node, Style};
use serde_json::{Map, Value};
use std::ops::Range;

/// What every edit changes in the text.
pub(super) fn patches(
    text: &str,
    root: &Node,
    edits: &[Edit],
    to_yaml: fn(&Value) -> String,
) -> Result<Vec<Patch>, Refusal> {
    let page = Page { text, line_end: if text.contains("\r\n") { "\r\n" } else { "\n" }, to_yaml };
    edits.iter().map(|edit| page.patch(root, edit, edits)).collect()
}

struct Page<'t> {
    text: &'t str,
    line_end: &'static str,
    /// How values of several lines are written.
    to_yaml: fn(&Value) -> String,
}

/// A value's surroundings.
struct Spot<'n> {
    node: &'n Node,
    parent: Option<(&'n Node, usize)>,
}

impl Page<'_> {
    fn patch(&self, root: &Node, edit: &Edit, all: &[Edit]) -> Result<Patch, Refusal> {
        let spot = find(root, edit.path())?;
        let refuse = |what| Refusal::Written { path: shown(edit.path()), what };
        let patch = match edit {
            Edit::Set(_, value) => self.set(&spot, value),
            Edit::Remove(path) => match self.remove_leading(&spot, path, all) {
                Some(patch) => Ok(patch),
                None => self.remove(&spot),
            },
            Edit::Add(_, key, value) => self.add(&spot, key, value),
            Edit::Insert(_, before, value) => self.insert(&spot, *before, value),
        };
        patch.map_err(refuse)
    }

    fn set(&self, spot: &Spot<'_>, value: &Value) -> Result<Patch, &'static str> {
        let node = spot.node;
        let (parent, index) = spot.parent.ok_or("nothing above it")?;
        if parent.style == Style::Flow {
            return Ok(Patch { range: self.extent(node), text: flow(value) });
        }
        let start = self.mark(parent, index)?;
        let extent = self.extent(node);
        let one_line = match value {
            Value::String(text) => !text.trim_end_matches('\n').contains('\n') && !text.ends_with('\n'),
            Value::Array(elements) => elements.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => true,
        };
        let scalar = !matches!(node.content, Content::List(_) | Content::Map(_));
        let nothing = extent.is_empty();
        if one_line && scalar && node.style != Style::Block && !nothing {
            return Ok(Patch { range: extent, text: styled(value, node.style) });
        }
        // From right after the `:` or `-` on: what is written there may be of another shape.
        let column = self.column_of(parent, index)?;
        let mut body = self.body(value, parent, column);
        let remark = if node.style == Style::Indented { None } else { self.remark(node, start) };
        if let Some((range, remark)) = remark {
            let first = body.find('\n').unwrap_or(body.len());
            body.insert_str(first, &format!("  {remark}"));
            let end = if node.style == Style::Block { self.trimmed_end(node) } else { range.end };
            return Ok(Patch { range: start..end, text: self.lines(&body) });
        }
        let mut end = if nothing { start } else { self.trimmed_end(node) };
        if node.style == Style::Indented {
            // A remark after its last value goes with it: it would end up in the middle of the new text.
            let line_end = self.text[end..].find(['\n', '\r']).map_or(self.text.len(), |at| end + at);
            if self.text[end..line_end].trim_start().starts_with('#') {
                end = line_end;
            }
        }
        Ok(Patch { range: start..end, text: self.lines(&body) })
    }

    fn remove(&self, spot: &Spot<'_>) -> Result<Patch, &'static str> {
        let (parent, index) = spot.parent.ok_or("nothing above it")?;
        let (start, after, before) = match &parent.content {
            Content::Map(members) => {
                let after = members.get(index + 1).map(|next| next.key_at.span.start);
                let before = index.checked_sub(1).and_then(|index| members.get(index));
                (members[index].key_at.span.start, after, before.map(|member| self.extent(&member.value).end))
            }
            Content::List(elements) => {
                let start = if parent.style == Style::Flow {
                    elements[index].at.span.start
                } else {
                    self.dash(&elements[index])?
                };
                let after = elements.get(index + 1).map(|next| next.at.span.start);
                let before = index.checked_sub(1).and_then(|index| elements.get(index));
                (start, after, before.map(|element| element.at.span.end))
            }
            _ => return Err("nothing above it"),
        };
        let end = self.trimmed_end(spot.node);
        if parent.style == Style::Flow {
            let range = match (after, before) {
                (Some(after), _) => start..after,
                (None, Some(before)) => before..self.extent(spot.node).end,
                (None, None) => return Err("nothing beside it"),
            };
            return Ok(Patch { range, text: String::new() });
        }
        let line = self.line_start(start);
        if self.text[line..start].trim().is_empty() {
            return Ok(Patch { range: line..self.next_line(end), text: String::new() });
        }
        Err("other values on its line")
    }

    /// The first members after a `- `: the next one that stays takes their place. None if it is none of them.
    fn remove_leading(&self, spot: &Spot<'_>, path: &[String], all: &[Edit]) -> Option<Patch> {
        let (parent, index) = spot.parent?;
        let Content::Map(members) = &parent.content else { return None };
        let first = members.first()?.key_at.span.start;
        let inline = !self.text[self.line_start(first)..first].trim().is_empty();
        let above = path.split_last()?.1;
        let stays = |member: &Member| {
            !all.iter().any(|edit| match edit {
                Edit::Remove(other) => other.split_last() == Some((&member.key, above)),
                _ => false,
            })
        };
        let kept = members.iter().position(stays)?;
        if parent.style == Style::Flow || !inline || index > kept {
            return None;
        }
        // One patch for all of them.
        let end = if index == 0 { members[kept].key_at.span.start } else { first };
        Some(Patch { range: first..end, text: String::new() })
    }

    fn add(&self, spot: &Spot<'_>, key: &str, value: &Value) -> Result<Patch, &'static str> {
        let Content::Map(members) = &spot.node.content else { return Err("a value that is no object") };
        let last = members.last().ok_or("no member beside which to add one")?;
        if spot.node.style == Style::Flow {
            let at = self.extent(&last.value).end.max(last.key_at.span.end);
            let text = format!(", {}: {}", scalar_in_flow(key), flow(value));
            return Ok(Patch { range: at..at, text });
        }
        let column = last.key_at.column - 1;
        let entry = Value::Object(Map::from_iter([(key.to_owned(), value.clone())]));
        Ok(self.insert_lines(self.end_of_member(last), &indented(&(self.to_yaml)(&entry), column)))
    }

    fn insert(&self, spot: &Spot<'_>, before: usize, value: &Value) -> Result<Patch, &'static str> {
        let Content::List(elements) = &spot.node.content else { return Err("a value that is no list") };
        let last = elements.last().ok_or("no element beside which to add one")?;
        if spot.node.style == Style::Flow {
            return Ok(match elements.get(before) {
                Some(next) => Patch {
                    range: next.at.span.start..next.at.span.start,
                    text: format!("{}, ", flow(value)),
                },
                None => {
                    let at = self.extent(last).end;
                    Patch { range: at..at, text: format!(", {}", flow(value)) }
                }
            });
        }
        let sibling = elements.get(before).unwrap_or(last);
        let dash = self.dash(sibling)?;
        let line = self.line_start(dash);
        if !self.text[line..dash].trim().is_empty() {
            return Err("other values on its line");
        }
        let body = indented(&(self.to_yaml)(&Value::Array(vec![value.clone()])), dash - line);
        if elements.get(before).is_some() {
            return Ok(Patch { range: line..line, text: self.lines(&body) });
        }
        Ok(self.insert_lines(self.trimmed_end(last), &body))
    }

    /// Whole lines after the line that `after` is on.
    fn insert_lines(&self, after: usize, body: &str) -> Patch {
        let at = self.next_line(after);
        let gap = if at > 0 && !self.text[..at].ends_with('\n') { self.line_end } else { "" };
        Patch { range: at..at, text: format!("{gap}{}", self.lines(body)) }
    }

    /// A value after a `:` or a `-`, without the final line end: ` text`, or lines that are indented already.
    fn body(&self, value: &Value, parent: &Node, column: usize) -> String {
        let (entry, mark) = match parent.content {
            Content::List(_) => (Value::Array(vec![value.clone()]), 1),
            _ => (Value::Object(Map::from_iter([("k".to_owned(), value.clone())])), 2),
        };
        let text = indented(&(self.to_yaml)(&entry), column);
        let text = text.get(column + mark..).unwrap_or_default();
        text.strip_suffix('\n').unwrap_or(text).to_owned()
    }

    /// The byte right after the `:` or `-` that the value follows.
    fn mark(&self, parent: &Node, index: usize) -> Result<usize, &'static str> {
        match &parent.content {
            Content::Map(members) => {
                let key = members[index].key_at.span.end;
                let rest = &self.text[key..];
                let spaces = rest.len() - rest.trim_start_matches(' ').len();
                if rest[spaces..].starts_with(':') {
                    Ok(key + spaces + 1)
                } else {
                    Err("its key in another form")
                }
            }
            Content::List(elements) => Ok(self.dash(&elements[index])? + 1),
            _ => Err("nothing above it"),
        }
    }

    /// The column at which its key or its `-` stands.
    fn column_of(&self, parent: &Node, index: usize) -> Result<usize, &'static str> {
        match &parent.content {
            Content::Map(members) => Ok(members[index].key_at.column - 1),
            Content::List(elements) => {
                let dash = self.dash(&elements[index])?;
                let line = self.line_start(dash);
                Ok(self.text[line..dash].chars().count())
            }
            _ => Err("nothing above it"),
        }
    }

    /// The `-` of an element of an indented list.
    fn dash(&self, element: &Node) -> Result<usize, &'static str> {
        let start =
            if element.style == Style::Block { self.header(element).start } else { element.at.span.start };
        let before = self.text[..start].trim_end_matches(' ');
        if before.ends_with('-') { Ok(before.len() - 1) } else { Err("its `-` on another line") }
    }

    /// The `|` or `>` of a block, with what follows it up to the end of that line but for a remark.
    fn header(&self, node: &Node) -> Range<usize> {
        let before = self.text[..node.at.span.start].trim_end();
        let line = self.line_start(before.len());
        let bytes = before.as_bytes();
        let starts = (line..before.len()).filter(|at| {
            matches!(bytes[*at], b'|' | b'>') && (*at == line || matches!(bytes[at - 1], b' ' | b'\t'))
        });
        for start in starts {
            let mut end = start + 1;
            while end < before.len() && matches!(bytes[end], b'0'..=b'9' | b'+' | b'-') {
                end += 1;
            }
            let rest = before[end..].trim_start();
            if rest.is_empty() || rest.starts_with('#') {
                return start..end;
            }
        }
        node.at.span.start..node.at.span.start
    }

    /// The remark on the value's line, if it has one, with the range from the value's end to the remark's.
    fn remark(&self, node: &Node, start: usize) -> Option<(Range<usize>, String)> {
        let from = match node.style {
            Style::Block => self.header(node).end,
            _ => node.at.span.end.max(start),
        };
        let line_end = self.text[from..].find(['\n', '\r']).map_or(self.text.len(), |end| from + end);
        let rest = &self.text[from..line_end];
        let remark = rest.trim();
        (remark.starts_with('#') && rest.starts_with([' ', '\t']))
            .then(|| (from..line_end, remark.to_owned()))
    }

    /// The value's own bytes; of a block with its header.
    fn extent(&self, node: &Node) -> Range<usize> {
        match node.style {
            Style::Block => self.header(node).start..node.at.span.end,
            _ => node.at.span.clone(),
        }
    }

    /// Where the value's text ends, without blank lines that only part it from what follows.
    fn trimmed_end(&self, node: &Node) -> usize {
        let range = self.extent(node);
        match node.style {
            Style::Block | Style::Indented => range.start + self.text[range].trim_end().len(),
            _ => range.end,
        }
    }

    fn end_of_member(&self, member: &Member) -> usize {
        self.trimmed_end(&member.value).max(member.key_at.span.end)
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at]
            .rfind('\n')
            .map_or_else(|| if self.text.starts_with('\u{feff}') { 3.min(at) } else { 0 }, |end| end + 1)
    }

    fn next_line(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |end| at + end + 1)
    }

    fn lines(&self, body: &str) -> String {
        if self.line_end == "\n" { body.to_owned() } else { body.replace('\n', self.line_end) }
    }
}

/// The value at a path and what is right above it. Nothing on the way may be shared or tagged.
fn find<'n>(root: &'n Node, path: &[String]) -> Result<Spot<'n>, Refusal> {
    let refuse = |what| Refusal::Written { path: shown(path), what };
    let mut spot = Spot { node: root, parent: None };
    for segment in path {
        let node = spot.node;
        let (index, child) = match &node.content {
            Content::Map(members) => {
                let index = members.iter().position(|member| member.key == *segment);
                index.map(|index| (index, &members[index].value))
            }
            Content::List(elements) => {
                let index = segment.parse::<usize>().ok();
                index.and_then(|index| Some((index, elements.get(index)?)))
            }
            _ => None,
        }
        .ok_or_else(|| refuse("nothing"))?;
        spot = Spot { node: child, parent: Some((node, index)) };
        if child.tag.is_some() {
            return Err(refuse("a tag"));
        }
        if child.shared {
            return Err(refuse("an anchor, an alias or a merge key"));
        }
    }
    Ok(spot)
}

fn shown(path: &[String]) -> String {
    jsonptr::PointerBuf::from_tokens(path.iter().map(String::as_str)).to_string()
}

/// Every line but blank ones moved right.
fn indented(text: &str, by: usize) -> String {
    let indent = " ".repeat(by);
    text.split_inclusive('\n')
        .map(|line| if line == "\n" { line.to_owned() } else { format!("{indent}{line}") })
        .collect()
}

/// A one-line value in the style of the one that it replaces.
fn styled(value: &Value, style: Style) -> String {
    match value {
        Value::String(text) => match style {
            Style::Double => quoted(text),
            // In single quotes a backslash and most else stands for itself.
            Style::Single if quoted(text).len() == text.len() + 2 + text.matches(['"', '\\']).count() => {
                format!("'{}'", text.replace('\'', "''"))
            }
            _ => scalar_text(text),
        },
        other => to_yaml(other).trim_end().to_owned(),
    }
}

/// A value within brackets, on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar_in_flow(text),
        Value::Array(elements) => format!("[{}]", elements.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar_in_flow(key), flow(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        scalar => to_yaml(scalar).trim_end().to_owned(),
    }
}

fn scalar_in_flow(text: &str) -> String {
    if text.contains([',', '[', ']', '{', '}', ':']) { quoted(text) } else { scalar_text(text) }
}
