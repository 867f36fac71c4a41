/**
 * Runs in a child process under strace: makes every sample, each behind a marker. Not through perform, which refuses some of them.
 */
import { encode, type Memory } from '../src/index.ts'
import { native } from '../src/native.ts'
import { open, samples } from './samples.ts'

const kernel = native()
const kept: Uint8Array[] = []
const memory: Memory = {
  machine: kernel.machine,
  place(bytes, holes = []) {
    const copy = new Uint8Array(new ArrayBuffer(Math.max(8, bytes.length)))
    copy.set(bytes)
    for (const hole of holes) new DataView(copy.buffer).setInt32(hole.offset, open[hole.fd as 'bad'], true)
    kept.push(copy)
    return kernel.address(copy)
  },
}
const words = samples.map((call) => encode(call, memory).map((word) => (typeof word === 'object' ? BigInt(open[word.fd as 'bad']) : word)))
const markers = samples.map((_call, index) => encode({ name: 'chdir', args: [`/sample/${index}`] }, memory) as bigint[])
for (const [index, call] of samples.entries()) {
  kernel.call('chdir', markers[index]!)
  kernel.call(call.name, words[index]!)
}
