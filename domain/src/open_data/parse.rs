//! Reading open data back from either form. Only the exact form is read, so that one text has one meaning and one hash.

use super::{CSV_HEADER, Dimension, Measure, OpenData, OpenDataRow};

/// Why a text is no open data, or does not add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDataError {
    /// The line, counted from 1; `None` where it is about the whole.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: OpenDataProblem,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenDataProblem {
    /// There is no row.
    Empty,
    /// The last line has no line feed: the file was cut off.
    CutOff,
    /// The line is not a row in its exact form.
    Row,
    /// The row is of another edition or version than the first one.
    Mixed,
    /// The row stands twice, or behind one that comes after it.
    Order,
    /// The parts of a breakdown do not add up to all of it.
    Sum {
        /// Section, case, dimension and measure.
        place: String,
        /// What the parts add up to.
        parts: u64,
        /// What the row of the dimension `all` says.
        all: u64,
    },
}

impl From<OpenDataProblem> for OpenDataError {
    fn from(problem: OpenDataProblem) -> Self {
        Self { line: None, problem }
    }
}

impl std::fmt::Display for OpenDataError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        match &self.problem {
            OpenDataProblem::Empty => f.write_str("there is no row"),
            OpenDataProblem::CutOff => f.write_str("the file ends within a line: it was cut off"),
            OpenDataProblem::Row => f.write_str("this is not a row of open data in its exact form"),
            OpenDataProblem::Mixed => {
                f.write_str("this row is of another edition or version than the first one")
            }
            OpenDataProblem::Order => f.write_str("this row stands twice or in another order"),
            OpenDataProblem::Sum { place, parts, all } => {
                write!(f, "{place}: the parts add up to {parts}, but all of it is {all}")
            }
        }
    }
}

impl std::error::Error for OpenDataError {}

impl OpenData {
    /// Reads CSV or the canonical lines of JSON.
    ///
    /// # Errors
    /// The first line that is not in its exact form, with its number.
    ///
    /// ```
    /// use domain::open_data::{CSV_HEADER, OpenData};
    /// let text = format!("{CSV_HEADER}\n2021,3,ca,,all,,people,5\n");
    /// let data = OpenData::parse(&text).unwrap();
    /// assert_eq!((data.rows.len(), data.to_csv()), (1, text));
    /// assert!(OpenData::parse("2021,3").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, OpenDataError> {
        let body = text.strip_prefix(CSV_HEADER).and_then(|rest| rest.strip_prefix('\n'));
        let (read, body, first): (fn(&str) -> Option<Line>, _, _) = match body {
            Some(body) => (read_csv, body, 2),
            None => (read_json, text, 1),
        };
        if body.is_empty() {
            return Err(OpenDataProblem::Empty.into());
        }
        let lines = body.strip_suffix('\n').ok_or(OpenDataProblem::CutOff)?;
        let mut data: Option<Self> = None;
        for (line, number) in lines.split('\n').zip(first..) {
            let at = |problem| OpenDataError { line: Some(number), problem };
            let (edition, version, row) = read(line).ok_or_else(|| at(OpenDataProblem::Row))?;
            let data = data.get_or_insert(Self { edition, version, rows: Vec::new() });
            if (data.edition, data.version) != (edition, version) {
                return Err(at(OpenDataProblem::Mixed));
            }
            if data.rows.last().is_some_and(|last| last.order() >= row.order()) {
                return Err(at(OpenDataProblem::Order));
            }
            data.rows.push(row);
        }
        data.ok_or_else(|| OpenDataProblem::Empty.into())
    }
}

/// Edition, version and row of a line.
type Line = (i16, u64, OpenDataRow);

fn read_csv(line: &str) -> Option<Line> {
    let fields: Vec<&str> = line.split(',').collect();
    let [edition, version, section, case, dimension, key, measure, value] = *fields.as_slice() else {
        return None;
    };
    row(
        [edition, version, value],
        [section, dimension, measure],
        [case, key].map(|code| (!code.is_empty()).then_some(code)),
    )
}

/// The members of a canonical line have one order and one spelling, so that it is read by what stands between them.
fn read_json(line: &str) -> Option<Line> {
    let mut rest = line;
    let mut next = |before: &str, after: &str| {
        let (value, behind) = rest.strip_prefix(before)?.split_once(after)?;
        rest = behind;
        Some(value)
    };
    let case = next("{\"case\":", ",")?;
    let dimension = next("\"dimension\":\"", "\",")?;
    let edition = next("\"edition\":", ",")?;
    let key = next("\"key\":", ",")?;
    let measure = next("\"measure\":\"", "\",")?;
    let section = next("\"section\":\"", "\",")?;
    let value = next("\"value\":", ",")?;
    let version = next("\"version\":", "}")?;
    rest.is_empty().then_some(())?;
    let optional = |json: &'_ str| match json {
        "null" => Some(None),
        json => json.strip_prefix('"')?.strip_suffix('"').map(|code| Some(code.to_owned())),
    };
    let (case, key) = (optional(case)?, optional(key)?);
    row([edition, version, value], [section, dimension, measure], [case.as_deref(), key.as_deref()])
}

fn row(numbers: [&str; 3], words: [&str; 3], optional: [Option<&str>; 2]) -> Option<Line> {
    let [edition, version, value] = numbers;
    let [section, dimension, measure] = words;
    let is_code = |code: &str| {
        let of_code = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !code.is_empty() && code.bytes().all(of_code)
    };
    let are_codes = is_code(section) && optional.iter().flatten().all(|code| is_code(code));
    let row = OpenDataRow {
        section: section.to_owned(),
        case: optional[0].map(str::to_owned),
        dimension: Dimension::parse(dimension)?,
        key: optional[1].map(str::to_owned),
        measure: Measure::parse(measure)?,
        value: number(value).filter(|value| *value > 0)?,
    };
    let edition = i16::try_from(number(edition)?).ok()?;
    are_codes.then_some((edition, number(version)?, row))
}

/// A whole number without a sign, a leading zero or anything else that could stand for the same number.
fn number(digits: &str) -> Option<u64> {
    let number: u64 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}
