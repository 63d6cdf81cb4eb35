//! What is true about Write for Rights, whoever asks and wherever it is kept.
//!
//! Every year around 10 December people write letters for persons and communities whose rights
//! are abused, report how many they wrote until a collection deadline, and the numbers add up to
//! section totals and one world total. This crate holds the words of that campaign, its rules and
//! its arithmetic. It reads no clock, draws no random number and touches neither file nor network:
//! `now` and fresh ids are arguments, so each rule can be tried at its very edge.
//!
//! ```
//! use domain::{Window, Zone};
//! use jiff::{civil::date, Timestamp};
//!
//! // Canada collects letters of 2021 until 31 January, and the last day belongs to the campaign.
//! let zone = Zone::parse("America/Toronto").unwrap();
//! let window = Window::new(date(2021, 11, 1), None, date(2022, 1, 31), 0, zone).unwrap();
//! let end: Timestamp = "2022-02-01T05:00:00Z".parse().unwrap();
//! assert_eq!(window.deadline_at(), end);
//! ```

pub mod attendance;
pub mod campaign;
pub mod case;
pub mod edition;
pub mod email;
pub mod event;
pub mod id;
pub mod participant;
pub mod published;
pub mod report;
pub mod resource;
pub mod section;
pub mod statement;
mod string_enum;
pub mod subscription;
pub mod text;
pub mod total;
pub mod urgent_action;
pub mod violation;
pub mod window;

pub use attendance::Attendance;
pub use campaign::Campaign;
pub use case::Case;
pub use edition::Edition;
pub use email::EmailAddress;
pub use event::Event;
pub use id::{
    AttendanceId, CampaignId, CaseId, EditionId, EventId, ModerationId, ParticipantId, ReportId, ResourceId,
    SectionId, SubscriptionId, UrgentActionId,
};
pub use participant::Participant;
pub use published::PublishedFigure;
pub use report::{ActionKind, Report};
pub use resource::Resource;
pub use section::Section;
pub use subscription::Subscription;
pub use text::{Country, Language, Region, Zone};
pub use total::{Counts, Totals};
pub use urgent_action::UrgentAction;
pub use violation::{Violation, ViolationKind, Violations};
pub use window::{Phase, Window};
