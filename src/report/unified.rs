//! The difference of two files line by line, in the form that `patch` and `git apply` read.

use similar::udiff::UnifiedHunkHeader;
use similar::{Algorithm, DiffTag, capture_diff_slices, group_diff_ops};
use std::fmt::Write as _;

/// Lines that are shown around a change.
const AROUND: usize = 3;

/// What leads from the one text to the other; empty where they are equal. Nothing is escaped.
#[must_use]
pub fn unified(name: &str, before: &str, after: &str) -> String {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let mut out = String::new();
    for hunk in group_diff_ops(capture_diff_slices(Algorithm::Myers, &old, &new), AROUND) {
        if out.is_empty() {
            let _ = writeln!(out, "--- a/{name}\n+++ b/{name}");
        }
        let _ = writeln!(out, "{}", UnifiedHunkHeader::new(&hunk));
        for op in hunk {
            let (gone, come) = (&old[op.old_range()], &new[op.new_range()]);
            if op.tag() == DiffTag::Equal {
                write_lines(&mut out, ' ', gone);
            } else {
                write_lines(&mut out, '-', gone);
                write_lines(&mut out, '+', come);
            }
        }
    }
    out
}

fn write_lines(out: &mut String, mark: char, lines: &[&str]) {
    for line in lines {
        out.push(mark);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_go_and_come_stand_between_some_that_stay() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\nlast";
        let after = before.replace("5\n", "five\nand more\n").replace("last", "last\n");
        assert_eq!(
            unified("p.yaml", before, &after),
            "--- a/p.yaml\n+++ b/p.yaml\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+and more\n 6\n 7\n 8\n\
             @@ -10,4 +11,4 @@\n 10\n 11\n 12\n-last\n\\ No newline at end of file\n+last\n"
        );
        assert_eq!(unified("p.yaml", before, before), "");
        assert_eq!(unified("p.yaml", "", "a\n"), "--- a/p.yaml\n+++ b/p.yaml\n@@ -0,0 +1 @@\n+a\n");
    }
}
