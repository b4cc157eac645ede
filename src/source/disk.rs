//! Files on disk: the one place of `source` that touches the file system.
//!
//! Links are followed where they lead inside the root, refused where they lead out, and end where they lead back.
//! What `.gitignore` leaves out is not read, and is named, so that a file left out is never taken for a deletion.

use super::files::{FileError, Files, Listing, MAX_FILE_BYTES};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::fs::FileType;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The name of the settings file.
pub const SETTINGS_FILE: &str = "personactl.yaml";

/// A folder on disk.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
    /// The folder that was read from last, and its real place: the files of a project lie in a few folders, and to
    /// look at every part of each path would cost more than to read the file.
    last: Arc<Mutex<Option<(PathBuf, PathBuf)>>>,
}

impl Disk {
    /// The folder as root. Its own path may run through links.
    pub fn new(root: &Path) -> Result<Self, FileError> {
        let root = root.canonicalize().map_err(|error| reason(&error))?;
        if root.is_dir() {
            Ok(Disk { root, last: Arc::default() })
        } else {
            Err(FileError::Unreadable("it is no folder".to_owned()))
        }
    }

    /// The root that holds `personactl.yaml`, found by walking up from `start`; without one, `start` itself.
    pub fn find(start: &Path) -> Result<Self, FileError> {
        let start = Disk::new(start)?;
        for folder in start.root.ancestors() {
            if folder.join(SETTINGS_FILE).is_file() {
                return Disk::new(folder);
            }
        }
        Ok(start)
    }

    /// The absolute path of the root.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The absolute path of a file.
    #[must_use]
    pub fn absolute(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A path from the root for one given on the command line relative to `from`. None if it lies outside.
    #[must_use]
    pub fn relative(&self, from: &Path, path: &Path) -> Option<String> {
        let full = if path.is_absolute() { path.to_owned() } else { from.join(path) };
        // The file itself may be a link or may not exist: only its folder is made canonical.
        let folder = full.parent()?.canonicalize().ok()?;
        slashed(&folder.join(full.file_name()?), &self.root)
    }

    /// The real place of a path, if that is inside the root.
    fn inside(&self, full: &Path) -> Result<PathBuf, FileError> {
        let real = match full.canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() == ErrorKind::NotFound && full.is_symlink() => {
                return Err(FileError::Dangling);
            }
            Err(error) => return Err(reason(&error)),
        };
        if real.starts_with(&self.root) {
            Ok(real)
        } else {
            Err(FileError::Outside { target: real.display().to_string() })
        }
    }

    /// The real place of a file, if that is inside the root. Only a link can lead out of a folder that lies inside.
    fn place_of_file(&self, full: &Path) -> Result<PathBuf, FileError> {
        let (Some(folder), Some(name)) = (full.parent(), full.file_name()) else { return self.inside(full) };
        if !full.symlink_metadata().is_ok_and(|about| about.is_file()) {
            return self.inside(full);
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let real = match &*last {
            Some((known, real)) if known == folder => real.clone(),
            _ => {
                let real = self.inside(folder)?;
                *last = Some((folder.to_owned(), real.clone()));
                real
            }
        };
        Ok(real.join(name))
    }

    /// The rules of the folders above the root, up to the one that holds `.git`.
    fn rules_above(&self) -> Vec<Gitignore> {
        let mut rules = Vec::new();
        if self.root.join(".git").exists() {
            return rules;
        }
        let above: Vec<&Path> = self.root.ancestors().skip(1).collect();
        if let Some(top) = above.iter().position(|folder| folder.join(".git").exists()) {
            rules.extend(above[..=top].iter().rev().filter_map(|folder| rules_of(folder)));
        }
        rules
    }

    fn walk(&self, walk: &mut Walk, folder: &Path) {
        let name = slashed(folder, &self.root).unwrap_or_default();
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return walk.listing.faults.push((name, reason(&error))),
        };
        let rules = walk.rules.len();
        walk.rules.extend(rules_of(folder));
        for entry in entries {
            match entry {
                Ok(entry) => {
                    self.visit(walk, &entry.path(), entry.file_type().ok());
                }
                Err(error) => walk.listing.faults.push((name.clone(), reason(&error))),
            }
        }
        walk.rules.truncate(rules);
    }

    fn visit(&self, walk: &mut Walk, full: &Path, kind: Option<FileType>) {
        let hidden = full.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden {
            return;
        }
        let Some(name) = slashed(full, &self.root) else {
            let shown = full.strip_prefix(&self.root).unwrap_or(full).display().to_string();
            return walk.listing.faults.push((shown, FileError::NameNotUtf8));
        };
        // Only a link can lead out; anything else lies in its folder, whose real place is known.
        let plain = kind.filter(|kind| !kind.is_symlink());
        let real = match (plain, walk.above.last(), full.file_name()) {
            (Some(_), Some(above), Some(last)) => above.join(last),
            _ => match self.inside(full) {
                Ok(real) => real,
                Err(error) => return walk.listing.faults.push((name, error)),
            },
        };
        let folder = plain.map_or_else(|| real.is_dir(), |kind| kind.is_dir());
        if walk.ignores(full, folder) {
            walk.listing.ignored.push(name);
        } else if !folder {
            walk.listing.files.push(name);
        } else if walk.above.contains(&real) {
            walk.listing.faults.push((name, FileError::Loop));
        } else {
            walk.above.push(real);
            self.walk(walk, full);
            walk.above.pop();
        }
    }
}

impl Files for Disk {
    fn list(&self, folder: &str) -> Listing {
        let full = self.root.join(folder);
        let mut walk = Walk { listing: Listing::default(), rules: self.rules_above(), above: Vec::new() };
        match self.inside(&full) {
            Ok(real) => {
                if full != self.root {
                    walk.above.push(self.root.clone());
                    let mut at = self.root.clone();
                    for part in Path::new(folder).parent().unwrap_or(Path::new("")).components() {
                        walk.rules.extend(rules_of(&at));
                        at.push(part);
                    }
                    walk.rules.extend(rules_of(&at));
                }
                walk.above.push(real);
                self.walk(&mut walk, &full);
            }
            Err(error) => walk.listing.faults.push((folder.to_owned(), error)),
        }
        let Listing { mut files, mut ignored, mut faults } = walk.listing;
        files.sort();
        ignored.sort();
        faults.sort_by(|a, b| a.0.cmp(&b.0));
        Listing { files, ignored, faults }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let real = self.place_of_file(&self.root.join(path))?;
        let file = std::fs::File::open(&real).map_err(|error| reason(&error))?;
        let about = file.metadata().map_err(|error| reason(&error))?;
        if about.is_dir() {
            return Err(FileError::IsFolder);
        }
        if !about.is_file() {
            // A pipe or a device would block or never end.
            return Err(FileError::Unreadable("it is no regular file".to_owned()));
        }
        // One byte more than it says: the read that finds the end then needs no more room.
        let room = usize::try_from(about.len().min(MAX_FILE_BYTES)).unwrap_or_default();
        let mut bytes = Vec::with_capacity(room + 1);
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(FileError::TooLarge);
        }
        Ok(bytes)
    }
}

struct Walk {
    listing: Listing,
    /// `.gitignore` rules from the outermost folder to the innermost.
    rules: Vec<Gitignore>,
    /// Real paths of the folders being walked: a link to one of them is a loop.
    above: Vec<PathBuf>,
}

impl Walk {
    fn ignores(&self, full: &Path, folder: bool) -> bool {
        for rules in self.rules.iter().rev() {
            match rules.matched(full, folder) {
                ignore::Match::None => {}
                decided => return decided.is_ignore(),
            }
        }
        false
    }
}

fn rules_of(folder: &Path) -> Option<Gitignore> {
    let file = folder.join(".gitignore");
    if !file.is_file() {
        return None;
    }
    let mut builder = GitignoreBuilder::new(folder);
    // A line that is no pattern is skipped, as Git does.
    let _ = builder.add(file);
    builder.build().ok()
}

/// The path from the root, with `/`; None outside the root or where a name is not UTF-8.
fn slashed(full: &Path, root: &Path) -> Option<String> {
    let relative = full.strip_prefix(root).ok()?;
    let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

fn reason(error: &std::io::Error) -> FileError {
    match error.kind() {
        ErrorKind::NotFound => FileError::NotFound,
        ErrorKind::IsADirectory => FileError::IsFolder,
        ErrorKind::PermissionDenied => FileError::Unreadable("permission denied".to_owned()),
        _ => FileError::Unreadable(error.to_string()),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn project() -> (tempfile::TempDir, tempfile::TempDir, Disk) {
        let root = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("personas/sub")).unwrap();
        fs::write(root.path().join("personas/a.yaml"), "a: 1\n").unwrap();
        fs::write(root.path().join("personas/sub/b.yaml"), "b: 1\n").unwrap();
        fs::write(elsewhere.path().join("out.yaml"), "secret: 1\n").unwrap();
        let disk = Disk::new(root.path()).unwrap();
        (root, elsewhere, disk)
    }

    #[test]
    fn p28_links_inside_are_followed_links_outside_are_refused_by_name_and_loops_end() {
        let (root, elsewhere, disk) = project();
        let personas = root.path().join("personas");
        symlink("sub", personas.join("linked")).unwrap();
        symlink("..", personas.join("sub/back")).unwrap();
        symlink(elsewhere.path(), personas.join("outfolder")).unwrap();
        symlink(elsewhere.path().join("out.yaml"), personas.join("out.yaml")).unwrap();
        symlink("nothing.yaml", personas.join("gone.yaml")).unwrap();

        let listing = disk.list("personas");
        assert_eq!(listing.files, ["personas/a.yaml", "personas/linked/b.yaml", "personas/sub/b.yaml"]);
        let faults: Vec<(&str, &str)> =
            listing.faults.iter().map(|(path, error)| (path.as_str(), error.code())).collect();
        assert_eq!(
            faults,
            [
                ("personas/gone.yaml", "dangling-link"),
                ("personas/linked/back", "link-loop"),
                ("personas/out.yaml", "outside-root"),
                ("personas/outfolder", "outside-root"),
                ("personas/sub/back", "link-loop"),
            ]
        );
        assert!(matches!(disk.read("personas/out.yaml"), Err(FileError::Outside { .. })));
        assert_eq!(disk.read("personas/linked/b.yaml").unwrap(), b"b: 1\n");
    }

    #[test]
    fn what_git_ignores_is_left_out_and_named() {
        let (root, _elsewhere, disk) = project();
        fs::write(root.path().join(".gitignore"), "*.local.yaml\n/personas/sub\n").unwrap();
        fs::write(root.path().join("personas/x.local.yaml"), "x: 1\n").unwrap();
        let listing = disk.list("personas");
        assert_eq!(listing.files, ["personas/a.yaml"]);
        assert_eq!(listing.ignored, ["personas/sub", "personas/x.local.yaml"]);
        assert_eq!(disk.list("").ignored, listing.ignored);
    }

    #[test]
    fn a_missing_folder_is_a_fault_and_a_hidden_file_is_no_persona() {
        let (root, _elsewhere, disk) = project();
        assert_eq!(disk.list("nowhere").faults, [("nowhere".to_owned(), FileError::NotFound)]);
        fs::write(root.path().join("personas/.#a.yaml"), "lock").unwrap();
        assert_eq!(disk.list("personas").files, ["personas/a.yaml", "personas/sub/b.yaml"]);
        assert_eq!(disk.read("personas"), Err(FileError::IsFolder));
    }

    #[test]
    fn the_root_is_found_by_walking_up() {
        let (root, _elsewhere, _disk) = project();
        fs::write(root.path().join(SETTINGS_FILE), "").unwrap();
        let disk = Disk::find(&root.path().join("personas/sub")).unwrap();
        assert_eq!(disk.root(), root.path().canonicalize().unwrap());
        let from = root.path().join("personas");
        assert_eq!(disk.relative(&from, Path::new("sub/b.yaml")).as_deref(), Some("personas/sub/b.yaml"));
        assert_eq!(disk.relative(&from, Path::new("../../x.yaml")), None);
    }
}
