// Deploys an energy market on a second kind of node, and trades on it with the program as people use it:
//
//   node tests/second-node/trade.mjs bin/entente
//
// It fails unless a solver's plans for several intervals become final, and what was sold is paid and billed.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = resolve(process.argv[2] ?? 'bin/entente')
const place = mkdtempSync(join(tmpdir(), 'entente-second-node-'))
const running = []
process.on('exit', () => {
  // The node has a child, which it takes along where it is asked to.
  running.forEach((child) => child.kill(child === node ? 'SIGTERM' : 'SIGKILL'))
  rmSync(place, { recursive: true, force: true, maxRetries: 5 })
})

// The well-known development keys; on a public network they belong to everybody.
const people = {
  dso: ['0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266', 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'],
  alice: ['0x70997970C51812dc3A010C7d01b50e0d17dc79C8', '59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'],
  bob: ['0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC', '5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a'],
  solver: ['0x90F79bf6EB2c4f870365E785982E1f101E93b906', '7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6'],
}
const environment = { ...process.env, ENTENTE_HOME: join(place, 'home'), ENTENTE_PASSWORD_FILE: join(place, 'password') }
for (const variable of ['ENTENTE_RPC', 'ENTENTE_DEPLOYMENT', 'ENTENTE_WALLET', 'ENTENTE_JOURNAL']) delete environment[variable]
writeFileSync(join(place, 'password'), 'correct horse\n', { mode: 0o600 })

const entente = (line, input) => {
  const words = [...line.split(' '), '--json']
  const { status, stdout, stderr } = spawnSync(program, words, { cwd: place, env: environment, input, encoding: 'utf8' })
  if (status !== 0) throw new Error(`entente ${line}: ${stderr}`)
  return JSON.parse(stdout)
}
const start = (command, words) => {
  const child = spawn(command, words, { cwd: place, env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
  running.push(child)
  return child
}
const until = async (what, holds) => {
  for (const limit = Date.now() + 240_000; !(await holds()); ) {
    if (Date.now() > limit) throw new Error(`${what} did not happen`)
    await new Promise((done) => setTimeout(done, 1000))
  }
}

/** A port with two free ones after it, as far as one can know. */
const port = await new Promise((found) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    server.close(() => found(Math.min(port, 65_000)))
  })
})
const here = dirname(fileURLToPath(import.meta.url))
const node = start(process.execPath, [join(here, 'node.mjs'), String(port), join(place, 'node'), ...Object.values(people).map(([address]) => address)])
node.on('exit', (code) => { if (code) { console.error('the node ended'); process.exit(1) } })
let said = ''
node.stdout.on('data', (text) => { said += text })
await until('the node to make blocks', () => said.includes('listening'))

for (const [name, [, key]] of Object.entries(people)) entente(`wallet import ${name} --key-file -`, `${key}\n`)
const interval = 12
entente(`deploy --rpc http://127.0.0.1:${port} --wallet dso --interval-seconds ${interval} --genesis +120 --group none:none`)
for (const name of ['alice', 'bob']) {
  entente(`wallet new meter-${name}`)
  entente(`transax meter add meter-${name} --group 0 --production-limit-wh 5000 --consumption-limit-wh 5000 --wallet dso`)
  entente(`transax certify ${name} meter-${name} --wallet dso --output ${name}.json`)
  entente(`transax register --certificate ${name}.json --wallet ${name}`)
}
entente('token mint bob 10 --wallet dso')
entente('transax credits deposit 10 --wallet bob')
// A minute after the next that can be traded, so that the offers are there in time and the solver is, too.
const first = entente('transax market').next_interval + 5
const intervals = [0, 1, 2].map((ahead) => first + ahead)
entente(`transax withdraw-assets sell --first ${first} --last ${first + 2} --energy-wh 500 --wallet alice`)
entente(`transax withdraw-assets buy --first ${first} --last ${first + 2} --energy-wh 400 --wallet bob`)
for (const at of intervals) {
  entente(`transax offer sell --energy-wh 500 --price 0.10 --from ${at} --wallet alice`)
  entente(`transax offer buy --energy-wh 400 --price 0.20 --from ${at} --wallet bob`)
}
const agents = ['dso', 'solver'].map((role) => {
  const agent = start(program, ['transax', role, 'run', '--wallet', role, '--poll-milliseconds', '250'])
  const ended = new Promise((done) => agent.on('exit', done))
  ended.then((code) => { if (code !== 0) { console.error(`the ${role} ended with ${code}`); process.exit(1) } })
  return { agent, ended }
})
await until('the last interval to be final', () => entente('transax market').next_interval > intervals.at(-1))
const doctor = spawnSync(program, ['doctor', '--wallet', 'solver', '--json'], { cwd: place, env: environment, encoding: 'utf8' })
const found = JSON.parse(doctor.stdout).checks.filter(({ level, check }) => level !== 'ok' && check !== 'journal')
if (doctor.status !== 0 || found.length) throw new Error(`the doctor found ${JSON.stringify(found)}`)
for (const { agent, ended } of agents) {
  agent.kill('SIGTERM')
  await ended
}
entente('transax deposit --wallet alice')
const trades = entente('transax trades --wallet alice')
console.log(JSON.stringify({ node: 'EthereumJS', intervals, trades }, null, 2))
const energy = JSON.stringify(trades).match(/"energy_wh":\s*(\d+)/g) ?? []
const sold = energy.map((text) => Number(text.split(':')[1])).reduce((sum, wh) => sum + wh, 0)
if (sold < 3 * 400) throw new Error(`1200 Wh were to be sold, and ${sold} were`)
console.log('traded on a second kind of node')
process.exit(0)
