//! An urgent action: an appeal at any time of the year, for some weeks.
//!
//! It is open from its first day to its last, both included, in its own zone. The interval is half-open:
//! the first instant of the day after is outside. Its addresses are served in that time and never after.
//! An update changes its content and is news. Only an extension moves its last day. A withdrawal is final.
//!
//! ```
//! use domain::urgent_action::Validity;
//! use jiff::{SignedDuration, civil::date};
//!
//! let zone = domain::Zone::parse("Europe/London").unwrap();
//! let life = Validity::new(date(2022, 3, 1), date(2022, 4, 12), zone).unwrap();
//! assert_eq!(life.expires_at().to_string(), "2022-04-12T23:00:00Z"); // summer time by then
//! assert!(life.contains(life.expires_at() - SignedDuration::from_micros(1)));
//! assert!(!life.contains(life.expires_at()));
//! ```

mod draft;
mod issue;
mod transition;

pub use draft::{UrgentActionDraft, UrgentActionTextDraft};
pub use issue::IssueDraft;
pub use transition::{extend, issue, update, withdraw};

use jiff::{Timestamp, civil::Date};

use crate::{
    UrgentActionId,
    case::{Authority, CaseTopic, WritingRestriction},
    string_enum::string_enum,
    text::{self, Country, Language, Zone},
    violation::{ViolationKind, Violations},
    window::start_of,
};

/// The default zone of the days of an urgent action: they are issued from London.
pub const ZONE: &str = "Europe/London";
/// How many days an urgent action may be open at most, and beyond its first day: a year. Most are open
/// for six weeks; one that is needed for longer is reviewed and extended.
pub const MAX_DAYS: i32 = 366;

string_enum! {
    /// The state of an urgent action. Whether people may write also depends on the clock.
    ///
    /// ```
    /// assert_eq!(domain::urgent_action::UrgentActionState::Withdrawn.as_str(), "WITHDRAWN");
    /// ```
    pub enum UrgentActionState {
        /// People write from its first day to its last.
        Issued = "ISSUED",
        /// No more letters should be written.
        Withdrawn = "WITHDRAWN",
    }
}

/// The days of an urgent action in its zone, and the instants at which they begin and end.
///
/// ```
/// use domain::urgent_action::Validity;
/// use jiff::civil::date;
/// let zone = domain::Zone::parse("UTC").unwrap();
/// let one_day = Validity::new(date(2022, 3, 1), date(2022, 3, 1), zone).unwrap();
/// assert_eq!(one_day.expires_at().duration_since(one_day.issued_at()).as_hours(), 24);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validity {
    issued_on: Date,
    expires_on: Date,
    zone: Zone,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

impl Validity {
    /// From the first day to the last, both included.
    ///
    /// # Errors
    /// At `expiresOn`: [`ViolationKind::ExpiresBeforeIssue`], [`ViolationKind::ExpiryTooFar`]; [`ViolationKind::DateInvalid`] for
    /// days at the very end of the calendar.
    pub fn new(issued_on: Date, expires_on: Date, zone: Zone) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        if expires_on < issued_on {
            violations.add("expires_on", ViolationKind::ExpiresBeforeIssue);
        } else if issued_on.until(expires_on).is_ok_and(|span| span.get_days() > MAX_DAYS) {
            violations.add("expires_on", ViolationKind::ExpiryTooFar { days: MAX_DAYS });
        }
        let issued_at = violations.check("issued_on", start_of(&zone, issued_on, 0));
        let expires_at = violations.check("expires_on", start_of(&zone, expires_on, 1));
        violations.into_result()?;
        let (Some(issued_at), Some(expires_at)) = (issued_at, expires_at) else {
            unreachable!("an instant is missing only beside a violation");
        };
        Ok(Self { issued_on, expires_on, zone, issued_at, expires_at })
    }

    /// The first day.
    #[must_use]
    pub const fn issued_on(&self) -> Date {
        self.issued_on
    }

    /// The last day.
    #[must_use]
    pub const fn expires_on(&self) -> Date {
        self.expires_on
    }

    /// The zone whose days these are.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The first instant of the first day.
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// The first instant after the last day.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Whether `now` lies in it.
    #[must_use]
    pub fn contains(&self, now: Timestamp) -> bool {
        self.issued_at <= now && now < self.expires_at
    }
}

/// What people read about an urgent action, in one language.
///
/// ```
/// use domain::{Language, urgent_action::UrgentActionText};
/// let text = UrgentActionText { language: Language::parse("en").unwrap(), title: "Free her".into(), text: None };
/// assert_eq!(text.title, "Free her");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UrgentActionText {
    /// The language of all of it.
    pub language: Language,
    /// A headline, 1–200 characters.
    pub title: String,
    /// What happened, what to ask, and how, 1–20,000 characters.
    pub text: Option<String>,
}

/// Everything about an urgent action that its editors write.
///
/// ```
/// use domain::urgent_action::{UrgentActionDraft, UrgentActionTextDraft};
/// let draft = UrgentActionDraft {
///     country: Some("PE".into()),
///     texts: Some(vec![UrgentActionTextDraft { language: "en".into(), title: "Water".into(), text: None }]),
///     ..UrgentActionDraft::default()
/// };
/// assert_eq!(draft.complete(None).unwrap().texts.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UrgentActionContent {
    /// Where it happens.
    pub country: Country,
    /// What it is about.
    pub topics: Vec<CaseTopic>,
    /// One text a language, at least one.
    pub texts: Vec<UrgentActionText>,
    /// The authorities to write to.
    pub authorities: Vec<Authority>,
    /// What must not be in a letter; it travels with every address.
    pub restrictions: Vec<WritingRestriction>,
}

/// An appeal at any time of the year, for some weeks.
///
/// ```
/// # use domain::{UrgentAction, UrgentActionId, urgent_action::*};
/// # use jiff::civil::date;
/// # let texts = vec![UrgentActionTextDraft { language: "en".into(), title: "Water".into(), text: None }];
/// # let draft = UrgentActionDraft { country: Some("PE".into()), texts: Some(texts), ..Default::default() };
/// # let life = Validity::new(date(2022, 3, 1), date(2022, 4, 12), domain::Zone::parse("UTC").unwrap()).unwrap();
/// let mut action = UrgentAction {
///     id: UrgentActionId::new(uuid::Uuid::from_u128(1)),
///     number: "15/22".into(),
///     update: 0,
///     life,
///     content: draft.complete(None).unwrap(),
///     state: UrgentActionState::Issued,
///     updated_at: jiff::Timestamp::UNIX_EPOCH,
///     revision: 1,
/// };
/// let now = action.life.issued_at();
/// assert!(action.is_writable(now));
/// action.state = UrgentActionState::Withdrawn;
/// assert!(!action.is_writable(now) && action.is_public(now));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrgentAction {
    /// Its identity.
    pub id: UrgentActionId,
    /// The number that it is known by, such as `15/22`; unique.
    pub number: String,
    /// 0 as it was first issued; grows by one with each update.
    pub update: u32,
    /// When people may write.
    pub life: Validity,
    /// What its editors wrote.
    pub content: UrgentActionContent,
    /// Its state.
    pub state: UrgentActionState,
    /// When it last changed in any way.
    pub updated_at: Timestamp,
    /// Grows by one with each change.
    pub revision: u32,
}

impl UrgentAction {
    /// Whether people may write at `now`; only then is an address of it served.
    #[must_use]
    pub fn is_writable(&self, now: Timestamp) -> bool {
        self.state == UrgentActionState::Issued && self.life.contains(now)
    }

    /// Whether it is public at `now`: from its first day on. Before that only staff see it.
    #[must_use]
    pub fn is_public(&self, now: Timestamp) -> bool {
        self.life.issued_at <= now
    }

    /// The text for a reader who asked for the languages `requested`, or else reads `accepted`, as that of
    /// [a case](crate::Case::text).
    #[must_use]
    pub fn text<'b>(
        &self,
        requested: impl IntoIterator<Item = &'b Language>,
        accepted: impl IntoIterator<Item = &'b Language>,
    ) -> Option<&UrgentActionText> {
        text::in_language(&self.content.texts, |text| &text.language, requested, accepted)
    }
}

/// The number of an urgent action as typed: `15/22`, the fifteenth of 2022.
///
/// # Errors
/// [`ViolationKind::UrgentActionNumberInvalid`].
///
/// ```
/// use domain::urgent_action::number;
/// assert_eq!(number("15/22"), Ok("15/22".to_owned()));
/// assert!(number("UA 15").is_err());
/// ```
pub fn number(typed: &str) -> Result<String, ViolationKind> {
    let is_number = |digits: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    };
    match typed.split_once('/') {
        Some((count, year))
            if is_number(count, 1..=4) && !count.starts_with('0') && is_number(year, 2..=2) =>
        {
            Ok(typed.to_owned())
        }
        _ => Err(ViolationKind::UrgentActionNumberInvalid),
    }
}

#[cfg(test)]
mod tests;
