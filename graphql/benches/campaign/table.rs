//! The table, as Markdown that is also read as it is.

use std::fmt::Write as _;

use crate::{figure::Figure, work::Work};

const HEADER: [&str; 7] = ["work", "per second", "CPU each", "× limit", "p50", "p99", "memory"];

/// The figures of a work, with what they are called.
pub(crate) struct Line {
    pub work: Work,
    pub figures: Vec<Figure>,
}

/// The table, and below it what the figures do not say by themselves.
pub(crate) fn markdown(lines: &[Line]) -> String {
    let limit_of = |work: &Work| {
        let limit = work.limit()?;
        lines.iter().find(|line| line.work == limit)?.figures.first()
    };
    let mut cells = vec![HEADER.map(str::to_owned)];
    let mut remarks = String::new();
    for Line { work, figures } in lines {
        let limit = limit_of(work);
        cells.extend(work.names().into_iter().zip(figures).map(|(name, figure)| row(name, figure, limit)));
        if let Some(remark) = figures.first().and_then(|figure| work.remark(figure, limit)) {
            writeln!(remarks, "- {}: {remark}.", work.code()).expect("a string takes text");
        }
    }
    [aligned(&cells), remarks].join("\n")
}

fn row(name: String, figure: &Figure, limit: Option<&Figure>) -> [String; 7] {
    let written = |number: Option<f64>, write: fn(f64) -> String| number.map(write).unwrap_or_default();
    let times = figure
        .cpu
        .zip(limit.and_then(|limit| limit.cpu))
        .map(|(cpu, limit)| cpu / limit)
        .filter(|times| times.is_finite());
    [
        name,
        grouped(figure.rate),
        written(figure.cpu, |cpu| format!("{} µs", short(cpu))),
        written(times, short),
        written(figure.p50, |latency| format!("{} ms", short(latency))),
        written(figure.p99, |latency| format!("{} ms", short(latency))),
        written(figure.memory, bytes),
    ]
}

/// With numbers at the right, and a width of its own for each column.
fn aligned(cells: &[[String; 7]]) -> String {
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut table = String::new();
    for (number, row) in cells.iter().enumerate() {
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            match column {
                0 => write!(table, "| {cell:width$} |"),
                _ => write!(table, " {cell:>width$} |"),
            }
            .expect("a string takes text");
        }
        table.push('\n');
        if number == 0 {
            let rules = widths[1..].iter().map(|width| format!(" {}: |", "-".repeat(width - 1)));
            let rules: String = rules.collect();
            writeln!(table, "| {} |{rules}", "-".repeat(widths[0])).expect("a string takes text");
        }
    }
    table
}

/// Three digits that count.
pub(crate) fn short(number: f64) -> String {
    match number.abs() {
        ..9.995 => format!("{number:.2}"),
        ..99.95 => format!("{number:.1}"),
        _ => grouped(number),
    }
}

/// A whole number, its thousands set apart.
pub(crate) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// So many bytes, in a unit that suits them.
pub(crate) fn bytes(number: f64) -> String {
    const KIBIBYTE: f64 = 1_024.0;
    let kibibytes = number / KIBIBYTE;
    if kibibytes < KIBIBYTE {
        format!("{} KiB", short(kibibytes))
    } else {
        format!("{} MiB", short(kibibytes / KIBIBYTE))
    }
}
