//! Time zones by their names in the IANA time zone database.

use crate::violation::ViolationKind;

code! {
    /// A time zone by its name in the IANA database.
    ///
    /// ```
    /// use domain::Zone;
    /// assert_eq!(Zone::parse("america/toronto ").unwrap().as_str(), "America/Toronto");
    /// assert!(Zone::parse("America/Rosnowo").is_err());
    /// assert!(Zone::parse("Factory").is_err());
    /// ```
    Zone, TimeZoneUnknown
}

/// Names that stand for a missing zone. `Factory` is what a computer has before a zone is set (IANA database,
/// file `factory`), `Etc/Unknown` is what CLDR calls a zone that is not known. No place has their clock, and
/// browsers refuse them.
const PLACEHOLDERS: [&str; 2] = ["Factory", "Etc/Unknown"];

impl Zone {
    /// # Errors
    /// [`ViolationKind::TimeZoneUnknown`].
    pub fn parse(typed: &str) -> Result<Self, ViolationKind> {
        jiff::tz::TimeZone::get(super::code_as_typed(typed))
            .ok()
            .and_then(|zone| zone.iana_name().map(str::to_owned))
            .filter(|name| !PLACEHOLDERS.contains(&name.as_str()))
            .map(Self)
            .ok_or(ViolationKind::TimeZoneUnknown)
    }

    /// The zone's rules.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "the name was found in the same database before")]
    pub fn time_zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.0).expect("a zone once checked stays in the compiled-in database")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_a_clock_are_refused() {
        let refused = [
            "",
            " ",
            "Factory",
            "factory",
            "FACTORY",
            "Etc/Unknown",
            "etc/unknown",
            "posixrules",
            "localtime",
            "leapseconds",
            "leap-seconds.list",
            "zone.tab",
            "tzdata.zi",
            "right/America/Toronto",
            "posix/America/Toronto",
            "GMT+5",
            "UTC+5",
            "+05:00",
            "-00:00",
            "EST5",
            "EST5EDT4",
            "Toronto",
            "America",
            "America/",
            "/America/Toronto",
            "America/Toronto/",
            "America//Toronto",
            "../America/Toronto",
            "America\\Toronto",
            "America/Toronto\0",
            "Z",
            "local",
            "Eastern Standard Time",
            "SystemV/EST5EDT",
        ];
        for name in refused {
            assert_eq!(Zone::parse(name), Err(ViolationKind::TimeZoneUnknown), "{name:?}");
        }
    }

    #[test]
    fn links_and_fixed_offsets_of_the_database_are_zones_in_their_own_spelling() {
        let accepted = [
            ("US/Pacific", "US/Pacific"),
            ("us/pacific", "US/Pacific"),
            ("europe/KIEV", "Europe/Kiev"),
            ("etc/gmt-14", "Etc/GMT-14"),
            ("Etc/GMT+12", "Etc/GMT+12"),
            ("utc", "UTC"),
            ("zulu", "Zulu"),
            ("est5edt", "EST5EDT"),
            ("GMT+0", "GMT+0"),
            ("nz-chat", "NZ-CHAT"),
            ("asia/calcutta", "Asia/Calcutta"),
            ("america/argentina/comodrivadavia", "America/Argentina/ComodRivadavia"),
            ("antarctica/dumontdurville", "Antarctica/DumontDUrville"),
        ];
        for (typed, name) in accepted {
            assert_eq!(Zone::parse(typed).as_ref().map(Zone::as_str), Ok(name));
        }
    }
}
