//! `pull`: live personas into files. Holds a client that cannot write.

mod choose;
mod store;

use super::Error;
use super::args::Global;
use super::context::{self, Project};
use super::output::Output;
use super::plan::from_api;
use super::references;
use crate::api::ReadClient;
use crate::compare::compare;
use crate::exit_code::Exit;
use crate::persona::{Desired, Live};
use crate::pull::{Kept, NewFile, Place, Replaced, Rewritten, Scope, new_files, rewrite, taken};
use crate::report::escape;
use crate::source::edit::difference;
use crate::source::{LoadRequest, load};
use crate::survey;
use clap::Args;
use jsonptr::PointerBuf;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tokio::task::JoinSet;

/// The arguments of `pull`.
#[derive(Debug, Clone, Default, Args)]
pub struct PullArgs {
    /// Personas, by name, id or file; none means all that have a file
    #[arg(value_name = "SEL")]
    pub selection: Vec<String>,
    /// Also write a file for every persona that has none
    #[arg(long, conflicts_with = "selection")]
    pub all: bool,
    /// Also take in live values at paths that the file does not name
    #[arg(long)]
    pub add_unlisted: bool,
    /// With --env: change what other environments read from the same file there, for all of them, not in the overlay
    #[arg(long)]
    pub shared: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Runs `pull`.
pub(super) async fn run(global: &Global, args: &PullArgs) -> Result<Exit, Error> {
    let output = Output::new(global);
    let mut project = context::project_or_empty(global, &output)?;
    let connection = context::connect(global, &project).await?;
    let client = ReadClient::new(connection.settings.clone());
    references::settle(&client, &mut project, None, &output).await?;
    let account = survey::list(&client).await.map_err(|error| from_api(&error))?;
    let chosen = choose::choose(&project.desired, &account, args, &output)?;
    let lives = fetch(&client, chosen.ids()).await?;

    let mut pulled = Pulled::default();
    let shared = includes(&project);
    let others = elsewhere(global, &project)?;
    for (index, id) in &chosen.files {
        let (Some(desired), Some(live)) = (project.desired.get(*index), lives.get(id)) else { continue };
        let wanted = taken(desired, live, args.add_unlisted);
        let same: Vec<Desired> = others.iter().filter(|other| other.file == desired.file).cloned().collect();
        let scope = match args.shared {
            true => Scope::default(),
            false => Scope { environment: project.settings.environment.as_deref(), others: &same },
        };
        let (rewritten, kept) = rewrite(&project.disk, desired, &wanted, &shared, scope);
        if args.shared && !same.is_empty() && !rewritten.is_empty() {
            output.always(&format!("note: other environments read {}, too", escape::inline(&desired.file)));
        }
        pulled.rewritten.extend(rewritten);
        pulled.wanted.insert(desired.file.to_string(), wanted);
        pulled.kept.extend(kept.into_iter().map(|kept| (desired.label().to_owned(), kept)));
    }
    let fresh: Vec<Live> = chosen.new.iter().filter_map(|id| lives.get(id).cloned()).collect();
    let (folder, taken) = (choose::folder(&project.settings), choose::paths(&project));
    let names = project.desired.iter().filter_map(|desired| desired.name.clone()).collect();
    let environment = project.settings.environment.as_deref();
    pulled.new = new_files(&fresh, Place { folder: &folder, taken: &taken, names: &names, environment });
    pulled.skipped = chosen.skipped;
    pulled.rewritten.retain(|file| file.before != file.after);
    check(global, &project, &pulled, &lives)?;
    store::store(&project.disk, &pulled, args.dry_run, &output)?;
    Ok(if pulled.kept.is_empty() && !chosen.refused { Exit::Done } else { Exit::Failed })
}

/// What is to be written, and what could not be taken in.
#[derive(Default)]
struct Pulled {
    rewritten: Vec<Rewritten>,
    new: Vec<NewFile>,
    kept: Vec<(String, Kept)>,
    /// A file was left out, for a reason that was told.
    skipped: bool,
    /// What each changed persona file is to say, by path.
    wanted: BTreeMap<String, Value>,
}

/// The personas as the other environments have them: what they read from a shared file is theirs, too.
fn elsewhere(global: &Global, project: &Project) -> Result<Vec<Desired>, Error> {
    let Some(here) = &project.settings.environment else { return Ok(Vec::new()) };
    let (_, request) = context::locate(global)?;
    let others = project.settings.environments.keys().filter(|name| *name != here);
    Ok(others
        .flat_map(|name| {
            let request = LoadRequest { env: Some(name.clone()), validate: false, ..request.clone() };
            load(&project.disk, &context::environment, &request).desired
        })
        .collect())
}

/// Fetches the personas, many at a time; the client keeps to its limit.
async fn fetch(client: &ReadClient, ids: BTreeSet<String>) -> Result<BTreeMap<String, Live>, Error> {
    let mut tasks = JoinSet::new();
    for id in ids {
        let client = client.clone();
        tasks.spawn(async move { client.get(&id).await.map(|live| (id, live)) });
    }
    let mut lives = BTreeMap::new();
    while let Some(ended) = tasks.join_next().await {
        let fetched = ended.map_err(|error| Error::new("task", format!("a request ended early: {error}")))?;
        let (id, live) = fetched.map_err(|error| from_api(&error))?;
        lives.insert(id, live);
    }
    Ok(lives)
}

/// How many values take in each file.
fn includes(project: &Project) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for file in project.desired.iter().flat_map(|desired| desired.includes.values()) {
        *count.entry(file.to_string()).or_default() += 1;
    }
    count
}

/// Reads the outcome before anything is written: no new fault, and the taken values are those of the live side.
fn check(
    global: &Global,
    project: &Project,
    pulled: &Pulled,
    lives: &BTreeMap<String, Live>,
) -> Result<(), Error> {
    let (_, request) = context::locate(global)?;
    let texts = pulled.rewritten.iter().map(|file| (file.path.clone(), file.after.clone()));
    let new = pulled.new.iter().map(|file| (file.path.clone(), file.text.clone()));
    let overlays = pulled.new.iter().filter_map(|file| file.overlay.clone());
    let files = Replaced { files: &project.disk, texts: texts.chain(new).chain(overlays).collect() };
    let loaded = load(&files, &context::environment, &LoadRequest { validate: true, ..request });
    let odd = |what: String| {
        Err(Error::new("pull-check", format!("{what}; nothing was written"))
            .hint("please report this with the file; the live values can be taken in by hand"))
    };
    let error = loaded.diagnostics.iter().find(|found| found.severity == crate::diagnostic::Severity::Error);
    if let Some(error) = error.filter(|error| error.code != "no-files") {
        let place = error.location.as_ref().map(crate::report::view::location).unwrap_or_default();
        return odd(format!("the files would have a fault: {} {place}", escape::inline(&error.message)));
    }
    let kept: BTreeSet<&str> = pulled.kept.iter().map(|(_, kept)| kept.path.as_str()).collect();
    for desired in &loaded.desired {
        let Some(wanted) = pulled.wanted.get(&*desired.file) else { continue };
        let open = |pointer: &str| {
            let near = |known: &str| known.starts_with(pointer) || pointer.starts_with(known);
            kept.iter().any(|known| near(known))
                || desired.references.keys().any(|known| near(known.as_str()))
        };
        let pointers = difference(desired.document.reveal(), wanted)
            .iter()
            .map(|change| PointerBuf::from_tokens(change.path().iter().map(String::as_str)).to_string())
            .find(|pointer| !open(pointer));
        if let Some(pointer) = pointers {
            return odd(format!("{} would not say what is live at `{pointer}`", desired.file));
        }
    }
    for file in &pulled.new {
        let desired = loaded.desired.iter().find(|desired| *desired.file == *file.path);
        let changes = desired.zip(lives.get(&file.id)).map(|(desired, live)| compare(desired, live).changes);
        match changes.as_deref() {
            Some([]) => {}
            Some([first, ..]) if kept.contains(first.path.as_str()) => {}
            Some([first, ..]) => {
                return odd(format!("{} would differ from live at {}", file.path, first.path));
            }
            None => return odd(format!("{} would not be read", file.path)),
        }
    }
    Ok(())
}
