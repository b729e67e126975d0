//! Asking, and reading an answer to its end.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::request::Sent;

/// Longer than this no answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a server did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It answered by this status, and said all it had to.
    Status(u16),
    /// It hung up.
    Silence,
    /// It did what no server should.
    Fault(String),
}

/// Sends a request from the address `from` and reads the answer. What is not whole ends on this side first.
pub async fn ask(server: SocketAddr, from: SocketAddr, request: &Sent) -> Answer {
    let asking = async {
        let mut connection = match connect(server, from).await {
            Ok(connection) => connection,
            Err(error) => return Answer::Fault(format!("nobody can connect: {error}")),
        };
        // A server that hangs up early is right to.
        let _ = connection.write_all(&request.wire).await;
        if !request.is_whole {
            let _ = connection.shutdown().await;
        }
        let answer = read(&mut connection).await;
        judge(&answer, request)
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .unwrap_or_else(|_| Answer::Fault(format!("nothing within {} s", PATIENCE.as_secs())))
}

/// Sends what there is, and is gone.
pub async fn leave(server: SocketAddr, from: SocketAddr, bytes: &[u8]) -> io::Result<()> {
    let mut connection = connect(server, from).await?;
    let _ = connection.write_all(bytes).await;
    Ok(())
}

async fn connect(server: SocketAddr, from: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    // Not every system has all of the loopback network.
    let _ = socket.bind(from);
    socket.connect(server).await
}

/// All bytes, but of events that never end only the head.
async fn read(connection: &mut TcpStream) -> Vec<u8> {
    let (mut all, mut piece) = (Vec::new(), vec![0; 1 << 16]);
    while let Ok(length @ 1..) = connection.read(&mut piece).await {
        all.extend_from_slice(&piece[..length]);
        if head(&all).is_some_and(|(head, _)| head.contains("text/event-stream")) {
            break;
        }
    }
    all
}

/// The head of the answer itself, in small letters, and what follows it.
fn head(answer: &[u8]) -> Option<(String, &[u8])> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (first, rest) = answer.split_at(end + 4);
    if first.starts_with(b"HTTP/1.1 100") {
        return head(rest);
    }
    Some((String::from_utf8_lossy(first).to_lowercase(), rest))
}

fn judge(answer: &[u8], request: &Sent) -> Answer {
    let Some((head, body)) = head(answer) else {
        let is_owed = request.is_owed || !answer.is_empty();
        let told = String::from_utf8_lossy(answer);
        return if is_owed { Answer::Fault(format!("no answer: {told:?}")) } else { Answer::Silence };
    };
    let status = head.strip_prefix("http/1.").and_then(|rest| rest.get(2..5)).and_then(|digits| digits.parse().ok());
    let Some(status) = status else { return Answer::Fault(format!("an answer without a status: {head}")) };
    if status >= 500 {
        return Answer::Fault(format!("{status}: {}", String::from_utf8_lossy(&body[..body.len().min(500)])));
    }
    let has_body = !request.is_head && status != 304 && status != 204;
    if request.is_owed && has_body && !is_complete(&head, body) {
        return Answer::Fault(format!("an answer that breaks off after {} bytes: {head}", body.len()));
    }
    Answer::Status(status)
}

fn is_complete(head: &str, body: &[u8]) -> bool {
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    if head.contains("text/event-stream") {
        return true;
    }
    match field("content-length").map(str::parse) {
        Some(length) => length == Ok(body.len()),
        None if field("transfer-encoding").is_some() => body.ends_with(b"0\r\n\r\n"),
        None => true,
    }
}
