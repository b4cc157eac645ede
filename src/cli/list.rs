//! `list`: files and live personas side by side. Holds a client that cannot write.

use super::Error;
use super::args::Global;
use super::context;
use super::output::Output;
use super::plan::from_api;
use crate::api::ReadClient;
use crate::exit_code::Exit;
use crate::plan::{Match, match_personas};
use crate::report::escape;
use crate::report::list::{Row, write};
use crate::survey;
use clap::Args;
use std::collections::HashMap;

/// The arguments of `list`.
#[derive(Debug, Args)]
pub struct ListArgs {}

/// Runs `list`.
pub(super) async fn run(global: &Global, _: &ListArgs) -> Result<Exit, Error> {
    let output = Output::new(global);
    let project = context::project(global, &output)?;
    let connection = context::connect(global, &project).await?;
    let client = ReadClient::new(connection.settings.clone());
    let account = survey::list(&client).await.map_err(|error| from_api(&error))?;
    let matching = match_personas(&project.desired, &account);
    let names: HashMap<&str, Option<&str>> =
        account.entries.iter().map(|entry| (entry.id.as_str(), entry.name.as_deref())).collect();
    let mut exit = Exit::Done;
    let mut rows = Vec::new();
    for (file, found) in project.desired.iter().zip(&matching.matches) {
        let (state, id) = match found {
            Match::Live(id) if names.contains_key(id.as_str()) => ("both".to_owned(), id.clone()),
            Match::Live(id) => ("not listed".to_owned(), id.clone()),
            Match::Create => ("file only".to_owned(), String::new()),
            Match::Refused(refusal) => {
                exit = Exit::Failed;
                output.always(&format!("error[{}]: {}", refusal.code, escape::inline(&refusal.message)));
                (refusal.code.to_owned(), String::new())
            }
        };
        let name = file.name.clone().or_else(|| names.get(id.as_str()).copied().flatten().map(str::to_owned));
        rows.push(Row { state, name: name.unwrap_or_default(), id, file: file.file.to_string() });
    }
    let alone: Vec<_> = project
        .desired
        .iter()
        .enumerate()
        .filter(|(index, _)| matches!(matching.matches.get(*index), Some(Match::Create)))
        .map(|(index, file)| (index, file.clone()))
        .collect();
    let alike = survey::look_alikes(&client, &alone, &matching.unmanaged).await;
    let alike = alike.map_err(|error| from_api(&error))?;
    for entry in matching.unmanaged {
        rows.push(Row {
            state: "live only".to_owned(),
            name: entry.name.unwrap_or_default(),
            id: entry.id,
            file: String::new(),
        });
    }
    output.data(|mut out| {
        write(&rows, &mut out)?;
        for pair in &alike {
            let file =
                project.desired.get(pair.file).map(|file| escape::inline(&file.file)).unwrap_or_default();
            let (id, reason) = (escape::inline(&pair.id), pair.reason);
            writeln!(
                out,
                "{file} and {id} have {reason}: to adopt it, write `persona_id: {id}` into the file"
            )?;
        }
        Ok(())
    })?;
    if !account.complete {
        output.always("warning: the listing is incomplete");
    }
    Ok(exit)
}
