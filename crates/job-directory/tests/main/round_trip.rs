//! What is stored is what is fetched.

use std::{fs, os::unix::fs::PermissionsExt};

use jobs::Bundle;

use crate::stage::{Stage, bundle, noise};

const MOST: u64 = 1 << 30;

#[tokio::test]
async fn a_folder_that_was_stored_by_one_is_fetched_by_another() {
    let stage = Stage::new().await;
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir_all(from.path().join("input/deep")).unwrap();
    fs::write(from.path().join("input/deep/empty"), "").unwrap();
    fs::write(from.path().join("input/large"), noise(12 << 20)).unwrap();
    fs::write(from.path().join("run"), "same").unwrap();
    fs::write(from.path().join("plain"), "same").unwrap();
    fs::set_permissions(from.path().join("run"), PermissionsExt::from_mode(0o755)).unwrap();
    let job = Bundle::of_folder(from.path()).unwrap();
    let announced = stage.client().put(&job).await.unwrap();
    assert!(announced.missing.is_empty());
    assert_eq!(stage.stored(), 3, "what is twice in a tree is stored once");
    let folder = to.path().join("new/result");
    let fetched = stage.client().get(job.tree().hash(), &folder, MOST).await.unwrap();
    assert_eq!(&fetched, job.tree());
    let found = Bundle::of_folder(&folder).unwrap();
    assert_eq!(found.tree(), job.tree(), "modes as well");
    fs::write(folder.join("run"), "changed").unwrap();
    assert_eq!(fs::read_to_string(folder.join("plain")).unwrap(), "same", "two paths are two files");
    assert_eq!(fs::read_dir(to.path().join("new")).unwrap().count(), 1, "nothing is left beside");
}

#[tokio::test]
async fn the_empty_tree_is_a_result_too() {
    let stage = Stage::new().await;
    let (empty, to) = (Bundle::default(), tempfile::tempdir().unwrap());
    stage.client().put(&empty).await.unwrap();
    stage.client().get(empty.tree().hash(), to.path(), MOST).await.unwrap();
    assert_eq!(fs::read_dir(to.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn only_what_is_missing_is_sent() {
    let stage = Stage::new().await;
    let (first, second) = (bundle(&[("a", b"a"), ("b", b"b")]), bundle(&[("b", b"b"), ("c", b"c")]));
    stage.client().put(&first).await.unwrap();
    let client = stage.client();
    let announced = client.announce(second.tree().hash(), second.tree().to_string()).await.unwrap();
    assert_eq!(announced.missing, [jobs::ContentHash::of(b"c")]);
    client.put(&second).await.unwrap();
    client.put(&second).await.unwrap();
    assert_eq!(stage.stored(), 3);
}

#[tokio::test]
async fn a_tree_is_not_there_before_its_last_file_is() {
    let stage = Stage::new().await;
    let client = stage.client();
    let both = bundle(&[("a", b"a"), ("b", b"b")]);
    let (tree, to) = (both.tree().hash(), tempfile::tempdir().unwrap());
    for file in client.announce(tree, both.tree().to_string()).await.unwrap().missing {
        let early = client.get(tree, to.path(), MOST).await.unwrap_err();
        assert!(early.is_not_found(), "{early}");
        let (path, entry) = both.tree().entries().find(|(_, entry)| entry.hash == file).unwrap();
        client.put_file(tree, file, entry.size, both.source(path).unwrap()).await.unwrap();
    }
    client.get(tree, to.path(), MOST).await.unwrap();
}
