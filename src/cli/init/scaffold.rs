//! The files of a new project, as data.

use crate::cli::schema::Which;

/// A file to write.
pub(super) struct File {
    /// Its path from the new root.
    pub(super) path: &'static str,
    /// Its text.
    pub(super) text: String,
}

/// The line for `.gitignore`: what the sandbox and the locks keep there is nobody else's.
pub(super) const IGNORED: &str = "/.personactl/";

/// All files.
pub(super) fn files(workflows: bool, example: bool) -> Vec<File> {
    let file = |path, text: &str| File { path, text: text.to_owned() };
    let mut files = vec![file("personactl.yaml", include_str!("templates/personactl.yaml"))];
    if example {
        files.push(file("personas/example.yaml", include_str!("templates/example.yaml")));
    }
    files.push(File { path: "schema/persona.json", text: Which::Persona.text() });
    files.push(File { path: "schema/overlay.json", text: Which::Overlay.text() });
    files.push(File { path: "schema/settings.json", text: Which::Settings.text() });
    if workflows {
        files.push(file(".github/workflows/personas-plan.yml", include_str!("templates/plan.yml")));
        files.push(file(".github/workflows/personas-apply.yml", include_str!("templates/apply.yml")));
        files.push(file(".github/workflows/personas-drift.yml", include_str!("templates/drift.yml")));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{LoadRequest, Memory, load};

    #[test]
    fn a_new_project_has_no_faults_with_any_of_its_remarks_put_in() {
        let mut project = Memory::default();
        for file in files(true, true) {
            project = project.with(file.path, &file.text);
        }
        let none = |_: &str| None;
        let request =
            LoadRequest { config: Some("personactl.yaml".into()), validate: true, ..LoadRequest::default() };
        let loaded = load(&project, &none, &request);
        assert_eq!(loaded.diagnostics, []);
        assert_eq!(loaded.desired.len(), 1);

        // What stands in remarks is right, too.
        let switched_on = |text: &str| {
            let lines = text.lines().map(|line| match line.trim_start().strip_prefix("# ") {
                Some(rest)
                    if rest.contains(": ") && !rest.starts_with("yaml-") && !rest.contains(". ")
                        || rest.ends_with(':')
                        || rest.starts_with("  ") =>
                {
                    format!("{}{rest}\n", &line[..line.len() - line.trim_start().len()])
                }
                _ => format!("{line}\n"),
            });
            lines.collect::<String>()
        };
        let project = project
            .with(
                "personactl.yaml",
                switched_on(include_str!("templates/personactl.yaml")).replace("GATEWAY_TOKEN", "A_B"),
            )
            .with("personas/example.yaml", switched_on(include_str!("templates/example.yaml")));
        let loaded = load(&project, &none, &request);
        assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
        assert_eq!(loaded.settings.environment.as_deref(), Some("staging"));
        assert_eq!(loaded.desired[0].unset.len(), 1);
    }
}
