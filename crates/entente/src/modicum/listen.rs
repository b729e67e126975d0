//! Signed offers on their way to a solver, over HTTP.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use modicum_solver::{Board, NotTaken, SignedOffer};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};
use web::{Addresses, AskError, Rate, refuse};

use crate::{exit::Failure, output::Output, rpc::RpcUrl};

/// Longer than this no solver is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// A signed offer has one or two kilobytes.
const LARGEST_BODY: usize = 1 << 14;
/// The name of an offer, in JSON.
const LARGEST_ANSWER: usize = 1 << 10;
/// What one address may send. Proxies hide many behind one.
const ADDRESS_RATE: Rate = Rate { burst: 60, per_second: 5 };
/// From one time an offer is sent to the next: a solver that was started anew has none.
pub const AGAIN: Duration = Duration::from_secs(15);

struct Shared {
    board: Arc<Mutex<Board>>,
    addresses: Addresses,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that panics leaves half a change behind.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes signed offers as long as this program runs: `POST /offers`.
pub async fn serve(address: SocketAddr, board: Arc<Mutex<Board>>) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let shared = Arc::new(Shared { board, addresses: Addresses::new(ADDRESS_RATE) });
    let router = Router::new().route("/offers", post(take)).layer(DefaultBodyLimit::max(LARGEST_BODY));
    tokio::spawn(web::serve(listener, router.with_state(shared), std::future::pending()));
    Ok(address)
}

async fn take(State(shared): State<Arc<Shared>>, ConnectInfo(from): ConnectInfo<SocketAddr>, body: Bytes) -> Response {
    if !shared.addresses.admit(from) {
        return refuse(StatusCode::TOO_MANY_REQUESTS, &"too many offers from this address; wait a little");
    }
    let offer: SignedOffer = match serde_json::from_slice(&body) {
        Ok(offer) => offer,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &format!("this is no signed offer: {error}")),
    };
    match locked(&shared.board).add(offer) {
        Ok(name) => Json(json!({ "offer": name })).into_response(),
        Err(error @ NotTaken::Foreign { .. }) => refuse(StatusCode::FORBIDDEN, &error),
        Err(error @ NotTaken::Full { .. }) => refuse(StatusCode::INSUFFICIENT_STORAGE, &error),
    }
}

/// Sends a signed offer to a solver.
pub async fn send(solver: &RpcUrl, offer: &SignedOffer) -> anyhow::Result<()> {
    let client = web::client(solver.expose()).timeout(PATIENCE).build().map_err(AskError::Setup)?;
    let url = format!("{}/offers", solver.expose().trim_end_matches('/'));
    let request = client.post(url).header("content-type", "application/json").body(serde_json::to_vec(offer)?);
    // What was asked may hold a secret; its origin does not.
    let _: Value = web::ask(&format!("the solver at {solver}"), request, LARGEST_ANSWER).await?;
    Ok(())
}

/// Sends a solver what is offered, when that changes and `again` and again, until nobody says any more what is.
pub async fn keep_sent<T: Clone>(
    output: Output,
    solver: RpcUrl,
    mut offered: watch::Receiver<Option<T>>,
    again: Duration,
    sign: impl Fn(T) -> anyhow::Result<SignedOffer>,
) {
    let mut told = None;
    loop {
        let offer = offered.borrow_and_update().clone();
        let failed = match offer.map(&sign).transpose() {
            Ok(Some(offer)) => send(&solver, &offer).await.err(),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        let failed = failed.map(|error| format!("{error:#}"));
        if failed != told {
            match &failed {
                Some(failure) => output.progress(format_args!("{failure}; it is sent again")),
                None => output.progress(format_args!("the solver at {solver} answers again")),
            }
            told = failed;
        }
        tokio::select! {
            changed = offered.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(again) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use ::modicum::JobOffer;
    use alloy::{
        primitives::{Address, B256},
        signers::local::PrivateKeySigner,
    };
    use bindings::modicum::{Place, sign_offer};

    use super::*;

    const PLACE: Place = Place { chain_id: 1, market: Address::ZERO, token: Address::ZERO, block: 0 };

    fn signed(key: &PrivateKeySigner) -> SignedOffer {
        let offer = JobOffer {
            creator: key.address(),
            deposit: 1,
            instruction_limit: 1,
            memory_limit: 1,
            storage_limit: 1,
            bandwidth_limit: 1,
            max_instruction_price: 1,
            max_bandwidth_price: 1,
            architecture: 0,
            meter_id: B256::ZERO,
            base_layer: B256::ZERO,
            job_hash: B256::ZERO,
            directory: 0,
            deadline: 1,
            nonce: 0,
        };
        let signature = sign_offer(key, PLACE.chain_id, PLACE.market, offer.name()).expect("a signature");
        SignedOffer::Job { offer, signature }
    }

    async fn listening(address: &str) -> (String, Arc<Mutex<Board>>) {
        let board = Arc::new(Mutex::new(Board::new(PLACE)));
        let address = serve(address.parse().expect("an address"), Arc::clone(&board)).await.expect("a server");
        (format!("http://{address}"), board)
    }

    #[tokio::test]
    async fn what_is_sent_is_bounded_in_size_and_number() {
        let (url, board) = listening("127.0.0.1:0").await;
        let client = web::client(&url).timeout(PATIENCE).build().expect("a client");
        let url = format!("{url}/offers");
        let post = async |body: Vec<u8>| client.post(&url).body(body).send().await.expect("an answer").status();
        let offer = signed(&PrivateKeySigner::random());
        assert_eq!(post(serde_json::to_vec(&offer).expect("JSON")).await, 200);
        assert_eq!(locked(&board).offers().count(), 1);
        assert_eq!(post(vec![b' '; LARGEST_BODY + 1]).await, 413);
        let mut last = post(b"nonsense".to_vec()).await;
        assert_eq!(last, 400);
        for _ in 0..5000 {
            if last == 429 {
                return;
            }
            last = post(b"nonsense".to_vec()).await;
        }
        panic!("nothing was ever refused");
    }

    #[tokio::test]
    async fn a_solver_that_comes_later_or_forgot_is_sent_what_is_offered() {
        // A port that is free, and stays so for a moment.
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        drop(listener);
        let solver: RpcUrl = format!("http://{address}").parse().expect("an address");
        let (offers, offered) = watch::channel(Some(signed(&PrivateKeySigner::random())));
        let again = Duration::from_millis(20);
        let sending = tokio::spawn(keep_sent(Output::new(true), solver, offered, again, Ok));
        let (_, board) = listening(&address).await;
        let holds = async |count| {
            while locked(&board).offers().count() != count {
                tokio::task::yield_now().await;
            }
        };
        let soon = Duration::from_secs(30);
        tokio::time::timeout(soon, holds(1)).await.expect("it is sent when there is somebody");
        *locked(&board) = Board::new(PLACE);
        tokio::time::timeout(soon, holds(1)).await.expect("it is sent again");
        offers.send_replace(Some(signed(&PrivateKeySigner::random())));
        tokio::time::timeout(soon, holds(2)).await.expect("another one is sent");
        drop(offers);
        tokio::time::timeout(soon, sending).await.expect("it ends").expect("it does not panic");
    }
}
