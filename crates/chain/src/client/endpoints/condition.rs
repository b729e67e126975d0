//! How an endpoint is, and whether an answer speaks against it.

use std::time::Duration;

use alloy::{
    rpc::json_rpc::{RequestPacket, ResponsePacket, ResponsePayload, RpcError},
    transports::{TransportError, TransportErrorKind},
};
use tokio::time::Instant;

/// Why an endpoint is not asked at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dissent {
    /// It serves another chain.
    OtherChain,
    /// It has no contract where there should be one.
    NoCode,
    /// It has another block where the others have long agreed.
    Fork,
}

/// How an endpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// It has not been heard of.
    Unverified,
    /// It answers, and agrees with the others.
    Good,
    /// It failed, and is left alone.
    Resting {
        /// Until then.
        until: Instant,
        /// For so long.
        pause: Duration,
    },
    /// It is many blocks behind another.
    Behind,
    /// It contradicts the others.
    Aside(Dissent),
}

impl Condition {
    /// Whether it is known to serve the right chain, or known not to.
    pub(super) fn is_verified(self) -> bool {
        self != Self::Unverified
    }

    /// The smaller, the sooner it is asked; `None` for never.
    pub(super) fn rank(self, is_used: bool, now: Instant) -> Option<(u8, Option<Instant>)> {
        match self {
            Self::Good => Some((u8::from(!is_used), None)),
            Self::Resting { until, .. } if until <= now => Some((2, None)),
            Self::Behind => Some((3, None)),
            Self::Resting { until, .. } => Some((4, Some(until))),
            // Before anything is verified, so that the first question can be asked.
            Self::Unverified => is_used.then_some((5, None)),
            Self::Aside(_) => None,
        }
    }

    /// For how long it is left alone after one more failure.
    pub(super) fn next_pause(self, asked_for: Option<Duration>, first: Duration, longest: Duration) -> Duration {
        let pause = match self {
            Self::Resting { pause, .. } => pause * 2,
            _ => first,
        };
        pause.max(asked_for.unwrap_or_default()).min(longest)
    }

    /// What to call it in figures and in the log.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::Good => "good",
            Self::Resting { .. } => "failing",
            Self::Behind => "behind",
            Self::Aside(Dissent::OtherChain) => "another chain",
            Self::Aside(Dissent::NoCode) => "no contract",
            Self::Aside(Dissent::Fork) => "another fork",
        }
    }
}

/// What speaks against an endpoint.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) reason: String,
    /// For how long it asks to be left alone.
    pub(super) retry_after: Option<Duration>,
}

/// Whether an answer says that the endpoint does not serve, and not that the request is wrong.
pub(super) fn fault(request: &RequestPacket, answer: &Result<ResponsePacket, TransportError>) -> Option<Fault> {
    let (reason, retry_after) = match answer {
        Err(RpcError::Transport(TransportErrorKind::HttpError(error))) if is_ours(error.status) => return None,
        Err(RpcError::Transport(TransportErrorKind::HttpErrorWithRetryAfter { error, retry_after })) => {
            (format!("HTTP status {}", error.status), Some(*retry_after))
        }
        Err(RpcError::Transport(TransportErrorKind::HttpError(error))) => {
            (format!("HTTP status {}", error.status), None)
        }
        Err(RpcError::Transport(_)) => ("it cannot be reached, or not in time".to_owned(), None),
        Err(RpcError::DeserError { .. }) => ("its answer is cut off, or is none".to_owned(), None),
        Ok(ResponsePacket::Single(response)) => match &response.payload {
            ResponsePayload::Failure(error) if error.is_retry_err() && !asks_for_logs(request) => {
                (error.message.to_string(), None)
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(Fault { reason, retry_after })
}

/// Statuses that mean the request: another endpoint would say the same.
const fn is_ours(status: u16) -> bool {
    matches!(status, 400 | 405 | 406 | 411 | 413 | 414 | 415 | 422)
}

/// Where nodes say the same for too much as for too often, and the range is what must change.
fn asks_for_logs(request: &RequestPacket) -> bool {
    request.method_names().any(|method| method == "eth_getLogs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_grow_and_end_somewhere() {
        let (first, longest) = (Duration::from_secs(1), Duration::from_secs(5));
        let resting = |pause| Condition::Resting { until: Instant::now(), pause };
        assert_eq!(Condition::Good.next_pause(None, first, longest), first);
        assert_eq!(resting(first).next_pause(None, first, longest), first * 2);
        assert_eq!(resting(first * 4).next_pause(None, first, longest), longest);
        assert_eq!(Condition::Good.next_pause(Some(first * 3), first, longest), first * 3);
        assert_eq!(Condition::Good.next_pause(Some(first * 30), first, longest), longest);
    }

    #[test]
    fn whoever_contradicts_is_never_asked_and_whoever_is_behind_only_where_nobody_else_answers() {
        let now = Instant::now();
        let ended = Condition::Resting { until: now, pause: Duration::ZERO };
        let resting = Condition::Resting { until: now + Duration::from_secs(1), pause: Duration::ZERO };
        let conditions = [Condition::Good, ended, Condition::Behind, resting];
        assert!(conditions.map(|condition| condition.rank(false, now).unwrap()).is_sorted());
        assert!(Condition::Good.rank(true, now) < Condition::Good.rank(false, now));
        assert_eq!(Condition::Aside(Dissent::Fork).rank(true, now), None);
    }
}
