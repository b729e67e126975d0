//! Who may, and who may not.

use std::collections::BTreeSet;

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use job_directory::{Client, Scope, Setting, Token};
use jobs::ContentHash;

use crate::stage::{Stage, bundle, setting, status};

struct Asking {
    stage: Stage,
    tree: ContentHash,
    manifest: String,
}

impl Asking {
    async fn new() -> Self {
        let job = bundle(&[("a", b"a")]);
        let stage = Stage::new().await;
        stage.client().put(&job).await.unwrap();
        Self { stage, tree: job.tree().hash(), manifest: job.tree().to_string() }
    }

    fn token(&self, signer: &PrivateKeySigner, directory: Address, scope: Scope, seconds: i64) -> Token {
        let now = self.stage.directory.now_ms() / 1000;
        Token::sign(signer, directory, scope, None, now.saturating_add_signed(seconds)).unwrap()
    }

    async fn status(&self, method: reqwest::Method, token: &str) -> u16 {
        let url = format!("{}/v1/trees/{}", self.stage.url, self.tree);
        let request = reqwest::Client::new().request(method, url).body(self.manifest.clone());
        request.header("authorization", format!("Bearer {token}")).send().await.unwrap().status().as_u16()
    }

    async fn get(&self, token: &Token) -> u16 {
        self.status(reqwest::Method::GET, &token.to_string()).await
    }
}

#[tokio::test]
async fn an_expired_token_a_foreign_one_and_one_for_elsewhere_are_refused() {
    let (asking, signer) = (Asking::new().await, PrivateKeySigner::random());
    let own = asking.stage.address();
    assert_eq!(asking.get(&asking.token(&signer, own, Scope::Read, 60)).await, 200);
    assert_eq!(asking.get(&asking.token(&signer, own, Scope::Read, -1)).await, 401);
    assert_eq!(asking.get(&asking.token(&signer, own, Scope::Read, 2 * 86_400)).await, 401);
    assert_eq!(asking.get(&asking.token(&signer, Address::ZERO, Scope::Read, 60)).await, 401);
    let good = asking.token(&signer, own, Scope::Read, 60).to_string();
    let foreign = good.replace(&signer.address().to_string(), &PrivateKeySigner::random().address().to_string());
    assert_eq!(asking.status(reqwest::Method::GET, &foreign).await, 401);
    assert_eq!(asking.status(reqwest::Method::GET, "nonsense").await, 401);
    let no_token = reqwest::get(format!("{}/v1/trees/{}", asking.stage.url, asking.tree)).await.unwrap();
    assert_eq!(no_token.status(), 401);
}

#[tokio::test]
async fn a_token_is_good_for_its_scope_and_its_tree() {
    let (asking, signer) = (Asking::new().await, PrivateKeySigner::random());
    let own = asking.stage.address();
    let read = asking.token(&signer, own, Scope::Read, 60).to_string();
    assert_eq!(asking.status(reqwest::Method::PUT, &read).await, 403);
    assert_eq!(asking.status(reqwest::Method::DELETE, &read).await, 403);
    let now = asking.stage.directory.now_ms() / 1000;
    let other = Token::sign(&signer, own, Scope::Write, Some(ContentHash::of(b"other")), now + 60).unwrap();
    assert_eq!(asking.get(&other).await, 403);
    let this = Token::sign(&signer, own, Scope::Write, Some(asking.tree), now + 60).unwrap();
    assert_eq!(asking.get(&this).await, 200);
    assert_eq!(asking.status(reqwest::Method::PUT, &this.to_string()).await, 200);
}

#[tokio::test]
async fn a_directory_may_be_for_members_only() {
    let member = PrivateKeySigner::random();
    let members = Some(BTreeSet::from([member.address()]));
    let stage = Stage::with(Setting { members, ..setting() }).await;
    let job = bundle(&[("a", b"a")]);
    assert_eq!(status(stage.client().put(&job).await), 403);
    stage.client_of(member).put(&job).await.unwrap();
    let to = tempfile::tempdir().unwrap();
    assert_eq!(status(stage.client().get(job.tree().hash(), to.path(), 1 << 20).await), 403);
}

#[tokio::test]
async fn who_did_not_announce_a_tree_can_neither_send_its_files_nor_give_it_up() {
    let stage = Stage::new().await;
    let job = bundle(&[("a", b"a")]);
    let tree = job.tree().hash();
    stage.client().announce(tree, job.tree().to_string()).await.unwrap();
    let other = stage.client();
    let (path, entry, source) = job.sources().next().unwrap();
    assert_eq!(path.as_str(), "a");
    assert_eq!(status(other.put_file(tree, entry.hash, entry.size, source).await), 403);
    assert_eq!(status(other.release(tree).await), 403);
}

#[tokio::test]
async fn a_client_that_is_told_nothing_asks_who_a_directory_is() {
    let stage = Stage::new().await;
    let client = Client::discover(&stage.url, PrivateKeySigner::random()).await.unwrap();
    assert_eq!(client.directory(), stage.address());
    assert_eq!(client.about().await.unwrap().quotas, setting().quotas);
    client.holdings().await.unwrap();
}
