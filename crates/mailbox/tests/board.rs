//! A board on a free port.

use http_fuzzer::{Fuzzer, Good};
use mailbox::{Circle, Client, ClientError, PADDED_BYTES, Room, router};
use web::AskError;

async fn board(room: Room) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(web::serve(listener, router(room), std::future::pending()));
    url
}

const ROOM: Room = Room { total_bytes: 1 << 24, box_bytes: 2 * PADDED_BYTES[0], keep_ms: 3_600_000 };

fn client(url: &str, secret: u8, purpose: &[u8]) -> Client {
    Client::new(url, Circle::new([secret; 32]), purpose).expect("a client")
}

#[tokio::test]
async fn a_circle_reads_what_it_posts() {
    let url = board(ROOM).await;
    let (one, other) = (client(&url, 1, b"mix"), client(&url, 1, b"mix"));
    assert_eq!(one.post(b"hello").await.expect("a number"), 1);
    assert_eq!(other.post(b"good day").await.expect("a number"), 2);
    let board = one.read(1).await.expect("posts");
    assert_eq!(board.posts.len(), 1);
    assert_eq!(one.open(&board.posts[0].sealed).as_deref(), Some(&b"good day"[..]));
    assert!(board.posts[0].at <= board.now);
    assert_eq!(client(&url, 1, b"another mix").read(0).await.expect("posts").posts, []);
    assert_eq!(client(&url, 2, b"mix").read(0).await.expect("posts").posts, []);
}

#[tokio::test]
async fn a_full_box_refuses_and_keeps_what_it_has() {
    let url = board(ROOM).await;
    let client = client(&url, 1, b"mix");
    for number in 1..=2 {
        assert_eq!(client.post(b"").await.expect("a number"), number);
    }
    let full = client.post(b"").await;
    let Err(ClientError::Ask(AskError::Refused { status: 507, reason, .. })) = full else { panic!("it is full") };
    assert!(reason.contains("box is full"), "{reason}");
    assert_eq!(client.read(0).await.expect("posts").posts.len(), 2);
}

#[tokio::test]
async fn only_padded_messages_are_taken_and_nobody_may_ask_too_often() {
    let url = board(ROOM).await;
    let http = web::client(&url).build().expect("a client");
    let url = format!("{url}/v1/boxes/{}", Circle::new([1; 32]).box_id(b"mix").0);
    let read = format!("{url}/0");
    let post = async |size: usize| http.post(&url).body(vec![0; size]).send().await.expect("an answer").status();
    assert_eq!(post(PADDED_BYTES[0] - 1).await, 400);
    assert_eq!(post(PADDED_BYTES[0]).await, 200);
    let mut last = http.get(&read).send().await.expect("an answer").status();
    for _ in 0..5000 {
        if last == 429 {
            return;
        }
        last = http.get(&read).send().await.expect("an answer").status();
    }
    panic!("nothing was ever refused");
}

#[tokio::test]
async fn no_request_is_answered_by_a_fault_of_the_board() {
    let url = board(Room { total_bytes: 1 << 30, box_bytes: 1 << 30, keep_ms: 3_600_000 }).await;
    let circle = Circle::new([1; 32]);
    let id = circle.box_id(b"mix");
    let sealed = circle.seal(&id, b"hello").expect("a message");
    let goods = [
        Good::get("/v1/health").steady(),
        Good::get(format!("/v1/boxes/{}/5", circle.box_id(b"read").0)).steady(),
        Good::new("POST", format!("/v1/boxes/{}", id.0)).body(sealed),
    ];
    let mut fuzzer = Fuzzer::new(&url, 1, goods);
    fuzzer.run(3000).await;
    fuzzer.came_to(&[200, 400, 404, 405, 431]);
    let posted = client(&url, 1, b"mix").read(0).await.expect("posts");
    assert!(posted.posts.len() > 10, "{}", posted.posts.len());
}
