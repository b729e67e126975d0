//! A provider that runs jobs for a stranger, on a chain with a block a second.

use std::time::Duration;

use alloy::providers::ext::AnvilApi as _;
use tokio::runtime::Runtime;

use crate::{
    taken::{self, Taken},
    world::{Place, Running, World},
};

const BLOCK: Duration = Duration::from_secs(1);

/// A market of one provider.
pub struct Market {
    world: World,
    /// Mines.
    _runtime: Runtime,
    provider: Running,
    _others: [Running; 2],
    store: String,
}

impl Market {
    /// Starts all that it takes; the provider asks for news as often as it does by default.
    pub fn open() -> Self {
        let runtime = Runtime::new().expect("threads");
        let world = runtime.block_on(World::start());
        let (place, node) = (&world.place, &world.node);
        let key = chain::anvil::dev_keys(4).pop().expect("as many as asked for");
        let ran = place.run_with_input(&["wallet", "import", "sam", "--key-file", "-"], &key.to_bytes().to_string());
        assert_eq!(ran.code, 0, "{ran:?}");
        place.json(&format!("modicum deploy --rpc {} --wallet dso --penalty-rate 2 --solver-fee 0.01", node.url()));
        place.json("modicum register mediator --fee 0.02 --wallet dso");
        place.json("modicum register directory --wallet dso");
        // The mediator is never asked, but would have to get at the job.
        place.json("modicum trust 1 --wallet dso");
        for name in ["alice", "bob"] {
            place.json(&format!("modicum trust 0 1 --wallet {name}"));
            place.json(&format!("modicum mint {name} 1000000 --wallet dso"));
        }
        let client = node.client().clone();
        runtime.spawn(async move {
            loop {
                client.provider().evm_mine(None).await.expect("a block");
                tokio::time::sleep(BLOCK).await;
            }
        });
        let directory = place.start("job directory run --folder store --listen 127.0.0.1:0 --wallet dso");
        let store = format!("--store http://{}", directory.address());
        let provider = place.start(&format!(
            "modicum rp run --instruction-price 0.2 --deposit 100000 {store} --work work --instructions 1000000000000 \
             --wallet bob"
        ));
        let solver = place.start("modicum solver run --wallet sam");
        Self { world, _runtime: runtime, provider, _others: [directory, solver], store }
    }

    /// A folder with wallets.
    pub fn place(&self) -> &Place {
        &self.world.place
    }

    /// Has the job `spin` run, whose result is accepted as it comes; a number tells one time from another.
    pub fn have_run(&self, number: usize) -> Taken {
        let submit = format!(
            "modicum jc submit samples/spin --max-price 0.5 --out results/{number} --nonce {number} {} --verify 0 \
             --instructions 1000000000000 --wallet alice",
            self.store
        );
        let creator = self.place().start(&submit);
        let taken = taken::meanwhile(self.provider.id(), || !creator.said().contains("the result is in"));
        creator.end();
        taken
    }
}
