//! Which lines of two texts belong together.

use similar::{Algorithm, DiffTag, capture_diff_slices};

/// Neighbouring lines of both texts.
pub(super) enum Stretch<'a> {
    /// The same in both.
    Same(Vec<&'a str>),
    /// What the one has in place of the other.
    Differs(Vec<&'a str>, Vec<&'a str>),
}

/// Pairs the lines of both texts. Lines that differ in white space only are pairs too, so that such an edit does
/// not make its line a stranger.
pub(super) fn stretches<'a>(before: &'a str, after: &'a str) -> Vec<Stretch<'a>> {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let key = |line: &&str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let old_keys: Vec<String> = old.iter().map(key).collect();
    let new_keys: Vec<String> = new.iter().map(key).collect();
    // As references, as everywhere: the comparison is compiled anew for each type, and is large.
    let old_keys: Vec<&str> = old_keys.iter().map(String::as_str).collect();
    let new_keys: Vec<&str> = new_keys.iter().map(String::as_str).collect();
    let mut stretches = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old_keys, &new_keys) {
        let (old, new) = (&old[op.old_range()], &new[op.new_range()]);
        if op.tag() != DiffTag::Equal {
            differs(&mut stretches, old, new);
            continue;
        }
        for (old, new) in old.iter().zip(new) {
            match stretches.last_mut() {
                _ if old != new => differs(&mut stretches, &[*old], &[*new]),
                Some(Stretch::Same(lines)) => lines.push(old),
                _ => stretches.push(Stretch::Same(vec![*old])),
            }
        }
    }
    stretches
}

fn differs<'a>(stretches: &mut Vec<Stretch<'a>>, old: &[&'a str], new: &[&'a str]) {
    stretches.push(Stretch::Differs(old.to_vec(), new.to_vec()));
}
