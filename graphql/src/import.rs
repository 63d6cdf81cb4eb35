//! Import of one or several editions from a JSON file.
//!
//! `graphql/data/README.md` describes the format. A file is validated as a whole, so that all errors
//! are reported at once, each with its line. The import uses the functions of [`domain`] that the
//! mutations use, so that their rules hold for files too.
//!
//! An import is idempotent: objects are identified by their year, code, slug or key, and those that
//! equal the file are not changed. A file never makes a case less safe than it is.
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
mod error;
mod format;
mod plan;
mod report;
mod resource;
mod source_location;
mod statement;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

pub use error::{ImportError, MAX_ERRORS, NOT_JSON, NOT_THIS_FORM};
pub use plan::{Count, Note, Plan, plan};
use source_location::{JsonPath, SourceMap};

/// A file with the right format. Whether it obeys the rules is checked by [`plan()`].
#[derive(Debug)]
pub struct File {
    editions: Vec<ImportPart>,
    places: SourceMap,
}

/// One edition of a file: each object with its path.
#[derive(Debug)]
struct ImportPart {
    edition: (JsonPath, format::Edition),
    sections: Vec<(JsonPath, format::Section)>,
    campaigns: Vec<(JsonPath, format::Campaign)>,
    cases: Vec<(JsonPath, format::Case)>,
    resources: Vec<(JsonPath, format::Resource)>,
    reports: Vec<(JsonPath, format::Report)>,
    statements: Vec<(JsonPath, format::Statement)>,
    /// With the path of the whole list; `None` if the field is absent.
    figures: Option<(JsonPath, Vec<format::Figure>)>,
}

/// Parses a file.
///
/// # Errors
/// All errors of the format, up to [`MAX_ERRORS`]; of syntax errors only the first, since the rest
/// cannot be parsed after it.
pub fn parse(text: &str) -> Result<File, Vec<ImportError>> {
    // Some editors begin a file with a byte order mark, which is not a part of the text.
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

/// The state of a parser: the file and the errors found so far.
struct ImportReader<'t> {
    text: &'t str,
    places: &'t SourceMap,
    mistakes: Vec<ImportError>,
}

impl<'t> ImportReader<'t> {
    /// Each object is parsed separately, so that an error in one does not hide those in the next.
    fn part(&mut self, path: &JsonPath, raw: &'t RawValue) -> Option<ImportPart> {
        let whole: format::Whole<'t> = self.read(raw.get())?;
        let edition: Option<format::Edition> = self.read(whole.edition.get());
        let sections = self.list(&path.field("sections"), &whole.sections);
        let campaigns = self.list(&path.field("campaigns"), &whole.campaigns);
        let cases = self.list(&path.field("cases"), &whole.cases);
        let resources = self.list(&path.field("resources"), &whole.resources);
        let reports = self.list(&path.field("reports"), &whole.reports);
        let statements = self.list(&path.field("statements"), &whole.statements);
        let figures = whole.published_figures.map(|raws| {
            let path = path.field("publishedFigures");
            let figures = self.list(&path, &raws).into_iter().map(|(_, figure)| figure);
            (path, figures.collect())
        });
        let edition = (path.field("edition"), edition?);
        Some(ImportPart { edition, sections, campaigns, cases, resources, reports, statements, figures })
    }

    fn list<T: DeserializeOwned>(&mut self, path: &JsonPath, raws: &[&'t RawValue]) -> Vec<(JsonPath, T)> {
        let entries = raws.iter().enumerate();
        entries.filter_map(|(index, raw)| Some((path.entry(index), self.read(raw.get())?))).collect()
    }

    /// Parses a part of the text.
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
