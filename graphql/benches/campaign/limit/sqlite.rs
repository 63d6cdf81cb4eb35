//! Bare inserts into SQLite.

use rusqlite::{Connection, Result, Statement, params};

use super::inserts::{self, PLACE, Report, TABLES};

/// WAL and a commit that is on disk, as the service has it.
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";

pub(super) fn serve(url: &str, group: usize) {
    let file = url.strip_prefix("sqlite:").expect("a file");
    let connection = Connection::open(file).expect("a database");
    connection.execute_batch(SETTINGS).expect("settings");
    connection.execute_batch(TABLES).expect("tables");
    let mut statements = Statements::new(&connection).expect("statements");
    let mut version = 0;
    inserts::serve(group, |reports| {
        version += 1;
        statements.insert(&reports, version).expect("a commit");
    });
}

/// Prepared once.
struct Statements<'c> {
    begin: Statement<'c>,
    report: Statement<'c>,
    key: Statement<'c>,
    cell: Statement<'c>,
    version: Statement<'c>,
    commit: Statement<'c>,
}

impl<'c> Statements<'c> {
    fn new(connection: &'c Connection) -> Result<Self> {
        Ok(Self {
            begin: connection.prepare("BEGIN IMMEDIATE")?,
            report: connection.prepare(
                "INSERT INTO reports
                 VALUES (?1, 1, ?2, ?2, ?2, 'ACCEPTED', 'INDIVIDUAL', 'WRITER', 'CA', ?3, ?4, ?5)",
            )?,
            key: connection.prepare("INSERT INTO keys VALUES (?1, ?2, ?3, 1)")?,
            cell: connection.prepare(
                "INSERT INTO cells VALUES (?1, ?1, 'CA', '', ?2, 'APPEAL_LETTER', 'INDIVIDUAL', 9)
                 ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity",
            )?,
            version: connection.prepare("INSERT INTO versions VALUES (?1, ?2, ?2)")?,
            commit: connection.prepare("COMMIT")?,
        })
    }

    fn insert(&mut self, reports: &[Report], version: i64) -> Result<()> {
        let place = PLACE.as_bytes();
        self.begin.execute([])?;
        for Report { id, lines, secret, .. } in reports {
            self.report.execute(params![id.as_bytes(), place, lines, version, secret])?;
        }
        for Report { id, key, fingerprint, .. } in reports {
            self.key.execute(params![key, fingerprint, id.as_bytes()])?;
        }
        for case in inserts::cells(reports.len()) {
            self.cell.execute(params![place, case.as_bytes()])?;
        }
        self.version.execute(params![place, version])?;
        self.commit.execute([])?;
        Ok(())
    }
}
