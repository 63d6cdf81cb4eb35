//! Digits of all scripts, and the signs between groups of digits in each language.

/// The zero of each decimal digit script, in order; nine more digits follow each. Unicode 17.0, general category
/// Nd.
const ZEROS: [u32; 77] = [
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30,
    0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0,
    0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11DE0, 0x11F50, 0x16130,
    0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140,
    0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];
/// Languages and their regions that write `1,234` for one thousand two hundred and thirty-four: CLDR 48.2.0,
/// group sign of Latin digits, languages of modern coverage.
const COMMA_GROUPS: [&str; 60] = [
    "ak", "am", "ar", "as", "bn", "chr", "cy", "en", "fa", "fil", "ga", "gd", "gu", "ha", "he", "hi", "ig",
    "ja", "km", "kn", "ko", "kok", "ml", "mn", "mr", "ms", "my", "ne", "or", "pa", "pcm", "qu", "sd", "shn",
    "si", "so", "sw", "ta", "te", "th", "ti", "ur", "yo", "yue", "zh", "zu", "es-419", "es-BR", "es-BZ",
    "es-CU", "es-DO", "es-GT", "es-HN", "es-MX", "es-NI", "es-PA", "es-PE", "es-PR", "es-SV", "es-US",
];
/// Those that write `1.234`, from the same source.
const DOT_GROUPS: [&str; 49] = [
    "az", "bs", "ca", "da", "de", "dsb", "el", "es", "eu", "gl", "hr", "hsb", "id", "is", "it", "jv", "lo",
    "mk", "nl", "ps", "pt", "ro", "sl", "sr", "tr", "vi", "ar-DZ", "ar-LB", "ar-LY", "ar-MA", "ar-MR",
    "ar-TN", "en-AT", "en-BE", "en-DE", "en-DK", "en-ES", "en-ID", "en-IT", "en-NL", "en-PL", "en-RO",
    "en-SI", "fr-LU", "fr-MA", "ms-BN", "ms-ID", "qu-BO", "sw-CD",
];
/// Regions that write neither, unlike their language elsewhere, from the same source.
const OTHER_GROUPS: [&str; 31] = [
    "de-AT", "de-CH", "de-LI", "en-CH", "en-CZ", "en-EE", "en-FI", "en-FR", "en-GE", "en-HU", "en-LT",
    "en-LV", "en-NO", "en-PT", "en-SE", "en-SK", "en-UA", "en-ZA", "es-CR", "it-CH", "pt-AO", "pt-CH",
    "pt-CV", "pt-GQ", "pt-GW", "pt-LU", "pt-MO", "pt-MZ", "pt-PT", "pt-ST", "pt-TL",
];

/// A decimal digit: the zero of its script, and its value.
pub(super) fn digit(character: char) -> Option<(u32, u64)> {
    let code = u32::from(character);
    let script = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    let value = code - ZEROS[script];
    (value < 10).then_some((ZEROS[script], value.into()))
}

/// A sign between digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// A space of any width.
    Space,
    Apostrophe,
    /// Groups or decimals, as the language has it.
    Comma,
    /// Groups or decimals, as the language has it.
    Dot,
    /// Groups wherever it is written.
    ArabicGroup,
    /// Decimals wherever it is written.
    ArabicDecimal,
}

impl Sign {
    /// The sign that a character is, with its full-width and typographic forms.
    pub(super) const fn of(character: char) -> Option<Self> {
        Some(match character {
            ' ' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Self::Space,
            '\'' | '\u{2019}' | '\u{ff07}' => Self::Apostrophe,
            ',' | '\u{ff0c}' => Self::Comma,
            '.' | '\u{ff0e}' => Self::Dot,
            '\u{66c}' => Self::ArabicGroup,
            '\u{66b}' => Self::ArabicDecimal,
            _ => return None,
        })
    }
}

/// The sign between groups in a language, if it is a comma or a dot.
pub(super) fn group_sign(language: &str) -> Option<Sign> {
    let mut subtags = language.split('-');
    let base = subtags.next()?;
    let region = subtags.find(|subtag| {
        (subtag.len() == 2 && subtag.bytes().all(|byte| byte.is_ascii_alphabetic()))
            || (subtag.len() == 3 && subtag.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let regional = region.map(|region| format!("{base}-{region}"));
    regional.as_deref().and_then(listed).or_else(|| listed(base)).flatten()
}

/// The sign of a language or region that is listed.
fn listed(tag: &str) -> Option<Option<Sign>> {
    let has = |list: &[&str]| list.iter().any(|listed| listed.eq_ignore_ascii_case(tag));
    if has(&COMMA_GROUPS) {
        Some(Some(Sign::Comma))
    } else if has(&DOT_GROUPS) {
        Some(Some(Sign::Dot))
    } else {
        has(&OTHER_GROUPS).then_some(None)
    }
}
