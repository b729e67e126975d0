//! Files on their way in and out, in constant memory.

use futures_util::StreamExt;
use jobs::ContentHash;

use super::{
    Address, Answer, Arc, Body, HeaderMap, IntoResponse, No, Path, Response, Scope, Server, State, StatusCode, answers,
    bodies::{self, Pieces},
    header, pieces,
};
use crate::{
    Directory, Refusal,
    range::{Asked, asked},
    store::Incoming,
};

/// Takes a file of a tree that was announced.
pub async fn take(
    State(service): Server,
    Path((tree, file)): Path<(ContentHash, ContentHash)>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let (account, turn) = service.admit(&headers, Scope::Write, Some(tree))?;
    let directory = Arc::clone(&service.directory);
    let mut pieces = pieces(body, directory.setting().patience);
    let incoming = match receive(&directory, (tree, file, account), &headers, &mut pieces).await {
        Ok(Some(incoming)) => incoming,
        Ok(None) => {
            pieces.drain().await;
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        Err(refusal) => {
            pieces.drain().await;
            return Err(refusal.into());
        }
    };
    let kept = tokio::spawn(async move {
        let _turn = turn;
        directory.finish(tree, file, incoming).await
    });
    answers::json(kept.await)
}

/// All of a file, but not kept yet; `None` where it is there already.
async fn receive(
    directory: &Directory,
    (tree, file, account): (ContentHash, ContentHash, Address),
    headers: &HeaderMap,
    pieces: &mut Pieces,
) -> Result<Option<Incoming>, Refusal> {
    let Some((mut incoming, announced)) = directory.receive(tree, file, account).await? else { return Ok(None) };
    if bodies::length(headers).is_some_and(|length| length != announced) {
        incoming.abort().await;
        return Err(Refusal::OtherSize { file, announced });
    }
    match fill(&mut incoming, pieces).await {
        Ok(()) => Ok(Some(incoming)),
        Err(refusal) => {
            incoming.abort().await;
            Err(refusal)
        }
    }
}

async fn fill(incoming: &mut Incoming, pieces: &mut Pieces) -> Result<(), Refusal> {
    while let Some(piece) = pieces.next().await? {
        incoming.write(&piece).await?;
    }
    Ok(())
}

/// Gives a file of a tree, or a part of it.
pub async fn give(
    State(service): Server,
    Path((tree, file)): Path<(ContentHash, ContentHash)>,
    headers: HeaderMap,
) -> Answer {
    let (_, turn) = service.admit(&headers, Scope::Read, Some(tree))?;
    let size = service.directory.size(tree, file)?;
    let tag = format!("\"{file}\"");
    // A part is wanted only of the file that the rest came from; a name is one file for ever.
    let is_same = headers.get(header::IF_RANGE).is_none_or(|wanted| wanted.as_bytes() == tag.as_bytes());
    let range = headers.get(header::RANGE).filter(|_| is_same).and_then(|range| range.to_str().ok());
    let part = match asked(range, size) {
        Asked::Outside => return Err(Refusal::Range { size }.into()),
        Asked::All => None,
        Asked::Part(part) => Some(part),
    };
    let bytes = service.directory.read(tree, file, part.clone()).await?;
    let body = Body::from_stream(bytes.inspect(move |_| {
        // The turn is over with the last piece.
        let _ = &turn;
    }));
    let length = part.as_ref().map_or(size, |part| part.end - part.start);
    let mut response = Response::builder()
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, tag)
        .header(header::CONTENT_LENGTH, length);
    if let Some(part) = part {
        let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        response = response.status(StatusCode::PARTIAL_CONTENT).header(header::CONTENT_RANGE, range);
    }
    response.body(body).map_err(|_| No::failed())
}
