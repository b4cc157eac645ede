//! How much work the usual edits take, counted in steps (pairs compared, states of the program): the same on every
//! machine. Each budget has a fourth more than is needed now; without bounds and pins it takes many times as much.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "patch_support/tools.rs"]
mod tools;

use personactl::patch::{Options, diff};
use serde_json::{Value, json};
use tools::{strict, tool, tools};

#[track_caller]
fn takes(work_budget: u64, live: Vec<Value>, target: Vec<Value>) {
    let (live, target) = (json!({"l": live}), json!({"l": target}));
    let diff = diff(&live, &target, &[], &Options { work_budget, ..Options::default() }).unwrap();
    assert!(diff.exact(), "{work_budget} steps are not enough");
}

#[test]
fn a_few_edits_of_a_long_list_take_about_a_step_for_each_element() {
    let mut target = tools(0..2000);
    target.insert(1500, tool(9000));
    target.remove(20);
    target[1200] = strict(1201);
    target.swap(700, 701);
    takes(2_800, tools(0..2000), target);
}

#[test]
fn a_few_edits_of_a_long_list_of_numbers_take_fewer_steps_than_it_has_elements() {
    let live: Vec<Value> = (0..1000).map(|n| json!(n * 7919 % 1009)).collect();
    let mut target = live.clone();
    target.remove(400);
    target.insert(30, json!(5000));
    target.push(json!(1));
    takes(470, live, target);
}

#[test]
fn one_element_that_changed_places_is_found_at_once() {
    let mut target = tools(0..100);
    target.rotate_left(1);
    takes(4, tools(0..100), target);
}

#[test]
fn edits_of_every_element_take_a_step_for_each_pair() {
    let edited: Vec<Value> = (0..60).map(strict).collect();
    takes(3_110, tools(0..60), edited.clone());
    let mut target = edited;
    target.remove(10);
    target.insert(40, tool(100));
    takes(17_000, tools(0..60), target);
}

#[test]
fn lists_with_nothing_in_common_take_a_few_steps_for_each_element() {
    takes(103, tools(0..40), tools(100..140));
    let texts = |kind: &str, count: usize| (0..count).map(|n| json!(format!("{kind} {n}"))).collect();
    takes(18, texts("live", 40), texts("target", 50));
}

#[test]
fn removing_or_renewing_every_other_element_takes_a_few_steps_for_each() {
    takes(98, tools(0..60), tools((0..60).filter(|n| n % 2 == 0)));
    takes(298, tools(0..60), tools((0..60).map(|n| if n % 2 == 0 { n } else { n + 100 })));
}
