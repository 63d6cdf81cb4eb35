//! Revisions of published figures: what replaced what, and when.
//!
//! An edition's figures are published as one list. A figure is known by what it is a figure of: its section, its case
//! and its unit. Where one figure of these leaves the list and one comes, the one that comes is a later revision of it.

use jiff::Timestamp;

use super::PublishedFigure;

/// A revision of a published figure: what it says from one moment on.
///
/// ```
/// use domain::{PublishedFigure, published::{FigureQualifier, FigureRevision, FigureStatus}};
/// let figure = PublishedFigure {
///     section: None,
///     case: None,
///     figure: 4_500_000,
///     unit: "letters".to_owned(),
///     qualifier: FigureQualifier::MoreThan,
///     status: FigureStatus::Running,
///     as_of: None,
///     countries: None,
///     source: None,
/// };
/// let at = jiff::Timestamp::UNIX_EPOCH;
/// let first = FigureRevision::publish(&[], vec![figure.clone()], None, at);
/// let more = PublishedFigure { figure: 4_600_000, ..figure };
/// let second = FigureRevision::publish(&first, vec![more], Some("Later reports came in."), at);
/// assert_eq!((second[0].number, second[0].revision, second[0].replaced_at), (1, 2, None));
/// assert_eq!((second[1].number, second[1].revision, second[1].replaced_at), (1, 1, Some(at)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FigureRevision {
    /// The number of the figure within its edition, from 1. No other figure of the edition ever gets it.
    pub number: u32,
    /// 1 for the first revision of the figure.
    pub revision: u32,
    /// What it says.
    pub figure: PublishedFigure,
    /// Why it replaces the one before.
    pub reason: Option<String>,
    /// When it was published here; `None` before that was recorded.
    pub published_at: Option<Timestamp>,
    /// When it was replaced by the next revision, or withdrawn; `None` while it is published.
    pub replaced_at: Option<Timestamp>,
}

impl FigureRevision {
    /// The revisions after a list of figures is published in place of the present one: those that are published, in the
    /// order of the list, then those that were replaced, oldest first.
    #[must_use]
    pub fn publish(
        before: &[Self],
        figures: Vec<PublishedFigure>,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Vec<Self> {
        let (mut present, mut replaced): (Vec<_>, Vec<_>) =
            before.iter().cloned().partition(|revision| revision.replaced_at.is_none());
        let mut published: Vec<Option<Self>> = figures
            .iter()
            .map(|figure| {
                let index = present.iter().position(|revision| revision.figure == *figure)?;
                Some(present.remove(index))
            })
            .collect();
        let coming: Vec<_> = figures
            .iter()
            .zip(&published)
            .filter(|(_, published)| published.is_none())
            .map(|(figure, _)| figure.subject())
            .collect();
        let leaving: Vec<_> = present.iter().map(|revision| revision.figure.subject()).collect();
        let is_one = |subjects: &[Subject<'_>], one: &Subject<'_>| {
            subjects.iter().filter(|subject| *subject == one).count() == 1
        };
        let mut last_number = before.iter().map(|revision| revision.number).max().unwrap_or_default();
        for (place, figure) in published.iter_mut().zip(&figures).filter(|(place, _)| place.is_none()) {
            let subject = figure.subject();
            let earlier = present.iter().find(|revision| revision.figure.subject() == subject);
            let earlier = earlier.filter(|_| is_one(&coming, &subject) && is_one(&leaving, &subject));
            let (number, revision) = match earlier {
                Some(earlier) => (earlier.number, earlier.revision + 1),
                None => {
                    last_number += 1;
                    (last_number, 1)
                }
            };
            *place = Some(Self {
                number,
                revision,
                figure: figure.clone(),
                reason: reason.filter(|_| revision > 1).map(str::to_owned),
                published_at: Some(now),
                replaced_at: None,
            });
        }
        replaced.extend(present.into_iter().map(|revision| Self { replaced_at: Some(now), ..revision }));
        published.into_iter().flatten().chain(replaced).collect()
    }
}

/// What a figure is a figure of.
type Subject<'f> = (Option<crate::SectionId>, Option<crate::CaseId>, &'f str);

impl PublishedFigure {
    fn subject(&self) -> Subject<'_> {
        (self.section, self.case, &self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published::{FigureQualifier, FigureStatus};

    fn of(unit: &str, figure: u64) -> PublishedFigure {
        PublishedFigure {
            section: None,
            case: None,
            figure,
            unit: unit.to_owned(),
            qualifier: FigureQualifier::Exact,
            status: FigureStatus::Running,
            as_of: None,
            countries: None,
            source: None,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    /// Number, revision, figure, and when it was replaced.
    fn summaries(revisions: &[FigureRevision]) -> Vec<(u32, u32, u64, Option<i64>)> {
        let of = |one: &FigureRevision| {
            (one.number, one.revision, one.figure.figure, one.replaced_at.map(Timestamp::as_second))
        };
        revisions.iter().map(of).collect()
    }

    #[test]
    fn a_figure_keeps_its_number_through_all_revisions_and_the_others_stay_as_they_are() {
        let first =
            FigureRevision::publish(&[], vec![of("letters", 10), of("signatures", 3)], Some("Why?"), at(1));
        assert_eq!(summaries(&first), [(1, 1, 10, None), (2, 1, 3, None)]);
        assert!(first.iter().all(|one| one.reason.is_none()), "a first revision replaces nothing");
        let again =
            FigureRevision::publish(&first, vec![of("letters", 10), of("signatures", 3)], None, at(2));
        assert_eq!(again, first, "the same list changes nothing");
        let second = FigureRevision::publish(
            &first,
            vec![of("signatures", 3), of("letters", 12)],
            Some("More came."),
            at(2),
        );
        assert_eq!(summaries(&second), [(2, 1, 3, None), (1, 2, 12, None), (1, 1, 10, Some(2))]);
        assert_eq!(second[1].reason.as_deref(), Some("More came."));
        assert_eq!((second[1].published_at, second[2].published_at), (Some(at(2)), Some(at(1))));
        let third = FigureRevision::publish(&second, vec![of("letters", 11)], None, at(3));
        assert_eq!(
            summaries(&third),
            [(1, 3, 11, None), (1, 1, 10, Some(2)), (2, 1, 3, Some(3)), (1, 2, 12, Some(3))]
        );
        let fourth =
            FigureRevision::publish(&third, vec![of("letters", 11), of("signatures", 3)], None, at(4));
        assert_eq!(summaries(&fourth)[1], (3, 1, 3, None), "a figure that was withdrawn does not come back");
    }

    #[test]
    fn which_of_several_figures_a_later_one_replaces_is_not_guessed() {
        let first = FigureRevision::publish(&[], vec![of("letters", 10), of("letters", 11)], None, at(1));
        let one_of_two =
            FigureRevision::publish(&first, vec![of("letters", 11), of("letters", 12)], None, at(2));
        assert_eq!(
            summaries(&one_of_two),
            [(2, 1, 11, None), (1, 2, 12, None), (1, 1, 10, Some(2))],
            "the other one stayed"
        );
        let both = FigureRevision::publish(&first, vec![of("letters", 12), of("letters", 13)], None, at(2));
        assert_eq!(
            summaries(&both),
            [(3, 1, 12, None), (4, 1, 13, None), (1, 1, 10, Some(2)), (2, 1, 11, Some(2))]
        );
        let of_case =
            PublishedFigure { case: Some(crate::CaseId::new(uuid::Uuid::from_u128(1))), ..of("letters", 12) };
        let narrower = FigureRevision::publish(&first[..1], vec![of_case], None, at(2));
        assert_eq!(summaries(&narrower), [(2, 1, 12, None), (1, 1, 10, Some(2))], "a case is not the world");
    }
}
