//! The import: an edition, or several, from a file of our own form.
//!
//! `graphql/data/README.md` describes the form. A file is read whole, so that a person hears of all
//! mistakes at once, and every mistake names the line that is wrong. Importing goes through
//! [`domain`], so that a file obeys the rules of every other change.
//!
//! The same file again changes nothing: things are known by their year, code, slug or key, and what
//! is as the file says is left alone. A file never makes a case less safe than it is.
//!
//! ```
//! use domain::catalogue::{Catalogue, CatalogueEdit};
//! use graphql::import;
//!
//! let file = import::parse(r#"{ "edition": { "year": 2001 } }"#).expect("a file");
//! let mut edit = CatalogueEdit::new(Catalogue::default(), jiff::Timestamp::UNIX_EPOCH);
//! let plan = import::plan(file, &mut edit, &mut uuid::Uuid::now_v7).expect("a plan");
//! assert_eq!(plan.editions.added, 1);
//!
//! let mistakes = import::parse("{\n  \"edition\": { \"year\": 2001 },\n  \"color\": 1\n}").unwrap_err();
//! assert_eq!(mistakes[0].line, 3);
//! ```

mod case;
mod edition;
mod format;
mod plan;
mod report;
mod resource;
mod source_location;

use domain::published::FigureDraft;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

pub use plan::{Count, Note, Plan, plan};
use source_location::{JsonPath, SourceMap};

/// The code of a mistake in a file that is not JSON at all.
pub const NOT_JSON: &str = "NOT_JSON";
/// The code of a mistake in a file that is JSON of another form than ours.
pub const NOT_THIS_FORM: &str = "NOT_THIS_FORM";

/// Nobody reads more; a file with a thousand mistakes is another file than was meant.
pub const MAX_ERRORS: usize = 1_000;

/// Something in a file that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// The line, counted from 1.
    pub line: usize,
    /// The character in the line, counted from 1.
    pub column: usize,
    /// The field, such as `cases[3].texts[0].language`; empty for the file as a whole.
    pub path: String,
    /// [`NOT_JSON`], [`NOT_THIS_FORM`] or the code of the broken rule.
    pub code: &'static str,
    /// What is wrong, in words.
    pub sentence: String,
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, column, path, code, sentence } = self;
        let separator = if path.is_empty() { "" } else { ": " };
        write!(f, "line {line}, column {column}: {path}{separator}{sentence} ({code})")
    }
}

/// A file that has our form. Whether it obeys the rules is seen when it is planned.
#[derive(Debug)]
pub struct File {
    editions: Vec<ImportPart>,
    places: SourceMap,
}

/// One edition of a file, each thing with the path that leads to it.
#[derive(Debug)]
struct ImportPart {
    edition: (JsonPath, format::Edition),
    sections: Vec<(JsonPath, format::Section)>,
    campaigns: Vec<(JsonPath, format::Campaign)>,
    cases: Vec<(JsonPath, format::Case)>,
    resources: Vec<(JsonPath, format::Resource)>,
    reports: Vec<(JsonPath, format::Report)>,
    /// With the path of the whole list; `None` where the file says nothing of them.
    figures: Option<(JsonPath, Vec<FigureDraft>)>,
}

/// Reads a file.
///
/// # Errors
/// Every mistake in the form of the file, up to [`MISTAKES_MOST`]; of mistakes in the JSON itself
/// only the first, since nothing after it can be trusted.
pub fn parse(text: &str) -> Result<File, Vec<ImportError>> {
    // Some editors begin a file with a byte order mark, which no line shows.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let places = SourceMap::of(text);
    let mut reading = ImportReader { text, places: &places, mistakes: Vec::new() };
    let editions = match reading.read::<&RawValue>(text) {
        Some(raw) if raw.get().starts_with('[') => {
            let parts: Vec<&RawValue> = reading.read(raw.get()).unwrap_or_default();
            let parts =
                (0..).zip(parts).map(|(index, raw)| reading.part(&JsonPath::root().entry(index), raw));
            parts.collect::<Vec<_>>()
        }
        Some(raw) => vec![reading.part(&JsonPath::root(), raw)],
        None => Vec::new(),
    };
    let mistakes = reading.mistakes;
    if mistakes.is_empty() {
        Ok(File { editions: editions.into_iter().flatten().collect(), places })
    } else {
        Err(mistakes)
    }
}

/// A file that is being read, and what was wrong with it so far.
struct ImportReader<'t> {
    text: &'t str,
    places: &'t SourceMap,
    mistakes: Vec<ImportError>,
}

impl<'t> ImportReader<'t> {
    /// Each thing is read by itself, so that a mistake in one does not hide those in the next.
    fn part(&mut self, path: &JsonPath, raw: &'t RawValue) -> Option<ImportPart> {
        let whole: format::Whole<'t> = self.read(raw.get())?;
        let edition: Option<format::Edition> = self.read(whole.edition.get());
        let sections = self.list(&path.field("sections"), &whole.sections);
        let campaigns = self.list(&path.field("campaigns"), &whole.campaigns);
        let cases = self.list(&path.field("cases"), &whole.cases);
        let resources = self.list(&path.field("resources"), &whole.resources);
        let reports = self.list(&path.field("reports"), &whole.reports);
        let figures = whole.published_figures.map(|raws| {
            let path = path.field("publishedFigures");
            let figures = self.list(&path, &raws).into_iter().map(|(_, figure)| figure);
            (path, figures.collect())
        });
        let edition = (path.field("edition"), edition?);
        Some(ImportPart { edition, sections, campaigns, cases, resources, reports, figures })
    }

    fn list<T: DeserializeOwned>(&mut self, path: &JsonPath, raws: &[&'t RawValue]) -> Vec<(JsonPath, T)> {
        let entries = raws.iter().enumerate();
        entries.filter_map(|(index, raw)| Some((path.entry(index), self.read(raw.get())?))).collect()
    }

    /// Reads a part of the text.
    fn read<T: serde::Deserialize<'t>>(&mut self, part: &'t str) -> Option<T> {
        match serde_json::from_str(part) {
            Ok(thing) => Some(thing),
            Err(error) => {
                if self.mistakes.len() < MAX_ERRORS {
                    self.mistakes
                        .push(self.places.of_error(source_location::offset(self.text, part), &error));
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
