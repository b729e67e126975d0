//! What the paper's figures rest on.

use pow::{Mode, Params};
use pow_simulation::{Experiment, Order, Outcome, solo_block_ms};

fn experiment(miners: usize, blocks: u32) -> Experiment {
    Experiment { miners, rate: 339, params: Params::new(13), blocks, kill_in_block: None, seed: 1 }
}

#[test]
fn eight_miners_hash_at_least_97_per_cent_of_what_they_could() {
    let outcome = experiment(8, 60).run();
    assert!(outcome.efficiency >= 0.97, "{}", outcome.efficiency);
}

#[test]
fn identical_searches_gain_nothing_from_more_miners_and_independent_ones_do() {
    let mean = |order, miners| (0..200).map(|seed| solo_block_ms(order, miners, 1_000, 10, seed)).sum::<u64>() / 200;
    assert_eq!(mean(Order::Identical, 1), mean(Order::Identical, 8));
    let gain = mean(Order::Independent, 1) * 10 / mean(Order::Independent, 8);
    // Eight is expected; the mean of 200 exponential times has a deviation of 7 %, and the ratio one of 10 %.
    assert!((50..=120).contains(&gain), "{gain}");
}

fn killed(mode: Mode, seed: u64) -> Outcome {
    let params = Params { mode, ..Params::new(13) };
    Experiment { params, seed, kill_in_block: Some(7), ..experiment(8, 8) }.run()
}

#[test]
fn with_backups_the_loss_of_the_manager_costs_less_than_half_a_second() {
    let mut lost: Vec<f64> = (0..20).map(|seed| killed(Mode::Backups, seed).lost_ms(7)).collect();
    lost.sort_by(f64::total_cmp);
    assert!(lost[10] <= 500.0, "{lost:?}");
}

#[test]
fn without_backups_the_rest_of_the_block_is_mined_at_the_speed_of_one() {
    let seventh = |mode| (0..20).map(|seed| killed(mode, seed).block_ms[6]).sum::<f64>() / 20.0;
    let (backups, single) = (seventh(Mode::Backups), seventh(Mode::SingleManager));
    assert!(single > 2.0 * backups, "{single} and {backups}");
}
