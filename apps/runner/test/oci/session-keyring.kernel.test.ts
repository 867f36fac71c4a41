import { describe, expect, test } from 'vitest'
import { containers, type Made } from './group.ts'
import { hasBusybox, type BundleConfig } from './oci.ts'

/**
 * The keyrings that a process may see. To a user who is not their owner, only those are shown that it possesses, which is to have them in its session
 * keyring, or to have joined them as that (proc_keys(5), keyrings(7)). Fifteen seconds in the guest.
 */
const look = 'grep -E " keyring +_ses\\." /proc/keys; echo end'

/** Number, usage, permissions, owner and name. */
interface Keyring { readonly number: string; readonly permissions: string; readonly uid: string; readonly name: string }

const keyrings = (printed: string): Keyring[] => printed.split('\n').flatMap((line) => {
  const [, number, permissions, uid, name] = /^(\w+) \S+ +\d+ \S+ (\w+) +(\d+) +\d+ keyring +(\S+): /.exec(line) ?? []
  return number === undefined ? [] : [{ number, permissions: permissions!, uid: uid!, name: name! }]
})

async function printed(container: Made): Promise<string> {
  let all = ''
  for (let line = await container.next(); line !== 'end'; line = await container.next()) all += `${line}\n`
  return all
}

describe.skipIf(!hasBusybox)('the session keyring of a container', () => {
  const { made } = containers()
  const ids = [{ containerID: 0, hostID: 0, size: 65536 }]
  const user = { namespaces: ['pid', 'mount', 'ipc', 'uts', 'network', 'user'].map((type) => ({ type })), uidMappings: ids, gidMappings: ids }
  const nobody = { user: { uid: 1000, gid: 1000 } }
  const joined = async (container: Made) => keyrings(await container.execWith({ process: nobody }, 'sh', '-c', look))

  test.each([
    ['', {}, {}], [', in a user namespace', user, {}], [', without privileges', {}, { noNewPrivileges: true, capabilities: {} }],
  ])('is one for its first process and for all that join it%s', async (_, linux, process) => {
    const container = await made(`${look}; sleep 1000`, (config: BundleConfig) => {
      Object.assign(config.linux, linux)
      Object.assign(config.process, process, nobody)
    })
    await container.oci('start')
    const first = keyrings(await printed(container))
    // Possessor: all; user: view, read, search, link (keyctl_setperm(3)).
    expect(first).toEqual([{ number: expect.any(String), permissions: '3f1b0000', uid: '0', name: expect.stringMatching(new RegExp(`^_ses\\.${container.id}\\.[0-9a-f]{32}$`)) }])
    expect([await joined(container), await joined(container)]).toEqual([first, first])
  })

  test('is not that of another container', async () => {
    const both = [await made('sleep 1000'), await made('sleep 1000')]
    const [a, b] = [await joined(both[0]!), await joined(both[1]!)]
    expect([a, b].map(({ length }) => length)).toEqual([1, 1])
    expect(a[0]!.number).not.toBe(b[0]!.number)
  })

  test('is nobody\'s with --no-new-keyring: that of the caller stays, for what joins as well', async () => {
    const container = await made('sleep 1000', () => {}, { noNewKeyring: true })
    expect((await joined(container)).filter(({ name }) => name.includes(container.id))).toEqual([])
  })
})
