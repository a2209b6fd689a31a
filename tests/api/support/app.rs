//! A service on a fresh database, with organisations and one account a role.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::OnceLock;

use actix_web::dev::Service as _;
use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shirube::app::plans::PlanCache;
use shirube::app::secrets::{hash_of_password, hash_of_secret};
use shirube::app::{Office, Sealer};
use shirube::clock::Clock;
use shirube::config::HttpConfig;
use shirube::domain::access::{Role, Scope};
use shirube::domain::ids::{ApiKeyId, HubCode, PrefectureCode, UserId};
use shirube::domain::organisation::{ApiKey, Hub, Prefecture, User};
use shirube::domain::scorecard::{MarketType, Settings};
use shirube::domain::template::Templates;
use shirube::domain::text::Text;
use shirube::http::edge::edge;
use shirube::http::server::configure;
use shirube::http::state::State;
use shirube::http::tokens::TokenKeys;
use shirube::storage::{self, Conn, Db, StorageError};

use super::client::{Client, Service};
use super::dump::Dump;
use super::{contract, logs};
use crate::database::TestDatabase;

/// What signs access tokens in tests.
pub const SECRET: &str = "the-tests-secret-of-32-bytes-min";
/// The password of every seeded account that has one.
const PASSWORD: &str = "correct horse 馬";

/// The time that a test's clock shows: a Sunday noon in Japan. The last month
/// that has ended is October 2026.
pub fn now() -> DateTime<Utc> {
    "2026-11-22T03:00:00Z".parse().unwrap()
}

/// Who calls. The hub `yamagata` and its prefecture 06 are everybody's own
/// ones; `yonezawa` is in the same prefecture, `ehime` in 38.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    National,
    Prefecture,
    Hub,
    ViewerOfNation,
    ViewerOfPrefecture,
    ViewerOfHub,
    Operator,
    /// The prefecture 38.
    OtherPrefecture,
    /// The hub `yonezawa`.
    Neighbour,
    /// The hub `ehime`.
    OtherHub,
}

impl Actor {
    const ALL: [Self; 10] = [
        Self::National,
        Self::Prefecture,
        Self::Hub,
        Self::ViewerOfNation,
        Self::ViewerOfPrefecture,
        Self::ViewerOfHub,
        Self::Operator,
        Self::OtherPrefecture,
        Self::Neighbour,
        Self::OtherHub,
    ];

    /// One for each role and breadth of its scope.
    pub const ROLES: [Self; 7] = [
        Self::National,
        Self::Prefecture,
        Self::Hub,
        Self::ViewerOfNation,
        Self::ViewerOfPrefecture,
        Self::ViewerOfHub,
        Self::Operator,
    ];

    pub const fn role(self) -> Role {
        match self {
            Self::National => Role::National,
            Self::Prefecture | Self::OtherPrefecture => Role::Prefecture,
            Self::Hub | Self::Neighbour | Self::OtherHub => Role::Hub,
            Self::ViewerOfNation | Self::ViewerOfPrefecture | Self::ViewerOfHub => Role::Viewer,
            Self::Operator => Role::Operator,
        }
    }

    pub fn scope(self) -> Scope {
        let prefecture = |code: &str| Scope::Prefecture(PrefectureCode(code.to_owned()));
        let hub = |code: &str| Scope::Hub(HubCode(code.to_owned()));
        match self {
            Self::National | Self::ViewerOfNation | Self::Operator => Scope::Nation,
            Self::Prefecture | Self::ViewerOfPrefecture => prefecture("06"),
            Self::OtherPrefecture => prefecture("38"),
            Self::Hub | Self::ViewerOfHub => hub("yamagata"),
            Self::Neighbour => hub("yonezawa"),
            Self::OtherHub => hub("ehime"),
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::National => "national",
            Self::Prefecture => "prefecture",
            Self::Hub => "hub",
            Self::ViewerOfNation => "viewer-of-nation",
            Self::ViewerOfPrefecture => "viewer-of-prefecture",
            Self::ViewerOfHub => "viewer-of-hub",
            Self::Operator => "operator",
            Self::OtherPrefecture => "other-prefecture",
            Self::Neighbour => "neighbour",
            Self::OtherHub => "other-hub",
        }
    }

    /// The identifier of the account; sorts before those that the service makes.
    pub fn user_id(self) -> String {
        format!("00-{}", self.code())
    }

    pub fn key_id(self) -> String {
        format!("00-key-{}", self.code())
    }

    pub fn email(self) -> String {
        format!("{}@example.jp", self.code())
    }
}

/// The service with its database, reached without a socket.
pub struct App {
    service: Service,
    pub state: State,
    pub clock: Clock,
    keys: Rc<BTreeMap<Actor, String>>,
    // Last, so that it outlives the connections to it.
    database: Rc<TestDatabase>,
}

impl App {
    pub async fn new() -> Self {
        Self::with_clock(Clock::fixed(now())).await
    }

    /// With another clock: access tokens are checked against the system's.
    pub async fn with_clock(clock: Clock) -> Self {
        logs::capture();
        let database = Rc::new(TestDatabase::from_env());
        let db = database.open();
        let keys = db.write(seed).unwrap();
        Self::on(database, db, clock, Rc::new(keys)).await
    }

    /// The same database under a service that has just been started.
    pub async fn restarted(&self) -> Self {
        let database = Rc::clone(&self.database);
        let db = database.open();
        Self::on(database, db, self.clock.clone(), Rc::clone(&self.keys)).await
    }

    async fn on(
        database: Rc<TestDatabase>,
        db: Db,
        clock: Clock,
        keys: Rc<BTreeMap<Actor, String>>,
    ) -> Self {
        let state = state(db, clock.clone());
        Self {
            service: service(state.clone()).await,
            state,
            clock,
            keys,
            database,
        }
    }

    /// The same database behind another service.
    pub fn replace_service(&mut self, service: Service) {
        self.service = service;
    }

    /// A caller without a credential.
    pub fn anonymous(&self) -> Client {
        Client::new(Rc::clone(&self.service))
    }

    /// A caller with an API key or access token.
    pub fn with_token(&self, token: &str) -> Client {
        self.anonymous()
            .with("Authorization", &format!("Bearer {token}"))
    }

    /// A caller with the API key of a seeded account.
    pub fn client(&self, actor: Actor) -> Client {
        self.with_token(self.key(actor))
    }

    pub fn key(&self, actor: Actor) -> &str {
        &self.keys[&actor]
    }

    pub fn as_national(&self) -> Client {
        self.client(Actor::National)
    }

    pub fn as_prefecture(&self) -> Client {
        self.client(Actor::Prefecture)
    }

    pub fn as_hub(&self) -> Client {
        self.client(Actor::Hub)
    }

    pub fn as_viewer(&self) -> Client {
        self.client(Actor::ViewerOfPrefecture)
    }

    pub fn as_operator(&self) -> Client {
        self.client(Actor::Operator)
    }

    /// Creates a scorecard; returns its identifier.
    pub async fn scorecard(&self, body: &Value) -> String {
        let created = self
            .as_national()
            .post("/v1/scorecards", body)
            .await
            .expect(201);
        created["id"].as_str().unwrap().to_owned()
    }

    /// A scorecard of `yamagata` with the fixtures' own definition.
    pub async fn own_scorecard(&self) -> String {
        self.scorecard(&super::fixtures::own_scorecard("yamagata"))
            .await
    }

    /// Reports values of a month as the national office; they must be applied.
    pub async fn report(&self, scorecard: &str, month: &str, values: Value) -> Value {
        let body = json!({ "month": month, "values": values });
        let answer = self
            .as_national()
            .post(&format!("/v1/scorecards/{scorecard}/actuals"), &body)
            .await
            .expect(200);
        assert_eq!(answer["outcome"], "applied", "{body}");
        answer
    }

    /// Gives an account a password; returns it.
    pub fn set_password(&self, actor: Actor) -> &'static str {
        static HASH: OnceLock<String> = OnceLock::new();
        let hash = HASH.get_or_init(|| hash_of_password(PASSWORD).unwrap());
        let id = UserId(actor.user_id());
        self.write(|conn| storage::users::set_password(conn, &id, hash));
        PASSWORD
    }

    pub fn write<T>(&self, work: impl FnMut(&mut Conn) -> Result<T, StorageError>) -> T {
        self.state.db.write(work).unwrap()
    }

    /// Everything that is stored.
    pub fn dump(&self) -> Dump {
        Dump::of(self.database.url())
    }

    pub fn database(&self) -> &TestDatabase {
        &self.database
    }
}

/// A state without rate limits.
pub fn state(db: Db, clock: Clock) -> State {
    limited_state(db, clock, None, None)
}

/// The templates, read once.
fn templates() -> Templates {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    TEMPLATES
        .get_or_init(|| Templates::embedded().unwrap())
        .clone()
}

/// What operations know of the service in tests.
pub fn office() -> Office {
    Office {
        sealer: Sealer::new(SECRET).unwrap(),
        public_url: Some("https://shirube.example".to_owned()),
        quiet: std::time::Duration::from_secs(900),
        plans: PlanCache::default(),
    }
}

/// A state with so many sign-ins and requests a minute.
pub fn limited_state(db: Db, clock: Clock, sign_ins: Option<u32>, requests: Option<u32>) -> State {
    let http = HttpConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        public_url: None,
        sign_ins: sign_ins.and_then(std::num::NonZeroU32::new),
        requests: requests.and_then(std::num::NonZeroU32::new),
        workers: Some(1),
    };
    State::new(
        db,
        clock,
        office(),
        templates(),
        Settings::default(),
        TokenKeys::from_secret(SECRET).unwrap(),
        &http,
    )
}

/// Everything that a worker of the server answers, as a function.
pub async fn service(state: State) -> Service {
    let state = Data::new(state);
    let document = contract::document();
    let app = actix_web::App::new()
        .configure(|config| configure(config, &state, &document))
        .wrap(from_fn(edge));
    let service = Rc::new(actix_web::test::init_service(app).await);
    Rc::new(move |request| {
        let service = Rc::clone(&service);
        let mut request = request.to_request();
        if request
            .head()
            .headers
            .contains_key(header::TRANSFER_ENCODING)
        {
            request.headers_mut().remove(header::CONTENT_LENGTH);
        }
        Box::pin(async move {
            match service.call(request).await {
                Ok(response) => response.into_parts().1,
                // What the server does with an error that leaves the service.
                Err(error) => error.error_response(),
            }
        })
    })
}

pub fn prefecture(code: &str) -> Prefecture {
    let (ja, en, market_type) = match code {
        "06" => ("山形県", "Yamagata", MarketType::Growth),
        _ => ("愛媛県", "Ehime", MarketType::Mature),
    };
    Prefecture {
        code: PrefectureCode(code.to_owned()),
        name: Text::new(ja, en),
        market_type,
    }
}

/// Two prefectures, three hubs, one account and key a role.
fn seed(conn: &mut Conn) -> Result<BTreeMap<Actor, String>, StorageError> {
    for code in ["06", "38"] {
        storage::prefectures::insert(conn, &prefecture(code), now())?;
    }
    for (code, ja, en, of) in [
        ("yamagata", "山形拠点", "Yamagata hub", "06"),
        ("yonezawa", "米沢拠点", "Yonezawa hub", "06"),
        ("ehime", "愛媛拠点", "Ehime hub", "38"),
    ] {
        let hub = Hub {
            code: HubCode(code.to_owned()),
            name: Text::new(ja, en),
            prefecture: prefecture(of),
        };
        storage::hubs::insert(conn, &hub, now())?;
    }
    let mut keys = BTreeMap::new();
    for actor in Actor::ALL {
        let secret = format!("shk_{}", actor.code());
        let user = User {
            id: UserId(actor.user_id()),
            email: actor.email(),
            name: format!("担当 {}", actor.code()),
            role: actor.role(),
            scope: actor.scope(),
            active: true,
            sessions_epoch: 0,
            created_at: now(),
        };
        // No password fits this.
        storage::users::insert(conn, &user, "-")?;
        let key = ApiKey {
            id: ApiKeyId(actor.key_id()),
            owner: user.id,
            name: "テスト".to_owned(),
            role: actor.role(),
            scope: actor.scope(),
            expires_at: None,
            created_at: now(),
            made_with: None,
        };
        storage::api_keys::insert(conn, &key, &hash_of_secret(&secret))?;
        keys.insert(actor, secret);
    }
    Ok(keys)
}
