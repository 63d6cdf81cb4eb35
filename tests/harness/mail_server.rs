//! An SMTP server for tests, which accepts, refuses or disconnects at a given moment.

use std::{collections::VecDeque, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream, tcp::OwnedWriteHalf},
    sync::{Mutex, watch},
    time::timeout,
};

use crate::harness::PATIENCE;

/// A moment of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Greeting,
    Login,
    Sender,
    Recipient,
    Data,
    Content,
}

/// What the server does instead of agreeing.
#[derive(Clone, Debug)]
pub enum Whim {
    /// It answers this.
    Answer(&'static str),
    /// It says nothing and hangs up.
    HangUp,
    /// It says nothing until it is told to go on, and agrees then.
    Wait(watch::Receiver<bool>),
}

/// A message that the server took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub to: String,
    pub message: String,
}

/// The server. It agrees to everything but its whims, which come in turn, each at its moment.
pub struct MailServer {
    port: u16,
    state: Arc<State>,
}

struct State {
    whims: Mutex<VecDeque<(Moment, Whim)>>,
    taken: watch::Sender<Vec<Taken>>,
    // How often each moment was reached, in the order in which they were.
    reached: watch::Sender<Vec<Moment>>,
    extensions: &'static str,
}

impl MailServer {
    pub async fn start() -> Self {
        Self::with_extensions("8BITMIME").await
    }

    pub async fn with_extensions(extensions: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = State {
            whims: Mutex::default(),
            taken: watch::Sender::default(),
            reached: watch::Sender::default(),
            extensions,
        };
        let state = Arc::new(state);
        let served = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&served);
                // A client that goes away in the middle is none of the server's business.
                tokio::spawn(async move { state.converse(stream).await });
            }
        });
        Self { port, state }
    }

    /// How to get mail here.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Does this when the moment comes next, before all whims that are added later.
    pub async fn whim(&self, moment: Moment, whim: Whim) {
        self.state.whims.lock().await.push_back((moment, whim));
    }

    /// The messages it has taken, once there are this many.
    pub async fn taken(&self, number: usize) -> Vec<Taken> {
        let mut taken = self.state.taken.subscribe();
        let enough = timeout(PATIENCE, taken.wait_for(|taken| taken.len() >= number)).await;
        enough.expect("mail in time").expect("a server").clone()
    }

    /// Waits until a moment was reached this many times.
    pub async fn reached(&self, moment: Moment, times: usize) {
        let mut reached = self.state.reached.subscribe();
        let enough =
            |reached: &Vec<Moment>| reached.iter().filter(|known| **known == moment).count() >= times;
        timeout(PATIENCE, reached.wait_for(enough)).await.expect("a moment in time").expect("a server");
    }

    /// How often a moment was reached so far.
    pub fn times(&self, moment: Moment) -> usize {
        self.state.reached.borrow().iter().filter(|known| **known == moment).count()
    }
}

impl State {
    async fn converse(&self, stream: TcpStream) -> Option<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        self.answer(&mut write, Moment::Greeting, "220 mail.test is listening").await?;
        let mut to = String::new();
        while let Ok(Some(line)) = lines.next_line().await {
            let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match command.as_str() {
                "EHLO" => {
                    let answer = format!("250-mail.test\r\n250 {}", self.extensions);
                    write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
                }
                "AUTH" => drop(self.answer(&mut write, Moment::Login, "235 welcome").await?),
                "MAIL" => drop(self.answer(&mut write, Moment::Sender, "250 go on").await?),
                "RCPT" => {
                    to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    self.answer(&mut write, Moment::Recipient, "250 go on").await?;
                }
                "DATA" if self.answer(&mut write, Moment::Data, "354 tell me").await? => {
                    let mut message = String::new();
                    loop {
                        let line = lines.next_line().await.ok()??;
                        if line == "." {
                            break;
                        }
                        message += line.strip_prefix('.').unwrap_or(&line);
                        message.push('\n');
                    }
                    if self.answer(&mut write, Moment::Content, "250 taken").await? {
                        let taken = Taken { to: to.clone(), message };
                        self.taken.send_modify(|all| all.push(taken));
                    }
                }
                "DATA" => {}
                "QUIT" => {
                    write.write_all(b"221 goodbye\r\n").await.ok()?;
                    return Some(());
                }
                _ => write.write_all(b"500 what?\r\n").await.ok()?,
            }
        }
        Some(())
    }

    /// Agrees, or follows its whim. `true` if it agreed, `None` if it hangs up.
    async fn answer(&self, write: &mut OwnedWriteHalf, moment: Moment, agreed: &str) -> Option<bool> {
        let whim = {
            let mut whims = self.whims.lock().await;
            let next = whims.iter().position(|(at, _)| *at == moment);
            next.and_then(|index| whims.remove(index)).map(|(_, whim)| whim)
        };
        self.reached.send_modify(|reached| reached.push(moment));
        let (answer, agrees) = match whim {
            None => (agreed, true),
            Some(Whim::Answer(answer)) => (answer, false),
            Some(Whim::HangUp) => return None,
            Some(Whim::Wait(mut go_on)) => {
                go_on.wait_for(|go_on| *go_on).await.ok()?;
                (agreed, true)
            }
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        Some(agrees)
    }
}
