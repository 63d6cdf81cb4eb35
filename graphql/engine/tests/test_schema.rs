//! A schema that does everything a transport has to carry, and nothing else.

use std::time::Duration;

use async_graphql::{
    Context, Data, Error, ErrorExtensionValues, InputObject, InputValueError, InputValueResult, Object,
    OneofObject, Scalar, ScalarType, Schema, ServerError, Subscription, Value,
};
use futures_util::{Stream, StreamExt, stream};
use graphql_engine::{
    ClientInfo, EngineConfig, EngineSettings, Freshness, FreshnessState, GraphqlEngine, RequestData,
};
use tokio::sync::watch;

pub type TestSchema = Schema<Query, Mutation, Live>;

/// The secret that opens nothing.
pub const WRONG_SECRET: &str = "wrong";
/// The secret whose holder is looked up in a database that is away.
pub const UNLUCKY_SECRET: &str = "unlucky";
/// The secret whose holder is never found.
pub const ENDLESS_SECRET: &str = "endless";
/// The language of those who are all told the same.
pub const COMMON_LANGUAGE: &str = "eo";

/// A door to the service, which closes when the sender says so.
pub fn engine(settings: EngineSettings, closing: watch::Receiver<bool>) -> GraphqlEngine<TestSchema> {
    let schema = Schema::build(Query, Mutation, Live).finish();
    // Its engine looks at the values by itself.
    let config = EngineConfig {
        sdl: &schema.sdl(),
        is_valid_scalar: |_, _| true,
        latest_value_fields: &["tides"],
        settings,
        shutdown_requested: closing,
    };
    GraphqlEngine::new(schema.clone(), config, build_context).expect("the test schema is valid")
}

async fn build_context(asked: ClientInfo) -> Result<RequestData, ServerError> {
    let refused = |code: &str| {
        let mut error = ServerError::new("Not you.", None);
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code);
        error.extensions = Some(extensions);
        error
    };
    match asked.bearer_token.as_deref() {
        Some(WRONG_SECRET) => return Err(refused("UNAUTHENTICATED")),
        Some(UNLUCKY_SECRET) => return Err(refused("UNAVAILABLE")),
        Some(ENDLESS_SECRET) => std::future::pending().await,
        _ => {}
    }
    let is_shared = asked.accept_language.as_deref() == Some(COMMON_LANGUAGE);
    let mut data = Data::default();
    data.insert(asked);
    Ok(RequestData { data, freshness: is_shared.then(|| Freshness::new(|| FreshnessState::Current)) })
}

#[derive(InputObject)]
pub struct Wish {
    text: String,
    #[graphql(default = 3)]
    times: i32,
}

/// One thing or the other.
#[derive(OneofObject)]
pub enum Choice {
    Text(String),
    Number(i32),
}

/// A scalar with an address that specifies it.
#[derive(Clone)]
pub struct Stamp(String);

#[Scalar(specified_by_url = "https://example.org/stamp")]
impl ScalarType for Stamp {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

pub struct Query;

#[Object(cache_control(max_age = 0))]
impl Query {
    /// What was sent.
    async fn echo(&self, text: String) -> String {
        text
    }

    /// A text as long as wanted.
    async fn long(&self, #[graphql(default = 5)] bytes: u32) -> String {
        "x".repeat(bytes as usize)
    }

    /// What was wished for.
    async fn wish(&self, wish: Wish) -> String {
        wish.text.repeat(wish.times.unsigned_abs() as usize)
    }

    /// What was chosen.
    async fn choose(&self, choice: Choice) -> String {
        match choice {
            Choice::Text(text) => text,
            Choice::Number(number) => number.to_string(),
        }
    }

    /// What was stamped.
    #[graphql(deprecation = "Use `echo`. Removed after 2030-01-01.")]
    async fn stamp(&self, stamp: Stamp) -> Stamp {
        stamp
    }

    /// Whoever asks.
    async fn secret(&self, context: &Context<'_>) -> Option<String> {
        context.data_unchecked::<ClientInfo>().bearer_token.clone()
    }

    /// The languages that whoever asks reads.
    async fn languages(&self, context: &Context<'_>) -> Option<String> {
        context.data_unchecked::<ClientInfo>().accept_language.clone()
    }

    /// Kept for a minute.
    #[graphql(cache_control(max_age = 60))]
    async fn lasting(&self) -> bool {
        true
    }

    /// Nobody else's.
    #[graphql(cache_control(private))]
    async fn own(&self) -> bool {
        true
    }

    /// Cannot be answered, which leaves a hole.
    async fn hole(&self) -> Option<Result<bool, Error>> {
        Some(Err(Error::new("no")))
    }

    /// Cannot be answered, which leaves nothing.
    async fn nothing(&self) -> Result<bool, Error> {
        Err(Error::new("no"))
    }

    /// Panics.
    async fn bug(&self, #[graphql(default = true)] really: bool) -> bool {
        assert!(!really, "an inner text");
        really
    }

    /// Never answers.
    async fn endless(&self) -> bool {
        std::future::pending().await
    }

    /// Itself again.
    async fn inner(&self) -> Query {
        Query
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    /// Changes nothing.
    async fn change(&self) -> bool {
        true
    }

    /// Never answers.
    async fn endless(&self) -> bool {
        std::future::pending().await
    }

    /// Panics.
    async fn bug(&self, #[graphql(default = true)] really: bool) -> bool {
        assert!(!really, "an inner text");
        really
    }
}

pub struct Live;

#[Subscription]
impl Live {
    /// So many numbers.
    async fn numbers(&self, #[graphql(default = 3)] count: u32) -> impl Stream<Item = u32> {
        stream::iter(0..count)
    }

    /// One number, then silence.
    async fn silence(&self) -> impl Stream<Item = u32> {
        stream::once(async { 1 }).chain(stream::pending())
    }

    /// Numbers for ever, as fast as they are taken, with a text as long as wanted.
    async fn flood(&self, bytes: u32) -> impl Stream<Item = String> {
        stream::repeat_with(move || "x".repeat(bytes as usize))
    }

    /// A number every so many milliseconds.
    async fn ticks(&self, #[graphql(default = 1000)] every: u32) -> impl Stream<Item = u64> {
        let ticks = tokio::time::interval(Duration::from_millis(every.max(1).into()));
        stream::unfold((ticks, 0), async |(mut ticks, number)| {
            ticks.tick().await;
            Some((number, (ticks, number + 1)))
        })
    }

    /// A number with so many digits every millisecond.
    async fn tides(&self, digits: u32) -> impl Stream<Item = String> {
        let ticks = tokio::time::interval(Duration::from_millis(1));
        let numbers = stream::unfold((ticks, 0), async |(mut ticks, number)| {
            ticks.tick().await;
            Some((number, (ticks, number + 1)))
        });
        numbers.map(move |number| format!("{number:0>width$}", width = digits as usize))
    }

    /// A number, a hole and a number.
    async fn holes(&self) -> impl Stream<Item = Result<u32, Error>> {
        stream::iter([Ok(1), Err(Error::new("no")), Ok(3)])
    }

    /// Panics after a number.
    async fn bugs(&self) -> impl Stream<Item = u32> {
        stream::iter(0..2).map(|number| if number == 0 { number } else { panic!("an inner text") })
    }

    /// Panics before there is anything.
    async fn bug(&self, #[graphql(default = true)] really: bool) -> stream::Empty<u32> {
        assert!(!really, "an inner text");
        stream::empty()
    }

    /// Cannot begin.
    async fn nothing(&self) -> Result<stream::Pending<u32>, Error> {
        Err(Error::new("no"))
    }
}

/// Serves the service until it is told to close.
pub async fn serve(
    listener: tokio::net::TcpListener,
    settings: EngineSettings,
    closing: watch::Receiver<bool>,
) {
    let routes = graphql_engine::routes(engine(settings.clone(), closing.clone()))
        .merge(axum::Router::new().route("/bug", axum::routing::get(bug)));
    let mut closed = closing;
    let shutdown = async move {
        if closed.wait_for(|closing| *closing).await.is_err() {
            std::future::pending().await
        }
    };
    graphql_engine::listener::serve(listener, routes, &settings, shutdown).await.expect("the socket works");
}

/// Falls over before there is any operation.
async fn bug() -> &'static str {
    let address = std::hint::black_box(None);
    address.expect("an inner text")
}
