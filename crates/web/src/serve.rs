//! Serving until it is time to stop.

use std::{future::Future, io, net::SocketAddr, pin::pin, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, sync::oneshot};
use tracing::warn;

/// Requests that are being answered when it is to stop are waited for so long.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` ends; what is being answered then is finished, within ten seconds. Handlers may ask where requests
/// come from.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) -> io::Result<()> {
    let (stopping, stopped) = oneshot::channel::<()>();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async {
        // Either it is said, or nobody is left who could.
        let _ = stopped.await;
    });
    let mut server = pin!(server.into_future());
    tokio::select! {
        ended = &mut server => return ended,
        () = stop => drop(stopping),
    }
    tokio::time::timeout(GRACE, server).await.unwrap_or_else(|_| {
        warn!("requests that are not answered after {} s are given up", GRACE.as_secs());
        Ok(())
    })
}
