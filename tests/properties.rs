//! What must hold for any persona and any file: live and desired documents are drawn from the schema table.
//!
//! The account keeps more than it shows: secrets are masked, left out or shown in clear, descriptions of functions
//! are left out. The small pools of values make equal, different, moved and missing ones all common.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use json_patch::Patch;
use jsonptr::PointerBuf;
use personactl::compare::{self, ChangeKind, Comparison};
use personactl::json::equal;
use personactl::patch::{Arrays, Options as PatchOptions};
use personactl::persona::schema::{FIELDS, Field, Kind, Members, Secrecy, Values};
use personactl::persona::{Desired, Document, Live, Pattern, Reconcile, Unlisted};
use personactl::plan::{Action, Options, PersonaPlan, Plan, SendOpaque, plan_creation, plan_update};
use personactl::report::{self, wording::Mood};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// What every secret begins with.
const SECRET: &str = "s3cr3t-of-test-";

/// How the account answers where a secret is set.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shown {
    Masked,
    Omitted,
    Clear,
}

#[derive(Debug, Clone)]
struct Case {
    /// What the account really holds.
    stored: Value,
    shown: Shown,
    desired: Value,
    ignore: Vec<String>,
    opaque: Vec<String>,
    remove: bool,
    whole: bool,
}

impl Case {
    fn live(&self) -> Live {
        live_of(show(&self.stored, self.shown))
    }

    fn desired(&self) -> Desired {
        let patterns = |list: &[String]| list.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        Desired {
            file: "personas/a.yaml".into(),
            name: self.desired["persona_name"].as_str().map(str::to_owned),
            document: Document::new(self.desired.clone()),
            reconcile: Reconcile {
                ignore: patterns(&self.ignore),
                opaque: patterns(&self.opaque),
                protect: false,
                unlisted: if self.remove { Unlisted::Remove } else { Unlisted::Keep },
            },
            ..Desired::default()
        }
    }

    fn plan(&self, send_opaque: SendOpaque) -> PersonaPlan {
        let arrays = if self.whole { Arrays::Whole } else { Arrays::Edit };
        let patch = PatchOptions { arrays, ..PatchOptions::default() };
        plan_update(
            &self.desired(),
            None,
            &self.live(),
            &Options { patch, send_opaque, ..Options::default() },
        )
    }

    fn compare(&self) -> Comparison {
        compare::compare(&self.desired(), &self.live())
    }
}

fn live_of(document: Value) -> Live {
    let name = document["persona_name"].as_str().map(str::to_owned);
    Live { id: "p0123".to_owned(), name, document: Document::new(document) }
}

/// What GET makes of what is stored.
fn show(stored: &Value, how: Shown) -> Value {
    match stored {
        Value::Object(members) => {
            let mut shown = Map::new();
            for (key, member) in members {
                let secret = member.as_str().is_some_and(|text| text.starts_with(SECRET));
                let lossy = key == "description" && members.contains_key("parameters");
                match how {
                    _ if lossy => {}
                    Shown::Omitted if secret => {}
                    Shown::Masked if secret => drop(shown.insert(key.clone(), "********".into())),
                    _ => drop(shown.insert(key.clone(), show(member, how))),
                }
            }
            Value::Object(shown)
        }
        Value::Array(elements) => elements.iter().map(|element| show(element, how)).collect(),
        scalar => scalar.clone(),
    }
}

/// What the server makes of what it is sent: setting one field of this layer fills in the others.
fn store(mut sent: Value) -> Value {
    if let Some(Value::Object(flow)) = sent.pointer_mut("/layers/conversational_flow")
        && !flow.is_empty()
    {
        for field in FIELDS {
            if let Some(name) = field.pattern.strip_prefix("/layers/conversational_flow/")
                && let Some(value) = field.default.and_then(|default| default.value())
                && !flow.contains_key(name)
            {
                flow.insert(name.to_owned(), value);
            }
        }
    }
    sent
}

fn apply(document: &Value, patches: &[&Patch]) -> Value {
    let mut document = document.clone();
    for patch in patches {
        json_patch::patch(&mut document, patch).unwrap();
    }
    document
}

fn patches(plan: &PersonaPlan) -> Vec<&Patch> {
    plan.requests.iter().map(|request| request.patch.reveal()).collect()
}

fn text() -> impl Strategy<Value = Value> {
    select(vec!["", "a", "b", "a\n", "Line one.\nLine two.", "Line one.\n\nLine two.\n", " a", "weiß", "1"])
        .prop_map(Value::from)
}

fn number() -> impl Strategy<Value = Value> {
    select(vec![json!(0), json!(1), json!(1.0), json!(0.5), json!(-3), json!(9_007_199_254_740_993_i64)])
}

fn secret() -> impl Strategy<Value = Value> {
    (0..3).prop_map(|n| Value::from(format!("{SECRET}{n}")))
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![text(), number(), any::<bool>().prop_map(Value::from)]
}

/// A free-form object: plain members, awkward keys, secrets under telling names, lists, objects.
fn free(depth: u32) -> BoxedStrategy<Value> {
    let leaf = scalar().boxed();
    let value = if depth == 0 {
        leaf
    } else {
        prop_oneof![
            4 => leaf,
            1 => free(depth - 1),
            1 => prop::collection::vec(scalar(), 0..4).prop_map(Value::from),
            1 => prop::collection::vec(free(depth - 1), 0..3).prop_map(Value::from),
        ]
        .boxed()
    };
    let plain = (select(vec!["limit", "unit", "a/b", "m~n", "", "0", "-"]), value);
    let telling = (select(vec!["token", "Authorization", "client_secret"]), secret());
    let member = prop_oneof![5 => plain.prop_map(|(k, v)| (k.to_owned(), v)), 1 => telling.prop_map(|(k, v)| (k.to_owned(), v))];
    prop::collection::vec(member, 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
        .boxed()
}

fn tool() -> impl Strategy<Value = Value> {
    let name = prop::option::weighted(0.9, select(vec!["alpha", "beta", "gamma", "delta"]));
    let description = prop::option::of(select(vec!["Does one thing.", "Does another."]));
    let server = prop::option::weighted(0.3, select(vec!["x", "y"]));
    (name, description, free(1), server).prop_map(|(name, description, parameters, server)| {
        let mut function = json!({"parameters": parameters});
        if let Some(name) = name {
            function["name"] = name.into();
        }
        if let Some(description) = description {
            function["description"] = description.into();
        }
        let mut tool = json!({"type": "function", "function": function});
        if let Some(server) = server {
            tool["made_by"] = server.into();
        }
        tool
    })
}

fn value_of(field: &'static Field) -> BoxedStrategy<Value> {
    match (field.kind, field.values) {
        (Kind::Object(_), _) if field.secrecy == Secrecy::Whole => {
            let member = (select(vec!["x-team", "x-key"]), secret());
            prop::collection::vec(member, 0..3)
                .prop_map(|members| {
                    members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>().into()
                })
                .boxed()
        }
        (Kind::Text, _) if field.secrecy == Secrecy::Whole => secret().boxed(),
        (Kind::Text, Values::Closed(values) | Values::Open(values)) => {
            select(values).prop_map(Value::from).boxed()
        }
        (Kind::Text, _) => text().boxed(),
        (Kind::Bool, _) => any::<bool>().prop_map(Value::from).boxed(),
        (Kind::Number, _) => number().boxed(),
        (Kind::TextList, _) => {
            prop::collection::vec(select(vec!["a", "b", "c", "d", "e"]), 0..5).prop_map(Value::from).boxed()
        }
        (Kind::ObjectList, _) => prop::collection::vec(tool(), 0..4).prop_map(Value::from).boxed(),
        (Kind::Object(_), _) => free(2),
        (Kind::Any, _) => scalar().boxed(),
    }
}

/// Rows that hold a value of their own; what stands inside lists and free parts is drawn with them.
fn rows() -> impl Iterator<Item = &'static Field> {
    let inside_free = |field: &Field| {
        FIELDS.iter().any(|above| {
            above.kind == Kind::Object(Members::Free)
                && field.pattern.strip_prefix(above.pattern).is_some_and(|rest| rest.starts_with('/'))
        })
    };
    FIELDS.iter().filter(move |field| {
        field.kind != Kind::Object(Members::Listed) && !field.pattern.contains('*') && !inside_free(field)
    })
}

/// A document with some of the rows, chosen so that about so large a share of them is there.
fn document(share: f64, nulls: bool, read_only: bool) -> impl Strategy<Value = Value> {
    let chosen: Vec<&'static Field> = rows().filter(|field| read_only || !field.read_only).collect();
    let members: Vec<BoxedStrategy<Option<Value>>> = chosen
        .iter()
        .map(|field| {
            let value = value_of(field);
            let value = if nulls { prop_oneof![6 => value, 1 => Just(Value::Null)].boxed() } else { value };
            prop::option::weighted(share, value).boxed()
        })
        .collect();
    let unknown = prop::option::weighted(0.2, free(1));
    (members, unknown).prop_map(move |(members, unknown)| {
        let mut document = json!({"persona_name": "Ada", "system_prompt": "You greet people."});
        for (field, value) in chosen.iter().zip(members) {
            if let Some(value) = value
                && field.pattern != "/persona_id"
            {
                put(&mut document, field.pattern, value);
            }
        }
        if let Some(unknown) = unknown {
            document["brand_new"] = unknown;
        }
        document
    })
}

fn put(document: &mut Value, pointer: &str, value: Value) {
    let mut at = document;
    for segment in pointer.split('/').skip(1) {
        at = at.as_object_mut().unwrap().entry(segment).or_insert_with(|| json!({}));
    }
    *at = value;
}

fn patterns() -> impl Strategy<Value = Vec<String>> {
    let all: Vec<String> = rows()
        .map(|field| field.pattern.to_owned())
        .chain(["/layers/llm/tools/*/function/parameters".to_owned(), "/layers/tts".to_owned()])
        .collect();
    prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(select(all), 1..4)]
}

fn case() -> impl Strategy<Value = Case> {
    (
        document(0.25, false, true),
        select(vec![Shown::Masked, Shown::Omitted, Shown::Clear]),
        prop_oneof![document(0.2, true, false), document(0.05, true, false), document(0.003, true, false)],
        patterns(),
        patterns(),
        any::<bool>(),
        any::<bool>(),
        0..4,
    )
        .prop_map(|(stored, shown, edits, ignore, opaque, remove, whole, how)| {
            let stored = store(stored);
            // Most files say what live says but for some edits, some with their lists turned by one.
            let desired = match how {
                0 => edits,
                1 => turned(edited(&stored, edits)),
                _ => edited(&stored, edits),
            };
            Case { stored, shown, desired, ignore, opaque, remove, whole }
        })
}

/// Every list with its first element last.
fn turned(value: Value) -> Value {
    match value {
        Value::Object(members) => members.into_iter().map(|(key, member)| (key, turned(member))).collect(),
        Value::Array(mut elements) => {
            if !elements.is_empty() {
                elements.rotate_left(1);
            }
            elements.into_iter().map(turned).collect()
        }
        scalar => scalar,
    }
}

/// `base` with the members of `edits` put in, objects by member.
fn edited(base: &Value, edits: Value) -> Value {
    match (base, edits) {
        (Value::Object(base), Value::Object(edits)) => {
            let mut merged = base.clone();
            merged.retain(|key, _| {
                !FIELDS.iter().any(|field| field.read_only && field.pattern == format!("/{key}"))
            });
            for (key, edit) in edits {
                let value = edited(merged.get(&key).unwrap_or(&Value::Null), edit);
                merged.insert(key, value);
            }
            Value::Object(merged)
        }
        (_, edits) => edits,
    }
}

/// Nothing but lists of tools on both sides: where most can go wrong.
fn tools_case() -> impl Strategy<Value = Case> {
    let list = || {
        let free_named = prop::collection::vec(tool(), 0..4);
        let alike = tool().prop_map(|mut tool| {
            tool["function"]["parameters"] = json!({});
            tool
        });
        prop_oneof![free_named, prop::collection::vec(alike, 0..4)]
    };
    let shown = select(vec![Shown::Masked, Shown::Omitted, Shown::Clear]);
    (list(), shown, list(), any::<bool>()).prop_map(|(stored, shown, desired, whole)| {
        let persona = |tools: Vec<Value>| {
            json!({"persona_name": "Ada", "system_prompt": "You greet people.", "layers": {"llm": {"tools": tools}}})
        };
        let (ignore, opaque) = (Vec::new(), Vec::new());
        Case { stored: persona(stored), shown, desired: persona(desired), ignore, opaque, remove: false, whole }
    })
}

fn any_case() -> impl Strategy<Value = Case> {
    prop_oneof![case(), tools_case()]
}

/// How many times more documents than usual: `.ci/full soak` asks for it.
fn soak() -> u32 {
    std::env::var("PERSONACTL_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 256 * soak(),
        max_shrink_iters: 4_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn patched_live_equals_the_target_with_the_values_that_cannot_be_compared(case in any_case()) {
        let plan = case.plan(SendOpaque::Always);
        prop_assert!(!matches!(plan.action, Action::Failed(_) | Action::Refused(_)), "{:?}", plan.action);
        let patched = apply(case.live().document.reveal(), &patches(&plan));
        let wanted = case.compare().complete();
        prop_assert!(equal(&patched, wanted.reveal()), "{patched}\nis not\n{}", wanted.reveal());
    }

    #[test]
    fn p01_p09_a_plan_after_apply_is_empty(case in any_case()) {
        let plan = case.plan(SendOpaque::Always);
        prop_assert!(!matches!(plan.action, Action::Failed(_)), "{:?}", plan.action);
        let stored = store(apply(&show(&case.stored, case.shown), &patches(&plan)));
        let live = live_of(show(&stored, case.shown));
        let second = compare::compare(&case.desired(), &live);
        prop_assert!(second.changes.is_empty(), "{:?}\nlive: {}", second.changes, live.document.reveal());
    }

    #[test]
    fn p10_a_change_is_there_exactly_when_something_is_sent_for_it(case in any_case()) {
        let plan = case.plan(SendOpaque::Never);
        prop_assert!(!matches!(plan.action, Action::Failed(_)), "{:?}", plan.action);
        prop_assert_eq!(plan.findings.changes.is_empty(), plan.requests.is_empty());
        prop_assert_eq!(plan.action == Action::Update, !plan.findings.changes.is_empty());
    }

    /// Every place that survives gets a mark that only the account knows. A patch that writes there or anywhere
    /// above wipes it out; one that leaves the place alone carries it to its place in the target.
    #[test]
    fn a_patch_writes_nothing_at_or_above_what_is_unlisted_ignored_or_hidden(case in any_case()) {
        let comparison = case.compare();
        let plan = case.plan(SendOpaque::Never);
        prop_assert!(!matches!(plan.action, Action::Failed(_)), "{:?}", plan.action);
        let moved: Vec<&PointerBuf> = comparison
            .changes
            .iter()
            .filter_map(|change| match &change.kind {
                ChangeKind::Move { from } => Some(from),
                _ => None,
            })
            .collect();
        let mut marked = case.live().document.reveal().clone();
        let mut marks: Vec<(String, &PointerBuf)> = Vec::new();
        for (number, kept) in comparison.kept.iter().enumerate() {
            // An element that changes place is added again with what live shows of it.
            let travels = !kept.hidden && moved.iter().any(|from| kept.live.starts_with(from));
            let mark = format!("mark {number}");
            let sent = plan.sends(&kept.target) && comparison.opaque.iter().any(|o| o.path == kept.target);
            if !travels && !sent && mark_at(&mut marked, &kept.live, &mark) {
                marks.push((mark, &kept.target));
            }
        }
        let mut patched = marked;
        for patch in patches(&plan) {
            let done = json_patch::patch(&mut patched, patch);
            prop_assert!(done.is_ok(), "{done:?}");
        }
        for (mark, target) in marks {
            let found = target.resolve(&patched).ok();
            prop_assert_eq!(found, Some(&Value::from(mark)), "{} was written; {:?}", target, patches(&plan));
        }
    }

    #[test]
    fn p34_p37_no_output_holds_a_secret(case in any_case()) {
        let update = case.plan(SendOpaque::Always);
        let plan = Plan { personas: vec![update, plan_creation(&case.desired())], ..Plan::default() };
        let mut out = Vec::new();
        report::json::write(&plan, &mut out).unwrap();
        report::html::write(&plan, Mood::Plan, &mut out).unwrap();
        report::markdown::write(&plan, &Default::default(), &mut out).unwrap();
        for mood in [Mood::Plan, Mood::Drift] {
            report::text::write(&plan, mood, report::text::Layout { verbose: true, ..Default::default() }, &mut out).unwrap();
        }
        let out = String::from_utf8(out).unwrap();
        prop_assert!(!out.contains(SECRET), "{out}");
    }

    #[test]
    fn what_a_file_creates_is_in_sync_with_the_file(case in any_case()) {
        let desired = case.desired();
        let sent = compare::creation(&desired).target.reveal().clone();
        let live = live_of(show(&store(sent), case.shown));
        let second = compare::compare(&desired, &live);
        prop_assert!(second.changes.is_empty(), "{:?}\nlive: {}", second.changes, live.document.reveal());
    }
}

/// Puts a mark at a place whose parent is there, unless a mark lies on the way.
fn mark_at(document: &mut Value, place: &PointerBuf, mark: &str) -> bool {
    let Some((parent, last)) = place.split_back() else { return false };
    let last = last.decoded();
    match parent.resolve_mut(document) {
        Ok(Value::Object(members)) => drop(members.insert(last.into_owned(), mark.into())),
        Ok(Value::Array(elements)) => {
            match last.parse::<usize>().ok().and_then(|index| elements.get_mut(index)) {
                Some(element) => *element = mark.into(),
                None => return false,
            }
        }
        _ => return false,
    }
    true
}

#[test]
fn the_cases_that_are_drawn_are_of_every_kind() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut changed, mut in_sync, mut hidden, mut moved, mut kept) = (0, 0, 0, 0, 0);
    for _ in 0..200 {
        let case = any_case().new_tree(&mut runner).unwrap().current();
        let comparison = case.compare();
        changed += usize::from(!comparison.changes.is_empty());
        in_sync += usize::from(comparison.changes.is_empty());
        hidden += usize::from(!comparison.opaque.is_empty());
        moved += comparison.changes.iter().filter(|c| matches!(c.kind, ChangeKind::Move { .. })).count();
        kept += comparison.kept.len();
    }
    let counts = [changed, in_sync, hidden, moved, kept];
    assert!(counts.iter().all(|count| *count > 2), "{counts:?}");
}
