//! The vendor's newer words: since June 2026 a persona is a PAL and a replica a Face. The API still takes the older
//! names, which are the ones used here; files may have either.

/// Newer names as pointers, each with the name that it is read as. Only the last segments differ.
pub const ALIASES: [(&str, &str); 5] = [
    ("/pal_id", "/persona_id"),
    ("/pal_name", "/persona_name"),
    ("/default_face_id", "/default_replica_id"),
    (
        "/layers/conversational_flow/pal_interruptibility",
        "/layers/conversational_flow/replica_interruptibility",
    ),
    (
        "/layers/conversational_flow/face_interruptibility",
        "/layers/conversational_flow/replica_interruptibility",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persona::schema::find;

    #[test]
    fn every_alias_leads_to_a_row_beside_it_and_is_none_itself() {
        for (alias, name) in ALIASES {
            let path = |pointer: &str| pointer.split('/').skip(1).map(str::to_owned).collect::<Vec<_>>();
            assert!(find(&path(name)).is_some() && find(&path(alias)).is_none(), "{alias}");
            assert_eq!(alias.rsplit_once('/').unwrap().0, name.rsplit_once('/').unwrap().0);
        }
    }
}
