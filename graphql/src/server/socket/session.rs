//! One socket, from its first message to its last.

use std::{pin::pin, sync::Arc, task::Poll};

use apollo_compiler::response::JsonMap;
use async_graphql::{Executor, ServerError, parser::types::OperationType};
use axum::extract::ws::{Message, WebSocket};
use tokio::time::{Duration, Instant, sleep, timeout};

use super::{
    aloud,
    closing::{self, Close},
    message::{self, Incoming, Outgoing},
    operations::{Operations, Said},
};
use crate::{
    pace::{Bucket, Pace},
    server::{
        connections::Line,
        door::{Asked, Door, Greeting, credentials},
        fault::{self, Code},
        question::Question,
        topics::Seat,
        traffic::{Outcome, Way},
    },
};

/// How long a client may make up for its silence: a page that opens subscribes to all it shows at once.
const BURST: Duration = Duration::from_secs(10);

/// Serves a socket until one side ends it.
pub(super) async fn run<E: Executor>(door: Door<E>, socket: WebSocket, line: Option<Line>, asked: Asked) {
    let send_wait = door.settings().send_wait;
    let most = door.settings().messages_a_second.saturating_mul(BURST.as_secs() as u32);
    let heard = Pace { most, within: BURST }.bucket(Instant::now().into_std());
    let mut session = Session {
        door,
        socket,
        line,
        asked,
        stage: Stage::Silent,
        operations: Operations::default(),
        heard,
        heard_at: Instant::now(),
        was_pinged: false,
    };
    let end = session.talk().await;
    // The operations end first: nobody hears them any more.
    let Session { socket, operations, .. } = session;
    drop(operations);
    // In boxes, here and below, is what is needed for a moment only: thousands of sockets keep room for all
    // that is not.
    match end {
        End::Because(why) => Box::pin(closing::close(socket, &why, send_wait)).await,
        End::Farewell => Box::pin(closing::hear_out(socket)).await,
        End::Gone => drop(socket),
    }
}

struct Session<E> {
    door: Door<E>,
    socket: WebSocket,
    line: Option<Line>,
    asked: Asked,
    stage: Stage,
    operations: Operations,
    heard: Bucket,
    heard_at: Instant,
    /// Whether nothing was heard since the last ping.
    was_pinged: bool,
}

/// How far a socket has come.
enum Stage {
    /// Nothing was said yet.
    Silent,
    /// `connection_init` came, and it is being looked who asks.
    Greeting(Greeting),
    /// `connection_ack` was sent.
    Open,
}

impl Stage {
    async fn greeted(&mut self) -> Result<(), ServerError> {
        match self {
            // The data is made anew for each operation, with the time at which that is asked for.
            Self::Greeting(greeting) => greeting.await.map(drop),
            Self::Silent | Self::Open => std::future::pending().await,
        }
    }
}

/// Why a socket ends.
enum End {
    /// We say why.
    Because(Close),
    /// The client closed it.
    Farewell,
    /// There is nobody to say anything to.
    Gone,
}

impl From<Close> for End {
    fn from(why: Close) -> Self {
        Self::Because(why)
    }
}

type Step = Result<(), End>;

impl<E: Executor> Session<E> {
    async fn talk(&mut self) -> End {
        let mut closing = pin!(self.door.closing());
        let mut alarm = pin!(sleep(self.door.settings().init_wait));
        loop {
            let step = tokio::select! {
                () = &mut closing => Err(closing::AWAY.into()),
                () = &mut alarm => match self.alarmed().await {
                    Ok(next) => {
                        alarm.as_mut().reset(next);
                        Ok(())
                    }
                    Err(end) => Err(end),
                },
                greeted = self.stage.greeted() => {
                    alarm.as_mut().reset(Instant::now() + self.door.settings().quiet_most);
                    self.greeted(greeted).await
                }
                Some(said) = self.operations.next(), if !self.operations.is_empty() => self.said(said).await,
                message = self.socket.recv() => match message {
                    Some(Ok(_)) if self.heard.take(1, Instant::now().into_std()).is_err() => {
                        Err(closing::TOO_MANY_MESSAGES.into())
                    }
                    Some(Ok(message)) => {
                        self.heard_at = Instant::now();
                        if std::mem::take(&mut self.was_pinged) {
                            alarm.as_mut().reset(self.heard_at + self.door.settings().quiet_most);
                        }
                        Box::pin(self.heard(message)).await
                    }
                    Some(Err(_)) => Err(Close::unreadable().into()),
                    None => Err(End::Gone),
                },
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Looks what was waited for, and until when to wait now.
    async fn alarmed(&mut self) -> Result<Instant, End> {
        let settings = self.door.settings();
        let (quiet_most, pong_wait) = (settings.quiet_most, settings.pong_wait);
        match self.stage {
            Stage::Silent => return Err(closing::INIT_TIMEOUT.into()),
            Stage::Greeting(_) => return Err(closing::LATER.into()),
            Stage::Open => {}
        }
        if self.was_pinged {
            return Err(closing::SILENT.into());
        }
        let now = Instant::now();
        let quiet_until = self.heard_at + quiet_most;
        if quiet_until > now {
            return Ok(quiet_until);
        }
        self.was_pinged = true;
        self.send(&Outgoing::Ping).await?;
        Ok(now + pong_wait)
    }

    async fn heard(&mut self, message: Message) -> Step {
        match message {
            Message::Text(text) => match self.door.aside().work(text.len(), || Incoming::read(&text)).await {
                Ok(incoming) => self.incoming(incoming).await,
                Err(why) => Err(Close::invalid(&why).into()),
            },
            Message::Binary(_) => Err(Close::unreadable().into()),
            // The library answers these itself.
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(End::Farewell),
        }
    }

    async fn incoming(&mut self, incoming: Incoming) -> Step {
        match incoming {
            Incoming::Init(payload) => {
                if !matches!(self.stage, Stage::Silent) {
                    return Err(closing::TOO_MANY_INITS.into());
                }
                self.introduce(&payload);
                let (door, asked) = (self.door.clone(), self.asked.clone());
                self.stage = Stage::Greeting(Box::pin(async move { door.greet(asked).await }));
                Ok(())
            }
            Incoming::Ping(payload) => self.send(&Outgoing::Pong { payload }).await,
            Incoming::Pong => Ok(()),
            Incoming::Subscribe(id, question) => self.subscribe(id, *question).await,
            Incoming::Complete(id) => {
                self.operations.stop(&id);
                Ok(())
            }
        }
    }

    /// Who asks is said in the payload; browsers cannot send headers with a socket.
    fn introduce(&mut self, payload: &JsonMap) {
        for (name, value) in payload {
            let Some(value) = value.as_str() else { continue };
            if name.as_str().eq_ignore_ascii_case("authorization") {
                self.asked.bearer = credentials(value).map(str::to_owned);
            } else if name.as_str().eq_ignore_ascii_case("accept-language") {
                self.asked.languages = Some(value.to_owned());
            }
        }
    }

    async fn greeted(&mut self, greeted: Result<(), ServerError>) -> Step {
        match greeted {
            Ok(()) => {
                self.stage = Stage::Open;
                self.send(&Outgoing::ConnectionAck).await
            }
            Err(error) => Err(match fault::code(&error) {
                Some("UNAVAILABLE" | "RATE_LIMITED") => closing::LATER,
                Some("INTERNAL") => closing::INTERNAL,
                _ => closing::FORBIDDEN,
            }
            .into()),
        }
    }

    async fn subscribe(&mut self, id: Box<str>, question: Question) -> Step {
        if !matches!(self.stage, Stage::Open) {
            return Err(closing::UNAUTHORIZED.into());
        }
        if self.operations.has(&id) {
            return Err(Close::taken(&id).into());
        }
        let most = self.door.settings().operations_most;
        if self.operations.len() >= most {
            self.door.traffic().note(Way::Socket, Outcome::Refused);
            let error =
                Code::RateLimited.error(format!("At most {most} operations run at once on one socket."));
            return self.send(&Outgoing::Error { id: &id, payload: &[error] }).await;
        }
        let asked = self.door.asked_again(&self.asked);
        // Its JSON was read when it came; judging its document and variables takes longer.
        let prepared = match asked.allowance.read(question.bytes).map_err(ServerError::from) {
            Ok(()) => self.door.prepare(question, &asked).await,
            Err(error) => Err(vec![*self.door.turn_away(Way::Socket, error.into()).error]),
        };
        match prepared {
            Ok(prepared) => {
                let seat = Arc::new(match prepared.kind {
                    OperationType::Subscription => aloud::seat(self.line.clone(), &id),
                    OperationType::Query | OperationType::Mutation => Seat::default(),
                });
                self.operations.start(id, Arc::clone(&seat), self.door.listen(prepared, asked, seat));
                Ok(())
            }
            Err(errors) => self.send(&Outgoing::Error { id: &id, payload: &errors }).await,
        }
    }

    async fn said(&mut self, Said { id, answer }: Said) -> Step {
        match answer {
            None => self.send(&Outgoing::Complete { id: &id }).await,
            Some(answer) if answer.is_refusal => {
                self.operations.stop(&id);
                self.send(&Outgoing::Error { id: &id, payload: &answer.errors }).await
            }
            Some(answer) => self.write(message::next(&id, &answer)).await,
        }
    }

    async fn send(&mut self, message: &Outgoing<'_>) -> Step {
        self.write(message.write()).await
    }

    /// Sends a message. Whoever does not take it in time is let go, without another word: it would not
    /// take that either.
    async fn write(&mut self, message: Result<String, serde_json::Error>) -> Step {
        let text = message.map_err(|error| {
            tracing::error!(%error, "an answer has no JSON form");
            End::Because(closing::INTERNAL)
        })?;
        let mut sending = pin!(self.socket.send(Message::Text(text.into())));
        // Nearly always it is taken at once, and no time has to be kept.
        let sent = match futures_util::poll!(sending.as_mut()) {
            Poll::Ready(sent) => Ok(sent),
            Poll::Pending => timeout(self.door.settings().send_wait, sending).await,
        };
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }
}
