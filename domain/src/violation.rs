//! Validation errors: the rule that is broken, the path of the field, and a message in a full sentence.
//!
//! Input is validated completely, so that all errors are reported at once:
//!
//! ```
//! use domain::{ViolationKind, Violations, text};
//!
//! let mut violations = Violations::default();
//! let name = violations.check("name", text::line("Zhang Zhan"));
//! let email = violations.check("email", text::email("not an address"));
//! assert_eq!(name.as_deref(), Some("Zhang Zhan"));
//! assert_eq!(email, None);
//! let broken = violations.into_result().unwrap_err();
//! assert_eq!(broken[0].path, ["email"]);
//! assert_eq!(broken[0].rule, ViolationKind::EmailInvalid);
//! ```

mod declaration;
mod table;

pub use table::ViolationKind;

/// A violated rule, with the path of the invalid value in the input.
///
/// ```
/// use domain::{ViolationKind, Violation};
/// let violation = Violation::at(["lines", "2", "quantity"], ViolationKind::QuantityNotWhole);
/// assert_eq!(violation.rule.code(), "QUANTITY_NOT_WHOLE");
/// assert_eq!(violation.to_string(), "A quantity must be a whole number.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Field names, spelled as in Rust, and list indexes from the root of the input to the invalid value.
    pub path: Vec<String>,
    /// The violated rule.
    pub rule: ViolationKind,
}

impl Violation {
    /// Creates a violation of `rule` at `path`.
    pub fn at<S: Into<String>>(path: impl IntoIterator<Item = S>, rule: ViolationKind) -> Self {
        Self { path: path.into_iter().map(Into::into).collect(), rule }
    }
}

impl std::error::Error for Violation {}

impl std::error::Error for ViolationKind {}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.rule.fmt(f)
    }
}

/// All violations of an input, collected field by field. It is the error type of everything that validates input.
///
/// ```
/// use domain::{ViolationKind, Violations};
/// let mut violations = Violations::default();
/// violations.add("reason", ViolationKind::ReasonMissing);
/// let error: Box<dyn std::error::Error> = violations.into_result().unwrap_err().into();
/// assert_eq!(error.to_string(), "reason: Please give a reason.");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl std::error::Error for Violations {}

impl std::fmt::Display for Violations {
    /// One line for each violation: its path and its sentence.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            let line = if index == 0 { "" } else { "\n" };
            write!(f, "{line}{}: {violation}", violation.path.join("."))?;
        }
        Ok(())
    }
}

impl std::ops::Deref for Violations {
    type Target = [Violation];

    fn deref(&self) -> &[Violation] {
        &self.0
    }
}

impl std::ops::DerefMut for Violations {
    fn deref_mut(&mut self) -> &mut [Violation] {
        &mut self.0
    }
}

impl From<Violation> for Violations {
    fn from(violation: Violation) -> Self {
        Self(vec![violation])
    }
}

impl FromIterator<Violation> for Violations {
    fn from_iter<I: IntoIterator<Item = Violation>>(violations: I) -> Self {
        Self(violations.into_iter().collect())
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'v> IntoIterator for &'v Violations {
    type Item = &'v Violation;
    type IntoIter = std::slice::Iter<'v, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Violations {
    /// Adds a violation at a field.
    pub fn add(&mut self, field: &str, rule: ViolationKind) {
        self.0.push(Violation::at([field], rule));
    }

    /// Adds a violation at a path.
    pub fn add_at(&mut self, path: &[&str], rule: ViolationKind) {
        self.0.push(Violation { path: path.iter().map(ToString::to_string).collect(), rule });
    }

    /// Returns the value of a valid part of the input, or adds its violations.
    pub fn collect<T>(&mut self, value: Result<T, Violations>) -> Option<T> {
        value.map_err(|violations| self.0.extend(violations)).ok()
    }

    /// Returns the value of a valid field, or adds the violation.
    pub fn check<T>(&mut self, field: &str, value: Result<T, ViolationKind>) -> Option<T> {
        value.map_err(|rule| self.add(field, rule)).ok()
    }

    /// The same for an optional field.
    pub fn check_optional<T>(&mut self, field: &str, value: Option<Result<T, ViolationKind>>) -> Option<T> {
        value.and_then(|value| self.check(field, value))
    }

    /// The same for a list: each violation is added with the index of its entry.
    pub fn check_each<T>(
        &mut self,
        field: &str,
        values: impl IntoIterator<Item = Result<T, ViolationKind>>,
    ) -> Vec<T> {
        let mut valid = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            match value {
                Ok(value) => valid.push(value),
                Err(rule) => self.0.push(Violation::at([field, &index.to_string()], rule)),
            }
        }
        valid
    }

    /// Adds the violations of a part of the input, below the path of that part.
    pub fn extend_at(&mut self, path: &[&str], violations: impl IntoIterator<Item = Violation>) {
        self.0.extend(violations.into_iter().map(|inner| Violation {
            path: path.iter().map(ToString::to_string).chain(inner.path).collect(),
            rule: inner.rule,
        }));
    }

    /// Returns the collected violations as a result.
    ///
    /// # Errors
    /// All violations, if there are any.
    pub fn into_result(self) -> Result<(), Violations> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

/// The kind of an object that was not found or exists already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntityKind {
    /// An edition.
    Edition,
    /// A section.
    Section,
    /// A campaign.
    Campaign,
    /// A case.
    Case,
    /// A report.
    Report,
    /// An event.
    Event,
    /// A resource.
    Resource,
    /// An urgent action.
    UrgentAction,
    /// A participant.
    Participant,
    /// An attendance.
    Attendance,
    /// A subscription to urgent actions.
    Subscription,
    /// A code from a mail.
    Code,
    /// A moderation of many reports.
    Moderation,
    /// A mail notice.
    Notice,
    /// A statement.
    Statement,
    /// A group.
    Group,
    /// A milestone.
    Milestone,
}

impl std::fmt::Display for EntityKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Edition => "edition",
            Self::Section => "section",
            Self::Campaign => "campaign",
            Self::Case => "case",
            Self::Report => "report",
            Self::Event => "event",
            Self::Resource => "resource",
            Self::UrgentAction => "urgent action",
            Self::Participant => "participant",
            Self::Attendance => "attendance",
            Self::Subscription => "subscription",
            Self::Code => "code",
            Self::Moderation => "moderation",
            Self::Notice => "notice",
            Self::Statement => "statement",
            Self::Group => "group",
            Self::Milestone => "milestone",
        })
    }
}
