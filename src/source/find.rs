//! Which files are persona files: globs over listings. An unreadable folder is an error, never "no files".

use super::files::{FileError, Files, folder_of};
use super::typed::Found;
use crate::diagnostic::Diagnostic;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::collections::BTreeSet;

/// The paths of persona files, sorted. `skip` is the settings file, which is none.
pub(super) fn persona_files(
    files: &dyn Files,
    globs: &[String],
    skip: Option<&str>,
    found: &mut Found,
) -> Vec<String> {
    let matcher = matcher(globs);
    let mut paths = BTreeSet::new();
    for folder in folders(globs) {
        let listing = files.list(&folder);
        paths.extend(
            listing.files.into_iter().filter(|path| matcher.is_match(path) && Some(path.as_str()) != skip),
        );
        for path in listing.ignored {
            if matcher.is_match(&path) || looks_like_folder(&path) {
                found.push(Diagnostic::note(
                    "git-ignored",
                    format!("`{path}` is left out, as `.gitignore` says"),
                    None,
                ));
            }
        }
        for (path, error) in listing.faults {
            let missing = path == folder && error == FileError::NotFound;
            // A link to nothing among the prompts is no persona; a folder that cannot be read may hold some.
            if missing || !(matcher.is_match(&path) || looks_like_folder(&path)) {
                continue;
            }
            found.push(fault(&path, &error));
        }
    }
    paths.into_iter().collect()
}

fn fault(path: &str, error: &FileError) -> Diagnostic {
    let message = format!("`{path}` {error}");
    match error {
        FileError::Loop => Diagnostic::note(error.code(), message, None).hint("it is not followed"),
        FileError::Outside { .. } => Diagnostic::error(error.code(), message, None).hint(
            "keep the files inside the project, or name their folder under `personas:` without the link",
        ),
        _ => Diagnostic::error(error.code(), message, None).hint(
            "nothing is planned while files cannot be read: a missing file could be taken for a deletion",
        ),
    }
}

fn looks_like_folder(path: &str) -> bool {
    !path.rsplit('/').next().unwrap_or(path).contains('.')
}

fn matcher(globs: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        // Bad globs were reported with the settings.
        if let Ok(glob) = GlobBuilder::new(glob.trim_start_matches("./")).literal_separator(true).build() {
            set.add(glob);
        }
    }
    set.build().unwrap_or_else(|_| GlobSet::empty())
}

/// The folders to list: what stands before the first wildcard of each glob, without those inside another.
fn folders(globs: &[String]) -> BTreeSet<String> {
    let all: BTreeSet<String> = globs
        .iter()
        .map(|glob| {
            let glob = glob.trim_start_matches("./");
            let literal = glob.find(['*', '?', '[', '{', '\\']).map_or(glob, |at| &glob[..at]);
            folder_of(literal).to_owned()
        })
        .collect();
    all.iter()
        .filter(|folder| {
            !all.iter().any(|other| {
                other != *folder
                    && (other.is_empty()
                        || folder.strip_prefix(other.as_str()).is_some_and(|rest| rest.starts_with('/')))
            })
        })
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::files::Listing;
    use crate::source::{Memory, settings};

    #[test]
    fn globs_decide_which_files_are_personas() {
        let files = Memory::default()
            .with("personactl.yaml", "")
            .with("personas/a.yaml", "")
            .with("personas/deep/er/b.json", "")
            .with("personas/prompts/a.md", "")
            .with("other/c.yaml", "");
        let find = |globs: &[&str]| {
            let globs: Vec<String> = globs.iter().map(|glob| (*glob).to_owned()).collect();
            persona_files(&files, &globs, Some("personactl.yaml"), &mut Vec::new())
        };
        assert_eq!(find(&settings::DEFAULT_PERSONAS), ["personas/a.yaml", "personas/deep/er/b.json"]);
        assert_eq!(find(&["personas/*.yaml", "other/c.yaml"]), ["other/c.yaml", "personas/a.yaml"]);
        assert_eq!(find(&["./*.yaml", "**/c.yaml"]), ["other/c.yaml"]);
    }

    #[test]
    fn p28_an_unreadable_folder_is_an_error_and_not_an_empty_one() {
        struct Locked;
        impl Files for Locked {
            fn list(&self, folder: &str) -> Listing {
                let locked =
                    (format!("{folder}/locked"), FileError::Unreadable("permission denied".to_owned()));
                let link = (format!("{folder}/notes.txt"), FileError::Dangling);
                Listing { faults: vec![locked, link], ..Listing::default() }
            }
            fn read(&self, _: &str) -> Result<Vec<u8>, FileError> {
                Err(FileError::NotFound)
            }
        }
        let mut found = Vec::new();
        assert!(persona_files(&Locked, &["personas/**/*.yaml".to_owned()], None, &mut found).is_empty());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "`personas/locked` cannot be read: permission denied");
    }
}
