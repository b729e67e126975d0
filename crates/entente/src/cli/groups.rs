//! Words about planning groups of feeders, and regrouping.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{AccountName, Signer, values::When};

#[derive(Debug, Subcommand)]
pub enum Groups {
    /// Say which limits keep a group of feeders safe, what they cost, and how well the group hides who trades.
    Plan(PlanGroups),
    /// Move a meter, and the home behind it, to another group from a later interval on.
    Move(MoveMeter),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente transax groups plan neighbourhood.json --denomination-wh 500

The file is JSON, all amounts in Wh an interval:
  {\"feeders\": [{\"name\": \"11\", \"group\": \"west\", \"internal_limit_wh\": 20000, \"external_limit_wh\": 5000},
               {\"name\": \"12\", \"group\": \"west\", \"internal_limit_wh\": 20000, \"external_limit_wh\": null}],
   \"prosumers\": [{\"name\": \"101\", \"feeder\": \"11\", \"production_limit_wh\": 2500, \"consumption_limit_wh\": 5000}]}
Feeders that name no group form one together; a limit is null where there is none. A prosumer may also say what it
wishes to trade, as offered_wh and wanted_wh; it is everything within its limits unless given.

What comes out is what `group add` takes. It warns where a mix would have fewer than three members who cannot be told
apart, and where a total that the limits allow would give somebody away.")]
pub struct PlanGroups {
    /// Feeders and prosumers, as JSON.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The one amount that mixes move, an interval; the least limit of a group's sellers, or buyers, unless given.
    #[arg(long, value_name = "WH", value_parser = clap::value_parser!(u32).range(1..))]
    pub denomination_wh: Option<u32>,
    /// Assets are not mixed across feeders: each stays on the feeder where it was withdrawn.
    #[arg(long)]
    pub unmixed: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente transax groups move --meter meter-7 --group 1 --from 480 --wallet dso

Nothing that exists is moved: the first interval that can be named is the one after all that offers may reach now, which
'entente transax market' shows. Assets and offers of earlier intervals stay in the old group, and what the home withdraws
and offers from then on is in the new one. Agents that run go on by themselves. A meter has one move to come at a time, and a
move cannot be taken back, only followed by another one.

Limits of groups stay as they are. Let 'entente transax groups plan' say whether they suit the feeders as they will be.")]
pub struct MoveMeter {
    /// The meter: an address or a wallet here.
    #[arg(long, value_name = "ACCOUNT")]
    pub meter: AccountName,
    /// The group that it is to belong to.
    #[arg(long, value_name = "NUMBER")]
    pub group: u16,
    /// The first interval in which it does: its index, or 'next+500'.
    #[arg(long, value_name = "INTERVAL")]
    pub from: When,
    #[command(flatten)]
    pub signer: Signer,
}
