// A second kind of Ethereum node, of another make than anvil: EthereumJS, which knows no mining of its own after the merge,
// driven over its Engine API as a consensus client would, with a block every second.
//
//   node tests/second-node/node.mjs PORT FOLDER [ADDRESS...]
//
// The accounts named hold 1000 ether each. It prints "listening" once it makes blocks, and ends with its input.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const [port, folder, ...accounts] = process.argv.slice(2)
const enginePort = String(Number(port) + 1)
const zero = `0x${'00'.repeat(32)}`
const now = () => Math.floor(Date.now() / 1000)
const hex = (number) => `0x${number.toString(16)}`

// Cancun needs the contract of beacon roots, Prague those of requests: without code they are skipped.
const genesis = {
  config: {
    chainId: 7357,
    homesteadBlock: 0, eip150Block: 0, eip155Block: 0, eip158Block: 0, byzantiumBlock: 0, constantinopleBlock: 0,
    petersburgBlock: 0, istanbulBlock: 0, berlinBlock: 0, londonBlock: 0, mergeForkBlock: 0, mergeNetsplitBlock: 0,
    terminalTotalDifficulty: 0, terminalTotalDifficultyPassed: true, shanghaiTime: 0, cancunTime: 0, pragueTime: 0,
    blobSchedule: {
      cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3338477 },
      prague: { target: 6, max: 9, baseFeeUpdateFraction: 5007716 },
    },
    depositContractAddress: '0x00000000219ab540356cbb839cbe05303d7705fa',
  },
  nonce: '0x0', timestamp: hex(now() - 1), extraData: '0x', gasLimit: hex(60_000_000), difficulty: '0x0', mixHash: zero,
  coinbase: `0x${'00'.repeat(20)}`, baseFeePerGas: '0x3b9aca00', excessBlobGas: '0x0', blobGasUsed: '0x0',
  alloc: Object.fromEntries(accounts.map((account) => [account, { balance: hex(10n ** 21n) }])),
}
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'genesis.json'), JSON.stringify(genesis))

const require = createRequire(import.meta.url)
const home = dirname(require.resolve('@ethereumjs/client/package.json'))
const bin = join(home, require('@ethereumjs/client/package.json').bin.ethereumjs)
const node = spawn(process.execPath, [
  bin, '--gethGenesis', join(folder, 'genesis.json'), '--dataDir', join(folder, 'data'), '--isSingleNode',
  '--rpc', '--rpcPort', port, '--rpcEngine', '--rpcEnginePort', enginePort, '--rpcEngineAuth=false',
  '--port', String(Number(port) + 2), '--logLevel', 'warn',
], { stdio: ['ignore', 'inherit', 'inherit'] })
node.on('exit', (code) => process.exit(code ?? 1))
const end = () => { node.kill('SIGKILL'); process.exit(0) }
process.on('SIGTERM', end)
process.stdin.on('end', end).resume()

const ask = async (port, method, ...params) => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const { result, error } = await answer.json()
  if (error) throw new Error(`${method}: ${JSON.stringify(error)}`)
  return result
}
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds))

let head
for (;;) {
  try { head = await ask(port, 'eth_getBlockByNumber', 'latest', false); break } catch { await pause(200) }
}
let [hash, timestamp] = [head.hash, Number(head.timestamp)]
for (let blocks = 0; ; blocks++) {
  const began = Date.now()
  timestamp = Math.max(now(), timestamp + 1)
  const state = { headBlockHash: hash, safeBlockHash: hash, finalizedBlockHash: zero }
  const attributes = {
    timestamp: hex(timestamp), prevRandao: zero, suggestedFeeRecipient: `0x${'00'.repeat(20)}`, withdrawals: [],
    parentBeaconBlockRoot: zero,
  }
  const { payloadId, payloadStatus } = await ask(enginePort, 'engine_forkchoiceUpdatedV3', state, attributes)
  if (!payloadId) throw new Error(JSON.stringify(payloadStatus))
  await pause(200)
  const { executionPayload, executionRequests } = await ask(enginePort, 'engine_getPayloadV4', payloadId)
  const added = await ask(enginePort, 'engine_newPayloadV4', executionPayload, [], zero, executionRequests)
  if (added.status !== 'VALID') throw new Error(JSON.stringify(added))
  hash = executionPayload.blockHash
  await ask(enginePort, 'engine_forkchoiceUpdatedV3', { ...state, headBlockHash: hash, safeBlockHash: hash }, null)
  if (blocks === 1) console.log('listening')
  await pause(Math.max(0, 1000 - (Date.now() - began)))
}
