//! What stands first: the marker, a headline, and a table of every persona that is touched.
//!
//! The table is whole at any size. With too many personas it counts them by folder, and with too many folders
//! it counts them all together.

use super::MarkdownOptions;
use super::escape::{code, inline};
use crate::compare::Origin;
use crate::plan::{Action, PersonaPlan, Plan, Summary};
use crate::report::brief::{count, cut, cut_list, plural};
use crate::report::view;
use crate::report::wording::{self, Mood};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// At most this part of the room goes to the table.
const TABLE_SHARE: usize = 3;
/// Remarks, variables and the like are cut after this many characters each.
const LINE: usize = 400;
const REMARKS: usize = 8;

pub(super) fn head(plan: &Plan, options: &MarkdownOptions) -> String {
    let sum = plan.summary();
    let mut text = String::new();
    if options.marker {
        text.push_str(&super::marker(options.mood, plan.environment.as_deref()));
        text.push('\n');
    }
    let counts: Vec<String> = wording::tally(&sum, options.mood)
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", count(number)))
        .collect();
    let counts = if counts.is_empty() { "no personas".to_owned() } else { counts.join(", ") };
    let _ = writeln!(text, "### personactl {}: {counts}\n", options.mood.command());
    text.push_str(&about(plan, &sum, options.mood));
    text.push_str(&table(plan, options));
    text
}

/// Environment, base, and what cannot be seen.
fn about(plan: &Plan, sum: &Summary, mood: Mood) -> String {
    let mut facts = Vec::new();
    if let Some(environment) = &plan.environment {
        facts.push(format!("environment {}", code(&cut(environment, 80))));
    }
    facts.push(match plan.endpoint.as_str() {
        // Without a key there is only the base to compare with.
        "" => "no account was read".to_owned(),
        endpoint => format!("live side {}", code(&cut(endpoint, 200))),
    });
    if let Some(base) = &plan.base {
        facts.push(format!("compared with {}", code(&cut(base, 80))));
    }
    let mut text = format!("<p>{}</p>\n\n", facts.join(" · "));
    let mut lines = Vec::new();
    if plan.base.is_some() && sum.yours + sum.drift + sum.conflict > 0 {
        let are = |number: usize, what: &str| {
            format!("{} {} {what}", count(number), if number == 1 { "is" } else { "are" })
        };
        lines.push(format!(
            "of the changes, {}, {} and {}",
            are(sum.yours, "yours"),
            are(sum.drift, "drift that would be undone"),
            are(sum.conflict, "in conflict")
        ));
    }
    if sum.not_verifiable > 0 {
        let verb =
            if sum.not_verifiable == 1 { "cannot be compared and is" } else { "cannot be compared and are" };
        lines.push(format!("{} {verb} sent with every apply", plural(sum.not_verifiable, "value")));
    }
    if sum.unlisted > 0 {
        let verb = if sum.unlisted == 1 { "is" } else { "are" };
        lines.push(format!("{} {verb} not in the files and left alone", plural(sum.unlisted, "live value")));
    }
    let missing: BTreeSet<&str> =
        plan.personas.iter().flat_map(|persona| persona.missing.iter().map(String::as_str)).collect();
    if !missing.is_empty() {
        let names: Vec<&str> = missing.into_iter().collect();
        lines.push(format!(
            "apply needs these variables, which are not set here: {}",
            code(&cut_list(&names, LINE))
        ));
    }
    for remark in plan.remarks.iter().take(REMARKS) {
        lines.push(format!("note: {}", code(&cut(remark, LINE))));
    }
    if plan.remarks.len() > REMARKS {
        lines.push(format!("{} more notes", count(plan.remarks.len() - REMARKS)));
    }
    if !lines.is_empty() {
        let items: String = lines.iter().map(|line| format!("<li>{line}</li>\n")).collect();
        let _ = write!(text, "<ul>\n{items}</ul>\n\n");
    }
    if mood == Mood::Drift && sum.update + sum.create > 0 {
        text.push_str("The live personas are no longer what the files say.\n\n");
    }
    text
}

/// A row of the table: how many changes of each origin, and of which kinds.
#[derive(Default)]
struct Row {
    actions: BTreeMap<&'static str, usize>,
    changes: usize,
    origins: [usize; 3],
}

impl Row {
    fn add(&mut self, persona: &PersonaPlan, mood: Mood) {
        *self.actions.entry(wording::action(&persona.action, mood)).or_default() += 1;
        if !wording::tells_changes(persona, mood) {
            return;
        }
        self.changes += persona.findings.changes.len();
        for planned in &persona.findings.changes {
            match planned.change.origin {
                Some(Origin::Yours) => self.origins[0] += 1,
                Some(Origin::Drift) => self.origins[1] += 1,
                Some(Origin::Conflict) => self.origins[2] += 1,
                None => {}
            }
        }
    }

    fn cells(&self, with_base: bool) -> String {
        let mut cells = format!("<td align=\"right\">{}</td>", count(self.changes));
        if with_base {
            for number in self.origins {
                let _ = write!(cells, "<td align=\"right\">{}</td>", count(number));
            }
        }
        cells
    }
}

/// Who is told of in the table by name: everyone who is touched or could not be.
pub(super) fn is_named(persona: &PersonaPlan, mood: Mood) -> bool {
    match persona.action {
        Action::InSync | Action::Unmanaged => false,
        Action::Delete => mood == Mood::Plan,
        _ => true,
    }
}

fn table(plan: &Plan, options: &MarkdownOptions) -> String {
    let mood = options.mood;
    let named: Vec<&PersonaPlan> =
        super::weighed(plan).into_iter().filter(|persona| is_named(persona, mood)).collect();
    if named.is_empty() {
        return String::new();
    }
    let with_base = plan.base.is_some();
    let most = options.limit / TABLE_SHARE;
    let by_name = by_name(&named, with_base, mood);
    if by_name.len() <= most {
        return by_name;
    }
    let by_folder = by_folder(&named, with_base, mood);
    if by_folder.len() <= most {
        return format!(
            "{} are too many to name here; by folder:\n\n{by_folder}",
            plural(named.len(), "persona")
        );
    }
    let mut all = Row::default();
    for persona in &named {
        all.add(persona, mood);
    }
    let head = heads("personas", with_base);
    format!(
        "{} in too many folders to name here:\n\n<table>\n{head}<tr><td>{}</td>{}</tr>\n</table>\n\n",
        plural(named.len(), "persona"),
        actions(&all),
        all.cells(with_base)
    )
}

fn heads(first: &str, with_base: bool) -> String {
    let origins = if with_base { "<th>yours</th><th>drift</th><th>conflict</th>" } else { "" };
    format!("<tr><th>{first}</th><th>changes</th>{origins}</tr>\n")
}

fn by_name(named: &[&PersonaPlan], with_base: bool, mood: Mood) -> String {
    let origins = if with_base { "<th>yours</th><th>drift</th><th>conflict</th>" } else { "" };
    let mut text =
        format!("<table>\n<tr><th></th><th>persona</th><th>changes</th>{origins}<th>file</th></tr>\n");
    for persona in named {
        let mut row = Row::default();
        row.add(persona, mood);
        let file = persona.file.as_deref().map_or_else(|| "-".to_owned(), |file| code(&cut(file, 160)));
        let _ = writeln!(
            text,
            "<tr><td>{}</td><td>{}</td>{}<td>{file}</td></tr>",
            wording::action(&persona.action, mood),
            code(&cut(&view::label(persona), 80)),
            row.cells(with_base),
        );
    }
    text.push_str("</table>\n\n");
    text
}

fn by_folder(named: &[&PersonaPlan], with_base: bool, mood: Mood) -> String {
    let mut folders: BTreeMap<&str, Row> = BTreeMap::new();
    for persona in named {
        let file = persona.file.as_deref().unwrap_or_default();
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        folders.entry(folder).or_default().add(persona, mood);
    }
    let mut text = format!("<table>\n{}", heads("folder</th><th>personas", with_base));
    for (folder, row) in folders {
        let folder = if folder.is_empty() { "-".to_owned() } else { code(&cut(folder, 160)) };
        let _ =
            writeln!(text, "<tr><td>{folder}</td><td>{}</td>{}</tr>", actions(&row), row.cells(with_base));
    }
    text.push_str("</table>\n\n");
    text
}

fn actions(row: &Row) -> String {
    let parts: Vec<String> =
        row.actions.iter().map(|(action, number)| format!("{} {}", count(*number), inline(action))).collect();
    parts.join(", ")
}
