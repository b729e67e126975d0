//! Counters as home meters send them: JSON over MQTT 3.1.1.

use std::{convert::Infallible, fmt, str::FromStr, time::Duration};

use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, Publish, QoS, SubscribeReasonCode};
use thiserror::Error;
use url::Url;

use crate::{Fate, LogError, Reading, Readings};

/// How long to wait until a broker that is gone is tried again.
const PAUSE: Duration = Duration::from_secs(1);
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// More than a broker sends before it waits for acknowledgements, so that there is always room for one more.
const ROOM: usize = 256;
/// The protocol's own limit. A message over a smaller one would be sent again for ever, and hold up all that follow.
const LARGEST_MESSAGE: usize = 268_435_455;

/// A topic of a broker, `mqtt://host:port/topic`. There is no encryption: both stand in the same house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    host: String,
    port: u16,
    name: String,
}

/// Who reads there.
#[derive(Clone)]
pub struct Login {
    user: String,
    password: String,
}

#[derive(Debug, Error)]
enum Interrupted {
    #[error("the broker cannot be reached")]
    Connection(#[from] Box<rumqttc::ConnectionError>),
    #[error("the broker refuses the topic {0}")]
    Refused(String),
    #[error("a reading cannot be kept")]
    Log(#[from] LogError),
    #[error("the connection has ended")]
    Ended(#[from] Box<rumqttc::ClientError>),
}

impl Login {
    /// From a file's text: the user on the first line, the password on the second.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (user, password) = (lines.next()?.trim(), lines.next()?);
        (!user.is_empty()).then(|| Self { user: user.to_owned(), password: password.to_owned() })
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

impl FromStr for Topic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url: Url = text.parse().map_err(|_| "give mqtt://host:port/topic")?;
        let host = url.host_str().filter(|_| url.scheme() == "mqtt").ok_or("give mqtt://host:port/topic")?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("user and password belong in a file, not here".into());
        }
        let name = url.path().trim_start_matches('/');
        if name.is_empty() || name.contains('+') || url.query().is_some() || url.fragment().is_some() {
            return Err("give one topic, without '+', '#' and '?', such as mqtt://localhost:1883/home/meter".into());
        }
        // An IPv6 address has brackets in a URL only.
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { host, port: url.port().unwrap_or(1883), name: name.to_owned() })
    }
}

/// Takes readings of counters from a topic for as long as it is polled; it never ends.
///
/// The broker keeps for `client` what is sent while this does not run, and sends again what was not acknowledged: that is
/// done once a reading is on the disk. What is no reading is told and acknowledged. `client` names this reader at the
/// broker, for ever, and no other.
pub async fn follow(topic: Topic, login: Option<Login>, client: String, readings: Readings) -> Infallible {
    let mut told = None;
    loop {
        let mut options = MqttOptions::new(client.clone(), topic.host.clone(), topic.port);
        options.set_keep_alive(KEEP_ALIVE).set_clean_session(false).set_manual_acks(true);
        options.set_max_packet_size(LARGEST_MESSAGE, LARGEST_MESSAGE);
        if let Some(Login { user, password }) = &login {
            options.set_credentials(user, password);
        }
        let (client, mut events) = AsyncClient::new(options, ROOM);
        let Err(error) = session(&topic, &client, &mut events, &readings, &mut told).await;
        // Once an outage, not once an attempt.
        let message = error.to_string();
        if told.as_ref() != Some(&message) {
            tracing::warn!(
                topic = topic.name,
                error = &error as &dyn std::error::Error,
                "no readings come; trying again"
            );
            told = Some(message);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn session(
    topic: &Topic,
    client: &AsyncClient,
    events: &mut EventLoop,
    readings: &Readings,
    told: &mut Option<String>,
) -> Result<Infallible, Interrupted> {
    loop {
        match events.poll().await.map_err(Box::new)? {
            Event::Incoming(Packet::ConnAck(_)) => {
                // Also where the broker knows it from before: it may have lost it.
                client.subscribe(&topic.name, QoS::AtLeastOnce).await.map_err(Box::new)?;
            }
            Event::Incoming(Packet::SubAck(answer)) => {
                if answer.return_codes.contains(&SubscribeReasonCode::Failure) {
                    return Err(Interrupted::Refused(topic.name.clone()));
                }
                tracing::info!(topic = topic.name, host = topic.host, "reading");
                *told = None;
            }
            Event::Incoming(Packet::Publish(message)) => {
                take(&message, readings)?;
                client.ack(&message).await.map_err(Box::new)?;
            }
            _ => {}
        }
    }
}

fn take(message: &Publish, readings: &Readings) -> Result<(), LogError> {
    let reading: Reading = match serde_json::from_slice(&message.payload) {
        Ok(reading) => reading,
        Err(error) => {
            tracing::warn!(topic = message.topic, error = &error as &dyn std::error::Error, "this is no reading");
            return Ok(());
        }
    };
    match readings.read(reading)? {
        Some(Fate::Kept | Fate::Known) | None => {}
        Some(Fate::Late) => tracing::warn!(?reading, "its interval is closed; the reading does not count"),
        Some(Fate::Conflicting) => tracing::warn!(?reading, "another reading of this second stays"),
        Some(Fate::Absurd) => tracing::warn!(?reading, "its time or a counter is out of all bounds"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_has_a_host_and_a_name() {
        let topic = |text: &str| text.parse::<Topic>();
        let read = topic("mqtt://localhost:1884/home/meter").expect("a topic");
        assert_eq!((read.host.as_str(), read.port, read.name.as_str()), ("localhost", 1884, "home/meter"));
        assert_eq!(topic("mqtt://[::1]/m").map(|topic| (topic.host, topic.port)), Ok(("::1".to_owned(), 1883)));
        for text in ["", "localhost/meter", "http://localhost/meter", "mqtt://localhost", "mqtt://localhost/"] {
            assert!(topic(text).is_err(), "{text}");
        }
        for text in ["mqtt://localhost/home/+", "mqtt://localhost/home/#", "mqtt://localhost/home?x"] {
            assert!(topic(text).expect_err("refused").contains("one topic"), "{text}");
        }
        assert!(topic("mqtt://me:secret@localhost/m").expect_err("refused").contains("in a file"));
    }

    #[test]
    fn a_login_does_not_print_its_password() {
        let login = Login::parse("alice\ncorrect horse\n").expect("a login");
        assert_eq!((login.user.as_str(), login.password.as_str()), ("alice", "correct horse"));
        assert!(!format!("{login:?}").contains("horse"));
        assert!(Login::parse("alice").is_none() && Login::parse("\nhorse\n").is_none());
    }
}
