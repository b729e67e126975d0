//! Mixes with and without participants that misbehave.

use std::collections::{BTreeMap, BTreeSet};

use coin_shuffle::{
    Fault, Slot,
    simulation::{Mischief, Report, member, play, play_drawn},
};

fn with(size: usize, mischief: &[(usize, Mischief)]) -> Report {
    play(1, size, &mischief.iter().copied().collect())
}

fn assert_sound(report: &Report, circumstances: &str) {
    assert!(report.is_ended, "does not end: {circumstances}");
    assert!(report.is_agreed, "honest participants disagree: {circumstances}");
    assert_eq!(report.wronged, BTreeSet::new(), "{circumstances}");
    assert_eq!(report.robbed, BTreeSet::new(), "{circumstances}");
    assert!(report.joint.is_some(), "the honest do not finish: {circumstances}");
}

#[test]
fn honest_participants_mix_in_one_run() {
    let report = with(5, &[]);
    assert_sound(&report, "all honest");
    assert_eq!(report.joint.unwrap().inputs.len(), 5);
    assert!(report.excluded.is_empty());
    // Each joins, sends a key, shuffles, vouches and signs.
    assert_eq!(report.posts, 25);
}

#[test]
fn each_way_to_misbehave_is_found() {
    for (mischief, fault) in [
        (Mischief::Vanish(Slot::Key), Fault::Silent),
        (Mischief::Vanish(Slot::Shuffle), Fault::Silent),
        (Mischief::Vanish(Slot::Sign), Fault::Silent),
        (Mischief::Late(Slot::Check), Fault::Silent),
        (Mischief::Drop, Fault::BadList),
        (Mischief::Equivocate(Slot::Key), Fault::Equivocated),
        (Mischief::Equivocate(Slot::Shuffle), Fault::Equivocated),
        (Mischief::Split(Slot::Key), Fault::Equivocated),
        (Mischief::Split(Slot::Shuffle), Fault::Equivocated),
        (Mischief::Split(Slot::Check), Fault::Equivocated),
        (Mischief::FalseDigest, Fault::FalseDigest),
        (Mischief::BadSignature, Fault::BadSignature),
        (Mischief::FalseSecret, Fault::FalseSecret),
        (Mischief::Withhold, Fault::Withheld),
        (Mischief::OutputIsInput, Fault::OutputIsInput),
        (Mischief::Reorder, Fault::Equivocated),
    ] {
        let report = with(4, &[(2, mischief)]);
        assert_sound(&report, &format!("{mischief:?}"));
        assert_eq!(report.excluded, BTreeMap::from([(member(2), fault)]), "{mischief:?}");
        assert_eq!(report.joint.unwrap().inputs.len(), 3);
    }
}

#[test]
fn spoiled_entries_are_traced_to_who_spoiled_them() {
    for (mischief, expected) in [
        // Who spoils its own output so that it can be opened misses it at the end, and complains without cause.
        (Mischief::Swap, [Fault::Altered, Fault::Unfounded].as_slice()),
        (Mischief::Alter, &[Fault::Altered, Fault::Malformed, Fault::Unfounded]),
        (Mischief::Malform, &[Fault::Altered, Fault::Malformed, Fault::Unfounded]),
        (Mischief::Duplicate, &[Fault::BadList]),
    ] {
        // Whether one's own or another's entry is spoiled, and when one shuffles, is drawn.
        let mut found = BTreeSet::new();
        for seed in 0..24 {
            let report = play(seed, 4, &BTreeMap::from([(1, mischief)]));
            assert_sound(&report, &format!("{mischief:?}, seed {seed}"));
            assert!(report.excluded.keys().all(|id| *id == member(1)));
            found.extend(report.excluded.values().copied());
        }
        assert_eq!(found, expected.iter().copied().collect(), "{mischief:?}");
    }
}

#[test]
fn messages_told_again_change_nothing() {
    let report = with(4, &[(0, Mischief::Replay), (1, Mischief::Drop)]);
    assert_sound(&report, "a replay over two runs");
    assert_eq!(report.excluded, BTreeMap::from([(member(1), Fault::BadList)]));
}

#[test]
fn whoever_complains_without_cause_is_left_out() {
    let report = with(4, &[(3, Mischief::Complain(Slot::Check))]);
    assert_sound(&report, "a complaint");
    assert_eq!(report.excluded.keys().copied().collect::<Vec<_>>(), [member(3)]);
}

#[test]
fn whatever_most_of_them_do_the_honest_finish_and_nothing_is_lost() {
    for seed in 0..250 {
        let (mischief, report) = play_drawn(seed);
        assert_sound(&report, &format!("seed {seed}, {mischief:?}"));
    }
}

#[test]
fn what_is_shown_after_evidence_was_given_does_not_divide_the_honest() {
    // A complaint so early that a message, shown differently to either half, comes after the evidence of some.
    for seed in [1452, 2307, 3892, 4812, 5796] {
        let (mischief, report) = play_drawn(seed);
        assert_sound(&report, &format!("seed {seed}, {mischief:?}"));
    }
}

#[test]
fn a_seed_plays_the_same_mix_again() {
    assert_eq!(play_drawn(7), play_drawn(7));
}
