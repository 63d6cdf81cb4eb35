//! The door to the engine: every transport comes in here, with a question and with what it knows about
//! who is asking.

use std::{
    net::IpAddr,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
};

use async_graphql::{Data, Executor, ServerError, Value, parser::types::OperationType};
use axum::{
    body::Bytes,
    http::{Extensions, HeaderMap, header},
};
use futures_util::{
    FutureExt, StreamExt,
    future::{self, BoxFuture},
    stream::{self, BoxStream},
};
use tokio::{sync::watch, time::timeout};

use crate::{meter::Present, tally::Coming};

use super::{
    answer::Answer,
    aside::Aside,
    budgets::Budgets,
    connections::Line,
    document::{Documents, Fits, Root, Runnable},
    fault,
    forwarded::{ForwardedBy, warn_of_proxy},
    http::Refused,
    kept::{Answers, Body, Key},
    places::{Full, Place, Places},
    question::{Question, Questions},
    settings::Settings,
    topics::{Seat, Topics},
    traffic::{Outcome, Traffic, Way},
};
use crate::api::{Allowance, WrittenAtOnce};

mod ahead;

use ahead::Ahead;

/// What a transport knows about who is asking.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The secret of `Authorization: Bearer …`.
    pub bearer: Option<String>,
    /// `Accept-Language`, as it was written.
    pub languages: Option<String>,
    /// Where the request comes from, as far as that can be told.
    pub address: Option<IpAddr>,
    /// What it may still spend.
    pub allowance: Allowance,
    /// By which way the question comes.
    pub(super) way: Way,
    /// The count that is about to be told, if the answer is made ahead of it.
    pub(super) coming: Option<Arc<Coming>>,
}

/// The secret behind the word `Bearer`, in whatever case it is written (RFC 9110).
pub(super) fn credentials(value: &str) -> Option<&str> {
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

/// What comes of a greeting: what the answer is made with, or why there is none.
pub type Greeting = BoxFuture<'static, Result<Greeted, ServerError>>;

/// What an answer is made with.
pub struct Greeted {
    /// The request's data.
    pub data: Data,
    /// How to tell whether the answer may be given again; without it, it is for this one asker.
    pub standing: Option<Standing>,
}

impl From<Data> for Greeted {
    fn from(data: Data) -> Self {
        Self { data, standing: None }
    }
}

/// How an answer stands that was made some time ago.
#[derive(Clone)]
pub struct Standing(Arc<dyn Fn() -> Verdict + Send + Sync>);

/// Whether an answer may be given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It would be made again just so.
    Holds,
    /// What it was made from has changed.
    Past,
    /// Nobody can tell; it is not to be kept.
    Never,
}

impl Standing {
    /// Asks `verdict` each time.
    #[must_use]
    pub fn new(verdict: impl Fn() -> Verdict + Send + Sync + 'static) -> Self {
        Self(Arc::new(verdict))
    }

    pub(super) fn verdict(&self) -> Verdict {
        (self.0)()
    }
}

/// An operation that may run, or its answer if that is at hand.
pub(super) struct Prepared {
    pub kind: OperationType,
    next: Next,
}

enum Next {
    Given(Arc<Answer>),
    /// What is asked is known by the body, which whoever makes the answer anew reads.
    Known(Key, Bytes),
    Made(Box<Runnable>, Option<Key>),
}

/// The engine, and what stands before it. Clones are the same door.
pub struct Door<E> {
    shared: Arc<Shared<E>>,
}

struct Shared<E> {
    engine: E,
    greet: Box<dyn Fn(Asked) -> Greeting + Send + Sync>,
    aside: Aside,
    documents: Documents,
    answers: Answers,
    ahead: Ahead,
    topics: Topics,
    places: Places,
    traffic: Traffic,
    budgets: Budgets,
    forwarded_by: Option<ForwardedBy>,
    settings: Settings,
    closing: watch::Receiver<bool>,
}

impl<E> Clone for Door<E> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<E: Executor> Door<E> {
    /// A door to an engine whose schema is `sdl`, and whose scalars have the values that `fits` says.
    /// `greet` is asked once for each operation that is executed. Of the subscriptions to the fields named
    /// in `newest_only`, a listener who was busy hears only the newest event, of all others every one. When
    /// `closing` becomes true, the sockets and streams are told to go; without that, a graceful shutdown
    /// would wait for them for ever.
    ///
    /// # Errors
    /// If the schema is not valid; all of its mistakes.
    pub fn new<G, F>(
        engine: E,
        sdl: &str,
        fits: Fits,
        settings: Settings,
        newest_only: &'static [&'static str],
        closing: watch::Receiver<bool>,
        greet: G,
    ) -> Result<Self, String>
    where
        G: Fn(Asked) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Greeted, ServerError>> + Send + 'static,
    {
        let documents = Documents::of(sdl, fits, settings.bounds)?;
        let places = Places::new(settings.places_most, settings.places_for_one);
        let budgets = Budgets::new(settings.points_a_minute, settings.text_bytes_a_day);
        let forwarded_by = settings.forwarded_by.clone().map(ForwardedBy::new);
        let greet = Box::new(move |asked| greet(asked).boxed());
        let (answers, topics, traffic) = (Answers::new(), Topics::new(newest_only), Traffic::default());
        let (aside, ahead) = (Aside::new(), Ahead::default());
        let shared = Shared {
            engine,
            greet,
            aside,
            documents,
            answers,
            ahead,
            topics,
            places,
            traffic,
            budgets,
            forwarded_by,
            settings,
            closing,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// What is counted here.
    pub(super) fn traffic(&self) -> &Traffic {
        &self.shared.traffic
    }

    /// The answers that are kept.
    pub(super) fn kept(&self) -> &Answers {
        &self.shared.answers
    }

    /// Counts what did not get as far as a question.
    pub(super) fn turn_away(&self, way: Way, refused: Refused) -> Refused {
        self.shared.traffic.note(way, Outcome::of(std::slice::from_ref(&refused.error)));
        refused
    }

    /// Where heavy work is done.
    pub(super) fn aside(&self) -> &Aside {
        &self.shared.aside
    }

    /// What is known about whoever sent a request by this way.
    pub(super) fn asked(&self, way: Way, headers: &HeaderMap, extensions: &Extensions) -> Asked {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let address = self.address(headers, extensions);
        Asked {
            bearer: text(header::AUTHORIZATION).and_then(credentials).map(str::to_owned),
            languages: text(header::ACCEPT_LANGUAGE).map(str::to_owned),
            allowance: self.shared.budgets.allowance(address),
            address,
            way,
            coming: None,
        }
    }

    /// The same for the next request on a connection that lasts.
    pub(super) fn asked_again(&self, asked: &Asked) -> Asked {
        Asked { allowance: self.shared.budgets.allowance(asked.address), ..asked.clone() }
    }

    /// Looks whether the answer is at hand; else judges the document, chooses the operation and checks
    /// the variables. A document on which the judgement falls over is refused.
    pub(super) async fn prepare(
        &self,
        question: Question,
        asked: &Asked,
    ) -> Result<Prepared, Vec<ServerError>> {
        let prepared = match asked.allowance.look() {
            Ok(()) => self.find_or_judge(question, asked).await,
            Err(fault) => Err(vec![fault.into()]),
        };
        prepared.inspect_err(|errors| self.shared.traffic.note(asked.way, Outcome::of(errors)))
    }

    /// What was asked before by the same body, word for word, and answered. Where that is past, one of all
    /// who ask reads it again, and the others wait for the answer.
    pub(super) fn asked_before(&self, body: &Body, bytes: &Bytes, asked: &Asked) -> Option<Prepared> {
        let key = self.shared.answers.asked_by(body)?;
        // Whoever may not even look is told so where it is read.
        asked.allowance.look().ok()?;
        Some(match self.shared.answers.find(&key) {
            Some(answer) => self.given(answer),
            None => Prepared { kind: OperationType::Query, next: Next::Known(key, bytes.clone()) },
        })
    }

    fn given(&self, answer: Arc<Answer>) -> Prepared {
        self.shared.answers.figures().given.add(1);
        Prepared { kind: OperationType::Query, next: Next::Given(answer) }
    }

    /// An answer that is at hand is found at once; only the judgement may have to be made aside.
    async fn find_or_judge(&self, question: Question, asked: &Asked) -> Result<Prepared, Vec<ServerError>> {
        let (key, bytes) = (Key::of(&question, asked), question.bytes);
        if let Some((key, answer)) = key.and_then(|key| Some((key, self.shared.answers.find(&key)?))) {
            if let Some(body) = question.body {
                self.shared.answers.learn(body, key);
            }
            return Ok(self.given(answer));
        }
        let runnable = self.judge(question, bytes).await?;
        Ok(Prepared { kind: runnable.kind, next: Next::Made(Box::new(runnable), key) })
    }

    async fn judge(&self, question: Question, bytes: usize) -> Result<Runnable, Vec<ServerError>> {
        let judge = || {
            let judged = AssertUnwindSafe(|| self.shared.documents.prepare(question));
            panic::catch_unwind(judged).unwrap_or_else(|panic| Err(vec![fault::panic(&*panic)]))
        };
        self.aside().work(bytes, judge).await
    }

    /// Asks who is there. Whoever panics here refuses, and so does whoever takes too long.
    pub(super) async fn greet(&self, asked: Asked) -> Result<Greeted, ServerError> {
        let greeting = AssertUnwindSafe((self.shared.greet)(asked)).catch_unwind();
        match timeout(self.shared.settings.query_wait, greeting).await {
            Ok(Ok(greeted)) => greeted,
            Ok(Err(panic)) => Err(fault::panic(&*panic)),
            Err(_) => Err(fault::too_slow()),
        }
    }

    /// Answers a query or a mutation once.
    pub(super) async fn answer(&self, prepared: Prepared, asked: Asked) -> Arc<Answer> {
        let (way, allowance) = (asked.way, asked.allowance.clone());
        let answer = match prepared.next {
            Next::Given(answer) => answer,
            Next::Known(key, body) => {
                self.shared.ahead.note(key, &body, &asked);
                self.shared.answers.find_or(&key, || self.execute_again(body, asked)).await
            }
            Next::Made(runnable, Some(key)) if prepared.kind == OperationType::Query => {
                self.shared.answers.find_or(&key, || self.execute(*runnable, asked)).await
            }
            Next::Made(runnable, _) => Arc::new(self.execute(*runnable, asked).await.0),
        };
        self.shared.traffic.note(way, Outcome::of(&answer.errors));
        match allowance.left() {
            Some(left) => answer.telling(left),
            None => answer,
        }
    }

    /// An answer, packed. That is done once for all who want one that is kept.
    pub(super) async fn packed(&self, answer: &Arc<Answer>) -> Bytes {
        let (packed, is_new) = self.aside().work(answer.json.len(), || answer.packed()).await;
        if is_new {
            self.shared.answers.weigh(answer);
        }
        packed
    }

    /// Executes what a body asks that was answered before.
    async fn execute_again(&self, body: Bytes, asked: Asked) -> (Answer, Option<Standing>) {
        let Ok(Questions::One(question)) = Questions::from_body(&body, self.settings().batch_most) else {
            unreachable!("only a body that is one question is learned");
        };
        match self.judge(question, body.len()).await {
            Ok(runnable) => self.execute(runnable, asked).await,
            Err(errors) => (errors.into(), None),
        }
    }

    /// Executes an operation, in time.
    ///
    /// A query that takes too long is given up. Of a change that takes too long nobody can say here
    /// whether it was made: what the ledger was given it does, also when nobody waits for it any more.
    async fn execute(&self, runnable: Runnable, asked: Asked) -> (Answer, Option<Standing>) {
        let Runnable { mut request, roots, kind, repeats } = runnable;
        let Greeted { data, standing } = match self.greet(asked).await {
            Ok(greeted) => greeted,
            Err(error) => return (vec![error].into(), None),
        };
        request.data = data;
        if !repeats {
            request.data.insert(WrittenAtOnce);
        }
        let Settings { query_wait, mutation_wait, .. } = self.shared.settings;
        let (wait, late): (_, fn() -> ServerError) = match kind {
            OperationType::Mutation => (mutation_wait, fault::outcome_unknown),
            OperationType::Query | OperationType::Subscription => (query_wait, fault::too_slow),
        };
        let executing = AssertUnwindSafe(self.shared.engine.execute(request)).catch_unwind();
        let mut response = match timeout(wait, executing).await {
            Ok(Ok(response)) => response,
            Ok(Err(panic)) => fault::panicked(&*panic),
            Err(_) => return (vec![late()].into(), standing),
        };
        in_order(&mut response.data, &roots);
        (response.into(), standing)
    }

    /// Answers an operation of any kind, as often as it has something to say. Listeners to the same
    /// are told by one execution, and some of them in their seats.
    pub(super) fn listen(
        &self,
        prepared: Prepared,
        asked: Asked,
        seat: Arc<Seat>,
    ) -> BoxStream<'static, Arc<Answer>> {
        let door = self.clone();
        let is_subscription = prepared.kind == OperationType::Subscription;
        let listening = is_subscription.then(|| self.shared.traffic.subscriptions.enter());
        // In a box of its own, so that what is needed at the start only is gone afterwards.
        let answers = match prepared.next {
            Next::Made(runnable, key) if prepared.kind == OperationType::Subscription => {
                async move { door.subscribe(*runnable, key, asked, seat).await }.boxed()
            }
            next => async move {
                let answer = door.answer(Prepared { next, ..prepared }, asked).await;
                stream::once(future::ready(answer)).boxed()
            }
            .boxed(),
        };
        let until_the_end = move |answer| {
            let _is_there = &listening;
            answer
        };
        answers.flatten_stream().map(until_the_end).boxed()
    }

    async fn subscribe(
        self,
        Runnable { mut request, roots, repeats, .. }: Runnable,
        key: Option<Key>,
        asked: Asked,
        seat: Arc<Seat>,
    ) -> BoxStream<'static, Arc<Answer>> {
        let way = asked.way;
        let greeted = self.greet(asked).await;
        let refused = greeted.as_ref().err().map(std::slice::from_ref);
        self.shared.traffic.note(way, Outcome::of(refused.unwrap_or_default()));
        let Greeted { data, standing } = match greeted {
            Ok(greeted) => greeted,
            Err(error) => return stream::once(future::ready(Arc::new(vec![error].into()))).boxed(),
        };
        if !repeats {
            request.data.insert(WrittenAtOnce);
        }
        let begin = || {
            AssertUnwindSafe(self.shared.engine.execute_stream(request, Some(Arc::new(data))))
                .catch_unwind()
                .map(|answer| answer.unwrap_or_else(|panic| fault::panicked(&*panic)))
                .map(|answer| Arc::new(answer.into()))
                .boxed()
        };
        match (key, standing) {
            (Some(key), Some(standing)) => {
                let subject = roots.first().map_or("", |root| &*root.name);
                self.shared.topics.join(key, subject, standing, seat, begin)
            }
            _ => begin(),
        }
    }

    /// Takes a place for a connection that lasts.
    pub(super) fn take_place(
        &self,
        way: Way,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<(Place, Present), ServerError> {
        let place = self.shared.places.take(self.address(headers, extensions)).map_err(Full::error)?;
        if let Some(line) = extensions.get::<Line>() {
            line.lasts();
        }
        Ok((place, self.shared.traffic.connect(way)))
    }

    fn address(&self, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
        let peer = extensions.get::<Line>().map(|line| line.peer.ip());
        match &self.shared.forwarded_by {
            Some(header) => header.client(headers, peer),
            None => {
                warn_of_proxy(headers, peer);
                peer
            }
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

/// Puts the fields of an answer into the order in which they are asked for. Below its root, objects
/// resolve theirs one after the other; the engine lets those at the root race.
fn in_order(data: &mut Value, roots: &[Root]) {
    if let Value::Object(fields) = data {
        fields.sort_by_cached_key(|key, _| roots.iter().position(|root| root.key == *key));
    }
}
