//! "did you mean": the nearest of a set of known names.

/// The known name that `name` is most likely a misspelling of.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(name);
    let allowed = match folded.chars().count() {
        0..=2 => return known.into_iter().find(|other| fold(other) == folded && *other != name),
        3..=4 => 1,
        5..=9 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .filter(|other| *other != name)
        .map(|other| (strsim::damerau_levenshtein(&folded, &fold(other)), other))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// Case and separators carry no meaning when names are compared: `baseUrl` is near `base_url`.
fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn p27_a_misspelt_name_leads_to_the_right_one_and_a_strange_one_to_none() {
        let known = ["system_prompt", "pipeline_mode", "layers", "context", "tts"];
        assert_eq!(nearest("sytem_promt", known), Some("system_prompt"));
        assert_eq!(nearest("systemPrompt", known), Some("system_prompt"));
        assert_eq!(nearest("layer", known), Some("layers"));
        assert_eq!(nearest("tss", known), Some("tts"));
        assert_eq!(nearest("webhook", known), None);
        assert_eq!(nearest("id", known), None);
        assert_eq!(nearest("system_prompt", known), None);
    }
}
