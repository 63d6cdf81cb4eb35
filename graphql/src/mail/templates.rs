//! The texts of notices in the recipient's language. The templates are the files in `texts/`.
//!
//! The first line of a template is the subject; then come paragraphs. `{name}` is replaced by a value;
//! a paragraph with a value that is missing is omitted. Values are never parsed as a part of the
//! template.

use std::sync::LazyLock;

use domain::Language;
use jiff::civil::DateTime;

use super::notice::{Appeal, EventMove, EventSchedule, EventSummary, Notice, PlaceCause, ZonedInstant};

/// The text of a notice.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// The subject, one line.
    pub subject: String,
    /// The body.
    pub body: String,
    /// The language of both.
    pub tongue: MailLanguage,
    /// The URL that ends notices of this kind, also for the button of a mail program.
    pub end: Option<String>,
}

/// The languages of the templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailLanguage {
    /// English, also for readers of neither language.
    English,
    /// French.
    French,
}

impl MailLanguage {
    /// The template language for a reader of this language.
    #[must_use]
    pub fn of(language: &Language) -> Self {
        static OFFERED: LazyLock<Vec<Language>> = LazyLock::new(|| {
            let tags = [MailLanguage::English, MailLanguage::French].map(MailLanguage::as_str);
            tags.into_iter().filter_map(|tag| Language::parse(tag).ok()).collect()
        });
        match language.closest(&OFFERED) {
            Some(closest) if closest.as_str() == Self::French.as_str() => Self::French,
            _ => Self::English,
        }
    }

    /// Its BCP 47 tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// A date with its weekday.
    fn day(self, moment: DateTime) -> String {
        const FRENCH_DAYS: [&str; 7] =
            ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
        const FRENCH_MONTHS: [&str; 12] = [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ];
        match self {
            Self::English => moment.strftime("%A, %-d %B %Y").to_string(),
            Self::French => {
                let weekday = usize::from(moment.weekday().to_monday_zero_offset().unsigned_abs());
                let month = usize::from(moment.month().unsigned_abs()) - 1;
                let first = if moment.day() == 1 { "er" } else { "" };
                format!(
                    "{} {}{first} {} {}",
                    FRENCH_DAYS[weekday],
                    moment.day(),
                    FRENCH_MONTHS[month],
                    moment.year()
                )
            }
        }
    }

    /// The date of an instant in its time zone.
    fn last_day(self, moment: &ZonedInstant) -> String {
        self.day(moment.local())
    }

    /// An urgent action in a list.
    fn entry(self, appeal: &Appeal) -> String {
        let (Appeal { number, title, .. }, until) = (appeal, self.last_day(&appeal.until));
        match self {
            Self::English => format!("{number}: {title}\nuntil {until}"),
            Self::French => format!("{number} : {title}\njusqu'au {until}"),
        }
    }

    /// A date and time in a named time zone.
    fn moment(self, moment: &ZonedInstant) -> String {
        let local = moment.local();
        let (day, zone) = (self.day(local), &moment.zone);
        match self {
            Self::English => format!("{day}, {} ({zone})", self.hour(local)),
            Self::French => format!("{day} à {} ({zone})", self.hour(local)),
        }
    }

    /// A time of the day.
    fn hour(self, local: DateTime) -> String {
        match self {
            Self::English => local.strftime("%H:%M").to_string(),
            Self::French => local.strftime("%H h %M").to_string(),
        }
    }

    /// The sessions of an event, one on each line.
    fn sessions(self, schedule: &EventSchedule) -> String {
        let zone = &schedule.zone;
        let line = |(start, end): &(DateTime, DateTime)| {
            let (day, from, to) = (self.day(*start), self.hour(*start), self.hour(*end));
            match (self, start.date() == end.date()) {
                (Self::English, true) => format!("{day}, {from} to {to} ({zone})"),
                (Self::English, false) => format!("{day}, {from},\nto {}, {to} ({zone})", self.day(*end)),
                (Self::French, true) => format!("{day}, de {from} à {to} ({zone})"),
                (Self::French, false) => format!("du {day} à {from}\nau {} à {to} ({zone})", self.day(*end)),
            }
        };
        schedule.sessions.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The place of an event.
    fn place(self, schedule: &EventSchedule) -> String {
        let online = match self {
            Self::English => "on the internet",
            Self::French => "en ligne",
        };
        schedule.place.clone().unwrap_or_else(|| online.to_owned())
    }

    /// Why there is a place for a person who waited.
    const fn place_cause(self, cause: PlaceCause) -> &'static str {
        match (self, cause) {
            (Self::English, PlaceCause::MoreRoom) => "There is room for more people now.",
            (Self::English, PlaceCause::GivenBack) => "A place has been given back.",
            (Self::French, PlaceCause::MoreRoom) => "Il y a désormais plus de places.",
            (Self::French, PlaceCause::GivenBack) => "Une place a été rendue.",
        }
    }
}

/// The text of a notice, with links that begin with `base`, the URL of the service.
#[must_use]
pub fn compose(notice: &Notice, language: &Language, base: &str) -> Text {
    let tongue = MailLanguage::of(language);
    let values = values(notice, tongue, base);
    let (subject, paragraphs) = template(notice, tongue).split_once("\n\n").unwrap_or_default();
    let subject = subject.strip_prefix("Subject: ").and_then(|subject| fill(subject, &values));
    let paragraphs: Vec<String> =
        paragraphs.trim_end().split("\n\n").filter_map(|paragraph| fill(paragraph, &values)).collect();
    Text {
        // The values are single lines already; replacing control characters is the second barrier
        // against header injection.
        subject: subject.unwrap_or_default().replace(char::is_control, " "),
        body: paragraphs.join("\n\n") + "\n",
        tongue,
        end: match notice {
            Notice::UrgentActionIssued { end, .. } | Notice::UrgentActionDigest { end, .. } => {
                Some(end_link(base, end))
            }
            _ => None,
        },
    }
}

macro_rules! templates {
    ($notice:expr, $tongue:expr; $($kind:ident = $file:literal,)+) => {
        match ($notice, $tongue) {$(
            (Notice::$kind { .. }, MailLanguage::English) => include_str!(concat!("texts/en/", $file, ".txt")),
            (Notice::$kind { .. }, MailLanguage::French) => include_str!(concat!("texts/fr/", $file, ".txt")),
        )+}
    };
}

const fn template(notice: &Notice, tongue: MailLanguage) -> &'static str {
    templates! { notice, tongue;
        ParticipantRegistered = "participant_registered",
        ParticipantAlreadyRegistered = "participant_already_registered",
        ParticipantData = "participant_data",
        EventRegistered = "event_registered",
        EventApproved = "event_approved",
        EventRejected = "event_rejected",
        EventChangeRejected = "event_change_rejected",
        EventApprovalRevoked = "event_approval_revoked",
        EventMoved = "event_moved",
        EventClockChanged = "event_clock_changed",
        EventCancelled = "event_cancelled",
        EventWithdrawn = "event_withdrawn",
        EventJoined = "event_joined",
        EventWaiting = "event_waiting",
        EventJoinedAgain = "event_joined_again",
        EventPlace = "event_place",
        EventOwesReport = "event_owes_report",
        SubscriptionAsked = "subscription_asked",
        UrgentActionIssued = "urgent_action_issued",
        UrgentActionDigest = "urgent_action_digest",
    }
}

/// The names of a template's values, and the values.
type Values = Vec<(&'static str, Option<String>)>;

fn values(notice: &Notice, tongue: MailLanguage, base: &str) -> Values {
    let link = |secret: &String| link(base, secret);
    let untitled = |when: &ZonedInstant, more: Values| {
        let mut values = vec![("day", Some(tongue.day(when.local()))), ("when", Some(tongue.moment(when)))];
        values.extend(more);
        values
    };
    let named = |event: &EventSummary, more: Values| {
        let mut values = untitled(&event.when, more);
        values.push(("title", Some(event.title.clone())));
        values
    };
    match notice {
        Notice::ParticipantRegistered { secret } => vec![("link", Some(link(secret)))],
        Notice::ParticipantAlreadyRegistered { secret } => vec![("link", secret.as_ref().map(link))],
        Notice::ParticipantData { data } => vec![("data", Some(data.clone()))],
        Notice::EventRegistered { when, secret } => untitled(when, vec![("link", Some(link(secret)))]),
        Notice::EventApprovalRevoked { when, reason } | Notice::EventWithdrawn { when, reason } => {
            untitled(when, vec![("reason", Some(reason.clone()))])
        }
        Notice::EventApproved { event } | Notice::EventOwesReport { event } => named(event, vec![]),
        Notice::EventRejected { event, reason } | Notice::EventChangeRejected { event, reason } => {
            named(event, vec![("reason", Some(reason.clone()))])
        }
        Notice::EventMoved { event, before, is_elsewhere, was: _, change } => {
            let mut more = match change {
                Some(change) => moved(change, tongue),
                None => former_time(before, &event.when, tongue),
            };
            // An empty value: if it is missing, its paragraph is omitted.
            more.push(("elsewhere", is_elsewhere.then(String::new)));
            named(event, more)
        }
        Notice::EventClockChanged { event } => {
            let hour = tongue.hour(event.when.local());
            named(event, vec![("zone", Some(event.when.zone.to_string())), ("hour", Some(hour))])
        }
        Notice::EventCancelled { event, reason } => named(event, vec![("reason", reason.clone())]),
        Notice::EventJoined { event, secret }
        | Notice::EventWaiting { event, secret }
        | Notice::EventJoinedAgain { event, secret } => named(event, vec![("link", Some(link(secret)))]),
        Notice::EventPlace { event, secret, cause } => {
            let cause = cause.map(|cause| tongue.place_cause(cause).to_owned());
            named(event, vec![("link", secret.as_ref().map(link)), ("cause", cause)])
        }
        Notice::SubscriptionAsked { secret } => vec![("link", Some(link(secret)))],
        Notice::UrgentActionIssued { appeal, end } => vec![
            ("number", Some(appeal.number.clone())),
            ("title", Some(appeal.title.clone())),
            ("text", appeal.text.clone()),
            ("update", Some(appeal.update.to_string()).filter(|_| appeal.update > 0)),
            ("until", Some(tongue.last_day(&appeal.until))),
            ("end", Some(end_link(base, end))),
        ],
        Notice::UrgentActionDigest { appeals, end } => digest(appeals, tongue, end_link(base, end)),
    }
}

/// The values of a time that has changed, old and new; missing if it is the same.
fn former_time(before: &ZonedInstant, now: &ZonedInstant, tongue: MailLanguage) -> Values {
    let time = |moment| (before != now).then(|| tongue.moment(moment));
    vec![("times", time(now)), ("former_times", time(before))]
}

/// The values of a digest.
fn digest(appeals: &[Appeal], tongue: MailLanguage, end: String) -> Values {
    let list: Vec<_> = appeals.iter().map(|appeal| tongue.entry(appeal)).collect();
    vec![("list", Some(list.join("\n\n"))), ("end", Some(end))]
}

/// The values of what has changed, old and new; those of what is the same are missing.
fn moved(change: &EventMove, tongue: MailLanguage) -> Values {
    let EventMove { before, now, since: _ } = change;
    let has_moved = (&before.zone, &before.sessions) != (&now.zone, &now.sessions);
    let times = |schedule| has_moved.then(|| tongue.sessions(schedule));
    let place = |schedule| (before.place != now.place).then(|| tongue.place(schedule));
    vec![
        ("times", times(now)),
        ("former_times", times(before)),
        ("place", place(now)),
        ("former_place", place(before)),
    ]
}

/// The URL at which a secret is used. The secret is in the fragment (`#`), which browsers do not send,
/// so that no server on the way can log it.
fn link(base: &str, secret: &str) -> String {
    format!("{}/manage#{secret}", base.trim_end_matches('/'))
}

/// The URL that ends a subscription. Its token permits nothing else, so that it may be logged.
fn end_link(base: &str, end: &str) -> String {
    format!("{}/unsubscribe/{end}", base.trim_end_matches('/'))
}

/// A paragraph with its values; `None` if one of them is missing.
fn fill(paragraph: &str, values: &Values) -> Option<String> {
    let mut filled = String::with_capacity(paragraph.len());
    let mut rest = paragraph;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(values.iter().find(|(known, _)| *known == name)?.1.as_deref()?);
        rest = behind;
    }
    filled.push_str(rest);
    Some(filled)
}

#[cfg(test)]
mod tests;
