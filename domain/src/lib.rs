//! Rules, decisions and arithmetic of a letter-writing campaign, as pure functions without input or output.
//!
//! Each year around 10 December people write letters for persons and communities whose rights are
//! abused. They report how many they wrote until a collection deadline, and the reports add up to
//! section totals and one world total. This crate defines the vocabulary, the validation rules, the
//! state transitions and the counting. It reads no clock, generates no identifier and opens neither
//! file nor connection: `now` and new identifiers are arguments, so that each rule can be tested at
//! its exact limit.
//!
//! # From an empty catalogue to a total
//!
//! A change of the catalogue is made on a [`CatalogueEdit`], a working copy. A report is parsed,
//! evaluated in the context of its campaign, and added to the counts.
//!
//! ```
//! use domain::{
//!     ActionKind, CampaignId, CaseId, Catalogue, CatalogueEdit, Counts, EditionId, Report, ReportId, SectionId,
//!     Totals, Violations,
//!     campaign::{self, CampaignDraft},
//!     case::{self, CaseDraft, CaseKind},
//!     edition::{self, EditionDraft},
//!     report::{LineDraft, ReportDraft, ReportSource, ReportSubmission},
//!     section::{self, SectionDraft},
//!     total::TotalScope,
//! };
//! use uuid::Uuid;
//!
//! # fn main() -> Result<(), Violations> {
//! let now = "2021-12-10T12:00:00Z".parse().expect("an instant");
//! let mut edit = CatalogueEdit::new(Catalogue::default(), now);
//! let edition = EditionId::new(Uuid::from_u128(1));
//! edition::create(&mut edit, edition, &EditionDraft { year: Some(2021), ..EditionDraft::default() })?;
//!
//! let section = SectionId::new(Uuid::from_u128(2));
//! let canada = SectionDraft {
//!     name: Some("Canada".into()),
//!     languages: Some(vec!["en".into()]),
//!     time_zone: Some("America/Toronto".into()),
//!     ..SectionDraft::default()
//! };
//! section::create(&mut edit, section, "ca", &canada)?;
//!
//! let campaign = CampaignId::new(Uuid::from_u128(3));
//! let days = CampaignDraft {
//!     opens_on: Some("2021-11-01".into()),
//!     deadline_on: Some("2022-01-31".into()),
//!     ..CampaignDraft::default()
//! };
//! campaign::create(&mut edit, campaign, edition, section, &days)?;
//!
//! let case = CaseId::new(Uuid::from_u128(4));
//! let rung = CaseDraft {
//!     name: Some("Rung".into()),
//!     kind: Some(CaseKind::Person),
//!     country: Some("TH".into()),
//!     ..CaseDraft::default()
//! };
//! case::create(&mut edit, case, edition, "rung", &rung)?;
//! case::record_consent(&mut edit, case, 1, "2021-08-01", "herself")?;
//! case::publish(&mut edit, case, 2)?;
//!
//! let line = LineDraft { case: Some(case), kind: ActionKind::AppealLetter, quantity: 12.into() };
//! let submission = ReportSubmission::parse(ReportDraft { lines: vec![line], ..ReportDraft::default() })?;
//! let context = edit.catalogue.intake(campaign).expect("the campaign was created above");
//! let decision = context.evaluate(&submission, None, None, ReportSource::Writer, now)?;
//! let report = Report::submitted(
//!     ReportId::new(Uuid::from_u128(5)), campaign, submission.content().clone(), decision, ReportSource::Writer, now,
//! );
//!
//! let mut counts = Counts::default();
//! counts.add(&report.contribution().expect("an accepted report counts"));
//! let totals = Totals::from_cells(&counts).expect("nothing is below zero");
//! assert_eq!(totals.sums(TotalScope::Edition).all.letters, 12);
//! assert_eq!(totals.sums(TotalScope::Case(case)).all.letters, 12);
//! # Ok(())
//! # }
//! ```
//!
//! # Deadlines
//!
//! ```
//! use domain::{CampaignWindow, Zone};
//! use jiff::{civil::date, Timestamp};
//!
//! // The last day belongs to the campaign, in the campaign's own zone.
//! let zone = Zone::parse("America/Toronto").unwrap();
//! let window = CampaignWindow::new(date(2021, 11, 1), None, date(2022, 1, 31), 0, zone).unwrap();
//! let end: Timestamp = "2022-02-01T05:00:00Z".parse().unwrap();
//! assert_eq!(window.deadline_at(), end);
//! ```
//!
//! # Features
//!
//! - `bundled-tz` (default) compiles the time zone database in. Without it, the process must enable another source
//!   of `jiff`, such as its feature `tzdb-zoneinfo`.
//! - `serde` gives identifiers, vocabularies and drafts their JSON forms.
//! - `proof` has the transparency log: its tree, its signed head, and receipts that are verified offline.
//!
//! Types of `jiff` and `uuid` are part of the interface; both crates are re-exported.

#![warn(missing_docs, unreachable_pub)]

pub use jiff;
pub use uuid;

pub mod address;
pub mod attendance;
pub mod campaign;
pub mod case;
pub mod catalogue;
pub mod certification;
pub mod date;
mod draft;
pub mod edition;
pub mod email;
pub mod event;
mod fingerprint;
pub mod group;
pub mod id;
pub mod milestone;
pub mod number;
pub mod open_data;
pub mod participant;
#[cfg(feature = "proof")]
pub mod proof;
pub mod published;
pub mod report;
pub mod resource;
pub mod revision;
pub mod section;
pub mod statement;
mod string_enum;
pub mod subscription;
pub mod text;
pub mod total;
pub mod typed_number;
pub mod urgent_action;
pub mod violation;
pub mod window;

pub use attendance::Attendance;
pub use campaign::Campaign;
pub use case::Case;
pub use catalogue::{Catalogue, CatalogueEdit};
pub use draft::Patch;
pub use edition::Edition;
pub use email::EmailAddress;
pub use event::Event;
pub use group::Group;
pub use id::{
    AttendanceId, CampaignId, CaseId, EditionId, EventId, GroupId, MilestoneId, ModerationId, ParticipantId,
    ReportId, ResourceId, SectionId, StatementId, SubscriptionId, UrgentActionId,
};
pub use milestone::Milestone;
pub use participant::Participant;
pub use published::PublishedFigure;
pub use report::{ActionKind, Report};
pub use resource::Resource;
pub use revision::Revision;
pub use section::Section;
pub use statement::Statement;
pub use subscription::Subscription;
pub use text::{Country, Language, LanguageRange, Region, Zone};
pub use total::{Counts, Totals};
pub use urgent_action::UrgentAction;
pub use violation::{Violation, ViolationKind, Violations};
pub use window::{CampaignPhase, CampaignWindow};
