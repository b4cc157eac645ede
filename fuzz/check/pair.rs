//! What must hold for every pair of documents; `tests/fuzz_corpus.rs` runs the same on the corpus.

use personactl::json::{depth_exceeds, equal, read_strict};
use personactl::patch::{Operations, Options, diff};

/// Reads two documents, separated by a line break, and checks every kind of patch between them.
pub(crate) fn pair(data: &[u8]) {
    let Some(at) = data.iter().position(|byte| *byte == b'\n') else { return };
    let (Ok(live), Ok(target)) = (read_strict(&data[..at]), read_strict(&data[at + 1..])) else { return };
    // What was read prints and reads back as the same value.
    if !depth_exceeds(&live, 100) {
        let again = read_strict(live.to_string().as_bytes());
        assert!(again.is_ok_and(|again| equal(&again, &live)), "a document changes when it is printed");
    }
    let mut smallest = usize::MAX;
    for (r#move, copy, test) in
        [(false, false, false), (true, false, false), (true, true, false), (true, true, true)]
    {
        let operations = Operations { r#move, copy, test };
        let options = Options { operations, work_budget: 20_000, ..Options::default() };
        let diff = diff(&live, &target, &[], &options);
        assert!(diff.is_ok(), "no patch");
        let Ok(diff) = diff else { return };
        let bytes = serde_json::to_vec(diff.reveal()).map_or(0, |text| text.len());
        assert!(test || bytes <= smallest, "more operations made it larger");
        smallest = smallest.min(bytes);
        assert!(diff.is_empty() == equal(&live, &target), "an empty patch is for equal documents");
        assert!(diff.verify(&live, &target).is_ok(), "the patch is wrong");
    }
}
