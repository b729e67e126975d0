//! An MQTT broker with a folder of its own, and a home's meter that sends to it.

use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tempfile::TempDir;

use crate::world::wait_for;

/// How meters' names at a broker begin.
const READER: &[u8] = b"entente";
/// The user `home`, whose password is `correct horse`.
const USERS: &str = "home:$7$101$K+M0Z/GnsfhLxtDA$3iZoSX937R8Nm/RTEyAWykt4j6Ysbs4zZtHHo/YcbrpY7TRIFuFCkUKs3BD0TqhQ5gJHCYX/y++GAXMjVfGH3g==\n";

/// Mosquitto, which keeps what it must remember.
pub struct Broker {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Broker {
    /// Starts one on a free port; `None` where Mosquitto is not installed.
    pub async fn start() -> Option<Self> {
        binary()?;
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().display();
        let config = format!(
            "listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {place}/users\nuser root\n\
             persistence true\npersistence_location {place}/\nautosave_interval 1\nautosave_on_changes true\n"
        );
        std::fs::write(folder.path().join("mosquitto.conf"), config).expect("written");
        std::fs::write(folder.path().join("users"), USERS).expect("written");
        drop(free);
        let mut broker = Self { folder, port, child: None };
        broker.run().await;
        Some(broker)
    }

    /// Starts it (again), and waits until it answers.
    pub async fn run(&mut self) {
        let child = Command::new(binary().expect("it is installed"))
            .arg("-c")
            .arg(self.folder.path().join("mosquitto.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.expect("the broker starts"));
        let address = ("127.0.0.1", self.port);
        wait_for("a broker that answers", || TcpStream::connect(address).is_ok()).await;
    }

    /// Kills it, so that it cannot tidy up.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs");
        assert!(asked.success());
        child.wait().expect("the broker ends");
    }

    /// Whether it remembers who reads there.
    pub fn has_subscriber(&self) -> bool {
        let kept = std::fs::read(self.folder.path().join("mosquitto.db")).unwrap_or_default();
        kept.windows(READER.len()).any(|bytes| bytes == READER)
    }

    /// Where it is.
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

fn binary() -> Option<&'static str> {
    ["mosquitto", "/usr/sbin/mosquitto"]
        .into_iter()
        .find(|binary| Command::new(binary).arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok())
}

/// Sends readings, again and again until the broker has them.
pub struct Sender {
    client: AsyncClient,
    sent: usize,
    acknowledged: Arc<AtomicUsize>,
    going: tokio::task::JoinHandle<()>,
}

impl Sender {
    /// To the broker at this port of this machine.
    pub fn new(port: u16) -> Self {
        let mut options = MqttOptions::new("home-meter", "127.0.0.1", port);
        options.set_credentials("home", "correct horse").set_clean_session(false);
        let (client, mut events) = AsyncClient::new(options, 100);
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let count = acknowledged.clone();
        let going = tokio::spawn(async move {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Packet::PubAck(_))) => {
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        });
        Self { client, sent: 0, acknowledged, going }
    }

    /// Hands a message over, which goes out once the broker is there.
    pub async fn send(&mut self, text: &str) {
        self.client.publish("home/meter", QoS::AtLeastOnce, false, text).await.expect("room");
        self.sent += 1;
    }

    /// Waits until the broker has taken all.
    pub async fn arrived(&self) {
        wait_for("the broker's word", || self.acknowledged.load(Ordering::SeqCst) >= self.sent).await;
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.going.abort();
    }
}
