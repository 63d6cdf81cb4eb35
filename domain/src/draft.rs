//! Fields of drafts: what a new object requires, what a change may leave out, and what it may clear.

use std::collections::BTreeSet;

use crate::{
    fingerprint::Canonical,
    number::CountDraft,
    violation::{ViolationKind, Violations},
};

/// A change of a field that may be without a value.
///
/// ```
/// use domain::Patch;
/// assert_eq!(Patch::default().apply_to(Some(3)), Some(3));
/// assert_eq!(Patch::Clear.apply_to(Some(3)), None);
/// assert_eq!(Patch::Set(4).apply_to(Some(3)), Some(4));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// The field keeps its value; a new object has none.
    #[default]
    Keep,
    /// The field loses its value.
    Clear,
    /// The field gets this value.
    Set(T),
}

impl<T> Patch<T> {
    /// The same with a reference to the value.
    #[must_use]
    pub const fn as_ref(&self) -> Patch<&T> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(value),
        }
    }

    /// Whether the field keeps its value.
    #[must_use]
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The same with another value.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(change(value)),
        }
    }

    /// The value that is set, if one is.
    #[must_use]
    pub fn set(self) -> Option<T> {
        match self {
            Self::Keep | Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The value of the field after the change.
    #[must_use]
    pub fn apply_to(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The validated value of the field after the change.
    pub(crate) fn complete<U>(
        &self,
        violations: &mut Violations,
        field: &str,
        parse: impl FnOnce(&T) -> Result<U, ViolationKind>,
        before: Option<U>,
    ) -> Option<U> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(typed) => violations.check(field, parse(typed)),
        }
    }
}

/// A value that is there or not: sets it, or clears the field.
impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}

/// Keeping and clearing have the same form, as they had in the fingerprints of earlier versions.
impl<T: Canonical> Canonical for Patch<T> {
    fn write(&self, text: &mut String) {
        self.as_ref().set().write(text);
    }
}

#[cfg(feature = "serde")]
impl<T: serde::Serialize> serde::Serialize for Patch<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().set().serialize(serializer)
    }
}

/// The validation of a draft field by field, with the object as it was before a change.
pub(crate) struct Fields<'b, B> {
    pub(crate) violations: Violations,
    before: Option<&'b B>,
}

impl<'b, B> Fields<'b, B> {
    pub(crate) fn new(before: Option<&'b B>) -> Self {
        Self { violations: Violations::default(), before }
    }

    /// A field that a new object requires and a change may leave out.
    pub(crate) fn required<T>(
        &mut self,
        field: &str,
        typed: Option<Result<T, ViolationKind>>,
        was: impl FnOnce(&B) -> T,
    ) -> Option<T> {
        match (typed, self.before) {
            (Some(typed), _) => self.violations.check(field, typed),
            (None, Some(before)) => Some(was(before)),
            (None, None) => self.violations.check(field, Err(ViolationKind::Required)),
        }
    }

    /// A text that may be absent.
    pub(crate) fn text<T>(
        &mut self,
        field: &str,
        typed: &Patch<String>,
        parse: impl FnOnce(&str) -> Result<T, ViolationKind>,
        was: impl FnOnce(&B) -> Option<T>,
    ) -> Option<T> {
        typed.complete(&mut self.violations, field, |typed| parse(typed), self.before.and_then(was))
    }

    /// A count that may be absent.
    pub(crate) fn number<T>(
        &mut self,
        field: &str,
        typed: &Patch<CountDraft>,
        parse: impl FnOnce(CountDraft) -> Result<T, ViolationKind>,
        was: impl FnOnce(&B) -> Option<T>,
    ) -> Option<T> {
        typed.complete(&mut self.violations, field, |typed| parse(*typed), self.before.and_then(was))
    }
}

/// The words of a vocabulary: each once, in the order of the vocabulary.
pub(crate) fn words<T: Clone + Ord>(typed: Option<&Vec<T>>, before: Option<&Vec<T>>) -> Vec<T> {
    let words = typed.or(before).into_iter().flatten().cloned();
    words.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Entries of which none may occur twice.
pub(crate) fn unique<D, T: Clone + Ord>(
    violations: &mut Violations,
    field: &str,
    typed: &[D],
    parse: impl Fn(&D) -> Result<T, ViolationKind>,
) -> Vec<T> {
    let mut seen = BTreeSet::new();
    let parsed = typed.iter().map(|entry| match parse(entry) {
        Ok(value) if !seen.insert(value.clone()) => Err(ViolationKind::Duplicate),
        parsed => parsed,
    });
    violations.check_each(field, parsed)
}

/// Parts with violations of their own, each below the index of the part.
pub(crate) fn parts<D, T>(
    violations: &mut Violations,
    field: &str,
    drafts: &[D],
    parse: impl Fn(&D) -> Result<T, Violations>,
) -> Vec<T> {
    let mut parsed = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.iter().enumerate() {
        match parse(draft) {
            Ok(part) => parsed.push(part),
            Err(broken) => violations.extend_at(&[field, &index.to_string()], broken),
        }
    }
    parsed
}

/// Checks that a list has no more entries than allowed.
pub(crate) fn bound<T>(violations: &mut Violations, field: &str, entries: &[T], most: usize) {
    if entries.len() > most {
        violations.add(field, ViolationKind::TooManyItems { most });
    }
}
