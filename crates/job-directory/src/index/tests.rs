//! What is held, by whom.

use jobs::{Entry, Mode};

use super::*;

const ALICE: Address = Address::repeat_byte(0xa);
const BOB: Address = Address::repeat_byte(0xb);
const PINNED: Hold = Hold { until_ms: None };

const fn until(time: u64) -> Hold {
    Hold { until_ms: Some(time) }
}

fn tree(files: &[&str]) -> Tree {
    let mut tree = Tree::default();
    for words in files {
        let entry = Entry { mode: Mode::Plain, size: words.len() as u64, hash: name(words) };
        tree.insert(words.parse().unwrap(), entry).unwrap();
    }
    tree
}

fn name(words: &str) -> ContentHash {
    ContentHash::of(words.as_bytes())
}

#[test]
fn a_tree_is_whole_when_its_last_file_came() {
    let (mut index, both) = (Index::default(), tree(&["a", "b"]));
    let hash = both.hash();
    assert!(matches!(index.whole(hash), Err(Refusal::NoTree(_))));
    index.hold(hash, &both, ALICE, PINNED);
    index.arrive(name("b"), 1);
    assert_eq!(index.missing(hash), [name("a")]);
    assert!(matches!(index.whole(hash), Err(Refusal::Unfinished { missing: 1, .. })));
    index.arrive(name("a"), 1);
    index.arrive(name("a"), 1);
    assert!(index.whole(hash).is_ok());
    index.lose(name("b"));
    assert!(matches!(index.whole(hash), Err(Refusal::Unfinished { missing: 1, .. })));
}

#[test]
fn a_file_stays_until_the_last_tree_with_it_goes() {
    let (mut index, first, second) = (Index::default(), tree(&["a", "b"]), tree(&["b", "c"]));
    index.hold(first.hash(), &first, ALICE, PINNED);
    index.hold(second.hash(), &second, BOB, PINNED);
    for file in ["a", "b"] {
        index.arrive(name(file), 1);
    }
    let gone = index.release(first.hash(), ALICE);
    assert_eq!((gone.tree, gone.files), (Some(first.hash()), vec![name("a")]));
    assert!(index.has(name("b")));
    let gone = index.release(second.hash(), BOB);
    assert_eq!(gone.files, [name("b")], "what never came need not be deleted");
    assert_eq!((index.bytes, index.files.len(), index.accounts.len()), (0, 0, 0));
}

#[test]
fn a_tree_stays_until_the_last_hold_on_it_is_over() {
    let (mut index, one) = (Index::default(), tree(&["a"]));
    let hash = one.hash();
    index.hold(hash, &one, ALICE, until(100));
    index.hold(hash, &one, BOB, until(200));
    assert_eq!(index.expired(100), [(hash, ALICE)]);
    assert_eq!(index.release(hash, ALICE), Gone::default());
    index.hold_known(hash, BOB, PINNED);
    assert!(index.expired(u64::MAX).is_empty());
}

#[test]
fn quotas_hold_for_an_account_and_for_all() {
    let (mut index, one, two) = (Index::default(), tree(&["a"]), tree(&["b"]));
    let bytes = one.transfer_bytes();
    let quotas = Quotas { account_bytes: bytes * 2 - 1, account_trees: 2, total_bytes: bytes * 2 };
    let check = |index: &Index, tree: &Tree, who, quotas: &Quotas| index.check(tree.hash(), tree, who, quotas);
    assert!(check(&index, &one, ALICE, &quotas).is_ok());
    index.hold(one.hash(), &one, ALICE, PINNED);
    assert!(check(&index, &one, ALICE, &quotas).is_ok(), "it is held already");
    assert!(matches!(check(&index, &two, ALICE, &quotas), Err(Refusal::AccountFull { .. })));
    let few = Quotas { account_bytes: u64::MAX, account_trees: 1, ..quotas };
    assert!(matches!(check(&index, &two, ALICE, &few), Err(Refusal::AccountFull { .. })));
    assert!(check(&index, &two, BOB, &quotas).is_ok());
    let small = Quotas { total_bytes: bytes * 2 - 1, ..quotas };
    assert!(matches!(check(&index, &two, BOB, &small), Err(Refusal::Full { .. })));
    assert!(check(&index, &one, BOB, &small).is_ok(), "it takes no more room");
}

#[test]
fn a_manifest_that_lies_about_a_size_harms_nobody_else() {
    let (mut index, honest) = (Index::default(), tree(&["a"]));
    let mut lying = Tree::default();
    lying.insert("a".parse().unwrap(), Entry { mode: Mode::Plain, size: 7, hash: name("a") }).unwrap();
    index.hold(lying.hash(), &lying, BOB, PINNED);
    assert!(index.check(honest.hash(), &honest, ALICE, &Quotas::default()).is_ok());
    index.hold(honest.hash(), &honest, ALICE, PINNED);
    index.arrive(name("a"), 1);
    assert!(index.whole(honest.hash()).is_ok());
    assert_eq!(index.missing(lying.hash()), [name("a")]);
    let refused = index.check(lying.hash(), &lying, ALICE, &Quotas::default());
    assert!(matches!(refused, Err(Refusal::OtherSize { .. })));
    let mut contradictory = tree(&["b"]);
    contradictory.insert("c".parse().unwrap(), Entry { mode: Mode::Plain, size: 9, hash: name("b") }).unwrap();
    let refused = index.check(contradictory.hash(), &contradictory, ALICE, &Quotas::default());
    assert!(matches!(refused, Err(Refusal::OtherSize { .. })));
}
