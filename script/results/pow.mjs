// Parallel proof of work: the kernel, nodes over TCP, simulated networks, and processes whose manager is killed.
import { decimal, measured, number, table } from "./format.mjs";

function kernel(k) {
  const row = (name, rate, ratio, goal) => [name, decimal(rate, 1), ratio ? `${decimal(ratio, 2)}×` : "", goal ?? ""];
  return table(["double SHA-256 from the midstate", "MH/s", "by sha2", "goal"], [
    row("sha2, its block function called by hand", k.sha2_blocks_million_a_second),
    row("sha2, its hasher cloned", k.sha2_hasher_million_a_second),
    row("portable", k.portable_million_a_second, k.portable_by_sha2_blocks, "0.95×"),
    row(`lanes${k.wide ? ", AVX-512" : ""}`, k.lanes_million_a_second, k.lanes_by_sha2_blocks, "1.8×"),
  ]);
}

function speed(s) {
  const percent = (share) => `${decimal(100 * share, 1)} %`;
  return table(["nodes over TCP, each with a manager more", "MH/s", "of the kernel's speed", "the manager counted, too", "goal"], [
    ["one worker, after leasing and reporting", decimal(s.one_worker_million_a_second, 1), percent(s.one_worker_by_kernel),
      percent(s.one_worker_with_manager_by_kernel), "95 %"],
    ["two workers on two cores", decimal(s.two_workers_million_a_second, 1), percent(s.two_workers_by_kernel),
      percent(s.two_workers_with_manager_by_kernel), "95 %"],
  ]);
}

function hashRate({ table_iii }) {
  const row = ([nodes, rate, efficiency, paper]) => [nodes, decimal(rate, 1), `${decimal(100 * efficiency, 1)} %`,
    decimal(paper, 1), `${decimal((100 * paper) / (nodes * 339), 1)} %`];
  return table(["miners", "hashes/s", "efficiency", "the paper's table III", "its efficiency"], table_iii.map(row));
}

function blockTimes({ managed }) {
  const bits = [...new Set(managed.map((row) => row[1]))];
  const miners = [...new Set(managed.map((row) => row[0]))];
  const cell = (count, at) => {
    const [, , seconds, theory] = managed.find((row) => row[0] === count && row[1] === at);
    return `${decimal(seconds, 2)} (${decimal(theory, 2)})`;
  };
  const rows = miners.map((count) => [count, ...bits.map((at) => cell(count, at))]);
  return table(["miners, s (theory)", ...bits.map((at) => `${at} bits`)], rows);
}

function solo({ solo, managed }) {
  const bits = Math.max(...managed.map((row) => row[1]));
  const theory = 2 ** bits / 339;
  const rows = solo.filter(([nodes]) => [1, 2, 4, 8].includes(nodes)).map(([nodes, alike, own]) =>
    [nodes, decimal(alike, 1), decimal(theory, 1), decimal(own, 1), decimal(theory / nodes, 1)]);
  return table(["miners without a manager", "all in the same order, s", "theory", "each its own, s", "theory"], rows);
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function losses({ simulation, processes }) {
  const simulated = simulation.failure.map((f) => [`${f.mode}, simulated, ${f.repetitions} seeds`,
    decimal(f.block_seconds[6], 2), decimal(mean(f.block_seconds.filter((_, at) => at !== 6)), 2),
    decimal(f.median_extra_seconds, 2), decimal(f.median_lost_seconds, 2), "", ""]);
  const at = processes.killed_in_block - 1;
  const real = processes.modes.map((m) => {
    const others = m.runs.flatMap((run) => run.block_seconds.filter((_, block) => block > 0 && block !== at));
    const lost = m.runs.map((run) => run.lost_seconds);
    return [`${m.mode}, processes, ${m.runs.length} clusters`, decimal(mean(m.runs.map((run) => run.block_seconds[at])), 2),
      decimal(mean(others), 2), decimal(m.median_extra_seconds, 2), decimal(m.median_lost_seconds, 2),
      decimal(mean(lost), 2), decimal(m.most_lost_seconds, 2)];
  });
  return table(["the manager is killed in block 7", "block 7, mean s", "others, mean s", "block 7 over the median, median s",
    "loss, median s", "mean s", "most, s"], [...real, ...simulated]);
}

/** By how much more hashes than others block 7 happened to need, per cent. */
function luck({ bits, killed_in_block, modes }) {
  const needed = (m) => mean(m.runs.map((run) => run.block_hashes[killed_in_block - 1])) / 2 ** bits;
  return modes.map((m) => `${decimal(needed(m), 2)} times as many (${m.mode})`).join(" and ");
}

function setting({ nodes, bits, rate_limit, modes }) {
  const early = modes.reduce((sum, mode) => sum + mode.solved_before_kill, 0);
  return `Processes: ${nodes} of \`entente pow node\` over TCP on one machine, ${number(rate_limit)} hashes a second each, ${bits} bits, the manager
killed by SIGKILL as soon as it leases work in block 7; modes in turn. ${early === 0 ? "No cluster was left out." : `${early} more clusters were left out, whose block 7 was solved before.`}`;
}

function speeds(p) {
  const parts = [];
  if (p.kernel) parts.push(kernel(p.kernel));
  if (p.speed)
    parts.push(`${speed(p.speed)}

A hash costs a worker the CPU time in the kernel and all time between two calls of it, in which it reports, asks and waits;
the last but one column adds the CPU time of all nodes' network, signatures and leasing, as where all share the cores.
Leases are of a quarter of a second, and no block is found meanwhile. \`cargo bench --package pow-node --bench speed\`.`);
  const said = "Speed is in CPU time, each beside its baseline in the same run, on two cores that were shared with other work.";
  return parts.length ? ` ${[said, ...parts].join("\n\n")}` : "";
}

export function section() {
  const p = measured("pow");
  if (!p) return null;
  const chart = (name, words) => `[${words}](results/charts/pow/${name}.svg)`;
  return `## Parallel proof of work

Measured by \`make results-pow\`.${speeds(p)}

${hashRate(p.simulation)}

Simulated nodes of the paper's 339 hashes a second, one more of them managing, ${p.simulation.blocks} blocks a point; the goal is 97 % at
eight. They hash for real and over the whole protocol: leases, elections and decisions with each block.
${chart("figure-3", "Figure 3")} shows both.

${blockTimes(p.simulation)}

Theory is 2^bits by the miners' rate: figures ${chart("figure-2", "2")} and ${chart("figure-4", "4")}. The mean of so many blocks strays by
${decimal(100 / Math.sqrt(p.simulation.blocks), 0)} % by itself. What is above that at few bits is the decision: two rounds of messages and up to 20 ms for the draw,
as the paper finds that easy blocks gain little from more nodes.

${solo(p.simulation)}

The paper's flat curve (${chart("figure-1", "figure 1")}) holds where all miners search the same nonces in the same order; miners with headers of
their own divide the work without a manager, as fast as managed ones. What a manager adds is that whoever works is paid by its
work with each block, instead of the one that is lucky.

${losses(p)}

${setting(p.processes)}

How long a block takes is luck, and what block 7 took over the median is, too: it happened to need
${luck(p.processes)} hashes as a block needs on average. The *loss* leaves luck
out: block 7 takes so many different hashes whatever becomes of its manager, and is compared with the time that these take
at the rate of the same cluster's blocks before. The goal with backups is 0.5 s over the median. Of the 0.3 s until the manager is missed the
miners work for as long as their leases last, up to twice 0.25 s; what is lost is mostly that one of them manages for the
rest of the block, one in seven, so that the loss grows with the block. Without backups all go on alone through the same nonces, as the paper has it, and only the
fastest one's hashes count. ${chart("figure-5-processes", "Figure 5 of processes")}, and ${chart("figure-5", "simulated")}.

The paper prints no numbers for its figures 1, 2, 4 and 5; what it says of them is repeated beside ours.`;
}
