//! An address that stays, of a process that is started again and again.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

/// Where a door leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behind {
    /// Nobody serves yet, or again: whoever comes waits.
    #[default]
    Soon,
    /// To whoever serves at this port.
    Port(u16),
    /// Nobody will.
    Nobody,
}

/// Passes connections on.
#[derive(Clone, Debug)]
pub struct Door {
    port: u16,
    behind: Arc<Mutex<Behind>>,
}

impl Door {
    pub async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let door = Self { port: listener.local_addr()?.port(), behind: Arc::default() };
        let own = door.clone();
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                tokio::spawn(own.clone().pass_on(caller));
            }
        });
        Ok(door)
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on it leads there.
    pub fn lead_to(&self, behind: Behind) {
        *self.behind.lock().unwrap_or_else(PoisonError::into_inner) = behind;
    }

    async fn pass_on(self, mut caller: TcpStream) {
        let mut served = loop {
            let behind = *self.behind.lock().unwrap_or_else(PoisonError::into_inner);
            match behind {
                Behind::Nobody => return,
                Behind::Port(port) => {
                    if let Ok(served) = TcpStream::connect(("127.0.0.1", port)).await {
                        break served;
                    }
                }
                Behind::Soon => {}
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        // Ends when either of them does.
        let _ = copy_bidirectional(&mut caller, &mut served).await;
    }
}
