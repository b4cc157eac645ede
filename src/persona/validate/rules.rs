//! Rules that join several fields.

use super::place;
use crate::diagnostic::Diagnostic;
use crate::persona::{Desired, Location};
use serde_json::Value;

pub(super) fn check(desired: &Desired, found: &mut Vec<Diagnostic>) {
    let facts = Facts { desired };
    prompt(&facts, found);
    custom_model(&facts, found);
    address(&facts, found);
    voice(&facts, found);
    pace(&facts, found);
    phrases(&facts, found);
    perception(&facts, found);
}

/// What the file says of a path.
struct Facts<'d> {
    desired: &'d Desired,
}

impl Facts<'_> {
    /// The text at this pointer, if there is one that is not empty. A value from an unset variable, or one that was
    /// refused, is `Some("")`.
    fn text(&self, pointer: &str) -> Option<&str> {
        let mut open = self.desired.unset.keys().chain(&self.desired.refused);
        if open.any(|open| open.as_str() == pointer) {
            return Some("");
        }
        match self.value(pointer)? {
            Value::String(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// What the file has at the pointer, null and empty included. The pointers here have nothing escaped in them, and
    /// no index.
    fn value(&self, pointer: &str) -> Option<&Value> {
        pointer.split('/').skip(1).try_fold(self.desired.document.reveal(), |value, key| value.get(key))
    }

    fn place(&self, pointer: &str) -> Option<Location> {
        let path: Vec<String> = pointer.split('/').skip(1).map(str::to_owned).collect();
        place::value(self.desired, &path)
    }

    /// The start of the file.
    fn start(&self) -> Option<Location> {
        let at = self.desired.locations.get(jsonptr::Pointer::root())?;
        Some(Location { span: at.span.start..at.span.start, ..at.clone() })
    }

    /// Without an id the persona may have to be created, so that everything required must be there.
    fn may_be_created(&self) -> bool {
        self.desired.id.is_none() && !self.desired.refused.iter().any(|refused| refused == "/persona_id")
    }
}

fn prompt(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    let pointer = "/system_prompt";
    let mode = facts.text("/pipeline_mode").unwrap_or("full");
    let prompt = facts.text(pointer);
    if matches!(mode, "echo" | "speech-to-speech") && prompt.is_some() {
        let message = format!("`system_prompt` has no effect with `pipeline_mode: {mode}`");
        let finding = Diagnostic::warning("prompt-unused", message, facts.place(pointer));
        found.push(finding.hint("remove one of the two"));
    }
    if mode != "full" || prompt.is_some() {
        return;
    }
    let at = match facts.value(pointer) {
        // A value of another type is reported as such.
        Some(value) if !value.is_null() && !value.is_string() => return,
        Some(_) => facts.place(pointer),
        None if facts.may_be_created() => facts.start(),
        None => return,
    };
    let message = "`system_prompt` is required unless `pipeline_mode` is `echo`";
    found.push(
        Diagnostic::error("missing-prompt", message, at)
            .hint("add it, or pin an existing persona with `persona_id` to manage only some of its fields"),
    );
}

fn custom_model(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    let (url, key) = ("/layers/llm/base_url", "/layers/llm/api_key");
    if facts.text(url).is_none() || facts.text(key).is_some() {
        return;
    }
    let at = facts.place(url);
    let finding = if facts.may_be_created() {
        Diagnostic::error("missing-api-key", "`base_url` needs an `api_key` beside it", at)
    } else {
        let message =
            "`base_url` stands without `api_key`; the API wants both whenever the layer is replaced";
        Diagnostic::note("api-key-elsewhere", message, at)
    };
    found.push(finding.hint("add `api_key: !env LLM_API_KEY` beside it"));
}

/// The API adds the route of each request to the address by itself.
fn address(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    const ROUTES: [&str; 5] = ["/chat/completions", "/completions", "/responses", "/messages", "/embeddings"];
    let pointer = "/layers/llm/base_url";
    let Some(url) = facts.text(pointer).filter(|url| !url.is_empty()) else { return };
    let secret = facts.desired.env.keys().any(|known| known == pointer);
    let bare = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let has_scheme = ["https://", "http://"]
        .iter()
        .any(|scheme| bare.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let route = ROUTES.iter().find(|route| bare.ends_with(*route));
    let warn = |message: String| Diagnostic::warning("base-url", message, facts.place(pointer));
    if !has_scheme {
        found.push(warn("`base_url` is no address of a server".to_owned()).hint("it starts with `https://`"));
    } else if let Some(route) = route {
        let finding = warn(format!("`base_url` ends with the route `{route}`, which the API adds by itself"));
        let rest = bare.strip_suffix(route).unwrap_or(bare);
        found.push(if secret || rest.contains('@') {
            finding.hint("leave the route out")
        } else {
            finding.hint(format!("write `base_url: {rest}`"))
        });
    }
}

fn voice(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    let model = "/layers/tts/tts_model_name";
    if facts.text("/layers/tts/tts_engine") == Some("azure") && facts.text(model).is_some() {
        let message = "`tts_model_name` is not allowed with `tts_engine: azure`";
        let finding = Diagnostic::error("azure-model", message, facts.place(model));
        found.push(finding.hint("remove it; the voice is chosen by `external_voice_id`"));
    }
}

/// ElevenLabs takes a pace from 0.7 to 1.2; other engines have scales of their own.
fn pace(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    let speed = "/layers/tts/voice_settings/speed";
    let out = facts.value(speed).and_then(Value::as_f64).is_some_and(|speed| !(0.7..=1.2).contains(&speed));
    if facts.text("/layers/tts/tts_engine") == Some("elevenlabs") && out {
        let message = "`speed` must be from 0.7 to 1.2 with `tts_engine: elevenlabs`";
        found.push(Diagnostic::error("out-of-range", message, facts.place(speed)));
    }
}

/// What the chosen perception model does not do.
fn perception(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    let model = facts.text("/layers/perception/perception_model").unwrap_or("raven-1");
    let unused: &[&str] = match model {
        "raven-0" => &["audio_awareness_queries", "audio_tool_prompt", "audio_tools"],
        "off" => &[
            "audio_awareness_queries",
            "audio_tool_prompt",
            "audio_tools",
            "visual_awareness_queries",
            "visual_tool_prompt",
            "visual_tools",
            "perception_analysis_queries",
        ],
        _ => &[],
    };
    for name in unused {
        let pointer = format!("/layers/perception/{name}");
        let empty = |value: &Value| match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(elements) => elements.is_empty(),
            _ => false,
        };
        if facts.value(&pointer).is_some_and(|value| !empty(value)) {
            let message = format!("`{name}` has no effect with `perception_model: {model}`");
            let finding = Diagnostic::warning("perception-unused", message, facts.place(&pointer));
            found.push(finding.hint("remove it, or use `raven-1`"));
        }
    }
}

fn phrases(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    let (wake, sleep) =
        ("/layers/conversational_flow/wake_phrase", "/layers/conversational_flow/sleep_phrase");
    let woken = facts.text(wake).is_some() || (!facts.may_be_created() && facts.value(wake).is_none());
    if facts.text(sleep).is_some() && !woken {
        let finding = Diagnostic::warning(
            "sleep-without-wake",
            "`sleep_phrase` needs a `wake_phrase`",
            facts.place(sleep),
        );
        found.push(finding.hint("add `wake_phrase`, or nothing can wake the persona"));
    }
}
