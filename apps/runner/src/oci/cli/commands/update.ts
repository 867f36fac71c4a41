import { limitWrites, setDevices, setLimits } from '@ctr/cgroup'
import type { OciCommand } from '../oci-command.ts'
import { readResources } from '../../config/read-config.ts'
import { writeFiles } from '../../lifecycle/group-files.ts'
import { withBandwidth } from '../../lifecycle/with-bandwidth.ts'
import { updateResctrl } from '../../lifecycle/resctrl.ts'
import { updateUnit } from '../../lifecycle/unit.ts'
import { OciError } from '../../oci-error.ts'
import { checkMemoryVersion, deviceRules, limitsOf, unifiedWrites } from '../../resources.ts'
import { neededGroup, statusOf } from '../../state/status.ts'
import { hasResourceFlags, resourcesOfFlags, resourceFlags, schemaFlags, schemataOfFlags } from '../resource-flags.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'change the limits of a container',
  flags: [{ name: 'resources', short: 'r', value: 'FILE', help: 'resources as in config.json; - for standard input' }, ...resourceFlags, ...schemaFlags],
  operands: [1, 1],
  async main(args, { store, warn }) {
    const state = store.find(args.operands[0]!)
    if (statusOf(store, state) === 'stopped') throw new OciError('container not running')
    const file = args.text('resources')
    const schemata = schemataOfFlags(args)
    if (schemata.length > 0 && !state.resctrl) throw new OciError('updating a non-existent Intel RDT configuration is not supported: the container was made without linux.intelRdt')
    if (schemata.length > 0) updateResctrl(state.resctrl!, schemata)
    if (file === undefined && schemata.length > 0 && !hasResourceFlags(args)) return 0
    const resources = file === undefined ? resourcesOfFlags(args, warn) : readResources(file)
    const group = neededGroup(state, 'set limits')
    const files = unifiedWrites(group.layout, resources, 'resources')
    checkMemoryVersion(group.layout, resources, 'resources')
    // Said of a container that there is, false changes it.
    const limits = { ...withBandwidth(group, limitsOf(resources, 'resources')), ...(resources.memory?.disableOOMKiller === false ? { memoryOomKillDisable: false } : {}) }
    // Without devices, who may open what stays as it was.
    const devices = resources.devices?.length && !state.rootless ? deviceRules(resources) : undefined
    await updateUnit(state, group, [...limitWrites(group.layout, limits), ...files], devices)
    setLimits(group, limits)
    writeFiles(group, files)
    if (devices) await setDevices(group, devices)
    return 0
  },
}
