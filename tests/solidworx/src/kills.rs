//! Whoever is killed, whenever: no cycle is lost.

use crate::world::{BEST, DIRECTORY, Moment, Next, PAIRS, SOLVERS, Wait, World};

/// A cycle has far fewer steps.
const MANY: usize = 100;

/// The moments of a cycle, in order; every cycle has each of them.
fn moments() -> Vec<Moment> {
    let offering = Moment { is_solving: false, is_over: false, offers: 0, left: 0, wait: Wait::Pending };
    let offered = Moment { offers: 2 * PAIRS, ..offering };
    let solving = Moment { is_solving: true, ..offered };
    let mut moments = vec![
        offering,
        Moment { wait: Wait::Rest, ..offered },
        Moment { is_over: true, ..offered },
        Moment { wait: Wait::Mined, ..solving },
        solving,
        Moment { left: PAIRS, wait: Wait::Mined, ..solving },
        Moment { left: PAIRS, wait: Wait::Rest, ..solving },
    ];
    let finalising = Moment { is_over: true, ..solving };
    for left in (1..=PAIRS).rev() {
        moments.extend([Wait::Pending, Wait::Mined].map(|wait| Moment { left, wait, ..finalising }));
    }
    // The first page has nothing mined before it.
    moments.retain(|moment| *moment != Moment { left: PAIRS, wait: Wait::Mined, ..finalising });
    moments
}

/// Lives through a cycle; at `moment` ends the runtimes `victims`, and starts `comeback` anew.
async fn live_through_a_cycle(world: &mut World, victims: &[&'static str], comeback: &[&'static str], moment: Moment) {
    let cycle = world.cycle().await;
    let mut is_done = false;
    for _ in 0..MANY {
        let next = world.next().await;
        for wait in [if next == Next::Pending { Wait::Pending } else { Wait::Rest }, Wait::Mined] {
            match (wait, next) {
                (Wait::Mined, Next::Pending) => world.mine().await,
                (Wait::Mined, Next::Rest) => world.end_phase().await,
                _ => {}
            }
            if world.cycle().await > cycle {
                assert!(is_done, "there was no {moment:?} in cycle {cycle}");
                return;
            }
            if !is_done && world.moment(wait).await == moment {
                for name in victims {
                    world.kill(name);
                }
                for name in comeback {
                    world.raise(name);
                }
                is_done = true;
            }
        }
    }
    panic!("cycle {cycle} does not end");
}

/// Kills at one moment after the other, a cycle each.
async fn kill_at_every_moment(victims: &[&'static str], comeback: &[&'static str]) {
    let mut world = World::start().await;
    for moment in moments() {
        let cycle = world.cycle().await;
        live_through_a_cycle(&mut world, victims, comeback, moment).await;
        // Everybody is there again, and sees how the cycle ended.
        for name in victims {
            world.raise(name);
        }
        let view = world.view_of(cycle + 1).await;
        let outcome = view.outcomes().get(&cycle).expect("the cycle is over");
        assert_eq!(outcome.value, BEST, "{victims:?} died at {moment:?}");
        let posted = view.offers_of_cycle(cycle).count();
        assert_eq!(posted as u64, 2 * PAIRS, "every offer is posted, and once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cycle_is_lost_with_the_directory_that_comes_back_knowing_nothing() {
    kill_at_every_moment(&[DIRECTORY], &[DIRECTORY]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cycle_is_lost_with_the_first_solver() {
    kill_at_every_moment(&[SOLVERS[0]], &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cycle_is_lost_with_the_second_solver() {
    kill_at_every_moment(&[SOLVERS[1]], &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cycle_is_lost_with_both_solvers_if_one_comes_back() {
    kill_at_every_moment(&SOLVERS, &SOLVERS[..1]).await;
}
