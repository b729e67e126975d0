//! What is known, as JSON documents.

use std::sync::Arc;

use alloy::primitives::Bytes;
use axum::{
    Json, Router,
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bindings::Refused;
use chain::Head;
use runtime::{Modicum, SolidWorx, Transax};
use serde_json::{Value, json};

use crate::{
    abi::ABI,
    competition::Standing,
    day::{self, Day},
    jobs::Overview,
    market::Glance,
    offers::{self, Offers},
    query::{Query, Refusal},
    resources::Cycles,
    serving::{Seat, Shared},
    trades::{self, Trades},
    watched::{Chronicle, News, Seen},
};

/// The data of a revert has some words of 32 bytes.
const LONGEST_REVERT: usize = 1 << 12;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/live", get(web::health))
        .route("/ready", get(ready))
        .route("/api/market", get(market))
        .route("/api/day", get(day))
        .route("/api/offers", get(offers))
        .route("/api/trades", get(trades))
        .route("/api/competition", get(competition))
        .route("/api/modicum", get(modicum))
        .route("/api/solidworx", get(solidworx))
        .route("/api/news", get(news))
        .route("/api/abi", get(abi))
        .route("/api/refusal", get(refusal))
}

pub(crate) async fn nowhere() -> Refusal {
    Refusal::missing("such page here")
}

type Known<P> = (Arc<Seen<<P as runtime::Protocol>::View, <P as Chronicle>::History>>, Head);

/// What is known of a market, once all of its past is.
fn known<P: Chronicle>(seat: Option<&Seat<P>>) -> Result<(&Seat<P>, Known<P>), Refusal> {
    let seat = seat.ok_or_else(|| Refusal::missing(format!("{} market here", P::SYSTEM)))?;
    let snapshot = seat.snapshot();
    let head = snapshot.head.ok_or_else(|| {
        Refusal(StatusCode::SERVICE_UNAVAILABLE, "the market's past is still being read; ask again soon".to_owned())
    })?;
    Ok((seat, (snapshot.view, head)))
}

fn has_caught_up<P: Chronicle>(seat: Option<&Seat<P>>) -> bool {
    seat.is_none_or(|seat| seat.snapshot().head.is_some())
}

async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    let Shared { transax, modicum, solidworx, .. } = &*shared;
    web::well(has_caught_up(transax.as_ref()) && has_caught_up(modicum.as_ref()) && has_caught_up(solidworx.as_ref()))
}

async fn market(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Result<Json<Value>, Refusal> {
    Query::parse(query.as_deref(), &[])?;
    let transax = match &shared.transax {
        Some(_) => {
            let (seat, (seen, head)) = known::<Transax>(shared.transax.as_ref())?;
            Some(Glance::of(&seen.market, seat.market(), seat.token_decimals, head))
        }
        None => None,
    };
    Ok(Json(json!({
        "chain_id": shared.chain_id,
        "transax": transax,
        "modicum": shared.modicum.as_ref().map(Seat::market),
        "solidworx": shared.solidworx.as_ref().map(Seat::market),
    })))
}

async fn day(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Result<Json<Day>, Refusal> {
    let wanted = day::Wanted::parse(query.as_deref())?;
    let (_, (seen, head)) = known(shared.transax.as_ref())?;
    Day::of(&seen.market, head.timestamp, &wanted).map(Json)
}

async fn offers(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Result<Json<Offers>, Refusal> {
    let wanted = offers::Wanted::parse(query.as_deref())?;
    let (_, (seen, head)) = known(shared.transax.as_ref())?;
    Ok(Json(Offers::of(&seen.market, head.timestamp, &wanted)))
}

async fn trades(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Result<Json<Trades>, Refusal> {
    let wanted = trades::Wanted::parse(query.as_deref())?;
    let (_, (seen, _)) = known(shared.transax.as_ref())?;
    Ok(Json(Trades::of(&seen.market, seen.history.winners(), &wanted)))
}

async fn competition(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Result<Json<Standing>, Refusal> {
    Query::parse(query.as_deref(), &[])?;
    let (_, (seen, _)) = known(shared.transax.as_ref())?;
    Ok(Json(Standing::of(&seen.market, &seen.history)))
}

async fn modicum(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Result<Json<Overview>, Refusal> {
    Query::parse(query.as_deref(), &[])?;
    let (seat, (seen, head)) = known::<Modicum>(shared.modicum.as_ref())?;
    Ok(Json(Overview::of(&seen.market, seat.market(), seat.token_decimals, head)))
}

async fn solidworx(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Result<Json<Cycles>, Refusal> {
    Query::parse(query.as_deref(), &[])?;
    let (seat, (seen, head)) = known::<SolidWorx>(shared.solidworx.as_ref())?;
    Ok(Json(Cycles::of(&seen.market, seat.market(), head)))
}

fn latest<P: Chronicle>(seat: Option<&Seat<P>>) -> Vec<News> {
    seat.map_or_else(Vec::new, |seat| seat.snapshot().view.news().map(|(_, news)| news.clone()).collect())
}

/// Of all markets, by block, the newest first.
async fn news(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Result<Json<Value>, Refusal> {
    let limit = Query::parse(query.as_deref(), &["limit"])?.limit(200)?;
    let mut all = latest(shared.transax.as_ref());
    all.extend(latest(shared.modicum.as_ref()));
    all.extend(latest(shared.solidworx.as_ref()));
    // Stable: what is in one block stays in the market's own order.
    all.reverse();
    all.sort_by_key(|news| std::cmp::Reverse(news.block));
    all.truncate(limit);
    Ok(Json(json!({ "news": all })))
}

async fn abi(RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    Query::parse(query.as_deref(), &[])?;
    Ok(([(header::CONTENT_TYPE, "application/json")], ABI.as_str()).into_response())
}

/// What the contract means by the data of a revert, in the command line's words.
async fn refusal(RawQuery(query): RawQuery) -> Result<Json<Value>, Refusal> {
    let query = Query::parse(query.as_deref(), &["data"])?;
    let data = query.text("data").filter(|data| data.starts_with("0x") && data.len() <= LONGEST_REVERT);
    let data: Option<Bytes> = data.and_then(|data| data.parse().ok());
    let data = data.ok_or_else(|| Refusal::bad("data: the data of a revert, 0x and at most 2047 bytes in hex"))?;
    Ok(Json(json!({ "reason": Refused::decode(&data).to_string() })))
}
