//! Resources of a file: published once, changed if the file differs, and left retired.

use domain::{
    Resource,
    resource::{self, ResourceState},
};

use super::*;

const TWO: &str = r#",
  "resources": [
    { "kind": "CASE_SHEET", "title": "Rung", "case": "rung", "language": "en", "audience": "WRITERS",
      "url": "https://example.org/rung.pdf" },
    { "kind": "EVENT_KIT", "title": "An evening", "language": "en", "audience": "ORGANIZERS",
      "url": "https://example.org/kit.zip", "version": "2021" }
  ]"#;

fn titles(revising: &CatalogueEdit) -> Vec<(String, u32, ResourceState)> {
    let mut resources: Vec<&Resource> = revising.catalogue.resources().collect();
    resources.sort_by(|one, other| one.url.cmp(&other.url));
    resources.iter().map(|it| (it.title.clone(), it.revision, it.state)).collect()
}

#[test]
fn a_file_offers_its_resources_once() {
    let mut revising = empty();
    let plan = import(&edition_with(TWO), &mut revising);
    assert_eq!(plan.resources, Count { added: 2, ..Count::default() });
    let mut revising = stored(revising);
    let again = import(&edition_with(TWO), &mut revising);
    assert_eq!(again.resources, Count { unchanged: 2, ..Count::default() });
    assert!(again.leaves_catalogue() && revising.entries().is_empty());
    let changed = TWO
        .replace("An evening", "An evening of letters")
        .replace(r#", "version": "2021""#, r#", "version": null"#);
    let plan = import(&edition_with(&changed), &mut revising);
    assert_eq!(plan.resources, Count { changed: 1, unchanged: 1, ..Count::default() });
    assert_eq!(
        titles(&revising),
        [
            ("An evening of letters".into(), 2, ResourceState::Offered),
            ("Rung".into(), 1, ResourceState::Offered)
        ]
    );
}

#[test]
fn what_was_retired_a_file_does_not_offer_again() {
    let mut revising = empty();
    import(&edition_with(TWO), &mut revising);
    let sheet = revising.catalogue.resources().find(|it| it.case_id.is_some()).expect("a sheet").id;
    resource::retire(&mut revising, sheet, 1, "A wrong address.").expect("it is retired");
    let mut revising = stored(revising);
    let plan = import(&edition_with(TWO), &mut revising);
    assert!(plan.leaves_catalogue());
    assert_eq!(plan.notes[0].sentence, "The resource was retired here and stays so.");
    assert_eq!(plan.notes[0].path, "resources[0]");
    assert_eq!(titles(&revising)[1].2, ResourceState::Retired);
}

#[test]
fn every_mistake_in_a_resource_names_its_line() {
    let wrong = TWO
        .replace(r#""case": "rung""#, r#""case": "nobody""#)
        .replace("EVENT_KIT", "ADDRESS_LABELS")
        .replace("https://example.org/kit.zip", "http://example.org/kit.zip");
    let line = edition_with(TWO).lines().position(|line| line.contains("\"resources\"")).expect("a line") + 1;
    let shown = refused(&edition_with(&wrong), &mut empty());
    let codes: Vec<_> = shown.iter().map(|shown| shown.split(':').next().unwrap_or_default()).collect();
    assert_eq!(codes, [line + 1, line + 3, line + 4].map(|line| line.to_string()), "{shown:?}");
    for (shown, end) in shown.iter().zip([
        "resources[0].case NOT_FOUND",
        "resources[1].case CASE_MISSING",
        "resources[1].url URL_NOT_SECURE",
    ]) {
        assert!(shown.ends_with(end), "{shown}");
    }
    let twice = TWO.replace("https://example.org/kit.zip", "https://EXAMPLE.org/rung.pdf").replace(
        r#""language": "en", "audience": "ORGANIZERS""#,
        r#""case": "rung", "language": "en", "audience": "ORGANIZERS""#,
    );
    let shown = refused(&edition_with(&twice), &mut empty());
    assert!(shown[0].ends_with("resources[1].url DUPLICATE"), "{shown:?}");
    let unknown = TWO.replace("\"title\"", "\"name\"");
    assert!(refused(&edition_with(&unknown), &mut empty())[0].ends_with("NOT_THIS_FORM"));
}
