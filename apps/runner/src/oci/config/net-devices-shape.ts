import { IFNAMSIZ } from '../../netlink/constants.ts'
import { ConfigError, line, object, record, refuse, type Read, type Shape } from './shape.ts'

const netDevice = object({}, { name: line })

/** What a device is to be called inside: a name, or a template whose number the kernel chooses. */
export const nameInside = (key: string, { name }: Read<typeof netDevice>): string => name || key

/** With `%d` at its end. */
const isTemplate = (name: string) => name.endsWith('%d') && Buffer.byteLength(name) < IFNAMSIZ && isDeviceName(name.slice(0, -2))

/**
 * Network devices by their name on the host. Two of them cannot get the same name.
 *
 * @see OCI runtime-spec config-linux.md, Network Devices
 */
export const netDevices: Shape<ReadonlyMap<string, Read<typeof netDevice>>> = (value, path) => {
  const devices = record(netDevice)(value, path)
  const taken = new Set<string>()
  for (const [key, device] of devices) {
    const at = `${path}[${JSON.stringify(key)}]`
    if (!isDeviceName(key)) refuse(at, key, aName)
    const name = nameInside(key, device)
    if (!isDeviceName(name) && !isTemplate(name)) refuse(`${at}.name`, name, `${aName}, or such a name with %d at its end`)
    if (!isTemplate(name) && taken.has(name)) throw new ConfigError(device.name ? `${at}.name` : at, `${JSON.stringify(name)} is the name of two devices`)
    taken.add(name)
  }
  return devices
}

const aName = `the name of a network device: at most ${IFNAMSIZ - 1} bytes, without slash, colon, percent sign and white space, and not . or ..`

/** As the kernel has it (dev_valid_name in net/core/dev.c), which takes names for Latin-1: the byte a0 is white space, so there is no `à`. */
function isDeviceName(name: string): boolean {
  const bytes = Buffer.from(name)
  return bytes.length > 0 && bytes.length < IFNAMSIZ && name !== '.' && name !== '..' && !/[/:%\s]/.test(name) && !bytes.includes(0xa0)
}
