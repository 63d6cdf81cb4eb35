//! The session of a WebSocket: state, timeouts, messages.

use std::{pin::pin, sync::Arc, task::Poll};

use apollo_compiler::response::JsonMap;
use async_graphql::{Executor, ServerError, parser::types::OperationType};
use axum::extract::ws::{Message, WebSocket};
use tokio::time::{Duration, Instant, sleep, timeout};

use super::{
    close::{self, Close},
    direct_write,
    message::{self, Incoming, Outgoing},
    operations::{ActiveOperations, OperationEvent},
};
use crate::{
    broadcast::Subscriber,
    client_info::ClientInfo,
    engine::{ContextFuture, GraphqlEngine},
    error::{self, ErrorCode},
    rate_limit::{LeakyBucket, Quota},
    request::GraphqlRequest,
    request_metrics::{RequestOutcome, Transport},
    tcp_stream::ConnectionHandle,
};

/// The length of a burst: a page subscribes to everything on it when it opens.
const BURST: Duration = Duration::from_secs(10);

/// Runs a session until one side ends it.
pub(super) async fn run<E: Executor>(
    engine: GraphqlEngine<E>,
    socket: WebSocket,
    connection: Option<ConnectionHandle>,
    client: ClientInfo,
) {
    let write_timeout = engine.settings().write_timeout;
    let limit = engine.settings().max_messages_per_second.saturating_mul(BURST.as_secs() as u32);
    let message_rate = Quota { limit, period: BURST }.bucket(Instant::now().into_std());
    let mut session = Session {
        engine,
        socket,
        connection,
        client,
        state: SessionState::Connected,
        operations: ActiveOperations::default(),
        message_rate,
        last_message_at: Instant::now(),
        is_awaiting_pong: false,
    };
    let end = session.run().await;
    // The operations end first, since their results can no longer be sent.
    let Session { socket, operations, .. } = session;
    drop(operations);
    // Boxed, here and below, so that the memory is allocated only while it is needed and not for each of
    // thousands of sockets.
    match end {
        SessionEnd::Close(close) => Box::pin(close::close(socket, &close, write_timeout)).await,
        SessionEnd::ClientClosed => Box::pin(close::drain(socket)).await,
        SessionEnd::Disconnected => drop(socket),
    }
}

struct Session<E> {
    engine: GraphqlEngine<E>,
    socket: WebSocket,
    connection: Option<ConnectionHandle>,
    client: ClientInfo,
    state: SessionState,
    operations: ActiveOperations,
    message_rate: LeakyBucket,
    last_message_at: Instant,
    /// Whether no message was received since the last ping.
    is_awaiting_pong: bool,
}

/// The state of a session.
enum SessionState {
    /// Waiting for `connection_init`.
    Connected,
    /// `connection_init` was received; the context is being built.
    Authenticating(ContextFuture),
    /// `connection_ack` was sent.
    Ready,
}

impl SessionState {
    async fn authenticated(&mut self) -> Result<(), ServerError> {
        match self {
            // The context is built again for each operation, since it depends on the time of the request.
            Self::Authenticating(context_future) => context_future.await.map(drop),
            Self::Connected | Self::Ready => std::future::pending().await,
        }
    }
}

/// Why a session ends.
enum SessionEnd {
    /// The server closes it with this code.
    Close(Close),
    /// The client closed it.
    ClientClosed,
    /// The connection is broken.
    Disconnected,
}

impl From<Close> for SessionEnd {
    fn from(close: Close) -> Self {
        Self::Close(close)
    }
}

type Step = Result<(), SessionEnd>;

impl<E: Executor> Session<E> {
    async fn run(&mut self) -> SessionEnd {
        let mut shutdown = pin!(self.engine.shutdown_requested());
        let mut deadline = pin!(sleep(self.engine.settings().connection_init_timeout));
        loop {
            let result = tokio::select! {
                () = &mut shutdown => Err(close::GOING_AWAY.into()),
                () = &mut deadline => match self.next_deadline().await {
                    Ok(next) => {
                        deadline.as_mut().reset(next);
                        Ok(())
                    }
                    Err(end) => Err(end),
                },
                context = self.state.authenticated() => {
                    deadline.as_mut().reset(Instant::now() + self.engine.settings().keepalive_interval);
                    self.handle_authenticated(context).await
                }
                Some(event) = self.operations.next(), if !self.operations.is_empty() => self.handle_operation_event(event).await,
                message = self.socket.recv() => match message {
                    Some(Ok(_)) if self.message_rate.try_acquire(1, Instant::now().into_std()).is_err() => {
                        Err(close::TOO_MANY_MESSAGES.into())
                    }
                    Some(Ok(message)) => {
                        self.last_message_at = Instant::now();
                        if std::mem::take(&mut self.is_awaiting_pong) {
                            deadline.as_mut().reset(self.last_message_at + self.engine.settings().keepalive_interval);
                        }
                        Box::pin(self.handle_frame(message)).await
                    }
                    Some(Err(_)) => Err(Close::unreadable().into()),
                    None => Err(SessionEnd::Disconnected),
                },
            };
            if let Err(end) = result {
                return end;
            }
        }
    }

    /// Handles the deadline that has passed, and returns the next one.
    async fn next_deadline(&mut self) -> Result<Instant, SessionEnd> {
        let settings = self.engine.settings();
        let (keepalive_interval, pong_timeout) = (settings.keepalive_interval, settings.pong_timeout);
        match self.state {
            SessionState::Connected => return Err(close::INIT_TIMEOUT.into()),
            SessionState::Authenticating(_) => return Err(close::TRY_AGAIN_LATER.into()),
            SessionState::Ready => {}
        }
        if self.is_awaiting_pong {
            return Err(close::PING_TIMEOUT.into());
        }
        let now = Instant::now();
        let quiet_until = self.last_message_at + keepalive_interval;
        if quiet_until > now {
            return Ok(quiet_until);
        }
        self.is_awaiting_pong = true;
        self.send(&Outgoing::Ping).await?;
        Ok(now + pong_timeout)
    }

    async fn handle_frame(&mut self, message: Message) -> Step {
        match message {
            Message::Text(text) => {
                match self.engine.compute_pool().run(text.len(), || Incoming::read(&text)).await {
                    Ok(incoming) => self.handle_message(incoming).await,
                    Err(close) => Err(Close::invalid(&close).into()),
                }
            }
            Message::Binary(_) => Err(Close::unreadable().into()),
            // The WebSocket library handles these.
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(SessionEnd::ClientClosed),
        }
    }

    async fn handle_message(&mut self, incoming: Incoming) -> Step {
        match incoming {
            Incoming::Init(payload) => {
                if !matches!(self.state, SessionState::Connected) {
                    return Err(close::TOO_MANY_INITS.into());
                }
                self.apply_init_payload(&payload);
                let (engine, client) = (self.engine.clone(), self.client.clone());
                self.state =
                    SessionState::Authenticating(Box::pin(async move { engine.build_context(client).await }));
                Ok(())
            }
            Incoming::Ping(payload) => self.send(&Outgoing::Pong { payload }).await,
            Incoming::Pong => Ok(()),
            Incoming::Subscribe(id, request) => self.subscribe(id, *request).await,
            Incoming::Complete(id) => {
                self.operations.stop(&id);
                Ok(())
            }
        }
    }

    /// Reads token and language from the payload of `connection_init`; browsers cannot set headers of a
    /// WebSocket.
    fn apply_init_payload(&mut self, payload: &JsonMap) {
        let texts = payload.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
        self.client.apply_init_payload(texts);
    }

    async fn handle_authenticated(&mut self, context: Result<(), ServerError>) -> Step {
        match context {
            Ok(()) => {
                self.state = SessionState::Ready;
                self.send(&Outgoing::ConnectionAck).await
            }
            Err(error) => Err(match error::code(&error) {
                Some("UNAVAILABLE" | "RATE_LIMITED") => close::TRY_AGAIN_LATER,
                Some("INTERNAL") => close::INTERNAL,
                _ => close::FORBIDDEN,
            }
            .into()),
        }
    }

    async fn subscribe(&mut self, id: Box<str>, request: GraphqlRequest) -> Step {
        if !matches!(self.state, SessionState::Ready) {
            return Err(close::UNAUTHORIZED.into());
        }
        if self.operations.has(&id) {
            return Err(Close::duplicate_id(&id).into());
        }
        let limit = self.engine.settings().max_operations_per_socket;
        if self.operations.len() >= limit {
            self.engine.request_metrics().record(Transport::WebSocket, RequestOutcome::ClientError);
            let error = ErrorCode::RateLimited
                .error(format!("At most {limit} operations run at once on one socket."));
            return self.send(&Outgoing::Error { id: &id, payload: &[error] }).await;
        }
        let client = self.engine.renew_client_info(&self.client);
        // The JSON is already parsed; validating the document and the variables takes longer.
        let prepared = match client.cost_budget.check_readable(request.bytes).map_err(ServerError::from) {
            Ok(()) => self.engine.prepare(request, None, &client).await,
            Err(error) => {
                self.engine.record_rejection(Transport::WebSocket, &error);
                Err(vec![error])
            }
        };
        match prepared {
            Ok(prepared) => {
                let subscriber = Arc::new(match prepared.kind {
                    OperationType::Subscription => direct_write::subscriber(self.connection.clone(), &id),
                    OperationType::Query | OperationType::Mutation => Subscriber::default(),
                });
                self.operations.start(
                    id,
                    Arc::clone(&subscriber),
                    self.engine.open_stream(prepared, client, subscriber),
                );
                Ok(())
            }
            Err(errors) => self.send(&Outgoing::Error { id: &id, payload: &errors }).await,
        }
    }

    async fn handle_operation_event(&mut self, OperationEvent { id, response }: OperationEvent) -> Step {
        match response {
            None => self.send(&Outgoing::Complete { id: &id }).await,
            Some(response) if response.is_request_error => {
                self.operations.stop(&id);
                self.send(&Outgoing::Error { id: &id, payload: &response.errors }).await
            }
            Some(response) => self.write(message::next(&id, &response)).await,
        }
    }

    async fn send(&mut self, message: &Outgoing<'_>) -> Step {
        self.write(message.write()).await
    }

    /// Sends a message. A client that does not accept it in time is disconnected without a close frame, which
    /// it would not accept either.
    async fn write(&mut self, message: Result<String, serde_json::Error>) -> Step {
        let text = message.map_err(|error| {
            tracing::error!(%error, "cannot serialize a response");
            SessionEnd::Close(close::INTERNAL)
        })?;
        let mut sending = pin!(self.socket.send(Message::Text(text.into())));
        // Most messages are accepted at once, and no timer is needed.
        let result = match futures_util::poll!(sending.as_mut()) {
            Poll::Ready(result) => Ok(result),
            Poll::Pending => timeout(self.engine.settings().write_timeout, sending).await,
        };
        match result {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(SessionEnd::Disconnected),
        }
    }
}
