//! Lists: which live element each element of the file means, and what follows from it.
//!
//! The file is authoritative for a list's elements. Objects match by `function.name`, `name` or `id` where that is
//! unique on both sides; everything else by equality and position. Matched objects are walked like any other, so
//! what the file does not name inside them stays.

use super::ChangeKind;
use super::equality::canonical;
use super::walk::{At, Walk};
use crate::persona::schema::Field;
use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::collections::HashMap;

impl Walk<'_> {
    /// Both sides are lists. Gives target's list, which is the file's with live's unlisted values in it.
    pub(super) fn list(
        &mut self,
        at: &At,
        known: Option<&Field>,
        live: &[Value],
        wanted: &[Value],
    ) -> Vec<Value> {
        if Self::is_unordered(known) && same_members(live, wanted) {
            return live.to_vec();
        }
        let pairs = self.pair(at, live, wanted);
        for (index, element) in live.iter().enumerate() {
            if !pairs.contains(&Some(index)) {
                let here = at.element(index, index, name(element));
                self.change(&here, ChangeKind::Remove, Some(element), None);
            }
        }
        let staying = longest_rising(&pairs);
        let mut target = Vec::with_capacity(wanted.len());
        for (index, element) in wanted.iter().enumerate() {
            let Some(from) = pairs[index] else {
                let here = at.element(index, index, name(element));
                let after = self.clean(&here.target, element);
                self.change(&here, ChangeKind::Add, None, Some(&after));
                target.push(after);
                continue;
            };
            let mut here = at.element(from, index, name(element).or_else(|| name(&live[from])));
            if !staying[index] && !Self::is_unordered(known) {
                let kind = ChangeKind::Move { from: crate::json::of_segments(&here.live) };
                self.change(&here, kind, Some(&live[from]), Some(element));
            }
            // A null element is a value: there is no such thing as removing it by name.
            let value =
                if element.is_null() { None } else { self.value(&mut here, Some(&live[from]), element) };
            target.push(value.unwrap_or(Value::Null));
        }
        target
    }
}

/// What an element is called: `function.name`, `name` or `id`.
#[must_use]
pub fn name(element: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    element
        .get("function")
        .and_then(|function| function.get("name"))
        .and_then(text)
        .or_else(|| element.get("name").and_then(text))
        .or_else(|| element.get("id").and_then(text))
}

/// The same elements, as often, in whatever order.
fn same_members(live: &[Value], wanted: &[Value]) -> bool {
    let sorted = |list: &[Value]| {
        let mut keys: Vec<String> = list.iter().map(canonical).collect();
        keys.sort_unstable();
        keys
    };
    live.len() == wanted.len() && sorted(live) == sorted(wanted)
}

/// A list with, for each element, a text that is equal for elements which are taken for the same.
struct Side<'a> {
    elements: &'a [Value],
    keys: Vec<String>,
}

impl Walk<'_> {
    /// For each wanted element the live element it means, by what the server shows of them.
    fn pair(&self, at: &At, live: &[Value], wanted: &[Value]) -> Vec<Option<usize>> {
        // What an earlier apply brought about stays paired as it is, also where the server has added to some of
        // several like elements.
        let settled = |(index, (live, wanted)): (usize, (&Value, &Value))| {
            let path = at.element(index, index, None).target;
            let shown = |value| self.visible(&path, value).unwrap_or(Value::Null);
            covers(&shown(live), &shown(wanted))
        };
        if live.len() == wanted.len() && live.iter().zip(wanted).enumerate().all(settled) {
            return (0..live.len()).map(Some).collect();
        }
        pair_sides(&self.side(at, live), &self.side(at, wanted))
    }

    fn side<'a>(&self, at: &At, elements: &'a [Value]) -> Side<'a> {
        let key = |(index, element)| {
            let path = at.element(index, index, None).target;
            canonical(&self.visible(&path, element).unwrap_or(Value::Null))
        };
        Side { elements, keys: elements.iter().enumerate().map(key).collect() }
    }
}

/// Whether live holds all that is wanted, and perhaps more.
fn covers(live: &Value, wanted: &Value) -> bool {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => {
            wanted.iter().all(|(key, value)| covers(live.get(key).unwrap_or(&Value::Null), value))
        }
        (Value::Array(live), Value::Array(wanted)) => {
            live.len() == wanted.len() && live.iter().zip(wanted).all(|(live, wanted)| covers(live, wanted))
        }
        (live, wanted) => super::same(live, wanted),
    }
}

/// For each wanted element the live element it means.
#[must_use]
pub fn pair(live: &[Value], wanted: &[Value]) -> Vec<Option<usize>> {
    let side = |elements| Side { elements, keys: <[Value]>::iter(elements).map(canonical).collect() };
    pair_sides(&side(live), &side(wanted))
}

fn pair_sides(live: &Side<'_>, wanted: &Side<'_>) -> Vec<Option<usize>> {
    let mut pairs = vec![None; wanted.elements.len()];
    let mut taken = vec![false; live.elements.len()];
    by_name(live.elements, wanted.elements, &mut pairs, &mut taken);
    by_alignment(live, wanted, &mut pairs, &mut taken);
    by_equality(live, wanted, &mut pairs, &mut taken);
    pairs
}

/// Elements with a name that is unique on both sides.
fn by_name(live: &[Value], wanted: &[Value], pairs: &mut [Option<usize>], taken: &mut [bool]) {
    let index = |list: &[Value]| {
        let mut index: HashMap<String, Option<usize>> = HashMap::new();
        for (position, element) in list.iter().enumerate() {
            if let Some(name) = name(element) {
                index.entry(name).and_modify(|seen| *seen = None).or_insert(Some(position));
            }
        }
        index
    };
    let live_by_name = index(live);
    for (name, position) in index(wanted) {
        if let (Some(position), Some(Some(from))) = (position, live_by_name.get(&name)) {
            pairs[position] = Some(*from);
            taken[*from] = true;
        }
    }
}

/// What is left: equal elements by a longest common subsequence; in the gaps between, objects that share
/// something, and one scalar with one scalar.
fn by_alignment(live: &Side<'_>, wanted: &Side<'_>, pairs: &mut [Option<usize>], taken: &mut [bool]) {
    let free_live: Vec<usize> = (0..taken.len()).filter(|index| !taken[*index]).collect();
    let free_wanted: Vec<usize> = (0..pairs.len()).filter(|index| pairs[*index].is_none()).collect();
    let old: Vec<&str> = free_live.iter().map(|index| live.keys[*index].as_str()).collect();
    let new: Vec<&str> = free_wanted.iter().map(|index| wanted.keys[*index].as_str()).collect();
    let mut gaps = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        match op {
            DiffOp::Equal { old_index, new_index, len } => {
                for step in 0..len {
                    pairs[free_wanted[new_index + step]] = Some(free_live[old_index + step]);
                    taken[free_live[old_index + step]] = true;
                }
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                gaps.push((old_index..old_index + old_len, new_index..new_index + new_len));
            }
            DiffOp::Delete { .. } | DiffOp::Insert { .. } => {}
        }
    }
    for (old_range, new_range) in gaps {
        let olds: Vec<usize> = old_range.filter(|i| !new.contains(&old[*i])).map(|i| free_live[i]).collect();
        let news: Vec<usize> =
            new_range.filter(|i| !old.contains(&new[*i])).map(|i| free_wanted[i]).collect();
        for (from, position) in align_gap(live.elements, wanted.elements, &olds, &news) {
            pairs[position] = Some(from);
            taken[from] = true;
        }
    }
}

/// Equal elements that crossed over: they moved.
fn by_equality(live: &Side<'_>, wanted: &Side<'_>, pairs: &mut [Option<usize>], taken: &mut [bool]) {
    let mut left: HashMap<&str, Vec<usize>> = HashMap::new();
    for index in (0..taken.len()).rev().filter(|index| !taken[*index]) {
        left.entry(&live.keys[index]).or_default().push(index);
    }
    for (position, slot) in pairs.iter_mut().enumerate().filter(|(_, slot)| slot.is_none()) {
        if let Some(from) = left.get_mut(wanted.keys[position].as_str()).and_then(Vec::pop) {
            *slot = Some(from);
            taken[from] = true;
        }
    }
}

/// Pairs the elements of a gap in order, so that as much as possible is shared; nothing shared, no pair.
fn align_gap(live: &[Value], wanted: &[Value], olds: &[usize], news: &[usize]) -> Vec<(usize, usize)> {
    // A gap of unrelated long lists is not worth a quadratic search: pair by position.
    const CELLS: usize = 40_000;
    if olds.len() * news.len() > CELLS {
        return olds
            .iter()
            .zip(news)
            .filter(|(from, to)| likeness(&live[**from], &wanted[**to]) > 0)
            .map(|(from, to)| (*from, *to))
            .collect();
    }
    let (rows, columns) = (olds.len(), news.len());
    let mut best = vec![vec![0_usize; columns + 1]; rows + 1];
    let mut score = vec![vec![0_usize; columns]; rows];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            score[row][column] = likeness(&live[olds[row]], &wanted[news[column]]);
            let paired = match score[row][column] {
                0 => 0,
                score => score + best[row + 1][column + 1],
            };
            best[row][column] = paired.max(best[row + 1][column]).max(best[row][column + 1]);
        }
    }
    let mut pairs = Vec::new();
    let (mut row, mut column) = (0, 0);
    while row < rows && column < columns {
        let score = score[row][column];
        if score > 0 && best[row][column] == score + best[row + 1][column + 1] {
            pairs.push((olds[row], news[column]));
            row += 1;
            column += 1;
        } else if best[row][column] == best[row + 1][column] {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}

/// How much two unequal elements have in common; 0: they are not the same thing.
fn likeness(live: &Value, wanted: &Value) -> usize {
    match (live, wanted) {
        (Value::Object(a), Value::Object(b)) => {
            if let (Some(live), Some(wanted)) = (name(live), name(wanted))
                && live != wanted
            {
                return 0;
            }
            let shared = a.iter().filter_map(|(key, value)| b.get(key).map(|other| (value, other)));
            shared.map(|(value, other)| if super::same(value, other) { 4 } else { 1 }).sum()
        }
        (Value::Array(_), Value::Array(_)) => 1,
        (a, b) if !a.is_object() && !a.is_array() && !b.is_object() && !b.is_array() => 1,
        _ => 0,
    }
}

/// Which of the pairs keep their order: a longest rising run of live positions; the others moved.
fn longest_rising(pairs: &[Option<usize>]) -> Vec<bool> {
    let mut staying = vec![false; pairs.len()];
    let mut tails: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = vec![None; pairs.len()];
    for (position, from) in pairs.iter().enumerate() {
        let Some(from) = from else { continue };
        let place = tails.partition_point(|tail| pairs[*tail].is_some_and(|other| other < *from));
        previous[position] = place.checked_sub(1).map(|before| tails[before]);
        if place == tails.len() {
            tails.push(position);
        } else {
            tails[place] = position;
        }
    }
    let mut at = tails.last().copied();
    while let Some(position) = at {
        staying[position] = true;
        at = previous[position];
    }
    staying
}
