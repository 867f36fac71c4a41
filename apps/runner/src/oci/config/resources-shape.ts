import { boolean, integer, int64, list, nullable, object, oneOf, record, text, uint32, uint64, where, wide, type Read } from './shape.ts'

const most = 2n ** 63n - 1n
/** -1 takes the limit away, as in the files of cgroup version 1. */
const bytes = wide(-1n, most, 'a number of bytes, or -1 for no limit')
const major = integer(-1, 0xfff, 'a major device number: an integer from 0 to 4095')
const minor = integer(-1, 0xfffff, 'a minor device number: an integer from 0 to 1048575')

/** The List format of cpuset(7). Not expanded here: a range may be of any size. */
const cpuset = where(text, (value) => value === '' || /^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/.test(value.trim()), 'a list of numbers: 0-3,6')

/** A device itself: of none it is a limit. */
const device = { major: integer(0, 0xfff), minor: integer(0, 0xfffff) }
const throttle = list(object(device, { rate: uint64 }))
const weight = integer(0, 1000)

/** @see OCI runtime-spec config-linux.md, Control groups. Engines write 0 for "leave it alone" in most places, and so it is taken. */
export const resourcesShape = object({}, {
  devices: list(object({ allow: boolean }, {
    type: oneOf('a', 'b', 'c', ''), major: nullable(major), minor: nullable(minor), access: where(text, (value) => /^[rwm]*$/.test(value), 'made of r, w and m'),
  })),
  memory: nullable(object({}, {
    limit: nullable(bytes), reservation: nullable(bytes), swap: nullable(bytes), kernel: nullable(int64), kernelTCP: nullable(int64),
    // Engines of 2017 wrote 2^64 - 1 for "as it is".
    swappiness: nullable(where(uint64, (value) => value <= 100 || value === 2n ** 64n - 1n, 'from 0 to 100')), disableOOMKiller: nullable(boolean), useHierarchy: nullable(boolean), checkBeforeUpdate: nullable(boolean),
  })),
  cpu: nullable(object({}, {
    shares: nullable(uint64), quota: nullable(int64), burst: nullable(uint64), period: nullable(uint64), realtimeRuntime: nullable(int64), realtimePeriod: nullable(uint64),
    cpus: cpuset, mems: cpuset, idle: nullable(integer(0, 1)),
  })),
  pids: nullable(object({}, { limit: nullable(wide(-1n, most, 'a number of tasks, or -1 for no limit')) })),
  blockIO: nullable(object({}, {
    weight: nullable(weight), leafWeight: nullable(weight), weightDevice: list(object(device, { weight: nullable(weight), leafWeight: nullable(weight) })),
    throttleReadBpsDevice: throttle, throttleWriteBpsDevice: throttle, throttleReadIOPSDevice: throttle, throttleWriteIOPSDevice: throttle,
  })),
  hugepageLimits: list(object({ pageSize: where(text, (value) => /^[1-9]\d*[KMG]B$/.test(value), 'a size of pages: 2MB'), limit: uint64 })),
  network: nullable(object({}, { classID: nullable(uint32), priorities: list(object({ name: text, priority: uint32 })) })),
  rdma: record(object({}, { hcaHandles: nullable(uint32), hcaObjects: nullable(uint32) })),
  // A value is one write(2); a name is a file of the group and nothing else.
  unified: record(text),
})

export type OciResources = Read<typeof resourcesShape>
