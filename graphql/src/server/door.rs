//! The door to the engine: every transport comes in here, with a question and with what it knows about
//! who is asking.

use std::{
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::Arc,
};

use async_graphql::{Data, Executor, Response, ServerError};
use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, header},
};
use futures_util::{
    FutureExt, StreamExt,
    future::{self, BoxFuture},
    stream::{self, BoxStream},
};
use tokio::sync::watch;

use super::{
    document::{Documents, Prepared},
    fault::{self, Code},
    places::{Full, Place, Places},
    question::Question,
    settings::Settings,
};

/// What a transport knows about who is asking.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The secret of `Authorization: Bearer …`.
    pub bearer: Option<String>,
    /// `Accept-Language`, as it was written.
    pub languages: Option<String>,
}

impl Asked {
    /// Reads the headers of a request.
    pub(super) fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            bearer: text(header::AUTHORIZATION).and_then(credentials).map(str::to_owned),
            languages: text(header::ACCEPT_LANGUAGE).map(str::to_owned),
        }
    }
}

/// The secret behind the word `Bearer`, in whatever case it is written (RFC 9110).
pub(super) fn credentials(value: &str) -> Option<&str> {
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

/// What comes of a greeting: the request's data, or why there is none.
pub type Greeting = BoxFuture<'static, Result<Data, ServerError>>;

/// The engine, and what stands before it. Clones are the same door.
pub struct Door<E> {
    engine: E,
    shared: Arc<Shared>,
}

struct Shared {
    greet: Box<dyn Fn(Asked) -> Greeting + Send + Sync>,
    documents: Documents,
    places: Places,
    settings: Settings,
    closing: watch::Receiver<bool>,
}

impl<E: Clone> Clone for Door<E> {
    fn clone(&self) -> Self {
        Self { engine: self.engine.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<E: Executor> Door<E> {
    /// A door to an engine whose schema is `sdl`. `greet` is asked once for each operation. When
    /// `closing` becomes true, the sockets and streams are told to go; without that, a graceful
    /// shutdown would wait for them for ever.
    ///
    /// # Errors
    /// If the schema is not valid; all of its mistakes.
    pub fn new<G, F>(
        engine: E,
        sdl: &str,
        settings: Settings,
        closing: watch::Receiver<bool>,
        greet: G,
    ) -> Result<Self, String>
    where
        G: Fn(Asked) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Data, ServerError>> + Send + 'static,
    {
        let documents = Documents::of(sdl, settings.bounds)?;
        let places = Places::new(settings.places_most, settings.places_for_one);
        let greet = Box::new(move |asked| greet(asked).boxed());
        Ok(Self { engine, shared: Arc::new(Shared { greet, documents, places, settings, closing }) })
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// Judges the document, chooses the operation and checks the variables.
    pub(super) fn prepare(&self, question: Question) -> Result<Prepared, Vec<ServerError>> {
        self.shared.documents.prepare(question)
    }

    /// Asks who is there. Whoever panics here refuses.
    pub(super) async fn greet(&self, asked: Asked) -> Result<Data, ServerError> {
        AssertUnwindSafe((self.shared.greet)(asked)).catch_unwind().await.unwrap_or_else(|panic| {
            let mut response = fault::panicked(&*panic);
            Err(response
                .errors
                .pop()
                .unwrap_or_else(|| Code::Internal.error("Something went wrong on our side.")))
        })
    }

    /// Answers a query or a mutation once.
    pub(super) async fn answer(&self, prepared: Prepared, asked: Asked) -> Response {
        let mut request = prepared.request;
        match self.greet(asked).await {
            Ok(data) => request.data = data,
            Err(error) => return Response::from_errors(vec![error]),
        }
        AssertUnwindSafe(self.engine.execute(request))
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| fault::panicked(&*panic))
    }

    /// Answers an operation of any kind, as often as it has something to say.
    pub(super) fn listen(&self, prepared: Prepared, asked: Asked) -> BoxStream<'static, Response> {
        let door = self.clone();
        // In a box of its own, so that what is needed at the start only is gone afterwards.
        let answers = async move {
            match door.greet(asked).await {
                Ok(data) => door.engine.execute_stream(prepared.request, Some(Arc::new(data))),
                Err(error) => stream::once(future::ready(Response::from_errors(vec![error]))).boxed(),
            }
        }
        .boxed()
        .flatten_stream();
        AssertUnwindSafe(answers)
            .catch_unwind()
            .map(|answer| answer.unwrap_or_else(|panic| fault::panicked(&*panic)))
            .boxed()
    }

    /// Takes a place for a connection that lasts.
    pub(super) fn take_place(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<Place, ServerError> {
        /// Places come free whenever a page is closed.
        const COME_BACK: u32 = 10;
        self.shared.places.take(self.address(headers, extensions)).map_err(|full| match full {
            Full::All => {
                Code::Unavailable.error_until("Too many connections are open. Please try again.", COME_BACK)
            }
            Full::Address => {
                Code::RateLimited.error_until("Too many connections are open from this address.", COME_BACK)
            }
        })
    }

    fn address(&self, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
        match &self.shared.settings.forwarded_by {
            // The last entry is the one that the trusted proxy wrote; whatever is before it was sent.
            Some(header) => {
                let entries = headers.get_all(header).iter().next_back()?.to_str().ok()?;
                entries.rsplit(',').next()?.trim().parse().ok()
            }
            None => extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip()),
        }
    }

    /// Ends when the service does.
    pub(super) fn closing(&self) -> impl Future<Output = ()> + Send + use<E> {
        let mut closing = self.shared.closing.clone();
        async move {
            // If nobody is left who could say so, the service goes on.
            if closing.wait_for(|closing| *closing).await.is_err() {
                future::pending().await
            }
        }
    }
}
