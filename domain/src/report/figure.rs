//! Later figures of a report: all until now, or those since the figure before.
//!
//! A school that writes for days reports 715, then 996, then 1,275. Whether 996 are all until now or were written
//! since is said by the reporter and never guessed. A figure that looks like the other kind counts as it was said and
//! brings a warning; one that cannot be right is refused.

use std::collections::BTreeSet;

use super::{ActionKind, ReportContent, ReportSubmission};
use crate::{
    number::{MAX_QUANTITY, quantity},
    string_enum::string_enum,
    violation::{Violation, ViolationKind, Violations},
};

string_enum! {
    /// How a later figure relates to the one before.
    ///
    /// ```
    /// assert_eq!(domain::report::FigureBasis::InAddition.as_str(), "IN_ADDITION");
    /// ```
    pub enum FigureBasis {
        /// All until now: it takes the place of the figure before.
        SoFar = "SO_FAR",
        /// What came since the figure before: it is added to that.
        InAddition = "IN_ADDITION",
    }
}

string_enum! {
    /// What a figure looks like, although something else was said.
    ///
    /// ```
    /// assert_eq!(domain::report::FigureWarningKind::LooksCumulative.as_str(), "LOOKS_CUMULATIVE");
    /// ```
    pub enum FigureWarningKind {
        /// A corrected figure is lower than the one before: perhaps it is only what came since.
        LooksAdditional = "LOOKS_ADDITIONAL",
        /// A figure in addition is at least as high as the one before: perhaps it is all until now.
        LooksCumulative = "LOOKS_CUMULATIVE",
    }
}

/// A warning about a figure that was taken as it was said.
///
/// ```
/// use domain::{ActionKind, report::{FigureWarning, FigureWarningKind}};
/// let path = vec!["lines".to_owned()];
/// let warning = FigureWarning { kind: FigureWarningKind::LooksCumulative, path, figure: 996, previous: 715 };
/// assert!(warning.to_string().contains("996 in addition to 715"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureWarning {
    /// What it looks like.
    pub kind: FigureWarningKind,
    /// The path of the field in the draft.
    pub path: Vec<String>,
    /// The figure.
    pub figure: u64,
    /// The one before.
    pub previous: u64,
}

impl std::fmt::Display for FigureWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { figure, previous, .. } = self;
        match self.kind {
            FigureWarningKind::LooksAdditional => write!(
                f,
                "The report now says {figure} instead of {previous}. If {figure} came in addition, please update the \
                 report with {}.",
                previous.saturating_add(*figure)
            ),
            FigureWarningKind::LooksCumulative => write!(
                f,
                "{figure} in addition to {previous} makes {}. If {figure} is the figure so far, please correct the \
                 report.",
                previous.saturating_add(*figure)
            ),
        }
    }
}

impl ReportSubmission {
    /// The content of a report after this later figure; `before` is the content that stands.
    ///
    /// A figure so far has all lines anew. A figure in addition is added line by line, and its people are further
    /// people. The day of writing is kept where the whole was written on one day. What a figure does not say of
    /// people and staff's remark stays, and where the letters are counted does too.
    ///
    /// # Errors
    /// [`ViolationKind::FigureBelowPrevious`] for a figure so far with fewer of a kind, or fewer people, than before;
    /// [`ViolationKind::QuantityOutOfRange`] if people add up to more than the maximum.
    ///
    /// ```
    /// use domain::{ActionKind, report::{FigureBasis, NumberDraft, ReportDraft, ReportSubmission}};
    /// let letters = |quantity: u32| {
    ///     let numbers = vec![NumberDraft { kind: ActionKind::AppealLetter, quantity: quantity.into() }];
    ///     ReportSubmission::parse(ReportDraft { numbers, ..ReportDraft::default() }).unwrap()
    /// };
    /// let monday = letters(715);
    /// let tuesday = letters(281).update(monday.content(), FigureBasis::InAddition).unwrap();
    /// assert_eq!(tuesday.quantity(), 996);
    /// assert_eq!(letters(1_275).update(&tuesday, FigureBasis::SoFar).unwrap().quantity(), 1_275);
    /// assert!(letters(281).update(&tuesday, FigureBasis::SoFar).is_err());
    /// ```
    pub fn update(&self, before: &ReportContent, basis: FigureBasis) -> Result<ReportContent, Violations> {
        let figure = &self.content;
        let mut violations = Violations::default();
        let mut updated = ReportContent {
            staff_note: figure.staff_note.clone().or_else(|| before.staff_note.clone()),
            people: figure.people.or(before.people),
            way: figure.way.or(before.way),
            ..before.clone()
        };
        match basis {
            FigureBasis::SoFar => {
                for kind in before.kinds() {
                    let (quantity, previous) = (figure.of_kind(kind), before.of_kind(kind));
                    if quantity < previous {
                        let rule = ViolationKind::FigureBelowPrevious { figure: quantity, previous };
                        violations.extend_at(&[], [Violation { path: self.path_of(kind), rule }]);
                    }
                }
                let people = (figure.people.map(u64::from), before.people.map(u64::from));
                if let (Some(figure), Some(previous)) = people
                    && figure < previous
                {
                    violations.add("people", ViolationKind::FigureBelowPrevious { figure, previous });
                }
                updated.lines.clone_from(&figure.lines);
                updated.written_on = figure.written_on;
            }
            FigureBasis::InAddition => {
                for (line, quantity) in &figure.lines {
                    *updated.lines.entry(*line).or_default() += quantity;
                }
                if let (Some(more), Some(people)) = (figure.people, before.people) {
                    let all = more.checked_add(people).filter(|all| *all <= MAX_QUANTITY);
                    let all = all.ok_or(ViolationKind::QuantityOutOfRange { most: MAX_QUANTITY });
                    updated.people = violations.check("people", all);
                }
                updated.written_on = before.written_on.filter(|day| figure.written_on == Some(*day));
            }
        }
        violations.into_result().map(|()| updated)
    }

    /// Warnings about this figure in addition, where `after` is the content with it: each kind of which at least as
    /// many came in addition as there were before.
    #[must_use]
    pub fn warnings_of_addition(&self, after: &ReportContent) -> Vec<FigureWarning> {
        let kinds = self.content.kinds().into_iter().filter_map(|kind| {
            let figure = self.content.of_kind(kind);
            let previous = after.of_kind(kind).saturating_sub(figure);
            let (path, looks) = (self.path_of(kind), FigureWarningKind::LooksCumulative);
            let is_doubtful = previous > 0 && figure >= previous;
            is_doubtful.then_some(FigureWarning { kind: looks, path, figure, previous })
        });
        kinds.collect()
    }

    /// Warnings about this correction of `before`: each kind of which fewer are left.
    #[must_use]
    pub fn warnings_of_correction(&self, before: &ReportContent) -> Vec<FigureWarning> {
        let kinds = self.content.kinds().into_iter().filter_map(|kind| {
            let (figure, previous) = (self.content.of_kind(kind), before.of_kind(kind));
            let (path, looks) = (self.path_of(kind), FigureWarningKind::LooksAdditional);
            (figure < previous).then_some(FigureWarning { kind: looks, path, figure, previous })
        });
        kinds.collect()
    }

    /// The path of the draft's field that gives the quantity of a kind.
    fn path_of(&self, kind: ActionKind) -> Vec<String> {
        let number = self.draft.numbers.iter().position(|number| {
            // A 0 without lines says nothing, and is not the field to look at.
            number.kind == kind && quantity(number.quantity).is_ok()
        });
        match number {
            Some(index) => vec!["numbers".to_owned(), index.to_string(), "quantity".to_owned()],
            None => vec!["lines".to_owned()],
        }
    }
}

impl ReportContent {
    fn kinds(&self) -> BTreeSet<ActionKind> {
        self.lines.keys().map(|(_, kind)| *kind).collect()
    }

    fn of_kind(&self, kind: ActionKind) -> u64 {
        self.lines.iter().filter(|((_, of), _)| *of == kind).map(|(_, quantity)| quantity).sum()
    }
}

#[cfg(test)]
mod tests;
