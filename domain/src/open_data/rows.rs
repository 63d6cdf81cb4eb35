//! The rows of totals.

use std::collections::BTreeMap;

use super::{Dimension, Measure, OpenData, OpenDataRow};
use crate::{
    Catalogue, Edition, SectionId, Totals,
    total::{CountedFrom, LetterCounts, ScopeTotals, TotalScope},
};

/// A breakdown with the words of its keys.
type Parts = BTreeMap<Option<String>, LetterCounts>;

impl OpenData {
    /// The rows of the totals of an edition, or of one section in it.
    #[must_use]
    pub fn new(
        catalogue: &Catalogue,
        edition: &Edition,
        section: Option<SectionId>,
        version: u64,
        totals: &Totals,
    ) -> Self {
        let sections = catalogue.sections().filter(|known| section.is_none_or(|section| known.id == section));
        let mut rows = Vec::new();
        for section in sections {
            let sums = totals.sums(TotalScope::Section(section.id));
            let mut writer = RowWriter { section: &section.code, rows: &mut rows };
            writer.section(sums);
            let mut unallocated = breakdowns(sums);
            for case in catalogue.cases().filter(|case| case.edition_id == edition.id) {
                let of_case = breakdowns(totals.sums(TotalScope::SectionCase(section.id, case.id)));
                subtract(&mut unallocated, &of_case);
                writer.case(Some(&case.slug), of_case);
            }
            writer.case(None, unallocated);
        }
        rows.sort_by(|one, two| one.order().cmp(&two.order()));
        Self { edition: edition.year, version, rows }
    }
}

struct RowWriter<'a> {
    section: &'a str,
    rows: &'a mut Vec<OpenDataRow>,
}

impl RowWriter<'_> {
    /// What is counted of a whole section.
    fn section(&mut self, sums: &ScopeTotals) {
        let measures = [
            (Measure::LateActions, sums.late.actions),
            (Measure::LateLetters, sums.late.letters),
            (Measure::People, sums.people),
            (Measure::Reports, sums.reports),
        ];
        for (measure, value) in measures {
            self.row(None, (Dimension::All, None), measure, value);
        }
    }

    fn case(&mut self, case: Option<&str>, breakdowns: BTreeMap<Dimension, Parts>) {
        for (dimension, parts) in breakdowns {
            for (key, counts) in parts {
                self.row(case, (dimension, key.as_deref()), Measure::Letters, counts.letters);
                self.row(case, (dimension, key.as_deref()), Measure::Actions, counts.actions);
            }
        }
    }

    fn row(
        &mut self,
        case: Option<&str>,
        (dimension, key): (Dimension, Option<&str>),
        measure: Measure,
        value: u64,
    ) {
        if value > 0 {
            self.rows.push(OpenDataRow {
                section: self.section.to_owned(),
                case: case.map(str::to_owned),
                dimension,
                key: key.map(str::to_owned),
                measure,
                value,
            });
        }
    }
}

/// Every breakdown of a scope, with the words of its keys.
fn breakdowns(sums: &ScopeTotals) -> BTreeMap<Dimension, Parts> {
    fn words<'s, K: 's>(
        parts: impl IntoIterator<Item = (&'s Option<K>, &'s LetterCounts)>,
        spelling: impl Fn(&K) -> String,
    ) -> Parts {
        parts.into_iter().map(|(key, counts)| (key.as_ref().map(&spelling), *counts)).collect()
    }
    let reported = LetterCounts {
        letters: sums.all.letters - sums.stated.letters,
        actions: sums.all.actions - sums.stated.actions,
    };
    let counted_from = [(CountedFrom::Report, reported), (CountedFrom::Statement, sums.stated)];
    let kinds = sums.by_kind.iter().map(|(kind, counts)| (Some(kind.to_string()), *counts));
    BTreeMap::from([
        (Dimension::All, Parts::from([(None, sums.all)])),
        (
            Dimension::CountedFrom,
            counted_from
                .into_iter()
                .map(|(counted_from, counts)| (Some(counted_from.to_string()), counts))
                .collect(),
        ),
        (Dimension::Country, words(&sums.by_country, |country| country.to_string())),
        (Dimension::Kind, kinds.collect()),
        (Dimension::Origin, words(&sums.by_origin, |origin| origin.to_string())),
        (Dimension::Region, words(&sums.by_region, |region| region.to_string())),
        (Dimension::Way, words(&sums.by_way, |way| way.to_string())),
    ])
}

/// Takes a part away from the whole that it lies in.
fn subtract(whole: &mut BTreeMap<Dimension, Parts>, part: &BTreeMap<Dimension, Parts>) {
    for (dimension, parts) in part {
        for (key, counts) in parts {
            if let Some(rest) = whole.get_mut(dimension).and_then(|rest| rest.get_mut(key)) {
                rest.letters -= counts.letters;
                rest.actions -= counts.actions;
            }
        }
    }
}
