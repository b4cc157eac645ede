//! Every code that a finding can have, with its usual level and an explanation: one table.
//!
//! `validate --explain CODE`, the reference page and the `lints:` setting read it. A code is never renamed.

use super::Severity;

/// A kind of finding.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    /// Stable, kebab-case.
    pub name: &'static str,
    /// How bad it is where `lints:` says nothing. Only warnings and notes can be given another level.
    pub severity: Severity,
    /// What it means and what to do, in a few sentences.
    pub explanation: &'static str,
}

const fn error(name: &'static str, explanation: &'static str) -> Code {
    Code { name, severity: Severity::Error, explanation }
}

const fn warning(name: &'static str, explanation: &'static str) -> Code {
    Code { name, severity: Severity::Warning, explanation }
}

const fn note(name: &'static str, explanation: &'static str) -> Code {
    Code { name, severity: Severity::Note, explanation }
}

/// All codes, in alphabetical order.
pub const CODES: &[Code] = &[
    error(
        "alias-bomb",
        "Anchors and aliases would blow the file up beyond any real persona. Write repeated values out, or repeat fewer of them.",
    ),
    error(
        "alias-in-itself",
        "An alias (`*name`) stands inside the value that its anchor (`&name`) marks, which has no end.",
    ),
    error(
        "ambiguous-ref",
        "Several siblings of the account have the name that `!ref` gives. Write the id of the one that is meant.",
    ),
    note(
        "api-key-elsewhere",
        "`layers.llm.base_url` stands without `api_key`. That works while the API holds a key for this persona; whenever the whole layer is written, both are needed.",
    ),
    error(
        "azure-model",
        "The voice engine `azure` takes no `tts_model_name`; the API refuses the two together.",
    ),
    error(
        "bad-env-name",
        "`!env` and `env_allow` take the bare name of an environment variable: letters, digits and `_`.",
    ),
    error("bad-glob", "A glob of `personas:` cannot be read or leads outside the project."),
    error(
        "bad-identity",
        "`persona_id` must be a text. An id that looks like a number needs quotation marks.",
    ),
    error(
        "bad-json",
        "A `.json` file must be strict JSON: no comments, no trailing commas, double quotes around keys. In a `.yaml` file all of these are fine.",
    ),
    error(
        "bad-number",
        "The core rules of YAML read this as a number, but it cannot be held as one without being changed (too large, not finite, or read in two ways). Quote it if text is meant.",
    ),
    error(
        "bad-parameters",
        "The parameters of a tool must be a JSON Schema for an object, as the model is given them.",
    ),
    error(
        "bad-pattern",
        "Patterns of `ignore` and `opaque` are JSON Pointers in which `*` stands for one segment, such as `/layers/llm/tools/*/function/description`.",
    ),
    error("bad-setting", "A setting has a value of the wrong type or outside its bounds."),
    error("bad-tool-name", "Names of tools match `^[a-zA-Z_][a-zA-Z0-9_]{0,63}$`; the API refuses others."),
    error(
        "bad-utf8",
        "Files are read as UTF-8. Editors on Windows call it \"UTF-8\" or \"UTF-8 without BOM\"; both are fine.",
    ),
    warning(
        "base-url",
        "`layers.llm.base_url` is the address of your own model's server, from `https://` on and without a route such as `/chat/completions` at its end.",
    ),
    error(
        "control-character",
        "YAML allows no control characters but tab and line ends. Usually one was pasted along with text; delete it, or write it as an escape (`\\x1b`) in double quotes.",
    ),
    note(
        "crlf-in-file",
        "A file taken in by `!file` has Windows line ends. They are read as plain ones, so that the plan does not depend on the machine.",
    ),
    error(
        "dangling-link",
        "A link leads to nothing. A persona behind it would be missing, which could be taken for a deletion.",
    ),
    warning("deprecated-field", "The vendor advises against this field."),
    error("empty-entry", "A list of ids or tags has an entry without text."),
    error("empty-file", "A persona file holds nothing, or comments only."),
    error(
        "env-not-allowed",
        "`!env` may only use variables whose names start with TAVUS_, LLM_ or TTS_, or that `env_allow` lists, and never the API key of the account: otherwise a pull request could send any secret of the machine into a persona.",
    ),
    error("file-is-folder", "The path names a folder where a file is needed."),
    error(
        "file-name-not-utf8",
        "The name of a file is not UTF-8, so that it cannot be written in settings or messages.",
    ),
    error(
        "file-not-found",
        "The file does not exist. Paths of `!file` are relative to the file that names them.",
    ),
    error("file-too-large", "The file is larger than any persona or prompt can be."),
    note(
        "git-ignored",
        "The file matches `personas:`, but `.gitignore` leaves it out, so that it is no part of the desired state.",
    ),
    error(
        "key-not-text",
        "Keys of JSON are texts. YAML reads an unquoted `1`, `true` or `~` as something else; quote it.",
    ),
    note("legacy-field", "The vendor prefers a newer way; this one goes on working."),
    note("link-loop", "A link leads back to a folder it lies in. It is not followed."),
    error(
        "literal-api-key",
        "The API key of the account must not stand in the settings file. Write `api_key: !env NAME`.",
    ),
    warning(
        "literal-secret",
        "A credential is written out in the file and so is in the Git history. Write `!env NAME` and set the variable; then change the credential.",
    ),
    error(
        "masked-value",
        "The value is what a server or a person puts in place of a secret (`********`, `<your-api-key>`). Sent, it would overwrite the real one.",
    ),
    error("merge-not-object", "A merge key (`<<`) takes an object or a list of objects, usually as aliases."),
    error(
        "missing-api-key",
        "A custom model (`base_url`) needs an `api_key` beside it; the API refuses one without the other.",
    ),
    error(
        "missing-prompt",
        "A persona needs a `system_prompt` unless its `pipeline_mode` is `echo`. A file with `persona_id` may leave it out, to manage only some fields of an existing persona.",
    ),
    note(
        "newer-name",
        "The file has a name from the vendor's newer vocabulary (PAL, Face). It is read, and sent, under the older name, which the API takes as well.",
    ),
    error(
        "no-environment",
        "The project defines environments. Choose one by `--env NAME`, or set `default_environment`, so that nothing is ever applied to an account by chance.",
    ),
    error(
        "no-files",
        "No persona file was found. That is an error, so that an emptied or mistyped folder is never taken for an empty desired state.",
    ),
    error(
        "no-identity",
        "A persona file needs `persona_name` (then the persona is found by name or created) or `persona_id` (then it must exist).",
    ),
    error("not-a-persona", "A persona file holds one object: the fields of one persona."),
    warning(
        "older-yaml",
        "The value is text by YAML 1.2, which is what counts here, but a boolean or a number to older readers (YAML 1.1), such as other tools on the same files. Quotation marks make it text everywhere.",
    ),
    error("out-of-range", "The number is outside the range that the API documents."),
    error(
        "outside-root",
        "The path or link leads outside the project's folder. Nothing outside is read, so that a pull request cannot take in files of the machine.",
    ),
    error("overlay-ambiguous", "Two files claim to be the same overlay, or an overlay has two base files."),
    error(
        "overlay-of-nothing",
        "`a.X.yaml` beside `a.yaml` is the overlay of the environment X, and there is none of this name. Read as a persona of its own, it would be created in every account.",
    ),
    error(
        "overlay-without-base",
        "The file is named as an overlay of an environment, but the file that it lies over does not exist.",
    ),
    warning(
        "perception-unused",
        "The chosen perception model does not use this field: `raven-0` has no audio, `off` has nothing.",
    ),
    error(
        "persona-twice",
        "Two files mean the same persona: equal ids, or equal names. Each apply would undo the other.",
    ),
    warning("prompt-unused", "Without a language model in the pipeline, the prompt has no effect."),
    error("read-only-field", "Only the server sets this field. It is never sent; in a file it is a mistake."),
    error(
        "readers-differ",
        "Two YAML readers see different values here. Rather than choose one and change what you meant, the file is refused. Quote the text or use a `|` block.",
    ),
    error("ref-not-here", "`!ref` cannot be used at this place."),
    warning("renamed-field", "The vendor renamed this field. The old name may stop working."),
    warning("repeated-entry", "A list whose order has no meaning names something twice."),
    error("repeated-key", "The same key stands twice in one object. Many readers silently take the last."),
    warning("required-unknown", "A tool requires a parameter that its `properties` do not describe."),
    error("second-document", "A file holds one persona. `---` in the middle starts a second YAML document."),
    warning("sleep-without-wake", "A persona that is sent to sleep by a phrase needs one that wakes it."),
    warning(
        "stale-value",
        "The vendor no longer offers this value. It may be refused, even when something else is changed.",
    ),
    error("tag-mismatch", "A tag stands before a value that it does not fit."),
    error("tag-on-key", "Tags stand before values: `api_key: !env NAME`."),
    error(
        "template-braces",
        "An unquoted `{{` starts an object in YAML. Texts that start with a template must be quoted.",
    ),
    error("too-deep", "Values are nested deeper than any persona; the indentation is probably wrong."),
    error("too-long", "The text is longer than the API documents."),
    error("too-many", "The list is longer than the API documents."),
    error(
        "tool-twice",
        "Two tools of one list have the same name, so that a call to it has no clear meaning.",
    ),
    error("tool-without-name", "A tool needs a name: `function: {name: ...}`."),
    warning(
        "unfamiliar-value",
        "The value is not among those known to this version. Engines and models come and go, so it is sent; check the spelling.",
    ),
    error(
        "unknown-anchor",
        "An alias (`*name`) repeats an anchor (`&name`) that does not stand before it. A text that starts with `*` must be quoted.",
    ),
    error("unknown-environment", "The environment is not defined in personactl.yaml."),
    error("unknown-field", "The field does not exist, and one with a similar name does."),
    error(
        "unknown-ref",
        "The account has no sibling of the name that `!ref` gives. Names are compared exactly, case included.",
    ),
    error("unknown-setting", "personactl.yaml or `reconcile:` has a key that does not exist."),
    error(
        "unknown-tag",
        "Tags that are read: `!file`, `!env`, `!var`, `!ref`. A text that starts with `!` must be quoted.",
    ),
    error("unknown-value", "The field takes one of a fixed set of values."),
    error(
        "unknown-var",
        "`!var NAME` takes a value from the chosen environment's `vars:`, and there is none of this name.",
    ),
    error(
        "unreadable",
        "A file or folder cannot be read. Nothing is planned then: what is missing could be taken for a deletion.",
    ),
    warning(
        "unrecognised-field",
        "The field is not known to this version. It is sent as it is; the API may refuse it.",
    ),
    error("wrong-type", "The field takes a value of another type."),
    error(
        "yaml-syntax",
        "The text is not YAML. The place is where the reader gave up; the cause is often the line above.",
    ),
];

/// The code of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Code> {
    CODES.binary_search_by(|code| code.name.cmp(name)).ok().and_then(|at| CODES.get(at))
}

/// The codes whose level `lints:` can set.
pub fn lints() -> impl Iterator<Item = &'static Code> {
    CODES.iter().filter(|code| code.severity != Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::path::Path;

    #[test]
    fn codes_are_sorted_unique_and_explained() {
        assert!(CODES.windows(2).all(|pair| pair[0].name < pair[1].name));
        for code in CODES {
            assert!(
                code.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{}",
                code.name
            );
            assert!(code.explanation.ends_with('.'), "{}", code.name);
            assert_eq!(find(code.name).unwrap().name, code.name);
        }
        assert!(find("no-such-code").is_none());
    }

    /// The table and the code agree: every code that is given somewhere is listed with its level, and none is
    /// listed that is never given.
    #[test]
    fn every_code_in_the_program_is_listed_and_none_is_idle() {
        let mut used: BTreeMap<String, String> = BTreeMap::new();
        for folder in ["src/source", "src/persona"] {
            scan(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut used);
        }
        let listed: Vec<&str> = CODES.iter().map(|code| code.name).collect();
        let names: Vec<&str> = used.keys().map(String::as_str).collect();
        assert_eq!(names, listed);
        for code in CODES {
            let kind = &used[code.name];
            let level = match code.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            assert!(kind == level || kind == "any", "{} is given as {kind} and listed as {level}", code.name);
        }
    }

    fn scan(folder: &Path, used: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                scan(&path, used);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            for kind in ["error", "warning", "note"] {
                for part in ["Diagnostic::", "self.", "walk."]
                    .iter()
                    .flat_map(|by| text.split(&format!("{by}{kind}(")).skip(1).collect::<Vec<_>>())
                {
                    if let Some(code) =
                        part.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next())
                    {
                        used.insert(code.to_owned(), kind.to_owned());
                    }
                }
            }
            // Codes of `FileError`.
            for part in text.split("FileError::").skip(1) {
                if let Some(code) =
                    part.split_once("=> \"").filter(|(before, _)| !before.contains(['\n', ';']))
                {
                    used.entry(code.1.split('"').next().unwrap().to_owned())
                        .or_insert_with(|| "any".to_owned());
                }
            }
        }
    }
}
