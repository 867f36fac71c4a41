import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hasBusybox, type OciBench } from './oci.ts'
import { oneContainer } from './one-container.ts'

describe.skipIf(!hasBusybox)('attributes of a process of a container', () => {
  let bench: OciBench
  const id = `process-${process.pid}`
  oneContainer(id, (made) => { bench = made })
  const allowed = () => /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!
  const look = 'grep Cpus_allowed_list /proc/self/status'
  /** A process.json for exec. */
  function processFile(members: object): string {
    const file = join(bench.directory, 'process.json')
    writeFileSync(file, JSON.stringify({ cwd: '/', args: ['sh', '-c', look], env: ['PATH=/bin'], ...members }))
    return file
  }

  test.skipIf(!/[-,]/.test(allowed()))('execCPUAffinity is for what joins, and not for the first process (needs two processors)', async () => {
    const last = /\d+$/.exec(allowed())![0]
    const bundle = bench.bundle(look, (config) => { config.process['execCPUAffinity'] = { final: last } })
    expect((await bench.oci('run', '--bundle', bundle, id)).stdout).toBe(`Cpus_allowed_list:\t${allowed()}\n`)
    await bench.detached('create', '--bundle', bundle, id)
    const joined = async (...words: string[]) => (await bench.oci('exec', ...words)).stdout
    expect(await joined(id, 'sh', '-c', look)).toBe(`Cpus_allowed_list:\t${last}\n`)
    expect(await joined('--process', processFile({}), id)).toBe(`Cpus_allowed_list:\t${allowed()}\n`)
    expect(await joined('--process', processFile({ execCPUAffinity: { initial: '0', final: last } }), id)).toBe(`Cpus_allowed_list:\t${last}\n`)
    expect(await bench.oci('exec', '--process', processFile({ execCPUAffinity: { final: '3-1' } }), id)).toMatchObject({ code: 255, stderr: expect.stringContaining('execCPUAffinity.final: \\"3-1\\" is not a list of numbers from 0 to 8191') })
    expect(await bench.oci('exec', '--process', processFile({ execCPUAffinity: { final: '8191' } }), id)).toMatchObject({ code: 255, stderr: expect.stringMatching(/sched_setaffinity\(.*\): EINVAL/) })
  })

  test.skipIf(!existsSync('/proc/self/numa_maps'))('a policy of memory holds for the container and for what joins it (needs a kernel with NUMA)', async () => {
    const policy = 'head -n 1 /proc/self/numa_maps'
    const bundle = bench.bundle(policy, (config) => { config.linux['memoryPolicy'] = { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] } })
    expect((await bench.oci('run', '--bundle', bundle, id)).stdout).toMatch(/^[0-9a-f]+ bind=static:0 /)
    await bench.detached('create', '--bundle', bundle, id)
    expect((await bench.oci('exec', id, 'sh', '-c', policy)).stdout).toMatch(/^[0-9a-f]+ bind=static:0 /)
  })

  test.each([
    [{ mode: 'MPOL_BIND' }, 'linux.memoryPolicy.nodes: MPOL_BIND needs at least one'], [{ mode: 'MPOL_LOCAL', nodes: '0' }, 'linux.memoryPolicy.nodes: MPOL_LOCAL has none'],
    [{ mode: 'MPOL_BIND', nodes: '0-' }, 'linux.memoryPolicy.nodes: \\"0-\\" is not a list of numbers from 0 to 1023'], [{ mode: 'MPOL_NONE' }, 'linux.memoryPolicy.mode: \\"MPOL_NONE\\" is not one of MPOL_DEFAULT'],
    [{ mode: 'MPOL_BIND', nodes: '1023' }, 'set_mempolicy(MPOL_BIND'],
  ])('no policy of memory: %j', async (memoryPolicy, words) => {
    expect(await bench.oci('create', '--bundle', bench.bundle('true', (config) => { config.linux['memoryPolicy'] = memoryPolicy }), id)).toMatchObject({ code: 1, stderr: expect.stringContaining(words) })
  })

  test('capabilities that there are not are left out with a warning, for what joins as well', async () => {
    const caps = ['CAP_KILL', 'CAP_NO_SUCH']
    const bundle = bench.bundle('grep CapPrm /proc/self/status', (config) => { config.process.capabilities = { bounding: caps, permitted: caps, effective: caps } })
    const warning = expect.stringMatching(/^time=\S+ level=warning msg="process.capabilities: there is no capability \\"CAP_NO_SUCH\\" \(permitted, bounding, effective\)"\n$/) as string
    expect(await bench.oci('run', '--bundle', bundle, id)).toMatchObject({ code: 0, stdout: 'CapPrm:\t0000000000000020\n', stderr: warning })
    await bench.detached('create', '--bundle', bundle, id)
    expect(await bench.oci('exec', id, 'sh', '-c', 'grep CapPrm /proc/self/status')).toMatchObject({ code: 0, stdout: 'CapPrm:\t0000000000000020\n', stderr: warning })
    // Who types one is told.
    expect(await bench.oci('exec', '--cap', 'no_such', id, 'true')).toMatchObject({ code: 255, stderr: expect.stringContaining('--cap[0]: \\"CAP_NO_SUCH\\" is not a capability') })
  })

  test('features names the policies', async () => {
    expect(JSON.parse((await bench.oci('features')).stdout)).toMatchObject({ linux: { memoryPolicy: { modes: expect.arrayContaining(['MPOL_BIND', 'MPOL_WEIGHTED_INTERLEAVE']), flags: expect.arrayContaining(['MPOL_F_STATIC_NODES']) } } })
  })
})
