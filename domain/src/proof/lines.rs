//! Lines of the text forms, each of which ends with a line feed.

use super::error::ProofError;

/// The lines of a text that are not read yet, with their numbers.
pub(super) struct Lines<'t> {
    rest: &'t str,
    number: usize,
}

impl<'t> Lines<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self { rest: text, number: 0 }
    }

    /// The next line. One without a line feed at its end was cut off.
    pub(super) fn next(&mut self, expected: &'static str) -> Result<&'t str, ProofError> {
        self.number += 1;
        let (line, rest) = self.rest.split_once('\n').ok_or_else(|| self.malformed(expected))?;
        self.rest = rest;
        Ok(line)
    }

    /// The error of a text in what is left, with the number of its line in the whole text.
    pub(super) fn behind(&self, error: ProofError) -> ProofError {
        match error {
            ProofError::Malformed { line, expected } => {
                ProofError::Malformed { line: self.number + line, expected }
            }
            error => error,
        }
    }

    /// What is left.
    pub(super) const fn rest(&self) -> &'t str {
        self.rest
    }

    /// The error of the line that was read last.
    pub(super) const fn malformed(&self, expected: &'static str) -> ProofError {
        ProofError::Malformed { line: self.number, expected }
    }
}

/// Parses a decimal number without a sign and without leading zeros.
pub(super) fn decimal(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain)
}
