//! The cases of an import. A file may make a case safer than it is, never less safe.

use domain::{
    Case, CaseId, EditionId, Violation, ViolationKind,
    case::{self, CaseConsent, CaseDraft, CaseOutcome, CaseState, CloseReason, SolidarityChannel},
};

use super::{
    format::{self, State},
    plan::ImportPlanner,
    source_location::JsonPath,
};

/// A transition between two states of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Publish,
    Suspend,
    Close(CloseReason),
}

impl ImportPlanner<'_> {
    /// Plans a case: first its content, so that all errors in it are reported, then its transitions.
    pub(super) fn case(&mut self, edition: EditionId, path: &JsonPath, input: &format::Case) {
        let before = self.catalogue().case_by_slug(edition, &input.slug).cloned();
        let revision = before.as_ref().map(|case| case.revision);
        let consent = input
            .consent
            .as_ref()
            .map(|consent| self.accept(&path.field("consent"), CaseConsent::parse(&consent.on, &consent.by)));
        let outcomes = input.outcomes.iter().enumerate().map(|(index, input)| {
            let outcome = CaseOutcome::parse(&input.on, input.kind, &input.text, input.source.as_deref());
            self.accept(&path.field("outcomes").entry(index), outcome)
        });
        let outcomes: Vec<Option<CaseOutcome>> = outcomes.collect();
        let target = self.target(path, input);
        let case = self.content(edition, path, input, before);
        let (Some(case), Some(target)) = (case, target) else {
            return;
        };
        if consent == Some(None) || outcomes.contains(&None) {
            return;
        }
        let Some(case) = self
            .consent(path, input, consent.flatten(), case)
            .and_then(|case| self.outcomes(path, input, &outcomes, case))
            .and_then(|case| self.steps(path, input, target, case))
        else {
            return;
        };
        let count = &mut self.plan.cases;
        match revision {
            None => count.added += 1,
            Some(revision) if revision == case.revision => count.unchanged += 1,
            Some(_) => count.changed += 1,
        }
    }

    /// The target state of the file, if it has one.
    fn target(&mut self, path: &JsonPath, input: &format::Case) -> Option<Option<CaseState>> {
        let state = match (input.state, input.close_reason) {
            (Some(State::Closed), Some(reason)) => return Some(Some(CaseState::Closed(reason))),
            (Some(State::Closed), None) => {
                self.refuse(&path.field("closeReason"), &ViolationKind::ReasonMissing);
                return None;
            }
            (state, _) => state.map(|state| match state {
                State::Published => CaseState::Published,
                State::Suspended => CaseState::Suspended,
                State::Draft | State::Closed => CaseState::Draft,
            }),
        };
        if input.close_reason.is_some() {
            let state = state.unwrap_or(CaseState::Draft);
            self.refuse(
                &path.field("closeReason"),
                &ViolationKind::CaseStateInvalid { state: state.as_str() },
            );
            return None;
        }
        Some(state)
    }

    fn content(
        &mut self,
        edition: EditionId,
        path: &JsonPath,
        input: &format::Case,
        before: Option<Case>,
    ) -> Option<Case> {
        let mut draft = input.draft();
        let Some(before) = before else {
            let id = CaseId::new(self.fresh());
            let created = case::create(self.revising, id, edition, &input.slug, &draft);
            return self.accept(path, created);
        };
        // A draft is not public, so the file may still change everything.
        if before.state.is_public() {
            self.keep_safe(path, &before, &mut draft);
        }
        if draft.complete(Some(&before.content)).is_ok_and(|content| content == before.content) {
            return Some(before);
        }
        let changed = case::change(self.revising, before.id, before.revision, &draft);
        self.accept(path, changed)
    }

    /// A file may be older than a warning. Therefore it never removes words that a message must not
    /// contain, nor permits messages to a case that must get none.
    fn keep_safe(&mut self, path: &JsonPath, before: &Case, draft: &mut CaseDraft) {
        let (path, before) = (path.field("solidarity"), &before.content.solidarity);
        let Some(input) = &mut draft.solidarity else {
            return;
        };
        if before.channel == SolidarityChannel::None && input.channel != SolidarityChannel::None {
            draft.solidarity = None;
            self.note(&path, "No message may be sent to the case here, and that stays so.".to_owned());
            return;
        }
        for restriction in &before.restrictions {
            if !input.restrictions.contains(restriction) {
                input.restrictions.push(*restriction);
                self.note(&path, format!("The restriction {restriction} stands here and stays."));
            }
        }
    }

    fn consent(
        &mut self,
        path: &JsonPath,
        input: &format::Case,
        consent: Option<CaseConsent>,
        case: Case,
    ) -> Option<Case> {
        match &input.consent {
            Some(typed) if consent != case.consent => {
                let recorded =
                    case::record_consent(self.revising, case.id, case.revision, &typed.on, &typed.by);
                self.accept(&path.field("consent"), recorded)
            }
            _ => Some(case),
        }
    }

    /// Adds the outcomes that the case does not have. Outcomes that are not in the file are kept.
    fn outcomes(
        &mut self,
        path: &JsonPath,
        input: &format::Case,
        outcomes: &[Option<CaseOutcome>],
        mut case: Case,
    ) -> Option<Case> {
        for (index, (typed, outcome)) in input.outcomes.iter().zip(outcomes).enumerate() {
            if outcome.as_ref().is_some_and(|outcome| !case.outcomes.contains(outcome)) {
                let (text, source) = (&typed.text, typed.source.as_deref());
                let added = case::add_outcome(
                    self.revising,
                    case.id,
                    case.revision,
                    &typed.on,
                    typed.kind,
                    text,
                    source,
                );
                case = self.accept(&path.field("outcomes").entry(index), added)?;
            }
        }
        Some(case)
    }

    fn steps(
        &mut self,
        path: &JsonPath,
        input: &format::Case,
        target: Option<CaseState>,
        mut case: Case,
    ) -> Option<Case> {
        let Some(target) = target else {
            return Some(case);
        };
        let Some(steps) = steps(case.state, target) else {
            let sentence = format!("The case is {} here and stays so; the file says {target}.", case.state);
            self.note(&path.field("state"), sentence);
            return Some(case);
        };
        for step in steps {
            let (id, revision, reason) = (case.id, case.revision, input.reason.as_deref());
            let done = match step {
                Step::Publish => case::publish(self.revising, id, revision),
                Step::Suspend => case::suspend(self.revising, id, revision, reason.unwrap_or_default()),
                Step::Close(why) => case::close(self.revising, id, revision, why, reason),
            };
            let done = done.map_err(|broken| broken.into_iter().map(in_file).collect());
            case = self.accept(path, done)?;
        }
        Some(case)
    }
}

/// The allowed transitions from one state to another; `None` if there are none, or if they would make
/// the case less safe.
fn steps(from: CaseState, to: CaseState) -> Option<Vec<Step>> {
    use CaseState::{Closed, Draft, Published, Suspended};
    match (from, to) {
        (from, to) if from == to => Some(vec![]),
        (Draft, Published) => Some(vec![Step::Publish]),
        (Draft, Suspended) => Some(vec![Step::Publish, Step::Suspend]),
        (Draft, Closed(reason)) => Some(vec![Step::Publish, Step::Close(reason)]),
        (Published, Suspended) => Some(vec![Step::Suspend]),
        (Published | Suspended, Closed(reason)) => Some(vec![Step::Close(reason)]),
        _ => None,
    }
}

/// A violation of a transition, with the fields of the file.
fn in_file(violation: Violation) -> Violation {
    let field = match violation.path.first().map(String::as_str) {
        Some("explanation" | "reason") => "reason",
        _ => "state",
    };
    Violation::at([field], violation.rule)
}
