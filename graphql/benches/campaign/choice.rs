//! What was asked for on the command line: `cargo bench -- W1 W4 --quick`.

/// What is to be measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    /// The works; all of them if none was named.
    pub works: Vec<String>,
    /// Everything once, shortly and small: to see that the benchmark itself works.
    pub quick: bool,
}

impl Choice {
    /// Reads the arguments. What Cargo itself passes (`--bench`) is passed over.
    pub(crate) fn of(arguments: impl Iterator<Item = String>) -> Self {
        let mut choice = Self::default();
        for argument in arguments {
            match argument.strip_prefix("--") {
                Some("quick") => choice.quick = true,
                Some("bench") => {}
                Some(_) => panic!("{argument} is not known; there is only --quick"),
                None => choice.works.push(argument),
            }
        }
        choice
    }

    /// Whether this work was asked for.
    pub(crate) fn has(&self, work: &str) -> bool {
        self.works.is_empty() || self.works.iter().any(|chosen| chosen.eq_ignore_ascii_case(work))
    }

    /// Whether the figures are those that `graphql/benches/README.md` shows.
    pub(crate) const fn is_whole(&self) -> bool {
        self.works.is_empty() && !self.quick
    }
}
