//! A connection that breaks.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Passes everything on to a server, and cuts each connection after so many bytes of answers.
pub struct Proxy {
    pub url: String,
    /// Bytes of answers passed on, in all.
    pub passed: Arc<AtomicU64>,
    /// Connections cut.
    pub cuts: Arc<AtomicU64>,
}

impl Proxy {
    pub async fn of(url: &str, most_bytes: usize) -> Self {
        let target = url.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (passed, cuts) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (all, broken) = (Arc::clone(&passed), Arc::clone(&cuts));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&target).await.unwrap();
                tokio::spawn(pass(client, server, most_bytes, Arc::clone(&all), Arc::clone(&broken)));
            }
        });
        Self { url, passed, cuts }
    }
}

async fn pass(client: TcpStream, server: TcpStream, most: usize, passed: Arc<AtomicU64>, cuts: Arc<AtomicU64>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let (mut buffer, mut left) = (vec![0; 1 << 14], most);
    while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
        let length = length.min(left);
        left -= length;
        passed.fetch_add(length as u64, Ordering::Relaxed);
        if to_client.write_all(&buffer[..length]).await.is_err() {
            break;
        }
        if left == 0 {
            cuts.fetch_add(1, Ordering::Relaxed);
            break;
        }
    }
    up.abort();
}
