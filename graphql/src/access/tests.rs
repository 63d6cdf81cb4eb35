//! Each table has one line for each viewer, in this order: an anonymous client, a client with an unrelated secret, the
//! secrets of the fixture, staff of the section, staff of another section, an administrator.

use domain::{AttendanceId, attendance::AttendanceState, report::ReporterRole};
use jiff::Timestamp;

use super::*;

/// The fixture: an event of section 1, an attendance of participant 3, and an attendance without a participant.
const SECTION: u128 = 1;
const EVENT: u128 = 2;
const PARTICIPANT: u128 = 3;
const ATTENDANCE: u128 = 4;
const GUEST: u128 = 5;

fn hash(text: &str) -> SecretHash {
    SecretHash::of(text)
}

fn section(number: u128) -> SectionId {
    SectionId::new(Uuid::from_u128(number))
}

fn event(is_public: bool, was_approved: bool) -> EventFacts {
    let id = EventId::new(Uuid::from_u128(EVENT));
    EventFacts { id, section: section(SECTION), secret: hash("event"), is_public, was_approved }
}

fn attendance(id: u128, participant: Option<u128>, state: AttendanceState) -> Attendance {
    Attendance {
        id: AttendanceId::new(Uuid::from_u128(id)),
        event_id: EventId::new(Uuid::from_u128(EVENT)),
        number: 1,
        state,
        participant_id: participant.map(|id| ParticipantId::new(Uuid::from_u128(id))),
        guest: None,
        joined_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        confirmed_at: None,
        is_vouched_for: false,
    }
}

fn staff(section_number: Option<u128>) -> Viewer {
    Viewer::Staff(Staff { key: Some(Uuid::from_u128(9)), section: section_number.map(section) })
}

/// The viewer of a line of a table, and the subject of the secret, as the database would say.
fn viewer(name: &str) -> (Viewer, Option<Uuid>) {
    let subject = match name {
        "participant" => Some(PARTICIPANT),
        "attendee" => Some(ATTENDANCE),
        "guest" => Some(GUEST),
        "another person" => Some(99),
        // A code that was mailed to an organizer has the event as its subject.
        "mailed code" => Some(EVENT),
        _ => None,
    };
    let viewer = match name {
        "anonymous" => Viewer::Anonymous,
        "staff here" => staff(Some(SECTION)),
        "staff elsewhere" => staff(Some(100)),
        "administrator" => staff(None),
        "invitation" => {
            let text = credentials::derive_invitation(event(false, true).id, event(false, true).secret);
            Viewer::SecretHolder(hash(&text))
        }
        secret => Viewer::SecretHolder(hash(secret)),
    };
    (viewer, subject.map(Uuid::from_u128))
}

/// Compares each line of a table, so that a failure names all the lines that differ.
#[track_caller]
fn assert_table<T: PartialEq + std::fmt::Debug>(
    table: &[(&str, T)],
    decide: impl Fn(Viewer, Option<Uuid>) -> T,
) {
    let wrong: Vec<_> = table
        .iter()
        .map(|(name, expected)| {
            let (viewer, subject) = viewer(name);
            (name, decide(viewer, subject), expected)
        })
        .filter(|(_, decided, expected)| decided != *expected)
        .collect();
    assert!(wrong.is_empty(), "viewer, decided, expected: {wrong:#?}");
}

/// The relation as its callers find it: by the attendances of the subject, or by the invitation.
fn relation(viewer: Viewer, subject: Option<Uuid>) -> EventRelation {
    let attendances = [
        attendance(ATTENDANCE, Some(PARTICIPANT), AttendanceState::Cancelled),
        attendance(6, Some(PARTICIPANT), AttendanceState::Going),
        attendance(GUEST, None, AttendanceState::Waitlisted),
    ];
    if subject == Some(Uuid::from_u128(EVENT)) {
        return EventRelation::MailReader;
    }
    let by_subject =
        subject.map(|subject| EventRelation::of_subject(subject, event(false, true).id, &attendances));
    by_subject.unwrap_or_else(|| EventRelation::of_invitation(viewer, event(false, true)))
}

#[test]
fn access_to_an_event_by_viewer_and_state() {
    use EventAccess::*;
    // Columns: public; private and approved; not approved.
    assert_table(
        &[
            ("anonymous", [Public, Hidden, Hidden]),
            ("unrelated", [Public, Hidden, Hidden]),
            ("another person", [Public, Hidden, Hidden]),
            ("invitation", [Invited, Invited, Hidden]),
            ("guest", [Invited, Invited, Hidden]),
            ("attendee", [Invited, Invited, Hidden]),
            ("participant", [Attending, Attending, Hidden]),
            ("mailed code", [MailReader, MailReader, MailReader]),
            ("event", [Organizer, Organizer, Organizer]),
            ("staff here", [Organizer, Organizer, Organizer]),
            ("staff elsewhere", [Public, Hidden, Hidden]),
            ("administrator", [Organizer, Organizer, Organizer]),
        ],
        |viewer, subject| {
            [event(true, true), event(false, true), event(false, false)]
                .map(|event| event_access(viewer, event, relation(viewer, subject)))
        },
    );
}

#[test]
fn an_audience_and_the_right_to_change_follow_from_the_access_to_an_event() {
    use EventAccess::*;
    let table = [
        (Hidden, None, false),
        (Public, Some(EventAudience::Everyone), false),
        (Invited, Some(EventAudience::Everyone), false),
        (Attending, Some(EventAudience::Going), false),
        (MailReader, Some(EventAudience::Organizers), false),
        (Organizer, Some(EventAudience::Organizers), true),
    ];
    for (access, audience, may_manage) in table {
        assert_eq!((access.audience(), access.may_manage()), (audience, may_manage), "{access:?}");
    }
}

#[test]
fn staff_and_anonymous_clients_have_no_relation_to_an_event() {
    for relation in [EventRelation::Invited, EventRelation::Attending, EventRelation::MailReader] {
        for name in ["anonymous", "staff elsewhere"] {
            let (viewer, _) = viewer(name);
            assert_eq!(event_access(viewer, event(false, true), relation), EventAccess::Hidden, "{name}");
            assert_eq!(event_access(viewer, event(true, true), relation), EventAccess::Public, "{name}");
        }
    }
}

#[test]
fn joining_an_event_by_viewer_and_state() {
    // Columns: public; private; private with the invitation; not approved with the invitation; private with the
    // invitation to another event.
    assert_table(
        &[
            ("anonymous", [true, false, true, false, false]),
            ("unrelated", [true, false, true, false, false]),
            ("participant", [true, false, true, false, false]),
            ("guest", [true, false, true, false, false]),
            ("event", [true, true, true, true, true]),
            ("staff here", [true, true, true, true, true]),
            ("staff elsewhere", [true, false, true, false, false]),
            ("administrator", [true, true, true, true, true]),
        ],
        |viewer, _| {
            let private = event(false, true);
            let invitation = Some(hash(&credentials::derive_invitation(private.id, private.secret)));
            let other = Some(hash(&credentials::derive_invitation(private.id, hash("another event"))));
            [
                may_join(viewer, event(true, true), None),
                may_join(viewer, private, None),
                may_join(viewer, private, invitation),
                may_join(viewer, event(false, false), invitation),
                may_join(viewer, private, other),
            ]
        },
    );
}

#[test]
fn access_to_an_attendance_by_viewer() {
    use AttendanceAccess::*;
    // Columns: the attendance of a participant; the attendance of a guest.
    assert_table(
        &[
            ("anonymous", [Hidden, Hidden]),
            ("unrelated", [Hidden, Hidden]),
            ("another person", [Hidden, Hidden]),
            ("invitation", [Hidden, Hidden]),
            ("mailed code", [Hidden, Hidden]),
            ("participant", [Own, Hidden]),
            ("attendee", [Own, Hidden]),
            ("guest", [Hidden, Own]),
            ("event", [Organizer, Organizer]),
            ("staff here", [Staff, Staff]),
            ("staff elsewhere", [Hidden, Hidden]),
            ("administrator", [Staff, Staff]),
        ],
        |viewer, subject| {
            let going = AttendanceState::Going;
            [attendance(ATTENDANCE, Some(PARTICIPANT), going), attendance(GUEST, None, going)]
                .map(|one| attendance_access(viewer, subject, &one, Some(event(true, true))))
        },
    );
    for (access, may_manage, sees_person) in
        [(Hidden, false, false), (Organizer, true, false), (Own, true, true), (Staff, true, true)]
    {
        assert_eq!((access.may_manage(), access.sees_person()), (may_manage, sees_person), "{access:?}");
    }
}

#[test]
fn access_to_a_participant_a_calendar_and_a_subscription_by_viewer() {
    use PersonAccess::*;
    // Columns: a participant; the address of that participant's calendar; a subscription.
    assert_table(
        &[
            ("anonymous", (Hidden, false, Hidden)),
            ("unrelated", (Hidden, false, Hidden)),
            ("another person", (Hidden, false, Hidden)),
            ("attendee", (Hidden, false, Hidden)),
            ("participant", (Own, true, Hidden)),
            ("subscription", (Hidden, false, Own)),
            ("staff here", (Staff, false, Hidden)),
            ("staff elsewhere", (Hidden, false, Hidden)),
            ("administrator", (Staff, false, Staff)),
        ],
        |viewer, subject| {
            let id = ParticipantId::new(Uuid::from_u128(PARTICIPANT));
            (
                participant_access(viewer, subject, id, section(SECTION)),
                may_issue_calendar(viewer, subject, id.uuid()),
                subscription_access(viewer, hash("subscription")),
            )
        },
    );
    assert_eq!([Hidden, Own, Staff].map(PersonAccess::may_manage), [false, true, true]);
}

/// A report of an attendance, by its reporter or by the host of the event.
fn report(role: ReporterRole) -> ReportFacts {
    let is_by_host = role == ReporterRole::Host;
    ReportFacts {
        section: section(SECTION),
        secret: hash("report"),
        participant: None,
        attendance: (!is_by_host).then_some(AttendanceId::new(Uuid::from_u128(ATTENDANCE))),
        attendee: (!is_by_host).then_some(ParticipantId::new(Uuid::from_u128(PARTICIPANT))),
        event: Some((role, event(true, true))),
        group: None,
    }
}

/// A class of a school: at the event, or at none.
fn class(at: Option<EventFacts>, is_listed: bool) -> GroupFacts {
    let secrets = [hash("class"), hash("school"), SecretHash::NONE];
    GroupFacts { section: section(SECTION), secrets, event: at, is_listed }
}

#[test]
fn access_to_a_group_by_viewer_and_state() {
    use GroupAccess::*;
    // Columns: listed, at no event; not listed; listed, at a public event; listed, at a private event.
    assert_table(
        &[
            ("anonymous", [Public, Hidden, Public, Hidden]),
            ("unrelated", [Public, Hidden, Public, Hidden]),
            ("participant", [Public, Hidden, Public, Hidden]),
            ("mailed code", [Public, Hidden, Public, Hidden]),
            ("class", [Manager, Manager, Manager, Manager]),
            ("school", [Manager, Manager, Manager, Manager]),
            ("event", [Public, Hidden, Manager, Manager]),
            ("staff here", [Staff, Staff, Staff, Staff]),
            ("staff elsewhere", [Public, Hidden, Public, Hidden]),
            ("administrator", [Staff, Staff, Staff, Staff]),
        ],
        |viewer, _| {
            let (public, private) = (event(true, true), event(false, true));
            [class(None, true), class(None, false), class(Some(public), true), class(Some(private), true)]
                .map(|group| group_access(viewer, group))
        },
    );
    assert_eq!([Hidden, Public, Manager, Staff].map(GroupAccess::may_manage), [false, false, true, true]);
    let missing = Viewer::SecretHolder(SecretHash::NONE);
    assert_eq!(group_access(missing, class(None, false)), Hidden, "a missing secret belongs to no group");
}

#[test]
fn access_to_a_report_by_viewer() {
    use ReportAccess::*;
    // Columns: by an attendee; by the host; of a participant, about no event; of a class at the event.
    assert_table(
        &[
            ("anonymous", [Hidden, Hidden, Hidden, Hidden]),
            ("unrelated", [Hidden, Hidden, Hidden, Hidden]),
            ("another person", [Hidden, Hidden, Hidden, Hidden]),
            ("guest", [Hidden, Hidden, Hidden, Hidden]),
            ("report", [Reporter, Reporter, Reporter, Reporter]),
            ("attendee", [Reporter, Hidden, Hidden, Hidden]),
            ("participant", [Reporter, Hidden, Reporter, Hidden]),
            ("event", [GuestsHost, Host, Hidden, Group]),
            ("class", [Hidden, Hidden, Hidden, Group]),
            ("school", [Hidden, Hidden, Hidden, Group]),
            ("mailed code", [Hidden, Hidden, Hidden, Hidden]),
            ("invitation", [Hidden, Hidden, Hidden, Hidden]),
            ("staff here", [Staff, Staff, Staff, Staff]),
            ("staff elsewhere", [Hidden, Hidden, Hidden, Hidden]),
            ("administrator", [Staff, Staff, Staff, Staff]),
        ],
        |viewer, subject| {
            let participant = Some(ParticipantId::new(Uuid::from_u128(PARTICIPANT)));
            let of_participant = ReportFacts {
                participant,
                attendance: None,
                attendee: None,
                event: None,
                ..report(ReporterRole::Attendee)
            };
            let of_class = ReportFacts {
                event: None,
                group: Some(class(Some(event(true, true)), false)),
                ..report(ReporterRole::Host)
            };
            [report(ReporterRole::Attendee), report(ReporterRole::Host), of_participant, of_class]
                .map(|report| report_access(viewer, subject, &report))
        },
    );
}

#[test]
fn the_right_to_manage_object_and_review_follows_from_the_access_to_a_report() {
    use ReportAccess::*;
    // Columns: see, correct and withdraw; object; review.
    let table = [
        (Hidden, [false, false, false]),
        (GuestsHost, [false, true, false]),
        (Reporter, [true, false, false]),
        (Host, [true, false, false]),
        (Group, [true, false, false]),
        (Staff, [true, true, true]),
    ];
    for (access, rights) in table {
        assert_eq!([access.may_manage(), access.may_object(), access.may_review()], rights, "{access:?}");
    }
}

#[test]
fn a_missing_secret_is_nobodys() {
    let missing = ReportFacts { secret: SecretHash::NONE, event: None, ..report(ReporterRole::Host) };
    let sent = Viewer::SecretHolder(SecretHash::NONE);
    assert_eq!(report_access(sent, None, &missing), ReportAccess::Hidden);
}

#[test]
fn access_to_a_case_by_viewer() {
    use CaseAccess::*;
    // Columns: a draft; a published case.
    assert_table(
        &[
            ("anonymous", [Hidden, Public]),
            ("unrelated", [Hidden, Public]),
            ("staff here", [Hidden, Public]),
            ("administrator", [Administrator, Administrator]),
        ],
        |viewer, _| [CaseState::Draft, CaseState::Published].map(|state| case_access(viewer, state)),
    );
}

#[test]
fn staff_act_as_staff_in_their_own_section() {
    assert_table(
        &[
            ("anonymous", EventActor::Organizer),
            ("event", EventActor::Organizer),
            ("staff here", EventActor::Staff),
            ("staff elsewhere", EventActor::Organizer),
            ("administrator", EventActor::Staff),
        ],
        |viewer, _| viewer.actor_in(section(SECTION)),
    );
}
