//! Parsing of `Accept-Language` (RFC 9110).

use domain::Language;

/// Browsers send three or four languages; more indicates fingerprinting or a mistake.
const MAX_LANGUAGES: usize = 12;

/// Returns the languages of the header, most preferred first. Invalid tags are skipped.
pub(crate) fn parse(header: &str) -> Vec<Language> {
    let mut weighed: Vec<(u16, Language)> =
        header.split(',').filter_map(weigh).filter(|(weight, _)| *weight > 0).take(MAX_LANGUAGES).collect();
    // Languages of equal weight keep their order.
    weighed.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    weighed.into_iter().map(|(_, language)| language).collect()
}

/// A language with its weight in thousandths.
fn weigh(entry: &str) -> Option<(u16, Language)> {
    let (tag, parameter) = entry.split_once(';').unwrap_or((entry, "q=1"));
    let weight: f64 =
        parameter.trim().strip_prefix(['q', 'Q'])?.trim().strip_prefix('=')?.trim().parse().ok()?;
    let language = Language::parse(tag.trim()).ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000 after the check"
    )]
    (0.0..=1.0).contains(&weight).then_some(((weight * 1_000.0) as u16, language))
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn tags(header: &str) -> Vec<String> {
        parse(header).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_heaviest_language_comes_first() {
        assert_eq!(tags("en;q=0.5, fr-CA, pl;q=0.8"), ["fr-CA", "pl", "en"]);
        assert_eq!(tags("fr , en"), ["fr", "en"]);
        assert_eq!(tags("de;q=0.7,en ; q=0.7"), ["de", "en"]);
    }

    #[test]
    fn what_is_refused_or_not_a_language_is_passed_over() {
        assert_eq!(tags("en;q=0, fr"), ["fr"]);
        assert_eq!(tags("*, xx-nope-1, fr;q=high, pl;q=2, de;q=-1, nl;level=1"), Vec::<String>::new());
        assert_eq!(tags(""), Vec::<String>::new());
        assert_eq!(tags(&"en,".repeat(10_000)).len(), super::MAX_LANGUAGES);
    }
}
