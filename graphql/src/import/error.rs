//! Errors of a file, each with its line.

/// The error code of a file that is not JSON.
pub const NOT_JSON: &str = "NOT_JSON";
/// The error code of a file that is JSON of another format.
pub const NOT_THIS_FORM: &str = "NOT_THIS_FORM";

/// The limit of reported errors: with a thousand errors it is probably the wrong file.
pub const MAX_ERRORS: usize = 1_000;

/// An error in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, in characters counted from 1.
    pub column: usize,
    /// The field, such as `cases[3].texts[0].language`; empty for the file as a whole.
    pub path: String,
    /// [`NOT_JSON`], [`NOT_THIS_FORM`] or the code of the violated rule.
    pub code: &'static str,
    /// The message.
    pub sentence: String,
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, column, path, code, sentence } = self;
        let separator = if path.is_empty() { "" } else { ": " };
        write!(f, "line {line}, column {column}: {path}{separator}{sentence} ({code})")
    }
}
