//! Global ids: one text form for everything, which says what kind of thing it is.
//!
//! `case_` and the 32 hexadecimal digits of its identity, and so on. Clients treat them as opaque;
//! people who read a log do not have to.

use async_graphql::ID;
use domain::{
    AttendanceId, CampaignId, CaseId, EditionId, EventId, ModerationId, ParticipantId, ReportId, ResourceId,
    SectionId, SubscriptionId, UrgentActionId, ViolationKind, violation::EntityKind,
};
use uuid::Uuid;

/// The global id of a thing.
#[must_use]
pub fn global_id(id: impl Into<Global>) -> ID {
    id.into().id()
}

/// The event that a global id names, if it is the id of one.
#[must_use]
pub fn event_id(id: &ID) -> Option<EventId> {
    event(id).ok()
}

macro_rules! ids {
    ($($variant:ident($Id:ty) = $prefix:literal, $parse:ident;)+) => {
        /// The identity of something that has a global id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Global {
            $($variant($Id),)+
        }

        impl Global {
            /// What the id names; `None` if it is none of ours.
            pub(crate) fn parse(id: &ID) -> Option<Self> {
                let (prefix, digits) = id.split_once('_')?;
                let uuid = Uuid::try_parse(digits).ok()?;
                let global = match prefix {
                    $($prefix => Self::$variant(<$Id>::new(uuid)),)+
                    _ => return None,
                };
                // One thing has one id: other spellings of the same digits are not ids.
                (global.id() == *id).then_some(global)
            }

            /// Its id.
            pub(crate) fn id(self) -> ID {
                match self {
                    $(Self::$variant(id) => ID(format!(concat!($prefix, "_{}"), id.uuid().simple())),)+
                }
            }
        }

        $(
            impl From<$Id> for Global {
                fn from(id: $Id) -> Self {
                    Self::$variant(id)
                }
            }

            /// What the id names, where only one kind of thing will do.
            pub(crate) fn $parse(id: &ID) -> Result<$Id, ViolationKind> {
                match Global::parse(id) {
                    Some(Global::$variant(id)) => Ok(id),
                    _ => Err(ViolationKind::NotFound { noun: EntityKind::$variant }),
                }
            }
        )+
    };
}

ids! {
    Edition(EditionId) = "edition", edition;
    Section(SectionId) = "section", section;
    Campaign(CampaignId) = "campaign", campaign;
    Case(CaseId) = "case", case;
    Report(ReportId) = "report", report;
    Moderation(ModerationId) = "moderation", moderation;
    Event(EventId) = "event", event;
    Resource(ResourceId) = "resource", resource;
    UrgentAction(UrgentActionId) = "action", urgent_action;
    Participant(ParticipantId) = "participant", participant;
    Attendance(AttendanceId) = "attendance", attendance;
    Subscription(SubscriptionId) = "subscription", subscription;
}

/// The global id of a thing.
pub(crate) fn of(id: impl Into<Global>) -> ID {
    id.into().id()
}

/// The identity that an id names, for a change; where it names nothing, the nil identity, which
/// nothing has: so the change itself says that there is no such thing, beside all else that is wrong.
pub(crate) fn or_nil<T>(parsed: Result<T, ViolationKind>, new: fn(Uuid) -> T) -> T {
    parsed.unwrap_or_else(|_| new(Uuid::nil()))
}

/// The revision that a change expects. Revisions begin with 1, so that 0 and what is below it are
/// always stale.
pub(crate) fn revision(typed: i32) -> u32 {
    u32::try_from(typed).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_one_thing_of_one_kind() {
        let one = CaseId::new(Uuid::from_u128(0xA));
        let id = of(one);
        assert_eq!(id.as_str(), "case_0000000000000000000000000000000a");
        assert_eq!(Global::parse(&id), Some(Global::Case(one)));
        assert_eq!(case(&id), Ok(one));
        assert_eq!(report(&id), Err(ViolationKind::NotFound { noun: EntityKind::Report }));
    }

    #[test]
    fn whatever_is_not_an_id_names_nothing() {
        for bad in [
            "",
            "case_",
            "case_7",
            "0000000000000000000000000000000a",
            "case_0000000000000000000000000000000A",
            "case_00000000-0000-0000-0000-00000000000a",
            "Case_0000000000000000000000000000000a",
            "case_0000000000000000000000000000000a ",
            "person_0000000000000000000000000000000a",
        ] {
            assert_eq!(Global::parse(&ID(bad.to_owned())), None, "{bad}");
        }
    }
}
