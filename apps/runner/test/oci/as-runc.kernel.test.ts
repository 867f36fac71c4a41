import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { child, create, deleteNow } from '@ctr/cgroup'
import { describe, expect, test } from 'vitest'
import { containers, layout } from './group.ts'
import { hasBusybox, type OciBench } from './oci.ts'
import { oneContainer } from './one-container.ts'

// What engines and people have from runc, and must have from this runtime as well. 20 s in the guest: each command there takes one.

describe.skipIf(!hasBusybox)('states and groups, as runc has them', { timeout: 120_000 }, () => {
  const { made } = containers()

  test('a container that was created and paused is paused: start says so, and can start it when it is resumed', async () => {
    const container = await made('echo runs; sleep 1000')
    await container.oci('pause')
    expect(container.status()).toBe('paused')
    await expect(container.oci('start')).rejects.toThrow('cannot start a container in the paused state')
    await container.oci('resume')
    expect(container.status()).toBe('created')
    await container.oci('start')
    expect(await container.next()).toBe('runs')
  })

  test('exec --cgroup: in a group below the container\'s, which is there', async () => {
    const container = await made('sleep 1000')
    await container.oci('start')
    const below = child(container.group, 'below')
    create(below, { enable: [] })
    const groups = (text: string) => [...new Set(text.trim().split('\n').map((line) => line.slice(line.lastIndexOf(':') + 1)))]
    const among = (name: string) => groups(name).filter((path) => path.startsWith(container.group.path))
    expect(among(await container.execWith({ subgroups: ['below'] }, 'cat', '/proc/self/cgroup'))).toEqual([below.path])
    if (layout.mode !== 'v2') expect(among(await container.execWith({ subgroups: ['memory:below'] }, 'cat', '/proc/self/cgroup')).sort()).toEqual([container.group.path, below.path])
    await expect(container.execWith({ subgroups: ['nowhere'] }, 'true')).rejects.toThrow(/^error adding the process to cgroups: .*\/nowhere: no such file or directory$/)
    await expect(container.execWith({ subgroups: ['../other'] }, 'true')).rejects.toThrow('"../other" is not a group below that of the container')
    deleteNow(below)
  })
})

describe.skipIf(!hasBusybox)('what is printed, as runc prints it', { timeout: 120_000 }, () => {
  let bench: OciBench
  const id = `as-runc-${process.pid}`
  oneContainer(id, (each) => { bench = each })

  test('list, state, ps, and exec with a process that leaves to the container what it does not say', async () => {
    expect(await bench.oci('list', '--quiet')).toMatchObject({ code: 0, stdout: '' })
    const log = join(bench.directory, 'log')
    const bundle = bench.bundle('sleep 1000', (config) => {
      Object.assign(config, { annotations: { 'org.example.a': 'b' } })
      config.process.capabilities['bounding'] = [...config.process.capabilities['bounding'] as string[], 'CAP_SYS_TIME']
      config.process['rlimits'] = [{ type: 'RLIMIT_CORE', soft: 0, hard: 4096 }]
    })
    // As on a machine that may not give all of them: setpriv(1) takes one out of our own bounding set.
    const without = (...words: string[]) => new Promise((resolve) => spawn('setpriv', ['--bounding-set', '-sys_time', ...words], { stdio: 'ignore' }).on('close', resolve))
    expect(await without(...bench.argv('--log', log, '--log-format', 'json', 'create', '--bundle', bundle, id))).toBe(0)
    expect(JSON.parse(readFileSync(log, 'utf8'))).toMatchObject({ level: 'warning', msg: 'process.capabilities: CAP_SYS_TIME cannot be granted: whoever starts the container does not have it (bounding)' })
    expect((await bench.oci('start', id)).code).toBe(0)

    const state = JSON.parse((await bench.oci('state', id)).stdout) as { pid: number; created: string }
    expect(Object.entries(state)).toEqual([
      ['ociVersion', '1.2.0'], ['id', id], ['pid', expect.any(Number)], ['status', 'running'], ['bundle', bundle], ['rootfs', bench.rootfs], ['created', expect.stringMatching(/^\d{4}-.*Z$/)], ['annotations', { 'org.example.a': 'b' }], ['owner', 'root'],
    ])
    expect(JSON.parse((await bench.oci('list', '-f', 'json')).stdout)).toEqual([state])
    const pid = String(state.pid)
    expect((await bench.oci('list')).stdout).toBe([['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'], [id, pid, 'running', bundle, state.created, 'root']].map((row) => row.map((cell, i) => cell.padEnd(Math.max(12, [id, pid, 'running', bundle, state.created, 'root'][i]!.length + 3))).join('').trimEnd()).join('\n') + '\n')
    await expect.poll(async () => (await bench.oci('ps', id, '-o', 'pid,args', '-e')).stdout).toMatch(new RegExp(`^ *PID COMMAND\n *${pid} sleep 1000\n$`))
    expect((await bench.oci('kill', id, '0')).code).toBe(0)

    const file = join(bench.directory, 'process.json')
    writeFileSync(file, JSON.stringify({ cwd: '/', args: ['sh', '-c', 'grep CapBnd /proc/self/status; grep core /proc/self/limits'], env: ['PATH=/bin'], user: { uid: 0, gid: 0 } }))
    const given = [0, 1, 5, 6, 7, 25, 27].reduce((mask, number) => mask | (1n << BigInt(number)), 0n).toString(16).padStart(16, '0')
    expect(await bench.oci('exec', '--process', file, id)).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`^CapBnd:\\s+${given}\nMax core file size\\s+0\\s+4096`)) })
    expect(await bench.oci('exec', '--cwd', '/nowhere', id, 'true')).toMatchObject({ code: 255, stderr: expect.stringContaining('exec failed: unable to start container process: chdir to cwd (\\"/nowhere\\") set in config.json failed: no such file or directory') })
  })

  test('memory that does not suffice for the container itself is named', async () => {
    const bundle = bench.bundle('true', (config) => { config.linux.resources['memory'] = { limit: 4096, swap: 4096 } })
    expect(await bench.oci('run', '--bundle', bundle, id)).toMatchObject({ code: 1, stderr: expect.stringContaining('container init was OOM-killed (memory limit too low?)') })
  })
})
