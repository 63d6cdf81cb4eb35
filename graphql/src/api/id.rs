//! Global ids: one text format for all objects, with a prefix for the type.
//!
//! The format is `case_` and so on, followed by the 32 hexadecimal digits of the id. Clients treat ids as
//! opaque; the prefix makes logs readable.

use async_graphql::ID;
use domain::{
    AttendanceId, CampaignId, CaseId, EditionId, EventId, GroupId, MilestoneId, ModerationId, ParticipantId,
    ReportId, ResourceId, SectionId, StatementId, SubscriptionId, UrgentActionId, ViolationKind,
    violation::EntityKind,
};
use uuid::Uuid;

/// The global id of an object.
#[must_use]
pub fn global_id(id: impl Into<Global>) -> ID {
    id.into().id()
}

/// Returns the event id in a global id, if it is the id of an event.
#[must_use]
pub fn event_id(id: &ID) -> Option<EventId> {
    event(id).ok()
}

macro_rules! ids {
    ($($variant:ident($Id:ty) = $prefix:literal, $parse:ident;)+) => {
        /// A typed id behind a global id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Global {
            $($variant($Id),)+
        }

        impl Global {
            /// Parses a global id; `None` if it is invalid.
            pub(crate) fn parse(id: &ID) -> Option<Self> {
                let (prefix, digits) = id.split_once('_')?;
                let uuid = Uuid::try_parse(digits).ok()?;
                let global = match prefix {
                    $($prefix => Self::$variant(<$Id>::new(uuid)),)+
                    _ => return None,
                };
                // One object has one id: other spellings of the same digits are invalid.
                (global.id() == *id).then_some(global)
            }

            /// Returns the global id.
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

            /// Parses a global id that must be of one type.
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
    Group(GroupId) = "group", group;
    Resource(ResourceId) = "resource", resource;
    UrgentAction(UrgentActionId) = "action", urgent_action;
    Participant(ParticipantId) = "participant", participant;
    Attendance(AttendanceId) = "attendance", attendance;
    Statement(StatementId) = "statement", statement;
    Milestone(MilestoneId) = "milestone", milestone;
    Subscription(SubscriptionId) = "subscription", subscription;
}

/// The global id of an object.
pub(crate) fn of(id: impl Into<Global>) -> ID {
    id.into().id()
}

/// Parses the id in an input. An invalid id becomes the nil id, which no object has, so that the mutation
/// itself reports a missing object beside all other validation errors.
pub(crate) fn or_nil<T>(parsed: Result<T, ViolationKind>, new: fn(Uuid) -> T) -> T {
    parsed.unwrap_or_else(|_| new(Uuid::nil()))
}

/// Parses the expected revision. Revisions begin with 1, so that 0 and negative numbers are always stale.
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
