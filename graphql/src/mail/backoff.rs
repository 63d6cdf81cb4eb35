//! Exponential backoff for notices that could not be sent.

use jiff::SignedDuration;
use uuid::Uuid;

/// The first pause. A server that greylists expects a retry after a minute or so.
const INITIAL_BACKOFF: SignedDuration = SignedDuration::from_secs(30);
/// The longest pause: in a long outage the server is tried a few times a day.
const MAX_BACKOFF: SignedDuration = SignedDuration::from_hours(4);
/// With these pauses, retries last about two days: mail is still sent after a weekend without a server.
pub(super) const MAX_ATTEMPTS: u32 = 20;

/// The pause after this many attempts: it doubles each time, with a random variation (jitter) for each
/// notice, so that the notices delayed by an outage are not all retried at once.
pub(super) fn backoff(id: Uuid, attempts: u32) -> SignedDuration {
    let doublings = attempts.saturating_sub(1).min(16);
    let pause = (INITIAL_BACKOFF * (1 << doublings)).min(MAX_BACKOFF);
    // From 80 to 120 percent, by the last byte of the id, which is random.
    let percent = 80 + i32::from(id.as_bytes()[15]) * 40 / 255;
    pause * percent / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARLY: Uuid = Uuid::nil();
    const LATE: Uuid = Uuid::max();

    #[test]
    fn each_pause_is_about_twice_as_long_as_the_one_before_up_to_some_hours() {
        for (attempts, seconds) in [(1, 30), (2, 60), (3, 120), (9, 7_680), (10, 14_400), (20, 14_400)] {
            assert_eq!(backoff(EARLY, attempts).as_secs(), seconds * 80 / 100, "{attempts}");
            assert_eq!(backoff(LATE, attempts).as_secs(), seconds * 120 / 100, "{attempts}");
        }
        assert_eq!(backoff(LATE, u32::MAX), backoff(LATE, 20));
    }

    #[test]
    fn a_notice_is_tried_for_two_days_or_so() {
        for id in [EARLY, LATE] {
            let pauses = (1..MAX_ATTEMPTS).map(|attempts| backoff(id, attempts));
            let hours = pauses.fold(SignedDuration::ZERO, |all, pause| all + pause).as_hours();
            assert!((32..=60).contains(&hours), "{hours}");
        }
    }
}
