//! Limits: the least that a work could need, done in the same stack by a process of its own, which is
//! this executable again. A peer is run in the same way.

use crate::store::Kind;

mod bytes;
mod inserts;
mod postgres;
mod sends;
mod sqlite;
mod stock;

/// The first argument of such a process.
pub(crate) const ARGUMENT: &str = "limit";

/// What such a process does.
#[derive(Clone, Debug)]
pub(crate) enum Limit {
    /// Answers every request with so many constant bytes.
    Bytes(usize),
    /// No limit but the peer: the handlers that come with the engine, answering with the cases of the answer
    /// that they are told.
    Stock,
    /// Sends each line that it is told to every socket.
    Sends,
    /// Inserts the rows of reports in groups of this size.
    Inserts { kind: Kind, url: String, group: usize },
}

impl Limit {
    pub(crate) fn arguments(&self) -> Vec<String> {
        match self {
            Self::Bytes(size) => vec!["bytes".to_owned(), size.to_string()],
            Self::Stock => vec!["stock".to_owned()],
            Self::Sends => vec!["sends".to_owned()],
            Self::Inserts { kind, url, group } => {
                vec![kind.name().to_owned(), url.clone(), group.to_string()]
            }
        }
    }
}

/// Does it, until the process is ended.
pub(crate) fn run(arguments: &[String]) {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse().expect("a number");
    match arguments[..] {
        ["bytes", size] => bytes::serve(number(size)),
        ["stock"] => stock::serve(),
        ["sends"] => sends::serve(),
        ["SQLite", url, group] => sqlite::serve(url, number(group)),
        ["PostgreSQL", url, group] => postgres::serve(url, number(group)),
        _ => panic!("there is no such limit: {arguments:?}"),
    }
}
