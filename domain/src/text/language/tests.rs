use super::*;

fn language(tag: &str) -> Language {
    Language::parse(tag).unwrap_or_else(|_| panic!("{tag} is a language"))
}

fn chosen(offered: &str, requested: &str, accepted: &str) -> String {
    let languages = |tags: &str| tags.split_whitespace().map(language).collect::<Vec<_>>();
    let (offered, requested, accepted) = (languages(offered), languages(requested), languages(accepted));
    in_language(&offered, |offered| offered, &requested, &accepted)
        .map_or_else(String::new, ToString::to_string)
}

#[test]
fn a_tag_is_read_as_keyboards_and_programs_write_it() {
    for (typed, tag) in [(" fr-ca ", "fr-CA"), ("ZH_hant_tw", "zh-Hant-TW"), ("iw", "he"), ("pt_BR", "pt-BR")]
    {
        assert_eq!(language(typed).as_str(), tag, "{typed}");
    }
    for bad in ["xx-nope-1", "x-private", "f r", "fr--CA", ""] {
        assert_eq!(Language::parse(bad), Err(ViolationKind::LanguageUnknown), "{bad}");
    }
}

#[test]
fn a_language_that_is_asked_for_is_served_by_its_closest_relative() {
    for (offered, requested, expected) in [
        ("en zh-Hans zh-Hant", "zh-TW", "zh-Hant"),
        ("en zh-Hans zh-Hant", "zh-HK", "zh-Hant"),
        ("en zh-Hans zh-Hant", "zh-MO", "zh-Hant"),
        ("en zh-Hant zh-Hans", "zh-CN", "zh-Hans"),
        ("en zh-Hant zh-Hans", "zh-SG", "zh-Hans"),
        ("en zh-Hant zh-Hans", "zh", "zh-Hans"),
        ("en zh-Hans", "zh-TW", "en"),
        ("fr zh-Hans", "zh-TW", "zh-Hans"),
        ("en zh-Hant", "yue", "zh-Hant"),
        ("en nb", "nn", "nb"),
        ("en nb", "no", "nb"),
        ("en no", "nb-NO", "no"),
        ("en pt", "pt-BR", "pt"),
        ("en pt-PT", "pt-BR", "pt-PT"),
        ("pt-PT pt-BR", "pt", "pt-BR"),
        ("pt-BR pt-PT", "pt-AO", "pt-PT"),
        ("en sr", "sr-Latn", "sr"),
        ("en sr-Latn sr", "sr-ME", "sr-Latn"),
        ("en sr-Latn", "sh", "sr-Latn"),
        ("en es es-419", "es-MX", "es-419"),
        ("en es-419 es", "es-GQ", "es"),
        ("en es", "es-419", "es"),
        ("en de", "gsw", "de"),
        ("en de", "lb", "de"),
        ("en fil", "tl", "fil"),
        ("en tl", "fil-PH", "tl"),
        ("en he", "iw", "he"),
        ("en ro", "mo", "ro"),
        ("en id", "in", "id"),
        ("en fa", "prs", "fa"),
        ("en es", "ca", "es"),
        ("fr en-US en-GB", "en-AU", "en-GB"),
        ("en-GB en-US fr", "en-CA", "en-US"),
        ("en ar", "arz", "ar"),
        ("en fr-CA", "fr", "fr-CA"),
        ("en fr", "fr-CA", "fr"),
        ("fr pl", "ja", "fr"),
        ("fr en", "ja", "en"),
        ("fr en-GB", "ja", "en-GB"),
        ("fr zxx", "zxx", "zxx"),
        ("", "fr", ""),
    ] {
        assert_eq!(chosen(offered, requested, ""), expected, "{requested} of {offered}");
    }
}

#[test]
fn a_reader_of_several_languages_gets_the_first_that_is_there_before_a_relative() {
    for (offered, accepted, expected) in [
        ("en zh-Hans zh-Hant", "zh-TW zh en", "zh-Hant"),
        ("en zh-Hans", "zh-TW zh en", "zh-Hans"),
        ("en zh-Hant", "zh en", "zh-Hant"),
        ("en nb", "nn en", "nb"),
        ("en nb", "no en", "nb"),
        ("en es", "ca en", "en"),
        ("en es", "ca", "es"),
        ("ru en", "uk en", "en"),
        ("ru en", "be", "ru"),
        ("en fr", "fr-CA en", "fr"),
        ("en pt-PT", "pt-BR en", "pt-PT"),
        ("en sr", "sr-Latn en", "sr"),
        ("en de", "gsw en", "de"),
        ("en fr", "pl fr en", "fr"),
    ] {
        assert_eq!(chosen(offered, "", accepted), expected, "{accepted} of {offered}");
    }
    assert_eq!(chosen("en es", "ca", "en"), "es", "what is asked for counts more than the header");
    assert_eq!(chosen("en fr", "ja", "fr"), "fr");
}

#[test]
fn a_filter_takes_what_its_readers_read_as_their_own() {
    let takes = |requested: &str, tag: &str| language(requested).range().takes(&language(tag));
    for (requested, tag) in [
        ("fr", "fr-CA"),
        ("fr-CA", "fr"),
        ("zh", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-TW", "zh-HK"),
        ("zh-CN", "zh"),
        ("nn", "nb"),
        ("nb", "no"),
        ("pt-BR", "pt-PT"),
        ("sr-Latn", "sr"),
        ("gsw", "de-CH"),
        ("tl", "fil"),
        ("iw", "he"),
        ("zxx", "zxx"),
        ("bs", "hr"),
    ] {
        assert!(takes(requested, tag), "{requested} takes {tag}");
    }
    for (requested, tag) in [
        ("zh-TW", "zh-Hans"),
        ("zh-CN", "zh-Hant"),
        ("uk", "ru"),
        ("ca", "es"),
        ("de", "gsw"),
        ("da", "nb"),
        ("uz-Cyrl", "uz-Latn"),
        ("zxx", "en"),
        ("fr", "frr"),
    ] {
        assert!(!takes(requested, tag), "{requested} takes {tag}");
    }
}

#[test]
fn a_database_finds_what_the_filter_takes() {
    let tags = "fr fr-CA frr zh zh-Hant zh-HK zh-CN nn nb no pt pt-BR sr sr-Latn sr-ME gsw de de-CH lb tl fil he \
                zxx hr bs sh uk ru ca es es-419 da uz uz-Cyrl ar arz ms id yue ja ko und";
    let all: Vec<_> = tags.split_whitespace().map(language).collect();
    for requested in &all {
        let range = requested.range();
        for one in &all {
            let stored = format!("{} ", one.with_likely_subtags());
            let is_found = range.beginnings().iter().any(|beginning| stored.starts_with(beginning.as_str()));
            assert_eq!(is_found, range.takes(one), "{requested} finds {one}, stored as {stored}");
        }
    }
}
