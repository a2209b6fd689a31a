//! A scorecard among its peers: aggregates only.

use actix_web::get;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Answer, Call};
use super::problems_doc::ThingProblems;
use super::views::{Name, Number, name, number};
use crate::app::peers::{self, Compared};
use crate::app::{as_of, scorecards};
use crate::domain::access::Permission;
use crate::domain::comparison::{
    HUBS_MIN, Quartiles, Standing, UNSEEN_HUBS_MIN, Withheld, conversion_links,
};
use crate::domain::month::Month;

/// Why nothing is said of the peers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WithheldReason)]
struct WithheldView {
    /// `no_template` or `too_few_hubs`.
    #[schema(example = "too_few_hubs")]
    code: &'static str,
    #[serde(flatten)]
    words: Name,
}

impl From<Withheld> for WithheldView {
    fn from(withheld: Withheld) -> Self {
        Self {
            code: withheld.code(),
            words: name(&withheld.words()),
        }
    }
}

/// Where the scorecard stands with one figure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Standing)]
struct StandingView {
    /// The scorecard's own figure; null where it cannot be compared.
    own: Option<Number>,
    /// Hubs with this figure, the own one included.
    #[schema(example = 23)]
    hubs: usize,
    /// A quarter of the hubs lie at or below (`QUARTILE.INC`).
    lower_quartile: Option<Number>,
    median: Option<Number>,
    /// A quarter of the hubs lie at or above.
    upper_quartile: Option<Number>,
    /// 1 is the best; equal figures share a rank.
    rank: Option<usize>,
    /// Why quartiles and rank are null; null where they are not withheld.
    withheld: Option<&'static str>,
}

impl StandingView {
    fn of(standing: &Standing, withheld: Option<Withheld>) -> Self {
        let part = |part: fn(&Quartiles) -> &crate::domain::amount::Exact| {
            number(standing.quartiles.as_ref().map(part))
        };
        Self {
            own: number(standing.own.as_ref()),
            hubs: standing.hubs,
            lower_quartile: part(|quartiles| &quartiles.lower),
            median: part(|quartiles| &quartiles.median),
            upper_quartile: part(|quartiles| &quartiles.upper),
            rank: standing.rank,
            withheld: withheld.or(standing.withheld).map(Withheld::code),
        }
    }
}

/// A conversion link among the peers': its actual rate.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PeerLink)]
struct PeerLinkView {
    from: Vec<String>,
    to: Vec<String>,
    #[serde(flatten)]
    standing: StandingView,
}

/// An item among the peers': its attainment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PeerItem)]
struct PeerItemView {
    #[schema(example = "consult-seminar")]
    key: String,
    name: Name,
    #[schema(example = "consult")]
    stage: &'static str,
    #[serde(flatten)]
    standing: StandingView,
}

/// A scorecard among the hubs with the same template and market type.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Peers)]
struct PeersView {
    #[schema(value_type = String, example = "2028-09")]
    month: Month,
    /// The month of the programme at which all are compared.
    #[schema(example = 30)]
    programme_month: u32,
    template: Option<String>,
    #[schema(example = "mature")]
    market_type: &'static str,
    /// Hubs that have reported that month, the own one included.
    #[schema(example = 24)]
    hubs: usize,
    /// Hubs, the own one included, below which a figure is withheld.
    #[schema(example = 5)]
    hubs_min: usize,
    /// Hubs outside the caller's scope below which a figure is withheld, unless there are none.
    #[schema(example = 4)]
    unseen_hubs_min: usize,
    /// Why nothing at all can be said; null where something can.
    withheld: Option<WithheldView>,
    /// Conversion links, in plan order.
    links: Vec<PeerLinkView>,
    /// All items, in plan order.
    items: Vec<PeerItemView>,
}

impl From<&Compared> for PeersView {
    fn from(compared: &Compared) -> Self {
        let comparison = &compared.comparison;
        let everything = match &compared.scorecard.template {
            None => Some(Withheld::NoTemplate),
            Some(_) if comparison.hubs < HUBS_MIN => Some(Withheld::TooFewHubs),
            Some(_) => None,
        };
        let links = conversion_links(&compared.plan).zip(&comparison.links);
        let items = compared.plan.definition.items.iter().zip(&comparison.items);
        Self {
            month: compared.month,
            programme_month: compared.at.t(),
            template: compared.scorecard.template.clone(),
            market_type: compared.scorecard.market_type.code(),
            hubs: comparison.hubs,
            hubs_min: HUBS_MIN,
            unseen_hubs_min: UNSEEN_HUBS_MIN,
            withheld: everything.map(WithheldView::from),
            links: links
                .map(|(link, standing)| PeerLinkView {
                    from: link.from.clone(),
                    to: link.to.clone(),
                    standing: StandingView::of(standing, everything),
                })
                .collect(),
            items: items
                .map(|(item, standing)| PeerItemView {
                    key: item.key.clone(),
                    name: name(&item.name),
                    stage: item.stage.code(),
                    standing: StandingView::of(standing, everything),
                })
                .collect(),
        }
    }
}

/// Compare with peers
///
/// Conversion rates and attainments among all hubs of the nation with the same
/// template and market type, at the same month of their programmes; without
/// `month`, at the last month reported. A hub counts once, with the scorecard
/// that began last. Only aggregates are shown, and none below five hubs.
#[utoipa::path(
    operation_id = "get_peers",
    tag = "scorecards",
    params(
        super::openapi::ScorecardPath,
        ("month" = Option<String>, Query, description = "The month, `YYYY-MM`.", example = "2028-09"),
        super::openapi::IfNoneMatchHeader, super::openapi::KnownAt,
    ),
    responses(
        (status = 200, description = "The comparison.", body = PeersView, headers(("ETag" = String, description = "The revision, and of these very bytes: peers change them, too."))),
        (status = 304, description = "Unchanged since the answer named in `If-None-Match`."),
        ThingProblems,
    ),
)]
#[get("/v1/scorecards/{id}/peers")]
pub async fn get_peers(call: Call) -> Answer {
    call.read(Permission::ReadData, |session, input, _| {
        let scorecard = scorecards::find(session, &input.scorecard())?;
        let query = input.query()?;
        let mut query = query.read();
        let month = query.month("month");
        let known_at = query.known_at(session.now);
        query.finish()?;
        let scorecard = as_of::scorecard(session, scorecard, known_at)?;
        let compared = peers::peers(session, scorecard, month)?;
        let revision = compared.scorecard.revision;
        input.answer(Some(revision), &PeersView::from(&compared))
    })
    .await
}
