//! From the program's optimum to assignments.

use optimizer::{Solution, Variable};
use solidworx::{Assignment, Market};

use crate::program::{Listed, Program, TypeVariables, price};

/// The assignments that a solution stands for, in whole units, nearest to it.
pub(crate) fn assignments(market: &Market, program: &Program, solution: &Solution) -> Vec<Assignment> {
    let mut found = Vec::new();
    for variables in program.types.values() {
        match variables {
            TypeVariables::Hub { providers, consumers } => {
                pair_off(market, &amounts(providers, solution), &amounts(consumers, solution), &mut found);
            }
            TypeVariables::Pairs(pairs) => {
                for (variable, provider, consumer) in pairs {
                    push(market, provider, consumer, whole(*variable, solution), &mut found);
                }
            }
        }
    }
    found
}

fn amounts<'a>(side: &[(Variable, Listed<'a>)], solution: &Solution) -> Vec<(u64, Listed<'a>)> {
    side.iter().map(|(variable, one)| (whole(*variable, solution), *one)).collect()
}

/// Deals what providers give to consumers, both in the market's order: fewer assignments than offers.
fn pair_off(market: &Market, providers: &[(u64, Listed)], consumers: &[(u64, Listed)], found: &mut Vec<Assignment>) {
    let mut providers = providers.iter().copied();
    let mut given = providers.next();
    for (wanted, consumer) in consumers {
        let mut wanted = *wanted;
        while wanted > 0 {
            let Some((left, provider)) = &mut given else { return };
            let quantity = wanted.min(*left);
            push(market, provider, consumer, quantity, found);
            wanted -= quantity;
            *left -= quantity;
            if *left == 0 {
                given = providers.next();
            }
        }
    }
}

fn push(market: &Market, provider: &Listed, consumer: &Listed, quantity: u64, found: &mut Vec<Assignment>) {
    if let (1.., Some(price)) = (quantity, price(market, provider, consumer)) {
        found.push(Assignment {
            providing_offer: provider.offer.id,
            consuming_offer: consumer.offer.id,
            resource_type: provider.listed.resource_type,
            quantity,
            price,
        });
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounds; a negative amount becomes zero")]
fn whole(variable: Variable, solution: &Solution) -> u64 {
    solution.value(variable).round() as u64
}
