//! Without enough work budget the patch is not proven minimal. For the edits that people make it is minimal all the
//! same: elements are told apart by what is unique in them, and short gaps between those are tried out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "patch_fallback/nested.rs"]
mod nested;
#[path = "patch_support/random.rs"]
mod random;
#[path = "patch_support/tools.rs"]
mod tools;

use jsonptr::PointerBuf;
use personactl::patch::{Options, Protected, diff};
use random::Random;
use serde_json::{Value, json};
use tools::{strict, tool, tools};

/// The operations without a search that deserves the name, and whether they are as good as those of a search.
#[track_caller]
fn is_as_good(live: Vec<Value>, target: Vec<Value>, budgets: &[u64], protected: &[Protected]) {
    let (live, target) = (json!({"l": live}), json!({"l": target}));
    let bytes = |work_budget: u64| {
        let diff = diff(&live, &target, protected, &Options { work_budget, ..Options::default() }).unwrap();
        let exact = diff.exact();
        (exact, json!(diff.verify(&live, &target).unwrap().reveal()).to_string())
    };
    let (exact, best) = bytes(1_000_000);
    assert!(exact);
    for budget in budgets {
        let (exact, found) = bytes(*budget);
        assert!(!exact, "a budget of {budget} is enough");
        assert_eq!(found.len(), best.len(), "{found}\n{best}");
    }
}

#[test]
fn edits_far_from_each_other_are_found_without_any_budget() {
    let live = tools(0..40);
    let mut target = live.clone();
    target[30] = strict(30);
    target.remove(20);
    target.insert(10, tool(100));
    target[3] = strict(3);
    is_as_good(live, target, &[0], &[]);
}

#[test]
fn additions_and_removals_side_by_side_are_found_without_any_budget() {
    let mut target = tools((0..10).chain(100..103).chain(10..20).chain(25..40));
    target.push(tool(200));
    target.insert(0, tool(300));
    is_as_good(tools(0..40), target.clone(), &[0], &[]);
    is_as_good(target, tools(0..40), &[0], &[]);
}

#[test]
fn an_element_that_changed_places_is_found_without_any_budget() {
    let around = |middle: &[usize]| tools((0..12).chain(middle.iter().copied()).chain(30..42));
    is_as_good(around(&[12, 13, 14, 15, 16]), around(&[13, 14, 15, 16, 12]), &[0], &[]);
    is_as_good(around(&[13, 14, 15, 16, 12]), around(&[12, 13, 14, 15, 16]), &[0], &[]);
    // The most that can stay does: 13, 14 and 16, not 12 and 17.
    is_as_good(around(&[17, 13, 14, 12, 16]), around(&[12, 13, 14, 16, 17]), &[0], &[]);
}

#[test]
fn an_edit_beside_an_addition_or_a_removal_is_found_with_little_budget() {
    let around = |middle: &[Value]| [&tools(0..12)[..], middle, &tools(30..42)[..]].concat();
    let both = [
        (around(&[tool(12)]), around(&[tool(100), strict(12)])),
        (around(&[tool(12), tool(13)]), around(&[strict(12), tool(100), strict(13)])),
        (around(&[tool(12), tool(13), tool(14)]), around(&[strict(12), strict(14)])),
        (around(&[tool(12), tool(13), tool(14)]), around(&[strict(14), tool(100)])),
    ];
    for (mut live, mut target) in both {
        // Something to search for elsewhere.
        live.insert(4, tool(200));
        target.insert(8, tool(201));
        is_as_good(live.clone(), target.clone(), &[16], &[]);
        is_as_good(target, live, &[16], &[]);
    }
}

#[test]
fn protected_elements_keep_their_places_without_any_budget() {
    let place = |index: usize| PointerBuf::parse(format!("/l/{index}/name")).unwrap();
    let live = tools(0..20);
    let mut target = live.clone();
    target[12] = strict(12);
    target.remove(5);
    target.insert(2, tool(100));
    target.insert(3, tool(101));
    // They stand one further on behind the additions and the removal.
    let protected = [1, 4, 12, 19].map(|at| {
        Protected::at(
            place(at),
            place(
                at + if at < 2 {
                    0
                } else if at < 5 {
                    2
                } else {
                    1
                },
            ),
        )
    });
    is_as_good(live, target, &[0], &protected);
}

/// In the ones that are named, a list was priced while there was budget and written down when there was none.
#[test]
fn with_too_little_budget_it_is_never_larger_than_by_index() {
    let found = [(4328, 39), (8875, 59), (12532, 54), (14212, 57), (16555, 34), (17823, 44), (22327, 37)];
    let found = found.into_iter().chain([(27539, 35), (31412, 58), (44918, 24), (47740, 43)]);
    let mut inexact = 0;
    for (seed, budget) in found.chain((0..500).map(|seed| (seed, seed % 60))) {
        let mut random = Random::new(seed);
        let live = random.value(4);
        let target = random.changed(&live);
        let beside = |document: Value| json!({"d": document, "rest": "rest ".repeat(60)});
        let (live, target) = (beside(live), beside(target));
        let diff = diff(&live, &target, &[], &Options { work_budget: budget, ..Options::default() }).unwrap();
        inexact += usize::from(!diff.exact());
        let bytes = json!(diff.verify(&live, &target).unwrap().reveal()).to_string().len();
        let by_index = json!(json_patch::diff(&live, &target)).to_string().len();
        assert!(bytes <= by_index, "{seed}: {bytes} instead of {by_index}");
    }
    assert!(inexact > 100, "{inexact}");
}

#[test]
fn with_too_little_budget_a_protected_element_is_kept_or_the_budget_is_to_blame() {
    let (mut kept, mut refused) = (0, 0);
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let list = random.marked(2, &mut 0);
        let (live, target) = (json!({"l": list}), json!({"l": random.around_marks(&list)}));
        let mut places = Vec::new();
        nested::marks(&live["l"], "/l", &mut places);
        let protected: Vec<Protected> =
            places.iter().map(|place| Protected::anywhere(PointerBuf::parse(place).unwrap())).collect();
        let with = |work_budget: u64| {
            diff(&live, &target, &protected, &Options { work_budget, ..Options::default() })
        };
        match (with(1_000_000).map(|diff| diff.exact()), with(seed % 60)) {
            (_, Ok(diff)) => {
                kept += 1;
                diff.verify(&live, &target).unwrap();
            }
            (Ok(_), Err(error)) => {
                refused += 1;
                assert_eq!(error.code(), "patch-resources");
            }
            (Err(_), Err(_)) => {}
        }
    }
    assert!(kept > 100 && refused > 10, "{kept} {refused}");
}
