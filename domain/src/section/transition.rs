//! Changes of sections, the bodies that run editions. The code of a section never changes, since files refer to it.

use super::{Section, SectionDraft};
use crate::{
    SectionId,
    catalogue::{
        CatalogueChange, CatalogueEdit,
        checks::{check_revision, languages, not_found},
    },
    text::{self, Zone},
    violation::{EntityKind, ViolationKind, Violations},
};

/// Registers a section.
///
/// # Errors
/// The rules that the draft breaks, or [`ViolationKind::AlreadyExists`] for a code that is taken.
pub fn create(
    edit: &mut CatalogueEdit,
    id: SectionId,
    code: &str,
    draft: &SectionDraft,
) -> Result<Section, Violations> {
    let mut violations = Violations::default();
    let code = violations.check("code", text::slug(code)).unwrap_or_default();
    if edit.catalogue.section_by_code(&code).is_some() {
        violations.add("code", ViolationKind::AlreadyExists { noun: EntityKind::Section });
    }
    let name =
        violations.check("name", draft.name.as_deref().map_or(Err(ViolationKind::Required), text::line));
    let country = draft.country(&mut violations, None);
    let languages = languages(&mut violations, draft.languages.as_deref().unwrap_or_default());
    let zone = draft.time_zone.as_deref().map_or(Err(ViolationKind::TimeZoneUnknown), Zone::parse);
    let zone = violations.check("time_zone", zone);
    violations.into_result()?;
    let (Some(name), Some(zone)) = (name, zone) else {
        unreachable!("a value is missing only beside a violation");
    };
    let section = Section { id, code, name, country, languages, zone, revision: 1 };
    store(edit, "sectionCreate", &section);
    Ok(section)
}

/// Changes a section. Campaigns that exist keep the zone they have.
///
/// # Errors
/// The rules that the draft breaks, [`ViolationKind::NotFound`] or [`ViolationKind::StaleRevision`].
pub fn change(
    edit: &mut CatalogueEdit,
    id: SectionId,
    expected_revision: u32,
    draft: &SectionDraft,
) -> Result<Section, Violations> {
    let mut section = edit.catalogue.section(id).ok_or_else(|| not_found("id", EntityKind::Section))?.clone();
    let mut violations = Violations::default();
    check_revision(&mut violations, expected_revision, section.revision);
    draft.apply(&mut violations, &mut section);
    violations.into_result()?;
    section.revision += 1;
    store(edit, "sectionUpdate", &section);
    Ok(section)
}

fn store(edit: &mut CatalogueEdit, action: &'static str, section: &Section) {
    edit.upsert(CatalogueChange::Section(section.clone()));
    edit.record(action, section.id.uuid(), None);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Patch;
    use crate::catalogue::fixtures::{SECTION, UNKNOWN_ID, canada, empty, noted, refused, stocked};

    #[test]
    fn a_code_names_one_section() {
        let mut edit = stocked();
        let id = SectionId::new(UNKNOWN_ID);
        assert_eq!(refused(create(&mut edit, id, "ca", &canada())), ["code ALREADY_EXISTS"]);
        assert!(create(&mut edit, id, "ca-fr", &canada()).is_ok());
        assert_eq!(noted(&edit), ("sectionCreate", UNKNOWN_ID, None));
    }

    #[test]
    fn a_new_section_names_every_field_at_fault() {
        assert_eq!(
            refused(create(&mut empty(), SECTION, "C A", &SectionDraft::default())),
            ["code SLUG_INVALID", "name REQUIRED", "languages TOO_FEW_ITEMS", "time_zone TIME_ZONE_UNKNOWN"]
        );
        let draft = SectionDraft {
            name: Some("a\nb".into()),
            country: Patch::Set("ZZ".into()),
            languages: Some(vec!["en".into(), "zz".into(), "EN".into()]),
            time_zone: Some("Mars/Olympus".into()),
        };
        assert_eq!(
            refused(create(&mut empty(), SECTION, "ca", &draft)),
            [
                "name CONTROL_CHARACTER",
                "country COUNTRY_UNKNOWN",
                "languages.1 LANGUAGE_UNKNOWN",
                "languages.2 DUPLICATE",
                "time_zone TIME_ZONE_UNKNOWN",
            ]
        );
    }

    #[test]
    fn a_section_may_work_everywhere() {
        let mut edit = stocked();
        let everywhere = SectionDraft { country: Patch::Clear, ..SectionDraft::default() };
        let section = change(&mut edit, SECTION, 1, &everywhere).expect("a change");
        assert_eq!((section.country, section.name.as_str(), section.revision), (None, "Canada", 2));
        let without = SectionDraft { country: Patch::Keep, ..canada() };
        let new = create(&mut edit, SectionId::new(UNKNOWN_ID), "int", &without).expect("a section");
        assert_eq!(new.country, None);
    }

    #[test]
    fn a_change_needs_a_section_its_present_revision_and_good_fields() {
        let mut edit = stocked();
        let nobody = SectionId::new(UNKNOWN_ID);
        assert_eq!(refused(change(&mut edit, nobody, 1, &canada())), ["id NOT_FOUND"]);
        let draft = SectionDraft {
            name: Some(String::new()),
            country: Patch::Set("Canada".into()),
            languages: Some(vec![]),
            time_zone: Some(String::new()),
        };
        assert_eq!(
            refused(change(&mut edit, SECTION, 7, &draft)),
            [
                "expected_revision STALE_REVISION",
                "name REQUIRED",
                "country COUNTRY_UNKNOWN",
                "languages TOO_FEW_ITEMS",
                "time_zone TIME_ZONE_UNKNOWN",
            ]
        );
    }
}
