//! A mix over a real board.

use std::{collections::BTreeSet, future, time::Duration};

use coin_shuffle::{
    Content, Message, Outcome, Output, Participant, Settings, simulation::NamedKey, simulation::member,
};
use mailbox::{Circle, Client, Room, router};
use transax_mixer::{gather, take_part};

/// Long enough for a busy machine, since whoever is silent for so long is left out; joining takes all of it.
const PATIENCE: u64 = 4000;

/// Opens a board; returns where it is.
async fn board() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let room = Room { total_bytes: 1 << 26, box_bytes: 1 << 24, keep_ms: 3_600_000 };
    tokio::spawn(web::serve(listener, router(room), future::pending()));
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn participants_at_a_board_mix() {
    let url = board().await;

    let settings = Settings { session: [1; 32], start: 0, patience: PATIENCE, least: 3, most: 8 };
    let play = |number: u8| {
        let (settings, url) = (settings.clone(), url.clone());
        tokio::spawn(async move {
            let me = member(number.into());
            let board = Client::new(&url, Circle::new([9; 32]), b"mix").expect("a client");
            // Noise that a participant passes over.
            board.post(b"no message").await.expect("a number");
            let output = move |_| Output([number; 20]);
            let mut participant = Participant::new(settings, me, NamedKey(me), [number; 32], output);
            take_part(&board, &mut participant, Duration::from_millis(100)).await.expect("a board")
        })
    };
    let mut outcomes = Vec::new();
    for player in (0..4).map(play).collect::<Vec<_>>() {
        outcomes.push(player.await.expect("it ends"));
    }
    let Some(Outcome::Mixed(joint)) = outcomes.first() else { panic!("{outcomes:?}") };
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Mixed(joint.clone())), "{outcomes:?}");
    let outputs: BTreeSet<Output> = joint.outputs.iter().copied().collect();
    assert_eq!(outputs, (0..4).map(|number| Output([number; 20])).collect());
}

#[tokio::test]
async fn a_board_that_is_not_there_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let settings = Settings { session: [1; 32], start: 0, patience: PATIENCE, least: 3, most: 8 };
    let me = member(0);
    let board = Client::new(&url, Circle::new([9; 32]), b"mix").expect("a client");
    let mut participant = Participant::new(settings, me, NamedKey(me), [0; 32], |_| Output([0; 20]));
    assert!(take_part(&board, &mut participant, Duration::from_millis(1)).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joins_first_begins_and_who_vanishes_then_is_left_out() {
    let url = board().await;

    let session = [2; 32];
    // The board's clock is of no concern to those who gather.
    let settings = Settings { session, start: u64::MAX, patience: PATIENCE, least: 3, most: 8 };
    let client = |url: &str| Client::new(url, Circle::new([9; 32]), &session).expect("a client");
    let gone = NamedKey(member(7));
    let join = Message::signed(session, 0, member(7), Content::Join, &gone);
    client(&url).post(&postcard::to_allocvec(&join).expect("plain data")).await.expect("a number");
    let play = |number: u8| {
        let (settings, board) = (settings.clone(), client(&url));
        tokio::spawn(async move {
            let me = member(number.into());
            let output = move |run: u32| Output([number + 10 * u8::try_from(run).expect("few runs"); 20]);
            let pause = Duration::from_millis(100);
            gather(&board, settings, (me, NamedKey(me)), [number; 32], output, pause).await.expect("a board")
        })
    };
    let mut outcomes = Vec::new();
    for player in (0..3).map(play).collect::<Vec<_>>() {
        outcomes.push(player.await.expect("it ends"));
    }
    let Some(Outcome::Mixed(joint)) = outcomes.first() else { panic!("{outcomes:?}") };
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Mixed(joint.clone())), "{outcomes:?}");
    let outputs: BTreeSet<Output> = joint.outputs.iter().copied().collect();
    assert_eq!(outputs, [10, 11, 12].map(|number| Output([number; 20])).into());
}
