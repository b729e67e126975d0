//! The page itself: files that are part of the program.

use std::sync::Arc;

use axum::{
    Router,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    routing::get,
};

use crate::serving::Shared;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Where each file is served.
const FILES: [(&str, &str, &[u8]); 13] = [
    ("/", HTML, include_bytes!("../page/index.html")),
    ("/style.css", CSS, include_bytes!("../page/style.css")),
    ("/icon.svg", SVG, include_bytes!("../page/icon.svg")),
    ("/theme.js", SCRIPT, include_bytes!("../page/theme.js")),
    ("/app.js", SCRIPT, include_bytes!("../page/app.js")),
    ("/chart.js", SCRIPT, include_bytes!("../page/chart.js")),
    ("/competition.js", SCRIPT, include_bytes!("../page/competition.js")),
    ("/dom.js", SCRIPT, include_bytes!("../page/dom.js")),
    ("/format.js", SCRIPT, include_bytes!("../page/format.js")),
    ("/tables.js", SCRIPT, include_bytes!("../page/tables.js")),
    ("/wallet.js", SCRIPT, include_bytes!("../page/wallet.js")),
    ("/ethers.js", SCRIPT, include_bytes!("../../../node_modules/ethers/dist/ethers.min.js")),
    ("/ethers.LICENSE.md", TEXT, include_bytes!("../../../node_modules/ethers/LICENSE.md")),
];

pub(crate) fn routes() -> Router<Arc<Shared>> {
    FILES.into_iter().fold(Router::new(), |router, (path, kind, bytes)| {
        router.route(path, get(move || async move { ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], bytes) }))
    })
}
