//! SEL: which files were named on the command line, by persona name, id or path.

use super::Error;
use crate::exit_code::Exit;
use crate::persona::Desired;
use crate::persona::name;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The indices of the selected files; none if nothing was named.
///
/// # Errors
/// If something was named that no file means.
pub(super) fn select(desired: &[Arc<Desired>], named: &[String]) -> Result<Option<BTreeSet<usize>>, Error> {
    if named.is_empty() {
        return Ok(None);
    }
    let mut selected = BTreeSet::new();
    for name in named {
        let found: Vec<usize> = (0..desired.len()).filter(|index| means(&desired[*index], name)).collect();
        if found.is_empty() {
            return Err(unknown(desired, name));
        }
        selected.extend(found);
    }
    Ok(Some(selected))
}

fn means(file: &Desired, name: &str) -> bool {
    let path = name.strip_prefix("./").unwrap_or(name);
    file.id.as_deref() == Some(name)
        || *file.file == *path
        || file.name.as_deref().is_some_and(|own| name::same(own, name))
}

fn unknown(desired: &[Arc<Desired>], name: &str) -> Error {
    let candidates =
        desired.iter().flat_map(|file| [file.name.as_deref(), Some(&*file.file), file.id.as_deref()]);
    let near = candidates
        .flatten()
        .map(|candidate| (strsim::jaro_winkler(candidate, name), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let error = Error::new("unknown-persona", format!("no persona file has the name, id or path `{name}`"));
    let error = error.exit(Exit::Usage);
    match near {
        Some((_, candidate)) => error.hint(format!("did you mean `{candidate}`?")),
        None => error.hint("`personactl list` shows the names, ids and paths"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, path: &str) -> Arc<Desired> {
        Arc::new(Desired {
            file: path.into(),
            id: Some(format!("p-{name}")),
            name: Some(name.to_owned()),
            ..Desired::default()
        })
    }

    #[test]
    fn p60_a_subset_is_named_by_name_id_or_path_and_a_misspelt_one_stops_the_run() {
        let files = [file("Coach", "personas/coach.yaml"), file("Nurse", "personas/nurse.yaml")];
        let named = |name: &str| select(&files, &[name.to_owned()]);
        assert_eq!(named("Nurse").unwrap(), Some(BTreeSet::from([1])));
        assert_eq!(named("p-Coach").unwrap(), Some(BTreeSet::from([0])));
        assert_eq!(named("./personas/nurse.yaml").unwrap(), Some(BTreeSet::from([1])));
        assert_eq!(select(&files, &[]).unwrap(), None);
        let error = named("Nurce").unwrap_err();
        assert_eq!((error.exit, error.hint.as_deref()), (Exit::Usage, Some("did you mean `Nurse`?")));
    }
}
