use super::*;

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Row {
    country: String,
    region: Option<String>,
    locality: Option<String>,
    venue: Option<String>,
    street: Option<String>,
    postal_code: Option<String>,
    lines: Vec<String>,
    /// What the line order was compared with, for readers of the table.
    source: String,
}

fn rows() -> Vec<Row> {
    serde_json::from_str(include_str!("../../../tests/places/places.json")).expect("a table of places")
}

#[test]
fn places_of_the_world_have_the_lines_of_their_country() {
    for row in rows() {
        let country = Country::parse(&row.country).expect("a country");
        let region = row.region.as_deref().map(|code| Region::parse(code).expect("a region"));
        let address = PostalAddress {
            venue: row.venue.as_deref(),
            street: row.street.as_deref(),
            locality: row.locality.as_deref(),
            region: region.as_ref(),
            postal_code: row.postal_code.as_deref(),
            country: &country,
        };
        assert!(!row.source.is_empty());
        assert_eq!(address.lines(NameLanguage::English), row.lines, "{}", row.source);
    }
}

#[test]
fn nothing_that_was_given_is_left_out_in_any_country() {
    for (code, ..) in countries::COUNTRIES {
        let country = Country::parse(code).expect("a country");
        let regions = rust_iso3166::iso3166_2::SUBDIVISION_COUNTRY_MAP.get(code);
        let region = regions.and_then(|regions| regions.first());
        let region = region.map(|region| Region::parse(region.code).expect("a region"));
        for (venue, street, locality) in
            [("Venue", "Street 1", "Lokalität"), ("会場", "丸の内1-1", "千代田区")]
        {
            for (region, postal_code) in
                [(region.as_ref(), Some("12345")), (region.as_ref(), None), (None, None)]
            {
                let address = PostalAddress {
                    venue: Some(venue),
                    street: Some(street),
                    locality: Some(locality),
                    region,
                    postal_code,
                    country: &country,
                };
                let lines = address.lines(NameLanguage::English);
                let shown = lines.join("\n");
                for part in [Some(venue), Some(street), Some(locality), postal_code].into_iter().flatten() {
                    assert_eq!(shown.matches(part).count(), 1, "{part} in {code}: {lines:?}");
                }
                let written = address.region().map(|(name, _)| name).unwrap_or_default();
                assert!(shown.contains(&written), "{written} in {code}: {lines:?}");
                assert_eq!(
                    lines.last().map(String::as_str),
                    Some(country_name(&country, NameLanguage::English))
                );
                assert!(lines.iter().all(|line| line.trim() == line && !line.is_empty()), "{lines:?}");
            }
        }
    }
}

#[test]
fn what_is_missing_leaves_no_separator_behind() {
    let country = Country::parse("US").expect("a country");
    let address = PostalAddress {
        venue: None,
        street: None,
        locality: Some("Springfield"),
        region: None,
        postal_code: Some("62701"),
        country: &country,
    };
    assert_eq!(address.lines(NameLanguage::English), ["Springfield 62701", "United States"]);
    let nothing = PostalAddress { locality: None, postal_code: None, ..address };
    assert_eq!(nothing.lines(NameLanguage::French), ["États-Unis"]);
}

#[test]
fn every_country_has_a_name_and_every_format_a_country() {
    let codes: Vec<&str> = countries::COUNTRIES.iter().map(|(code, ..)| *code).collect();
    assert!(codes.is_sorted(), "names are looked up by bisection");
    let mut known: Vec<&str> = rust_iso3166::ALL_ALPHA2.to_vec();
    known.sort_unstable();
    assert_eq!(codes, known);
    for (format, countries) in formats::FORMATS.iter().chain(formats::NATIVE_FORMATS) {
        let fields = format.chars().filter(char::is_ascii_uppercase);
        assert!(fields.clone().all(|field| "OACSZ".contains(field)), "{format}");
        assert!(fields.clone().all(|field| format.matches(field).count() == 1), "{format}");
        assert!(countries.split_whitespace().all(|code| codes.contains(&code)), "{countries}");
    }
    for code in ABBREVIATED {
        assert!(
            formats::FORMATS.iter().any(|(format, of)| format.contains('S') && of.contains(code)),
            "{code}"
        );
    }
}

#[test]
fn names_of_regions_are_read_and_not_looked_up() {
    for (code, name) in [
        ("BE-BRU", "Région de Bruxelles-Capitale"),
        ("BE-WAL", "Région wallonne"),
        ("CZ-10", "Hlavní město Praha"),
        ("BG-22", "Sofia"),
        ("CO-SAP", "San Andrés, Providencia y Santa Catalina"),
        ("GB-VGL", "The Vale of Glamorgan"),
        ("GB-ENG", "England"),
        ("PL-02", "Dolnośląskie"),
        ("US-OR", "Oregon"),
    ] {
        assert_eq!(region_name(&Region::parse(code).expect("a region")), name);
    }
}

#[test]
fn a_letter_from_abroad_has_the_country_as_its_last_line_once() {
    let shown = |lines: &[&str], country: &str| {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let written = international(&lines, Some(&Country::parse(country).expect("a country")));
        assert_eq!(written[..lines.len()], lines, "what was given stays");
        written[lines.len()..].to_vec()
    };
    assert_eq!(shown(&["Dusit, Bangkok 10300"], "TH"), ["THAILAND"]);
    assert_eq!(shown(&["Abidjan"], "CI"), ["CÔTE D’IVOIRE"]);
    assert!(shown(&["220030 Minsk", "BELARUS"], "BY").is_empty());
    assert!(shown(&["Beijing Shi 100017", "People's Republic of China"], "CN").is_empty());
    assert!(shown(&["75008 Paris", "FRANCE."], "FR").is_empty());
    assert!(shown(&["1016 Amsterdam", "Pays-Bas"], "NL").is_empty());
    assert!(shown(&["London", "United Kingdom of Great Britain and Northern Ireland"], "GB").is_empty());
    assert!(international(&[], Some(&Country::parse("TH").expect("a country"))).is_empty());
}
