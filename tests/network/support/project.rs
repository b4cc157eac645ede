//! Files and an account, as `apply` sees them, without the command line.

use personactl::api::WriteClient;
use personactl::apply::{self, Context, Job, Ledger, Options, Work};
use personactl::persona::{Desired, Reconcile};
use personactl::plan::{self, Outcome};
use personactl::source::{LoadRequest, Memory, load};
use personactl::survey;
use std::sync::Arc;

/// Reads persona files given as path and text.
pub(crate) fn desired(files: &[(&str, String)]) -> Vec<Arc<Desired>> {
    let tree = files.iter().fold(Memory::default(), |tree, (path, text)| tree.with(path, text));
    let loaded = load(&tree, &|_: &str| None, &LoadRequest { validate: true, ..LoadRequest::default() });
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    loaded.desired.into_iter().map(Arc::new).collect()
}

/// A persona file.
pub(crate) fn file(name: &str, prompt: &str) -> String {
    format!("persona_name: {name}\nsystem_prompt: {prompt}\n")
}

/// What there is to do for these files.
pub(crate) async fn jobs(
    client: &WriteClient,
    desired: &[Arc<Desired>],
) -> Result<Vec<Job>, personactl::api::ApiError> {
    let request = survey::Request { create: true, ..survey::Request::default() };
    let surveyed = survey::survey(client.reader(), desired, &request, &|_, _| {}).await?;
    Ok(apply::jobs(desired, surveyed))
}

/// The deletion of a persona as it is now.
pub(crate) async fn deletion(client: &WriteClient, id: &str) -> Job {
    let live = client.reader().get(id).await.unwrap();
    let digest = plan::digest(&live, &Reconcile::default());
    Job { label: live.label().to_owned(), file: None, work: Work::Delete { id: id.to_owned(), digest } }
}

/// Carries jobs out.
pub(crate) async fn carry_out(client: &WriteClient, jobs: Vec<Job>) -> Vec<Outcome> {
    let context = Context { client: client.clone(), options: Options::default() };
    let ledger = Ledger::new(&jobs);
    apply::run(&context, jobs, &ledger, &|_| {}).await;
    ledger.outcomes()
}

/// The words in which personas ended, in the order of the jobs.
pub(crate) fn words(outcomes: &[Outcome]) -> Vec<&'static str> {
    outcomes.iter().map(|outcome| outcome.ended.word()).collect()
}
