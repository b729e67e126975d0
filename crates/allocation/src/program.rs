//! From a market to a program.

use std::collections::{BTreeMap, BTreeSet};

use optimizer::{Comparison, LinearProgram, Variable};
use solidworx::{Alternative, Market, Offer, Side};

/// An offer in one type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed<'a> {
    pub offer: &'a Offer,
    pub listed: Alternative,
}

/// The variables of one type.
#[derive(Debug)]
pub(crate) enum TypeVariables<'a> {
    /// Anybody may meet anybody: what each offer provides, and consumes.
    Hub { providers: Vec<(Variable, Listed<'a>)>, consumers: Vec<(Variable, Listed<'a>)> },
    /// What goes from a provider to a consumer.
    Pairs(Vec<(Variable, Listed<'a>, Listed<'a>)>),
}

/// A program and what its variables mean.
pub(crate) struct Program<'a> {
    pub linear: LinearProgram,
    /// By type.
    pub types: BTreeMap<u64, TypeVariables<'a>>,
    /// Whether its vertices are whole by themselves.
    pub is_flow: bool,
}

/// Terms of an offer's row: its variables, each with what its alternative lists.
type Uses = BTreeMap<u64, Vec<(Variable, u64)>>;

impl<'a> Program<'a> {
    pub fn new(market: &'a Market) -> Self {
        let mut sides: BTreeMap<u64, (Vec<Listed<'a>>, Vec<Listed<'a>>)> = BTreeMap::new();
        for offer in &market.offers {
            for listed in offer.alternatives.iter().copied() {
                let (providers, consumers) = sides.entry(listed.resource_type).or_default();
                let side = if offer.side == Side::Providing { providers } else { consumers };
                side.push(Listed { offer, listed });
            }
        }
        let mut building = Building {
            market,
            linear: LinearProgram::new(),
            uses: BTreeMap::new(),
            is_flow: market.offers.iter().all(has_one_quantity),
        };
        let types = sides
            .into_iter()
            .filter(|(_, (providers, consumers))| !providers.is_empty() && !consumers.is_empty())
            .map(|(resource_type, (providers, consumers))| {
                (resource_type, building.variables_of(resource_type, &providers, &consumers))
            })
            .collect();
        building.add_rows();
        Self { linear: building.linear, types, is_flow: building.is_flow }
    }
}

/// Whether all that an offer lists has one quantity.
fn has_one_quantity(offer: &Offer) -> bool {
    offer.alternatives.iter().map(|listed| listed.quantity).collect::<BTreeSet<_>>().len() <= 1
}

struct Building<'a> {
    market: &'a Market,
    linear: LinearProgram,
    uses: Uses,
    is_flow: bool,
}

impl<'a> Building<'a> {
    fn variables_of(
        &mut self,
        resource_type: u64,
        providers: &[Listed<'a>],
        consumers: &[Listed<'a>],
    ) -> TypeVariables<'a> {
        let all_agree = providers.iter().all(|one| consumers.iter().all(|other| agree(self.market, one, other)));
        if all_agree { self.hub(resource_type, providers, consumers) } else { self.pairs(providers, consumers) }
    }

    fn hub(&mut self, resource_type: u64, providers: &[Listed<'a>], consumers: &[Listed<'a>]) -> TypeVariables<'a> {
        let (weight, benefit) = (number(self.market.terms.weight(resource_type)), self.market.terms.benefit);
        let mut side = |all: &[Listed<'a>], unit: &dyn Fn(u64) -> f64| {
            let add = |one: &Listed<'a>| {
                let variable = self.add(weight * unit(one.listed.price), one.listed.quantity);
                self.note(variable, one);
                (variable, *one)
            };
            all.iter().map(add).collect::<Vec<_>>()
        };
        // A unit is counted where it is consumed; of its benefit each side has its part.
        let providers = side(providers, &|price| if benefit { -number(price) } else { 0.0 });
        let consumers = side(consumers, &|price| if benefit { number(price) } else { 1.0 });
        let given = providers.iter().map(|(variable, _)| (*variable, 1.0));
        let taken = consumers.iter().map(|(variable, _)| (*variable, -1.0));
        let balance: Vec<_> = given.chain(taken).collect();
        self.linear.add_row(balance, Comparison::Equal, 0.0);
        TypeVariables::Hub { providers, consumers }
    }

    fn pairs(&mut self, providers: &[Listed<'a>], consumers: &[Listed<'a>]) -> TypeVariables<'a> {
        let mut pairs = Vec::new();
        for one in providers {
            for other in consumers.iter().filter(|other| agree(self.market, one, other)) {
                let weight = number(self.market.terms.weight(one.listed.resource_type));
                let benefit = number(other.listed.price) - number(one.listed.price);
                let unit = if self.market.terms.benefit { benefit } else { 1.0 };
                let variable = self.add(weight * unit, one.listed.quantity.min(other.listed.quantity));
                self.note(variable, one);
                self.note(variable, other);
                pairs.push((variable, *one, *other));
            }
        }
        TypeVariables::Pairs(pairs)
    }

    fn add(&mut self, objective: f64, most: u64) -> Variable {
        if self.is_flow {
            self.linear.add_variable(objective, number(most))
        } else {
            self.linear.add_integer(objective, 0.0, number(most))
        }
    }

    fn note(&mut self, variable: Variable, one: &Listed<'a>) {
        self.uses.entry(one.offer.id).or_default().push((variable, one.listed.quantity));
    }

    /// (6.1) and (6.2), times the greatest quantity in use, so that units count 1 where there is one quantity.
    fn add_rows(&mut self) {
        for uses in self.uses.values().filter(|uses| uses.len() > 1) {
            let greatest = uses.iter().map(|(_, listed)| *listed).max().map_or(1.0, number);
            let terms = uses.iter().map(|(variable, listed)| (*variable, greatest / number(*listed)));
            let terms: Vec<_> = terms.collect();
            self.linear.add_row(terms, Comparison::AtMost, greatest);
        }
    }
}

/// Whether two may exchange: an allowed pair, and a price that both accept within the bounds.
fn agree(market: &Market, provider: &Listed, consumer: &Listed) -> bool {
    let resource_type = provider.listed.resource_type;
    price(market, provider, consumer).is_some()
        && market.terms.allows(resource_type, provider.offer.owner, consumer.offer.owner)
}

/// The price midway between what both accept within the bounds, rounded down; `None` where they accept none.
pub(crate) fn price(market: &Market, provider: &Listed, consumer: &Listed) -> Option<u64> {
    let (lowest, highest) = market.terms.bounds(provider.listed.resource_type);
    let (lowest, highest) = (lowest.max(provider.listed.price), highest.min(consumer.listed.price));
    (lowest <= highest).then(|| lowest.midpoint(highest))
}

#[expect(clippy::cast_precision_loss, reason = "the README says that programs count up to 2^53")]
pub(crate) fn number(quantity: u64) -> f64 {
    quantity as f64
}
