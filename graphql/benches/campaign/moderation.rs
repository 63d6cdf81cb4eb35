//! Fifty thousand joke reports of one network, rejected by one act of staff and restored by another:
//! `cargo bench -- moderation`. Meanwhile the total is asked for and honest letters are reported.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use indicatif::ProgressBar;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::{
    bench::Bench,
    client::Client,
    edition::Edition,
    flood,
    process::{FORWARDED_BY, Process},
    question::{COUNTED, LETTERS, REPORTS, VERSION, number, text},
    store::{Kind, Store},
    table::grouped,
};

/// The word for it on the command line.
pub(crate) const MODERATION: &str = "moderation";

/// How many joke reports there are, and how many in each request.
const JOKES: usize = 50_000;
const JOKES_QUICK: usize = 2_000;
const BATCH: usize = 500;
/// How many letters each says.
const JOKE: u64 = 7;
/// How long an act may take.
const PATIENCE: Duration = Duration::from_secs(600);
/// How often it is asked whether it is done, and how often others ask meanwhile.
const LOOK: Duration = Duration::from_millis(50);

const ID: &str = r#""id":"#;
const FINISHED: &str = r#""finishedAt":"#;
/// An address that is for documentation (RFC 5737), and one of staff.
const WATCHER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
const STAFF: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 2);

/// Moderates on each database, prints how long it took, and says whether the totals are as they must be.
pub(crate) async fn run(bench: &Bench, bar: &ProgressBar) -> bool {
    let jokes = if bench.quick { JOKES_QUICK } else { JOKES };
    println!("{}; {} joke reports of one network.", Bench::machine(), grouped(jokes as f64));
    let mut is_right = true;
    for kind in &bench.kinds {
        is_right &= moderate(kind, jokes, bar).await;
    }
    bar.finish_and_clear();
    is_right
}

async fn moderate(kind: &Kind, jokes: usize, bar: &ProgressBar) -> bool {
    let (store, edition) = Store::fresh(kind).await;
    let key = flood::key(&store.url);
    let service = Process::generous_service(&store.url);
    let address = service.address().to_owned();
    bar.set_message(format!("{}: jokes come in", kind.name()));
    send(&address, &edition, jokes).await;
    let mut client = Client::connect_for(&address, WATCHER).await.expect("a server");
    let before = total(&mut client).await;
    let headers = format!("{FORWARDED_BY}: {STAFF}\r\nAuthorization: Bearer {key}\r\n");
    let mut staff = Client::connect_with(&address, headers).await.expect("a server");
    let campaign = edition.campaign();
    let begins = Instant::now();
    let (one, found) = preview(&mut staff, &campaign).await;
    let previewed = begins.elapsed();
    bar.set_message(format!("{}: rejected", kind.name()));
    let others = Others::begin(&address, &edition);
    let (rejection, rejected) = act(&mut staff, &reject(&campaign, &one)).await;
    let meanwhile = others.end().await;
    let without = total(&mut client).await;
    bar.set_message(format!("{}: restored", kind.name()));
    let others = Others::begin(&address, &edition);
    let (_, restored) = act(&mut staff, &undo(&rejection.id)).await;
    let meanwhile_restored = others.end().await;
    let after = total(&mut client).await;
    let (_, is_recounted) = Process::command(&store.url, &["recount"]);
    let honest = meanwhile.letters + meanwhile_restored.letters;
    let is_right = (found, rejection.reports) == (jokes as u64, jokes as u64)
        && without.letters == meanwhile.letters
        && after.letters == before.letters + honest
        && is_recounted;
    bar.suspend(|| {
        println!("\n{}: {} versions of the total", kind.name(), after.version - before.version);
        println!("  preview of {} reports: {previewed:.1?}", grouped(found as f64));
        println!("  rejected by one act in {rejected:.1?}, meanwhile {meanwhile}");
        println!("  restored by one act in {restored:.1?}, meanwhile {meanwhile_restored}");
        println!("  totals and recount {}", if is_right { "are right" } else { "ARE WRONG" });
    });
    is_right
}

/// Sends the jokes from all addresses of one network.
async fn send(address: &str, edition: &Edition, jokes: usize) {
    let mut body = String::new();
    for batch in 0..jokes.div_ceil(BATCH) {
        let sender = Ipv4Addr::new(192, 0, 2, u8::try_from(batch % 250 + 1).expect("a number below 251"));
        let mut client = Client::connect_for(address, sender).await.expect("a server");
        edition.batch_of_letters(&mut body, BATCH.min(jokes - batch * BATCH), JOKE);
        let answer = client.post(&body).await;
        assert!(!answer.contains("code"), "a joke was refused: {answer}");
    }
}

/// A total at one moment.
struct Counted {
    letters: u64,
    version: u64,
}

async fn total(client: &mut Client) -> Counted {
    let answer = client.post(COUNTED).await;
    Counted { letters: number(answer, LETTERS), version: number(answer, VERSION) }
}

/// One of the jokes, and how many reports the preview finds.
async fn preview(staff: &mut Client, campaign: &str) -> (String, u64) {
    let ask = format!(
        r#"{{"query":"query($selection:ReportSelectionInput!){{reportSelection(selection:$selection){{reports letters sample{{id}}}}}}","variables":{{"selection":{{"campaign":"{campaign}"}}}}}}"#
    );
    let answer = staff.post(&ask).await;
    let one = text(answer, ID).unwrap_or_else(|| panic!("no report in {answer}")).to_owned();
    (one, number(answer, REPORTS))
}

/// What an act did.
struct Act {
    id: String,
    reports: u64,
}

/// Takes an act, and waits until it is finished.
async fn act(staff: &mut Client, body: &str) -> (Act, Duration) {
    let begins = Instant::now();
    let mut answer = staff.post(body).await.to_owned();
    let id = text(&answer, ID).unwrap_or_else(|| panic!("no act in {answer}")).to_owned();
    let ask = format!(
        r#"{{"query":"query($id:ID!){{moderation(id:$id){{id reports finishedAt}}}}","variables":{{"id":"{id}"}}}}"#
    );
    while text(&answer, FINISHED).is_none() && begins.elapsed() < PATIENCE {
        tokio::time::sleep(LOOK).await;
        staff.post(&ask).await.clone_into(&mut answer);
    }
    (Act { id, reports: number(&answer, REPORTS) }, begins.elapsed())
}

const ACT: &str = "{moderation{id reports finishedAt}userErrors{code path message}}";

/// The act that rejects all that came from the network of this report.
fn reject(campaign: &str, report: &str) -> String {
    format!(
        r#"{{"query":"mutation($input:ReportsModerateInput!){{reportsModerate(input:$input){ACT}}}","variables":{{"input":{{"selection":{{"campaign":"{campaign}","sameNetworkAs":"{report}"}},"decision":"REJECT","reason":"A joke.","idempotencyKey":"{}"}}}}}}"#,
        Uuid::new_v4()
    )
}

fn undo(act: &str) -> String {
    format!(
        r#"{{"query":"mutation($input:ModerationUndoInput!){{moderationUndo(input:$input){ACT}}}","variables":{{"input":{{"id":"{act}","reason":"No joke.","idempotencyKey":"{}"}}}}}}"#,
        Uuid::new_v4()
    )
}

/// Another client, which asks for the total and reports honest letters meanwhile.
struct Others {
    is_over: Arc<AtomicBool>,
    task: JoinHandle<Meanwhile>,
}

/// How others were served.
#[derive(Default)]
struct Meanwhile {
    letters: u64,
    reads: Vec<Duration>,
    writes: Vec<Duration>,
}

impl Others {
    fn begin(address: &str, edition: &Edition) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (address, edition, stop) = (address.to_owned(), edition.clone(), Arc::clone(&is_over));
        let task = tokio::spawn(async move {
            let mut client = Client::connect_for(&address, WATCHER).await.expect("a server");
            let (mut meanwhile, mut body) = (Meanwhile::default(), String::new());
            while !stop.load(SeqCst) {
                let begins = Instant::now();
                total(&mut client).await;
                meanwhile.reads.push(begins.elapsed());
                edition.letters(&mut body, 1);
                let begins = Instant::now();
                let answer = client.post(&body).await;
                assert!(answer.contains("ACCEPTED"), "an honest report was not taken: {answer}");
                meanwhile.writes.push(begins.elapsed());
                meanwhile.letters += 1;
                tokio::time::sleep(LOOK).await;
            }
            meanwhile
        });
        Self { is_over, task }
    }

    async fn end(self) -> Meanwhile {
        self.is_over.store(true, SeqCst);
        self.task.await.expect("a task without trouble")
    }
}

impl std::fmt::Display for Meanwhile {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let spread = |times: &[Duration]| {
            let mut times = times.to_vec();
            times.sort_unstable();
            let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
            format!(
                "half within {:.1?}, all within {:.1?}",
                at(50),
                times.last().copied().unwrap_or_default()
            )
        };
        write!(
            out,
            "{} totals read ({}) and reports taken ({})",
            self.reads.len(),
            spread(&self.reads),
            spread(&self.writes)
        )
    }
}
