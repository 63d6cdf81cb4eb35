//! The works: what is measured, and which limit stands beside it.

use crate::{
    bench::Bench,
    figure::Figure,
    store::Kind,
    table::{grouped, short},
};

mod cases;
mod constant;
mod events;
mod inserts;
mod live;
mod mixed;
mod replay;
mod reports;
mod totals;

pub(crate) use live::{EVERY, pace};

/// Something that is measured once in each round. Another work is another variant here and a file of
/// its own below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Ten cases with texts and totals, by 64 clients.
    Cases(Answers),
    /// The same by the handlers that come with the engine, from memory.
    CasesByStock,
    /// A page of twenty events, by as many.
    Events(Answers),
    /// The twenty that are nearest to a point.
    EventsNear,
    /// An answer of the same size that nobody thinks about.
    ConstantBytes(Page),
    /// A report of three lines under a key, by so many clients.
    Reports { kind: Kind, clients: usize },
    /// Reports in batches.
    Batches(Kind),
    /// The same rows in groups of this size, by a bare loop.
    Inserts { kind: Kind, group: usize },
    /// The live total with so many sockets.
    Live { sockets: usize },
    /// The same bytes to as many sockets, by a bare loop.
    Sends { sockets: usize },
    /// Ten cases at full speed while reports come in.
    Mixed,
    /// A whole campaign in batches.
    Replay { reports: usize },
    /// The total in all its parts, with so many reports in the ledger.
    Total { reports: usize },
}

/// What an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Cases,
    Events,
}

/// Where answers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    Kept,
    Anew,
}

impl Work {
    /// All of them, in the order of the table: a limit stands below what it is the limit of.
    pub(crate) fn all(bench: &Bench) -> Vec<Self> {
        let mut works = vec![
            Self::Cases(Answers::Kept),
            Self::Cases(Answers::Anew),
            Self::CasesByStock,
            Self::ConstantBytes(Page::Cases),
            Self::Events(Answers::Kept),
            Self::Events(Answers::Anew),
            Self::EventsNear,
            Self::ConstantBytes(Page::Events),
        ];
        for kind in &bench.kinds {
            works.extend([16, 64].map(|clients| Self::Reports { kind: kind.clone(), clients }));
            works.push(Self::Inserts { kind: kind.clone(), group: 64 });
            works.extend([Self::Batches(kind.clone()), Self::Inserts { kind: kind.clone(), group: 200 }]);
        }
        for sockets in [bench.size(1_000, 100), bench.size(5_000, 300)] {
            works.extend([Self::Live { sockets }, Self::Sends { sockets }]);
        }
        works.extend([Self::Mixed, Self::Replay { reports: bench.size(200_000, 2_000) }]);
        works.extend([1_000, bench.size(1_000_000, 10_000)].map(|reports| Self::Total { reports }));
        works
    }

    /// By which it is chosen.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Cases(_) | Self::CasesByStock | Self::ConstantBytes(Page::Cases) => "W1",
            Self::Events(_) | Self::EventsNear | Self::ConstantBytes(Page::Events) => "W2",
            Self::Reports { .. } | Self::Batches(_) | Self::Inserts { .. } => "W3",
            Self::Live { .. } | Self::Sends { .. } => "W4",
            Self::Mixed => "W5",
            Self::Replay { .. } => "W6",
            Self::Total { .. } => "total",
        }
    }

    /// The least that it could cost.
    pub(crate) fn limit(&self) -> Option<Self> {
        match self {
            Self::Cases(_) | Self::CasesByStock => Some(Self::ConstantBytes(Page::Cases)),
            Self::Events(_) | Self::EventsNear => Some(Self::ConstantBytes(Page::Events)),
            Self::Reports { kind, .. } => Some(Self::Inserts { kind: kind.clone(), group: 64 }),
            Self::Batches(kind) => Some(Self::Inserts { kind: kind.clone(), group: 200 }),
            Self::Live { sockets } => Some(Self::Sends { sockets: *sockets }),
            Self::Replay { .. } => Some(Self::Inserts { kind: Kind::Sqlite, group: 200 }),
            Self::ConstantBytes(_)
            | Self::Inserts { .. }
            | Self::Sends { .. }
            | Self::Mixed
            | Self::Total { .. } => None,
        }
    }

    /// What its figures are called, one for each.
    pub(crate) fn names(&self) -> Vec<String> {
        vec![match self {
            Self::Cases(Answers::Kept) => "W1 ten cases, kept".to_owned(),
            Self::Cases(Answers::Anew) => "W1 ten cases, made anew".to_owned(),
            Self::CasesByStock => "peer: stock async-graphql, from memory".to_owned(),
            Self::Events(Answers::Kept) => "W2 twenty events, kept".to_owned(),
            Self::Events(Answers::Anew) => "W2 twenty events, made anew".to_owned(),
            Self::EventsNear => "W2 twenty events near a point, made anew".to_owned(),
            Self::ConstantBytes(Page::Cases) => "limit: constant bytes".to_owned(),
            Self::ConstantBytes(Page::Events) => "limit: as many constant bytes".to_owned(),
            Self::Reports { kind, clients } => format!("W3 report, {}, {clients} clients", kind.name()),
            Self::Batches(kind) => format!("W3 in batches of 200, {}", kind.name()),
            Self::Inserts { kind, group } => format!("limit: {}, groups of {group}", kind.name()),
            Self::Live { sockets } => format!("W4 live total, {} sockets", grouped(*sockets as f64)),
            Self::Sends { sockets } => format!("limit: bare sends, {} sockets", grouped(*sockets as f64)),
            Self::Mixed => {
                return vec![
                    "W5 ten cases, reports coming in".to_owned(),
                    "W5 the reports, 500 a second".to_owned(),
                ];
            }
            Self::Replay { reports } => format!("W6 {} reports in batches", grouped(*reports as f64)),
            Self::Total { reports } => format!("total of {} reports", grouped(*reports as f64)),
        }]
    }

    /// Measures it once. `say` is told what takes its time.
    pub(crate) async fn measure(&self, bench: &Bench, say: impl Fn(String)) -> Vec<Figure> {
        vec![match self {
            Self::Cases(answers) => cases::read(bench, *answers).await,
            Self::CasesByStock => cases::read_by_stock(bench).await,
            Self::Events(answers) => events::read(bench, *answers).await,
            Self::EventsNear => events::read_near(bench).await,
            Self::ConstantBytes(page) => constant::read(bench, *page).await,
            Self::Reports { kind, clients } => reports::one_by_one(bench, kind, *clients).await,
            Self::Batches(kind) => reports::in_batches(bench, kind).await,
            Self::Inserts { kind, group } => inserts::insert(bench, kind, *group).await,
            Self::Live { sockets } => live::watch(bench, *sockets).await,
            Self::Sends { sockets } => live::send(bench, *sockets).await,
            Self::Mixed => return mixed::read_and_report(bench).await,
            Self::Replay { reports } => replay::replay(*reports).await,
            Self::Total { reports } => totals::read(bench, *reports, say).await,
        }]
    }

    /// What its figures do not say by themselves.
    pub(crate) fn remark(&self, figure: &Figure, limit: Option<&Figure>) -> Option<String> {
        let [one, other] = figure.aside.map(Option::unwrap_or_default);
        match self {
            Self::ConstantBytes(Page::Cases) => Some(format!("an answer with ten cases has {one:.0} bytes")),
            Self::ConstantBytes(Page::Events) => Some(format!("one with twenty events has {one:.0} bytes")),
            Self::Live { sockets } => Some(format!(
                "all {} sockets heard the last version, and {:.1} % of all; a change was committed after {} ms",
                grouped(*sockets as f64),
                one * 100.0,
                short(other)
            )),
            Self::Mixed => Some(format!("ten cases keep {:.0} % of their rate", one * 100.0)),
            Self::Replay { reports } => Some(format!(
                "{} letters, exact, in {one:.1} s; the bare loop takes {:.1} s",
                grouped(other),
                *reports as f64 / limit.map_or(f64::NAN, |limit| limit.rate),
            )),
            _ => None,
        }
    }
}
