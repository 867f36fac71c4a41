import { posix } from 'node:path'

/** Where systemd may be spoken to. */
export interface SystemdAddress {
  readonly path: string
  /** A bus is in between. */
  readonly bus: boolean
}

/** Who may be asked for groups: the manager of the machine, or that of a user. */
export interface SystemdOwner {
  /** The manager of the user; that of the machine otherwise. */
  readonly user: boolean
}

/**
 * Where a manager listens, in the order to be tried: at its own socket, which needs no bus, and on the bus.
 *
 * @see systemd.io, Desktop environments: `$XDG_RUNTIME_DIR/bus`; D-Bus Specification, Well-known Message Bus Instances
 */
export function systemdAddresses({ user }: SystemdOwner, env: NodeJS.ProcessEnv, uid: number): SystemdAddress[] {
  if (!user) return [{ path: '/run/systemd/private', bus: false }, { path: '/run/dbus/system_bus_socket', bus: true }]
  const directory = env['XDG_RUNTIME_DIR'] || `/run/user/${uid}`
  const given = socketsOf(env['DBUS_SESSION_BUS_ADDRESS'] ?? '')
  return [
    { path: posix.join(directory, 'systemd/private'), bus: false },
    ...(given.length > 0 ? given : [posix.join(directory, 'bus')]).map((path) => ({ path, bus: true })),
  ]
}

/**
 * The sockets that an address names; other kinds of transport have none.
 *
 * @see D-Bus Specification, Server Addresses
 */
function socketsOf(address: string): string[] {
  return address.split(';').flatMap((each) => {
    const [, keys] = /^unix:(.*)$/.exec(each) ?? []
    const values = new Map((keys ?? '').split(',').map((pair) => [pair.split('=')[0]!, unescape(pair.slice(pair.indexOf('=') + 1))]))
    const [path, abstract] = [values.get('path'), values.get('abstract')]
    return path !== undefined ? [path] : abstract !== undefined ? [`\0${abstract}`] : []
  })
}

const unescape = (value: string): string => Buffer.from(value.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString()
