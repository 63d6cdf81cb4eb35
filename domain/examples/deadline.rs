//! When a campaign stops taking reports, in its own time zone.
//!
//! Run it with `cargo run -p write-for-rights --example deadline`.

use domain::{CampaignWindow, Violations, Zone};
use jiff::{SignedDuration, civil::date};

fn main() -> Result<(), Violations> {
    let zone = Zone::parse("America/Toronto").expect("a zone of the database");
    let window = CampaignWindow::new(date(2021, 11, 1), None, date(2022, 1, 31), 3, zone)?;

    let deadline = window.deadline_at();
    println!("The deadline is the end of {}: {deadline}", window.deadline_on());
    for (when, now) in [
        ("a second before", deadline - SignedDuration::from_secs(1)),
        ("at the deadline", deadline),
        ("after three days of grace", window.closes_at()),
    ] {
        println!("{when}: {}", window.phase(now));
    }

    assert_eq!(
        deadline.to_string(),
        "2022-02-01T05:00:00Z",
        "midnight in Toronto is five hours later in UTC"
    );
    assert_eq!(window.phase(deadline).as_str(), "GRACE");
    assert_eq!(window.phase(window.closes_at()).as_str(), "CLOSED");
    Ok(())
}
