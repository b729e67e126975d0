//! The screen in words.

use std::fmt;

use units::WattHours;

use super::{Candidate, Group, Screen};
use crate::output::{self, Table, duration, time};

/// How many open offers are shown.
const OFFERS_SHOWN: usize = 15;

impl fmt::Display for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "TRANSAX {} on chain {}", self.market, self.chain_id)?;
        writeln!(f, "block {} of {}", self.block, time(self.time))?;
        self.clock(f)?;
        self.limits(f)?;
        self.offers(f)?;
        self.plan(f)?;
        self.finals(f)?;
        writeln!(f, "\nnext: {}", self.next_command())
    }
}

impl Screen {
    fn clock(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ahead = |moment: u64| match moment.checked_sub(self.time) {
            Some(seconds) if seconds > 0 => format!("in {}", duration(seconds)),
            _ => "now".to_owned(),
        };
        match self.current_interval {
            Some(current) => writeln!(f, "\nInterval {current} runs.")?,
            None => writeln!(f, "\nNo interval has begun.")?,
        }
        let next = self.next_interval;
        let (starts, closes) = (ahead(self.next_interval_starts), ahead(self.next_finalizable_at));
        writeln!(f, "Interval {next} can be traded next: it may be finalised {closes}, and starts {starts}.")?;
        writeln!(f, "Plans reach interval {}, offers {}.", self.plan_reaches, self.offers_reach)
    }

    fn limits(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.groups.is_empty() {
            return writeln!(f, "\nThere are no groups yet.");
        }
        let limit = |limit: Option<WattHours>| limit.map_or_else(|| "none".to_owned(), |limit| limit.0.to_string());
        let mut table = Table::new(&["group", "internal Wh", "external Wh", "meters", "prosumers"]);
        for group in &self.groups {
            table.row([
                group.id.to_string(),
                limit(group.internal_limit_wh),
                limit(group.external_limit_wh),
                group.meters.to_string(),
                group.prosumers.to_string(),
            ]);
        }
        write!(f, "\nLimits an interval\n{table}")?;
        for Group { id, leaving, joining, .. } in self.groups.iter().filter(|group| group.leaving + group.joining > 0) {
            writeln!(f, "Group {id} is to lose {leaving} meters, and to gain {joining}.")?;
        }
        Ok(())
    }

    fn offers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = self.open_offers.len();
        writeln!(f, "\nOpen offers: {open} of {} ever posted", self.offers_ever)?;
        if open == 0 {
            return Ok(());
        }
        let mut table = Table::new(&["offer", "side", "group", "Wh left", "price", "from", "to"]);
        for offer in self.open_offers.iter().rev().take(OFFERS_SHOWN) {
            table.row([
                offer.offer.to_string(),
                output::side(offer.side).to_owned(),
                offer.group.to_string(),
                offer.remaining_wh.0.to_string(),
                output::price(offer.price_base_units, self.token_decimals),
                offer.start.to_string(),
                offer.end.to_string(),
            ]);
        }
        write!(f, "{table}")?;
        match open.checked_sub(OFFERS_SHOWN) {
            Some(more) if more > 0 => writeln!(f, "  and {more} more: entente transax offers --all"),
            _ => Ok(()),
        }
    }

    fn plan(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Candidate { solver, value_wh, intervals }) = &self.candidate else {
            return writeln!(f, "\nCandidate: none");
        };
        let mut table = Table::new(&["interval", "Wh", "trades"]);
        for planned in intervals {
            table.row([planned.interval.to_string(), planned.energy_wh.0.to_string(), planned.trades.to_string()]);
        }
        write!(f, "\nCandidate: {value_wh}, found by {solver}\n{table}")
    }

    fn finals(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.last_final.is_empty() {
            return writeln!(f, "\nNo interval is final yet.");
        }
        let mut table = Table::new(&["interval", "Wh", "offers", "found by"]);
        for last in &self.last_final {
            let solver = last.solver.map_or_else(|| "nobody".to_owned(), |solver| solver.to_string());
            table.row([last.interval.to_string(), last.energy_wh.0.to_string(), last.legs.to_string(), solver]);
        }
        write!(f, "\nLast final intervals\n{table}")
    }

    fn next_command(&self) -> &'static str {
        match self {
            screen if screen.groups.is_empty() => "entente transax group add INTERNAL:EXTERNAL",
            screen if screen.groups.iter().all(|group| group.meters == 0) => "entente transax meter add --help",
            screen if screen.prosumers == 0 => "entente transax certify --help",
            screen if screen.open_offers.is_empty() => "entente transax offer sell|buy --help",
            _ => "entente transax offers --all",
        }
    }
}
