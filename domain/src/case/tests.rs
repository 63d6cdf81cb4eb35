use super::*;

fn language(tag: &str) -> Language {
    Language::parse(tag).expect("a language")
}

fn case(languages: &[&str]) -> Case {
    let draft = CaseDraft {
        name: Some("Wendy Galarza".into()),
        kind: Some(CaseKind::Person),
        country: Some("MX".into()),
        texts: Some(
            languages
                .iter()
                .map(|tag| TextDraft {
                    language: (*tag).into(),
                    summary: Some("Túrn".into()),
                    ..TextDraft::default()
                })
                .collect(),
        ),
        authorities: Some(vec![AuthorityDraft {
            title: "Attorney General".into(),
            postal_address: vec!["Hidden Street 1".into()],
            ..AuthorityDraft::default()
        }]),
        ..CaseDraft::default()
    };
    Case {
        id: CaseId::new(uuid::Uuid::from_u128(1)),
        edition_id: EditionId::new(uuid::Uuid::from_u128(2)),
        slug: "wendy-galarza".into(),
        content: draft.complete(None).expect("a case"),
        outcomes: vec![],
        consent: None,
        state: CaseState::Draft,
        writing_stopped_at: None,
        updated_at: Timestamp::UNIX_EPOCH,
        revision: 1,
    }
}

#[test]
fn every_step_between_states_is_allowed_or_refused_as_drawn() {
    use CaseState::{Archived, Closed, Draft, Published, Suspended};
    let closed = Closed(CloseReason::GoodNews);
    for (state, publish, suspend, resume, close) in [
        (Draft, true, false, false, false),
        (Published, false, true, false, true),
        (Suspended, false, false, true, true),
        (closed, false, false, false, false),
        (Archived, false, false, false, false),
    ] {
        assert_eq!(state.published().is_ok(), publish, "publish {state}");
        assert_eq!(state.suspended().is_ok(), suspend, "suspend {state}");
        assert_eq!(state.resumed().is_ok(), resume, "resume {state}");
        assert_eq!(state.closed(CloseReason::Safety).is_ok(), close, "close {state}");
        assert_eq!(state.serves_addresses(), state == Published, "address of {state}");
    }
}

#[test]
fn a_language_falls_back_to_a_wider_one_then_english_then_the_first() {
    let given = |languages: &[&str], wanted: &[&str]| {
        let wanted: Vec<_> = wanted.iter().map(|tag| language(tag)).collect();
        case(languages).text([], &wanted).map(|text| text.language.to_string())
    };
    assert_eq!(given(&["en", "fr"], &["fr-CA"]).as_deref(), Some("fr"));
    assert_eq!(given(&["en", "fr-CA"], &["fr"]).as_deref(), Some("fr-CA"));
    assert_eq!(given(&["en", "fr"], &["pl", "fr"]).as_deref(), Some("fr"));
    assert_eq!(given(&["fr", "en"], &["pl"]).as_deref(), Some("en"));
    assert_eq!(given(&["fr", "es"], &["pl"]).as_deref(), Some("fr"));
    assert_eq!(given(&[], &["pl"]), None);
}

#[test]
fn no_address_is_ever_searched() {
    let text = case(&["en"]).search_text();
    assert_eq!(text, "wendy galarza turn");
}

#[test]
fn a_draft_names_every_field_at_fault() {
    let draft = CaseDraft {
        name: Some("a".repeat(10_000)),
        country: Some("ZZ".into()),
        texts: Some(vec![
            TextDraft { language: "en".into(), ..TextDraft::default() },
            TextDraft { language: "en".into(), title: Some("\u{202E}".into()), ..TextDraft::default() },
            TextDraft { language: "en".into(), ..TextDraft::default() },
        ]),
        authorities: Some(vec![AuthorityDraft { title: String::new(), ..AuthorityDraft::default() }]),
        sources: Some(vec!["nowhere".into()]),
        ..CaseDraft::default()
    };
    let broken = draft.complete(None).expect_err("full of mistakes");
    let found: Vec<_> = broken.iter().map(|v| format!("{} {}", v.path.join("."), v.rule.code())).collect();
    assert_eq!(
        found,
        [
            "name TEXT_TOO_LONG",
            "kind REQUIRED",
            "country COUNTRY_UNKNOWN",
            "texts.1.title BIDIRECTIONAL_OVERRIDE",
            "texts.1.language DUPLICATE",
            "texts.2.language DUPLICATE",
            "authorities.0.title REQUIRED",
            "sources.0 URL_INVALID",
        ]
    );
}

#[test]
fn a_change_leaves_alone_what_it_does_not_name() {
    let before = case(&["en"]).content;
    let draft = CaseDraft { name: Some("Wendy".into()), ..CaseDraft::default() };
    let after = draft.complete(Some(&before)).expect("a change");
    assert_eq!(after, CaseContent { name: "Wendy".into(), ..before });
}
