use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    CampaignId, CaseId, EventId, Patch,
    attendance::GuestDraft,
    case::CaseTopic,
    event::{
        Accessibility, CoordinatesDraft, EventAudience, EventDraft, EventFormat, EventVisibility,
        LocalTimeDisambiguation, MaterialItem, OrganizerDraft, PickedCaseDraft, PlaceDraft, SessionDraft,
        VenueKind, copy_fingerprint,
    },
    participant::{AgeBand, ParticipantDraft, ParticipantRole},
    subscription::{DigestFrequency, SubscriptionDraft, SubscriptionPreferencesDraft},
};

const CAMPAIGN: CampaignId = CampaignId::new(Uuid::from_u128(3));
const EVENT: EventId = EventId::new(Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0));
const CASE: CaseId = CaseId::new(Uuid::from_u128(4));

fn participant() -> ParticipantDraft {
    ParticipantDraft {
        display_name: Some("Zo\u{eb} \"Z\" O\\Neil\n\t\u{1}".into()),
        email: Some("zoe@example.org".into()),
        roles: Some(vec![ParticipantRole::ALL[0]]),
        letter_goal: Patch::Set(12.into()),
        cases: Some(vec![CASE]),
        language: Patch::Set("en".into()),
        country: Patch::Clear,
        region: Patch::Keep,
        age_band: Patch::Set(AgeBand::ALL[0]),
        contact_consent: Patch::Set("newsletter-2021".into()),
    }
}

fn sessions() -> Vec<SessionDraft> {
    vec![SessionDraft {
        local_start: "2021-12-10T18:00".into(),
        start_repeated: Some(LocalTimeDisambiguation::Later),
        local_end: "2021-12-10T21:30".into(),
        end_repeated: None,
    }]
}

fn event() -> EventDraft {
    EventDraft {
        title: Some("Letters at the library".into()),
        description: Patch::Set("Tea,\r\nletters & stamps.".into()),
        visibility: Some(EventVisibility::ALL[0]),
        format: Some(EventFormat::ALL[0]),
        venue_kind: Some(VenueKind::ALL[0]),
        time_zone: Some("Europe/Warsaw".into()),
        sessions: Some(sessions()),
        place: Patch::Set(PlaceDraft {
            country: Some("PL".into()),
            region: Some("PL-30".into()),
            locality: Some("Rosnowo".into()),
            venue: None,
            street: Some("ul. D\u{142}uga 1".into()),
            postal_code: None,
            coordinates: Some(CoordinatesDraft { latitude: 52.4069, longitude: -0.00001 }),
            exact_for: Some(EventAudience::Going),
        }),
        online_link: Patch::Clear,
        capacity: Patch::Set(40.into()),
        expected_attendance: Patch::Set(25.into()),
        languages: Some(vec!["pl".into(), "uk".into()]),
        accessibility: Some(vec![Accessibility::ALL[0]]),
        cases: Some(vec![PickedCaseDraft { case: CASE, letter_goal: Some(100.into()) }]),
        letter_goal: Patch::Set(1_000_000.into()),
        organizer: Some(OrganizerDraft {
            name: "Ewa".into(),
            email: "ewa@example.org".into(),
            display_name: None,
        }),
        co_organizers: Some(vec![]),
        materials: Some(vec![MaterialItem::ALL[0]]),
        staff_note: Patch::Keep,
    }
}

fn guest() -> GuestDraft {
    GuestDraft {
        display_name: Some("Ola".into()),
        email: None,
        shows_email: true,
        language: Some("pl".into()),
    }
}

fn subscription() -> SubscriptionDraft {
    SubscriptionDraft {
        email: "ola@example.org".into(),
        wishes: SubscriptionPreferencesDraft {
            topics: Some(vec![CaseTopic::Torture]),
            frequency: Some(DigestFrequency::Weekly),
            language: None,
        },
        age_band: Some(AgeBand::ALL[0]),
        contact_consent: "newsletter-2021".into(),
    }
}

fn hex(bytes: [u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The values were computed from the derived JSON form of the drafts, which services stored before labels were explicit.
#[test]
fn a_fingerprint_is_the_one_that_earlier_versions_stored() {
    for (fingerprint, stored) in [
        (
            participant().fingerprint(CAMPAIGN),
            "0a85e6d35b8e214f328121d9ed3f5b61f568dbcc8b7bd290cf04191c5e4465e2",
        ),
        (
            subscription().fingerprint("ola-key-0123456789"),
            "1c800cbb331c427cde11845ca8219c1cbbdbd52769ff8792f0badadc043aa0f9",
        ),
        (guest().fingerprint(EVENT), "ccb967698feafc92a12e61adcec3e077f30887fc5cac68f7287c51de6e7e0f41"),
        (
            event().fingerprint(CAMPAIGN, false),
            "555e713bced59224cac32637247ae5e899d5048f3dc1d64e40154067188a75b4",
        ),
        (
            event().fingerprint(CAMPAIGN, true),
            "c2e8ae4ab8bcffdf9f47ab47d57535e6fd495e368083e389b3905d404fd08c04",
        ),
        (
            copy_fingerprint(CAMPAIGN, EVENT, &sessions()),
            "8ec1f9a0b3612bd7ee6b01d62307a530eb35efa32655a3f9dc760cb9f9a8dbc9",
        ),
        (
            ParticipantDraft::default().fingerprint(CAMPAIGN),
            "992fa91d476f219bb07ad732ca93ece4feff0a1163c13936ac8b478a26a53fcb",
        ),
        (
            EventDraft::default().fingerprint(CAMPAIGN, false),
            "6320a661ab2b54c926306716cc2904cc07d74053dfd260683eb084564ad95dcf",
        ),
    ] {
        assert_eq!(hex(fingerprint), stored);
    }
}

proptest! {
    #[test]
    fn numbers_and_texts_have_the_json_form_that_stored_fingerprints_were_made_from(
        count in 0..=(1_u64 << 53),
        small in -180.0..=180.0_f64,
        text in "\\PC*|[\\x00-\\x7f]*",
    ) {
        let mut written = String::new();
        // Counts and coordinates: a fingerprint is stored only of a registration that was valid.
        for number in [count as f64, small, small.round(), small * 1e-5, small * 1e-15] {
            written.clear();
            number.write(&mut written);
            prop_assert_eq!(&written, &serde_json::to_string(&number).expect("a number"));
        }
        written.clear();
        text.write(&mut written);
        prop_assert_eq!(&written, &serde_json::to_string(&text).expect("a text"));
    }
}
